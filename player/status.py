"""How every part of the running player is: frozen types, made by the parts themselves.

`as_json` is the one place that turns them into what `status --json`, the socket and, later, the page print;
docs/status.md says what every key means, and a test runs a real player against it. The module is long because
it is one table: who changes a key sees its neighbours.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path

from player.types import Json, NightMode, Transition


class PlayerState(StrEnum):
    """What the music does."""

    STARTING = "starting"
    """Wanted, and not heard yet."""
    PLAYING = "playing"
    PAUSED = "paused"
    SILENT = "silent"
    """Wanted, and `silent_reason` says why there is none."""
    STOPPED = "stopped"
    CLOSED = "closed"
    """Stopped, since the venue is closed."""


class DeckRole(StrEnum):
    """What a deck is for at present."""

    IDLE = "idle"
    PREPARING = "preparing"
    """It opens the next track."""
    ENTERING = "entering"
    """Its track has been told to begin."""
    CURRENT = "current"
    LEAVING = "leaving"
    """Its track fades out."""


class CameraState(StrEnum):
    """How the camera is doing."""

    OFF = "off"
    OPENING = "opening"
    LIVE = "live"
    LOST = "lost"
    ENDED = "ended"
    """A source that plays once has given its last frame."""


class LensState(StrEnum):
    """Whether the lens sees a room."""

    OK = "ok"
    DARK = "dark"
    """Black and without structure."""
    COVERED = "covered"
    """Bright enough, but nothing stands out."""
    FROZEN = "frozen"
    """Bit for bit the same picture for long, which a sensor's noise rules out."""


class WatchdogStep(StrEnum):
    """What is done about silence, in the order in which it is tried."""

    NEXT = "next track"
    DECK = "fresh deck"
    DECKS = "fresh libVLC"
    SAFE = "safe folder"
    RESTART = "restart"


@dataclass(frozen=True, slots=True)
class PointStatus:
    """A mood's point on the circumplex."""

    valence: float
    energy: float


@dataclass(frozen=True, slots=True)
class TrackStatus:
    """A track and why it was chosen."""

    path: str
    title: str
    artist: str
    album: str
    reason: str
    id: int | None = None
    """Its number in the library; None of a station, and of a file that the library does not know."""
    mood: PointStatus | None = None
    """None until it has been analysed."""
    distance: float | None = None
    """From its mood to the target's when it was chosen; None if that did not count."""
    candidates: int = 0
    """How many were weighed."""
    relaxed: tuple[str, ...] = ()
    """The rules that gave way."""
    score: dict[str, float] = field(default_factory=dict)
    """What counted, by name: 0 (against) to 1 (for)."""
    duration_s: float | None = None
    """How long it is, by the library; None of a station, and while that is not known."""

    @property
    def is_file(self) -> bool:
        """Whether it is no station: a file's path is absolute."""
        return Path(self.path).is_absolute()


@dataclass(frozen=True, slots=True)
class TransitionStatus:
    """How tracks follow each other."""

    kind: Transition
    crossfade_s: float


@dataclass(frozen=True, slots=True)
class DeckStatus:
    """One deck's process."""

    name: str
    role: DeckRole
    ready: bool
    pid: int | None


@dataclass(frozen=True, slots=True)
class LastStepStatus:
    """The last thing done about silence."""

    step: WatchdogStep
    ago_s: int


@dataclass(frozen=True, slots=True)
class AudibleStatus:
    """What is heard of the music, by whom, and what was done about silence."""

    audible: bool | None
    """None if nobody can tell."""
    heard_db: float | None
    """Level at the sound server in dBFS."""
    listening: str
    silent_s: float
    problem: str | None
    steps: dict[WatchdogStep, int]
    """How often each step was taken."""
    last_step: LastStepStatus | None


@dataclass(frozen=True, slots=True)
class AnnouncementStatus:
    """What is announced now, and how many wait for it to end."""

    title: str | None
    waiting: int


@dataclass(frozen=True, slots=True)
class RoomNoiseStatus:
    """How loud the room is beside the music, and what that does to the volume."""

    enabled: bool = False
    noise_db: float | None = None
    """At the microphone, in dB below its full scale; None as long as it is not known."""
    music_db: float | None = None
    """Our music there; None as long as it is not known, or none plays."""
    following: bool = False
    """Whether enough is known for the volume to follow."""
    offset_db: float = 0.0
    """What is added to the volume at present."""
    problem: str | None = None
    """Why the room is not heard."""


