"""The hub's page and API, in the skin of the player's."""
