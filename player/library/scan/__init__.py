"""Music files and playlists: found, recognised, and what they say of themselves."""
