"""Frames from a camera, a stream, a file or the demo; only the newest is kept."""
