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