@dataclass(frozen=True, slots=True)
class MusicStatus:
    """What plays and what comes next, as the controller knows it."""

    state: PlayerState
    track: TrackStatus | None
    position_s: float | None
    duration_s: float | None
    volume: int
    """Percent, 0 to 100, as it is: under the ceiling and the night's."""
    volume_wanted: int
    night: bool
    transition: TransitionStatus
    next: TrackStatus | None
    decks: tuple[DeckStatus, ...]
    output: str
    silent_reason: str | None


@dataclass(frozen=True, slots=True)
class PlaybackStatus(MusicStatus):
    """All of playback."""

    audible: AudibleStatus
    announcement: AnnouncementStatus
    room_noise: RoomNoiseStatus = RoomNoiseStatus()
    coming: tuple[TrackStatus, ...] = ()
    """At most three: `next`, or what would be chosen now, and what after that; none while nothing plays."""
    night_mode: NightMode = NightMode.AUTO
    """As somebody wants it."""


@dataclass(frozen=True, slots=True)
class TargetStatus:
    """The mood that the venue wants now, and why."""

    name: str
    valence: float
    energy: float
    reason: str


@dataclass(frozen=True, slots=True)
class RangeStatus:
    """What the target keeps within: from the least to the greatest of each axis."""

    valence: tuple[float, float]
    energy: tuple[float, float]


ANYWHERE = RangeStatus((-1.0, 1.0), (-1.0, 1.0))


@dataclass(frozen=True, slots=True)
class TrailPoint:
    """Where the room's mood was at an instant, in ISO 8601."""

    at: str
    valence: float
    energy: float


@dataclass(frozen=True, slots=True)
class ShiftStatus:
    """A shift of the room's mood, when (ISO 8601) and why; and the target that it led to."""

    at: str
    reason: str
    valence: float
    energy: float


@dataclass(frozen=True, slots=True)
class TaughtStatus:
    """What the owner taught of this room."""

    moments: int = 0
    counting: int = 0
    """Those of this view and of these models."""
    weight: float = 0.0
    """How far the reading follows them at this moment, 0 (not at all) to 1 (alone)."""
    problem: str | None = None
    """Why they do not count, if something is in their way."""


@dataclass(frozen=True, slots=True)
class SensorStatus:
    """What a sensor of the venue says, and what that does to the mood."""

    name: str
    kind: str
    said: str | None
    """None before it has spoken."""
    value: float | None
    """What is compared with the usual: of a counter how much it counts an hour; None of weather."""
    usual: float | None
    """None as long as it is not known, and of weather."""
    unit: str
    age_s: float | None
    """How long ago it spoke."""
    stale: bool
    """It has been silent for too long to count."""
    contribution: PointStatus
    """What it adds to the target."""
    reason: str | None
    """The same in words, if it is worth a word."""


@dataclass(frozen=True, slots=True)
class RoomStatus:
    """The room's mood and what follows from it."""

    mood: PointStatus | None
    """None before the room has been read."""
    unusual: tuple[str, ...]
    target: TargetStatus
    daypart: str
    pinned: str | None
    pinned_until: str | None = None
    """ISO 8601; None if nothing is pinned, or until it is taken out."""
    read_s: float | None = None
    """How long ago the room was last read; None before that."""
    house: RangeStatus = ANYWHERE
    """The venue's own range."""
    envelope: RangeStatus = ANYWHERE
    """What the room may move the music within, in this part of the day."""
    trail: tuple[TrailPoint, ...] = ()
    """Where the mood was in the last minutes, the oldest first."""
    shifts: tuple[ShiftStatus, ...] = ()
    """The last ones, the newest first."""
    taught: TaughtStatus = TaughtStatus()
    sensors: tuple[SensorStatus, ...] = ()


@dataclass(frozen=True, slots=True)
class CameraStatus:
    """The camera and its connection."""

    enabled: bool
    state: CameraState = CameraState.OFF
    source: str = ""
    frames: int = 0
    lost_count: int = 0
    last_frame_age_s: float | None = None
    """None before the first frame."""
    error: str | None = None
    dropped: int = 0
    """Frames that a newer one pushed out before they were looked at."""


