"""The room as its owner teaches it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from time import monotonic

from player.emotions import describe_room
from player.errors import ArgumentError
from player.interfaces.messages.base import Handler, Request
from player.interfaces.messages.teaching import TaughtMoment, TeachAnswer, TeachRequest
from player.log import EventLog, LogEvent
from player.mood.moments import Moment, still_wanted
from player.mood.spelling import unmarked
from player.mood.wishes import ReadWish
from player.room.teaching import WORDS, Teaching

log = EventLog(__name__, LogEvent.COMMAND)

KOREAN = {"조용함": "quiet", "조용": "quiet", "보통": "normal", "활기": "lively", "활기참": "lively"}
FORGET = re.compile(r"(?:forget|잊기)\b ?(.*)")
DIGITS = re.compile(r"\d{1,9}")
LIST, RESET = ("list", "목록"), ("reset", "초기화")


class TeachCommands:
    """`teach` with a sentence may wait until the mood model has loaded."""

    def __init__(
        self, teaching: Teaching, read_wish: Callable[[str], ReadWish], wall: Callable[[], datetime]
    ) -> None:
        self._teaching, self._read_wish, self._wall = teaching, read_wish, wall

    def handlers(self) -> Mapping[type[Request], Handler]:
        """See Handlers."""
        return {TeachRequest: self._teach}

    def _teach(self, request: TeachRequest) -> TeachAnswer:
        word = unmarked(request.what)
        if word in LIST:
            return self._answer(self._listed(), quietly=True)
        if word in RESET:
            count = self._teaching.reset()
            forgotten = "1 moment" if count == 1 else f"all {count} moments"
            return self._answer(f"forgotten: {forgotten}; the room is read as before")
        if (found := FORGET.fullmatch(word)) is not None:
            return self._forget(found[1])
        return self._label(request.what, KOREAN.get(word, word))

    def _forget(self, number: str) -> TeachAnswer:
        if not DIGITS.fullmatch(number):
            raise ArgumentError("teach forget takes the number of a moment, as `teach list` has it.", "what")
        moment = self._teaching.forget(int(number))
        return self._answer(f"forgotten: moment {moment.number}, {moment.word}")

    def _label(self, text: str, word: str) -> TeachAnswer:
        mood = None if word in WORDS else self._read_wish(text).mood
        now = monotonic()
        moment = self._teaching.teach(word if mood is None else text, mood, now, self._wall().timestamp())
        said = f"taught: the room is {moment.word} now (it was read as {describe_room(moment.read)})"
        return self._answer(f"{said}; {self._what_follows()}")

    def _what_follows(self) -> str:
        """What comes of it, and what is still wanted."""
        moments, words = still_wanted(self._teaching.moments_here())
        if moments:
            others = "another moment" if moments == 1 else "other moments"
            return f"{moments} more, of {others}, and the reading follows"
        if words:
            return "one that is different, and the reading follows"
        return "the reading follows from the next look"

    def _listed(self) -> str:
        moments = self._teaching.moments()
        if not moments:
            return "nothing was taught: say `teach quiet`, normal or lively when the room is so"
        problem = self._teaching.status().problem
        return "\n".join([*map(self._line, moments), *([problem] if problem else [])])

    def _line(self, moment: Moment) -> str:
        read = f"read as {describe_room(moment.read)}"
        less = "" if moment.is_taught else f", counts {moment.weight:.0%}"
        return f"{moment.number}  {self._at(moment):%a %d %b %H:%M}  {moment.word} ({read}{less})"

    def _at(self, moment: Moment) -> datetime:
        return datetime.fromtimestamp(moment.at, self._wall().tzinfo)

    def _answer(self, message: str, quietly: bool = False) -> TeachAnswer:
        if not quietly:
            log.info("%s", message)
        return TeachAnswer(message, tuple(self._as_taught(moment) for moment in self._teaching.moments()))

    def _as_taught(self, moment: Moment) -> TaughtMoment:
        return TaughtMoment(
            number=moment.number,
            at=self._at(moment).isoformat(timespec="seconds"),
            word=moment.word,
            weight=moment.weight,
            read_valence=round(moment.read.valence, 3),
            read_energy=round(moment.read.energy, 3),
            valence=moment.valence,
            energy=round(moment.energy, 3),
        )
