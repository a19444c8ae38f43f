"""Playlists from a real library of tiny files, with the clock and the wish that the test gives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from player.config.settings.config import Config
from player.emotions import find
from player.errors import LibraryError, NoMusicError, WishError
from player.library.database.stations import Station
from player.library.database.store import Library
from player.library.models import Analysis
from player.selection.playlist import ANY, Narrowing, Playlist, Wish
from player.selection.playlist_draft import ENDING_S, MOST_MISSING, NEAR_S
from player.selection.playlist_planner import PlaylistPlanner
from player.types import Choice, Mood, Track
from tests.unit.library import files

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def wish(name: str = "calm") -> Wish:
    named = find(name)
    assert named is not None
    return Wish(name, named.mood, f"{name!r} is the name of a mood")


@dataclass
class Shelf:
    """A library that grows, and the lists that are made of it."""

    folder: Path
    library: Library
    settings: dict[str, object] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    resting: frozenset[int] = frozenset()

    def add(
        self, name: str, valence: float = 0.4, energy: float = -0.7, minutes: float = 3.0, **more: object
    ) -> Track:
        """A track near calm, unless said otherwise. `content`: the hash of its sound."""
        path = files.wav(self.folder / f"{name}.wav")
        self.library.scan([self.folder])
        heard = {"confidence": 0.9, "content": name} | {k: v for k, v in more.items() if k == "content"}
        analysis = Analysis(
            valence, energy, "Q4", {"calm": 1.0}, -18.0, -3.0, 90.0, 60 * minutes, 5.0, **heard
        )
        self.library.save(path, analysis)
        for column in ("artist", "genre", "explicit", "title"):
            if column in more:
                self.library.database.write(
                    f"UPDATE tracks SET {column} = ? WHERE path = ?", more[column], str(path)
                )
        self.library.database.write(
            "UPDATE tracks SET artists = artist_names(artist, title), genres = genre_names(genre)"
        )
        track = self.library.track_at(path)
        assert track is not None
        return track

    def add_many(self, count: int, **more: object) -> list[Track]:
        return [self.add(f"t{n:02}", 0.4 + 0.01 * n, artist=f"A{n}", **more) for n in range(count)]  # type: ignore[arg-type]

    def plan(
        self,
        minutes: int = 15,
        name: str = "calm",
        now: datetime = NOON,
        after: Track | None = None,
        narrowing: Narrowing = ANY,
    ) -> Playlist:
        config = Config.model_validate(
            {"choice": {"seed": 1, "variety": 0, "weights": {"freshness": 0}}} | self.settings
        )
        planner = PlaylistPlanner(
            config, self.library, None, self.resting, lambda path: path.stem not in self.gone
        )
        return planner.plan(wish(name), minutes, now, after, narrowing)


def names(playlist: Playlist) -> list[str]:
    return [Path(step.path).stem for step in playlist.steps]


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    folder = tmp_path / "music"
    folder.mkdir()
    library = Library(tmp_path / "library.db")
    yield Shelf(folder, library)
    library.close()


def test_the_nearest_come_first_each_once_and_every_step_is_shown(shelf: Shelf) -> None:
    shelf.add_many(8)
    shelf.add("wild", 0.8, 0.9)
    found = shelf.plan(15)
    assert len(found.steps) == 5
    assert len(set(names(found))) == 5
    assert "wild" not in names(found)
    assert found.length_s == 900
    assert [step.starts_s for step in found.steps] == [0, 180, 360, 540, 720]
    assert found.mood.why == "'calm' is the name of a mood"
    assert found.target.music == "calm"
    first = found.steps[0]
    assert first.reason.startswith("closest to calm music among 9")
    assert first.score["mood"] > 0.9
    assert [other.title for other in first.runners_up][:2] == ["t01", "t02"]
    assert first.runners_up[0].score["mood"] <= first.score["mood"]
    assert found.notes == ()


def test_the_same_seed_gives_the_same_list_and_another_one_another(shelf: Shelf) -> None:
    shelf.add_many(12)
    shelf.settings = {"choice": {"seed": 1, "variety": 1.0}}
    first = shelf.plan()
    assert asdict(shelf.plan()) == asdict(first)
    shelf.settings = {"choice": {"seed": 2, "variety": 1.0}}
    assert names(shelf.plan()) != names(first)


def test_copies_of_a_recording_count_as_one(shelf: Shelf) -> None:
    for name in ("mp3", "flac", "remaster"):
        shelf.add(name, title="Song", artist="A", content="the same")
    shelf.add("other", 0.5)
    assert len(shelf.plan(60).steps) == 2


RULES = {
    "genre": {"exclude": {"genres": ["metal"]}},
    "artist": {"exclude": {"artists": ["A3"]}},
    "explicit": {"exclude": {"explicit": True}},
    "path": {"exclude": {"paths": ["t03*"]}},
    "include": {"include": {"genres": ["jazz"]}},
}


@pytest.mark.parametrize("rule", RULES)
def test_what_the_rules_leave_out_is_never_listed_though_the_list_be_short(shelf: Shelf, rule: str) -> None:
    for n in range(5):
        barred = n == 3
        shelf.add(f"t{n:02}", artist=f"A{n}", genre="metal" if barred else "jazz", explicit=int(barred))
    shelf.settings = {"rules": RULES[rule]}
    found = shelf.plan(60)
    assert sorted(names(found)) == ["t00", "t01", "t02", "t04"]
    assert any("shorter" in note for note in found.notes)


def test_rules_that_leave_nothing_are_one_sentence(shelf: Shelf) -> None:
    shelf.add("t", genre="metal")
    for rules in ({"exclude": {"genres": ["metal"]}}, {"include": {"genres": ["jazz"]}}):
        shelf.settings = {"rules": rules}
        with pytest.raises(NoMusicError, match="No music may be listed"):
            shelf.plan()


def test_a_pool_holds_from_the_moment_at_which_its_part_of_the_day_begins(shelf: Shelf) -> None:
    """The clock of the list runs on: what plays after noon is chosen for the afternoon."""
    for n in range(6):
        shelf.add(f"t{n}", 0.4 + 0.01 * n, genre="pop" if n < 3 else "jazz", artist=f"A{n}")
    shelf.settings = {
        "timezone": "UTC",
        "dayparts": [
            {"name": "morning", "start": "06:00", "mood": "calm"},
            {
                "name": "jazz hour",
                "start": "12:00",
                "mood": "calm",
                "pool": {"include": {"genres": ["jazz"]}},
            },
        ],
    }
    found = shelf.plan(15, now=NOON - timedelta(minutes=7))
    assert names(found) == ["t0", "t1", "t2", "t3", "t4"]


def test_an_artist_does_not_follow_at_once_and_says_so_where_there_is_no_other(shelf: Shelf) -> None:
    for n, artist in enumerate("AAABBB"):
        shelf.add(f"t{n}", 0.4 + 0.01 * n, artist=artist)
    artists = [step.artist for step in shelf.plan(18).steps]
    assert artists in (list("ABABAB"), list("BABABA"))
    shelf.settings = {"rules": {"include": {"artists": ["A"]}}}
    found = shelf.plan(9)
    assert [step.relaxed for step in found.steps] == [(), ("artist gap",), ("artist gap",)]
    assert "The artist gap gave way for 2 of 3 tracks." in found.notes


def test_what_was_heard_just_now_waits_until_its_time_has_come(shelf: Shelf) -> None:
    tracks = shelf.add_many(5)
    shelf.library.record_play(Choice(tracks[0], ""), NOON - timedelta(minutes=118), {})
    shelf.library.record_play(Choice(tracks[1], ""), NOON - timedelta(minutes=5), {})
    found = shelf.plan(9)
    assert names(found) == ["t02", "t00", "t03"], "t00 may play again after two minutes of the list"


def test_what_could_not_be_played_is_left_alone(shelf: Shelf) -> None:
    tracks = shelf.add_many(4)
    shelf.resting = frozenset({tracks[0].id})
    assert "t00" not in names(shelf.plan(12))


@settings(max_examples=12)  # each makes a library
@given(
    lengths=st.lists(st.integers(20, 900), min_size=1, max_size=80),
    minutes=st.integers(1, 90),
)
def test_the_length_is_near_what_was_asked_for_if_there_is_music_for_it(
    lengths: list[int], minutes: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Within half the shortest track that is left, or half a minute."""
    library = Library(tmp_path_factory.mktemp("l") / "library.db")
    with library.database.transaction() as connection:
        for n, seconds in enumerate(lengths):
            connection.execute(
                "INSERT INTO tracks (path, size, mtime_ns, title, artist, album, genre, duration_s, valence,"
                " energy, confidence, quadrant) VALUES (?, 1, 1, ?, ?, '', '', ?, 0.4, -0.7, 1, 'Q4')",
                (f"/m/{n}.mp3", f"{n}", f"{n}", seconds),
            )
    config = Config.model_validate({"choice": {"seed": 1}})
    found = PlaylistPlanner(config, library, exists=lambda _: True).plan(wish(), minutes, NOON)
    library.close()
    chosen = [step.duration_s for step in found.steps]
    assert found.length_s == sum(chosen)
    left = sorted(lengths)
    for seconds in chosen:
        left.remove(int(seconds))
    short_s = found.asked_s - found.length_s
    if short_s > NEAR_S and left and found.length_s:
        assert left[0] > short_s, "one more would have fitted"
    if short_s < 0 and len(chosen) > 1:
        assert -short_s <= max(chosen) / 2, "stopping earlier would have been nearer"


