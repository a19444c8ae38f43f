"""Tracks found by their names, and one with all that is known of it, on real SQLite and tagged files."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from mutagen.flac import FLAC

from player.config.settings.config import Config
from player.errors import ArgumentError, MissingError
from player.library.database.feedback import Feedback, Outcome
from player.library.database.reader import Row, reading
from player.library.database.stations import Station
from player.library.database.store import Library
from player.library.models import Analysis
from player.library.queries.catalogue import track_card, tracks_page
from player.library.queries.records import TrackCard, TrackEntry
from player.library.rules import compile_rules
from player.library.search_text import names_text
from player.types import Choice, Mood
from tests.unit.library import files

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
HEARD = Analysis(
    0.5, 0.5, "Q1", {"joyful": 1.0}, -18.0, -3.0, 120.04, 2.0, 5.0, confidence=0.9, key="A minor"
)
CALM = Mood(0.4, -0.5, {"calm": 1.0})


class Shelf:
    def __init__(self, folder: Path) -> None:
        self.music = folder / "music"
        self.music.mkdir()
        self.library = Library(folder / "library.db")
        self.path = self.library.database.path

    def add(self, name: str, **tags: str) -> int:
        path = files.flac(self.music / f"{name}.flac")
        file = FLAC(path)
        for key, value in tags.items():
            file[key] = value
        file.save()
        self.library.scan([self.music])
        track = self.library.track_at(path)
        assert track is not None
        return track.id

    def found(self, text: str) -> list[str]:
        return [entry.title for entry in tracks_page(self.path, text, 50, None).entries]

    def card(self, track_id: int, **config: object) -> TrackCard:
        settings = Config.model_validate(config)
        return track_card(self.path, track_id, compile_rules(settings.rules, settings.dayparts), UTC)


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    made = Shelf(tmp_path)
    yield made
    made.library.close()


def test_tracks_are_found_by_title_artist_album_and_genre(shelf: Shelf) -> None:
    shelf.add("1", title="Halo", artist="Beyoncé", album="I Am", genre="R&B")
    shelf.add("2", title="봄날", artist="방탄소년단", album="WINGS", genre="K-Pop")
    shelf.add("3")
    assert shelf.found("") == ["3", "Halo", "봄날"], "by artist and title; without an artist first"
    for text in ("beyonce", "HALO", "am beyonce", "r&b"):
        assert shelf.found(text) == ["Halo"]
    for text in ("봄", "소년", "wings", "k-pop 봄날"):
        assert shelf.found(text) == ["봄날"]
    for text in ("halo wings", "_", "%", "' OR '1'='1", '"', "*"):
        assert shelf.found(text) == []


def test_new_tags_are_found_and_what_is_gone_is_not(shelf: Shelf) -> None:
    shelf.add("1", title="Old")
    path = shelf.music / "1.flac"
    file = FLAC(path)
    file["title"] = "New"
    file.save()
    shelf.library.scan([shelf.music])
    assert (shelf.found("old"), shelf.found("new")) == ([], ["New"])
    path.unlink()
    shelf.library.scan([shelf.music])
    assert shelf.found("") == []


def test_a_station_is_found(shelf: Shelf) -> None:
    shelf.library.set_stations([Station("http://radio.example/x", "Radio Süd", CALM, 1800)])
    (entry,) = tracks_page(shelf.path, "sud", 50, None).entries
    assert (entry.title, entry.station, entry.duration_s) == ("Radio Süd", True, None)


def test_pages_hold_together(shelf: Shelf) -> None:
    with shelf.library.database.transaction() as connection:
        for number in range(30):
            names = names_text("artist", f"t{number % 7}", "", "")
            connection.execute(
                "INSERT INTO tracks (path, size, mtime_ns, title, artist, album, genre, duration_s, names)"
                " VALUES (?, 1, 1, ?, 'Artist', '', '', 1, ?)",
                (f"/m/{number}", f"t{number % 7}", names),
            )
    whole = [entry.id for entry in tracks_page(shelf.path, "artist", 200, None).entries]
    found: list[int] = []
    after = None
    while True:
        part = tracks_page(shelf.path, "artist", 4, after)
        found += [entry.id for entry in part.entries]
        after = part.following
        if after is None:
            break
    assert found == whole
    assert len(set(found)) == 30
    with pytest.raises(ArgumentError):
        tracks_page(shelf.path, "", 4, "[1,2]")


def test_all_about_one_track(shelf: Shelf) -> None:
    track_id = shelf.add("1", title="Halo", artist="B", composer="C", label="L", isrc="USRC17607839")
    track = shelf.library.track(track_id)
    assert track is not None
    assert shelf.card(track_id).mood is None
    shelf.library.save(track.path, HEARD)
    for minute in range(12):
        line = shelf.library.record_play(Choice(track, ""), NOON + timedelta(minutes=minute), {})
        shelf.library.note_heard(line, minute)
        at = NOON + timedelta(minutes=minute)
        shelf.library.feedback.add(
            Feedback(track_id, at, Outcome.LIKED if minute else Outcome.SKIPPED, "day", None)
        )
    card = shelf.card(track_id)
    assert (card.path, card.composer, card.label, card.isrc) == (str(track.path), "C", "L", "USRC17607839")
    assert (card.tempo_bpm, card.key, card.loudness_lufs) == (120.0, "A minor", -18.0)
    assert card.mood is not None
    assert (card.mood.valence, card.mood.feeling, card.mood.by, card.mood.clear) == (
        0.5,
        "joyful",
        "analysis",
        True,
    )
    assert (card.plays, len(card.last_plays), card.excluded) == (12, 10, ())
    assert (card.last_plays[0].started_at, card.last_plays[0].audible_s) == ("2026-05-01T12:11:00+00:00", 11)
    assert card.feedback == {"liked": 11, "skipped": 1}
    assert (len(card.last_feedback), card.last_feedback[0].kind) == (10, "liked")


def test_the_owners_word_goes_before_the_playlists_and_that_before_the_analysis(shelf: Shelf) -> None:
    """Through scans, playlists read again, other tags and another analysis, until it is taken back."""
    track_id = shelf.add("1", title="Halo")
    path = shelf.music / "1.flac"
    shelf.library.save(path, HEARD)
    shelf.library.give_moods({path: Mood(-0.2, 0.2, {"sad": 1.0})})

    def counts() -> tuple[str, float]:
        mood, track = shelf.card(track_id).mood, shelf.library.track(track_id)
        assert mood is not None
        assert track is not None
        assert track.mood is not None
        assert mood.valence == track.mood.valence
        return mood.by, mood.valence

    assert counts() == ("playlist", -0.2)
    assert shelf.library.correct_mood(track_id, CALM)
    assert counts() == ("owner", 0.4)
    file = FLAC(path)
    file["title"] = "Other"
    file.save()
    shelf.library.scan([shelf.music])
    shelf.library.give_moods({path: Mood(-0.3, 0.2, {"sad": 1.0})})
    shelf.library.save(path, HEARD)
    assert counts() == ("owner", 0.4)
    heard = shelf.card(track_id).heard_mood
    assert heard is not None
    assert (heard.by, heard.valence) == ("analysis", 0.5)
    assert [track.mood for track in shelf.library.tracks()] == [CALM]
    assert shelf.library.correct_mood(track_id, None)
    assert counts() == ("playlist", -0.3)
    shelf.library.give_moods({})
    assert counts() == ("analysis", 0.5)
    assert not shelf.library.correct_mood(track_id + 1, CALM)


@pytest.mark.parametrize(
    ("rules", "sentence"),
    [
        ({"exclude": {"artists": ["Beyoncé"]}}, "rules.exclude"),
        ({"exclude": {"tags": ["r&b"]}}, "rules.exclude"),
        ({"include": {"genres": ["jazz"]}}, "rules.include"),
    ],
)
def test_why_a_track_does_not_play(shelf: Shelf, rules: object, sentence: str) -> None:
    track_id = shelf.add("1", title="Halo", artist="Beyoncé", genre="R&B")
    assert shelf.card(track_id).excluded == ()
    (why,) = shelf.card(track_id, rules=rules).excluded
    assert sentence in why


def test_why_a_track_does_not_play_in_a_part_of_the_day_or_at_all(shelf: Shelf) -> None:
    track_id = shelf.add("1", title="Halo", artist="Beyoncé", genre="R&B")
    parts = [
        {"name": "morning", "start": "06:00", "mood": "calm", "pool": {"exclude": {"genres": ["r&b"]}}},
        {"name": "evening", "start": "18:00", "mood": "calm", "pool": {"include": {"genres": ["jazz"]}}},
    ]
    morning, evening = shelf.card(track_id, dayparts=parts).excluded
    assert "'morning' excludes" in morning
    assert "outside the pool of the part of the day 'evening'" in evening
    shelf.library.mark_unreadable(shelf.music / "1.flac", "it crackles")
    assert shelf.card(track_id).excluded == ("Its file cannot be played: it crackles",)
    shelf.library.restrict([])
    assert "not in the music folders" in shelf.card(track_id).excluded[0]


def test_a_number_that_no_track_has(shelf: Shelf) -> None:
    with pytest.raises(MissingError, match="no track with the number 5"):
        shelf.card(5)


def least_s(*works: Callable[[], object], times: int = 5) -> list[float]:
    """The processor's time that each takes, in turn, where nothing else disturbs its caches."""
    taken_s: list[list[float]] = [[] for _ in works]
    for _ in range(times):
        for work, taken in zip(works, taken_s, strict=True):
            began_s = time.thread_time()
            work()
            taken.append(time.thread_time() - began_s)
    return [min(taken) for taken in taken_s]


