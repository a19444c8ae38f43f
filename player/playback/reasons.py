"""Why a track cannot be played, where more than one module must know the words. It imports nothing."""

NO_FILE = "there is no such file"
"""The file is away, or the disk it is on."""
NOT_NOW = "it cannot be read at present"
"""The system says so, of its rights or its disk: it is not the file's own fault."""
CRASHED = "it crashed"
"""The deck's process, by itself: twice on one track, and it may be the track."""
