"""The cover of what plays, as a file that the desktop can open: MPRIS knows covers by their address alone."""

from __future__ import annotations

import asyncio
import base64
import os
from contextlib import suppress
from pathlib import Path

from player.interfaces.front.player_client import PAUSES_S, PlayerClient, PlayerRefusal, patient
from player.privacy import private_files
from player.system.proc import Proc

FOLDER = "ambient-player-covers"
"""In the user's runtime folder, which is in memory and ends with the session."""


class CoverFile:
    """One file at a time, for its owner alone; on the event loop's thread."""

    def __init__(self, client: PlayerClient, runtime: str) -> None:
        """`runtime` is the user's runtime folder; without one there are no covers."""
        self._client = client
        self._folder = Path(runtime) / FOLDER if runtime else None
        self._number: int | None = None
        self._file: Path | None = None
        self._fetching: asyncio.Task[None] | None = None
        self._remove_orphans()

    def url(self, number: int | None) -> str:
        """Of the track with this number in the library; empty while, or if, there is none."""
        if number != self._number:
            self.close()
            self._number = number
            if number is not None and self._folder is not None:
                self._fetching = asyncio.ensure_future(self._fetch(number, self._folder))
        return self._file.as_uri() if self._file else ""

    def close(self) -> None:
        """Leave no file behind."""
        if self._fetching is not None:
            self._fetching.cancel()
        if self._file is not None:
            with suppress(OSError):
                self._file.unlink(missing_ok=True)
        self._number = self._file = self._fetching = None

    async def _fetch(self, number: int, folder: Path) -> None:
        with suppress(PlayerRefusal, OSError):  # it has none, or there is no room for it
            answer = await patient(self._client, "cover", {"id": number}, PAUSES_S)
            jpeg = base64.b64decode(answer["jpeg"])
            private_files.make_folder(folder)
            file = folder / f"{os.getpid()}-{number}.jpg"
            private_files.make_private(file)
            file.write_bytes(jpeg)
            self._file = file

    def _remove_orphans(self) -> None:
        """Of processes that were killed."""
        if self._folder is None:
            return
        running = {str(pid) for pid in Proc().pids()}
        with suppress(OSError):
            for file in self._folder.glob("*-*.jpg"):
                if file.name.partition("-")[0] not in running:
                    file.unlink(missing_ok=True)
