"""The files that entries of playlists lead to, however they are written, and what is said of the others."""

import os
import time
import unicodedata
from pathlib import Path

import pytest

from player.config.settings.library import LibrarySettings, PlaylistSettings
from player.library.configured_playlists import missing_entries, named_music
from player.library.database.store import Library
from player.library.scan.entry_finder import Finder
from player.library.scan.playlists import read_playlist
from player.types import Mood
from tests.unit.library import files

SONG = "Café 100% – 노래 ñ.mp3"


@pytest.fixture
def music(tmp_path: Path) -> Path:
    """A music folder with a song, and beside it a folder for playlists."""
    song = tmp_path / "Music" / "Sigur Rós" / "Café.mp3"
    song.parent.mkdir(parents=True)
    song.touch()
    (tmp_path / "Lists").mkdir()
    return tmp_path / "Music"


def found(music: Path, entry: str | bytes, *, lists: str = "Lists", name: str = "a.m3u") -> list[Path]:
    """What the entry of a playlist leads to, below the music folder."""
    playlist = music.parent / lists / name
    line = entry if isinstance(entry, bytes) else entry.encode()
    playlist.write_bytes(b"[playlist]\nFile1=" + line if name.endswith("pls") else line + b"\n")
    entries = read_playlist(playlist, Finder([music]))
    return [
        entry.source.relative_to(music)
        for entry in entries
        if isinstance(entry.source, Path) and not entry.missing
    ]


CAFE = Path("Sigur Rós/Café.mp3")
HERE = "../Music/Sigur Rós/Café.mp3"
ESCAPED = "Sigur%20R%C3%B3s/Caf%C3%A9.mp3"


@pytest.mark.parametrize(
    "entry",
    [
        HERE, f"  {HERE} ", f'"{HERE}"', HERE.upper(), HERE.lower(), unicodedata.normalize("NFD", HERE),
        unicodedata.normalize("NFD", HERE.upper()), HERE.replace("/", "\\"), f"../Music/{ESCAPED}",
        f"..\\Music\\{ESCAPED}", "../Music/Sigur%20R%F3s/Caf%E9.mp3",
        "../Music/Sigur%2520R%25C3%25B3s/Caf%25C3%25A9.mp3",
        "./.././Music//Sigur Rós/../Sigur Rós/Café.mp3", f"file:../Music/{ESCAPED}",
        "C:\\Users\\me\\Music\\Sigur Rós\\Café.mp3", "C:/Users/me/Music/Sigur Rós/Café.mp3",
        "d:Sigur Rós\\Café.mp3",
        "\\Sigur Rós\\Café.mp3", "\\\\NAS\\Public\\Music\\Sigur Rós\\Café.mp3", f"file:///C:/Music/{ESCAPED}",
        f"file:///C|/Music/{ESCAPED}", f"file://C:/Music/{ESCAPED}", f"file://nas/share/{ESCAPED}",
        f"file:////nas/share/{ESCAPED}",
        f"file://localhost/srv/{ESCAPED}", f"smb://nas/share/{ESCAPED}",
        "file:\\\\\\C:\\x\\Sigur Rós\\Café.mp3",
        "/Volumes/Disk/Sigur Ro\u0301s/Cafe\u0301.mp3", "/home/her/Music/Sigur Rós/Café.mp3",
        "/elsewhere/Café.MP3/../SIGUR RÓS/Café.mp3",
        "../Musik/Sigur Rós/Café.mp3", "Musik/Sigur Rós/Café.mp3", "..\\Musik\\Sigur Rós\\Café.mp3",
        "primary:Musik/Sigur Rós/Café.mp3", "12AB-34CD:Sigur Rós/Café.mp3",
        "Sigur Rós/Café.mp3", HERE.encode("latin-1"), HERE.encode("cp1252"), HERE.encode("cp850"),
        HERE.encode("mac-roman"),
        HERE.upper().encode("latin-1"), "C:\\Music\\Sigur Rós\\Café.mp3".encode("cp1252"),
        b"\xef\xbb\xbf" + HERE.encode(),
        HERE.encode("utf-16"), HERE.encode("utf-16-le") + b"\n\0",
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["a.m3u", "a.m3u8", "a.pls"])
def test_a_file_is_found_however_its_name_is_written(music: Path, entry: str | bytes, name: str) -> None:
    if isinstance(entry, bytes) and name == "a.pls" and (b"\0" in entry or entry.startswith(b"\xef")):
        pytest.skip("another encoding than the lines around it")
    assert found(music, entry, name=name) == [CAFE]


def test_the_address_of_a_file_is_found(music: Path) -> None:
    assert found(music, (music / CAFE).as_uri()) == [CAFE]
    assert found(music, f"file://{music / CAFE}") == [CAFE]
    assert found(music, f"FILE:{music / CAFE}") == [CAFE]


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("노래 똠.mp3", "cp949"), ("사랑.mp3", "johab"), ("歌.mp3", "cp932"), ("песня.mp3", "cp1251"),
        ("żółć.mp3", "cp1250"), ("şarkı.mp3", "cp1254"), ("Ärzte – “1”.mp3", "cp1252"),
        ("歌.mp3", "gb18030"), ("歌曲.mp3", "big5"), ("日本.mp3", "euc-jp"),
    ],
)  # fmt: skip
def test_names_in_old_encodings_are_found(music: Path, name: str, encoding: str) -> None:
    (music / name).touch()
    assert found(music, f"../Music/{name}".encode(encoding)) == [Path(name)]


