"""A playlist for a wish, with every step that led to it: what was seen, which mood, which candidates, which
tracks. Plain values, made by playlist_planner.py and written by playlist_formats.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from player.counting import counted
from player.types import Mood, Scene

LEAST_MIN, MOST_MIN = 1, 600
"""So long a list may be asked for, in minutes."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What music somebody asks for."""

    text: str
    """Their words, or what they gave instead ("a photo")."""
    mood: Mood
    why: str
    """How that was read as a mood."""
    scene: Scene | None = None
    """What the photo shows, if it was one."""


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What a list is to be besides its mood.

    tracks          so many, however long they are; None: as many as fill the minutes
    genres          of one of these; none: of any. As `rules.include.genres` has them
    without_genres  of none of these
    """

    tracks: int | None = None
    genres: tuple[str, ...] = ()
    without_genres: tuple[str, ...] = ()


ANY = Narrowing()
"""Of any genre, as long as the minutes say."""


@dataclass(frozen=True, slots=True)
class PhotoScene:
    """What a photo shows."""

    caption: str
    people: int
    reader: str

    @classmethod
    def of(cls, scene: Scene) -> PhotoScene:
        """What is said of a scene that was read."""
        return cls(scene.caption, scene.people, scene.reader)


@dataclass(frozen=True, slots=True)
class MoodStep:
    """Which mood was found in the wish, and why."""

    valence: float
    energy: float
    feeling: str
    """The most probable of the 13 feelings."""
    why: str

    @classmethod
    def of(cls, mood: Mood, why: str) -> MoodStep:
        """What is said of a mood and how it was found."""
        return cls(round(mood.valence, 4), round(mood.energy, 4), mood.name, why)


@dataclass(frozen=True, slots=True)
class TargetStep:
    """Which music is looked for: the mood, within the venue's limits."""

    valence: float
    energy: float
    music: str
    """A plain word for it: calm, upbeat."""
    reason: str


@dataclass(frozen=True, slots=True)
class RunnerUp:
    """A track that was weighed and came later than the chosen one."""

    id: int
    title: str
    artist: str
    distance: float | None
    score: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class PlaylistTrack:
    """One track of the list, and why it."""

    id: int
    path: str
    title: str
    artist: str
    album: str
    genres: tuple[str, ...]
    duration_s: float
    starts_s: float
    """From the beginning of the list."""
    valence: float
    energy: float
    looked_for: str
    """A plain word for the music that was looked for at this place."""
    reason: str
    distance: float
    """In mood, to what was looked for."""
    candidates: int
    """Tracks with a mood that the rules never bar."""
    relaxed: tuple[str, ...]
    """The rules that had to give way."""
    score: Mapping[str, float]
    """What counted, by name: 0 (against) to 1 (for)."""
    runners_up: tuple[RunnerUp, ...]


@dataclass(frozen=True, slots=True)
class Playlist:
    """A list of tracks for a wish."""

    wish: str
    seen: PhotoScene | None
    mood: MoodStep
    target: TargetStep
    made_at: str
    """ISO 8601."""
    daypart: str
    asked_s: float
    length_s: float
    steps: tuple[PlaylistTrack, ...]
    notes: tuple[str, ...]
    """What the list is not that one may expect of it, a sentence each."""

    @property
    def name(self) -> str:
        """What a player may call it."""
        return named(self.wish, self.length_s)

    @property
    def summary(self) -> str:
        """How much it is, and what it is not, for a person."""
        return " ".join((f"{self.name}: {tracks(len(self.steps))}.", *self.notes))


def named(wish: str, length_s: float) -> str:
    """What a list for a wish is called."""
    return f"{wish}, {length_s / 60:.0f} min"


def tracks(count: int) -> str:
    """So many of them: 1 track, 2 tracks."""
    return counted(count, "track")
