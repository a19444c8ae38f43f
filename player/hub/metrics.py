"""The fleet as Prometheus reads it (docs/fleet.md lists the names); made when it is asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from player.hub.hub import Hub
from player.hub.room_state import Condition

PREFIX = "ambient_hub_"
CONTENT_TYPE = CONTENT_TYPE_LATEST


def registry(hub: Hub) -> CollectorRegistry:
    """A registry of the hub's own."""
    made = CollectorRegistry(auto_describe=False)
    made.register(HubCollector(hub))
    ProcessCollector(namespace=PREFIX.rstrip("_"), registry=made)
    return made


def exposition(of: CollectorRegistry) -> bytes:
    """All of it in Prometheus' text form."""
    return generate_latest(of)


class HubCollector(Collector):
    """Counts rooms by how they are, and messages."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def describe(self) -> Iterable[Metric]:
        """Nothing is said before the first scrape."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """All metrics."""
        hub, counts = self._hub, self._hub.counts
        connected = GaugeMetricFamily(f"{PREFIX}broker_connected", "Whether the hub is at its broker.")
        connected.add_metric([], float(hub.is_connected))
        yield connected
        found = Counter((seen.room.group, seen.condition) for seen in hub.rooms.all())
        rooms = GaugeMetricFamily(f"{PREFIX}rooms", "Rooms, by how they are.", labels=("group", "condition"))
        for group in sorted({group for group, _ in found}):
            for condition in Condition:
                rooms.add_metric((group, condition), found[group, condition])
        yield rooms
        waiting = GaugeMetricFamily(f"{PREFIX}rooms_not_up_to_date", "Rooms that have not answered settings.")
        waiting.add_metric([], sum(not seen.room.is_up_to_date for seen in hub.rooms.all()))
        yield waiting
        for name, numbers in (("received", counts.received), ("sent", counts.sent)):
            messages = CounterMetricFamily(f"{PREFIX}messages_{name}", f"Messages {name}.", labels=("kind",))
            for kind, number in sorted(numbers.items()):
                messages.add_metric((kind,), number)
            yield messages
        for name, said, number in (
            ("messages_refused", "Messages that were not understood.", counts.refused),
            ("plays", "Plays that were kept since the start.", counts.plays),
            ("plays_repeated", "Plays that came again.", counts.plays_again),
        ):
            yield CounterMetricFamily(f"{PREFIX}{name}", said, value=number)
