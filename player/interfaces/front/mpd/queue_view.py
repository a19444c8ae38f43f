"""What plays and what would come next, as MPD's programs know a queue."""

from __future__ import annotations

import re

from player.interfaces.front.mpd import answers
from player.interfaces.front.mpd.browsing import Question
from player.interfaces.front.mpd.lines import Ack, Refusal, pairs, span, whole
from player.interfaces.front.status_board import StatusBoard
from player.types import Json

Arguments = list[str]


class QueueView:
    """The commands, each by its name after `do_`. All of them raise Refusal."""

    def __init__(self, board: StatusBoard) -> None:
        self._board = board

    def _tracks(self) -> list[Json]:
        return answers.queue(answers.now(self._board).status)

    async def do_playlistinfo(self, arguments: Arguments) -> bytes:
        """What plays and what would come next, all of it or some."""
        tracks = self._tracks()
        first, last = span(arguments[0]) if arguments and arguments[0] != "-1" else (0, None)
        if first >= max(1, len(tracks)) and ":" not in arguments[0]:
            raise Refusal(Ack.ARG, "Bad song index")
        places = range(first, len(tracks) if last is None else min(last, len(tracks)))
        return b"".join(pairs(answers.song(tracks[n], n)) for n in places)

    async def do_playlist(self, _: Arguments) -> bytes:
        """The same, by addresses."""
        tracks = self._tracks()
        return pairs((f"{n}:file", answers.uri(track)) for n, track in enumerate(tracks))

    async def do_playlistfind(self, arguments: Arguments) -> bytes:
        """What of it has exactly these tags."""
        return await self._in_queue(arguments, exact=True)

    async def do_playlistsearch(self, arguments: Arguments) -> bytes:
        """What of it has tags that hold this."""
        return await self._in_queue(arguments, exact=False)

    async def _in_queue(self, arguments: Arguments, exact: bool) -> bytes:
        question = Question.of(arguments, exact)
        tracks = self._tracks()
        found = [track for track in tracks if question.wanted.fits(track, not exact)]
        picked = question.picked(found)
        return b"".join(pairs(answers.song(track, tracks.index(track))) for track in picked)

    async def do_plchanges(self, arguments: Arguments) -> bytes:
        """The queue, if it is not the one that is known."""
        return await self.do_playlistinfo(arguments[1:]) if self._is_news(arguments) else b""

    def _is_news(self, arguments: Arguments) -> bool:
        """Whether the queue is not the one of this version; what of it has changed is not kept."""
        if not arguments or not re.fullmatch(r"-?\d{1,10}", arguments[0]):
            raise Refusal(Ack.ARG, "Integer expected")
        return int(arguments[0]) != answers.version(answers.now(self._board).status)

    async def do_plchangesposid(self, arguments: Arguments) -> bytes:
        """The same, by places and numbers."""
        tracks = self._tracks() if self._is_news(arguments) else []
        return pairs(
            pair
            for n, track in enumerate(tracks)
            for pair in (("cpos", str(n)), ("Id", str(track["id"] or 0)))
        )

    async def do_playlistid(self, arguments: Arguments) -> bytes:
        """One track of it, or all."""
        wanted = whole(arguments[0]) if arguments else None
        tracks = self._tracks()
        found = [
            pairs(answers.song(track, n))
            for n, track in enumerate(tracks)
            if wanted is None or answers.song_id(track) == wanted
        ]
        if wanted is not None and not found:
            raise Refusal(Ack.NO_EXIST, "No such song")
        return b"".join(found)
