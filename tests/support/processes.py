"""What the system knows of a process."""

from pathlib import Path


def state_of(pid: int) -> str:
    """Its state as in `ps`: S asleep, T stopped, Z dead and not yet buried ...; empty if it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""


def alive(pid: int) -> bool:
    """Whether it runs, or might."""
    return state_of(pid) not in ("", "Z")
