"""The page's process beside a real player: it answers, it comes back, and nothing of it stops the music."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from player.types import Json
from tests.integration.test_daemon import simple
from tests.integration.test_reload import edit, status_decks
from tests.support import music
from tests.support.daemon import ROOT, Daemon, merged
from tests.support.ports import free_port
from tests.support.processes import alive, children
from tests.support.pulse import PrivatePulse
from tests.support.quiet import is_soon_enough
from tests.support.waiting import wait_for

FRONT = "player.interfaces.front.child"


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("songs")
    music.calm(folder / "calm 1.wav", 120)
    music.calm(folder / "calm 2.wav", 120, 247)  # no copy: that would be the same track again
    return folder


@pytest.fixture(scope="module")
def daemon(pulse: PrivatePulse, songs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    settings = merged(simple(songs), {"web": {"enabled": True, "port": free_port()}})
    with Daemon(tmp_path_factory.mktemp("front") / "player", settings, pulse.env) as running:
        yield running


def address(daemon: Daemon) -> str:
    """Where the page is, as the status says."""
    status = daemon.wait_until(lambda now: now["front"]["address"])
    return str(status["front"]["address"])


def front(daemon: Daemon) -> int:
    """The page's process."""
    wait_for(lambda: children(daemon.process.pid, FRONT), 20, "a front")
    return children(daemon.process.pid, FRONT)[0]


def wait_well(client: httpx.Client) -> None:
    """Return once it says that the music is as it should be."""

    def well() -> bool:
        try:
            return client.get("/healthz").status_code == 200
        except httpx.TransportError:
            return False

    wait_for(well, 20, "health")


def test_the_status_is_the_players_own(daemon: Daemon) -> None:
    with httpx.Client(base_url=address(daemon)) as client:
        wait_well(client)

        def agree() -> bool:
            """What no event tells of is in the feed a second later."""
            shown, said = client.get("/api/status").raise_for_status().json(), daemon.tell("status")
            return shown["front"] == said["front"] and shown["playback"]["track"] == said["playback"]["track"]

        wait_for(agree, 20, "the player's own words")
        answer = client.get("/api/status")
        again = client.get("/api/status", headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code in (200, 304), "something may have changed meanwhile"


def test_a_command_reaches_the_player_and_its_change_the_page(daemon: Daemon) -> None:
    """What is set by one is shown to all who look, without asking."""
    with httpx.Client(base_url=address(daemon)) as client:
        wait_well(client)
        with client.stream("GET", "/api/events") as stream:
            lines = stream.iter_lines()
            first = event(lines)
            assert first["playback"]["volume"] != 33
            done = client.post("/api/commands/volume", json={"percent": 33})
            assert (done.status_code, done.json()) == (200, {"message": "volume 33"})
            while event(lines)["playback"]["volume_wanted"] != 33:
                pass
        refused = client.post("/api/commands/volume", json={"percent": 333})
        assert (refused.status_code, refused.headers["content-type"]) == (422, "application/problem+json")


def event(lines: Iterator[str]) -> Json:
    """The next status of a stream."""
    for line in lines:
        if line.startswith("data: ") and line != "data: {}":
            return dict(json.loads(line.removeprefix("data: ")))
    raise AssertionError("the stream has ended")


EXAMPLES = re.findall(r"```http\n(.*?)```", (ROOT / "docs" / "api.md").read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: text.split("\n")[0])
def test_the_examples_in_the_guide_work(daemon: Daemon, example: str) -> None:
    """A request, a status and what the answer holds at least."""
    asked, status, answered = re.fullmatch(r"(.*)\n\n(\d{3})\n(.*)\n", example, re.DOTALL).groups()  # type: ignore[union-attr]
    head, _, body = asked.partition("\n\n")
    (method, path), *headers = (line.split(" ", 1) for line in head.split("\n"))
    with httpx.Client(base_url=address(daemon)) as client:
        wait_well(client)
        sent = {name.rstrip(":"): value for name, value in headers}
        answer = client.request(method, path, headers=sent, content=body)
    assert answer.status_code == int(status)
    found, wanted = answer.json(), json.loads(answered)
    assert merged(found, wanted) == found
    assert answer.headers["api-version"] == "1"


def test_the_day_is_kept_while_it_goes_on_and_its_plays_can_be_judged(daemon: Daemon) -> None:
    with httpx.Client(base_url=address(daemon)) as client:
        wait_well(client)

        def day() -> Json:
            return dict(client.get("/api/day", params={"step_min": 60}).raise_for_status().json())

        def lasts() -> list[str]:
            return [mark["kind"] for mark in day()["marks"] if mark["end"] is None]

        assert client.post("/api/commands/camera", json={"state": "off"}).status_code == 200
        wait_for(lambda: "camera_off" in lasts(), 20, "the mark of a camera that is off")
        wait_for(lambda: any(day()["curves"]["volume"]), 20, "the first minute")
        client.post("/api/commands/camera", json={"state": "on"})
        wait_for(lambda: "camera_off" not in lasts(), 20, "its end")
        client.post("/api/commands/next")
        wait_for(lambda: len(day()["tracks"]) > 1, 20, "another track")
        play = day()["tracks"][0]
        liked = client.post("/api/commands/like", json={"play": play["id"]})
        assert liked.json() == {"message": f"liked: {play['title']}"}
        wait_for(lambda: day()["tracks"][0]["judged"] == "liked", 20, "the judgement")


def test_a_front_that_is_killed_is_back_within_three_seconds(daemon: Daemon) -> None:
    """Whoever comes again finds the page where it was, and the decks have not noticed."""
    with httpx.Client(base_url=address(daemon)) as client:
        wait_well(client)
        before, decks = front(daemon), status_decks(daemon)
        os.kill(before, signal.SIGKILL)
        killed_at = time.monotonic()
        wait_for(lambda: not alive(before), 5, "its end")
        wait_well(client)
        took_s = time.monotonic() - killed_at
    assert front(daemon) != before
    assert status_decks(daemon) == decks
    assert is_soon_enough(took_s, 3)


def test_another_port_is_gone_over_to_and_nothing_else_restarts(daemon: Daemon) -> None:
    before = address(daemon)
    old, decks = front(daemon), status_decks(daemon)
    port = free_port()
    edit(daemon, web={"enabled": True, "port": port})
    assert daemon.tell("reload")["changed"] == ["web"]
    status = daemon.wait_until(lambda now: now["front"]["address"] not in (None, before))
    assert status["front"]["address"] == f"http://127.0.0.1:{port}/"
    assert not alive(old)
    assert status_decks(daemon) == decks


def test_a_taken_port_is_said_and_the_music_plays(pulse: PrivatePulse, songs: Path, tmp_path: Path) -> None:
    """As soon as the port is free, the page is there."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        settings = merged(simple(songs), {"web": {"enabled": True, "port": port}})
        with Daemon(tmp_path / "player", settings, pulse.env) as daemon:
            daemon.wait_until(lambda now: now["front"]["problem"] and now["playback"]["state"] == "playing")
            said = daemon.wait_for("web", level="warning")
            assert f"port {port}" in said["message"]
            assert "web.port" in said["message"]
            assert daemon.tell("status")["front"]["address"] is None
            taken.close()
            daemon.wait_until(lambda now: now["front"]["address"] and not now["front"]["problem"])
            child = front(daemon)
            daemon.kill()
            wait_for(lambda: not alive(child), 5, "the end of the front, as its daemon was killed")
