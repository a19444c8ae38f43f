"""From what was seen to one plain English sentence, close to how people caption photos.

A sentence names places, things and how many people there are; it never says who they are, what they do
or how they feel.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from player.types import Light
from player.vision.detector import Detection
from player.vision.vocabulary import Concept, ObjectWord, concepts, objects

CROWD = 8
"""People from which a group is a crowd: the detector finds about half of a real one."""
SMALL = 0.004
"""Share of the picture below which a thing is not worth a word."""
ON = 0.25
"""Share of the smaller of two boxes that must be common for a person to be on a thing."""
BUSY = 0.25
"""Share of the picture in motion from which the sentence says so."""
MOST_THINGS = 3


def sentence(
    detections: Sequence[Detection], tags: Mapping[str, float], light: Light, motion: float = 0.0
) -> str:
    """One sentence in lower case without a full stop.

    detections: from Detector. tags: concept -> confidence, 0 to 1, from Tagger. motion: share of the
    picture that moved, 0 to 1.
    """
    seen = [d for d in detections if d.label == "person" or d.box.area >= SMALL]
    animals = _animals(seen, tags)
    people = _count(sum(d.label == "person" for d in seen), "person", "people")
    who = _and(([people] if people else []) + animals)
    things = _things(seen, tags)
    at = _at(seen) if who else ""
    where = _where(seen, tags)
    if who:
        parts = [who, at, f"with {_and(things)}" if things else "", where]
    elif things:
        parts = [_and(things), where]
    else:
        parts = [_view(tags)]
    clauses = [" ".join(p for p in parts if p), "a lot of movement" if motion >= BUSY else "", _light(light)]
    return ", ".join(c for c in clauses if c)


def _count(number: int, one: str, many: str) -> str:
    """How people say a number of things: "a dog", "two dogs", "a group of people"; "" for none."""
    if number <= 0:
        return ""
    if number == 1:
        return f"{'an' if one[0] in 'aeiou' else 'a'} {one}"
    if number == 2:
        return f"two {many}"
    if one == "person":
        return f"a {'crowd' if number >= CROWD else 'group'} of people"
    return f"several {many}"


def _say(word: ObjectWord, number: int) -> str:
    return word.plural if word.mass else _count(number, word.say, word.plural)


def _and(parts: Sequence[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _best(tags: Mapping[str, float], kind: str) -> list[Concept]:
    """The concepts of a kind, the surest first."""
    known = concepts()
    found = sorted((t for t in tags if t in known and known[t].kind == kind), key=lambda t: -tags[t])
    return [known[t] for t in found]


def _animals(seen: Sequence[Detection], tags: Mapping[str, float]) -> list[str]:
    """Animals the detector saw; else the tagger's surest, which knows more kinds."""
    words = objects()
    counts = Counter(d.label for d in seen if words[d.label].role == "animal" or words[d.label].animal)
    if counts:
        return [_say(words[label], number) for label, number in counts.most_common(2)]
    return [_count(1, c.thing, "") for c in _best(tags, "animal")[:1]]


def _at(seen: Sequence[Detection]) -> str:
    """What people are on or at: "on a bicycle", "at a table", or nothing."""
    words = objects()
    people = [d for d in seen if d.label == "person"]
    for thing in seen:
        word = words[thing.label]
        if word.role == "mount" and not word.animal:
            smaller = [p for p in people if p.box.shared(thing.box) >= ON * min(p.box.area, thing.box.area)]
            if smaller:
                return f"on {_say(word, sum(d.label == thing.label for d in seen))}"
    return next((words[d.label].at for d in seen if words[d.label].at), "")


def _things(seen: Sequence[Detection], tags: Mapping[str, float]) -> list[str]:
    words = objects()
    weights: Counter[str] = Counter()
    for d in seen:
        weights[d.label] += d.score * d.box.area**0.25
    counts = Counter(d.label for d in seen)
    on = _at(seen)
    found = [
        _say(words[label], counts[label])
        for label, _ in weights.most_common()
        if words[label].role in {"thing", "mount"} and not words[label].animal
    ]
    found = [f for f in found if f not in on][:MOST_THINGS]
    known = [c.thing for c in _best(tags, "thing")[:1]]
    found += [_count(1, t, "") for t in known if not any(t in f for f in found)]
    return found


def _where(seen: Sequence[Detection], tags: Mapping[str, float]) -> str:
    places = _best(tags, "place")
    if places:
        return places[0].where
    words = objects()
    return next((words[d.label].place for d in seen if words[d.label].place), "")


def _view(tags: Mapping[str, float]) -> str:
    places = _best(tags, "place")
    return places[0].view if places else "an empty place"


def _light(light: Light) -> str:
    warm = " warm" if light.warmth > 0.2 else ""
    if light.brightness < 0.12:
        return "in the dark"
    if light.brightness < 0.3:
        return f"dim{warm} light"
    return ""
