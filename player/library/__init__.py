"""The owner's music: found, analysed once, ranked for a Target."""
