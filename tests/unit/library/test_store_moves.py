"""What the library keeps when files are retagged, moved, removed, and when its own format changes."""

import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from mutagen.id3 import ID3, TALB, TCOM, TIT2, TPOS, TPUB, TRCK

from player.config.settings.library import RuleSettings
from player.errors import LibraryError
from player.library.database.feedback import Feedback, Outcome
from player.library.database.schema import MIGRATIONS
from player.library.database.store import Library
from player.library.index.track_index import TrackIndex
from player.library.queries.catalogue import track_card
from player.library.rules import compile_rules
from player.library.scan.file_identity import content_hash
from player.types import Choice, Mood
from tests.unit.library import files
from tests.unit.library.database.test_store import ANALYSIS


@pytest.fixture
def song(tmp_path: Path) -> Path:
    (tmp_path / "음악").mkdir()
    path = tmp_path / "음악" / "노래.mp3"
    files.mp3(path)
    return path


@pytest.fixture
def library(tmp_path: Path, song: Path) -> Library:
    """One analysed song."""
    library = Library(tmp_path / "state" / "library.db")
    library.scan([song.parent])
    library.save(song, replace(ANALYSIS, content=content_hash(song), duration_s=0.5))
    TrackIndex(library, compile_rules(RuleSettings(), ())).now(datetime.now(UTC))  # as in a player
    return library


def test_a_retagged_file_keeps_its_analysis(library: Library, song: Path) -> None:
    (before,) = library.tracks()
    tags = ID3()
    tags.add(TIT2(encoding=3, text="봄"))
    tags.save(song)

    assert library.scan([song.parent]).changed == 1

    (after,) = library.tracks()
    assert (after.title, after.id, after.mood) == ("봄", before.id, before.mood)
    assert after.duration_s == before.duration_s, "what was heard is truer than what tags say"
    assert library.pending() == []


def test_other_sound_under_the_same_name_is_listened_to(library: Library, song: Path) -> None:
    song.write_bytes(song.read_bytes()[::-1])
    os.utime(song, ns=(5, 5))

    library.scan([song.parent])

    assert all(track.mood is None for track in library.tracks())


def test_a_moved_file_keeps_analysis_number_and_play_history(library: Library, song: Path) -> None:
    (before,) = library.tracks()
    now = datetime(2026, 5, 1, tzinfo=UTC)
    library.record_play(Choice(before, "because"), now, {})
    target = song.parent / "안" / "다른 이름.mp3"
    target.parent.mkdir()
    song.rename(target)

    report = library.scan([song.parent])

    (after,) = library.tracks()
    assert (after.path, after.id, after.mood) == (target, before.id, before.mood)
    assert (report.added, report.removed) == (1, 1)
    assert [play.track_id for play in library.recent_plays(now)] == [after.id]
    assert library.pending() == []


