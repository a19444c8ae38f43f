"""The hub of a fleet: a program without camera, models or music that watches rooms over an MQTT broker."""
