"""The two objects of an MPRIS player on the bus: the program, and its playback.

Their members' names and types are those of the specification (MPRIS 2.2, specifications.freedesktop.org).
"""

# ruff: noqa: N802 - the names are the specification's

# Without annotations from the future: dbus-fast takes the text "None" for no signature at all.

import math
from collections.abc import Awaitable
from typing import Annotated, Any

from dbus_fast import DBusError, ErrorType, PropertyAccess, Variant
from dbus_fast.annotations import DBusBool, DBusDouble, DBusInt64, DBusObjectPath, DBusSignature, DBusStr
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property, dbus_signal

from player.interfaces.front.mpris.controls import Controls
from player.interfaces.front.mpris.facts import Facts
from player.interfaces.front.player_client import PlayerRefusal

PATH = "/org/mpris/MediaPlayer2"
READ = PropertyAccess.READ
Texts = Annotated[list[str], DBusSignature("as")]
Fields = Annotated[dict[str, Any], DBusSignature("a{sv}")]
NOT_SUPPORTED = "the music follows the room: foreign addresses are not taken."


class Root(ServiceInterface):
    """org.mpris.MediaPlayer2: the program."""

    def __init__(self, identity: str) -> None:
        super().__init__("org.mpris.MediaPlayer2")
        self._identity = identity

    @dbus_method()
    def Raise(self) -> None:
        """There is no window."""

    @dbus_method()
    def Quit(self) -> None:
        """The venue's music is not ended by a key."""

    @dbus_property(access=READ)
    def CanQuit(self) -> DBusBool:
        """See Quit."""
        return False

    @dbus_property(access=READ)
    def CanRaise(self) -> DBusBool:
        """See Raise."""
        return False

    @dbus_property(access=READ)
    def HasTrackList(self) -> DBusBool:
        """What comes next depends on the room."""
        return False

    @dbus_property(access=READ)
    def Identity(self) -> DBusStr:
        """What the desktop calls the player."""
        return self._identity

    @dbus_property(access=READ)
    def SupportedUriSchemes(self) -> Texts:
        """None: see OpenUri."""
        return []

    @dbus_property(access=READ)
    def SupportedMimeTypes(self) -> Texts:
        """None: see OpenUri."""
        return []