@pytest.mark.parametrize(
    "name", [SONG, "100%25.mp3", "a%20b.mp3", "a\\b.mp3", "C:x.mp3", "a\x85b\u2028c.mp3"]
)
def test_an_odd_name_that_is_there_is_taken_literally(music: Path, name: str) -> None:
    for other in (name, "100%.mp3", "a b.mp3", "b.mp3", "x.mp3"):
        (music / other).touch()
    assert found(music, f"../Music/{name}") == [Path(name)]


@pytest.mark.parametrize(
    ("name", "entry"),
    [
        (" lead.mp3", "../Music/ lead.mp3"), ("Café.mp3", "../Music/CafÃ©.mp3"),
        ("Café.mp3", "../Music/Caf%u00E9.mp3"), ("a&b.mp3", "../Music/a&amp;b.mp3"),
        ("it's.mp3", "../Music/it’s.mp3"), ("it’s.mp3", "../Music/it's.mp3"),
        ("it's.mp3", "../Music/it&#39;s.mp3"),
        ("a – b.mp3", "../Music/a - b.mp3"), ("노래.mp3", "../Music/노래.mp3".encode().decode("latin-1")),
        ("“a”.mp3", '../Music/"a".mp3'), ("a b.mp3", "../Music/a\u00a0b.mp3"),
    ],
)  # fmt: skip
def test_a_name_that_a_program_has_respelt_is_found(music: Path, name: str, entry: str) -> None:
    (music / name).touch()
    assert found(music, entry) == [Path(name)]


def test_a_blank_before_a_name_is_a_part_of_it_if_such_a_file_is_there(music: Path) -> None:
    for name in (" lead.mp3", "lead.mp3", "other.mp3"):
        (music / name).touch()
    assert found(music, " lead.mp3", lists="Music") == [Path(" lead.mp3")]
    assert found(music, "  other.mp3", lists="Music") == [Path("other.mp3")]


def test_a_name_below_ones_home_is_found(music: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(music.parent))
    assert found(music, "~/Music/Sigur Rós/Café.mp3") == [CAFE]


def test_a_file_whose_name_begins_as_a_comment_does_is_played(music: Path) -> None:
    """But a comment is one, and so is a name that was taken out."""
    for name in ("#1 Hit.mp3", "song.mp3"):
        (music / name).touch()
    assert found(music, "#EXTM3U\n#EXTINF:1,A\n#1 Hit.mp3", lists="Music") == [Path("#1 Hit.mp3")]
    assert found(music, "#song.mp3\n# song.mp3\n#EXTIMG:song.mp3", lists="Music") == []
    assert read_playlist(music / "a.m3u", Finder([music])) == []


def test_of_names_that_differ_in_case_the_like_one_is_taken(music: Path) -> None:
    for name in ("Song.mp3", "song.mp3", "SONG.mp3"):
        (music / name).touch()
    for name in ("Song.mp3", "song.mp3", "SONG.mp3"):
        assert found(music, f"C:\\{name}") == [Path(name)]


