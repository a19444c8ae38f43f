"""What is said at the player's command topics, as commands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from player.errors import ArgumentError
from player.interfaces import command_arguments
from player.interfaces.front.mqtt.components import FOLLOW, Permission
from player.interfaces.front.staff_controls import within

MOST_BYTES = 2000
"""Of a payload: the longest sentence in any script is shorter."""
ON_OFF: dict[str, dict[str, tuple[str, dict[str, Any]]]] = {
    "music": {"ON": ("resume", {}), "OFF": ("pause", {})},
    "camera": {"ON": ("camera", {"state": "on"}), "OFF": ("camera", {"state": "off"})},
    "night": {"ON": ("night", {"mode": "on"}), "OFF": ("night", {"mode": "off"})},
}
PRESSED = ("next", "like", "wrong")


@dataclass(frozen=True, slots=True)
class Order:
    """A command with its arguments."""

    command: str
    arguments: dict[str, Any]


def read(key: str, payload: bytes, permission: Permission) -> Order:
    """The order that a payload means. Raises ArgumentError, in one sentence."""
    order = _understood(key, _text(key, payload))
    if not permission.allows(order.command):
        raise ArgumentError(f"{order.command} is for the owner (mqtt.role is {permission.role}).")
    if order.command == "volume":
        return Order("volume", {"percent": within(order.arguments["percent"], permission.volume)})
    return order


def _text(key: str, payload: bytes) -> str:
    if len(payload) > MOST_BYTES:
        raise ArgumentError(f"what was said to {command_arguments.quoted(key)} is too long.")
    try:
        return payload.decode().strip()
    except UnicodeDecodeError:
        raise ArgumentError(f"what was said to {command_arguments.quoted(key)} is no text.") from None


def _understood(key: str, text: str) -> Order:
    if key == "volume":
        try:
            number = float(text)
        except ValueError:
            number = float("nan")
        if not 0 <= number <= 100:
            raise ArgumentError(f"volume takes a number from 0 to 100, not {command_arguments.quoted(text)}.")
        return Order("volume", {"percent": round(number)})
    if key in ON_OFF:
        if text.upper() not in ON_OFF[key]:
            raise ArgumentError(f"{key} takes ON or OFF, not {command_arguments.quoted(text)}.")
        return Order(*ON_OFF[key][text.upper()])
    if key in PRESSED:
        return Order(key, {})
    if key in ("pin", "sentence"):
        ends = not text or text == FOLLOW
        return Order("unpin", {}) if ends else Order("pin", {"mood": text})
    if key == "announce":
        is_file = text.startswith("/")
        return Order("announce", {"file": text}) if is_file else Order("say", {"text": text})
    raise ArgumentError(f"there is nothing called {command_arguments.quoted(key)} to be set over MQTT.")
