"""No model file is used that is not the manifest's; what is wrong is named, with what to do."""

import json
from pathlib import Path

import pytest

from player.errors import ModelError, ModelFileDamagedError, ModelFileNotFoundError
from player.models import MODELS_DIR, REMEDY, blip_dir, manifest, verified

REMEDY_HERE = "bake it again"
ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def folder(path: Path, content: bytes | None = b"abc", listed: object = None) -> Path:
    listed = {"files": {"net.onnx": {"sha256": ABC}}} if listed is None else listed
    (path / "manifest.json").write_text(listed if isinstance(listed, str) else json.dumps(listed))
    if content is not None:
        (path / "net.onnx").write_bytes(content)
    return path


def test_a_file_as_in_the_manifest_is_used(tmp_path: Path) -> None:
    assert verified("net.onnx", folder(tmp_path), REMEDY_HERE) == tmp_path / "net.onnx"


@pytest.mark.parametrize(
    ("content", "error", "says"),
    [
        (b"abd", ModelFileDamagedError, "is damaged (sha256 a52d159f262b..., expected ba7816bf8f01...)"),
        (b"", ModelFileDamagedError, "is damaged"),
        (None, ModelFileNotFoundError, "is missing"),
    ],
)
def test_another_file_is_refused(
    tmp_path: Path, content: bytes | None, error: type[ModelError], says: str
) -> None:
    with pytest.raises(error) as refused:
        verified("net.onnx", folder(tmp_path, content), REMEDY_HERE)
    assert str(refused.value).startswith(f"{tmp_path / 'net.onnx'} {says}")
    assert str(refused.value).endswith(f": {REMEDY_HERE}.")


@pytest.mark.parametrize(
    "listed",
    [
        "",
        "[]",
        "{}",
        '{"files": []}',
        '{"files": null}',
        '{"files": {"net.onnx": {}}}',
        '{"files": {"net.onnx": "ba78"}}',
        '{"files": {"net.onnx": {"sha256": 7}}}',
    ],
)
def test_what_is_no_manifest_is_refused(tmp_path: Path, listed: str) -> None:
    with pytest.raises(ModelError, match=rf"manifest\.json is not a manifest \(.+\): {REMEDY_HERE}\.$"):
        verified("net.onnx", folder(tmp_path, listed=listed), REMEDY_HERE)


def test_a_missing_manifest_and_a_file_that_is_not_in_it_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelFileNotFoundError, match=rf"manifest\.json is missing: {REMEDY_HERE}\.$"):
        verified("net.onnx", tmp_path, REMEDY_HERE)
    with pytest.raises(ModelError, match=rf"other\.onnx is not in .*manifest\.json: {REMEDY}\.$"):
        verified("other.onnx", folder(tmp_path))


def test_the_bundled_files_are_those_of_the_manifest() -> None:
    assert manifest()
    for name in manifest():
        assert verified(name) == MODELS_DIR / name


def unknown(*_: object) -> Path:
    raise RuntimeError("Could not determine home directory.")


@pytest.mark.parametrize("installed", [True, False])
def test_where_nobody_knows_the_home_there_is_a_place_for_blip_all_the_same(
    monkeypatch: pytest.MonkeyPatch, installed: bool
) -> None:
    """As in a container whose user has no entry: what opens no BLIP must not fail for it."""
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setattr(Path, "expanduser", unknown)
    assert blip_dir(installed) == MODELS_DIR / "blip"


def test_an_installed_players_blip_lies_with_its_users_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert blip_dir(installed=True) == Path("/data/ambient-player/blip")
    assert blip_dir(installed=False) == MODELS_DIR / "blip"
