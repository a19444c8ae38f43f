"""Writes models_onnx/manifest.json, one file at a time, for the export scripts."""

from __future__ import annotations

import fcntl
import hashlib
import json
from typing import Any

from player.models import MODELS_DIR


def record(
    name: str,
    *,
    source: str,
    licence: str,
    built_by: str,
    metrics: dict[str, Any],
    same_numbers_as: str | None = None,
) -> None:
    """Describe models_onnx/`name` in the manifest: its sha256 and size are read from the file.

    same_numbers_as: sha256 of an older file of which it is a copy with more outputs.
    """
    content = (MODELS_DIR / name).read_bytes()
    path = MODELS_DIR / "manifest.json"
    with path.open("a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # two export scripts may finish together
        file.seek(0)
        manifest = json.loads(file.read() or '{"files": {}}')
        manifest["files"][name] = {
            "sha256": hashlib.sha256(content).hexdigest(),
            **({"same_numbers_as": same_numbers_as} if same_numbers_as else {}),
            "bytes": len(content),
            "source": source,
            "licence": licence,
            "built_by": built_by,
            "metrics": metrics,
        }
        manifest["files"] = dict(sorted(manifest["files"].items()))
        file.truncate(0)
        file.write(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
