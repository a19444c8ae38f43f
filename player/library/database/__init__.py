"""The library and what was played, in one SQLite file."""
