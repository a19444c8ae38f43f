"""Tags of small files, complete, missing and mistaken."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mutagen.apev2 import APEv2
from mutagen.flac import FLAC
from mutagen.id3 import ID3, TALB, TCOM, TCON, TIT2, TPE1, TPOS, TPUB, TRCK, TSRC, TXXX, Encoding
from mutagen.mp4 import MP4
from mutagen.oggopus import OggOpus
from mutagen.wave import WAVE

from player.audio import joined
from player.errors import AudioFileError
from player.library.scan.old_text import meant as together
from player.library.scan.tags import read_track
from tests.support.library_audio import encode, sine
from tests.unit.library import files


@pytest.mark.parametrize(("make", "duration_s"), [(files.wav, 0.1), (files.mp3, 0.26), (files.flac, 2.0)])
def test_without_tags_the_file_name_is_the_title(
    tmp_path: Path, make: Callable[[Path], Path], duration_s: float
) -> None:
    folder = tmp_path / "calm"
    folder.mkdir()

    track = read_track(make(folder / f"밤의 노래.v2.{make.__name__}"))

    assert (track.title, track.artist, track.album, track.genre) == ("밤의 노래.v2", "", "", "")
    assert track.duration_s == pytest.approx(duration_s, abs=0.01)
    assert (track.mood, track.loudness_lufs, track.peak_dbfs) == (None, None, None)


@pytest.mark.parametrize(("make", "looks"), [(files.wav, 0), (files.flac, 0), (files.mp3, 1)])
def test_what_can_be_no_joined_file_is_not_opened_once_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], Path], looks: int
) -> None:
    looked: list[Path] = []
    real = joined.length_s
    monkeypatch.setattr(joined, "length_s", lambda path: looked.append(path) or real(path))
    read_track(make(tmp_path / f"a.{make.__name__}"))
    assert len(looked) == looks


def test_id3_in_mp3_and_wav(tmp_path: Path) -> None:
    mp3, wav = files.mp3(tmp_path / "a.mp3"), files.wav(tmp_path / "a.wav")
    frames = [
        TIT2(Encoding.UTF8, "봄날"),
        TPE1(Encoding.UTF16, ["방탄소년단", "another"]),
        TALB(Encoding.UTF8, "  "),
        TCON(Encoding.UTF8, "(17)"),
        TXXX(Encoding.UTF8, "REPLAYGAIN_TRACK_GAIN", "-7.25 dB"),
        TXXX(Encoding.UTF8, "replaygain_track_peak", "0.5"),
    ]
    id3 = ID3()
    file = WAVE(wav)
    file.add_tags()
    for frame in frames:
        id3.add(frame)
        file.tags.add(frame)
    id3.save(mp3)
    file.save()

    for path in (mp3, wav):
        track = read_track(path)
        assert (track.title, track.artist, track.album, track.genre) == ("봄날", "방탄소년단", "", "Rock")
        assert track.loudness_lufs == pytest.approx(-10.75)
        assert track.peak_dbfs == pytest.approx(-6.02, abs=0.01)


@pytest.mark.parametrize(
    ("comments", "lufs", "peak_dbfs"),
    [
        ({"REPLAYGAIN_TRACK_GAIN": "+3.5 dB", "REPLAYGAIN_TRACK_PEAK": "1"}, -21.5, 0.0),
        ({"replaygain_track_gain": "0"}, -18.0, None),
        ({"R128_TRACK_GAIN": "-1280"}, -18.0, None),
        ({"R128_TRACK_GAIN": "256", "REPLAYGAIN_TRACK_GAIN": "9 dB"}, -24.0, None),
        ({"R128_TRACK_GAIN": "32767", "REPLAYGAIN_TRACK_GAIN": "9 dB"}, -27.0, None),
        ({"REPLAYGAIN_TRACK_GAIN": "loud", "REPLAYGAIN_TRACK_PEAK": "0"}, None, None),
        ({"REPLAYGAIN_TRACK_GAIN": "-999 dB", "REPLAYGAIN_TRACK_PEAK": "99"}, None, None),
    ],
)
def test_loudness_from_gain_tags(
    tmp_path: Path, comments: dict[str, str], lufs: float | None, peak_dbfs: float | None
) -> None:
    file = FLAC(files.flac(tmp_path / "a.flac"))
    file.update(comments)
    file.save()

    track = read_track(tmp_path / "a.flac")

    assert track.loudness_lufs == (None if lufs is None else pytest.approx(lufs))
    assert track.peak_dbfs == (None if peak_dbfs is None else pytest.approx(peak_dbfs))


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("사랑".encode("euc_kr").decode("latin-1"), "사랑"),
        ("IU - 좋은 날".encode("euc_kr").decode("latin-1"), "IU - 좋은 날"),
        ("Björk", "Björk"),
        ("Sigur Rós – Ágætis byrjun", "Sigur Rós – Ágætis byrjun"),
        ("größer", "größer"),
        ("Plain", "Plain"),
        ("아이유", "아이유"),
    ],
)
def test_old_korean_tags_are_repaired_and_others_left(read: str, meant: str) -> None:
    assert together({"title": read}) == {"title": meant}


def test_old_korean_tags_in_a_file(tmp_path: Path) -> None:
    id3 = ID3()
    id3.add(TIT2(Encoding.LATIN1, "옛 노래".encode("euc_kr").decode("latin-1")))
    id3.save(files.mp3(tmp_path / "old.mp3"))

    assert read_track(tmp_path / "old.mp3").title == "옛 노래"


@pytest.mark.parametrize(
    "content", [b"", b"just some text\n" * 100, b"ID3", b"fLaC", b"OggS" + bytes(50), b"RIFF"]
)
@pytest.mark.parametrize("suffix", ["mp3", "flac", "ogg", "opus", "m4a", "wav"])
def test_no_music_is_one_error(tmp_path: Path, suffix: str, content: bytes) -> None:
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(content)

    with pytest.raises(AudioFileError, match=r"a\.\w+"):
        read_track(path)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(AudioFileError):
        read_track(tmp_path / "gone.mp3")


@pytest.mark.parametrize(
    ("name", "value", "explicit"),
    [
        ("ITUNESADVISORY", "1", True),
        ("ITUNESADVISORY", "2", False),
        ("Explicit", "Yes", True),
        ("x", "1", False),
    ],
)
def test_explicit_in_id3(tmp_path: Path, name: str, value: str, explicit: bool) -> None:
    path = files.mp3(tmp_path / "a.mp3")
    tags = ID3()
    tags.add(TXXX(Encoding.UTF8, name, value))
    tags.save(path)

    assert read_track(path).explicit is explicit


@pytest.mark.parametrize(
    ("frame", "explicit"),
    [
        (TIT2(Encoding.UTF8, "Song [Explicit]"), True),
        (TIT2(Encoding.UTF8, "Song (explicit version)"), True),
        (TALB(Encoding.UTF8, "Album [Explicit]"), True),
        (TIT2(Encoding.UTF8, "Song [Non-Explicit]"), False),
        (TIT2(Encoding.UTF8, "Explicit"), False),
        (TIT2(Encoding.UTF8, "Song (Explicitly Yours)"), False),
    ],
)
def test_a_title_or_an_album_that_is_marked_in_brackets_is_explicit(
    frame: TIT2 | TALB, explicit: bool, tmp_path: Path
) -> None:
    path = files.mp3(tmp_path / "a.mp3")
    tags = ID3()
    tags.add(frame)
    tags.save(path)

    assert read_track(path).explicit is explicit


PLACES = [
    ("3", "1", (3, 1)),
    ("03/12", "2/2", (3, 2)),
    (" 7 ", "", (7, 0)),
    ("A1", "vinyl", (0, 0)),
    ("0/0", "-1", (0, 0)),
    ("99999999999999999999999", "10000", (0, 0)),
    ("9999", "2.0", (9999, 2)),
]


@pytest.mark.parametrize(("track", "disc", "place"), PLACES)
def test_the_place_on_an_album(tmp_path: Path, track: str, disc: str, place: tuple[int, int]) -> None:
    vorbis = FLAC(files.flac(tmp_path / "a.flac"))
    vorbis.update({"TRACKNUMBER": track, "DISCNUMBER": disc})
    vorbis.save()
    id3 = ID3()
    id3.add(TRCK(Encoding.LATIN1, track))
    id3.add(TPOS(Encoding.UTF8, disc))
    id3.save(files.mp3(tmp_path / "a.mp3"))

    for name in ("a.flac", "a.mp3"):
        read = read_track(tmp_path / name)
        assert (read.track_no, read.disc_no) == place, name


def test_without_a_number_the_place_is_unknown(tmp_path: Path) -> None:
    read = read_track(files.flac(tmp_path / "03 song.flac"))
    assert (read.track_no, read.disc_no) == (0, 0)


def credits_of(path: Path) -> tuple[str, str, str]:
    track = read_track(path)
    return track.composer, track.label, track.recording_ids[1]


def test_credits_in_id3(tmp_path: Path) -> None:
    path, id3 = files.mp3(tmp_path / "a.mp3"), ID3()
    for frame in (
        TCOM(3, ["윤이상", " B ", "윤이상"]),
        TPUB(3, "Label\nRecords"),
        TSRC(3, "US-RC1-76-07839"),
    ):
        id3.add(frame)
    id3.save(path)
    assert credits_of(path) == ("윤이상; B", "Label; Records", "USRC17607839")


def test_a_field_named_label_goes_before_the_publisher(tmp_path: Path) -> None:
    path, id3 = files.mp3(tmp_path / "a.mp3"), ID3()
    for frame in (TPUB(3, "Publisher"), TXXX(3, "LABEL", "Label")):
        id3.add(frame)
    id3.save(path)
    assert credits_of(path) == ("", "Label", "")


@pytest.mark.parametrize("name", ["LABEL", "Organization", "publisher"])
def test_credits_in_vorbis_comments(tmp_path: Path, name: str) -> None:
    path = files.flac(tmp_path / "a.flac")
    file = FLAC(path)
    file["COMPOSER"], file[name], file["isrc"] = ["A", "B"], ["L", "M"], "usrc17607839"
    file.save()
    assert credits_of(path) == ("A; B", "L", "USRC17607839")


def test_credits_in_opus(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.opus", sine(0.1, -20))
    file = OggOpus(path)
    file["composer"], file["label"] = "A", "L"
    file.save()
    assert credits_of(path) == ("A", "L", "")


def test_credits_in_mp4(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.m4a", sine(0.1, -20))
    file = MP4(path)
    file["\xa9wrt"], file["----:com.apple.iTunes:LABEL"] = ["A", "B"], [b"L\xc3\xa4bel"]
    file["----:com.apple.iTunes:ISRC"] = [b"USRC17607839"]
    file.save()
    assert credits_of(path) == ("A; B", "Läbel", "USRC17607839")


@pytest.mark.parametrize("atoms", [{}, {"\xa9ART": [""], "\xa9alb": [" "], "rtng": [0], "trkn": [(0, 12)]}])
def test_free_form_tags_in_mp4_stand_in_for_atoms_that_say_nothing(
    tmp_path: Path, atoms: dict[str, list[Any]]
) -> None:
    path = encode(tmp_path / "a.m4a", sine(0.1, -20))
    file = MP4(path)
    file.update(atoms)
    said = {"ARTIST": b"A", "ALBUM": b"B", "GENRE": b"Jazz", "TRACKNUMBER": b"3", "ITUNESADVISORY": b"1"}
    for name, value in said.items():
        file[f"----:com.apple.iTunes:{name}"] = [value]
    file.save()
    track = read_track(path)
    assert (track.artist, track.album, track.genre, track.track_no) == ("A", "B", "Jazz", 3)
    assert track.explicit
    file["\xa9ART"], file["rtng"] = ["C"], [2]
    file.save()
    track = read_track(path)
    assert (track.artist, track.explicit) == ("C", False), "an atom goes before"


def test_credits_in_apev2(tmp_path: Path) -> None:
    path = files.mp3(tmp_path / "a.mp3")
    tag = APEv2()
    tag["Composer"], tag["Label"], tag["ISRC"] = ["A", "B"], "L", "USRC17607839"
    tag.save(path)
    assert credits_of(path) == ("A; B", "L", "USRC17607839")


def test_a_credit_is_no_novel(tmp_path: Path) -> None:
    path, id3 = files.mp3(tmp_path / "a.mp3"), ID3()
    id3.add(TCOM(3, ["x" * 100_000]))
    id3.add(TPUB(3, " \n "))
    id3.save(path)
    composer, label, _ = credits_of(path)
    assert (len(composer), label) == (500, "")
