"""A camera looks at a room, and the room's own music library follows its atmosphere.

camera    frames from a device, a URL, a file or the demo; a gate lets through those that changed
vision    a frame becomes a Scene: one sentence about the place, its light, its motion
mood      a Scene becomes a Mood; moods over time become shifts; the venue's policy makes a Target
library   the owner's music, analysed once, ranked for the Target
playback  a queue, two decks, crossfades, and a monitor on what is really audible

room/pipeline.py walks the first three in one screen, app.py builds and stops everything, and
interfaces/commands.py takes commands from the schedule, the command line and the socket.
"""

from player.privacy.environment import bound_pictures, forbid_telemetry

__version__ = "0.1.0"

forbid_telemetry()
bound_pictures()
