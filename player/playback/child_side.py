"""The child's own end of its pipes (child.py is the daemon's).

Only the standard library and redaction.py are imported.
"""

from __future__ import annotations

import faulthandler
import json
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

from player.privacy.redaction import guard_tracebacks

Report = dict[str, Any]
Command = dict[str, Any]


def take_stdout() -> Callable[[Report], None]:
    """What sends a report. From now on what libraries print on fd 1 and 2 goes nowhere.

    ALSA alone writes hundreds of lines a second if there is no card. Python's own stderr stays.
    """
    reports = os.fdopen(os.dup(1), "w", encoding="utf-8")
    sys.stderr = os.fdopen(os.dup(2), "w", buffering=1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    faulthandler.enable(sys.stderr)
    guard_tracebacks()

    def say(report: Report) -> None:
        reports.write(json.dumps(report) + "\n")
        reports.flush()

    return say


END_S = 0.4
"""How long what is left to be done at the end may take; child.py waits a little longer."""


def read_commands(at_end: Callable[[], None] = lambda: None) -> queue.SimpleQueue[Command]:
    """Every command from stdin, read by a thread of its own; with stdin the process ends, after `at_end`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which fades out first
    commands: queue.SimpleQueue[Command] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(commands, at_end), daemon=True).start()
    return commands


def _read(commands: queue.SimpleQueue[Command], at_end: Callable[[], None]) -> None:
    for line in sys.stdin:
        commands.put(json.loads(line))
    # The parent is gone, or is done with this child: not even a hanging library may stay behind.
    limit = threading.Timer(END_S, os._exit, (0,))
    limit.daemon = True
    limit.start()
    at_end()
    os._exit(0)
