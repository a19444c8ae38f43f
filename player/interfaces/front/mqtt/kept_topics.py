"""At which topics the broker keeps something of the player's: those of a former name are emptied.

A device of a former name would else stay in Home Assistant for ever, as one that is gone.
"""

from __future__ import annotations

import json
from collections.abc import Set as AbstractSet
from pathlib import Path

from player.log import EventLog, LogEvent
from player.privacy import private_files
from player.types import json_text

log = EventLog(__name__, LogEvent.MQTT)

NAME = "mqtt.json"
MOST_BROKERS, MOST_TOPICS = 8, 500


class KeptTopics:
    """Remembered in a file of the player's state, for each broker that it was at.

    folder  None: nothing is remembered
    broker  where the player is now
    ours    what it has there now
    """

    def __init__(self, folder: Path | None, broker: str, ours: AbstractSet[str]) -> None:
        self._path = folder / NAME if folder else None
        self._broker, self._ours = broker, frozenset(ours)

    def former(self) -> list[str]:
        """Those that stand there under names of before; noted, with ours, before anything is said."""
        held = self._read()
        former = sorted(set(held.get(self._broker, ())) - self._ours)
        self._write(held, [*sorted(self._ours), *former])
        return former

    def emptied(self) -> None:
        """They are gone: ours alone stand there."""
        self._write(self._read(), sorted(self._ours))

    def _read(self) -> dict[str, list[str]]:
        """What is noted, by broker; nothing if that cannot be read: at worst an old device stays."""
        if self._path is None:
            return {}
        try:
            held = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        if not isinstance(held, dict):
            return {}
        return {
            broker: [topic for topic in topics if isinstance(topic, str)]
            for broker, topics in held.items()
            if isinstance(topics, list)
        }

    def _write(self, held: dict[str, list[str]], topics: list[str]) -> None:
        before = {broker: each for broker, each in held.items() if broker != self._broker}
        now = {**dict([*before.items()][-MOST_BROKERS + 1 :]), self._broker: topics[:MOST_TOPICS]}
        if self._path is None or now == held:
            return
        try:
            private_files.replace(self._path, json_text(now))
        except OSError as error:
            log.warning("%s cannot be written (%s); make room on its disk", self._path, error.strerror)
