"""What is asked of the library and its play history, page by page, beside the music."""
