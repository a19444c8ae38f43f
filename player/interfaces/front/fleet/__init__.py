"""This player as a room of a fleet: it reports to the hub, and takes house rules and commands from it."""
