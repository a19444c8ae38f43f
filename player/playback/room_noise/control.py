"""The microphone and the follower together, run by the playback thread; nothing at all while it is off."""

from __future__ import annotations

import math
from collections.abc import Callable

from player.config.settings.room_noise import RoomNoiseSettings
from player.events import Event, RoomNoise
from player.log import EventLog, LogEvent
from player.playback.room_noise.follower import NoiseFollower
from player.playback.room_noise.microphone import Microphone, MicrophoneProcess
from player.playback.room_noise.reading import NoiseReading
from player.status import RoomNoiseStatus

log = EventLog(__name__, LogEvent.PLAYBACK)

TELL_S = 10.0
"""How often everyone hears of the level."""
READING_S = 1.0
LATE_S = 3.0
"""A microphone that says nothing for so long has nothing to say at present."""
TROUBLE_S = 15.0
"""A sound server that restarts, a plug that is moved: shorter, it is not worth a word."""
QUIETEST_GAIN = 1e-6
NO_OUTPUT = "it is not known where the music comes out: only PulseAudio and PipeWire can say"


class RoomNoiseControl:
    """`step` it often.

    microphone  makes one, when it is first needed
    on_event    told of the level
    """

    def __init__(
        self,
        settings: RoomNoiseSettings,
        on_event: Callable[[Event], None],
        microphone: Callable[[], Microphone] = MicrophoneProcess,
    ) -> None:
        self._settings, self._tell, self._make = settings, on_event, microphone
        self._follower = NoiseFollower(settings)
        self._microphone: Microphone | None = None
        self._reading: NoiseReading | None = None
        self._read_at = self._updated_at = self._told_at = -math.inf
        self._fine_at: float | None = None
        self._problem = ""

    def configure(self, settings: RoomNoiseSettings) -> None:
        """Go on with other settings; switched off, the microphone is let go of at once."""
        if not settings.enabled:
            self.close()
        self._settings = settings
        self._follower.configure(settings)

    def step(
        self,
        now: float,
        sink: str | None,
        gain: float,
        usual_gain: float,
        headroom_db: float,
        moves: bool = False,
    ) -> float:
        """Hear the news; how many dB are to be added to the volume.

        sink         where the music is heard, None if nobody knows
        gain         the volume as it is now, without what is added for the noise; a linear gain
        usual_gain   that of `playback.volume`
        headroom_db  how much the ceiling lets be added, 0 or more
        moves        whether the music is still on its way to that volume
        """
        if not self._settings.enabled and self._follower.offset_db == 0:
            return 0.0
        if self._settings.enabled:
            self._hear(now, sink)
        if now - self._updated_at >= READING_S:
            self._updated_at = now
            gain_db = 20 * math.log10(max(gain, QUIETEST_GAIN) / max(usual_gain, QUIETEST_GAIN))
            reading = self._reading if self._settings.enabled else None
            self._follower.update(reading, gain_db, headroom_db, now, moves)
        return self._follower.offset_db

    def slept(self, seconds: float) -> None:
        """Nothing was run for so long, and nothing heard."""
        self._follower.slept(seconds)
        self._read_at += seconds
        if self._fine_at is not None:
            self._fine_at += seconds

    def status(self) -> RoomNoiseStatus:
        """What is heard, and what follows from it."""
        reading = self._reading
        return RoomNoiseStatus(
            enabled=self._settings.enabled,
            noise_db=_rounded(reading.noise_db if reading else None),
            music_db=_rounded(reading.music_db if reading else None),
            following=self._settings.enabled and self._follower.is_following,
            offset_db=round(self._follower.offset_db, 1) + 0.0,
            problem=self._problem or None,
        )

    def close(self) -> None:
        """Let go of the microphone."""
        if self._microphone is not None:
            self._microphone.close()
        self._microphone = self._reading = self._fine_at = None
        self._problem = ""

    def _hear(self, now: float, sink: str | None) -> None:
        self._microphone = self._microphone or self._make()
        name = self._settings.microphone
        reading = self._microphone.poll(now, None if name == "auto" else name, sink) if sink else None
        if reading is not None:
            self._reading, self._read_at = reading, now
        elif now - self._read_at > LATE_S:
            self._reading = None
        self._note_problem(now, self._microphone.problem if sink else NO_OUTPUT)
        if self._reading is not None and self._reading.noise_db is not None and now >= self._told_at + TELL_S:
            self._told_at = now
            self._tell(RoomNoise(self._reading.noise_db))

    def _note_problem(self, now: float, problem: str | None) -> None:
        if problem is None or self._fine_at is None:
            self._fine_at = now
        if problem is None and self._problem:
            self._problem = ""
            log.info("the microphone hears the room again")
        elif problem and problem != self._problem and now - self._fine_at > TROUBLE_S:
            self._problem = problem
            log.warning("the microphone does not hear the room: %s; the volume is as it was set", problem)


def _rounded(level_db: float | None) -> float | None:
    return None if level_db is None else round(level_db) + 0.0
