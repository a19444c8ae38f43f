"""What `doctor`, and so the log, says of brokers of every kind: a sentence each."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from player.cli.doctor import Finding, _broker
from player.config.settings.config import Config
from tests.support.mosquitto import Mosquitto
from tests.support.ports import free_port


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path_factory.mktemp("broker"), free_port(), "cafe", "latte") as running:
        yield running


def found(**mqtt: object) -> list[Finding]:
    return list(_broker(Config.model_validate({"mqtt": {"enabled": True, "host": "127.0.0.1", **mqtt}})))


def test_one_that_takes_the_player(broker: Mosquitto) -> None:
    (finding,) = found(port=broker.port, user="cafe", password="latte")
    assert (finding.ok, finding.text) == (
        True,
        f"the broker at 127.0.0.1, port {broker.port} takes the player",
    )
    assert list(_broker(Config())) == []


def test_the_fleets_is_tried_too(broker: Mosquitto) -> None:
    fleet = {"enabled": True, "room": "seoul-1", "host": "127.0.0.1", "port": broker.port, "user": "cafe"}
    (finding,) = _broker(Config.model_validate({"fleet": fleet}))
    assert (finding.name, finding.ok) == ("fleet", False)
    assert "see fleet.user and fleet.password" in finding.text


def test_one_that_refuses_it(broker: Mosquitto) -> None:
    for given in ({"user": "cafe", "password": "mocha"}, {}):
        (finding,) = found(port=broker.port, **given)
        assert not finding.ok
        assert finding.text.endswith("refuses the player; see mqtt.user and mqtt.password.")


def test_none(tmp_path: Path) -> None:
    (finding,) = found(port=free_port())
    assert finding.text.startswith("No broker can be reached at 127.0.0.1")
    (finding,) = found(host="nobody.invalid")
    assert finding.text == "Nobody knows a machine called nobody.invalid; see mqtt.host."
    (finding,) = found(tls=True, ca_file=str(tmp_path / "none.pem"))
    assert finding.text == "mqtt.ca_file cannot be read (No such file or directory)."


def test_one_without_tls_is_asked_for_it(broker: Mosquitto) -> None:
    (finding,) = found(port=broker.port, tls=True, user="cafe", password="latte")
    assert "mqtt.tls" in finding.text


def test_something_else_that_listens_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("player.interfaces.front.mqtt.aiomqtt_broker.ANSWER_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        (finding,) = found(port=listening.getsockname()[1])
    assert "is no broker" in finding.text
