"""What the hub keeps, in SQLite."""
