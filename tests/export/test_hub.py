"""Checkpoints come from the hub whole and verified, or a sentence says why not."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from player.vision.blip.model import Captioner
from scripts.export.blip_checkpoint import Checkpoint, NotBlipError
from scripts.export.blip_hub import TRIES, Hub, fetch
from scripts.export.blip_random import TINY_TEXT, TINY_VISION, build
from tests.fakes.hub import REVISION, FakeHub
from tests.support.waiting import wait_for

NAME = "somebody/blip-tiny"
WEIGHTS = "model.safetensors"
BLIP = b'{"model_type": "blip"}'
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("checkpoint"), TINY_TEXT, TINY_VISION)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    hub = FakeHub({NAME: {"config.json": BLIP, WEIGHTS: bytes(range(256)) * 4000, "vocab.txt": b"[PAD]"}})
    hub.start()
    yield hub
    hub.stop()


def get(hub: FakeHub, cache: Path, name: str = NAME, token: str | None = None, timeout_s: float = 10) -> Path:
    return fetch(name, Hub(hub.url, token, timeout_s, pause_s=0), cache)


def starts(hub: FakeHub) -> list[int]:
    """Where each request for the weights' bytes began."""
    return [request.start for request in hub.asked if request.path.startswith("/storage/")]


def command(hub_url: str, folder: Path, *options: str) -> list[str]:
    settings = {"HF_ENDPOINT": hub_url, "XDG_CACHE_HOME": str(folder / "cache"), "no_proxy": "127.0.0.1"}
    given = [f"{name}={value}" for name, value in settings.items()]
    return ["env", *given, sys.executable, "-m", "scripts.export.blip", *options]


def run(hub_url: str, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(hub_url, folder, *options), cwd=ROOT, capture_output=True, text=True, check=False, timeout=100
    )


def test_a_checkpoint_from_the_hub_is_exported_as_from_its_folder(
    checkpoint: Path, hub: FakeHub, tmp_path: Path
) -> None:
    hub.repositories[NAME] = {path.name: path.read_bytes() for path in checkpoint.iterdir()}
    there, here = tmp_path / "there", tmp_path / "here"
    done = run(hub.url, tmp_path, NAME, "--out", str(there))
    assert done.returncode == 0, done.stderr
    assert run(hub.url, tmp_path, str(checkpoint), "--out", str(here)).returncode == 0
    from_hub, from_folder = (json.loads((out / "manifest.json").read_text()) for out in (there, here))
    assert from_hub.pop("source") == NAME
    assert from_folder.pop("source") == str(checkpoint)
    assert from_hub == from_folder
    assert Captioner(1, there).caption(
        np.random.default_rng(0).integers(0, 256, (48, 64, 3)).astype(np.uint8)
    )
    asked = len(hub.asked)
    assert run(hub.url, tmp_path, NAME, "--out", str(there)).returncode == 0
    assert not [r for r in hub.asked[asked:] if WEIGHTS in r.path], "what is there is not fetched again"


def test_stopped_in_the_middle_it_goes_on_where_it_was(hub: FakeHub, tmp_path: Path) -> None:
    """Ctrl-C while a gigabyte comes is the rule, not the exception."""
    hub.silent_after = 300_000
    with subprocess.Popen(command(hub.url, tmp_path, NAME), cwd=ROOT, stderr=subprocess.PIPE) as process:
        cache = tmp_path / "cache"
        wait_for(lambda: sum(p.stat().st_size for p in cache.rglob("*.part")) > 200_000, 60, "half of it")
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=20)[1] == b""
        assert process.returncode == -signal.SIGINT
    kept = next(cache.rglob("*.part")).stat().st_size
    hub.silent_after = None
    folder = get(hub, cache / "ambient-player" / "hub")
    assert starts(hub) == [0, kept]
    assert (folder / WEIGHTS).read_bytes() == hub.repositories[NAME][WEIGHTS]
    assert not list(folder.glob("*.part"))


def test_a_dropped_connection_is_taken_up_again(hub: FakeHub, tmp_path: Path) -> None:
    hub.break_after = [100_000, 0, 0, 200_000]
    folder = get(hub, tmp_path)
    assert starts(hub) == [0, 100_000, 100_000, 100_000, 300_000]
    assert (folder / WEIGHTS).read_bytes() == hub.repositories[NAME][WEIGHTS]


def test_a_server_without_ranges_sends_it_all_again(hub: FakeHub, tmp_path: Path) -> None:
    hub.ranges, hub.break_after = False, [100_000]
    folder = get(hub, tmp_path)
    assert starts(hub) == [0, 100_000]
    assert (folder / WEIGHTS).read_bytes() == hub.repositories[NAME][WEIGHTS]


