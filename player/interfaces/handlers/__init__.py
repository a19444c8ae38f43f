"""What carries out the commands, a module for each topic."""
