"""A status as the values that stand at the player's topics."""

from __future__ import annotations

import json

from player.emotions import describe_music, describe_room, find
from player.interfaces.front.mqtt.components import FOLLOW, MOODS, MOST_LETTERS, UNKNOWN
from player.status import CameraState, PlayerState
from player.types import Json, MoodPoint

STEP = 0.05
"""Of valence and energy."""
OFF_STATES = (PlayerState.PAUSED, PlayerState.STOPPED, PlayerState.CLOSED)


class Steady:
    """A number in steps, which stays as it is until the value has clearly left its step."""

    def __init__(self, step: float = STEP) -> None:
        self._step = step
        self._held: float | None = None

    def __call__(self, value: float) -> float:
        """The step that a value belongs to."""
        if self._held is None or abs(value - self._held) > 0.8 * self._step:
            self._held = round(round(value / self._step) * self._step, 4) + 0.0
        return self._held


class States:
    """Makes them from one status after the other.

    scene  whether the sentence about the room may be said
    """

    def __init__(self, scene: bool) -> None:
        self._scene = scene
        self._room = Steady(), Steady()
        self._music = Steady(), Steady()

    def of(self, status: Json) -> dict[str, str]:
        """The value of each key, the cover aside."""
        playback, room, perception = status["playback"], status["room"], status["perception"]
        track, target = playback["track"], room["target"]
        music = MoodPoint(self._music[0](target["valence"]), self._music[1](target["energy"]))
        found = {
            "track": _text(_track(track)),
            "why": _text(track and track["reason"]),
            "mood": describe_music(music),
            **self._seen(room, perception),
            "silence": _text(playback["silent_reason"]),
            "audible": _switch(playback["audible"]["audible"]),
            "camera_live": _switch(perception["camera"]["state"] == CameraState.LIVE),
            "problem": _switch(bool(status["problems"])),
            "problems": json.dumps({"problems": status["problems"]}, ensure_ascii=False),
            "volume": str(round(playback["volume_wanted"])),
            "music": _switch(playback["state"] not in OFF_STATES),
            "camera": _switch(perception["camera"]["enabled"]),
            "night": _switch(playback["night"]),
            **_pinned(room["pinned"]),
        }
        if self._scene:
            scene = perception["scene"] if perception["sees"] else None
            found["scene"] = _text(scene and scene["caption"])
        return found

    def _seen(self, room: Json, perception: Json) -> dict[str, str]:
        """What is known of the room; nothing while nobody looks at it."""
        mood, scene = (room["mood"], perception["scene"]) if perception["sees"] else (None, None)
        words = {"room": UNKNOWN, "valence": UNKNOWN, "energy": UNKNOWN}
        if mood is not None:
            point = MoodPoint(self._room[0](mood["valence"]), self._room[1](mood["energy"]))
            words = {
                "room": describe_room(point),
                "valence": f"{point.valence:g}",
                "energy": f"{point.energy:g}",
            }
        return {**words, "people": str(scene["people"]) if scene else UNKNOWN}


def shift_at(status: Json) -> str | None:
    """When the room's mood has last shifted."""
    shifts = status["room"]["shifts"]
    return shifts[0]["at"] if shifts else None


def shift(status: Json) -> str:
    """The last shift as an event of Home Assistant's."""
    last = status["room"]["shifts"][0]
    found = {name: round(last[name], 2) for name in ("valence", "energy")}
    return json.dumps({"event_type": "shift", "reason": _text(last["reason"]), **found}, ensure_ascii=False)


def _track(track: Json | None) -> str | None:
    if track is None:
        return None
    return f"{track['artist']} – {track['title']}" if track["artist"] else track["title"]


def _pinned(pinned: str | None) -> dict[str, str]:
    """A mood is a choice among those there are; anything else is a sentence."""
    if pinned is None:
        return {"pin": FOLLOW, "sentence": UNKNOWN}
    named = find(pinned)
    choice = named.name if named is not None and named.name in MOODS else UNKNOWN
    return {"pin": choice, "sentence": UNKNOWN if choice != UNKNOWN else _text(pinned)}


def _text(text: str | None) -> str:
    one_line = " ".join((text or "").split())
    if not one_line:
        return UNKNOWN
    return one_line if len(one_line) <= MOST_LETTERS else one_line[: MOST_LETTERS - 1] + "…"


def _switch(on: bool | None) -> str:
    return UNKNOWN if on is None else "ON" if on else "OFF"
