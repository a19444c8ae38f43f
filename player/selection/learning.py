"""The venue's feedback on its way into its taste: noted at once, learnt from on a thread of its own."""

from __future__ import annotations

import threading

from player.clock import Wall, credible, local_now
from player.config.settings.library import ChoiceSettings
from player.errors import LibraryError
from player.library.database.feedback import Feedback
from player.library.database.store import Library
from player.log import EventLog, LogEvent
from player.selection.taste import NEWEST, TasteModel, learn, nothing_learnt

log = EventLog(__name__, LogEvent.SELECTION)


class Learning:
    """The venue's taste, always the newest.

    Learning never happens on the caller's thread: the first time takes some seconds, later ones a few ms.
    """

    def __init__(self, settings: ChoiceSettings, library: Library, wall: Wall = local_now) -> None:
        self._settings, self._library, self._wall = settings, library, wall
        self._wake = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="taste", daemon=True)
        self.taste: TasteModel = nothing_learnt()
        """What has been learnt so far: another object after each piece of feedback."""

    def start(self) -> None:
        """Learn from what is stored, and from then on from every judgement."""
        self._thread.start()
        self._wake.set()

    def configure(self, settings: ChoiceSettings) -> None:
        """Go on with other settings."""
        if settings != self._settings:
            self._settings = settings
            self._wake.set()

    def stop(self, timeout_s: float = 2.0) -> None:
        """End the thread, waiting at most so long."""
        self._stopping = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    @property
    def opinion(self) -> TasteModel | None:
        """The taste, for choosing; None while nothing has been learnt."""
        return self.taste if self.taste.learnt_from else None

    def note(self, feedback: Feedback) -> None:
        """Keep a judgement, if the venue learns at all. Raises LibraryError."""
        if self._settings.learn:
            self._library.feedback.add(feedback)
            self._wake.set()

    def learn_now(self) -> None:
        """Bring `taste` up to date, on the caller's thread. Raises LibraryError."""
        # What a clock said that was years ahead would make all that is known since look old.
        before = credible(self._wall())
        training_data = self._library.feedback.training_data(NEWEST, before)
        self.taste = learn(training_data, self._settings.taste_half_life_days, self._settings.seed or 0)

    def _run(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            if self._stopping:
                return
            try:
                if self._settings.learn:
                    self.learn_now()
                else:
                    self.taste = nothing_learnt()
            except LibraryError as error:
                log.warning("nothing was learnt from the last track, the music goes on: %s", error)
            except Exception:
                log.exception("nothing could be learnt; the music goes on with the last taste.")
