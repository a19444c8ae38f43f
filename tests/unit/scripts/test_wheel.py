"""What a wheel takes along, by pyproject.toml; tests/integration/test_package.py looks into a real one."""

import json
import re
import tomllib
from pathlib import Path

from player.models import manifest

ROOT = Path(__file__).resolve().parents[3]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
VENDOR = ROOT / "player/interfaces/front/web/page/static/vendor"


def test_the_package_says_that_it_is_typed() -> None:
    assert (ROOT / "player/py.typed").is_file()


def test_every_licence_of_what_is_others_is_stated_and_its_text_goes_along() -> None:
    texts = {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for pattern in PROJECT["project"]["license-files"]
        for path in ROOT.glob(pattern)
    }
    of_models = {re.split(r"[; ]", entry["licence"])[0] for entry in manifest().values()}
    assert {"MIT", "Apache-2.0", "ISC"} <= of_models
    for licence in of_models:
        assert licence == "MIT" or f"models_onnx/{licence}.LICENSE" in texts
    files = json.loads((VENDOR / "manifest.json").read_text(encoding="utf-8"))["files"]
    for each in files:
        assert (VENDOR / each["licence_file"]).relative_to(ROOT).as_posix() in texts
    stated = set(PROJECT["project"]["license"].split(" AND "))
    assert stated == of_models | {each["licence"] for each in files}
    notice = manifest()["music_tagger.onnx"]["licence"].removeprefix("ISC (c) ")
    assert f"Copyright (c) {notice}" in texts["models_onnx/ISC.LICENSE"]


def test_every_guide_that_config_yaml_or_a_message_names_goes_along() -> None:
    taken = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert taken["docs"] == "player/bundled/docs"
    player = ROOT / "player"
    sources = [ROOT / "config.yaml", *player.rglob("*.py"), *player.rglob("*.html"), *player.rglob("*.po")]
    named = {
        (name, path.relative_to(ROOT).as_posix())
        for path in sources
        for name in re.findall(r"(?<!/)\bdocs/[\w/-]+\.md", path.read_text(encoding="utf-8"))
    }
    assert len(named) > 30
    assert [each for each in sorted(named) if not (ROOT / each[0]).is_file()] == []
