"""The status as it changes."""

from __future__ import annotations

from collections.abc import Mapping

from player.interfaces.messages.base import Handler, Request
from player.interfaces.messages.watching import WatchRequest
from player.interfaces.status_feed import StatusFeed


class WatchCommands:
    """Hands out streams of the one feed."""

    def __init__(self, feed: StatusFeed) -> None:
        self._feed = feed

    def handlers(self) -> Mapping[type[Request], Handler]:
        """See Handlers."""
        return {WatchRequest: lambda request: self._feed.watch(request.since)}
