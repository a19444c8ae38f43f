"""Announcements: one at a time, while the music makes room; it comes back however they end.

No thread and no clock of its own: the playback service calls it from the playback thread.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol, assert_never

from player.config.settings.schedule import AnnouncementSettings
from player.events import Announced
from player.log import EventLog, LogEvent
from player.playback.announcements.players import (
    AnnouncementPlayer,
    AnnouncementState,
    CommandPlayer,
    FilePlayer,
)
from player.playback.deck import Deck
from player.playback.fades import gain_from_db
from player.playback.volume import HouseVolume
from player.status import AnnouncementStatus
from player.types import Track

log = EventLog(__name__, LogEvent.ANNOUNCEMENT)

LIMIT_S = 300.0
"""Nothing is announced for longer."""
AHEAD_MS = 100
"""A gong may last half a second; and who measured it has just read it all."""
WAITING_MAX = 10
"""More that wait for their turn are dropped."""
TOO_MANY = "too many are waiting"


@dataclass(frozen=True, slots=True)
class Announcement:
    """What is to be heard: a file, or a command that makes its own sound.

    title  for the log and the diary
    words  what is spoken: for who looks at the status meanwhile, and nobody later
    told   hears once, on the playback thread, why it is not heard; nothing ("") as it begins
    """

    title: str
    track: Track | None = None
    """The file, with its loudness if that is known."""
    command: str = ""
    words: str = ""
    told: Callable[[str], None] = lambda _: None


class DuckableMusic(Protocol):
    """What announcements need of the controller."""

    @property
    def volume(self) -> HouseVolume: ...  # noqa: D102
    def duck(self, gain: float, ramp_s: float) -> None: ...  # noqa: D102


class Announcer:
    """Says one thing after the other: `step` it often.

    make_deck  gives a deck of its own for a file
    publish    is told of each one that begins
    """

    def __init__(
        self,
        settings: AnnouncementSettings,
        music: DuckableMusic,
        make_deck: Callable[[], Deck],
        publish: Callable[[Announced], None] = lambda _: None,
    ) -> None:
        self._settings, self._publish = settings, publish
        self._music, self._make_deck = music, make_deck
        self._waiting: deque[Announcement] = deque()
        self._said: Announcement | None = None
        self._player: AnnouncementPlayer | None = None
        self._since = 0.0
        self._ducked = False

    def configure(self, settings: AnnouncementSettings) -> None:
        """Go on with other settings, from the next announcement on."""
        self._settings = settings

    def announce(self, announcement: Announcement) -> None:
        """Have this heard, after what was asked for before."""
        if len(self._waiting) >= WAITING_MAX:
            log.warning("%s is not announced: %s", announcement.title, TOO_MANY)
            announcement.told(TOO_MANY)
            return
        self._waiting.append(announcement)

    def slept(self, seconds: float) -> None:
        """Nothing was run for so long: what is being announced has so much longer."""
        self._since += seconds
        if self._player is not None:
            self._player.slept(seconds)

    def step(self, now: float) -> None:
        """Move what is being announced on, or begin with the next; never waits."""
        try:
            self._move(now)
        except Exception as error:
            log.exception("an announcement failed, the music comes back")
            self._end(repr(error))

    def status(self) -> AnnouncementStatus:
        """What is announced now, if anything, and how many wait for it to end."""
        shown = (self._said.words or self._said.title) if self._said else None
        return AnnouncementStatus(shown, len(self._waiting))

    def close(self) -> None:
        """End, in mid-sentence."""
        self._waiting.clear()
        if self._player is not None:
            self._player.close()

    def _move(self, now: float) -> None:
        if self._player is None:
            if not self._waiting:
                return
            self._said, self._since = self._waiting.popleft(), now
            self._player = self._player_of(self._said, now)
        match state := self._player.step(now):
            case AnnouncementState.READY:
                self._begin(self._player, now)
            case AnnouncementState.OVER:
                self._end(self._player.problem)
            case AnnouncementState.OPENING | AnnouncementState.SPEAKING:
                if now - self._since > LIMIT_S:
                    self._end(f"it takes longer than {LIMIT_S / 60:g} minutes")
            case _:
                assert_never(state)

    def _player_of(self, announcement: Announcement, now: float) -> AnnouncementPlayer:
        if announcement.track is None:
            return CommandPlayer(announcement.command)
        cue = self._music.volume.cue(announcement.track, 0.0, self._settings.target_lufs)
        cue = replace(cue, ahead_ms=AHEAD_MS)
        return FilePlayer(self._make_deck(), cue, lambda: self._music.volume.unducked_gain, now)

    def _begin(self, player: AnnouncementPlayer, now: float) -> None:
        assert self._said is not None
        log.info("announced: %s", self._said.title)
        self._publish(Announced(self._said.title))
        self._ducked = True
        self._music.duck(gain_from_db(-self._settings.duck_db), self._settings.duck_ramp_s)
        player.begin(now + self._settings.duck_ramp_s)
        self._said.told("")

    def _end(self, problem: str) -> None:
        if problem and self._said is not None:
            log.warning("%s could not be announced: %s", self._said.title, problem)
            self._said.told(problem)
        if self._player is not None:
            self._player.close()
        self._player = self._said = None
        if self._ducked and not self._waiting:
            self._ducked = False
            self._music.duck(1.0, self._settings.duck_ramp_s)
