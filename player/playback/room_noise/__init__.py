"""How loud the room is beside the music, heard by a microphone, and the music that keeps above it."""
