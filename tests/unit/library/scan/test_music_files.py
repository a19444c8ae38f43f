"""Walking folders: order, what is left out, links, trouble."""

import os
from pathlib import Path

import pytest

from player.library.music_folders import choose_folders
from player.library.scan.first_music import first_playable
from player.library.scan.music_files import Walk, look_up
from tests.unit.library import files


@pytest.fixture
def music(tmp_path: Path) -> Path:
    for name in (
        "b/two.MP3",
        "b/열.flac",
        "a.ogg",
        ".hidden.mp3",
        ".trash/x.mp3",
        "b/._two.mp3",
        "c/cover.jpg",
    ):
        path = tmp_path / "music" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"ID3")
    return tmp_path / "music"


def names(walk: Walk, root: Path) -> list[str]:
    return [str(file.path.relative_to(root)) for file in walk]


def test_finds_music_in_the_order_of_names_and_nothing_hidden(music: Path) -> None:
    walk = Walk([music])

    assert names(walk, music) == ["a.ogg", "b/two.MP3", "b/열.flac"]
    assert walk.problems == []


@pytest.mark.parametrize(
    "album",
    [
        "...And Justice for All",
        ".5: The Gray Chapter",
        "...",
        ".38 Special",
        ". . .",
        ".봄",
        "Vol. 2.part one",
    ],
)
def test_an_album_may_begin_with_dots(tmp_path: Path, album: str) -> None:
    (tmp_path / "music" / album).mkdir(parents=True)
    files.wav(tmp_path / "music" / album / "...and a song.wav")
    files.wav(tmp_path / "music" / f"{album}.wav")

    walk = Walk([tmp_path / "music"])

    assert len(list(walk)) == 2
    assert walk.left_out == []


@pytest.mark.parametrize(
    "folder",
    [
        ".git", ".Trash-1000", ".trash-0", ".Trashes", "#recycle", "#Recycle", "@Recycle",
        "Recycle Bin", "RECYCLE.BIN", "$Recycle", "@Trash", "Trash-1000", "files_trashbin",
        "files_versions", "MSOCache",
        "@Recently-Snapshot", "RECYCLER", "RECYCLED", "@Recycled", "#recycled",
        "S-1-5-21-1-2-3-1001", "RecycleBin", "$Extend", "LOST.DIR",
        "trashbox",
        "@eaDir", "#snapshot", "$RECYCLE.BIN", "$Recycle.Bin", "System Volume Information", ".stfolder",
        ".stfolder (1)", ".stversions", "lost+found", ".Spotlight-V100", ".fseventsd", ".snapshots", ".zfs",
        ".AppleDouble", "__MACOSX", ".sync", "song.mp3.download", ".~tmp~", ".recycle_bin", ".hidden",
    ],
)  # fmt: skip
def test_bins_and_system_folders_are_left_out_and_said(tmp_path: Path, folder: str) -> None:
    junk = tmp_path / "music" / folder / "album"
    junk.mkdir(parents=True)
    deleted = files.wav(junk / "song.wav")

    walk = Walk([tmp_path / "music"])

    assert list(walk) == []
    assert walk.left_out == [tmp_path / "music" / folder]
    assert first_playable([tmp_path / "music"]) is None
    assert list(look_up([deleted], [tmp_path / "music"])) == [], "a playlist agrees"
    assert [file.path for file in Walk([junk])] == [deleted], "the owner may name one as a music folder"


@pytest.mark.parametrize("album", ["Recycler", "Recycled", "recycled", "Trash", "Recycle"])
def test_albums_that_are_called_like_bins_are_none(tmp_path: Path, album: str) -> None:
    folder = tmp_path / "Band" / album
    folder.mkdir(parents=True)
    song = files.wav(folder / "song.wav")
    assert [file.path for file in Walk([tmp_path])] == [song]


@pytest.mark.parametrize(
    "name",
    [
        "._01 Song.mp3", "._.mp3", ".nfs000000000001a2b300000001.mp3", ".pending-1700000000-a song.mp3",
        ".trashed-1700000000-a song.mp3", "song.mp3.part", "song.mp3.crdownload", ".song.mp3.aB3dE9",
        ".01 Song.flac.XyZ123", ".syncthing.01 Song.mp3.tmp", ".hidden.mp3", "~syncthing~song.mp3.tmp",
    ],
)  # fmt: skip
def test_unfinished_copies_and_system_files_are_left_out_and_said(tmp_path: Path, name: str) -> None:
    path = files.wav(tmp_path / name)

    walk = Walk([tmp_path])

    assert list(walk) == []
    assert walk.left_out == [path]
    assert list(look_up([path])) == []


