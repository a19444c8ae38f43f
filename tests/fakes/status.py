"""Statuses in which all is well, but for what a test says otherwise."""

from dataclasses import dataclass, replace

from player.interfaces.messages.base import Answer
from player.status import (
    AnalysisStatus,
    AnnouncementStatus,
    AudibleStatus,
    CameraStatus,
    DeckRole,
    DeckStatus,
    FrontStatus,
    HoursStatus,
    LibraryStatus,
    PerceptionStatus,
    PlaybackStatus,
    PlayerState,
    PlayerStatus,
    RoomStatus,
    TargetStatus,
    TrackStatus,
    TransitionStatus,
)
from player.types import Json, Transition

SONG = TrackStatus("/music/song.flac", "Song", "Band", "", "the test")


def heard(audible: bool | None = None, problem: str | None = None) -> AudibleStatus:
    """What the audio monitor says; nothing by default."""
    return AudibleStatus(audible, None, "", 0.0, problem, {}, None)


def playback(**changes: object) -> PlaybackStatus:
    """A song plays."""
    if "state" in changes:
        changes["state"] = PlayerState(str(changes["state"]))
    well = PlaybackStatus(
        state=PlayerState.PLAYING,
        track=SONG,
        position_s=3.0,
        duration_s=180.0,
        volume=70,
        volume_wanted=70,
        night=False,
        transition=TransitionStatus(Transition.CROSSFADE, 6.0),
        next=None,
        decks=(),
        output="auto",
        silent_reason=None,
        audible=heard(),
        announcement=AnnouncementStatus(None, 0),
    )
    return replace(well, **changes)  # type: ignore[arg-type]


def decks(*roles: str, ready: bool = True) -> tuple[DeckStatus, ...]:
    """Decks with these roles; `ready` is about the last one."""
    last = len(roles) - 1
    return tuple(DeckStatus("AB"[n], DeckRole(role), ready or n < last, 1) for n, role in enumerate(roles))


def perception() -> PerceptionStatus:
    """Nothing has been seen yet."""
    return PerceptionStatus(
        camera=CameraStatus(enabled=True), suspended=False, problem=None, note=None, mood_reader=None
    )


def library() -> LibraryStatus:
    """Three tracks."""
    idle = AnalysisStatus(running=False, done=0, failed=0, current=(), paused=None, problem=None)
    return LibraryStatus(
        tracks=3, analysed=3, analysis=idle, problem=None, skipped=0, left_out=0, playlists=()
    )


def hours(is_open: bool = True, manual_override: bool = False) -> HoursStatus:
    """Open."""
    return HoursStatus(is_open, manual_override, None)


def whole(**changes: object) -> PlayerStatus:
    """Of all parts."""
    room = RoomStatus(None, (), TargetStatus("calm", 0.1, -0.3, "it is quiet"), "evening", None)
    front = FrontStatus(True, "http://127.0.0.1:8787/", None)
    made = PlayerStatus(playback(), room, perception(), library(), hours(), front, (), "1.2.3")
    return replace(made, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Said(Answer):
    """An answer in the words of a test."""

    said: Json

    def as_json(self) -> Json:
        return self.said