def test_when_nothing_more_comes_it_gives_up_and_keeps_what_it_has(hub: FakeHub, tmp_path: Path) -> None:
    hub.break_after = [500_000, *[0] * TRIES]
    with pytest.raises(NotBlipError, match=r"model\.safetensors broke off at 0 of 1 MB.*is kept"):
        get(hub, tmp_path)
    get(hub, tmp_path)
    assert starts(hub) == [0, *[500_000] * (TRIES + 1)]


def test_a_storage_that_falls_silent_is_given_up(hub: FakeHub, tmp_path: Path) -> None:
    hub.silent_after = 0
    with pytest.raises(NotBlipError, match=r"broke off at 0 of 1 MB, timed out"):
        get(hub, tmp_path, timeout_s=1.0)
    assert len(starts(hub)) == TRIES


def test_what_arrives_damaged_is_not_kept(hub: FakeHub, tmp_path: Path) -> None:
    hub.damage = True
    with pytest.raises(NotBlipError, match=r"model\.safetensors was damaged on its way"):
        get(hub, tmp_path)
    hub.damage = False
    folder = get(hub, tmp_path)
    assert starts(hub) == [0, 0]
    assert (folder / WEIGHTS).read_bytes() == hub.repositories[NAME][WEIGHTS]


@pytest.mark.parametrize(
    ("config", "says"),
    [
        (b'{"model_type": "bert", "architectures": ["BertModel"]}', "BertModel"),
        (b'{"model_type": "blip", "text_config": {"hidden_act": "relu"}}', "hidden_act"),
        (b"[]", "cannot be reached.*holds no JSON object"),
        (b"<html>", "cannot be reached.*is no hub"),
    ],
)
def test_what_is_no_blip_is_refused_after_its_config_alone(
    hub: FakeHub, tmp_path: Path, config: bytes, says: str
) -> None:
    hub.repositories[NAME]["config.json"] = config
    with pytest.raises(NotBlipError, match=says):
        get(hub, tmp_path)
    assert {request.path.rsplit("/", 1)[1] for request in hub.asked} == {"config.json"}
    assert not list(tmp_path.rglob("*")), "nothing was kept of it"


def test_one_that_answers_is_refused_for_the_player_after_its_config_alone(
    hub: FakeHub, tmp_path: Path
) -> None:
    config = {"model_type": "blip", "architectures": ["BlipForQuestionAnswering"]}
    hub.repositories[NAME]["config.json"] = json.dumps(config).encode()
    with pytest.raises(NotBlipError, match=r"answers questions.*name --out"):
        fetch(NAME, Hub(hub.url, None, 10, pause_s=0), tmp_path, for_player=True)
    assert {request.path.rsplit("/", 1)[1] for request in hub.asked} == {"config.json"}


def test_pickled_weights_are_never_asked_for(hub: FakeHub, tmp_path: Path) -> None:
    hub.repositories[NAME] = {"config.json": BLIP, "pytorch_model.bin": b"pickled" * 1000}
    with pytest.raises(NotBlipError, match=r"offers no model\.safetensors; pickled weights are not fetched"):
        get(hub, tmp_path)
    hub.repositories[NAME][WEIGHTS] = b"safe"
    assert sorted(path.name for path in get(hub, tmp_path).iterdir()) == ["config.json", WEIGHTS]
    assert not [request for request in hub.asked if "pytorch_model" in request.path]


def test_only_files_with_the_known_names_are_fetched(hub: FakeHub, tmp_path: Path) -> None:
    odd = [
        "onnx/model.safetensors",
        "../model.safetensors",
        "model.fp16.safetensors",
        "a b?.safetensors",
        ".env",
    ]
    hub.repositories[NAME] |= dict.fromkeys([*odd, "README.md", "generation_config.json"], b"{}")
    folder = get(hub, tmp_path)
    assert hub.files_asked() == ["config.json", "config.json", "generation_config.json", "vocab.txt", WEIGHTS]
    kept = {path for path in tmp_path.rglob("*") if path.is_file()}
    assert kept == {folder / name for name in ("config.json", "generation_config.json", "vocab.txt", WEIGHTS)}


