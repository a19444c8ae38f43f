"""How people and programs reach the player: commands and status, the socket, systemd."""
