"""The player at an MQTT broker, where Home Assistant and others find it."""
