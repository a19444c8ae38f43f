"""The machine: signals, folders, the login session, the time zone, what travels with the package."""
