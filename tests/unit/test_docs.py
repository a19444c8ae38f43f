"""What the documents promise exists: commands, settings, keys, files."""

import re
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

import player
from player.cli import json_output, main
from player.config import loader
from player.config.settings.config import Config
from player.library.models import Analysis
from player.log import LogEvent
from player.types import Light, Mood, Scene

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")]
DOCUMENTS += [ROOT / "models_onnx/README.md"]
DOCUMENTS += sorted(ROOT.glob("docs/**/*.md"))
README = (ROOT / "README.md").read_text(encoding="utf-8")


def commands() -> set[str]:
    top = get_command(main.app)
    names = set()
    for name, command in top.commands.items():  # type: ignore[attr-defined]
        names |= {f"{name} {sub}" for sub in getattr(command, "commands", [])} or {name}
        names |= {name} if getattr(command, "invoke_without_command", False) else set()
    return names


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_commands_that_are_named_exist(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for named in re.findall(r"ambient-player ((?:(?:library|config|service|web) )?[a-z_]+)", text):
        assert named in commands(), f"{document.name} names `ambient-player {named}`"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)", document.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (document.parent / target).exists(), f"{document.name} links to {target}"


def test_every_event_of_the_log_is_explained() -> None:
    rows = re.findall(r"^\| (`.*?) \|", (ROOT / "docs" / "log.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(re.findall(r"`(\w+)`", " ".join(rows))) == sorted(LogEvent)


def test_the_settings_in_the_readme_are_right(tmp_path: Path) -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    path = tmp_path / "config.yaml"
    path.write_text(block, encoding="utf-8")
    loaded = loader.load(path)
    assert loaded.library.folders == (Path.home() / "Music",)
    assert set(yaml.safe_load(block)) == {"camera", "library"}


@pytest.mark.parametrize("name", ["announcements", "hours", "sensors"])
def test_the_settings_in_a_guide_are_right(name: str, tmp_path: Path) -> None:
    blocks = re.findall(
        r"```yaml\n(.*?)```", (ROOT / f"docs/{name}.md").read_text(encoding="utf-8"), re.DOTALL
    )
    assert blocks
    for block in blocks:
        path = tmp_path / "config.yaml"
        path.write_text(block, encoding="utf-8")
        assert getattr(loader.load(path), name) != getattr(Config(), name)


def test_the_keys_in_the_readme_are_those_that_are_printed() -> None:
    scene = Scene("a room", 0, Light(0.5, 0, 0.2, 0.2), 0.0, 0.0, "compact", 1.0)
    mood = Mood(0.1, 0.2, {"calm": 1.0}, "calm")
    analysis = Analysis(0.1, 0.2, "Q1", {"calm": 1.0}, -18.0, -3.0, 120.0, 60.0, 5.0)
    printed = {
        "caption": json_output.caption(Path("a.jpg"), scene, mood, 3.0),
        "mood": json_output.mood("a room", mood),
        "library analyze": json_output.analysis(Path("a.mp3"), analysis),
    }
    for command, record in printed.items():
        (row,) = re.findall(rf"\| `ambient-player {command} [^|]*\| ([^|]*) \|", README)
        assert row.split(", ") == list(record)


def test_the_two_commands_are_there_and_can_be_run() -> None:
    for name in ("run", "test"):
        assert f"./scripts/{name}" in README
        assert (ROOT / "scripts" / name).stat().st_mode & 0o111


def test_the_tests_that_are_named_exist() -> None:
    named = re.findall(r"`(tests/[a-z_/]+\.py)::([a-z_0-9]+)`", (ROOT / "docs/faults.md").read_text("utf-8"))
    assert len(named) > 20
    for file, test in named:
        assert f"def {test}(" in (ROOT / file).read_text(encoding="utf-8"), f"{file}::{test}"


FILES = {
    path.relative_to(ROOT).as_posix()
    for folder in ("player", "scripts", "tests")
    for path in (ROOT / folder).rglob("*.*")
}


@pytest.mark.parametrize(
    "document", [*DOCUMENTS, ROOT / "scripts/README.md"], ids=lambda path: str(path.name)
)
def test_the_files_that_are_named_exist(document: Path) -> None:
    """Paths in full; a bare name is that of some file. What the changelog tells of the past may be gone."""
    if document.name == "CHANGELOG.md":
        return
    text = document.read_text(encoding="utf-8")
    for named in re.findall(r"`((?:player|scripts|tests)/[\w./-]*)", text):
        assert (ROOT / named).exists(), f"{document.name} names {named}"
    for named in re.findall(r"`([\w/]+\.py)", text):
        assert named in FILES or any(file.endswith(f"/{named}") for file in FILES), (
            f"{document.name} names {named}"
        )


@pytest.mark.parametrize("form", ["problem", "wish"])
def test_issue_forms_are_whole(form: str) -> None:
    """As GitHub wants them; a form that is not right is shown to nobody."""
    asked = yaml.safe_load((ROOT / f".github/ISSUE_TEMPLATE/{form}.yml").read_text(encoding="utf-8"))
    assert asked["name"]
    assert asked["description"]
    ids = [part["id"] for part in asked["body"]]
    assert len(set(ids)) == len(ids)
    for part in asked["body"]:
        assert part["type"] in ("textarea", "dropdown", "checkboxes")
        assert part["attributes"]["label"]
        options = part["attributes"].get("options", [])
        assert bool(options) == (part["type"] != "textarea")
        assert all(isinstance(option, dict if part["type"] == "checkboxes" else str) for option in options)


def test_architecture_walks_through_every_folder() -> None:
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    for path in (ROOT / "player").iterdir():
        if path.is_dir() and path.name != "__pycache__":
            assert f"`player/{path.name}/" in text, path.name


def test_the_ways_in_are_those_of_this_version() -> None:
    found = re.findall(r"ambient[-_]player[-_](\d+\.\d+\.\d+)-", README)
    assert len(found) == 2, "the wheel's name and the package's"
    assert set(found) == {player.__version__}
    for path in re.findall(r"docker compose -f (\S+)|\]\((deploy/[^)]+)\)", README):
        assert (ROOT / next(filter(None, path))).is_file()


def test_every_script_has_a_line_in_its_readme() -> None:
    text = (ROOT / "scripts/README.md").read_text(encoding="utf-8")
    for path in sorted((ROOT / "scripts").rglob("*")):
        if path.is_file() and path.suffix != ".pyc" and path.name not in ("README.md", "__init__.py"):
            folder = path.parent.name
            names = (
                f"`{path.name}`",
                f"`./scripts/{path.name}`",
                f"`scripts/{path.name}`",
                f"`scripts.{folder}.{path.stem}`",
            )
            assert any(name in text for name in names), path
    for folder, name in re.findall(r"`scripts\.(\w+)\.(\w+)`", text):
        assert (ROOT / "scripts" / folder / f"{name}.py").is_file(), name
