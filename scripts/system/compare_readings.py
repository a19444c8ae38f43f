"""Holds readings of two machines against each other: `python -m scripts.system.compare_readings HERE THERE`.

Each file has the lines of JSON that `ambient-player caption`, `mood` and `library analyze` print for the same
inputs. Ends with 1 if words differ, or a reading by more than TOLERANCE.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

TOLERANCE = 0.01
"""Of valence, energy and the probabilities of moods."""
READINGS = ("valence", "energy")
WORDS = ("caption", "people", "mood7", "quadrant", "key")
Record = dict[str, Any]


def subject(record: Record) -> str:
    """What was read: a file's name, or a sentence."""
    return Path(record["path"]).name if "path" in record else record["text"]


def difference(here: Record, there: Record) -> float:
    """The largest one between two readings of the same thing."""
    moods = here.get("moods", {}).keys() | there.get("moods", {}).keys()
    pairs = [(here[name], there[name]) for name in READINGS]
    pairs += [(here["moods"].get(mood, 0.0), there["moods"].get(mood, 0.0)) for mood in moods]
    return max(abs(one - other) for one, other in pairs)


def compared(here: list[Record], there: list[Record]) -> tuple[list[str], bool]:
    """A line for each reading, and whether all are alike."""
    lines, alike = [], [subject(one) for one in here] == [subject(one) for one in there]
    for one, other in zip(here, there, strict=False):
        if error := one.get("error") or other.get("error"):
            lines.append(f"{subject(one)}: {error}")
            alike = False
            continue
        apart = difference(one, other)
        differing = [
            f"{name} {one.get(name)!r} / {other.get(name)!r}"
            for name in WORDS
            if one.get(name) != other.get(name)
        ]
        said = f"; {', '.join(differing)}" if differing else ""
        where = f"valence {other['valence']:+.3f}, energy {other['energy']:+.3f}"
        lines.append(f"{subject(one)}: {where}, {apart:.4f} apart{said}")
        alike = alike and apart <= TOLERANCE and not differing
    return lines, alike


def _read(path: Path) -> list[Record]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def main() -> None:
    """Print the differences."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("here", type=Path)
    parser.add_argument("there", type=Path)
    options = parser.parse_args()
    lines, alike = compared(_read(options.here), _read(options.there))
    print(*lines, f"all within {TOLERANCE}" if alike else "THEY DIFFER", sep="\n")
    sys.exit(not alike)


if __name__ == "__main__":
    main()
