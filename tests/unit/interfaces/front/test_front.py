"""What the front is made of, and what it says to those who watch from outside."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client.exposition import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from player.config.settings.web import WebSettings
from player.errors import ControlError
from player.interfaces.command_table import Role
from player.interfaces.front.health import is_well
from player.interfaces.front.listening import check_change, listen
from player.interfaces.front.metrics import registry
from player.interfaces.front.page_server import address
from player.interfaces.front.web.security.secrets_file import NAME, SecretsFile
from player.status import CameraStatus, PlayerStatus, as_json
from player.types import Json
from tests.fakes import status
from tests.unit.interfaces.front.web.security.conftest import HASHES

ROOT = Path(__file__).resolve().parents[4]


def loaded(page: bool) -> set[str]:
    """The modules of the front's process, with or without a page, once it could serve."""
    code = LOADED.format(settings={"web": {"enabled": page}})
    ran = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, check=True, cwd=ROOT)
    return set(ran.stdout.decode().split())


def test_it_brings_neither_pictures_nor_models_nor_a_database() -> None:
    """Its memory is small and it cannot open what it has no business with."""
    unrelated = {"numpy", "cv2", "onnxruntime", "sqlite3", "av", "vlc", "typer", "requests", "httpx"}
    assert not unrelated & loaded(page=True)


def test_it_does_without_what_it_never_uses() -> None:
    """Neither a watcher of files nor pydantic's old self: two megabytes, and a part of its start."""
    modules = loaded(page=True)
    assert "uvicorn" in modules
    assert not {"watchfiles", "pydantic.v1.main"} & modules


def test_where_there_is_no_page_nothing_of_it_is_loaded() -> None:
    """Twenty megabytes that a desktop's keys do not need."""
    assert not {"fastapi", "uvicorn", "starlette", "jinja2"} & loaded(page=False)


LOADED = """
import sys
from player.interfaces.front import child, server
from player.config.settings.front import FrontSettings

def main():
    server.Front(FrontSettings.model_validate({settings}), None, None, None, None)
    print(*(name for name, module in sys.modules.items() if module))

server.main = main
child.main()
"""


def test_nothing_looks_for_garbage_while_it_loads() -> None:
    """A third of its start: nothing big may come before that is switched off, and it is on again after."""
    ran = subprocess.run([sys.executable, "-P", "-c", LOADING], capture_output=True, check=True, cwd=ROOT)
    assert ran.stdout.decode().split("\n")[:-1] == ["fastapi: False", "serving: True, True"]


LOADING = """
import asyncio, gc, sys
from types import SimpleNamespace
from player.config.settings.front import FrontSettings
from player.interfaces.front import child
from player.system import child_side

class Noting:
    def find_spec(self, name, *_):
        if name == "fastapi":
            print(f"{name}: {gc.isenabled()}")

def serving(task):
    print(f"serving: {gc.isenabled()}, {gc.get_freeze_count() > 50_000}")
    task.close()

sys.meta_path.insert(0, Noting())
orders = FrontSettings(web={"enabled": True}).model_dump(mode="json") | {"socket": "nowhere"}
orders |= {"folder": ".", "passwords": "."}
child_side.take_stdout = lambda: print
child_side.read_commands = lambda at_end: SimpleNamespace(get=lambda: orders)
child_side.step_back = lambda **_: None
asyncio.run = serving
child.main()
"""


def of(state: str = "playing", audible: bool | None = True) -> Json:
    """A status, as JSON."""
    return as_json(status.whole(playback=status.playback(state=state, audible=status.heard(audible))))


@pytest.mark.parametrize(
    ("now", "well"),
    [
        (of(), True),
        (of(audible=None), True),
        (of(audible=False), False),
        (of("starting"), False),
        (of("silent"), False),
        (of("paused", None), True),
        (of("closed", None), True),
        (of("stopped", None), True),
        (None, False),
    ],
)
def test_it_is_well_if_what_should_be_heard_is_heard(now: Json | None, well: bool) -> None:
    assert is_well(now) is well


