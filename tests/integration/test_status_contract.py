"""The status that a real player gives is the one that docs/status.md promises, and nothing else."""

import json
import re
from pathlib import Path

import pytest

from player.types import Json
from tests.support import music
from tests.support.daemon import ROOT, Daemon
from tests.support.pulse import pulse_here

pytestmark = pytest.mark.timeout(120)


def promised() -> dict[str, set[str]]:
    """Section -> the keys that its table names, those of objects in it too."""
    text = (ROOT / "docs" / "status.md").read_text(encoding="utf-8")
    sections = re.split(r"^## `(\w+)`$", text, flags=re.MULTILINE)[1:]
    found = {}
    for name, body in zip(sections[::2], sections[1::2], strict=True):
        rows = re.findall(r"^\| (`.*?) \| .*? \| (.*) \|$", body, flags=re.MULTILINE)
        found[name] = {key for row in rows for key in re.findall(r"`(\w+)`", " ".join(row))}
    return found


def given(value: Json) -> set[str]:
    """The keys of an object and of all objects in it; the steps against silence are not keys of ours."""
    if isinstance(value, list):
        return set().union(*map(given, value))
    if not isinstance(value, dict):
        return set()
    return set(value) | set().union(*(given(each) for key, each in value.items() if key != "steps"))


@pytest.fixture(scope="module")
def status(tmp_path_factory: pytest.TempPathFactory) -> Json:
    """Of a player that sees, plays and has listened to its library."""
    folder = tmp_path_factory.mktemp("contract")
    (folder / "songs").mkdir()
    for name, hz in (("one", 220.0), ("two", 247.0)):
        music.calm(folder / "songs" / f"{name}.wav", 40, hz)
    settings = {"camera": {"source": "demo"}, "library": {"folders": [str(folder / "songs")]}}
    with pulse_here() as pulse, Daemon(folder / "shop", settings, pulse.env) as daemon:
        found = daemon.wait_until(
            lambda now: (
                now["perception"]["scene"]
                and now["room"]["mood"]
                and now["playback"]["audible"]["audible"]
                and now["playback"]["next"]
                and now["library"]["analysed"]
            ),
            100,
        )
    assert found.pop("ok") is True, "what the socket adds to every answer"
    return found


def test_every_key_is_promised_and_every_promise_kept(status: Json) -> None:
    assert set(status) == set(promised())
    for section, keys in promised().items():
        there = given(status[section])
        optional = {"step", "ago_s"}  # nothing was silent
        assert there - keys == set(), f"{section}: not in docs/status.md"
        assert keys - there - optional == set(), f"{section}: promised in docs/status.md"


def test_values_are_what_they_are_called(status: Json) -> None:
    playback, room, perception = status["playback"], status["room"], status["perception"]
    assert playback["state"] == "playing"
    assert Path(playback["track"]["path"]).parent.name == "songs"
    assert 0 < playback["position_s"] < playback["duration_s"] <= 41
    assert sorted(deck["role"] for deck in playback["decks"])[0] == "current"
    assert -60 < playback["audible"]["heard_db"] < 0
    assert all(
        -1 <= point[axis] <= 1 for point in (room["mood"], room["target"]) for axis in ("valence", "energy")
    )
    assert perception["camera"]["state"] == "live"
    assert perception["scene"]["caption"]
    assert status["library"]["tracks"] == 2
    assert status["hours"] == {"open": True, "manual_override": False, "changes_at": None}
    assert status["problems"] == []
    assert json.loads(json.dumps(status)) == status
