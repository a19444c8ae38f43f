"""What the player remembers over a restart or a power cut, and where its files are."""
