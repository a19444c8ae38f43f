"""Lines of the log on an ordinary day, for the view Help alone. How it is read: phrases.py."""

from __future__ import annotations


def _(phrase: str) -> str:
    """Marks a phrase for the catalogue."""
    return phrase


LOG = (
    _("a backup was written to %(folder)s"),
    # A normal day: the room and the camera.
    _("%(caption)s: the room is %(room)s"),
    _("moving to %(music)s music (%(more)s)"),
    _("the music fits already (%(more)s)"),
    _("watching through the %(name)s"),
    _("camera is back after %(number)s s: %(name)s"),
    _("camera lost: %(more)s; trying again"),
    _("camera switched on"),
    _("camera switched off"),
    _("camera on"),
    _("camera off"),
    _("the camera sees the room again"),
    _("the camera's picture is black: the room is not read until there is light"),
    _("the camera is covered or faces a blank wall: the room is not read until that changes"),
    _("the camera's picture has not changed for a long time: the room is not read until it does"),
    _("the room is read by the %(reader)s reader"),
    _("another camera looks at the room: learning again what is usual for it"),
    _("the microphone hears the room again"),
    _("the sensor %(name)s is heard again"),
    _("the sensor %(name)s counts: %(more)s"),
    _("the sensor %(name)s is as usual again"),
    _("what you taught this room is used again: the camera sees what it saw then"),
    _("The camera has moved: what you taught is not used until you teach it again or move it back."),
    _("1 taught moment is of earlier models and cannot be used: teach the room again. They are kept."),
    _(
        "%(number)s taught moments are of earlier models and cannot be used: teach the room again. They "
        "are kept."
    ),
    _(
        "sentences about the room are read by %(name)s at %(address)s; they leave this machine, pictures "
        "never do"
    ),
    _("sentences about the room are read by %(name)s at %(address)s"),
    _("the language model reads the room again"),
    _(
        "BLIP could describe the room in sentences of its own: ./scripts/run --with-blip fetches it once "
        "(1 GB, needs the internet) and builds it. Until then nothing is fetched, and the compact reader "
        "reads the room."
    ),
    # The music.
    _("%(title)s by %(artist)s: %(reason)s"),
    _("%(title)s: %(reason)s"),
    _("%(title)s by %(artist)s: the demo music: %(more)s"),
    _("%(title)s: the demo music: %(more)s"),
    _("there is sound again"),
    _("the music is no longer muted"),
    _("announced: %(title)s"),
    _("the rest of %(title)s begins with a long silence: it is left out"),
    _("paused"),
    _("playing on"),
    _("next track"),
    _("playing %(counted)s"),
    _("%(number)s may not play now"),
    _("liked: %(title)s"),
    _("wrong mood: %(title)s; playing another track"),
    _("wrong mood: %(title)s, which is %(music)s; playing another track"),
    _("wrong mood: %(title)s; another track plays once the music goes on"),
    _("wrong mood: %(title)s, which is %(music)s; another track plays once the music goes on"),
    _("wrong mood: %(title)s, which is %(music)s"),
    _("wrong mood: %(title)s"),
    _("volume %(number)s"),
    _("to %(clock)s"),
    _("to %(clock)s, once the music goes on"),
    _("night mode on"),
    _("night mode off"),
    _("night mode auto"),
    _("announcing %(name)s"),
    _("%(name)s waits for its turn"),
    _("a test sound is played"),
    _("playlist made: %(name)s, %(number)s min: %(counted)s. %(notes)s"),
    _("playlist made: %(name)s, %(number)s min: %(counted)s"),
    _("pinned to %(name)s: %(music)s music until unpin"),
    _("pinned to %(name)s: %(music)s music for %(span)s"),
    _("pinned to %(name)s: %(music)s music until closing (%(when)s)"),
    _("the mood of %(title)s: %(music)s"),
    _("the mood of %(title)s is what is heard of it again"),
    _("the mood of %(title)s is as it was before"),
    # Teaching.
    _("taught: the room is %(more)s now (it was read as %(room)s)"),
    _("%(number)s more, of other moments, and the reading follows"),
    _("1 more, of another moment, and the reading follows"),
    _("one that is different, and the reading follows"),
    _("the reading follows from the next look"),
    _("quiet"),
    _("normal"),
    _("lively"),
    _("forgotten: 1 moment; the room is read as before"),
    _("forgotten: all %(number)s moments; the room is read as before"),
    _("forgotten: moment %(number)s, %(more)s"),
    # Hours, the clock and the settings.
    _("open: the music starts"),
    _("open: the music plays on"),
    _("closed, opens %(when)s: %(more)s"),
    _("closed: %(more)s"),
    _("the music stops"),
    _("the player starts in silence"),
    _("closed, but the music plays until the next closing"),
    _("the clock shows %(name)s, which is wrong: silent until it is set, for %(number)s minutes at most"),
    _("the clock was set forward by %(name)s: the schedule follows the new time"),
    _("the clock was set back by %(name)s: the schedule follows the new time"),
    _("%(more)s: using UTC; set timezone in config.yaml."),
    _("TZ=%(name)s is no time zone"),
    _("this machine has no time zone"),
    _("config.yaml was read again; changed: nothing"),
    _("config.yaml was read again; changed: %(names)s"),
    _("config.yaml: %(text)s"),
    _("config.yaml: %(text)s %(names)s needs a restart: stop the player and start it."),
    _("config.yaml: %(text)s An earlier change needs a restart, and this holds from then on."),
    _("%(more)s The earlier version could not be kept (%(more2)s)."),
    _("nothing has changed"),
    _("the old settings stay in force, the music plays on"),
    _("stopping"),
    # The page.
    _("The player can be reached at %(address)s"),
    _("Somebody at %(address)s has logged in as %(role)s."),
    _("The password of the %(role)s has been set from the page, by somebody at %(address)s."),
    _("Somebody at %(address)s has tried to log in with a wrong password."),
    _("the MQTT broker has been reached"),
    _("a command over MQTT was refused: %(more)s"),
    _("the MQTT broker takes everything again"),
    _(
        "what stands at %(topic)s (%(number)s bytes) is too much for the MQTT broker, or for the line to it: "
        "it is left out for an hour"
    ),
    # The fleet.
    _("the fleet's hub has been reached"),
    _("the broker takes everything of this room's again"),
    _("%(more)s (from the hub, by %(name)s)"),
    _("the hub's command %(name)s was refused: %(more)s"),
    _("the hub's settings, revision %(number)s by %(name)s, are taken over"),
    _("the hub's settings, revision %(number)s, are refused: %(more)s"),
    _("the hub's settings cannot be taken over yet, and are tried again: %(more)s"),
    _("the hub cannot keep play %(number)s of this room's history; its list leaves it out"),
    _("a message of the hub's at %(topic)s is not understood: %(detail)s"),
    _("%(file)s cannot be read and starts over; the hub is told everything again"),
    _("%(file)s cannot be written (%(detail)s); make room on its disk"),
    # The fleet's hub, on its own page.
    _("the hub keeps what it knows in %(folder)s"),
    _("the hub is at its broker"),
    _("the hub has ended"),
    _("The hub can be reached at %(address)s"),
    _("The hub's page cannot be reached: %(more)s"),
    _("a message at %(topic)s is not understood: %(detail)s"),
    _("what %(file)s keeps of %(room)s is not understood and left out: %(detail)s"),
    _("there are more rooms than a hub takes; what further ones say is left alone"),
    _("the hub takes further rooms again"),
    _("play %(number)s of %(room)s cannot be kept and is left out: %(more)s"),
    _("the hub's database can be used again"),
    _("the broker takes everything from the hub again"),
    # The library.
    _("library: %(number)s new, %(number2)s changed, %(number3)s removed"),
    _("library: forgot %(counted)s, gone for %(span)s"),
    _("the library %(file)s can be used again"),
    _("the library %(file)s is brought up to date; as it was before, it is kept in %(name)s"),
    _("the play history is up to date again"),
    _("the state can be saved again"),
)
