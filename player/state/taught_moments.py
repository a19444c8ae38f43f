"""The moments that a room was taught, in a file of the state folder: numbers, words and times, no picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from player.log import EventLog, LogEvent
from player.mood.moments import Moment
from player.state import state_file
from player.types import Json, MoodPoint

log = EventLog(__name__, LogEvent.STATE)

NAME = "state.taught.json"
VERSION = 1
MOST_NUMBERS, LONGEST_WORD = 4096, 500


class TaughtFile:
    """Reads and writes them as a whole."""

    def __init__(self, path: Path) -> None:
        self._path, self._is_unreadable = path, False

    def load(self) -> list[Moment] | None:
        """What is remembered; what cannot be understood is left out with a line, and the file kept aside.

        None if it cannot be read at present, which is said once.
        """
        try:
            said = state_file.load_readable(self._path)
        except OSError as error:
            if not self._is_unreadable:
                log.warning("what this room was taught cannot be read (%s): it is tried again", error)
            self._is_unreadable = True
            return None
        self._is_unreadable = False
        if not said:
            return []
        try:
            if said.get("version") != VERSION:
                raise ValueError(f"it is of version {said.get('version')}")
            return [_moment(each) for each in said["moments"]]
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            aside = self._path.with_suffix(".aside")
            log.warning("what this room was taught cannot be read (%s): it is kept as %s", error, aside)
            try:
                self._path.replace(aside)
            except OSError:
                log.debug("and it could not be renamed", exc_info=True)
            return []

    def save(self, moments: Sequence[Moment]) -> None:
        """Raises OSError."""
        state_file.save(self._path, {"version": VERSION, "moments": [_json(each) for each in moments]})


def _json(moment: Moment) -> Json:
    return {
        "number": moment.number,
        "at": moment.at,
        "word": moment.word,
        "valence": moment.valence,
        "energy": moment.energy,
        "weight": moment.weight,
        "read": [moment.read.valence, moment.read.energy],
        "numbers": list(moment.numbers),
        "made_by": moment.made_by,
        "view": list(moment.view),
    }


def _moment(said: Json) -> Moment:
    """Raises KeyError, TypeError or ValueError."""
    valence, energy = _numbers(said["read"], 1.0)
    return Moment(
        number=int(said["number"]),
        at=_numbers([said["at"]], 1e11)[0],
        word=str(said["word"])[:LONGEST_WORD],
        valence=None if said["valence"] is None else _numbers([said["valence"]], 1.0)[0],
        energy=_numbers([said["energy"]], 1.0)[0],
        weight=max(0.01, _numbers([said["weight"]], 1.0)[0]),
        read=MoodPoint(valence, energy),
        numbers=_numbers(said["numbers"], 1e3),
        made_by=str(said["made_by"]),
        view=_numbers(said["view"], 2.0),
    )


def _numbers(values: Any, most: float) -> tuple[float, ...]:
    """Finite numbers of at most that size."""
    found = tuple(float(value) for value in values[:MOST_NUMBERS])
    if not all(math.isfinite(value) and abs(value) <= most for value in found):
        raise ValueError("a number makes no sense")
    return found
