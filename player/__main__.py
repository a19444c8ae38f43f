"""`python -m player` is `ambient-player`."""

import os
import sys

from player.system import signals


def main() -> None:
    """Entry point."""
    _open_streams()
    signals.hold()  # what comes while the commands are still being loaded is not lost
    from player.cli.main import main as command_line  # noqa: PLC0415

    command_line()


def _open_streams() -> None:
    """Let standard streams that were closed (`<&-`, some schedulers) be empty.

    Python has none then, and the next file that is opened, a database, gets its number.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            null = os.open(os.devnull, os.O_RDWR)  # the lowest number that is free: this one
            os.set_inheritable(null, True)
            setattr(sys, name, os.fdopen(null, "r" if number == 0 else "w", encoding="utf-8"))


if __name__ == "__main__":
    main()
