"""The front's process, as the daemon starts it: loads what server.py needs, without losing time."""

from __future__ import annotations

import gc
import sys

UNNEEDED = ("watchfiles", "pydantic.v1")
"""What uvicorn and FastAPI would import to watch their own source and to serve models of long ago; they do
without, and this process with two megabytes less."""


def main() -> None:
    """Serve until standard input closes."""
    for name in UNNEEDED:
        sys.modules[name] = None  # type: ignore[assignment]  # an import of it fails
    gc.disable()  # looking for garbage in what is being loaded takes a third of the start, and there is none
    from player.interfaces.front import server  # noqa: PLC0415

    server.main()


if __name__ == "__main__":
    main()
