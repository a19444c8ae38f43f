"""What choosing needs to know of the library, in memory."""
