"""Which track comes next, from what the library holds and what the room wants; and the play history of it."""