def test_a_folder_of_many_files_that_is_renamed_is_compared_with_itself_once(
    library: Library, song: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not every file with every other: at 20,000 of them that took minutes."""
    number = 40
    for n in range(number):
        path = files.wav(song.parent / f"{n}.wav")
        path.write_bytes(path.read_bytes()[:-1] + bytes([n]))
    library.scan([song.parent])
    for track in library.tracks():
        library.save(track.path, replace(ANALYSIS, content=content_hash(track.path), duration_s=0.1))
    before = {track.path.name: track.id for track in library.tracks()}
    moved = song.parent.with_name("moved")
    song.parent.rename(moved)
    read, rows = [0], library.database.rows

    def counted(query: str, *values: object) -> list[sqlite3.Row]:
        found = rows(query, *values)
        read[0] += len(found)
        return found

    monkeypatch.setattr(library.database, "rows", counted)
    library.scan([moved])

    assert {track.path.name: track.id for track in library.tracks()} == before
    assert len(before) == number + 1
    assert read[0] < 6 * number


def test_a_copy_is_a_track_of_its_own(library: Library, song: Path) -> None:
    (song.parent / "copy.mp3").write_bytes(song.read_bytes())

    library.scan([song.parent])

    assert len({track.id for track in library.tracks()}) == 2


@pytest.mark.parametrize("heard", [True, False])
@pytest.mark.parametrize("reset", [True, False])
def test_what_was_copied_before_the_original_went_has_what_was_said_of_it(
    heard: bool, reset: bool, library: Library, song: Path
) -> None:
    """As a move to another disk does it, with a scan in the middle."""
    (track,) = library.tracks()
    now = datetime.now(UTC)
    play = library.record_play(Choice(track, ""), now, {})
    library.feedback.add(Feedback(track.id, now, Outcome.LIKED, "day", None, play))
    library.correct_mood(track.id, Mood(0.5, -0.5, {}))
    copy = song.parent / "copy.mp3"
    shutil.copy2(song, copy)
    library.scan([song.parent])
    if heard:
        library.save(copy, replace(ANALYSIS, content=content_hash(copy), duration_s=0.5))
    song.unlink()
    library.scan([song.parent])

    (there,) = library.tracks()
    assert there.mood is not None
    assert (there.mood.valence, there.id == track.id) == (0.5, False)
    if reset:  # what is said of the copy goes before what was said of the original
        library.correct_mood(there.id, None)
    assert library.forget_missing(now + timedelta(days=1)) == 1
    (after,) = library.tracks()
    assert (after.mood is not None and after.mood.valence == 0.5) is not reset
    assert library.feedback.count() == 1
    past = library.feedback.past_play(play)
    assert past is not None
    assert past.track_id == there.id
    assert [row[0] for row in library.database.rows("SELECT track_id FROM feedback")] == [there.id]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"1": 5}, {"1": 9, "2": 5}),
        ({"2": 5}, {"1": 5, "2": 9}),
        ({"1": 5, "2": 9}, {"1": 9, "2": 5}),
        ({"1": 5, "2": 9, "3": 13}, {"1": 9, "2": 13}),
        ({"1": 9, "2": 13}, {"1": 5, "2": 9, "3": 13}),
        ({"1": 5, "2": 9}, {"1": 9, "0": 13}),
    ],
    ids=["new before", "new behind", "swapped", "first gone", "new first", "gone"],
)
def test_renumbered_files_keep_what_was_said_of_their_songs(
    before: dict[str, float], after: dict[str, float], tmp_path: Path
) -> None:
    """Songs are told by their lengths here."""
    music = tmp_path / "music"
    music.mkdir()
    library = Library(tmp_path / "library.db")

    def scan(named: dict[str, float]) -> dict[float, tuple[int, float | None]]:
        """Of each song its number and what was said of it, once all were listened to."""
        for path in music.iterdir():
            path.unlink()
        for name, seconds in named.items():
            os.utime(files.wav(music / f"{name}.wav", seconds), ns=(5, int(seconds)))
        library.scan([music])
        for path in library.pending():
            seconds = named[path.stem]
            library.save(path, replace(ANALYSIS, content=content_hash(path), duration_s=seconds))
        return {track.duration_s: (track.id, track.mood and track.mood.valence) for track in library.tracks()}

    for seconds, (number, _) in scan(before).items():
        library.correct_mood(number, Mood(seconds / 20, 0.5, {}))
    known = scan(before)

    now = scan(after)

    assert {seconds: now[seconds] for seconds in now.keys() & known.keys()} == {
        seconds: known[seconds] for seconds in now.keys() & known.keys()
    }
    assert now.keys() == set(after.values())
    assert {now[seconds][1] for seconds in now.keys() - known.keys()} <= {ANALYSIS.valence}
    assert scan(before) == known, "and back again"


def test_a_song_that_was_encoded_again_keeps_what_was_said_of_it(library: Library, song: Path) -> None:
    (before,) = library.tracks()
    library.correct_mood(before.id, Mood(0.5, -0.5, {}))
    files.wav(song, 0.5)
    library.scan([song.parent])
    (after,) = library.tracks()
    assert after.mood is not None
    assert (after.id, after.mood.valence) == (before.id, 0.5)


def test_what_was_said_of_a_song_holds_for_no_other(library: Library, song: Path) -> None:
    (track,) = library.tracks()
    other = song.parent / "other.mp3"
    os.utime(files.mp3(other), ns=(song.stat().st_atime_ns, song.stat().st_mtime_ns))
    library.scan([song.parent])
    library.save(other, replace(ANALYSIS, content="other", duration_s=0.5))
    library.correct_mood(track.id, Mood(0.5, -0.5, {}))
    song.unlink()
    library.scan([song.parent])
    library.forget_missing(datetime.now(UTC) + timedelta(days=1))
    assert library.database.rows("SELECT own_valence FROM tracks")[0][0] is None


@pytest.mark.parametrize(
    ("named", "same"), [(["moved"], True), (["moved", "too"], False)], ids=["alone", "with its double"]
)
def test_a_file_that_nobody_has_heard_is_known_by_its_size_and_time(
    named: list[str], same: bool, tmp_path: Path
) -> None:
    music = tmp_path / "music"
    music.mkdir()
    for name in named:
        os.utime(files.wav(music / f"{name}.wav"), ns=(5, 5))
    library = Library(tmp_path / "library.db")
    library.scan([music])
    before = {track.id for track in library.tracks()}
    for number in before:
        library.correct_mood(number, Mood(0.5, -0.5, {}))
    for name in named:
        (music / f"{name}.wav").rename(music / f"{name} elsewhere.wav")
    library.scan([music])
    assert ({track.id for track in library.tracks()} == before) is same
    assert all((track.mood is not None) is same for track in library.tracks())


def test_what_is_gone_for_long_is_forgotten_but_not_what_lies_on_a_missing_disk(
    library: Library, song: Path, tmp_path: Path
) -> None:
    (track,) = library.tracks()
    library.feedback.add(Feedback(track.id, datetime.now(UTC), Outcome.LIKED, "day", None))
    song.rename(tmp_path / "away.mp3")
    library.scan([song.parent])
    soon, late = (datetime.now(UTC) + timedelta(days=days) for days in (-1, 1))

    assert library.forget_missing(soon) == 0
    assert library.forget_missing(late, spared=[song.parent]) == 0
    assert library.forget_missing(late) == 1

    (tmp_path / "away.mp3").rename(song)
    library.scan([song.parent])
    assert library.pending() == [song], "it comes back as a stranger"


def test_the_plays_of_what_was_forgotten_are_no_other_tracks(
    library: Library, song: Path, tmp_path: Path
) -> None:
    """The number is given out again."""
    (track,) = library.tracks()
    began = datetime.now(UTC) - timedelta(days=40)
    play = library.record_play(Choice(track, ""), began, {"aim": [10**400, 0]})
    song.unlink()
    library.scan([song.parent])
    assert library.forget_missing(datetime.now(UTC) + timedelta(days=1)) == 1
    files.flac(song.parent / "new.flac")
    library.scan([song.parent])
    (new,) = library.tracks()

    past = library.feedback.past_play(play)
    assert past is not None
    assert past.track_id is None
    card = track_card(tmp_path / "state" / "library.db", new.id, compile_rules(RuleSettings(), ()), UTC)
    assert (new.id, card.plays, library.feedback.last_play(new.id)) == (track.id, 0, None)
    assert [played.track_id for played in library.recent_plays(began)] == [0], "the history stays"


def test_an_earlier_versions_plays_lose_the_numbers_of_what_it_forgot(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    with closing(Library(path)) as library:
        files.flac(tmp_path / "a.flac")
        library.scan([tmp_path])
        (track,) = library.tracks()
        for number in (track.id, track.id + 1):
            library.record_play(Choice(replace(track, id=number), ""), datetime.now(UTC), {})
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 7")
    with closing(Library(path)) as library:
        rows = library.database.rows("SELECT track_id FROM plays ORDER BY id")
        assert [row[0] for row in rows] == [track.id, None]


def test_what_went_missing_in_1970_has_not_been_gone_for_long(library: Library, song: Path) -> None:
    """A machine without a clock starts there, perhaps before its disk is mounted."""
    song.unlink()
    library.scan([song.parent])
    library.database.write("UPDATE tracks SET missing_since = 60")
    now = datetime.now(UTC)
    assert library.forget_missing(now - timedelta(days=30), (), datetime(2026, 1, 1, tzinfo=UTC)) == 0
    assert library.forget_missing(now + timedelta(days=1), (), datetime(2026, 1, 1, tzinfo=UTC)) == 1


def test_before_a_migration_the_database_is_copied(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    old = sqlite3.connect(path)
    old.executescript(f"{MIGRATIONS[0]}; PRAGMA user_version = 1;")
    old.execute(
        "INSERT INTO tracks (path, size, mtime_ns, title, artist, album, genre, duration_s, valence, energy,"
        " quadrant, moods, loudness_lufs, peak_dbfs)"
        " VALUES ('/m/가.mp3', 1, 2, '가', 'A', '', '', 3, 0.5, 0.25, 'Q1', '{\"joyful\": 1.0}', -12, -1)"
    )
    old.execute(
        "INSERT INTO plays (path, title, artist, started_at, why) VALUES ('/m/가.mp3', '가', 'A', 7, '{}')"
    )
    old.commit()
    old.close()

    library = Library(path)

    (track,) = library.tracks()
    assert track.mood is not None
    assert (track.mood.valence, track.loudness_lufs, track.peak_dbfs) == (0.5, -12, -1)
    assert library.pending() == [track.path], "it is listened to again, for what is new"
    (play,) = library.recent_plays(datetime.fromtimestamp(0, UTC))
    assert play.track_id == track.id
    kept = sqlite3.connect(tmp_path / "library.db.version-1")
    assert kept.execute("SELECT present FROM tracks").fetchall() == [(1,)]
    kept.close()


def test_a_new_database_leaves_no_copy(tmp_path: Path) -> None:
    Library(tmp_path / "library.db").close()
    Library(tmp_path / "library.db").close()
    assert not list(tmp_path.glob("*.version-*"))


def test_a_migration_that_fails_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "library.db"
    Library(path).close()
    monkeypatch.setattr(
        "player.library.database.schema.MIGRATIONS", (*MIGRATIONS, "CREATE TABLE x (y); NONSENSE")
    )

    with pytest.raises(LibraryError):
        Library(path)

    monkeypatch.undo()
    assert Library(path).tracks() == []


def test_the_rest_of_an_unfinished_copy_is_listened_to(library: Library, song: Path) -> None:
    """Its beginning, of which the hash is made, was there before."""
    library.save(song, replace(ANALYSIS, content=content_hash(song), duration_s=400.0))
    os.utime(song, ns=(5, 5))

    library.scan([song.parent])

    assert library.pending() == [song]


@pytest.mark.parametrize("more", [b"", b"TAG" + bytes(125)])
def test_a_new_file_of_another_length_and_size_is_not_the_missing_one(
    more: bytes, library: Library, song: Path
) -> None:
    """Of the same size it is: in an MP3 of variable rate without a header its tags' length is a guess."""
    (before,) = library.tracks()
    library.save(song, replace(ANALYSIS, content=content_hash(song), duration_s=400.0))
    song.rename(song.with_name("b.mp3"))
    with song.with_name("b.mp3").open("ab") as file:
        file.write(more)

    library.scan([song.parent])

    (after,) = library.tracks()
    assert (after.id == before.id) is (more == b"")


def test_what_lies_in_the_place_of_the_copy_does_not_cost_the_library(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    old = sqlite3.connect(path)
    old.executescript(f"{MIGRATIONS[0]}; PRAGMA user_version = 1;")
    old.execute(
        "INSERT INTO tracks (path, size, mtime_ns, title, artist, album, genre, duration_s)"
        " VALUES ('/m/a.mp3', 1, 2, 'a', '', '', '', 3)"
    )
    old.commit()
    old.close()
    (tmp_path / "library.db.version-1").write_bytes(b"an interrupted copy" * 500)

    library = Library(path)

    assert [track.title for track in library.tracks()] == ["a"]
    assert not list(tmp_path.glob("*.corrupt-*"))


def numbered(path: Path, track: str, disc: str) -> Path:
    tags = ID3()
    for frame in (TALB(3, "앨범"), TRCK(3, track), TPOS(3, disc)):
        tags.add(frame)
    tags.save(files.mp3(path))
    return path


OLD = """
    INSERT INTO tracks (id, path, size, mtime_ns, content, missing_since, unreadable, title, artist, album,
        genre, duration_s, tag_lufs, analysis_version, valence, energy, confidence, quadrant, moods,
        loudness_lufs, true_peak_dbtp, tempo_bpm, key, music_start_s, music_end_s, fade_out_s, embedding,
        given_valence, given_energy, given_moods)
    VALUES (?, ?, ?, ?, ?, ?, ?, 't', 'a', '앨범', 'g', 9.5, -9, 2, 0.5, 0.25, 0.75, 'Q1', '{"joyful": 1.0}',
        -12, -1, 120, 'A minor', 0.5, 9, 8, x'0102', 0.1, 0.2, '{"calm": 1.0}')
"""


def old_library(path: Path, *rows: tuple[object, ...]) -> None:
    """A database of the version before tracks had numbers, with what was analysed, learnt and played."""
    with sqlite3.connect(path) as old:
        old.executescript(f"{''.join(MIGRATIONS[:3])}; PRAGMA user_version = 3;")
        for row in rows:
            old.execute(OLD, row)
        old.execute(
            "INSERT INTO plays (path, title, artist, started_at, ended_at, audible, why, track_id)"
            " VALUES ('/m/a', 't', 'a', 7, 8, 1, '{}', 1)"
        )
        old.execute("INSERT INTO feedback VALUES (1, 1, 5, 'liked', 'noon', 0.1, 0.2)")
        old.execute("INSERT INTO mood_tags VALUES (1, 'lastfm', 'mellow', 0.5)")
    old.close()


def contents(path: Path) -> dict[str, list[dict[str, object]]]:
    database = sqlite3.connect(path)
    database.row_factory = sqlite3.Row
    tables = ("tracks", "plays", "feedback", "mood_tags")
    found = {table: [dict(row) for row in database.execute(f"SELECT * FROM {table}")] for table in tables}
    database.close()
    return found


def test_a_library_from_before_tracks_had_numbers_gets_them_at_the_next_scan(tmp_path: Path) -> None:
    music, path = tmp_path / "음악", tmp_path / "library.db"
    music.mkdir()
    first = numbered(music / "1.mp3", "1/9", "2/2")
    second = numbered(music / "2.mp3", "2/9", "2/2")
    torn = music / "3.mp3"
    torn.write_text("no music")
    places = [(str(p), p.stat().st_size, p.stat().st_mtime_ns) for p in (first, second, torn)]
    old_library(
        path,
        (1, *places[0], content_hash(first), None, None),
        (2, *places[1], None, 5.0, None),  # analysed before sound was hashed; its disk was away
        (3, *places[2], None, None, "it crackles"),
        (4, "/elsewhere/4.mp3", 1, 2, "abc", 5.0, None),
    )
    before = contents(path)
    library = Library(path)

    report = library.scan([music])

    assert (report.changed, report.removed) == (0, 0)
    assert report.unreadable == [(torn, "it crackles")]
    one, two = sorted(library.tracks(), key=lambda track: track.id)
    assert [(t.id, t.track_no, t.disc_no) for t in (one, two)] == [(1, 1, 2), (2, 2, 2)]
    assert two.follows(one)
    seen: list[tuple[int, int]] = []
    library.scan([music], lambda done, total: seen.append((done, total)))
    assert seen == [(3, 3)], "they are opened once"
    library.close()
    after = contents(path)
    before["tracks"][1]["missing_since"] = None
    for row in before["tracks"][:2]:  # what tags say is read again: an earlier version may have misread it
        row |= {"title": Path(str(row["path"])).stem, "artist": "", "genre": ""}
    for table, rows in before.items():
        assert len(rows) == len(after[table])
        for row, now in zip(rows, after[table], strict=True):
            assert row == {name: now[name] for name in row}, table


def test_after_the_update_every_file_is_listened_to_again_and_serves_meanwhile(tmp_path: Path) -> None:
    music, path = tmp_path / "music", tmp_path / "library.db"
    music.mkdir()
    song = numbered(music / "1.mp3", "1", "1")
    old_library(path, (1, str(song), song.stat().st_size, song.stat().st_mtime_ns, "abc", None, None))
    library = Library(path)
    library.scan([music])

    assert library.pending() == [song]
    (meanwhile,) = library.tracks()
    assert (meanwhile.mood, meanwhile.fade_out_s) == (Mood(0.1, 0.2, {"calm": 1.0}), 8)
    assert (meanwhile.silences, meanwhile.rests) == ((), ())

    library.save(song, replace(ANALYSIS, silences=((3.0, 5.5),), rests=(1.25, 4.25)))

    assert library.pending() == []
    (track,) = library.tracks()
    assert (track.silences, track.rests) == (((3.0, 5.5),), (1.25, 4.25))
    assert track.track_no == 1


def test_other_sound_has_other_pauses(library: Library, song: Path) -> None:
    library.save(song, replace(ANALYSIS, content="another", silences=((0.1, 0.2),), rests=(0.15,)))
    os.utime(song, ns=(5, 5))

    library.scan([song.parent])

    (track,) = library.tracks()
    assert (track.mood, track.silences, track.rests) == (None, (), ())


def test_new_numbers_in_the_tags_are_read(library: Library, song: Path) -> None:
    library.save(song, replace(ANALYSIS, content=content_hash(song), duration_s=0.5, rests=(0.15,)))
    tags = ID3()
    tags.add(TRCK(3, "5"))
    tags.save(song)

    library.scan([song.parent])

    (track,) = library.tracks()
    assert (track.track_no, track.disc_no, track.rests) == (5, 0, (0.15,))


def test_files_are_opened_once_more_for_their_credits(tmp_path: Path) -> None:
    """By the version that first looks for them; what was analysed and corrected stays."""
    music, path = tmp_path / "music", tmp_path / "library.db"
    music.mkdir()
    song = numbered(music / "1.mp3", "1", "1")
    tags = ID3(song)
    tags.add(TCOM(3, ["A", "B"]))
    tags.add(TPUB(3, "Label"))
    tags.save(song)
    library = Library(path)
    library.scan([music])
    library.save(song, ANALYSIS)
    library.database.write("UPDATE tracks SET composer = NULL, label = NULL, names = NULL")
    version = library.tracks()[0]
    assert (version.composer, version.label) == ("", "")

    seen: list[tuple[int, int]] = []
    library.scan([music])
    (track,) = library.tracks()
    assert (track.composer, track.label, track.mood) == ("A; B", "Label", version.mood)
    library.scan([music], lambda done, total: seen.append((done, total)))
    assert seen == [(1, 1)], "they are opened once"
    assert library.database.rows("SELECT names FROM tracks")[0][0] == "\n1\n앨범\n"
    library.close()
