"""The front's process, as the daemon starts it: loads what server.py needs, without losing time."""

from __future__ import annotations

import gc


def main() -> None:
    """Serve until standard input closes."""
    gc.disable()  # looking for garbage in what is being loaded takes a third of the start, and there is none
    from player.interfaces.front import server  # noqa: PLC0415

    gc.freeze()
    gc.enable()
    server.main()


if __name__ == "__main__":
    main()
