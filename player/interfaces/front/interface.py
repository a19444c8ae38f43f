"""What every way to the player beside the page is to the front's process."""

from __future__ import annotations

from typing import ClassVar, Protocol


class Interface(Protocol):
    """One of them: the desktop's keys, MPD's protocol, ..."""

    section: ClassVar[str]
    """Where in config.yaml its settings stand."""

    async def run(self) -> None:
        """Serve until cancelled, through every failure; then say goodbye within a quarter of a second."""
        ...

    def trouble(self) -> str | None:
        """Why nobody reaches the player this way, in a sentence for the status; None if they do."""
        ...