def test_in_a_hundred_thousand_tracks_a_search_takes_a_third_of_reading_their_names(shelf: Shelf) -> None:
    """A tenth in fact, or 0.03 s: it goes through an index of the names alone."""
    rows = (
        (
            f"/m/{n}",
            f"Title {n}",
            f"Ártist {n // 12}",
            names_text(f"Ártist {n // 12}", f"Title {n}", "봄날", "Jazz"),
        )
        for n in range(100_000)
    )
    with shelf.library.database.transaction() as connection:
        connection.executemany(
            "INSERT INTO tracks (path, size, mtime_ns, title, artist, album, genre, duration_s, names,"
            " embedding, silences)"
            " VALUES (?, 1, 1, ?, ?, '봄날', 'Jazz', 200, ?, zeroblob(32), zeroblob(400))",
            rows,
        )

    def all_names() -> list[Row]:
        """Opens the file anew, as a search does: where that is slow, it is slow for both."""
        with reading(shelf.path, 300) as reader:
            return reader.rows("SELECT names, id FROM tracks NOT INDEXED")

    for text, first in (("title 99999", "Title 99999"), ("없는", None), ("jazz", "Title 0"), ("", "Title 0")):
        found = partial(tracks_page, shelf.path, text, 50, None)
        entries: tuple[TrackEntry, ...] = found().entries
        assert (entries[0].title if entries else None) == first
        found_s, all_s = least_s(found, all_names)
        assert found_s < all_s / 3, text
