"""The rooms that Snapcast carries the music to: whether any of them plays it."""
