"""Pictures of tracks: out of their files or folders, read by a process of their own."""