def test_weights_in_several_files_are_all_fetched(checkpoint: Path, hub: FakeHub, tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save  # noqa: PLC0415 - only here

    weights = load_file(checkpoint / WEIGHTS)
    names = sorted(weights)
    hub.repositories[NAME] = {"config.json": (checkpoint / "config.json").read_bytes()} | {
        f"model-0000{n + 1}-of-00002.safetensors": save({name: weights[name] for name in names[n::2]})
        for n in range(2)
    }
    found = Checkpoint(get(hub, tmp_path))
    for name in names:
        np.testing.assert_array_equal(found[name], weights[name])


@pytest.mark.parametrize(
    ("refusal", "says"),
    [
        ((401, "RepoNotFound"), "neither a folder nor a model that the hub shows you"),
        ((404, "RepoNotFound"), "neither a folder nor a model that the hub shows you"),
        ((404, "EntryNotFound"), r"lacks config\.json"),
        ((401, "GatedRepo"), f"is gated: accept its conditions at http.*/{NAME}, set HF_TOKEN"),
        ((403, "GatedRepo"), "is gated"),
        ((403, ""), "HF_TOKEN if it is private"),
        ((429, ""), "answered 429 .*try again later"),
        ((500, ""), "answered 500 .*try again later"),
    ],
)
def test_what_the_hub_refuses_is_told(
    hub: FakeHub, tmp_path: Path, refusal: tuple[int, str], says: str
) -> None:
    hub.refusals[NAME] = refusal
    with pytest.raises(NotBlipError, match=says):
        get(hub, tmp_path)
    assert len(hub.asked) == 1


def test_a_token_opens_a_gated_repository_and_goes_to_the_hub_alone(hub: FakeHub, tmp_path: Path) -> None:
    hub.token = "hf_secret"
    with pytest.raises(NotBlipError, match="is gated"):
        get(hub, tmp_path)
    hub.asked.clear()
    get(hub, tmp_path, token="hf_secret")
    for request in hub.asked:
        expected = None if request.path.startswith("/storage/") else "Bearer hf_secret"
        assert request.token == expected, request.path


@pytest.mark.parametrize(
    "name", ["../secrets", "/etc", "a/b/c", "", "somebody/blip?x", "./blip", "a/..", "ä/b"]
)
def test_a_name_that_is_none_is_refused_without_a_request(hub: FakeHub, tmp_path: Path, name: str) -> None:
    with pytest.raises(NotBlipError, match="is neither a folder nor the name of a hub repository"):
        get(hub, tmp_path, name)
    assert not hub.asked


@pytest.mark.parametrize(
    "listing",
    [
        {"sha": REVISION},
        {"sha": "../../x", "siblings": [{"rfilename": WEIGHTS, "size": 1, "blobId": "0" * 40}]},
        {"sha": REVISION, "siblings": [{"rfilename": WEIGHTS, "size": None, "blobId": "0" * 40}]},
        {"sha": REVISION, "siblings": ["model.safetensors"]},
    ],
)
def test_a_list_of_files_that_is_none_is_refused(hub: FakeHub, tmp_path: Path, listing: object) -> None:
    hub.listing = listing
    with pytest.raises(NotBlipError, match="its list of files"):
        get(hub, tmp_path)


def test_a_busy_storage_is_asked_again(hub: FakeHub, tmp_path: Path) -> None:
    hub.busy = TRIES - 1
    get(hub, tmp_path)
    assert starts(hub) == [0] * TRIES
    hub.busy = TRIES
    with pytest.raises(NotBlipError, match="it answered 503"):
        get(hub, tmp_path / "again")


def test_a_login_page_is_no_hub(hub: FakeHub, tmp_path: Path) -> None:
    hub.page = b"<html>Welcome to our free wifi!</html>"
    with pytest.raises(NotBlipError, match="what answers is no hub: does this network want a login"):
        get(hub, tmp_path)


def test_a_full_disk_is_told_before_anything_large_is_fetched(hub: FakeHub, tmp_path: Path) -> None:
    huge = {"rfilename": WEIGHTS, "size": 10**18, "lfs": {"sha256": "0" * 64}}
    hub.listing = {"sha": REVISION, "siblings": [huge]}
    with pytest.raises(NotBlipError, match="1000000000000 MB are to be fetched: make room"):
        get(hub, tmp_path)
    assert not starts(hub)


def test_a_cache_that_cannot_be_written_is_told(hub: FakeHub, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(NotBlipError, match="cannot be kept in"):
        get(hub, tmp_path / "file")


def test_a_hub_that_says_nothing_is_given_up_in_time(hub: FakeHub, tmp_path: Path) -> None:
    hub.mute = True
    with pytest.raises(NotBlipError, match=r"cannot be reached.*no answer within 0\.3 s"):
        get(hub, tmp_path, timeout_s=0.3)
    assert len(hub.asked) <= 1


def test_a_hub_that_hangs_up_is_asked_once(hub: FakeHub, tmp_path: Path) -> None:
    hub.hangs_up = True
    with pytest.raises(NotBlipError, match=r"cannot be reached.*closed connection without response"):
        get(hub, tmp_path)
    assert len(hub.asked) == 1


def test_without_a_network_the_command_says_so_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    done = run(f"http://127.0.0.1:{port}", tmp_path, NAME, "--out", str(tmp_path / "out"))
    assert done.returncode == 1
    assert done.stderr.startswith("ambient-player: the model hub cannot be reached")
    assert "Connection refused" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()
