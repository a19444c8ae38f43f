"""What keeps things in the house: no telemetry, no password shown, files that only their owner reads."""