def test_it_says_how_long_it_is_where_one_track_is_longer_than_what_was_asked(shelf: Shelf) -> None:
    shelf.add("mix", minutes=60)
    found = shelf.plan(1)
    assert (found.asked_s, found.length_s) == (60, 3600)


def test_a_mix_of_ten_hours_does_not_end_the_list(shelf: Shelf) -> None:
    shelf.add("mix", 0.4, -0.75, minutes=600)
    shelf.add_many(10)
    assert ENDING_S < 30 * 60
    assert names(shelf.plan(30)) == [f"t{n:02}" for n in range(10)]


def test_a_mood_without_music_says_so(shelf: Shelf) -> None:
    shelf.add_many(3)
    found = shelf.plan(9, "anger")
    assert [note for note in found.notes if note.startswith("There is no ")]
    shelf.add("furious", -0.6, 0.7)
    found = shelf.plan(9, "anger")
    assert any(note.startswith("Not really ") and "2 of 3 tracks" in note for note in found.notes)


def test_the_moods_that_the_venue_never_plays_are_not_listed_either(shelf: Shelf) -> None:
    shelf.add_many(3)
    shelf.add("wild", 0.4, 0.9)
    shelf.settings = {"mood": {"energy": [-1, 0]}}
    found = shelf.plan(3, "energizing")
    assert found.target.energy == 0
    assert "as near as the limits in `mood` allow" in found.target.reason
    assert names(found) != ["wild"]