@dataclass(frozen=True, slots=True)
class MoodReaderStatus:
    """Who reads moods."""

    reader: str
    note: str | None


@dataclass(frozen=True, slots=True)
class SceneStatus:
    """What was last seen."""

    caption: str
    people: int
    motion: float


@dataclass(frozen=True, slots=True)
class GateStatus:
    """Looks taken and saved by the change gate."""

    looked: int
    saved: int
    last_difference: float
    """0 to 1."""


@dataclass(frozen=True, slots=True)
class ReadingStatus:
    """What the pipeline has last seen; None of it before the models have been loaded."""

    lens: LensState | None = None
    reader: str | None = None
    scene: SceneStatus | None = None
    gate: GateStatus | None = None


LOADING = "the models are loading"
"""The problem of a perception that is about to have none."""


@dataclass(frozen=True, slots=True)
class PerceptionStatus(ReadingStatus):
    """Camera and models, and what keeps the room from being read."""

    camera: CameraStatus = field(kw_only=True)
    suspended: bool = field(kw_only=True)
    """Nobody needs to see at present: the venue is closed."""
    problem: str | None = field(kw_only=True)
    note: str | None = field(kw_only=True)
    mood_reader: MoodReaderStatus | None = field(kw_only=True)
    sees: bool = field(init=False)
    """The room is seen now: only then is what was read of it still so."""

    def __post_init__(self) -> None:
        live = self.camera.state is CameraState.LIVE and self.lens is LensState.OK
        object.__setattr__(self, "sees", live and not self.suspended)


@dataclass(frozen=True, slots=True)
class AnalysisStatus:
    """The analysis in the background."""

    running: bool
    done: int
    failed: int
    current: tuple[str, ...]
    """Paths of the files in work."""
    paused: str | None
    """Why it waits, if it does."""
    problem: str | None


@dataclass(frozen=True, slots=True)
class LibraryCounts:
    """How many tracks there are, and plays of them."""

    tracks: int = 0
    analysed: int = 0
    unreadable: int = 0
    plays: int = 0
    pending: int = 0


@dataclass(frozen=True, slots=True)
class LibraryStatus(LibraryCounts):
    """The owner's music."""

    analysis: AnalysisStatus = field(kw_only=True)
    problem: str | None = field(kw_only=True)
    skipped: int = field(kw_only=True)
    """Files and folders that could not be used."""
    left_out: int = field(kw_only=True)
    """Files that are no music by their names."""
    playlists: tuple[str, ...] = field(kw_only=True)
    """A sentence for each playlist that names what is not there."""


@dataclass(frozen=True, slots=True)
class HoursStatus:
    """Whether the venue is open, and until when."""

    open: bool
    manual_override: bool
    """Music plays by command although it is closed."""
    changes_at: str | None
    """ISO 8601; None if nothing changes within a year."""


class MqttState(StrEnum):
    """How the player and its MQTT broker are."""

    OFF = "off"
    CONNECTING = "connecting"
    CONNECTED = "connected"


@dataclass(frozen=True, slots=True)
class MqttStatus:
    """The connection to the broker."""

    state: MqttState
    problem: str | None
    """Why there is none."""


@dataclass(frozen=True, slots=True)
class SnapcastStatus:
    """The rooms that Snapcast carries the music to."""

    players: int | None
    """How many play it and are not muted; None while that is not known."""
    problem: str | None
    """Why none does, or why nobody knows."""


@dataclass(frozen=True, slots=True)
class FrontStatus:
    """The page and the API."""

    running: bool
    """They can be reached."""
    address: str | None
    """Where; None while they cannot be."""
    problem: str | None
    """Why they cannot be reached, or why nobody gets in."""
    mqtt: MqttStatus = MqttStatus(MqttState.OFF, None)
    snapcast: SnapcastStatus = SnapcastStatus(None, None)


@dataclass(frozen=True, slots=True)
class PlayerStatus:
    """All that the player knows about itself."""

    playback: PlaybackStatus
    room: RoomStatus
    perception: PerceptionStatus
    library: LibraryStatus
    hours: HoursStatus
    front: FrontStatus
    problems: tuple[str, ...]
    """What is wrong with this machine."""
    version: str
    """Of the program that runs."""


def as_json(status: PlayerStatus) -> Json:
    """The status as JSON: objects, lists, and the enums' names."""
    return asdict(status)
