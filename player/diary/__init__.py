"""How each day went, for the owner to look at afterwards: curves and marks."""
