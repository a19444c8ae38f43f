"""The log of the tests' own process."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def log_as_it_was() -> Iterator[None]:
    """Give the root's and the player's log the handlers and levels back that they had before."""
    loggers = [logging.getLogger(), logging.getLogger("player")]
    before = [(logger, logger.level, logger.handlers[:]) for logger in loggers]
    try:
        yield
    finally:
        for logger, level, handlers in before:
            logger.setLevel(level)
            logger.handlers[:] = handlers