def test_it_leads_over_from_what_plays_before_as_the_player_does(shelf: Shelf) -> None:
    before = shelf.add("before", -0.8, 0.7, artist="Z")
    for n in range(9):
        shelf.add(f"w{n}", -0.8 + 0.15 * n, 0.7 - 0.17 * n, artist=f"A{n}")
    found = shelf.plan(15, after=before)
    assert "before" not in names(found)
    assert [step.reason.split(" ")[:2] for step in found.steps[:3]] == [["step", str(n)] for n in (1, 2, 3)]
    way = [Mood(step.valence, step.energy).distance(wish().mood) for step in found.steps[:4]]
    assert way == sorted(way, reverse=True)
    shelf.settings = {"choice": {"seed": 1, "variety": 0, "shift": "direct"}}
    assert not shelf.plan(15, after=before).steps[0].reason.startswith("step")


def test_tracks_that_were_not_listened_to_are_not_chosen_and_counted(shelf: Shelf) -> None:
    shelf.add_many(2)
    files.wav(shelf.folder / "new.wav", 0.2)
    shelf.library.scan([shelf.folder])
    found = shelf.plan(60)
    assert sorted(names(found)) == ["t00", "t01"]
    assert any("listened to them yet: 1 track." in note for note in found.notes)


def test_stations_and_files_that_are_away_are_left_out(shelf: Shelf) -> None:
    shelf.add_many(3)
    shelf.gone = {"t01"}
    shelf.library.set_stations([Station("http://radio.example/s", "Radio", wish().mood, 600.0)])
    found = shelf.plan(60)
    assert sorted(names(found)) == ["t00", "t02"]
    assert "Left out: 1, as a station has no end." in found.notes
    assert "Left out: 1, as their file is not there." in found.notes


