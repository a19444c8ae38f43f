"""The bundled models: found, verified and opened here, and nowhere else.

models_onnx/manifest.json names every file with its sha256, source, licence and metrics. A file is
checked against it before an onnxruntime session opens it.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from player.errors import ModelError, ModelFileDamagedError, ModelFileNotFoundError
from player.system import resources
from player.types import Json

if TYPE_CHECKING:
    import onnxruntime

MODELS_DIR = resources.ROOT / "models_onnx"


def blip_dir(installed: bool = resources.INSTALLED) -> Path:
    """Where a BLIP that was built on this machine lies (docs/blip.md)."""
    if installed:
        with suppress(RuntimeError):  # nobody knows the home: there is no BLIP then
            return resources.user_folder("XDG_DATA_HOME", "~/.local/share") / "blip"
    return MODELS_DIR / "blip"


BLIP_DIR = blip_dir()
REMEDY = "install the player again" if resources.INSTALLED else "restore it from the checkout"


def manifest(models_dir: Path = MODELS_DIR, remedy: str = REMEDY) -> dict[str, Json]:
    """What manifest.json says of each file in `models_dir`: name -> {sha256, source, licence, ...}.

    Raises ModelFileNotFoundError or ModelError, with what to do, if it is missing or lacks a sha256.
    """
    path = models_dir / "manifest.json"
    try:
        files: dict[str, Json] = json.loads(path.read_text(encoding="utf-8"))["files"]
        if not all(isinstance(entry["sha256"], str) for entry in files.values()):
            raise ValueError("a sha256 is no text")
    except FileNotFoundError as error:
        raise ModelFileNotFoundError(f"{path} is missing: {remedy}.") from error
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise ModelError(f"{path} is not a manifest ({error}): {remedy}.") from error
    return files


def verified(name: str, models_dir: Path = MODELS_DIR, remedy: str = REMEDY) -> Path:
    """Path of a file in `models_dir` whose sha256 is the one in the manifest there.

    Raises ModelError and its children, with what to do.
    """
    entry = manifest(models_dir, remedy).get(name)
    path = models_dir / name
    if entry is None:
        raise ModelError(f"{name} is not in {models_dir / 'manifest.json'}: {remedy}.")
    if not path.is_file():
        raise ModelFileNotFoundError(f"{path} is missing: {remedy}.")
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != entry["sha256"]:
        raise ModelFileDamagedError(
            f"{path} is damaged (sha256 {found[:12]}..., expected {entry['sha256'][:12]}...): {remedy}."
        )
    return path


def open_session(
    name: str, threads: int, models_dir: Path = MODELS_DIR, remedy: str = REMEDY, busy: bool = False
) -> onnxruntime.InferenceSession:
    """Open a model on the CPU with `threads` threads that sleep, not spin, between two runs.

    busy: within a run they spin between two nodes, the arena is kept, and 8-bit products are taken as they
    come: for large models that run many times for one picture, and whose weights have 7 bits for it (see
    scripts/export/quantize.py). Raises ModelError and its children.
    """
    path = verified(name, models_dir, remedy)
    import onnxruntime  # noqa: PLC0415 - costs a fifth of a second that the first sound need not wait for

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # The room is read every few seconds: spinning threads and a kept arena would cost more than they give.
    options.add_session_config_entry("session.intra_op.allow_spinning", "1" if busy else "0")
    options.add_session_config_entry("session.force_spinning_stop", "1")
    options.enable_cpu_mem_arena = busy
    # An x86 without VNNI adds two 8-bit products in 16 bits, too few for them; all processors read alike.
    options.add_session_config_entry("session.x64quantprecision", "0" if busy else "1")
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises its own, undocumented family
        raise ModelError(f"{path} cannot be opened by onnxruntime ({error}): {remedy}.") from error
