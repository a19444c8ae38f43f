"""Pictures of tracks, and those that somebody sends: decoded by a process of their own."""
