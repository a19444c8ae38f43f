"""The room that the camera sees: one frame after another read, and its mood as all threads see it."""
