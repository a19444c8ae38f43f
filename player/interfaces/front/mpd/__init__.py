"""The player for programs that speak MPD's protocol (0.23.5): a server of our own, as small as they need."""
