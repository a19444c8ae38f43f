"""What comes out of the loudspeaker: two decks, crossfades, loudness, and a watchdog."""
