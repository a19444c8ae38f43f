"""The front: one process for everything that speaks to a network; a client of the control socket."""
