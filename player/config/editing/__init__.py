"""config.yaml changed for its owner: single values in its text, all else stays as it is written."""
