"""What tells machines apart: their names, also where all have the same."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from player.system import machine


@pytest.mark.parametrize(
    ("name", "label"), [("music", "music"), ("Bar_2.example.org", "bar-2"), ("음악", ""), ("", "")]
)
def test_a_machines_name_is_a_part_of_others(name: str, label: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: name)
    assert machine.host_label() == label


def test_machines_of_the_same_name_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "music")
    (tmp_path / "etc").mkdir()
    said = []
    for known in ("0" * 31 + "1\n", "0" * 31 + "2\n", "0" * 31 + "1\n", "uninitialized\n"):
        (tmp_path / "etc/machine-id").write_text(known)
        said.append(machine.told_apart(tmp_path))
    assert said[0] == said[2] != said[1]
    assert said[3] == machine.told_apart(tmp_path / "nowhere") == "music"
    assert said[0].startswith("music-")
    assert "0000" not in said[0]