def test_the_longest_tail_wins_and_a_mere_name_is_not_looked_for_above(music: Path) -> None:
    for path in (music / "A" / "1.mp3", music / "1.mp3", music / "B" / "2.mp3", music.parent / "3.mp3"):
        path.parent.mkdir(exist_ok=True)
        path.touch()
    assert found(music, "E:\\old\\A\\1.mp3") == [Path("A/1.mp3")]
    assert found(music, "E:\\old\\C\\1.mp3") == [Path("1.mp3")]
    assert found(music, "E:\\old\\2.mp3") == found(music, "E:\\old\\3.mp3") == []
    assert found(music, "C/1.mp3") == [], "a relative name says where the file lies"
    assert found(music, "../old/A/1.mp3") == [Path("A/1.mp3")]
    assert found(music, "../old/C/1.mp3") == found(music, "Re:1.mp3") == []


@pytest.mark.parametrize("ending", ["\r", "\r\n", "\n"])
def test_any_line_end_and_beyond_four_megabytes(music: Path, ending: str) -> None:
    lines = ["#EXTM3U", *["#" + "x" * 999] * 4200, "#EXTINF:1,Rós - Café", HERE]
    playlist = music / "a.m3u"
    playlist.write_bytes(ending.join(lines).encode("cp1252"))
    assert [(entry.source, entry.title) for entry in read_playlist(playlist)] == [
        (music / CAFE, "Rós - Café")
    ]


def test_one_file_is_one_track_whatever_leads_to_it(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    (inside / "sub").mkdir(parents=True)
    outside.mkdir()
    files.wav(inside / "sub" / "song.wav")
    other = files.wav(outside / "other.wav")
    linked = files.wav(outside / "linked.wav")
    (inside / "link").symlink_to(outside / "far")
    (outside / "far").mkdir()
    far = files.wav(outside / "far" / "far.wav")
    (inside / "link.wav").symlink_to(linked)
    (tmp_path / "again").symlink_to(inside)
    lines = [
        "in/sub/song.wav", "in/../in/sub/../sub/song.wav", "again/sub/song.wav", "out/other.wav",
        "again/../out/other.wav",
        "in/link/far.wav", str(far), "in/link.wav", str(linked),
    ]  # fmt: skip
    (tmp_path / "a.m3u").write_text("\n".join(lines), encoding="utf-8")
    named, _, missing, *_ = named_music(
        [PlaylistSettings(source=str(tmp_path / "a.m3u"), mood="calm")], [inside]
    )
    library = Library(tmp_path / "library.db")

    for folder in (inside, tmp_path / "again"):
        report = library.scan([folder], extra=named)
        library.give_moods(report.under_own_names(named))
        there = {track.path: track.mood for track in library.tracks()}
        assert set(there) == {
            folder / "sub" / "song.wav", folder / "link.wav", folder / "link" / "far.wav", other,
        }  # fmt: skip
        assert all(isinstance(mood, Mood) for mood in there.values()), "the playlist's mood reaches each"
    assert missing == []


def test_what_is_not_here_is_counted_with_examples_and_without_secrets(tmp_path: Path) -> None:
    files.wav(tmp_path / "here.wav")
    (tmp_path / "cover.jpg").touch()
    lines = [
        "here.wav", "http://radio.example/x", "cover.jpg", "rtsp://me:hunter2@cam/x?key=hunter2", "gone.wav",
        "smb://me:hunter2@nas/a.mp3", "\x1b[2Jbell\x07.mp3",
    ]  # fmt: skip
    (tmp_path / "party.m3u").write_text("\n".join(lines), encoding="utf-8")
    playlists = (PlaylistSettings(source=str(tmp_path / "party.m3u"), mood="calm"),)
    (said,) = named_music(playlists).missing
    assert said == (
        "party.m3u: 5 of 7 entries lead to no music that is here: cover.jpg, rtsp://cam/x, gone.wav, ..."
    )
    assert missing_entries(LibrarySettings(folders=(tmp_path,), playlists=playlists)) == [said]

    (tmp_path / "party.m3u").write_text("\n".join(lines[5:]), encoding="utf-8")
    (said,) = named_music(playlists).missing
    assert said.endswith("smb://nas/a.mp3, ?[2Jbell?.mp3")


@pytest.mark.parametrize(
    "entry",
    [
        "x" * 5000 + ".mp3", "x\\" * 5000 + ".mp3", "../" * 5000 + "a.mp3", "a/" * 5000 + "a.mp3", "a\0b.mp3",
        "%00.mp3", "file://", "C:\\", "//", "..", "%",
    ],
)  # fmt: skip
def test_no_entry_is_too_odd(music: Path, entry: str) -> None:
    assert found(music, entry) == []
    assert found(music, f"{entry}\n{HERE}") == [CAFE], "the others are read all the same"


def test_blanks_in_a_playlist_hold_nobody_up(music: Path) -> None:
    begun = time.process_time()
    assert found(music, "a" + " " * 20_000 + "b.mp3", name="a.pls") == []
    assert time.process_time() - begun < 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.xspf", '<?xml version="1.0"?>\n<playlist><trackList><track><location>a.wav</location>'),
        ("a.m3u", '\n<?wpl version="1.0"?>\n<smil><media src="a.wav"/>'),
        ("a.m3u8", "<playlist>\n<track>"),
        ("a.dpl", "DAUMPLAYLIST\nplayname=a.wav\ntopindex=0\n1*file*a.wav"),
        ("a.mpcpl", "MPCPLAYLIST\n1,type,0\n1,filename,a.wav"),
        ("a.m3u", "[Reference]\r\nRef1=http://radio.example/x\r\n"),
        ("a.m3u", '{\n  "songs": ["a.wav"]\n}'),
        ("a.m3u", '[{"song": "a.wav"}]'),
        ("a.cue", 'FILE "a.wav" WAVE\nTRACK 01 AUDIO\nINDEX 01 00:00:00'),
    ],
)
def test_a_playlist_of_another_kind_is_one_sentence(name: str, text: str, tmp_path: Path) -> None:
    files.wav(tmp_path / "a.wav")
    (tmp_path / name).write_text(text, encoding="utf-8")
    playlists = (PlaylistSettings(source=str(tmp_path / name), mood="calm"),)
    said = f"{name}: this is no M3U or PLS playlist; save it as M3U"
    assert named_music(playlists) == ({}, [], [said], True), "and nothing of its music is forgotten"
    assert missing_entries(LibrarySettings(folders=(tmp_path,), playlists=playlists)) == [said]


