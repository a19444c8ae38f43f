"""Music files decoded into the two channels that are played, as the library meters and decks play them."""