def test_a_disk_that_is_away_is_one_sentence_and_not_asked_for_every_file(shelf: Shelf) -> None:
    tracks = shelf.add_many(MOST_MISSING + 5)
    asked: list[Path] = []
    planner = PlaylistPlanner(Config(), shelf.library, exists=lambda path: asked.append(path) is not None)
    with pytest.raises(LibraryError, match="is its disk connected"):
        planner.plan(wish(), 30, NOON)
    assert len(asked) == MOST_MISSING < len(tracks)


def test_that_no_music_is_there_is_said_as_it_is(shelf: Shelf) -> None:
    """And nothing of rules, where there are none."""
    shelf.library.set_stations([Station("http://radio.example/s", "Radio", wish().mood, 600.0)])
    with pytest.raises(NoMusicError, match="Only stations could be listed"):
        shelf.plan()
    only = shelf.add("t")
    with pytest.raises(NoMusicError, match="Only stations could be listed"):
        shelf.plan(after=only)
    shelf.gone = {"t"}
    with pytest.raises(NoMusicError, match=r"is not where the library has it \(.*music\): is its disk conn"):
        shelf.plan()


def test_music_that_plays_already_or_could_not_be_played_is_said(shelf: Shelf) -> None:
    only = shelf.add("t")
    with pytest.raises(NoMusicError, match="There is no other music to be listed"):
        shelf.plan(after=only)
    shelf.resting = frozenset({only.id})
    with pytest.raises(NoMusicError, match="There is no other music to be listed"):
        shelf.plan()


def test_music_of_unknown_length_is_said(shelf: Shelf) -> None:
    shelf.add("t")
    shelf.library.database.write("UPDATE tracks SET duration_s = 0")
    with pytest.raises(NoMusicError, match="The length of the music is not known"):
        shelf.plan()


def test_what_was_rescued_of_a_damaged_library_costs_itself_alone(shelf: Shelf) -> None:
    shelf.add_many(4)
    for name, length in (("t00", "abc"), ("t01", float("inf")), ("t02", -5.0)):
        path = str(shelf.folder / f"{name}.wav")
        shelf.library.database.write("UPDATE tracks SET duration_s = ? WHERE path = ?", length, path)
    found = shelf.plan(9)
    assert names(found) == ["t03"]
    assert "Left out: 3, as their length is not known." in found.notes


def test_an_empty_library_and_one_not_listened_to_are_one_sentence_each(shelf: Shelf) -> None:
    with pytest.raises(NoMusicError, match="The library is empty"):
        shelf.plan()
    files.wav(shelf.folder / "new.wav")
    shelf.library.scan([shelf.folder])
    with pytest.raises(NoMusicError, match="None of the library's music \\(1 track\\) has been listened to"):
        shelf.plan()


@pytest.mark.parametrize("minutes", [0, -1, 601])
def test_minutes_have_a_range(shelf: Shelf, minutes: int) -> None:
    with pytest.raises(WishError, match="1 to 600 minutes"):
        shelf.plan(minutes)


def test_a_list_may_have_so_many_tracks_however_long_they_are(shelf: Shelf) -> None:
    shelf.add_many(12, minutes=1.0)
    found = shelf.plan(narrowing=Narrowing(tracks=7))
    assert (len(found.steps), found.asked_s) == (7, found.length_s)
    assert len(shelf.plan(narrowing=Narrowing(tracks=30)).steps) == 12


def test_genres_narrow_a_list_as_rules_do_and_the_rules_hold_still(shelf: Shelf) -> None:
    for name, genre in (
        ("a", "Jazz"),
        ("b", "Soul; Jazz"),
        ("c", "Metal"),
        ("d", "Latin Jazz"),
        ("e", "Soul"),
    ):
        shelf.add(name, genre=genre)
    assert set(names(shelf.plan(narrowing=Narrowing(genres=("jazz",))))) == {"a", "b"}
    assert set(
        names(shelf.plan(narrowing=Narrowing(genres=("*jazz", "metal"), without_genres=("soul",))))
    ) == {"a", "c", "d"}
    shelf.settings["rules"] = {"exclude": {"genres": ["metal"]}}
    assert set(names(shelf.plan(narrowing=Narrowing(genres=("metal", "soul"))))) == {"b", "e"}
    with pytest.raises(NoMusicError, match="of these genres"):
        shelf.plan(narrowing=Narrowing(genres=("polka",)))
