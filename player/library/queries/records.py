"""What the library and its play history answer, for whoever asks: values alone, without a database."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TrackMood:
    """The mood that counts for a track."""

    valence: float
    energy: float
    """Both in [-1, 1]."""
    name: str
    """A plain word for such music."""
    feeling: str
    """The strongest of the 13 feelings."""
    by: str
    """Who says so: owner, playlist or analysis."""
    clear: bool
    """Whether it is sure enough to go by."""


@dataclass(frozen=True, slots=True)
class TrackEntry:
    """A track in a list."""

    id: int
    title: str
    artist: str
    album: str
    genre: str
    duration_s: float | None
    """None if unknown."""
    station: bool
    """An internet radio station and no file."""
    mood: TrackMood | None
    """None until it has been analysed."""


@dataclass(frozen=True, slots=True)
class AlbumEntry:
    """What the library has of an artist's album in one genre; each name may be empty."""

    artist: str
    album: str
    genre: str
    tracks: int
    duration_s: float


@dataclass(frozen=True, slots=True)
class TrackPlay:
    """When it was played, and for how long it was heard; None if unknown."""

    started_at: str
    audible_s: float | None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a listener or the owner made of it, and when."""

    at: str
    kind: str
    daypart: str


@dataclass(frozen=True, slots=True)
class TrackCard(TrackEntry):
    """One track with all that is known of it."""

    path: str
    composer: str
    label: str
    isrc: str
    track_no: int
    disc_no: int
    tempo_bpm: float | None
    key: str
    loudness_lufs: float | None
    heard_mood: TrackMood | None
    """What the analysis heard, whatever was said by hand."""
    explicit: bool
    excluded: tuple[str, ...]
    """Why it does not play, a sentence each; empty if it may."""
    plays: int
    last_plays: tuple[TrackPlay, ...]
    """The newest first."""
    feedback: dict[str, int]
    """How often each judgement was made."""
    last_feedback: tuple[Judgement, ...]
    """The newest first."""


@dataclass(frozen=True, slots=True)
class PlayRecord:
    """One play. Texts are empty where the tags said nothing."""

    id: int
    started_at: str
    """ISO 8601, by the house's clock of then."""
    title: str
    artist: str
    album: str
    isrc: str
    composer: str
    label: str
    duration_s: float | None
    """Of the whole track; None if unknown."""
    audible_s: float | None
    """For so long it was really heard: fades count, pauses and silence do not. None if unknown."""
    audible: bool | None
    """Whether it was heard at all; None if nobody listened, or it still plays."""
    venue: str
    track_id: int | None
    """Its number in the library; None if that did not know it."""


@dataclass(frozen=True, slots=True)
class DayPlay:
    """A play as a block of its day. Times are ISO 8601, by the house's clock."""

    id: int
    start: str
    end: str | None
    """None while it plays."""
    audible_s: float | None
    audible: bool | None
    title: str
    artist: str
    track_id: int | None
    reason: str
    """Why it was chosen, in a sentence."""
    judged: str | None
    """What somebody said of this play: liked or wrong mood; None if nobody did."""


@dataclass(frozen=True, slots=True)
class DayCurves:
    """Means of so many seconds each, from the day's start on; None where nothing is known."""

    step_s: int
    valence: tuple[float | None, ...]
    energy: tuple[float | None, ...]
    target_valence: tuple[float | None, ...]
    target_energy: tuple[float | None, ...]
    """All four in [-1, 1]."""
    people: tuple[float | None, ...]
    volume: tuple[float | None, ...]
    """Percent, while music played."""


@dataclass(frozen=True, slots=True)
class DayMark:
    """What happened."""

    id: int
    kind: str
    """shift, daypart, open, closed, announcement; or fault, pin, camera_off, which last."""
    start: str
    end: str | None
    """None while it lasts, and of what was a moment."""
    text: str


@dataclass(frozen=True, slots=True)
class DayRecord:
    """A day of the house's clock, from its start up to, and not including, its end."""

    date: str
    start: str
    end: str
    tracks: tuple[DayPlay, ...]
    curves: DayCurves
    marks: tuple[DayMark, ...]
    left_out: int
    """Plays and marks that are too many, the oldest ones."""
    hours: tuple[str, ...] = ()
    """When each of its hours begins: the clock may be changed in the middle of it."""


@dataclass(frozen=True, slots=True)
class ProblemFile:
    """A file of the library that does not play."""

    id: int
    path: str
    title: str
    artist: str
    kind: str
    """unreadable, or missing: it is not in the music folders any more."""
    problem: str
    """Why, in a sentence."""
    advice: str
    """What to do, in a sentence."""
