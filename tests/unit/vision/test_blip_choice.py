"""Which reader is opened, and what is said where it is not the one that was wanted."""

import logging
from pathlib import Path

import pytest

from player.config.settings.perception import VisionSettings
from player.errors import ModelFileDamagedError
from player.system import resources
from player.vision import factory
from player.vision.blip import reader as blip_reader
from player.vision.blip.model import how_to_build
from tests.fakes.readers import FakeSceneReader


@pytest.fixture
def blip_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for BLIP, with readers that need no model."""

    def compact(settings: VisionSettings) -> FakeSceneReader:
        return named("compact")

    def blip(settings: VisionSettings, models_dir: Path) -> FakeSceneReader:
        if (models_dir / "damage").exists():
            raise ModelFileDamagedError(f"{models_dir / 'text_decoder.onnx'} is damaged: build it again.")
        return named("blip")

    monkeypatch.setattr(factory, "CompactReader", compact)
    monkeypatch.setattr(blip_reader, "BlipReader", blip)
    return tmp_path


def named(name: str) -> FakeSceneReader:
    reader = FakeSceneReader()
    reader.name = name
    return reader


@pytest.mark.parametrize(
    ("wanted", "files", "opened", "noted"),
    [
        ("auto", (), "compact", None),
        ("auto", ("manifest.json",), "blip", None),
        ("auto", ("manifest.json", "damage"), "compact", "text_decoder.onnx is damaged: build it again; the"),
        ("blip", (), "compact", "./scripts/run --with-blip builds it"),
        ("blip", ("manifest.json",), "blip", None),
        ("blip", ("manifest.json", "damage"), "compact", "is damaged"),
        ("compact", (), "compact", None),
        ("compact", ("manifest.json",), "compact", None),
    ],
)
def test_the_reader_and_the_note(
    blip_dir: Path,
    caplog: pytest.LogCaptureFixture,
    wanted: str,
    files: tuple[str, ...],
    opened: str,
    noted: str | None,
) -> None:
    for name in files:
        (blip_dir / name).touch()
    settings = VisionSettings.model_validate({"reader": wanted})
    with caplog.at_level(logging.WARNING):
        reader, note = factory.open_reader(settings, blip_dir)
    assert reader.name == opened
    assert (note is None) == (noted is None)
    assert caplog.messages == ([note] if note else [])
    if noted:
        assert noted in str(note)
        assert str(note).endswith("the compact reader is used instead.")


def test_an_installed_player_is_not_sent_to_a_script_that_it_lacks(
    blip_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources, "INSTALLED", True)
    _, note = factory.open_reader(VisionSettings(reader="blip"), blip_dir)
    said = f"BLIP is not in {blip_dir} (docs/blip.md says how it gets there)"
    assert note == f"{said}; the compact reader is used instead."
    assert how_to_build(installed=True) == "build it again as docs/blip.md says"
    assert how_to_build(installed=False) == "build it again with ./scripts/run --with-blip"
