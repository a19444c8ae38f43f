"""What is asked of the running player, and what it answers: a type for each command, a module a topic."""
