"""What keeps things private: no telemetry, no password shown, files that only their owner reads."""
