"""What a release is made of, as CycloneDX JSON: locked packages, bundled models, others' files on the page.

Licences are what each package says of itself where it is installed; of others nothing is claimed.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("run.lock", "demo.lock")
SPEC = "1.6"
LONGEST_NAME = 100
"""Characters: some packages have the whole text of their licence where its name belongs."""
Json = dict[str, Any]


def bill(version: str, made_s: int, root: Path = ROOT) -> Json:
    """The bill of materials of a version, the same each time for the same sources.

    made_s  when they were committed, in seconds since 1970
    """
    components = [*packages(root), *models(root), *page_files(root)]
    seed = json.dumps([version, components], sort_keys=True)
    made = datetime.fromtimestamp(made_s, UTC).isoformat().replace("+00:00", "Z")
    return {
        "bomFormat": "CycloneDX",
        "specVersion": SPEC,
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, seed)}",
        "version": 1,
        "metadata": {
            "timestamp": made,
            "component": _package("application", "ambient-player", version, "MIT"),
        },
        "components": components,
    }


def packages(root: Path = ROOT) -> list[Json]:
    """Each Python package of the locks, once for each version, whatever machine it is for."""
    found = {
        (each.name, next(iter(each.specifier)).version)
        for name in LOCKS
        for each in _requirements((root / "requirements" / name).read_text(encoding="utf-8"))
    }
    return [_package("library", name, version, licence(name)) for name, version in sorted(found)]


def models(root: Path = ROOT) -> list[Json]:
    """Each bundled model, with its checksum."""
    manifest = json.loads((root / "models_onnx/manifest.json").read_text(encoding="utf-8"))
    return [
        _file("machine-learning-model", name, model["licence"], model["sha256"], model["source"])
        for name, model in sorted(manifest["files"].items())
    ]


def page_files(root: Path = ROOT) -> list[Json]:
    """Each file of others that the page is made of."""
    path = root / "player/interfaces/front/web/page/static/vendor/manifest.json"
    files = json.loads(path.read_text(encoding="utf-8"))["files"]
    return [
        _file(
            "file", each["file"], each["licence"], each["sha256"], f"npm: {each['package']} {each['version']}"
        )
        for each in files
    ]


def licence(name: str) -> str | None:
    """What an installed package says its licence is; None if it is not here, or says nothing."""
    try:
        return stated_licence(metadata.metadata(name))
    except metadata.PackageNotFoundError:
        return None


def stated_licence(said: metadata.PackageMetadata) -> str | None:
    """What a package's metadata says its licence is, if anything."""
    classified = [
        line.rpartition(" :: ")[2] for line in said.get_all("Classifier", []) if line.startswith("License ::")
    ]
    candidates = [said.get("License-Expression"), said.get("License"), ", ".join(classified)]
    return next((text for text in candidates if text and len(text) <= LONGEST_NAME), None)


def without_licence(document: Json) -> list[str]:
    """The components of which no licence is known."""
    return [each["name"] for each in document["components"] if "licenses" not in each]


def _requirements(lock: str) -> Iterable[Requirement]:
    return (Requirement(line) for line in lock.splitlines() if line and not line.startswith("#"))


def _package(kind: str, name: str, version: str, said: str | None) -> Json:
    entry: Json = {"type": kind, "name": name, "version": version}
    if kind == "library":
        entry["purl"] = entry["bom-ref"] = f"pkg:pypi/{name}@{version}"
    return entry | _licences(said)


def _file(kind: str, name: str, said: str, sha256: str, source: str) -> Json:
    hashes = [{"alg": "SHA-256", "content": sha256}]
    return {"type": kind, "name": name, "description": source, "hashes": hashes} | _licences(said)


def _licences(said: str | None) -> Json:
    return {"licenses": [{"license": {"name": said}}]} if said else {}
