"""What a child process does for itself (child_process.py starts it): its pipes, its signals, its priority.

Only the standard library and redaction.py are imported.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from player.privacy.redaction import guard_tracebacks

Report = dict[str, Any]
Command = dict[str, Any]

END_S = 0.4
"""How long what is left to be done at the end may take; the parent waits a little longer."""
NICENESS = 15
"""The music that plays and the models that watch the room come first."""
_OOM_SCORE = 500
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


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


def read_commands(
    at_end: Callable[[], None] = lambda: None, on_interrupt: signal.Handlers = signal.SIG_IGN
) -> queue.SimpleQueue[Command]:
    """Every command from stdin, read by a thread of its own; with stdin the process ends, after `at_end`.

    Ctrl-C is for the parent, which fades out first; with SIG_DFL the process ends at once, whatever thread
    the signal meets.
    """
    at_parents_end(signal.SIGCONT)
    signal.signal(signal.SIGINT, on_interrupt)
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


def at_parents_end(number: int) -> None:
    """Have the kernel send this process a signal when its parent ends, also if that is killed (prctl(2)).

    SIGCONT is for a child with pipes: if somebody has stopped it, it wakes, sees that its standard input has
    ended, and tidies up. The signal comes with the end of each thread that it belongs to, the one that has
    started it first, and SIGCONT is nothing to a process that runs. SIGKILL is for one whose parent waits
    for it in that thread. Where the parent has ended before, its pipes say so.
    """
    if sys.platform != "linux":
        return
    import ctypes  # noqa: PLC0415 - the daemon imports this module's words, and needs no ctypes for them

    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)


def step_back(background: bool, niceness: int = NICENESS) -> None:
    """Low priority; in the background only the time that nobody else wants, of processor and disk."""
    if hasattr(os, "nice"):
        os.nice(niceness)
    if sys.platform != "linux":
        return
    if background:
        with contextlib.suppress(OSError):  # a sandbox may forbid it
            # Linux derives the idle class of disk access from this one (block/ioprio.c).
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    with contextlib.suppress(OSError):
        # If memory runs out, this process goes, and not the music.
        Path("/proc/self/oom_score_adj").write_text(str(_OOM_SCORE), encoding="ascii")
