"""A Scene becomes a Mood, moods over time become shifts, the house makes a Target of them."""
