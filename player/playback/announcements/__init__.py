"""What is said over the music, and how the music makes room for it."""
