"""A playlist as players, programs and people read it."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from player.library.scan.playlists import read_playlist
from player.selection.playlist import MoodStep, PhotoScene, Playlist, PlaylistTrack, RunnerUp, TargetStep
from player.selection.playlist_formats import as_json, as_list, as_m3u, clock, explained, json_as_m3u
from player.types import json_text

STEP = PlaylistTrack(
    1, "/music/a.mp3", "Song", "Singer", "", ("Folk",), 183.4, 0.0, 0.4, -0.7, "calm",
    "closest to calm music among 9",
    0.02, 9, (), {"mood": 0.99, "continuity": 0.7}, (RunnerUp(2, "Other", "", 0.1, {"mood": 0.9}),),
)  # fmt: skip
LIST = Playlist(
    "calm",
    PhotoScene("two people at a table", 2, "compact"),
    MoodStep(0.4, -0.75, "calm", "'calm' is the name of a mood"),
    TargetStep(0.4, -0.75, "calm", "calm music is looked for"),
    "2026-05-01T12:00:00+00:00",
    "noon",
    180.0,
    183.4,
    (STEP,),
    ("The list is shorter than asked for: no other music may be listed.",),
)


def listed(path: str, **more: str) -> Playlist:
    return replace(LIST, steps=(replace(STEP, path=path, **more),))  # type: ignore[arg-type]


def test_an_extended_m3u() -> None:
    assert as_m3u(LIST).decode() == (
        "#EXTM3U\n#PLAYLIST:calm, 3 min\n#EXTINF:183,Singer - Song\n/music/a.mp3\n"
    )


NAMES = {
    "plain": "a.mp3",
    "spaces, commas and Korean": "노래 하나, zwei.mp3",
    "a comment by its looks": "#1 hit.mp3",
    "a directive by its looks": "#EXTINF:1,x.mp3",
    "per cent": "100%25.mp3",
    "a line's end": "two\nlines.mp3",
    "a carriage return": "two\rlines.mp3",
    "a blank before it": " a.mp3",
    "a backslash": "a\\b.mp3",
    "an address by its looks": "http:/x.mp3",
    "the end of a paragraph": "a\u2029b.mp3",
}


@pytest.mark.parametrize("place", [None, "music", "elsewhere"])
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_every_name_is_found_again(tmp_path: Path, name: str, place: str | None) -> None:
    """By the reader of our own library, which takes what players take."""
    song = tmp_path / "music" / name
    song.parent.mkdir(parents=True)
    song.write_bytes(b"")
    file = tmp_path / (place or "elsewhere") / "list.m3u8"
    file.parent.mkdir(exist_ok=True)
    written = as_m3u(listed(str(song)), file.parent if place else None)
    assert len(written.decode().splitlines()) == 4
    file.write_bytes(written)
    (entry,) = read_playlist(file)
    assert (entry.source, entry.missing, entry.title) == (song, "", "Singer - Song")


def test_a_name_that_is_not_utf_8_keeps_its_bytes() -> None:
    written = as_m3u(listed(os.fsdecode(b"/music/caf\xe9.mp3")))
    assert written.endswith(b"\nfile:///music/caf%E9.mp3\n")


def test_what_lies_beside_the_playlist_is_named_from_there() -> None:
    assert as_m3u(listed("/music/jazz/a.mp3"), Path("/music")).decode().splitlines()[-1] == "jazz/a.mp3"
    assert as_m3u(listed("/music/a.mp3"), Path("/music/lists")).decode().splitlines()[-1] == "/music/a.mp3"


def test_a_title_cannot_add_a_line() -> None:
    evil = listed("/music/a.mp3", title="x\n/etc/passwd", artist="y\r#EXTINF:1\x1b[2J\u2028")
    assert as_m3u(evil).decode().splitlines()[2:] == [
        "#EXTINF:183,y #EXTINF:1 [2J - x /etc/passwd",
        "/music/a.mp3",
    ]
    assert all("\n" not in line and "\x1b" not in line for line in (*as_list(evil), *explained(evil)))


def test_every_step_is_in_the_json() -> None:
    made = as_json(LIST)
    assert made["seen"] == {"caption": "two people at a table", "people": 2, "reader": "compact"}
    assert made["steps"][0]["score"] == {"mood": 0.99, "continuity": 0.7}
    assert made["steps"][0]["runners_up"][0]["title"] == "Other"
    assert json_text(as_json(listed(os.fsdecode(b"/music/caf\xe9.mp3")))).encode()


def test_every_step_is_explained_to_a_person() -> None:
    assert list(explained(LIST)) == [
        "seen: two people at a table; people: 2 (compact reader)",
        "mood: calm (valence +0.40, energy -0.75): 'calm' is the name of a mood",
        "music: calm music is looked for (valence +0.40, energy -0.75); it is noon now",
        "1. Singer - Song: closest to calm music among 9 [mood 0.99, continuity 0.70]",
        "     rather than Other [mood 0.90]",
        "note: The list is shorter than asked for: no other music may be listed.",
        "length: 3:03 of 3:00, 1 track",
    ]
    assert list(as_list(LIST)) == ["  1.     0:00  Singer - Song  3:03"]


def test_a_clock_counts_hours_only_where_there_are_some() -> None:
    assert [clock(seconds) for seconds in (0, 59.6, 3599.4, 3600, 36061)] == [
        "0:00", "1:00", "59:59", "1:00:00", "10:01:01",
    ]  # fmt: skip


def test_a_list_that_came_as_json_is_the_same_m3u() -> None:
    assert json_as_m3u(as_json(LIST)) == as_m3u(LIST)
