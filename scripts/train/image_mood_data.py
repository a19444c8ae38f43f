"""Labelled photos as the compact reader sees them, for image_mood.py and scripts/evaluate/vision.py."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from player.config.settings.perception import VisionSettings
from player.models import MODELS_DIR
from player.types import Image
from player.vision.compact import detector, tagger
from player.vision.compact.caption_builder import build_caption
from player.vision.compact.detector import Detector
from player.vision.compact.image_mood import pooled
from player.vision.compact.tagger import Tagger
from player.vision.image_stats import light
from scripts.train.mood_data import ROOT, SHARED, photo_labels, rows_of

VISION = ROOT / "player" / "vision" / "compact"
CACHE = ROOT / "build" / "impression"

Floats = npt.NDArray[np.float32]
Halves = npt.NDArray[np.float16]


@dataclass(frozen=True)
class Photos:
    """A set of photos with their labels."""

    files: list[Path]
    labels: npt.NDArray[np.float64]
    """(n, 2) valence and energy in [-1, 1]."""


@dataclass(frozen=True)
class Looked:
    """What the compact reader makes of some photos."""

    features: Floats
    """(n, 3840)."""
    middles: Halves
    """(n, 208, 9, 9)."""
    sentences: list[str]


FIELDS = tuple(field.name for field in fields(Looked))


def read_labels(table: Path, images: Path) -> Photos:
    """A table with the columns file, valence and energy (1..9), or valence_1_7 and arousal_1_7 as OASIS has.

    The energy of OASIS is how much a picture stirs people, which is not quite how lively a place is.
    """
    rows = rows_of(table)
    names, middle, half = ("valence", "energy"), 5.0, 4.0
    if "valence_1_7" in rows[0]:
        names, middle, half = ("valence_1_7", "arousal_1_7"), 4.0, 3.0
    labels = np.array([[(float(row[name]) - middle) / half for name in names] for row in rows])
    return Photos([images / (row.get("file") or row["id"]) for row in rows], labels)


def flickr() -> Photos:
    """1,000 photos of Flickr8k, labelled from their captions by language models."""
    return read_labels(SHARED / "scene_images" / "labels.tsv", SHARED / "scene_images" / "images")


def judged() -> Photos:
    """7,091 more photos of Flickr8k, judged for this project from their captions by language models.

    With the mean and the spread of the first 1,000.
    """
    images, rows = SHARED / "photos_pseudo" / "images", photo_labels(captions=False)
    labels = np.array([[(float(row[name]) - 5) / 4 for name in ("valence", "energy")] for row in rows])
    gold = flickr().labels
    labels = (labels - labels.mean(0)) / labels.std(0) * gold.std(0) + gold.mean(0)
    return Photos([images / row["photo"] for row in rows], labels)


def oasis() -> Photos:
    """440 photos of OASIS with the mean ratings of people."""
    return read_labels(SHARED / "oasis_half" / "norms.tsv", SHARED / "oasis_half" / "images")


def read_image(path: Path) -> Image:
    image = cv2.imread(str(path))
    if image is None:
        raise SystemExit(f"{path} is no photo.")
    return np.asarray(image, np.uint8)


def look(files: Sequence[Path]) -> Looked:
    """What the compact reader makes of each photo.

    Kept in build/impression for the next run, as long as photos, networks and wording are the same.
    """
    cache = CACHE / _key(files)
    if not cache.is_dir():
        looked, unfinished = _looked(files), cache.with_suffix(".new")
        unfinished.mkdir(parents=True, exist_ok=True)
        for name in FIELDS:
            np.save(unfinished / f"{name}.npy", np.array(getattr(looked, name)))
        unfinished.rename(cache)
    features, middles, sentences = (np.load(cache / f"{name}.npy", mmap_mode="r") for name in FIELDS)
    return Looked(features, middles, [str(text) for text in sentences])


def _key(files: Sequence[Path]) -> str:
    """Another one if photos, networks or wording are others."""
    key = hashlib.sha256()
    wording = (VISION / name for name in ("caption_builder.py", "objects.toml", "concepts.toml"))
    for part in (MODELS_DIR / detector.MODEL, MODELS_DIR / tagger.MODEL, *wording):
        key.update(part.read_bytes())
    for path in files:
        key.update(f"{path.name} {path.stat().st_size}\n".encode())
    return key.hexdigest()[:16]


def _looked(files: Sequence[Path]) -> Looked:
    settings = VisionSettings()
    detect, tag = Detector(settings.threads), Tagger(settings.threads)
    features, middles, words = [], [], []
    for path in files:
        image = read_image(path)
        seen = detect(image, settings.object_score)
        tagged = tag(image, settings.tag_score)
        features.append(pooled(tagged.features, seen))
        middles.append(tagged.middle.astype(np.float16))
        words.append(build_caption(seen, tagged.concepts, light(image)))
    return Looked(np.array(features), np.array(middles), words)
