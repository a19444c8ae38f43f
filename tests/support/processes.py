"""What the system knows of a process."""

from player.system.proc import Proc

PROC = Proc()


def state_of(pid: int) -> str:
    """Its state as in `ps`: S asleep, T stopped, Z dead and not yet buried ...; empty where it is gone."""
    try:
        return PROC.stat(pid).state
    except (FileNotFoundError, ProcessLookupError):
        return ""


def alive(pid: int) -> bool:
    """Whether it runs, or might."""
    return state_of(pid) not in ("", "Z")


def children(pid: int, name: str = "") -> list[int]:
    """Its child processes, those whose command line holds `name`."""
    found = []
    for child in PROC.children(pid):
        try:
            if name in " ".join(PROC.command_line(child)):
                found.append(child)
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found
