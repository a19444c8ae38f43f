"""Labelled sentences for the mood reader, and the labels that follow from the given ones."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from player.emotions import FEELINGS, MOOD7, feelings_at, vocabularies
from player.types import MoodPoint

ROOT = Path(__file__).resolve().parents[2]
SENTENCES = ROOT / "scripts" / "data" / "mood_sentences.tsv"
PHOTO_LABELS = ROOT / "scripts" / "data" / "photo_labels.tsv"
SHARED = ROOT.parent / "shared" / "data"
CAPTIONS = SHARED / "scene_captions" / "captions.tsv"
PHOTOS = SHARED / "scene_images" / "labels.tsv"
MORE_PHOTOS = SHARED / "photos_pseudo" / "labels.tsv"
EMOTIONS = SHARED / "text"
FOLDED = {
    "happy": ("admiration", "amusement", "joy", "optimism"),
    "romantic": ("love", "caring"),
    "sad": ("disappointment", "grief", "sadness", "remorse"),
    "aggressive": ("anger", "annoyance", "disgust"),
    "dramatic": ("excitement", "surprise"),
}
"""GoEmotions' emotions folded into the plan's five moods."""
MEASURED = {
    "captions": {"coco", "f8k"},
    "judged": {"judged"},
    "photo_captions": {"photo"},
    "venues": {"venue"},
    "wishes": {"wish"},
}
"""Kinds of English sentences that readers are measured on, and their sources."""
HELD_SOURCES = set().union(*MEASURED.values(), {"ko"})
"""A fifth of these is held out; the others are for learning from alone."""


@dataclass(frozen=True)
class Labelled:
    """A sentence, its point (both axes scaled from 1..9 to [-1, 1]) and its mood7."""

    text: str
    point: MoodPoint | None
    """None for the sentences of GoEmotions."""
    mood7: str
    second7: str
    """What a second reader called it; the same where there was none."""
    picture: str
    """Sentences of the same picture never stand on both sides of a split."""
    source: str
    """coco, f8k, judged, photo or emotion; unjudged, seen or composed, which nobody has labelled but a
    larger reader (mood_opinions.py); or, of the sentences written for this project, own (all kinds of
    places and events, rare moods as often as common ones), plain (everyday captions in their natural mix),
    blip and compact (as those readers talk), venue (what is said of cafés, shops and the like, and wishes as
    one types them), wish (more of these) or ko (Korean)."""


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows of a TSV file with a header."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def _point(*readers: tuple[str, str]) -> MoodPoint:
    """The mean of what each reader gave, 1 to 9, scaled to [-1, 1]."""
    valences, energies = zip(*((float(v), float(e)) for v, e in readers), strict=True)
    return MoodPoint((sum(valences) / len(readers) - 5) / 4, (sum(energies) / len(readers) - 5) / 4)


def captions(path: Path = CAPTIONS) -> list[Labelled]:
    """Captions of COCO and Flickr8k photos with the labels of one reader."""
    return [
        Labelled(
            text=row["caption"],
            point=_point((row["valence"], row["energy"])),
            mood7=row["mood"],
            second7=row["mood"],
            picture=row["id"].removeprefix("f8k:"),
            source=row["id"].split(":")[0],
        )
        for row in rows_of(path)
    ]


def photo_captions(path: Path = PHOTOS) -> list[Labelled]:
    """The five captions of each Flickr8k photo, each with the photo's labels."""
    return [
        Labelled(
            text=caption.strip(),
            point=_point((row["valence"], row["energy"])),
            mood7=row["mood"],
            second7=row["mood"],
            picture=row["file"],
            source="photo",
        )
        for row in rows_of(path)
        for caption in row["captions"].split(" | ")
    ]


def photo_labels(captions: bool, path: Path = PHOTO_LABELS) -> list[dict[str, str]]:
    """Our labels of the photos in photos_pseudo: of two captions each, or of the photo by all of its five."""
    return [row for row in rows_of(path) if (row["caption"] != "all") == captions]


def judged_captions(path: Path = MORE_PHOTOS) -> list[Labelled]:
    """Two captions each of 7,091 more Flickr8k photos, judged for this project by one reader each."""
    texts = {row["id"]: row["captions"].split(" | ") for row in rows_of(path)}
    return [
        Labelled(
            text=texts[row["photo"]][int(row["caption"]) - 1].strip(),
            point=_point((row["valence"], row["energy"])),
            mood7=row["mood"],
            second7=row["mood"],
            picture=row["photo"],
            source="judged",
        )
        for row in photo_labels(captions=True)
    ]


def emotions(split: str, folder: Path = EMOTIONS) -> list[Labelled]:
    """The rows of GoEmotions whose labels all fold into one and the same of the plan's five moods.

    split: train, dev or test. They have no point: what people say of their feelings is no scene.
    """
    names = (folder / "goemotions_labels.txt").read_text(encoding="utf-8").split()
    mood_of = {emotion: mood for mood, emotions in FOLDED.items() for emotion in emotions}
    found = []
    for line in (folder / f"goemotions_{split}.tsv").read_text(encoding="utf-8").splitlines():
        text, labels, number = line.rsplit("\t", 2)
        moods = {mood_of.get(names[int(label)], "") for label in labels.split(",")}
        if len(moods) == 1 and (mood := moods.pop()):
            found.append(Labelled(text, None, mood, mood, number, "emotion"))
    return found


