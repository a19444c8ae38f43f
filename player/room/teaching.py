"""This room as its owner taught it: labels for moments, kept, and the reading corrected by them."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from player.counting import counted
from player.errors import ControlError, MissingError
from player.log import EventLog, LogEvent, event
from player.mood.fusion import blend
from player.mood.moments import Moment, outdated
from player.status import TaughtStatus
from player.types import ImageMood, Look, Mood, MoodPoint

if TYPE_CHECKING:  # numpy's half second: the first sound must not wait for it
    from player.mood.taught import TaughtHead

log = EventLog(__name__, LogEvent.PERCEPTION)

WORDS = {"quiet": -0.5, "normal": 0.0, "lively": 0.5}
"""Energy that a word stands for. Of valence it says nothing."""
CONCLUDED = 0.3
"""Weight of what somebody does about the music, beside what an owner says of the room."""
LESS_WRONG = 0.3
"""Energy by which the room is taken to be less like music that was in the wrong mood."""
MOST = 150
"""Moments kept: the file stays below its limit. Concluded ones go first, then the oldest."""
RECENT_S = 60.0
"""A look that the room has not looked like for so long cannot be taught any more."""
MOVED_LOOKS = 3
"""Looks in a row of another view before it is said that the camera has moved: a passing hand is none."""
MOVED = "The camera has moved: what you taught is not used until you teach it again or move it back."
OTHER_MODELS = "{} taught {} of earlier models and cannot be used: teach the room again. They are kept."


class Keeper(Protocol):
    """Where moments are kept; state/taught_moments.py is one."""

    def load(self) -> list[Moment] | None: ...  # noqa: D102 - None if they cannot be read at present
    def save(self, moments: Sequence[Moment]) -> None: ...  # noqa: D102 - raises OSError


class _Seen:
    """The last look, and what was made of it without teaching, and with it."""

    def __init__(self, look: Look, mood: Mood, view: tuple[float, ...], now: float) -> None:
        self.look, self.mood, self.view, self.at = look, mood, view, now
        self.corrected = mood


class Teaching:
    """From any thread. The pipeline asks it for each look; commands change what was taught."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper, self._lock = keeper, threading.Lock()
        self._moments: list[Moment] | None = None
        """None until they are needed, as the models are read, and as long as they cannot be read."""
        self._seen: _Seen | None = None
        self._head: TaughtHead | None = None
        self._made_from: tuple[int, ...] = ()
        self._elsewhere: deque[bool] = deque(maxlen=MOVED_LOOKS)
        self._moved = self._said_models = False
        self._last_before = 0
        """The number of the last moment before the camera moved."""
        self._weight = 0.0

    def correct(self, mood: Mood, look: Look | None, view: tuple[float, ...], now: float) -> Mood:
        """The mood of a look as this room was taught; `view` (camera/view.py) says where the camera looks.

        now: seconds on the monotonic clock.
        """
        with self._lock:
            self._seen = _Seen(look, mood, view, now) if look is not None else None
            self._read_again()
            return self._seen.corrected if self._seen else mood

    def still_there(self, now: float) -> Mood | None:
        """The room was seen at `now` (s, monotonic clock), as at the last look; its mood as now taught.

        None if that look cannot be corrected.
        """
        with self._lock:
            if self._seen is None:
                return None
            self._seen.at = now
            return self._seen.corrected

    def teach(self, word: str, mood: MoodPoint | None, now: float, wall: float) -> Moment:
        """Label this moment with one of WORDS, or with a sentence that was read as `mood`.

        now: s on the monotonic clock; wall: s since 1970. Raises ControlError if the room is not seen.
        """
        if mood is None:
            return self._add(word, None, WORDS[word], 1.0, now, wall)
        return self._add(word, mood.valence, mood.energy, 1.0, now, wall)

    def conclude(self, word: str, mood: MoodPoint, now: float, wall: float) -> None:
        """Somebody pinned a mood: the room is taken for one that wants it.

        Nothing if the room is not seen, or its owner never taught it: then nothing of it is kept.
        """
        if not any(moment.is_taught for moment in self.moments()):
            return
        try:
            self._add(word, None, mood.energy, CONCLUDED, now, wall)
        except ControlError:
            log.debug("nothing was concluded, the room is not seen")

    def conclude_wrong(self, music: MoodPoint, now: float, wall: float) -> None:
        """Music was in the wrong mood: the room is taken to be less like it. Nothing if it is not seen."""
        with self._lock:
            seen = self._seen
        if seen is None:
            return
        away = -LESS_WRONG if music.energy > 0 else LESS_WRONG
        energy = min(1.0, max(-1.0, seen.mood.energy + away))
        self.conclude("wrong mood", MoodPoint(0.0, energy), now, wall)

    def moments(self) -> list[Moment]:
        """The oldest first."""
        with self._lock:
            return [*self._known()]

    def moments_here(self) -> list[Moment]:
        """Those of what the camera saw last, by the models that saw it."""
        with self._lock:
            return [moment for moment in self._known() if moment.number in self._made_from]

    def forget(self, number: int) -> Moment:
        """Take one back. Raises MissingError if there is none of that number."""
        with self._lock:
            known = self._known()
            found = next((moment for moment in known if moment.number == number), None)
            if found is None:
                raise MissingError(f"no moment {number} was taught; `teach list` has those that were.")
            self._keep([moment for moment in known if moment is not found])
            return found

    def reset(self) -> int:
        """Forget all; how many there were."""
        with self._lock:
            count = len(self._known())
            self._keep([])
            self._moved = False
            return count

    def status(self) -> TaughtStatus:
        """How many moments there are, how many count here, and how far they are followed now."""
        with self._lock:
            if self._moments is None:
                return TaughtStatus()
            counting = len(self._made_from)
            return TaughtStatus(len(self._moments), counting, round(self._weight, 2), self._problem())

    @property
    def reason(self) -> str:
        """What it does to the reading, in words; empty if nothing."""
        with self._lock:
            if self._weight <= 0:
                return ""
            moments = counted(len(self._made_from), "moment")
            return f"as you taught this room ({moments} at weight {self._weight:.2f})"

    def _problem(self) -> str | None:
        if self._moved:
            return MOVED
        others = self._of_others()
        return _other_models(others) if others and not self._made_from else None

    def _of_others(self) -> int:
        made_by = self._seen.look.made_by if self._seen else None
        return sum(moment.made_by != made_by for moment in self._moments or ()) if made_by else 0

    def _add(
        self, word: str, valence: float | None, energy: float, weight: float, now: float, wall: float
    ) -> Moment:
        from player.camera.view import same_view  # noqa: PLC0415

        with self._lock:
            seen = self._seen
            if seen is None or now - seen.at > RECENT_S:
                raise ControlError(
                    "nothing was taught: the camera does not see the room now, or its reader cannot be taught"
                    " (the compact one can)."
                )
            known = self._known()
            moment = Moment(
                number=max((each.number for each in known), default=0) + 1,
                at=wall,
                word=word,
                valence=valence,
                energy=energy,
                weight=weight,
                read=MoodPoint(seen.mood.valence, seen.mood.energy),
                numbers=seen.look.numbers,
                made_by=seen.look.made_by,
                view=tuple(round(value, 3) for value in seen.view),
            )
            known = [*known, moment]
            ours = filter(self._is_ours, known)
            gone = outdated([each for each in ours if same_view(each.view, seen.view)])
            known = [each for each in known if each not in gone]
            while len(known) > MOST:
                known.remove(next((each for each in known if not each.is_taught), known[0]))
            self._keep(known)
            return moment

    def _known(self) -> list[Moment]:
        """The lock is held, as in all that begins with an underscore."""
        if self._moments is None:
            self._moments = self._keeper.load()
        return self._moments or []

    def _keep(self, moments: list[Moment]) -> None:
        """Raises ControlError, and changes nothing then."""
        if self._moments is None:
            raise ControlError("what this room was taught cannot be read at present: nothing was changed.")
        try:
            self._keeper.save(moments)
        except OSError as error:
            said = f"it cannot be written down ({error.strerror}): nothing was changed."
            raise ControlError(said) from error
        self._moments, self._head, self._made_from = moments, None, ()
        self._elsewhere.clear()
        self._read_again()

    def _read_again(self) -> None:
        """Correct the last look, new or not, by what is known."""
        self._weight, seen = 0.0, self._seen
        if seen is None:
            return
        seen.corrected, head = seen.mood, self._fitting()
        if head is not None and head.is_ready:
            correction = head.correct(seen.mood, seen.look.numbers)
            self._weight, point = correction.weight, correction.point
            seen.corrected = blend(seen.mood, ImageMood(point.valence, point.energy, 1.0), 1.0)

    def _fitting(self) -> TaughtHead | None:
        """What was taught of this view, by these networks; None if nothing was."""
        from player.camera.view import same_view  # noqa: PLC0415
        from player.mood.taught import TaughtHead  # noqa: PLC0415

        assert self._seen is not None
        ours = [moment for moment in self._known() if self._is_ours(moment)]
        here = [moment for moment in ours if same_view(moment.view, self._seen.view)]
        self._note_view(ours, here)
        self._note_models(len(self._known()) - len(ours))
        if not here:
            self._head, self._made_from = None, ()
            return None
        numbers = tuple(moment.number for moment in here)
        if self._head is None or numbers != self._made_from:
            self._head, self._made_from = TaughtHead(here), numbers
        return self._head

    def _is_ours(self, moment: Moment) -> bool:
        assert self._seen is not None
        same = moment.made_by == self._seen.look.made_by
        return same and len(moment.numbers) == len(self._seen.look.numbers)

    def _note_view(self, ours: Sequence[Moment], here: Sequence[Moment]) -> None:
        """Say once that the camera has moved, and that it is back; what was concluded proves neither."""
        taught = [moment.number for moment in here if moment.is_taught]
        elsewhere = not taught and any(moment.is_taught for moment in ours)
        self._elsewhere.append(elsewhere)
        before = self._moved
        if elsewhere:
            self._moved = before or (len(self._elsewhere) == MOVED_LOOKS and all(self._elsewhere))
        else:
            self._moved = False
        if self._moved and not before:
            self._last_before = max(moment.number for moment in ours)
            log.warning("%s", MOVED, extra=event(LogEvent.PERCEPTION))
        elif before and taught and taught[0] <= self._last_before:
            log.info("what you taught this room is used again: the camera sees what it saw then")

    def _note_models(self, others: int) -> None:
        if others and not self._said_models:
            self._said_models = True
            log.warning("%s", _other_models(others))


def _other_models(count: int) -> str:
    return OTHER_MODELS.format(count, "moment is" if count == 1 else "moments are")


def without_teaching() -> Teaching:
    """For who has no room to teach: it keeps nothing over a restart."""
    return Teaching(_Nowhere())


class _Nowhere:
    def load(self) -> list[Moment]:
        return []

    def save(self, moments: Sequence[Moment]) -> None:
        pass
