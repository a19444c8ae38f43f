"""Opinions that were given before: captions repeat all day, and a restart should not pay for them again."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from pathlib import Path

from pydantic import ValidationError

from player.log import EventLog, LogEvent
from player.mood.llm.response import MoodResponse
from player.privacy import private_files

log = EventLog(__name__, LogEvent.MOOD)

LARGEST = 2000
"""Opinions kept: weeks of one room's sentences, in some 200 kB."""


class ResponseCache:
    """The last LARGEST opinions by use, and a file they outlive a restart in. For one thread at a time.

    The file gets one line per new opinion (a hash of what was asked, never the sentence) and is written again
    when half of it is old: memory cards wear out from rewriting.
    """

    def __init__(self, path: Path | None, largest: int = LARGEST) -> None:
        self._path, self._largest = path, largest
        self._opinions: OrderedDict[str, MoodResponse] = OrderedDict()
        self._lines = 0
        self._load()

    def get(self, key: str) -> MoodResponse | None:
        """The opinion that was kept under this key, if it still is."""
        if key in self._opinions:
            self._opinions.move_to_end(key)
        return self._opinions.get(key)

    def put(self, key: str, opinion: MoodResponse) -> None:
        """Keep an opinion; the one that was not used for longest goes."""
        self._keep(key, opinion)
        self._write(key, opinion)

    def _keep(self, key: str, opinion: MoodResponse) -> None:
        self._opinions[key] = opinion
        self._opinions.move_to_end(key)
        if len(self._opinions) > self._largest:
            self._opinions.popitem(last=False)

    def _load(self) -> None:
        if self._path is None:
            return
        try:
            lines = self._path.read_bytes().splitlines()
        except FileNotFoundError:
            return
        except OSError as error:
            log.warning("%s cannot be read (%s): sentences are asked again", self._path, error.strerror)
            return
        self._lines = len(lines)
        for line in lines:
            try:
                key, mood, valence, energy = json.loads(line)
                self._keep(str(key), MoodResponse(mood=mood, valence=valence, energy=energy))
            except (ValueError, TypeError, RecursionError, ValidationError):
                continue  # the end of a line that a power cut broke off: its sentence is asked again

    def _write(self, key: str, opinion: MoodResponse) -> None:
        if self._path is None:
            return
        try:
            if self._lines < 2 * self._largest:
                with private_files.write(self._path, "a") as file:
                    # A line that was broken off must not take this one with it.
                    file.write(("\n" if file.tell() else "") + _line(key, opinion))
                self._lines += 1
                return
            private_files.replace(self._path, "\n".join(_line(*kept) for kept in self._opinions.items()))
            self._lines = len(self._opinions)
        except OSError as error:
            log.warning("%s cannot be written (%s): a restart will ask again", self._path, error.strerror)
            self._path = None


def cache_key(*what: object) -> str:
    """A short hash of everything that an answer depends on."""
    return hashlib.sha256(json.dumps(what).encode("utf-8")).hexdigest()[:24]


def _line(key: str, opinion: MoodResponse) -> str:
    return json.dumps([key, opinion.mood, opinion.valence, opinion.energy])
