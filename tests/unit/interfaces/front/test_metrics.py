"""What Prometheus and Grafana are given: names, help, and a dashboard that asks for nothing else."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client.core import Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from player.interfaces.front.metrics import registry
from player.status import (
    CameraState,
    CameraStatus,
    GateStatus,
    LensState,
    PlayerStatus,
    PointStatus,
    SceneStatus,
    as_json,
)
from player.types import Json
from tests.fakes import status

ROOT = Path(__file__).resolve().parents[4]
DASHBOARD = ROOT / "deploy" / "grafana" / "ambient-player.json"
GUIDE = ROOT / "docs" / "api.md"
UNITS = ("seconds", "bytes", "ratio", "decibels")


def everything() -> PlayerStatus:
    """A status of which nothing is unknown."""
    point = PointStatus(0.2, -0.1)
    quiet = replace(status.heard(True), heard_db=-20.0, steps={"respawn": 1})
    well = status.whole(playback=status.playback(audible=quiet, decks=status.decks("current", "idle")))
    camera = CameraStatus(enabled=True, state=CameraState.LIVE, frames=7, last_frame_age_s=0.5)
    scene = SceneStatus("a cup on a table", 2, 0.1)
    seen = replace(well.perception, camera=camera, lens=LensState.OK, scene=scene, gate=GateStatus(3, 4, 0.0))
    return replace(well, room=replace(well.room, mood=point), perception=seen)


def test_a_room_that_is_not_seen_has_no_mood_and_no_people() -> None:
    whole = everything()
    dark = as_json(replace(whole, perception=replace(whole.perception, lens=LensState.DARK)))
    said = generate_latest(registry(lambda: dark, lambda: 3)).decode()
    assert not re.search(
        r"^ambient_player_(room_valence|room_energy|people|motion_ratio) ", said, re.MULTILINE
    )


@pytest.fixture(scope="module")
def scrape() -> str:
    """What is answered to Prometheus."""
    now = as_json(everything())
    return generate_latest(registry(lambda: now, lambda: 3)).decode()


@pytest.fixture(scope="module")
def families(scrape: str) -> list[Metric]:
    return list(text_string_to_metric_families(scrape))


def samples(families: list[Metric]) -> dict[str, set[str]]:
    """Every name that can be asked for, with the labels that it has."""
    return {sample.name: set(sample.labels) for family in families for sample in family.samples}


def test_names_types_and_help_follow_the_conventions(families: list[Metric]) -> None:
    """As https://prometheus.io/docs/practices/naming/ has them: `total` for counters alone, units last."""
    assert families
    for family in families:
        assert re.fullmatch(r"[A-Z].*[^ ]", family.documentation), family.name
        for name in {sample.name for sample in family.samples}:
            words = name.removesuffix("_total").split("_")
            assert name.startswith("ambient_player_")
            assert name.endswith("_total") == (family.type == "counter"), name
            assert not {"gauge", "counter", "info", "count", "sum", "bucket"} & set(words[:-1]), name
            assert not set(UNITS) & set(words[:-1]), f"{name}: the unit is not its last word"


def test_each_metric_has_one_family(scrape: str, families: list[Metric]) -> None:
    names = re.findall(r"^# TYPE (\S+)", scrape, re.MULTILINE)
    assert len(names) == len(set(names)) == len(families)


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not here: apt install prometheus")
def test_promtool_finds_nothing(scrape: str) -> None:
    """Prometheus' own check, which also has opinions on names."""
    ran = subprocess.run(
        ["promtool", "check", "metrics"], input=scrape, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stdout + ran.stderr) == (0, "")


def expressions() -> Iterator[str]:
    """What the dashboard asks Prometheus for."""
    board = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    for panel in board["panels"]:
        for target in panel.get("targets", ()):
            yield target["expr"]
    for variable in board["templating"]["list"]:
        if variable["type"] == "query":
            yield variable["query"]["query"]


def test_the_dashboard_asks_for_what_there_is(families: list[Metric]) -> None:
    known = samples(families)
    asked = [name for text in expressions() for name in re.findall(r"ambient_player_\w+", text)]
    assert len(set(asked)) > 30
    assert set(asked) <= set(known)


def test_the_dashboard_s_counters_are_rates(families: list[Metric]) -> None:
    """And what is no counter is none."""
    counters = {sample.name for f in families if f.type == "counter" for sample in f.samples}
    for text in expressions():
        over = set(re.findall(r"(?:rate|increase)\((\w+)", text))
        named = set(re.findall(r"ambient_player_\w+", text))
        assert named & counters == over, text


def test_the_dashboard_s_legends_name_labels_that_there_are(families: list[Metric]) -> None:
    known = samples(families)
    for panel in _panels():
        for target in panel.get("targets", ()):
            labels = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
            (name,) = re.findall(r"ambient_player_\w+", target["expr"])
            assert labels <= known[name], target


def test_the_dashboard_is_one_that_grafana_takes() -> None:
    """Each panel once, none upon another, all on the data source that its owner chooses."""
    panels = _panels()
    assert len({panel["id"] for panel in panels}) == len(panels)
    places: set[tuple[int, int]] = set()
    for panel in panels:
        at = panel["gridPos"]
        taken = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert not taken & places, panel["title"]
        assert max(x for x, _ in taken) < 24
        places |= taken
        if panel["type"] != "row":
            assert panel["title"]
            assert panel["description"]
            assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
            assert [target["refId"] for target in panel["targets"]] == [*"ABCDE"][: len(panel["targets"])]


def _panels() -> list[Json]:
    return list(json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"])


def test_the_guide_lists_every_metric(families: list[Metric]) -> None:
    said = set(re.findall(r"`(ambient_player_\w+)[{`*]", GUIDE.read_text(encoding="utf-8")))
    exposed = {name for name in samples(families) if "_web_process_" not in name}
    assert exposed == {name for name in said if "_web_process_" not in name}
