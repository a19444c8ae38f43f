"""The README's pictures can be made anew at any time: each script's parts, with a few songs."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from player.config import loader
from player.library.database.store import Library
from player.library.queries.day import day_record
from player.state.state_file import database_path
from scripts.page import day, pictures
from scripts.page.cafe import COVER_PX, RECORDS, cover, make_library
from scripts.page.simulated_day import ZONE, play
from tests.support.browser import chromium
from tests.support.daemon import ROOT, Daemon

FEW = RECORDS[::5]


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    folder = tmp_path_factory.mktemp("pictures")
    make_library(folder / "music", FEW)
    with pictures.cafe(folder, day.SETTINGS, lambda path: play(loader.load(path), day.DAY)) as running:
        yield running


@pytest.mark.long
def test_every_picture_is_taken_and_small(daemon: Daemon, tmp_path: Path) -> None:
    with chromium() as browser:
        for shot in (*pictures.SHOTS, day.SHOT):
            few = pictures.Shot(shot.name, shot.path, shot.width, shot.height, shot.theme, "h1")
            path = pictures.take(browser, daemon, few, tmp_path)
            assert path.stat().st_size < 1000 * pictures.MOST_KB
            picture = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
            assert picture.shape[:2] == (shot.height * pictures.SHARPNESS, shot.width * pictures.SHARPNESS)
            assert (picture.mean() < 100) == (shot.theme == "dark")


@pytest.mark.long
def test_what_plays_is_of_the_cafe(daemon: Daemon) -> None:
    status = daemon.wait_until(lambda now: now["playback"]["track"])
    assert status["playback"]["track"]["title"] in {record.title for record in FEW}
    library = Library(database_path(loader.load(daemon.config)), read_only=True)
    try:
        known = {(track.title, track.artist, track.album) for track in library.tracks()}
    finally:
        library.close()
    assert known == {(record.title, record.artist, record.album) for record in FEW}


@pytest.mark.long
def test_the_day_is_as_the_player_would_have_kept_it(daemon: Daemon) -> None:
    """Moods shift with the script's scenes, music plays all day, and without a camera nothing is known."""
    record = day_record(database_path(loader.load(daemon.config)), day.DAY, 5, ZONE)
    assert len(record.tracks) > 100
    assert {mark.kind for mark in record.marks} >= {"shift", "open", "closed", "fault", "daypart"}
    shifts = [mark.start[11:16] for mark in record.marks if mark.kind == "shift"]
    assert [any(shift[:4] == scene for shift in shifts) for scene in ("07:4", "09:1", "11:5", "13:4")] == [
        True
    ] * 4
    at = {hour: int(hour * 12) for hour in (12.5, 16.2)}
    energy = record.curves.energy
    assert (energy[at[12.5]] or 0) > 0.3
    assert energy[at[16.2]] is None


def test_covers_are_pictures_and_differ() -> None:
    covers = [cover(album) for album in {record.album for record in RECORDS}]
    assert all(one.shape == (COVER_PX, COVER_PX, 3) and one.std() > 20 for one in covers)
    assert np.abs(covers[0].astype(int) - covers[1]).mean() > 10
    assert np.array_equal(cover("Lamps"), cover("Lamps"))


def test_what_the_readme_shows_is_there_and_small() -> None:
    for shot in (*pictures.SHOTS, day.SHOT):
        path = pictures.PICTURES / f"{shot.name}.webp"
        assert path.stat().st_size < 1000 * pictures.MOST_KB, path
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(f"docs/pictures/{shot.name}.webp" in readme for shot in pictures.SHOTS)


@pytest.mark.long
def test_the_covers_are_served(daemon: Daemon) -> None:
    track = daemon.wait_until(lambda now: now["playback"]["track"])["playback"]["track"]
    answer = daemon.tell("cover", track["id"])
    data = np.frombuffer(base64.b64decode(answer["jpeg"]), np.uint8)
    assert cv2.imdecode(data, cv2.IMREAD_COLOR).std() > 20