@pytest.mark.parametrize("text", ["", "\n \n", "#EXTM3U\n#EXTINF:1,A\n", "[playlist]\nNumberOfEntries=0\n"])
def test_a_playlist_that_names_nothing_is_one_sentence(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.m3u").write_text(text, encoding="utf-8")
    playlists = (PlaylistSettings(source=str(tmp_path / "a.m3u")),)
    assert named_music(playlists) == ({}, [], ["a.m3u: it names no music"], False)


@pytest.mark.parametrize(
    "text",
    [
        "File1=a.wav\nTitle1=One\nLength1=-1\n",
        "; made by a program\nFile1=a.wav\nNumberOfEntries=1\nVersion=2\n",
    ],
)
def test_a_pls_without_its_head_is_one(text: str, tmp_path: Path) -> None:
    song = files.wav(tmp_path / "a.wav")
    (tmp_path / "a.pls").write_text(text, encoding="utf-8")
    assert [(entry.source, entry.missing) for entry in read_playlist(tmp_path / "a.pls")] == [(song, "")]


def test_an_m3u_may_begin_with_a_bracket(tmp_path: Path) -> None:
    song = files.wav(tmp_path / "a.wav")
    (tmp_path / "a.m3u").write_text("<a.wav>\nfile1.wav\n", encoding="utf-8")
    assert [entry.source for entry in read_playlist(tmp_path / "a.m3u") if not entry.missing] == [song]
    for name in ("{a} b.wav", "[a] b.wav"):
        files.wav(tmp_path / name)
        (tmp_path / "a.m3u").write_text(name, encoding="utf-8")
        assert [entry.source for entry in read_playlist(tmp_path / "a.m3u")] == [tmp_path / name]


def test_a_file_whose_own_name_is_no_text_is_missing(music: Path) -> None:
    (music / os.fsdecode(b"caf\xe9.mp3")).touch()
    assert found(music, b"../Music/caf\xe9.mp3") == []
