"""Tasks of an event loop that stand and fall together, and errors that nobody waits for."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Awaitable, Coroutine, Iterable
from typing import Any

from player.log import EventLog, LogEvent

log = EventLog(__name__, LogEvent.WEB)

AGAIN_S = 1.0
_LOST = {errno.EBADF, errno.ENOTCONN, errno.ENETDOWN, errno.ENETUNREACH, errno.EHOSTUNREACH}
"""Beside ConnectionError: the socket is closed already, or the network has gone."""


async def end(tasks: Iterable[asyncio.Future[None]]) -> None:
    """Cancel tasks, and wait until they have ended; what one of them has failed at is not raised.

    asyncio.wait_for, in which the client waits for the broker's word, forgets that it was cancelled if that
    word comes just then (until Python 3.12): such a task is cancelled again.
    """
    tasks = list(tasks)
    running = {task for task in tasks if not task.done()}
    while running:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=AGAIN_S)
    for task in tasks:  # an error that nobody has asked for would be a traceback in the log
        if not task.cancelled():
            task.exception()


async def first_end(work: Iterable[Awaitable[None]]) -> BaseException | None:
    """Do all of it side by side until one ends, and end the others; returns the error that ended it."""
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await end(tasks)
    return next(filter(None, (task.exception() for task in done)), None)


def run_loop(work: Coroutine[Any, Any, None]) -> None:
    """As asyncio.run, but a lost connection that nobody waits for is no traceback in the log."""

    async def main() -> None:
        asyncio.get_running_loop().set_exception_handler(pass_over_lost)
        await work

    asyncio.run(main())


def pass_over_lost(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """For AbstractEventLoop.set_exception_handler: a lost connection is no traceback in the log.

    Libraries send words on whose way they do not wait (dbus_fast every signal and answer). That a connection
    has ended is seen, and told in plain words, by whoever reads from it. All other errors are shown as usual.
    """
    error = context.get("exception")
    # CancelledError: aiomqtt asks in a callback for the outcome of what was given up meanwhile.
    is_lost = isinstance(error, ConnectionError | EOFError | asyncio.CancelledError)
    if is_lost or (isinstance(error, OSError) and error.errno in _LOST):
        log.debug("a lost connection (%r): %s", error, context.get("message"))
    else:
        loop.default_exception_handler(context)
