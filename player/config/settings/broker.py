"""Settings of a connection to an MQTT broker, for each of those who make one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from player.config.settings.base import Settings
from player.config.settings.web import HostName
from player.privacy.redaction import shown

_TOPIC = re.compile(r"[A-Za-z0-9._~-]+(/[A-Za-z0-9._~-]+)*")
"""Without what means something to a broker (+, #, $) or to a shell."""


def topic(text: str) -> str:
    """The beginning of topics, as pydantic's validators take it."""
    if not _TOPIC.fullmatch(text):
        raise ValueError(
            f"found {shown(text)}; allowed is a topic such as ambient-player or cafe/music: letters, "
            "figures, and . _ ~ - between slashes"
        )
    return text


def topic_or_none(text: str) -> str:
    """The same, or nothing."""
    return topic(text) if text else text


Topic = Annotated[str, Field(max_length=100), AfterValidator(topic)]


class Switched(Settings):
    """What is off until somebody wants it."""

    enabled: bool = False


class BrokerSettings(Settings):
    """Where the broker is, and as whom it knows us."""

    host: HostName = "localhost"
    port: int = Field(1883, ge=1, le=65535)
    user: str = Field("", max_length=200)
    password: str = Field("", max_length=1000)
    tls: bool = False
    ca_file: Path | None = None
