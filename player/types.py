"""The values that travel along the flow: Frame -> Scene -> Mood -> MoodShift/Target -> Track.

All are frozen. `*_s` is seconds, `*_ms` milliseconds, `*_db` decibels. `now` and `*_at` without further
words are seconds on the monotonic clock; wall-clock instants are timezone-aware datetimes.

The module is long because all stages share these words.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Image: TypeAlias = npt.NDArray[np.uint8]
    """(H, W, 3) uint8, BGR, as OpenCV gives it."""
else:

    def __getattr__(name: str) -> Any:
        """Image, for those who hold pictures: the front does not, and does without numpy's 20 MB."""
        if name != "Image":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        import numpy as np  # noqa: PLC0415
        import numpy.typing as npt  # noqa: PLC0415

        return npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture of the room. It lives in memory only and is never written anywhere."""

    image: Image
    captured_at: float
    seq: int
    source: str
    live: bool = True
    """Whether a lens delivers it, with a sensor's noise; False for photos and video files."""


@dataclass(frozen=True, slots=True)
class Light:
    """What the pixels alone say about the light of a frame."""

    brightness: float
    """Mean luma, 0 (black) to 1 (white)."""
    warmth: float
    """-1 (blue) to 1 (orange); 0 is neutral."""
    contrast: float
    """Standard deviation of luma, 0 to 1 (in practice below 0.5)."""
    colorfulness: float
    """Hasler and Suesstrunk (2003) colourfulness scaled to 0 (grey) to 1 (extremely colourful)."""


@dataclass(frozen=True, slots=True)
class ImageMood:
    """The mood that a photo suggests by itself, whatever the sentence about it says."""

    valence: float
    """-1 (unpleasant, bleak) to 1 (pleasant, joyful)."""
    energy: float
    """-1 (still) to 1 (frenetic)."""
    weight: float
    """How far it deserves to be followed against the sentence, 0 (not at all) to 1 (alone)."""
    energy_weight: float | None = None  # the same for energy alone; None: `weight` is for both


@dataclass(frozen=True, slots=True)
class Look:
    """What the networks made of a frame, in numbers that give no picture back: what teaching goes by."""

    numbers: tuple[float, ...] = field(repr=False)
    made_by: str
    """Which networks: numbers of others mean something else."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What one frame shows. It says something about a place, never about a person."""

    caption: str
    people: int
    light: Light
    motion: float
    """Share of the picture that moved since the frame before, 0 to 1."""
    captured_at: float
    reader: str
    elapsed_ms: float
    objects: Mapping[str, int] = field(default_factory=dict)
    """COCO class name -> how many were seen."""
    tags: Mapping[str, float] = field(default_factory=dict)
    """Scene tag -> confidence, 0 to 1."""
    image_mood: ImageMood | None = None
    """None if the reader has no model for it."""
    look: Look | None = None
    """None if the reader cannot be taught."""


@dataclass(frozen=True, slots=True)
class MoodPoint:
    """A place on Russell's circumplex: each axis in [-1, 1]."""

    valence: float
    energy: float

    def distance(self, other: MoodPoint) -> float:
        """Euclidean distance, 0 to 2*sqrt(2)."""
        return math.hypot(self.valence - other.valence, self.energy - other.energy)


@dataclass(frozen=True, slots=True)
class Mood(MoodPoint):
    """A MoodPoint with what it is called."""

    moods: Mapping[str, float] = field(default_factory=dict)
    """Probability of each of the 13 feelings (player/emotions.toml); they sum to 1."""
    mood7: str = "neutral"
    """happy, romantic, sad, aggressive, dramatic, calm or neutral."""

    @property
    def name(self) -> str:
        """The most probable of the 13 feelings, or mood7 if none is more probable than the others."""
        if not self.moods or (len(self.moods) > 1 and len(set(self.moods.values())) == 1):
            return self.mood7
        return max(self.moods, key=lambda m: self.moods[m])


@dataclass(frozen=True, slots=True)
class MoodShift:
    """The smoothed mood has left its neighbourhood and stayed away."""

    before: MoodPoint
    after: MoodPoint
    at: float
    reason: str