def own_sentences(path: Path = SENTENCES) -> list[Labelled]:
    """The sentences written for this project, each labelled twice.

    By two readers independently, but those about venues by one, in another order within minutes (42 at one
    go), and the further wishes by one, once.
    """
    return [
        Labelled(
            text=row["caption"],
            point=_point((row["valence"], row["energy"]), (row["valence2"], row["energy2"])),
            mood7=row["mood"],
            second7=row["mood2"],
            picture=row["id"],
            source=row["id"].split(":")[0],
        )
        for row in rows_of(path)
    ]


def labelled_scenes() -> list[Labelled]:
    """All English sentences about scenes, those held out included."""
    own = [item for item in own_sentences() if item.source != "ko"]  # they have a reader of their own
    return captions() + judged_captions() + photo_captions() + own


def held_out() -> dict[str, list[Labelled]]:
    """Those of each kind that no reader has learned from."""
    scenes = [item for item in labelled_scenes() if held(item)]
    return {kind: [item for item in scenes if item.source in sources] for kind, sources in MEASURED.items()}


def held(item: Labelled) -> bool:
    """Whether it is of the fifth that the shipped model is measured on and has never seen.

    The same on every machine and in every order of rows.
    """
    return item.source in HELD_SOURCES and held_picture(item.picture)


def held_picture(picture: str) -> bool:
    """Whether nothing that is said of this picture may be learned from."""
    return int(hashlib.sha256(picture.encode()).hexdigest(), 16) % 5 == 0


def feeling_labels(item: Labelled) -> list[float]:
    """Soft labels for the 13 feelings: those near the point, and of these rather the ones mood7 is made of.

    Nothing labels the feelings directly. A tenth of the weight stays with feelings outside the mood7, since
    the borders between the seven are loose; in a scene without atmosphere every feeling may stay near its
    point but sensual, which such scenes never are.
    """
    assert item.point is not None
    near = feelings_at(item.point)
    made_of = dict(vocabularies()["mood7"][item.mood7].feelings)
    if not made_of:
        made_of = {name: 0.0 if name == "sensual" else 1.0 for name in FEELINGS}
    most = max(made_of.values())
    weights = np.array([near[name] * (0.1 + 0.9 * made_of.get(name, 0.0) / most) for name in FEELINGS])
    return list(weights / weights.sum())


def arrays(items: Sequence[Labelled]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points (n, 2), shares of mood7 (n, 7) and of the feelings (n, 13), all float32.

    Sentences without a point have zeros for it and for the feelings.
    """
    points = np.array([[i.point.valence, i.point.energy] if i.point else [0, 0] for i in items], np.float32)
    moods = np.zeros((len(items), len(MOOD7)), np.float32)
    for row, item in zip(moods, items, strict=True):
        for mood in (item.mood7, item.second7):
            row[MOOD7.index(mood)] += 0.5
    none = [0.0] * len(FEELINGS)
    feelings = np.array([feeling_labels(i) if i.point else none for i in items], np.float32)
    return points, moods, feelings


def spearman(a: np.ndarray, b: np.ndarray) -> float:
    """Spearman rank correlation of two (n,) arrays, ties at their mean rank."""

    def ranks(x: np.ndarray) -> np.ndarray:
        _, inverse, counts = np.unique(x, return_inverse=True, return_counts=True)
        return (np.cumsum(counts) - (counts - 1) / 2)[inverse]

    return float(np.corrcoef(ranks(a), ranks(b))[0, 1])


def scores(points: np.ndarray, moods: np.ndarray, items: Sequence[Labelled]) -> dict[str, float]:
    """Spearman of both axes, and of mood7 the accuracy and the mean recall over the moods that occur."""
    true_points, shares, _ = arrays(items)
    true_moods = shares.argmax(axis=1)
    right = moods == true_moods
    recalls = [right[true_moods == mood].mean() for mood in np.unique(true_moods)]
    found = {
        "valence": spearman(points[:, 0], true_points[:, 0]),
        "energy": spearman(points[:, 1], true_points[:, 1]),
        "mood7_accuracy": right.mean(),
        "mood7_mean_recall": np.mean(recalls),
    }
    return {name: round(float(value), 4) for name, value in found.items()}


def emotion_scores(found: Sequence[str], true: Sequence[str]) -> dict[str, float]:
    """Accuracy, and recall and F1 of the plan's five moods and their means."""
    pairs = list(zip(found, true, strict=True))
    scored = {"accuracy": np.mean([a == b for a, b in pairs])}
    recalls, f1s = [], []
    for mood in FOLDED:
        hits = sum(a == b == mood for a, b in pairs)
        recalls.append(hits / max(true.count(mood), 1))
        f1s.append(2 * hits / max(found.count(mood) + true.count(mood), 1))
        scored[f"f1_{mood}"] = f1s[-1]
    scored |= {"macro_recall": np.mean(recalls), "macro_f1": np.mean(f1s)}
    return {name: round(float(value), 4) for name, value in scored.items()}


def table(points: np.ndarray, moods: np.ndarray, items: Sequence[Labelled]) -> str:
    """The scores for people to read, per source and for all."""
    sources = np.array([item.source for item in items])
    lines = ["source      n  valence  energy  mood7: accuracy  mean recall"]
    for source in (*sorted(set(sources)), "all"):
        chosen = np.ones(len(items), bool) if source == "all" else sources == source
        found = scores(points[chosen], moods[chosen], [items[i] for i in np.flatnonzero(chosen)])
        lines.append(
            "{:<7} {:>5}  {:>7.3f} {:>7.3f}  {:>15.3f}  {:>11.3f}".format(
                source, chosen.sum(), *found.values()
            )
        )
    return "\n".join(lines)
