"""What the command line does beside talking to the running player: each import comes late."""
