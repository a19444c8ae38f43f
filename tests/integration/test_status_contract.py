"""The status that a real player gives is the one that docs/status.md promises, and nothing else."""

import json
from pathlib import Path

import pytest

from player.interfaces import socket
from player.types import Json
from tests.support import music
from tests.support.daemon import Daemon
from tests.support.pulse import pulse_here
from tests.support.status_contract import given, promised


@pytest.fixture(scope="module")
def status(tmp_path_factory: pytest.TempPathFactory) -> Json:
    """Of a player that sees, plays and has listened to its library."""
    folder = tmp_path_factory.mktemp("contract")
    (folder / "songs").mkdir()
    for name, hz in (("one", 220.0), ("two", 247.0)):
        music.calm(folder / "songs" / f"{name}.wav", 40, hz)
    settings = {
        "camera": {"source": "demo", "photo_s": 4},
        "mood": {"shift": {"distance": 0.1, "hysteresis": 0.05}},  # there is one whatever the hour asks for
        "library": {"folders": [str(folder / "songs")], "busy_percent": 100},
        "sensors": [{"name": "sky", "kind": "weather"}],
    }
    with pulse_here() as pulse:
        shop = Daemon(folder / "shop", settings, pulse.env)
        shop.listen()
        with shop as daemon:
            daemon.wait_until(lambda now: now["perception"]["scene"] and now["room"]["shifts"])
            socket.send(daemon.socket, "sensor", "sky", fields={"says": "rainy"})
            daemon.tell("next")  # what was listened to has a mood when it is chosen
            daemon.wait_until(lambda now: now["playback"]["track"] and now["playback"]["track"]["mood"])
            daemon.tell("seek", 28)  # the next track is chosen towards the end of this one
            found = daemon.wait_until(
                lambda now: (
                    now["playback"]["audible"]["audible"]
                    and now["playback"]["next"]
                    and now["playback"]["track"]["mood"]
                )
            )
    assert found.pop("ok") is True, "what the socket adds to every answer"
    return found


def test_every_key_is_promised_and_every_promise_kept(status: Json) -> None:
    contract = promised()
    found = given(status, contract)
    wrong = {path: words for path, words in found.items() if not words <= contract.get(path, frozenset())}
    assert wrong == {}, "not in docs/status.md, or of another type there"
    silence = {f"playback.audible.last_step.{key}" for key in ("step", "ago_s")}  # nothing was silent
    assert set(contract) - set(found) == silence, "promised in docs/status.md, and not given"


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
