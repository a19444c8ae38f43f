"""A frame becomes a Scene: a sentence about the place, its light and its motion."""
