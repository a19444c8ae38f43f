"""How an output for sound is named, in config.yaml and to a deck: auto, pulse[:SINK] or alsa[:DEVICE].

Only the standard library is imported: decks need it, too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

ALLOWED = "auto, pulse, alsa, pulse:SINK or alsa:DEVICE"


class OutputKind(Enum):
    """Through what the sound goes."""

    AUTO = "auto"
    """Whatever libVLC finds, PulseAudio first."""
    PULSE = "pulse"
    """PulseAudio, or PipeWire in its place."""
    ALSA = "alsa"


@dataclass(frozen=True, slots=True)
class AudioOutput:
    """An output by its name."""

    kind: OutputKind
    device: str = ""
    """A sink or an ALSA device; empty for the default one."""

    @classmethod
    def parse(cls, name: str) -> AudioOutput:
        """Read a name. Raises ValueError where it is none (ALLOWED)."""
        if not re.fullmatch(r"auto|pulse|alsa|(pulse|alsa):.+", name):
            raise ValueError(f"an output is {ALLOWED}, not {name!r}")
        kind, _, device = name.partition(":")
        return cls(OutputKind(kind), device)

    def __str__(self) -> str:
        return f"{self.kind.value}:{self.device}" if self.device else self.kind.value

    @property
    def needs_sound_server(self) -> bool:
        """Whether PulseAudio or PipeWire may be in the way of the sound; ALSA's devices go by themselves."""
        return self.kind is not OutputKind.ALSA
