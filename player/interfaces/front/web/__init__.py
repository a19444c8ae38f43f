"""HTTP: app.py puts it together, routes/ has a file for each topic, security/ says who may do what."""
