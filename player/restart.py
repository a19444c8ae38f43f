"""The last means against silence: the whole process again. The state was saved, so the same track goes on."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from typing import NoReturn

from player.interfaces.systemd import notify
from player.log import EventLog, LogEvent
from player.system import signals

log = EventLog(__name__, LogEvent.RESTART)

EXIT_CODE = 75
"""EX_TEMPFAIL of sysexits.h: start me again."""
GRACE_S = 5.0
"""A clean end may take so long; a player that needs to restart may hang in it."""
REFUSAL_S = 10.0


def reexec() -> NoReturn:
    """End this process for the next one: systemd starts that, or else this process turns into it.

    Any thread may call this, whatever the others hang in. What is still open is closed: child processes end
    with their pipes. Who has been told to end meanwhile does.
    """
    if notify.supervised():
        os._exit(0 if signals.told_to_end() else EXIT_CODE)
    for number in map(int, os.listdir("/dev/fd")):
        try:
            os.set_inheritable(number, number <= 2)  # a camera that a library has opened, for one
        except OSError:  # the listing's own, which is closed again
            continue
    if signals.told_to_end():
        os._exit(0)
    try:
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
    except OSError as error:
        log.critical("The player cannot restart itself (%s); start it again.", error)
        os._exit(EXIT_CODE)


def force_after() -> None:
    """See to it that a restart takes place within GRACE_S, whatever hangs."""
    timer = threading.Timer(GRACE_S, reexec)
    timer.daemon = True
    timer.start()


def delay() -> None:
    """After an error that a restart does not mend (config.yaml, a second player): not again at once."""
    if notify.supervised() and notify.listens():  # nobody listens to an ExecReload
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        if signals.told_to_end():  # while it was not yet able to
            return
        signals.release()
        notify.notify(notify.status("cannot start: see the log"))
        time.sleep(REFUSAL_S)
