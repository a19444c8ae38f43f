"""Which files hold the same sound, and what their tags say, on files of every container made here."""

import shutil
from pathlib import Path

import mutagen
import numpy as np
import pytest
from mutagen.id3 import ID3, TIT2

from player.library.analysis.analysis_process import record
from player.library.database.store import Library
from player.library.scan.file_identity import content_hash
from player.library.scan.tags import read_track
from player.types import Mood
from tests.support.library_audio import CODECS, FLAT, RATE_HZ, encode, encode_channels, sine


def noise(seconds: float) -> np.ndarray:
    return (0.1 * np.random.default_rng(1).standard_normal(int(seconds * RATE_HZ))).astype(np.float32)


@pytest.mark.parametrize("suffix", CODECS)
def test_new_tags_and_another_name_leave_the_sound_the_same(tmp_path: Path, suffix: str) -> None:
    path = encode(tmp_path / f"a{suffix}", noise(3), tags={"title": "Before"})
    before = content_hash(path)
    other = Path(shutil.copy(path, tmp_path / f"나{suffix}"))
    if suffix == ".wav":
        file = mutagen.File(other)
        file.add_tags()
        file.tags.add(TIT2(encoding=3, text="뒤" * 5000))
    else:
        file = mutagen.File(other, easy=True)
        file["title"] = "뒤" * 5000
    file.save()

    assert other.stat().st_size > path.stat().st_size + 4000
    assert content_hash(other) == before != ""


@pytest.mark.parametrize("suffix", CODECS)
def test_other_sound_is_another_track(tmp_path: Path, suffix: str) -> None:
    silence = np.zeros(4 * RATE_HZ, np.float32)
    paths = [
        encode(tmp_path / f"{name}{suffix}", sound)
        for name, sound in (
            ("a", noise(3)),
            ("b", sine(3, -6)),
            ("c", np.concatenate([silence, noise(1)])),
            ("d", np.concatenate([silence, noise(2)])),
        )
    ]
    assert len({content_hash(path) for path in paths}) == 4


def test_an_id3_tag_at_the_end_does_not_count(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.mp3", noise(3))
    before = content_hash(path)
    ID3().save(path, v1=2)
    assert content_hash(path) == before


def test_what_is_no_music_has_none(tmp_path: Path) -> None:
    (tmp_path / "a.mp3").write_bytes(b"nothing of the kind")
    assert content_hash(tmp_path / "a.mp3") == content_hash(tmp_path / "b.mp3") == ""


@pytest.mark.parametrize(("rating", "explicit"), [(1, True), (4, True), (2, False), (0, False)])
def test_itunes_rating_makes_a_track_explicit(tmp_path: Path, rating: int, explicit: bool) -> None:
    path = encode(tmp_path / "a.m4a", sine(1, -6))
    file = mutagen.File(path)
    file["rtng"] = [rating]
    file.save()
    assert read_track(path).explicit is explicit


@pytest.mark.parametrize(
    ("numbers", "place"),
    [
        ({"trkn": [(3, 12)], "disk": [(2, 2)]}, (3, 2)),
        ({"trkn": [(7, 0)]}, (7, 0)),
        ({"trkn": [(0, 0)], "disk": [(0, 0)]}, (0, 0)),
        ({}, (0, 0)),
    ],
)
def test_the_place_on_an_album_in_mp4(
    tmp_path: Path, numbers: dict[str, list[tuple[int, int]]], place: tuple[int, int]
) -> None:
    path = encode(tmp_path / "a.m4a", sine(1, -6))
    file = mutagen.File(path)
    file.update(numbers)
    file.save()
    read = read_track(path)
    assert (read.track_no, read.disc_no) == place


@pytest.mark.parametrize("suffix", [suffix for suffix in CODECS if suffix != ".wav"])
def test_the_place_on_an_album_as_ffmpeg_writes_it(tmp_path: Path, suffix: str) -> None:
    read = read_track(encode(tmp_path / f"a{suffix}", sine(1, -6), tags={"track": "3/12", "disc": "2"}))
    assert (read.track_no, read.disc_no) == (3, 2)


def test_an_earlier_version_s_library_is_all_heard_again_and_its_owner_s_word_stays(tmp_path: Path) -> None:
    """The head reads moods otherwise, of stereo files too; what is known meanwhile goes on being used."""
    (tmp_path / "music").mkdir()
    encode(tmp_path / "music" / "stereo.flac", sine(1.0, -20.0))
    encode_channels(tmp_path / "music" / "mono.flac", [sine(1.0, -20.0)], "mono")
    library = Library(tmp_path / "library.db")
    library.scan([tmp_path / "music"])
    for path in library.pending():
        library.save(path, record(FLAT))
    library.database.write("UPDATE tracks SET analysis_version = 4")
    corrected = library.tracks()[0]
    library.correct_mood(corrected.id, Mood(valence=-0.5, energy=0.75, moods={}))

    again = library.pending()
    assert [path.stem for path in again] == ["mono", "stereo"]
    assert library.pending(unheard=True) == [], "new files come before them, and they play on at once"
    for path in again:
        library.save(path, record(FLAT))

    assert library.pending() == []
    (found,) = (track for track in library.tracks() if track.id == corrected.id)
    assert found.mood is not None
    assert (found.mood.valence, found.mood.energy) == (-0.5, 0.75)
    library.close()


def test_every_name_in_mp4(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.m4a", sine(1, -6))
    file = mutagen.File(path)
    file.update({"\xa9ART": ["A feat. B", "C"], "aART": ["D"], "\xa9gen": ["Pop/Rock", "Jazz"]})
    file["----:com.apple.iTunes:ARTISTS"] = [b"E", b"F"]
    file.save()
    read = read_track(path)
    assert {*"abcdef"} <= set(read.artists)
    assert {"pop", "rock", "jazz"} <= set(read.genres)
    assert (read.artist, read.genre) == ("A feat. B", "Pop/Rock")
