"""Health at a glance: five lights, from a status. What they say stands in templates/now_lights.html."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from player.status import LOADING, CameraState, LensState, PlayerState
from player.types import Json

GOOD, REST, WARN, BAD = "good", "rest", "warn", "bad"
ABOUT_DISKS = (
    "its disk is full",
    "check its disk",
    "cannot be written to",
    "is forgotten at the next start",
    "its disk",
)
WORKING = (PlayerState.PLAYING, PlayerState.STARTING, PlayerState.SILENT)
SILENT_S = 3.0
"""A shorter silence is none: between two tracks there may be one."""


@dataclass(frozen=True)
class Light:
    """One of them.

    name    what it is about: camera, reader, sound, library, disk
    level   GOOD, REST (nothing is wanted of it now), WARN or BAD
    code    what is so, for the template
    detail  a sentence of the daemon's, or a number
    """

    name: str
    level: str
    code: str
    detail: str | int | None = None


def lights(status: Json) -> tuple[Light, ...]:
    """All five."""
    return camera(status), reader(status), sound(status), library(status), disk(status)


def camera(status: Json) -> Light:
    """Whether the camera sees the room."""
    perception = status["perception"]
    said = perception["camera"]
    state = CameraState(said["state"])
    if perception["suspended"]:
        return Light("camera", REST, "closed")
    if not said["enabled"]:
        return Light("camera", REST, "off")
    if state is CameraState.LOST:
        return Light("camera", BAD, "lost", said["error"])
    if state is CameraState.ENDED:
        return Light("camera", WARN, "ended", said["error"])
    if state is not CameraState.LIVE:
        return Light("camera", WARN, "opening", said["error"])
    lens = perception["lens"] or LensState.OK
    return Light("camera", GOOD if lens == LensState.OK else BAD, str(lens))


def reader(status: Json) -> Light:
    """Whether somebody can read what it sees."""
    perception = status["perception"]
    note = perception["note"] or (perception["mood_reader"] or {}).get("note")
    if perception["problem"]:
        loads = perception["problem"] == LOADING
        return Light(
            "reader", WARN if loads else BAD, "loading" if loads else "problem", perception["problem"]
        )
    if note:
        return Light("reader", WARN, "note", note)
    if perception["mood_reader"] is None:  # the camera is off, and nobody has asked for them
        return Light("reader", REST, "off")
    return Light("reader", GOOD, "ok")


def sound(status: Json) -> Light:
    """Whether the music is heard."""
    playback = status["playback"]
    audible = playback["audible"]
    if playback["state"] not in WORKING:
        return Light("sound", REST, playback["state"])
    if audible["problem"]:
        return Light("sound", BAD, "muted", audible["problem"])
    if playback["silent_reason"]:
        return Light("sound", BAD, "silent", playback["silent_reason"])
    if playback["state"] == PlayerState.STARTING:
        return Light("sound", WARN, "starting")
    if audible["audible"] is False and audible["silent_s"] >= SILENT_S:
        return Light("sound", BAD, "unheard")
    return Light("sound", GOOD, "ok")


def library(status: Json) -> Light:
    """Whether there is music, and what of it nobody has listened to yet."""
    said = status["library"]
    if said["problem"] and not about_disk(said["problem"]):
        return Light("library", WARN if said["tracks"] else BAD, "problem", said["problem"])
    if said["analysis"]["problem"]:
        return Light("library", WARN, "problem", said["analysis"]["problem"])
    if not said["tracks"]:
        return Light("library", WARN, "empty")
    if said["pending"]:
        return Light("library", GOOD, "pending", said["pending"])
    if said["unreadable"]:
        return Light("library", WARN, "unreadable", said["unreadable"])
    return Light("library", GOOD, "ok", said["tracks"])


def disk(status: Json) -> Light:
    """Whether what is learnt can be kept."""
    said = [*status["problems"], status["library"]["problem"] or ""]
    trouble = next((sentence for sentence in said if about_disk(sentence)), None)
    return Light("disk", BAD, "problem", trouble) if trouble else Light("disk", GOOD, "ok")


def about_disk(sentence: str) -> bool:
    """Whether a problem is one of the disk."""
    return any(words in sentence for words in ABOUT_DISKS)


def problems(status: Json, shown: Mapping[str, Light]) -> tuple[str, ...]:
    """What is wrong with the machine, but for what a light says already."""
    details = {light.detail for light in shown.values()}
    return tuple(sentence for sentence in status["problems"] if sentence not in details)
