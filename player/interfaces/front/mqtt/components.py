"""The player as Home Assistant's device: what it has, and where each of these is said and set."""

from __future__ import annotations

from dataclasses import dataclass

from player import __version__
from player.emotions import vocabularies
from player.interfaces.command_table import COMMANDS, Role
from player.interfaces.front.mqtt.topics import OFFLINE, ONLINE, Topics
from player.types import Json

FOLLOW = "follow the room"
"""The choice that ends a pin."""
MOODS = tuple(vocabularies()["music"])
UNKNOWN = "None"
"""What Home Assistant takes for a value that nobody knows; a broker would forget an empty one."""
NO_TEXT = f"{{{{ '' if value == '{UNKNOWN}' else value }}}}"
"""For a text, which Home Assistant would show as it is: its field is empty then."""
MOST_LETTERS = 255
"""Home Assistant takes no longer state."""
MAKER = "ambient-player"
QOS = 1
"""At least once: a tap that is lost would look like a player that does not listen."""


@dataclass(frozen=True, slots=True)
class Permission:
    """What somebody who writes at the broker may do.

    role    like those of the page
    volume  between which volumes they may choose, percent; what is played may lie beyond
    """

    role: Role
    volume: tuple[int, int] = (0, 100)

    def allows(self, command: str) -> bool:
        """Whether they may give a command."""
        return COMMANDS[command].allows(self.role)


def components(topics: Topics, permission: Permission, scene: bool) -> dict[str, Json]:
    """Every component by its key, as a device discovery message has them.

    One that is not to be there has its platform alone: Home Assistant then takes it away.
    """
    shown: dict[str, Json] = {
        "track": _sensor("Track", "mdi:music"),
        "why": _sensor("Why", "mdi:comment-question-outline"),
        "room": _sensor("Room", "mdi:home-heart"),
        "scene": _sensor("Scene", "mdi:eye-outline") if scene else {"p": "sensor"},
        "mood": _sensor("Mood of the music", "mdi:emoticon-outline"),
        "valence": _measure("Valence", 2),
        "energy": _measure("Energy", 2),
        "people": _measure("People", 0) | {"icon": "mdi:account-group"},
        "silence": _sensor("Reason for silence", "mdi:music-off"),
        "audible": _binary("Audible", "sound"),
        "camera_live": _binary("Camera sees", "running"),
        "problem": _binary("Problem", "problem")
        | {"json_attributes_topic": topics.state("problems"), "entity_category": "diagnostic"},
        "cover": {
            "p": "image",
            "name": "Cover",
            "content_type": "image/jpeg",
            "image_topic": topics.state("cover"),
        },
        "shift": {
            "p": "event",
            "name": "Shift of the room",
            "event_types": ["shift"],
            "state_topic": topics.event("shift"),
        },
    }
    for key, component in shown.items():
        if component["p"] in ("sensor", "binary_sensor") and "name" in component:
            component["state_topic"] = topics.state(key)
    told: dict[str, tuple[str, Json]] = {
        "volume": ("volume", {"p": "number", "name": "Volume", "icon": "mdi:volume-high", "min": 0,
                              "max": 100, "step": 1, "mode": "slider", "unit_of_measurement": "%"}),
        "music": ("pause", {"p": "switch", "name": "Music", "icon": "mdi:play-pause"}),
        "camera": ("camera", {"p": "switch", "name": "Camera", "icon": "mdi:cctv"}),
        "night": ("night", {"p": "switch", "name": "Night mode", "icon": "mdi:weather-night"}),
        "next": ("next", {"p": "button", "name": "Next track", "icon": "mdi:skip-next"}),
        "like": ("like", {"p": "button", "name": "Like", "icon": "mdi:thumb-up-outline"}),
        "wrong": ("wrong", {"p": "button", "name": "Wrong mood", "icon": "mdi:thumb-down-outline"}),
        "pin": ("pin", {"p": "select", "name": "Play", "icon": "mdi:pin", "options": [FOLLOW, *MOODS]}),
        "sentence": ("pin", {"p": "text", "name": "Pin a sentence", "icon": "mdi:text",
                             "max": MOST_LETTERS, "value_template": NO_TEXT}),
        "announce": ("announce", {"p": "notify", "name": "Announcement", "icon": "mdi:bullhorn"}),
    }  # fmt: skip
    for key, (command, component) in told.items():
        if not permission.allows(command):
            shown[key] = {"p": component["p"]}
            continue
        shown[key] = component | {"command_topic": topics.command(key)}
        if component["p"] not in ("button", "notify"):
            shown[key]["state_topic"] = topics.state(key)
    for key, component in shown.items():
        if len(component) > 1:
            component["unique_id"] = f"{topics.device_id}_{key}"
            component["qos"] = QOS  # Home Assistant hands it on to no component if the device alone says it
    return shown


def retained_topics(topics: Topics, shown: dict[str, Json]) -> frozenset[str]:
    """Where the broker keeps something for a player with these components."""
    found = {
        component.get(at)
        for component in shown.values()
        for at in ("state_topic", "image_topic", "json_attributes_topic")
    }
    states = {topic for topic in found if topic and topic.startswith(topics.state(""))}
    return frozenset(filter(None, (*states, topics.availability, topics.config)))


def discovery(topics: Topics, name: str, permission: Permission, scene: bool) -> Json:
    """The one message that says all of it, for Home Assistant's MQTT device discovery."""
    return {
        "dev": {
            "identifiers": [topics.device_id],
            "name": name,
            "manufacturer": MAKER,
            "model": "Music that follows the room",
            "sw_version": __version__,
        },
        "o": {"name": MAKER, "sw_version": __version__},
        "availability_topic": topics.availability,
        "payload_available": ONLINE,
        "payload_not_available": OFFLINE,
        "cmps": components(topics, permission, scene),
    }


def _sensor(name: str, icon: str) -> Json:
    return {"p": "sensor", "name": name, "icon": icon}


def _measure(name: str, digits: int) -> Json:
    return {
        "p": "sensor",
        "name": name,
        "state_class": "measurement",
        "suggested_display_precision": digits,
    }


def _binary(name: str, device_class: str) -> Json:
    return {"p": "binary_sensor", "name": name, "device_class": device_class}
