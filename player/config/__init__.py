"""config.yaml: read, explained, and turned into the settings of every part."""
