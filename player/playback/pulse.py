"""What the doctor asks PulseAudio, or PipeWire in its place; while music plays, the ear asks."""

from __future__ import annotations


def default_sink() -> str | None:
    """The sink that `auto` and `pulse` play on, None where there is no PulseAudio, or it has no sink."""
    try:
        import pulsectl  # noqa: PLC0415 - it loads libpulse, which may be missing
    except (ImportError, OSError, AttributeError):
        return None
    try:
        with pulsectl.Pulse("ambient-player doctor", connect=False) as pulse:
            pulse.connect()
            return str(pulse.server_info().default_sink_name) or None
    except pulsectl.PulseError:
        return None