def scraped(now: PlayerStatus | None) -> dict[str, float]:
    """Every sample that Prometheus' own parser finds, by name and labels."""
    made = registry(lambda: None if now is None else as_json(now), lambda: 3)
    text = generate_latest(made).decode()
    return {
        sample.name
        + ("".join(f" {key}={value}" for key, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_metrics_say_what_the_status_says() -> None:
    camera = CameraStatus(enabled=True, frames=7, last_frame_age_s=0.5)
    heard = replace(status.heard(True), steps={"respawn": 2}, heard_db=-20.0)
    now = status.whole(
        playback=status.playback(volume=40, audible=heard, decks=status.decks("current", "idle")),
        perception=replace(status.perception(), camera=camera),
    )
    found = scraped(now)
    assert found["ambient_player_up"] == 1
    assert found["ambient_player_healthy"] == 1
    assert found["ambient_player_volume_ratio"] == 0.4
    assert found["ambient_player_state state=playing"] == 1
    assert found["ambient_player_state state=paused"] == 0
    assert found["ambient_player_watchdog_steps_total step=respawn"] == 2
    assert found["ambient_player_camera_frames_total"] == 7
    assert found["ambient_player_camera_last_frame_age_seconds"] == 0.5
    assert found["ambient_player_deck_ready deck=A"] == 1
    assert found["ambient_player_heard_decibels"] == -20
    assert found["ambient_player_library_tracks state=analysed"] == 3
    assert found["ambient_player_web_event_streams"] == 3


def test_metrics_of_a_player_that_is_away_are_missing() -> None:
    found = scraped(None)
    assert (found["ambient_player_up"], found["ambient_player_healthy"]) == (0, 0)
    assert not any("volume" in name for name in found)


def test_names_of_metrics_follow_the_conventions() -> None:
    """Base units, no `total` but for counters, no unit within a name."""
    for name in {sample.split()[0] for sample in scraped(status.whole())}:
        assert re.fullmatch(r"ambient_player(_[a-z]+)+", name), name
        assert not re.search(r"_(ms|milliseconds|percent|db|minutes|mb)(_|$)", name), name


@pytest.mark.parametrize(
    ("settings", "at"),
    [
        (WebSettings(), "http://127.0.0.1:9/"),
        (WebSettings(listen="::1"), "http://[::1]:9/"),
        (WebSettings(base_path="/music/"), "http://127.0.0.1:9/music/"),
    ],
)
def test_the_address_can_be_opened_by_a_browser(settings: WebSettings, at: str) -> None:
    assert address(settings, 9) == at


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"listen": "0.0.0.0"}, "ambient-player web password"),
        ({"listen": "::"}, "ambient-player web password"),
        ({"proxies": ["10.0.0.2"]}, "ambient-player web password"),
        ({"port": "taken"}, r"port \d+ .*in use.*web\.port"),
    ],
)
def test_settings_that_would_lock_everybody_out_are_refused(changed: Json, why: str, tmp_path: Path) -> None:
    with listen(WebSettings(port=0)) as ours, listen(WebSettings(port=0)) as theirs:
        old = WebSettings(port=ours.getsockname()[1])
        taken = theirs.getsockname()[1]
        new = {name: taken if value == "taken" else value for name, value in changed.items()}
        with pytest.raises(ControlError, match=why):
            check_change(old, WebSettings.model_validate({"port": old.port, **new}), tmp_path)


def test_an_address_that_this_machine_has_not_is_refused_also_with_a_password(tmp_path: Path) -> None:
    SecretsFile(tmp_path / NAME).change(lambda found: found.with_password(Role.OWNER, HASHES[Role.OWNER]))
    with listen(WebSettings(port=0)) as ours:
        old = WebSettings(port=ours.getsockname()[1])
        with pytest.raises(ControlError, match=r"192\.0\.2\.7"):
            check_change(old, old.model_copy(update={"listen": "192.0.2.7"}), tmp_path)
        goods: list[Json] = [{"listen": "0.0.0.0"}, {"listen": "::1"}, {"proxies": ("10.0.0.2",)}]
        for good in goods:
            check_change(old, old.model_copy(update=good), tmp_path)


def test_what_is_switched_off_needs_no_address(tmp_path: Path) -> None:
    off = WebSettings(enabled=False, listen="0.0.0.0")
    check_change(WebSettings(), off, tmp_path)
    with pytest.raises(ControlError, match="password"):
        check_change(off, WebSettings(listen="0.0.0.0"), tmp_path)


def test_a_port_is_listened_on_by_one_alone() -> None:
    with listen(WebSettings(port=0)) as first:
        port = first.getsockname()[1]
        with pytest.raises(OSError, match="in use"):
            listen(WebSettings(port=port))
    listen(WebSettings(port=port)).close()
