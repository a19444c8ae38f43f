"""From what was seen to one plain English sentence, close to how people caption photos.

A sentence names places, things, how many people there are, and how the boxes show them to stand to each
other. It never says who people are or how they feel.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from player.types import Light
from player.vision.compact.detector import Box, Detection
from player.vision.compact.vocabulary import Concept, ObjectWord, concepts, objects

CROWD = 7
"""People found from which a group is a crowd: the detector misses the back rows of a real one."""
CLOSE = 0.4
"""Share of the picture from which one person is a close-up."""
SMALL = 0.004
"""Share of the picture below which a thing is not worth a word."""
SURE = 0.5
"""Score from which a thing is named; people and animals are found more surely than things."""
ALONE = 0.25
"""Confidence from which an animal is named that only the tagger saw: many breeds add up to some noise."""
OVER = 0.2
"""Share of the smaller of two boxes that both must have in common for somebody to be on something."""
MOST_THINGS = 3
BUSY = 0.15
"""Share of the picture in motion from which the sentence says so."""
DARK, DIM = 0.12, 0.25
"""Brightness below which a place is dark, or its light dim: 5 % of everyday photos are dimmer than this."""
WARM = 0.2
COLORFUL = 0.45
"""Colourfulness of the brightest-coloured quarter of everyday photos."""


def build_caption(
    detections: Sequence[Detection],
    tags: Mapping[str, float],
    light: Light,
    motion: float = 0.0,
    counted: int = 0,
) -> str:
    """One sentence in lower case without a full stop.

    detections: from Detector, the surest first. tags: concept -> confidence (0 to 1), from Tagger, the
    surest first. motion: share of the picture that moved, 0 to 1. counted: people, if more than the boxes.
    """
    seen = [d for d in detections if d.label == "person" or d.box.area >= SMALL]
    people = [d for d in seen if d.label == "person"]
    ridden = _ridden(people, seen)
    who = _and([*_people(people, counted), *_animals(seen, tags, ridden)])
    at = _at(seen, ridden, len(people))
    where = _where(seen, tags, bool(people))
    things = _and(_things(seen, tags, bool(ridden), said=f"{at} {where}"))
    if who:
        parts = [who, at, f"with {things}" if things else "", where]
    elif things:
        parts = [things, at, where]
    elif at:
        parts = [at.removeprefix("on "), where]
    else:
        parts = [_view(tags)]
    phrase = " ".join(part for part in parts if part)
    return ", ".join(c for c in (phrase, "a lot of movement" if motion >= BUSY else "", _light(light)) if c)


def _first(phrases: Iterable[str]) -> str:
    return next((phrase for phrase in phrases if phrase), "")


def _and(phrases: Sequence[str]) -> str:
    return " and ".join([", ".join(phrases[:-1]), phrases[-1]] if len(phrases) > 1 else phrases)


def _a(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _count(word: ObjectWord, number: int) -> str:
    """How people say a number of things: "a dog", "two dogs", "several dogs"."""
    if word.mass:
        return word.plural
    if number == 1:
        return _a(word.say)
    return f"{'two' if number == 2 else 'several'} {word.plural}"


def _best(tags: Mapping[str, float], kind: str, least: float = 0.0) -> Concept | None:
    """The surest concept of a kind, if it has at least the confidence `least`."""
    known = concepts()
    return next((known[tag] for tag in tags if known[tag].kind == kind and tags[tag] >= least), None)


def _people(people: Sequence[Detection], counted: int) -> list[str]:
    number = counted if counted >= CROWD and people else len(people)
    if number == 0:
        return []
    if number == 1:
        return ["a close-up of a person" if people[0].box.area >= CLOSE else "a person"]
    if number == 2:
        return ["two people"]
    return [f"a {'crowd' if number >= CROWD else 'group'} of people"]


def _animals(seen: Sequence[Detection], tags: Mapping[str, float], ridden: str) -> list[str]:
    """Animals beside the one that is ridden; if the detector saw none, the tagger's."""
    words = objects()
    counts = Counter(d.label for d in seen if words[d.label].role == "animal")
    if not counts:
        alone = _best(tags, "animal", ALONE)
        return [_a(alone.thing)] if alone else []
    tagged = _best(tags, "animal")
    if tagged and tagged.thing in words:
        # If they disagree on the kind, the tagger wins: it knows 400 animals, and moods came out better.
        counts = Counter({tagged.thing: counts.total()})
    return [_count(words[label], number) for label, number in counts.most_common(2) if label != ridden]


def _ridden(people: Sequence[Detection], seen: Sequence[Detection]) -> str:
    """Label of what somebody is on, by the boxes; "" for nothing."""
    things = (d for d in seen if objects()[d.label].on)
    return _first(t.label for t in things if any(_over(person.box, t.box) for person in people))


def _over(person: Box, thing: Box) -> bool:
    """Whether the person's box stands higher than the thing's and shares enough of it."""
    higher = person.top + person.bottom <= thing.top + thing.bottom
    return higher and person.shared(thing) >= OVER * min(person.area, thing.area)


def _at(seen: Sequence[Detection], ridden: str, people: int) -> str:
    """What people are on or at, or what carries the things: "riding a bicycle", "at a table"."""
    if ridden:
        word = objects()[ridden]
        return word.on if people == 1 else word.all_on
    words = [objects()[d.label] for d in seen]
    return _first(word.at if people else word.under for word in words)


def _things(seen: Sequence[Detection], tags: Mapping[str, float], riding: bool, said: str) -> list[str]:
    """Things worth a word that are not `said` yet: large and sure ones first, then the tagger's."""
    words = objects()
    weights: Counter[str] = Counter()
    for d in seen:
        word = words[d.label]
        # The networks take a ridden bicycle for a motorcycle too, and a surfboard for a snowboard.
        if word.role == "thing" and d.score >= SURE and word.say not in said and not (riding and word.on):
            weights[d.label] += d.score * d.box.area**0.25
    counts = Counter(d.label for d in seen)
    things = [_count(words[label], counts[label]) for label, _ in weights.most_common(MOST_THINGS)]
    tagged = _best(tags, "thing")
    if tagged and tagged.thing not in f"{said} {things}":
        things.append(_a(tagged.thing))
    return things


def _where(seen: Sequence[Detection], tags: Mapping[str, float], people: bool) -> str:
    """The place: what things show people to be at, else the tagger's, else where such things are used."""
    words = [objects()[d.label] for d in seen]
    place = _best(tags, "place")
    return _first(
        [
            _first(word.event for word in words) if people else "",
            place.where if place else "",
            _first(word.place for word in words),
        ]
    )


def _view(tags: Mapping[str, float]) -> str:
    place = _best(tags, "place")
    return place.view if place else "a view of a place"


def _light(light: Light) -> str:
    if light.brightness < DARK:
        return "in the dark"
    if light.brightness < DIM:
        return "dim warm light" if light.warmth > WARM else "dim light"
    return "bright colors" if light.colorfulness >= COLORFUL else ""