@dataclass(frozen=True, slots=True)
class Target:
    """The mood the venue wants the music to have now, and why."""

    point: MoodPoint
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Track:
    """One piece of music the player may play."""

    path: Path
    """The file. Of a stream, a name that is unique in the library; `url` then says where the sound is."""
    title: str
    artist: str = ""
    album: str = ""
    genre: str = ""
    track_no: int = 0
    """Its place on the album, and on which disc; 0 if unknown."""
    disc_no: int = 0
    duration_s: float = 0.0
    """0 if unknown."""
    mood: Mood | None = None
    """None until the file has been analysed."""
    quadrant: str = ""
    """Q1 happy/energetic, Q2 tense/angry, Q3 sad, Q4 calm; empty until analysed."""
    confidence: float | None = None
    """How sure the analysis is of the mood, 0 to 1: the probability that `quadrant` is right."""
    tempo_bpm: float | None = None
    key: str = ""
    """"A minor"; empty if there is none or it was not analysed."""
    loudness_lufs: float | None = None
    """Integrated loudness (EBU R128); None until analysed and without ReplayGain tags."""
    peak_dbfs: float | None = None
    """Highest peak, 0 is full scale: the true peak (dBTP) once analysed, before that what a tag says."""
    music_start_s: float = 0.0
    """Silence before the music."""
    music_end_s: float | None = None
    """Where the music ends and silence follows; None until analysed."""
    fade_out_s: float | None = None
    """From here on it dies away and another track may come in; None until analysed."""
    silences: tuple[tuple[float, float], ...] = ()
    """(from, to) of each silence of 2 s or more between `music_start_s` and `music_end_s`, in seconds."""
    rests: tuple[float, ...] = ()
    """Moments at which the music takes a breath, in order, in seconds: a cut is least noticed there."""
    embedding: tuple[int, ...] = ()
    """What it sounds like: a unit vector times 127, rounded. Alike tracks have a high dot product."""
    explicit: bool = False
    """Marked as explicit by its tags."""
    artists: tuple[str, ...] = ()
    genres: tuple[str, ...] = ()
    """Every name that the tags hold, of guests and of the album too, as they are compared. Empty: unknown."""
    recording_ids: tuple[str, str] = ("", "")
    """Its MusicBrainz recording id and its ISRC as far as tags say: files with the same one are one song."""
    composer: str = ""
    """All of them, joined by "; "."""
    label: str = ""
    """The record company that brought it out."""
    url: str = ""
    """Address of an internet radio station; empty for a file."""
    id: int = 0
    """Its number in the library, kept when the file moves; 0 outside one."""

    @property
    def source(self) -> str:
        """What a deck opens."""
        return self.url or str(self.path)

    def follows(self, other: Track) -> bool:
        """Whether it comes right after `other` on the same disc of an album, as far as tags say.

        The artist may change within a folder, as on a compilation; the folder may change within an artist's
        album. From disc to disc nothing follows: the break between them was meant.
        """
        return (
            self.album != ""
            and self.album == other.album
            and (self.path.parent == other.path.parent or (self.artist != "" and self.artist == other.artist))
            and (self.disc_no or 1) == (other.disc_no or 1)
            and other.track_no > 0
            and self.track_no == other.track_no + 1
        )


class NightMode(StrEnum):
    """Night mode by hand, or as the dayparts have it."""

    ON = "on"
    OFF = "off"
    AUTO = "auto"


class Transition(StrEnum):
    """How one track gives way to the next; tracks that follow each other on an album are always joined."""

    CROSSFADE = "crossfade"
    CUT = "cut"
    FADE_OUT = "fade_out"
    """The old track fades out, and the next one begins as it is."""


class ChangeReason(StrEnum):
    """Why one track gives way to the next, or a track ends."""

    START = "start"
    NEXT = "next"
    """It was as good as over."""
    SHIFT = "shift"
    """The room asks for other music."""
    SKIP = "skip"
    """Somebody asked for another track."""
    ERROR = "error"
    ALARM = "alarm"
    """Nothing of it is heard."""
    SAFE = "safe"
    """Nothing else could be heard: music that the owner knows to be good."""
    OUTPUT = "output"
    """The same track goes on at another output."""
    SEEK = "seek"
    """The same track goes on at another place."""
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Choice:
    """A track, and why it was chosen: an entry of the play history."""

    track: Track
    reason: str
    distance: float | None = None
    """Mood distance to the target; None if the track has no mood yet."""
    candidates: int = 0
    relaxed: tuple[str, ...] = ()
    """The rules that had to give way, in the order in which they did."""
    score: Mapping[str, float] = field(default_factory=dict)
    """What counted, by name: 0 (against) to 1 (for); not what was unknown or switched off."""
    until_s: float | None = None
    """The next track takes over where this one has come to here; None plays it to its end."""


Json = dict[str, Any]
"""A JSON object."""


def is_utf8(text: str) -> bool:
    """Whether text can be written down: what Python makes of bytes that are not UTF-8 cannot.

    Old sticks, network shares and terminals have names in Latin-1, EUC-KR and others.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


_UNSEEN = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
"""What a terminal obeys or turns round, and JSON would leave as it is: DEL, C1, line breaks, directions."""


def json_text(value: Any, default: Callable[[Any], Any] | None = None) -> str:
    r"""JSON on one line that UTF-8 can hold, and any terminal show.

    \udcNN stands for a byte of a name that is no Unicode.
    """
    text = json.dumps(value, ensure_ascii=False, default=default)
    return _UNSEEN.sub(_escaped, text).encode(errors="backslashreplace").decode()


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def is_address(source: str) -> bool:
    """Whether this is an http or https address with a host."""
    try:
        parts = urlsplit(source)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False
