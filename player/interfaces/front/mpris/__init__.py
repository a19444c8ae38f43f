"""The desktop's media keys and its list of players, over D-Bus (MPRIS)."""
