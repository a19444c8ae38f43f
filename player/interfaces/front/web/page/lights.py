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
class StatusLight:
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


def lights(status: Json) -> tuple[StatusLight, ...]:
    """All five."""
    return camera(status), reader(status), sound(status), library(status), disk(status)


def camera(status: Json) -> StatusLight:
    """Whether the camera sees the room."""
    perception = status["perception"]
    said = perception["camera"]
    state = CameraState(said["state"])
    if perception["suspended"]:
        return StatusLight("camera", REST, "closed")
    if not said["enabled"]:
        return StatusLight("camera", REST, "off")
    if state is CameraState.LOST:
        return StatusLight("camera", BAD, "lost", said["error"])
    if state is CameraState.ENDED:
        return StatusLight("camera", WARN, "ended", said["error"])
    if state is not CameraState.LIVE:
        return StatusLight("camera", WARN, "opening", said["error"])
    lens = perception["lens"] or LensState.OK
    return StatusLight("camera", GOOD if lens == LensState.OK else BAD, str(lens))


def reader(status: Json) -> StatusLight:
    """Whether somebody can read what it sees."""
    perception = status["perception"]
    note = perception["note"] or (perception["mood_reader"] or {}).get("note")
    if perception["problem"]:
        loads = perception["problem"] == LOADING
        return StatusLight(
            "reader", WARN if loads else BAD, "loading" if loads else "problem", perception["problem"]
        )
    if note:
        return StatusLight("reader", WARN, "note", note)
    if perception["mood_reader"] is None:  # the camera is off, and nobody has asked for them
        return StatusLight("reader", REST, "off")
    return StatusLight("reader", GOOD, "ok")


def sound(status: Json) -> StatusLight:
    """Whether the music is heard."""
    playback = status["playback"]
    audible = playback["audible"]
    if playback["state"] not in WORKING:
        return StatusLight("sound", REST, playback["state"])
    if audible["problem"]:
        return StatusLight("sound", BAD, "muted", audible["problem"])
    if playback["silent_reason"]:
        return StatusLight("sound", BAD, "silent", playback["silent_reason"])
    if playback["state"] == PlayerState.STARTING:
        return StatusLight("sound", WARN, "starting")
    if audible["audible"] is False and audible["silent_s"] >= SILENT_S:
        return StatusLight("sound", BAD, "unheard")
    return StatusLight("sound", GOOD, "ok")


def library(status: Json) -> StatusLight:
    """Whether there is music, and what of it nobody has listened to yet."""
    said = status["library"]
    if said["problem"] and not about_disk(said["problem"]):
        return StatusLight("library", WARN if said["tracks"] else BAD, "problem", said["problem"])
    if said["analysis"]["problem"]:
        return StatusLight("library", WARN, "problem", said["analysis"]["problem"])
    if not said["tracks"]:
        return StatusLight("library", WARN, "empty")
    if said["pending"]:
        return StatusLight("library", GOOD, "pending", said["pending"])
    if said["unreadable"]:
        return StatusLight("library", WARN, "unreadable", said["unreadable"])
    return StatusLight("library", GOOD, "ok", said["tracks"])


def disk(status: Json) -> StatusLight:
    """Whether what is learnt can be kept."""
    said = [*status["problems"], status["library"]["problem"] or ""]
    trouble = next((sentence for sentence in said if about_disk(sentence)), None)
    return StatusLight("disk", BAD, "problem", trouble) if trouble else StatusLight("disk", GOOD, "ok")


def about_disk(sentence: str) -> bool:
    """Whether a problem is one of the disk."""
    return any(words in sentence for words in ABOUT_DISKS)


def problems(status: Json, shown: Mapping[str, StatusLight]) -> tuple[str, ...]:
    """What is wrong with the machine, but for what a light says already."""
    details = {light.detail for light in shown.values()}
    return tuple(sentence for sentence in status["problems"] if sentence not in details)
