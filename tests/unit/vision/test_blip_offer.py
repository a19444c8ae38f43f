"""BLIP is offered where there is room for it, once, and nothing is asked of the network."""

import logging
import socket
from pathlib import Path

import pytest

from player.config.settings.perception import VisionSettings
from player.vision import factory
from player.vision.blip import offer as blip_offer
from player.vision.blip.offer import MEMORY, OFFER, is_possible, offer


@pytest.fixture(autouse=True)
def nobody_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test is a process of its own, without a network."""
    offer.cache_clear()

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def machine(root: Path, free_kib: int) -> Path:
    (root / "proc").mkdir(parents=True)
    (root / "proc" / "meminfo").write_text(f"MemTotal: 8000000 kB\nMemAvailable: {free_kib} kB\n")
    return root


def test_where_there_is_room_it_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blip_offer, "DISK", 1)
    root = machine(tmp_path / "root", MEMORY // 1024 + 1)
    with caplog.at_level(logging.INFO):
        for _ in range(2):
            assert offer(tmp_path / "not" / "there" / "blip", root, can_build=True)
    assert caplog.messages == [OFFER]
    assert "./scripts/run --with-blip" in OFFER


@pytest.mark.parametrize(
    ("disk", "free_kib", "can_build"),
    [(1 << 60, MEMORY // 1024 + 1, True), (1, MEMORY // 1024 - 1, True), (1, MEMORY // 1024 + 1, False)],
)
def test_where_there_is_none_nothing_is_said(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    disk: int,
    free_kib: int,
    can_build: bool,
) -> None:
    monkeypatch.setattr(blip_offer, "DISK", disk)
    with caplog.at_level(logging.INFO):
        assert not offer(tmp_path, machine(tmp_path / "root", free_kib), can_build=can_build)
    assert not caplog.messages


def test_a_machine_that_does_not_say_what_is_free_has_no_room(tmp_path: Path) -> None:
    assert not offer(tmp_path, tmp_path / "nothing", can_build=True)


def test_who_has_built_it_is_offered_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blip_offer, "DISK", 1)
    root = machine(tmp_path / "root", MEMORY)
    assert is_possible(tmp_path, root, can_build=True)
    (tmp_path / "manifest.json").touch()
    assert not is_possible(tmp_path, root, can_build=True)


@pytest.mark.parametrize(("reader", "offered"), [("auto", True), ("compact", False), ("blip", False)])
def test_only_who_leaves_the_choice_to_the_player_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reader: str, offered: bool
) -> None:
    asked: list[Path] = []
    monkeypatch.setattr(factory, "offer", asked.append)
    monkeypatch.setattr(factory, "CompactReader", lambda settings: settings)
    factory.open_reader(VisionSettings.model_validate({"reader": reader}), tmp_path)
    assert asked == [tmp_path] * offered


def test_where_nobody_knows_the_home_nothing_is_offered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(blip_offer, "DISK", 1)
    monkeypatch.setattr(Path, "home", unknown)
    assert not is_possible(tmp_path, machine(tmp_path / "root", MEMORY), can_build=True)
