"""The cover as a file: one at a time, for its owner alone, and none is left behind."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from itertools import repeat
from pathlib import Path

import pytest

from player.interfaces.front.mpris.cover_file import FOLDER, CoverFile
from player.interfaces.front.player_client import PASSING, PlayerRefusal
from tests.fakes.player import FakePlayer
from tests.support.front import until


def tried(test: Callable[[], Awaitable[None]]) -> None:
    async def run() -> None:
        await test()

    asyncio.run(run())


def test_it_comes_a_moment_later_and_goes_with_the_track(tmp_path: Path) -> None:
    async def test() -> None:
        cover = CoverFile(FakePlayer(), str(tmp_path))
        assert cover.url(12) == ""
        await until(lambda: cover.url(12))
        (file,) = (tmp_path / FOLDER).iterdir()
        assert cover.url(12) == file.as_uri()
        assert file.stat().st_mode & 0o077 == 0
        assert file.stat().st_size > 0
        cover.url(13)
        await until(lambda: cover.url(13))
        assert not file.exists()
        assert len([*(tmp_path / FOLDER).iterdir()]) == 1
        assert cover.url(None) == ""
        assert not [*(tmp_path / FOLDER).iterdir()]

    tried(test)


@pytest.mark.parametrize("why", ["none", "no runtime folder", "no room"])
def test_without_one_there_is_no_address(tmp_path: Path, why: str) -> None:
    async def test() -> None:
        player = FakePlayer()
        if why == "none":
            player.refusal = PlayerRefusal("missing", "It has no cover.")
        if why == "no room":
            (tmp_path / FOLDER).write_text("a file in its place", encoding="utf-8")
        cover = CoverFile(player, "" if why == "no runtime folder" else str(tmp_path))
        cover.url(12)
        for _ in range(50):
            await asyncio.sleep(0)
        assert cover.url(12) == ""
        assert [name for name, _ in player.told].count("cover") <= 1, "it is asked once for each track"

    tried(test)


@pytest.mark.parametrize("code", PASSING)
def test_a_player_that_has_no_time_for_it_is_asked_again(
    tmp_path: Path, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("player.interfaces.front.mpris.cover_file.PAUSES_S", repeat(0.0))

    async def test() -> None:
        player = FakePlayer()
        player.refusal = PlayerRefusal(code, "Try again in a moment.")
        cover = CoverFile(player, str(tmp_path))
        assert cover.url(12) == ""
        await until(lambda: len(player.told) > 1)
        player.refusal = None
        await until(lambda: cover.url(12))

    tried(test)


def test_files_of_killed_players_are_removed(tmp_path: Path) -> None:
    folder = tmp_path / FOLDER
    folder.mkdir()
    for pid in (os.getpid(), 4_999_999):
        (folder / f"{pid}-1.jpg").write_bytes(b"x")
    CoverFile(FakePlayer(), str(tmp_path))
    assert [file.name for file in folder.iterdir()] == [f"{os.getpid()}-1.jpg"]
