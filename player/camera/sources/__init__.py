"""The kinds of camera, a file each."""
