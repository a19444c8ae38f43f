"""What connects the player to other programs: systemd."""