class Player(ServiceInterface):
    """org.mpris.MediaPlayer2.Player: the playback."""

    def __init__(self, controls: Controls) -> None:
        super().__init__("org.mpris.MediaPlayer2.Player")
        self._controls = controls
        self._art_url = ""
        self._said = self._properties()

    def show(self, art_url: str) -> None:
        """Tell the bus what has changed since it was told last, if anything has."""
        self._art_url = art_url
        now = self._properties()
        changed = {name: value for name, value in now.items() if value != self._said[name]}
        self._said = now
        if changed:
            self.emit_properties_changed(changed)

    def _properties(self) -> dict[str, Any]:
        facts = self._controls.facts()
        can = dict.fromkeys(("CanGoNext", "CanPlay", "CanPause"), facts.is_there)
        can["CanSeek"] = facts.can_seek
        return {
            "PlaybackStatus": facts.status,
            "Metadata": metadata(facts, self._art_url),
            "Volume": facts.volume,
            **can,
        }

    @dbus_method()
    async def Next(self) -> None:
        """Crossfade to another track."""
        await _done(self._controls.skip())

    @dbus_method()
    def Previous(self) -> None:
        """There is no way back."""

    @dbus_method()
    async def Pause(self) -> None:
        """Hold the music."""
        await _done(self._controls.pause())

    @dbus_method()
    async def PlayPause(self) -> None:
        """Hold it, or play on."""
        await _done(self._controls.toggle())

    @dbus_method()
    async def Stop(self) -> None:
        """Hold the music."""
        await _done(self._controls.pause())

    @dbus_method()
    async def Play(self) -> None:
        """Play on."""
        await _done(self._controls.play())

    @dbus_method()
    async def Seek(self, offset: DBusInt64) -> None:
        """On or back in the track, microseconds."""
        await _done(self._controls.seek_by(offset))

    @dbus_method()
    async def SetPosition(self, track: DBusObjectPath, position: DBusInt64) -> None:
        """To a place in the track, microseconds."""
        await _done(self._controls.seek_to(track, position))

    @dbus_method()
    def OpenUri(self, uri: DBusStr) -> None:  # noqa: ARG002
        """Refused."""
        raise DBusError(ErrorType.NOT_SUPPORTED, NOT_SUPPORTED)

    @dbus_signal()
    def Seeked(self, position: int) -> DBusInt64:
        """The music is at another place of the track, in microseconds."""
        return position

    @dbus_property(access=READ)
    def PlaybackStatus(self) -> DBusStr:
        """Playing, Paused or Stopped."""
        return self._controls.facts().status

    @dbus_property()
    async def Rate(self) -> DBusDouble:
        """As recorded."""
        return 1.0

    @Rate.setter  # type: ignore[no-redef]
    async def Rate(self, rate: DBusDouble) -> None:
        """There is no other; none at all is a pause, as the specification has it."""
        if rate == 0:
            await _done(self._controls.pause())

    @dbus_property(access=READ)
    def MinimumRate(self) -> DBusDouble:
        """As recorded."""
        return 1.0

    @dbus_property(access=READ)
    def MaximumRate(self) -> DBusDouble:
        """As recorded."""
        return 1.0

    @dbus_property(access=READ)
    def Metadata(self) -> Fields:
        """What plays."""
        return metadata(self._controls.facts(), self._art_url)

    @dbus_property()
    async def Volume(self) -> DBusDouble:
        """0 to 1."""
        return self._controls.facts().volume

    @Volume.setter  # type: ignore[no-redef]
    async def Volume(self, volume: DBusDouble) -> None:
        """Within what staff may set."""
        if math.isfinite(volume):
            await _done(self._controls.set_volume(volume))

    @dbus_property(access=READ)
    def Position(self) -> DBusInt64:
        """Where in its track the music is, in microseconds."""
        return self._controls.facts().position_us

    @dbus_property(access=READ)
    def CanGoNext(self) -> DBusBool:
        """Whether the player answers."""
        return self._controls.facts().is_there

    @dbus_property(access=READ)
    def CanGoPrevious(self) -> DBusBool:
        """See Previous."""
        return False

    @dbus_property(access=READ)
    def CanPlay(self) -> DBusBool:
        """Whether the player answers."""
        return self._controls.facts().is_there

    @dbus_property(access=READ)
    def CanPause(self) -> DBusBool:
        """Whether the player answers."""
        return self._controls.facts().is_there

    @dbus_property(access=READ)
    def CanSeek(self) -> DBusBool:
        """Whether the track has other places."""
        return self._controls.facts().can_seek

    @dbus_property(access=READ)
    def CanControl(self) -> DBusBool:
        """It can be told things."""
        return True


def metadata(facts: Facts, art_url: str = "") -> dict[str, Variant]:
    """What plays, with the keys that are known. `art_url` is of a file on this machine, or empty."""
    found = {"mpris:trackid": Variant("o", facts.track_id)}
    if facts.length_us:
        found["mpris:length"] = Variant("x", facts.length_us)
    for key, text in (("xesam:title", facts.title), ("xesam:album", facts.album), ("mpris:artUrl", art_url)):
        if text:
            found[key] = Variant("s", _sendable(text))
    if facts.artist:
        found["xesam:artist"] = Variant("as", [_sendable(facts.artist)])
    return found


def _sendable(text: str) -> str:
    """The bus ends the connection of who sends half a character or a NUL."""
    return text.encode(errors="replace").decode().replace("\0", "")


async def _done(command: Awaitable[None]) -> None:
    try:
        await command
    except PlayerRefusal as error:
        raise DBusError(ErrorType.FAILED, error.detail) from None
