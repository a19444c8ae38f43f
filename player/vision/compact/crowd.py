"""How many people a picture shows: the detector on parts of it, where the whole shows several people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median
from typing import Protocol

import numpy as np
import numpy.typing as npt

from player.types import Image
from player.vision.compact.detector import Box, Detection

COLUMNS, ROWS, OVERLAP = 3, 2, 0.25
"""The parts: the back rows of a crowd are three times larger in them, and who stands at an edge is whole
in the next one."""
SEVERAL = 2
"""People seen in the whole picture from which the parts are worth their time."""
CLOSE = 0.25
"""Share of the picture that most people must be below: of nearer ones the parts show arms and heads."""
FAINT, SURE = 0.1, 0.4
"""A box counts from 0 (score FAINT) to 1 (SURE): many doubtful heads are some heads."""
SAME, INSIDE = 0.45, 0.65
"""Two boxes are one person if they share more of their union, or so much of the smaller one."""

Floats = npt.NDArray[np.float32]


class PersonFinder(Protocol):
    """What is asked of the detector."""

    def persons(self, image: Image, least: float) -> tuple[Floats, Floats]:
        """(n, 4) left, top, right, bottom and (n,) scores from `least` (0 to 1), not thinned out."""
        ...


def parts() -> Iterator[Box]:
    """Six overlapping parts that cover the picture."""
    width, height = (1 / (number - (number - 1) * OVERLAP) for number in (COLUMNS, ROWS))
    for row in range(ROWS):
        for column in range(COLUMNS):
            left, top = column * width * (1 - OVERLAP), row * height * (1 - OVERLAP)
            yield Box(left, top, min(left + width, 1.0), min(top + height, 1.0))


def is_worth_counting(seen: Sequence[Detection]) -> bool:
    """Whether there may be more people than the whole picture shows."""
    people = [d for d in seen if d.label == "person"]
    return len(people) >= SEVERAL and median(d.box.area for d in people) < CLOSE


def soft_count(boxes: Floats, scores: Floats) -> float:
    """People by boxes of all parts. boxes: (n, 4) left, top, right, bottom; scores: (n,)."""
    order = np.argsort(-scores, kind="stable")
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    total = 0.0
    while order.size:
        best, rest = int(order[0]), order[1:]
        total += float(np.clip((scores[best] - FAINT) / (SURE - FAINT), 0, 1))
        low = np.maximum(boxes[best, :2], boxes[rest, :2])
        high = np.minimum(boxes[best, 2:], boxes[rest, 2:])
        shared = np.clip(high - low, 0, None).prod(axis=1)
        apart = shared <= SAME * (areas[best] + areas[rest] - shared)
        order = rest[apart & (shared <= INSIDE * np.minimum(areas[best], areas[rest]))]
    return total


def count_people(image: Image, seen: Sequence[Detection], find: PersonFinder) -> int:
    """How many people `image` shows, never fewer than `seen` has, which is what the whole picture shows."""
    people = [d for d in seen if d.label == "person"]
    if not is_worth_counting(seen):
        return len(people)
    height, width = image.shape[:2]
    boxes = [np.array([[d.box.left, d.box.top, d.box.right, d.box.bottom] for d in people], np.float32)]
    scores = [np.array([d.score for d in people], np.float32)]
    for part in parts():
        rows = slice(round(part.top * height), max(round(part.bottom * height), 1))
        columns = slice(round(part.left * width), max(round(part.right * width), 1))
        crop = image[rows, columns]
        if crop.size == 0:
            return len(people)
        found, sure = find.persons(crop, FAINT)
        size = np.array([part.right - part.left, part.bottom - part.top] * 2, np.float32)
        boxes.append(found * size + np.array([part.left, part.top] * 2, np.float32))
        scores.append(sure)
    return max(len(people), round(soft_count(np.concatenate(boxes), np.concatenate(scores))))