def test_gives_size_and_time(music: Path) -> None:
    os.utime(music / "a.ogg", ns=(0, 1_234_567_890))

    found = next(iter(Walk([music])))

    assert (found.size, found.mtime_ns) == (3, 1_234_567_890)


def test_links_are_followed_but_never_round(music: Path) -> None:
    (music / "b" / "up").symlink_to(music)
    (music / "again").symlink_to(music / "b")
    (music / "self").symlink_to(music / "self")
    (music / "gone.mp3").symlink_to(music / "nowhere")

    walk = Walk([music, music / "b"])

    assert names(walk, music) == ["a.ogg", "b/two.MP3", "b/열.flac"]
    assert [path.name for path, _ in walk.problems] == ["self"]


def test_what_links_lead_to_comes_last_and_under_its_own_name_if_it_has_one(
    music: Path, tmp_path: Path
) -> None:
    (tmp_path / "disk" / "far").mkdir(parents=True)
    far = files.wav(tmp_path / "disk" / "far" / "far.wav")
    files.wav(tmp_path / "disk" / "song.wav")
    (music / "0").symlink_to(tmp_path / "disk")
    (music / "1.wav").symlink_to(far)
    (music / "2.ogg").symlink_to(music / "a.ogg")
    for name in ("3.wav", "4.wav"):
        (music / name).symlink_to(files.wav(tmp_path / "other.wav"))
    (tmp_path / "again").symlink_to(music)

    found = [file.path for file in Walk([tmp_path / "again", music])]

    own = ["a.ogg", "b/two.MP3", "b/열.flac", "0/song.wav", "0/far/far.wav", "3.wav", "4.wav"]
    assert found == [music / name for name in own]


def test_missing_folder_is_a_problem_and_the_others_are_read(music: Path) -> None:
    walk = Walk([music / "nowhere", music])

    assert len(names(walk, music)) == 3
    assert [path for path, _ in walk.problems] == [music / "nowhere"]


def test_name_that_is_not_utf8_is_a_problem(music: Path) -> None:
    try:
        Path(os.fsdecode(os.fsencode(music) + b"/\xff\xfe.mp3")).write_bytes(b"ID3")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")

    walk = Walk([music])

    assert len(names(walk, music)) == 3
    assert "UTF-8" in walk.problems[0][1]


@pytest.mark.parametrize("link", [False, True])
def test_folder_whose_name_is_not_utf8_is_named_and_left_out(music: Path, link: bool) -> None:
    odd = Path(os.fsdecode(os.fsencode(music) + b"/Caf\xe9"))
    if link:
        odd.symlink_to(music / "b")
    else:
        (odd / "inside").mkdir(parents=True)
        files.wav(odd / "inside" / "song.wav")

    walk = Walk([music])

    assert names(walk, music) == ["a.ogg", "b/two.MP3", "b/열.flac"]
    assert [path for path, why in walk.problems if "UTF-8" in why] == [odd]


def test_a_music_folder_whose_own_name_is_not_utf8_is_a_problem_and_said(tmp_path: Path) -> None:
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xc0\xbd\xbe\xc7"))
    odd.mkdir()
    song = files.wav(odd / "song.wav")

    walk = Walk([odd])

    assert list(walk) == []
    assert walk.problems[0][0] == odd
    assert list(look_up([song])) == []
    assert "UTF-8" in str(choose_folders((odd,))[1])


def test_relative_folders_give_absolute_paths(music: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(music)

    assert next(file.path for file in Walk([Path("b")])) == music / "b" / "two.MP3"


def test_first_playable_passes_over_what_is_no_music(tmp_path: Path) -> None:
    (tmp_path / "a.mp3").write_text("not music")
    (tmp_path / "b.mp3").write_bytes(b"")
    (tmp_path / "c").mkdir()

    assert first_playable([tmp_path / "nowhere", tmp_path]) is None

    song = files.wav(tmp_path / "c" / "song.wav")
    assert first_playable([tmp_path / "nowhere", tmp_path]) == song


def test_music_that_begins_as_none_is_some_if_it_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.mp3").write_text("no music " * 1000)
    song = files.rf64(tmp_path / "b.wav")

    assert first_playable([tmp_path]) == song
    assert choose_folders((tmp_path,)) == ((tmp_path,), None)
