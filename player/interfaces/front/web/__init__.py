"""HTTP: the API, and who may do what with it."""
