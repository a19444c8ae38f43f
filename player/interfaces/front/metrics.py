"""The status as Prometheus reads it; made when it is asked for, from the newest status.

Names and units are as https://prometheus.io/docs/practices/naming/ has them; docs/api.md lists them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from player import __version__
from player.interfaces.front.health import is_well
from player.status import CameraState, PlayerState
from player.types import Json

PREFIX = "ambient_player_"
CONTENT_TYPE = CONTENT_TYPE_LATEST


def registry(status: Callable[[], Json | None], streams: Callable[[], int]) -> CollectorRegistry:
    """A registry of its own: what libraries put into the common one is no matter of the player.

    status   the newest one, None while the player does not answer
    streams  how many event streams are open
    """
    made = CollectorRegistry(auto_describe=False)
    made.register(StatusCollector(status, streams))
    ProcessCollector(namespace=f"{PREFIX}web", registry=made)
    return made


def exposition(of: CollectorRegistry) -> bytes:
    """All of it in Prometheus' text form."""
    return generate_latest(of)


class StatusCollector(Collector):
    """Translates the status."""

    def __init__(self, status: Callable[[], Json | None], streams: Callable[[], int]) -> None:
        self._status, self._streams = status, streams

    def describe(self) -> Iterable[Metric]:
        """Nothing is said before the first scrape."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """All metrics; those about the music are missing while the player does not answer."""
        status = self._status()
        yield _info("Version of the player.", version=__version__)
        yield _gauge("up", "Whether the player answers its web process.", status is not None)
        yield _gauge("healthy", "Whether what should be heard is heard, as /healthz says.", is_well(status))
        yield _gauge("web_event_streams", "Open event streams.", self._streams())
        if status is not None:
            yield from _playback(status["playback"])
            yield from _room(status["room"], status["perception"]["sees"])
            yield from _perception(status["perception"])
            yield from _library(status["library"])
            yield _gauge("open", "Whether the venue is open by its hours.", status["hours"]["open"])
            yield _gauge("problems", "What is wrong with this machine.", len(status["problems"]))


def _playback(playback: Json) -> Iterator[Metric]:
    audible, announcement = playback["audible"], playback["announcement"]
    yield _states("state", "What the music does.", PlayerState, playback["state"])
    yield from _known("audible", "Whether the music is heard, if anybody can tell.", audible["audible"])
    yield from _known("heard_decibels", "Level at the sound server against full scale.", audible["heard_db"])
    yield _gauge("silent_seconds", "How long nothing was heard that should be.", audible["silent_s"])
    yield _counter("watchdog_steps", "Steps against silence since the start.", audible["steps"], "step")
    yield from _known("track_position_seconds", "Where in its track the music is.", playback["position_s"])
    yield from _known("track_duration_seconds", "How long the track is.", playback["duration_s"])
    yield _gauge("volume_ratio", "The player's own volume.", playback["volume"] / 100)
    yield _gauge("night", "Whether it is night mode.", playback["night"])
    yield _gauge("announcements_waiting", "Announcements that wait.", announcement["waiting"])
    ready = GaugeMetricFamily(f"{PREFIX}deck_ready", "Whether a deck can play.", labels=["deck"])
    for deck in playback["decks"]:
        ready.add_metric([deck["name"]], deck["ready"])
    yield ready


def _room(room: Json, sees: bool) -> Iterator[Metric]:
    for name, help_text, point in (
        ("room", "The room's smoothed mood, while it is seen", room["mood"] if sees else None),
        ("target", "The mood that the music has", room["target"]),
    ):
        if point is not None:
            yield _gauge(f"{name}_valence", f"{help_text}, -1 to 1.", point["valence"])
            yield _gauge(f"{name}_energy", f"{help_text}, -1 to 1.", point["energy"])
    yield _gauge("pinned", "Whether a mood is pinned.", room["pinned"] is not None)


def _perception(perception: Json) -> Iterator[Metric]:
    camera, scene, gate = perception["camera"], perception["scene"], perception["gate"]
    yield _states("camera_state", "How the camera is.", CameraState, camera["state"])
    yield _counter("camera_frames", "Frames since the camera was opened.", camera["frames"])
    yield _counter("camera_dropped_frames", "Frames that a newer one pushed out.", camera["dropped"])
    yield _counter("camera_losses", "How often the camera was lost.", camera["lost_count"])
    yield from _known("camera_last_frame_age_seconds", "Age of the last frame.", camera["last_frame_age_s"])
    if scene is not None and perception["sees"]:
        yield _gauge("people", "People that were last counted, while the room is seen.", scene["people"])
        yield _gauge("motion_ratio", "Share that moved, while the room is seen.", scene["motion"])
    if gate is not None:
        yield _counter("looks", "Looks at the room.", gate["looked"])
        yield _counter("saved_looks", "Looks that nothing had changed for.", gate["saved"])


def _library(library: Json) -> Iterator[Metric]:
    analysis = library["analysis"]
    tracks = GaugeMetricFamily(f"{PREFIX}library_tracks", "Tracks by how they are.", labels=["state"])
    for state in ("analysed", "pending", "unreadable"):
        tracks.add_metric([state], library[state])
    yield tracks
    yield _gauge("library_plays", "Entries of the play history.", library["plays"])
    yield _counter("analysed_files", "Files listened to since the start.", analysis["done"])
    yield _counter("analysis_failures", "Files that could not be listened to.", analysis["failed"])


def _info(help_text: str, **labels: str) -> Metric:
    return InfoMetricFamily(PREFIX.rstrip("_"), help_text, labels)


def _gauge(name: str, help_text: str, value: float) -> Metric:
    return GaugeMetricFamily(PREFIX + name, help_text, float(value))


def _known(name: str, help_text: str, value: float | None) -> Iterator[Metric]:
    if value is not None:
        yield _gauge(name, help_text, value)


def _counter(name: str, help_text: str, value: float | dict[str, int], label: str = "") -> Metric:
    if not isinstance(value, dict):
        return CounterMetricFamily(PREFIX + name, help_text, float(value))
    counter = CounterMetricFamily(PREFIX + name, help_text, labels=[label])
    for each, count in value.items():
        counter.add_metric([each], count)
    return counter


def _states(name: str, help_text: str, states: type[StrEnum], now: str) -> Metric:
    """One line for each state there is: 1 for the one that holds."""
    gauge = GaugeMetricFamily(PREFIX + name, help_text, labels=["state"])
    known: Sequence[str] = list(states)
    for state in known:
        gauge.add_metric([state], state == now)
    return gauge
