import logging
import threading
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pytest

from player.camera.capture import CLOSES_WITHIN_S, MOST_HUNG, OPENS_WITHIN_S, Capture
from player.camera.frame_slot import LatestFrame
from player.config.settings.perception import CameraSettings
from player.errors import CameraError, EndOfFrames
from player.types import Frame, Image
from tests.fakes.camera import FakeCamera, FakeSource, ManualClock, picture
from tests.support.waiting import wait_for


class Rig:
    """A Capture on a camera, a slot and a clock that the test holds."""

    def __init__(self) -> None:
        self.camera = FakeCamera()
        self.clock = ManualClock()
        self.slot = LatestFrame()
        self.settings = CameraSettings(fps=1, retry_first_s=1, retry_max_s=8, stale_s=10)
        self._capture: Capture | None = None

    @property
    def capture(self) -> Capture:
        if self._capture is None:
            self._capture = Capture(self.camera.make, self.settings, self.slot, self.clock)
        return self._capture

    def advance(self, seconds: float) -> None:
        """Move the clock, wake the supervisor (which waits in real time), and let all that follows happen."""
        self.clock.advance(seconds)
        # Its first look may end a step that had the old time, and a lost reader takes two steps.
        for _ in range(3):
            self._have_it_look()
        wait_for(self._readers_are_settled, 10, "the readers' threads to settle")

    def _have_it_look(self) -> None:
        before = self.clock.readings["camera"]
        self.capture.enable(bool(self.capture.status().enabled))
        wait_for(lambda: self.clock.readings["camera"] > before, 10, "the supervisor to look at the clock")
        self.capture.status()  # waits for the supervisor to finish its step

    def _readers_are_settled(self) -> bool:
        """Every reader's thread has come as far as making its source, and every closed one is gone."""
        threads = sum(thread.name == "camera reader" for thread in threading.enumerate())
        return threads == sum(not source.closed for source in self.camera.sources)

    def source(self, number: int) -> FakeSource:
        """The source of the number-th opening, from 1; waits for it."""
        wait_for(lambda: len(self.camera.sources) >= number, 10, f"opening {number}")
        return self.camera.sources[number - 1]

    def frame(self, number: int = 1, value: int = 1) -> Frame:
        """Let the number-th source deliver a frame, and take it from the slot."""
        self.clock.advance(1)
        self.source(number).give(picture(value))
        frame = self.slot.take(10)
        assert frame is not None
        return frame

    def wait_for_status(self, **expected: Any) -> None:
        def holds() -> bool:
            return expected.items() <= asdict(self.capture.status()).items()

        wait_for(holds, 10, f"the status {expected}")

    def wait_for_close(self, number: int) -> None:
        """Until the number-th source has been closed, once."""
        wait_for(lambda: self.source(number).closed == 1, 10, f"source {number} to be closed")


@pytest.fixture
def rig() -> Iterator[Rig]:
    rig = Rig()
    yield rig
    rig.camera.let_go()
    rig.capture.stop(10)


def test_frames_reach_the_slot_with_their_time_and_source(rig: Rig) -> None:
    rig.capture.start()

    frame = rig.frame(value=7)

    assert (frame.image[0, 0, 0], frame.captured_at) == (7, rig.clock.now)
    assert (frame.source, frame.live) == ("fake camera", True)
    rig.advance(2.5)
    assert asdict(rig.capture.status()) == {
        "enabled": True,
        "source": "fake camera",
        "state": "live",
        "frames": 1,
        "dropped": 0,
        "lost_count": 0,
        "last_frame_age_s": 2.5,
        "error": None,
    }


def test_frames_say_that_no_lens_delivered_them(rig: Rig) -> None:
    rig.camera.live = False
    rig.capture.start()

    assert not rig.frame().live


def test_a_source_faster_than_the_settings_is_thinned_out(rig: Rig) -> None:
    rig.settings = CameraSettings(fps=0.1)
    rig.capture.start()
    rig.frame(value=1)
    for value in range(2, 12):
        rig.clock.advance(1)
        rig.source(1).give(picture(value))
        # the next read means that the one before has been dealt with
        wait_for(rig.source(1)._next.empty, 10, "the next read")
    rig.wait_for_status(frames=2)


def test_opening_is_a_state_of_its_own(rig: Rig) -> None:
    rig.camera.may_open.clear()
    rig.capture.start()

    rig.wait_for_status(state="opening", error=None)


def test_a_lost_camera_is_told_once_retried_with_backoff_and_welcomed_back(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "player.camera")
    rig.capture.start()
    rig.frame()
    rig.camera.unplug()
    rig.wait_for_status(state="lost", error="fake camera is unplugged.")

    for number, wait_s in enumerate((1, 2, 4, 8, 8), start=2):
        rig.advance(wait_s - 0.01)
        assert len(rig.camera.sources) == number - 1, f"tried again before {wait_s} s were over"
        rig.advance(0.01)
        rig.wait_for_close(number)

    rig.camera.failure = None
    rig.advance(8)
    rig.frame(number=7)
    rig.wait_for_status(state="live", lost_count=1, error=None)
    assert caplog.messages == [
        "watching through the fake camera",
        "camera lost: fake camera is unplugged; trying again",
        "camera is back after 32 s: fake camera",
    ]


@pytest.mark.parametrize("failure", [CameraError("no."), RuntimeError("no"), OSError("no")])
def test_whatever_a_driver_raises_the_camera_is_closed_and_tried_again(rig: Rig, failure: Exception) -> None:
    rig.capture.start()
    rig.frame()
    rig.source(1).give(failure)
    rig.wait_for_status(state="lost")
    rig.wait_for_close(1)

    rig.advance(1)

    assert rig.frame(number=2).seq == 2


def test_a_source_that_cannot_even_be_made_is_tried_again(rig: Rig) -> None:
    problems = [CameraError("no such kind.")]

    def make() -> FakeSource:
        if problems:
            raise problems.pop()
        return rig.camera.make()

    rig._capture = Capture(make, rig.settings, rig.slot, rig.clock)
    rig.capture.start()
    rig.wait_for_status(state="lost", error="no such kind.")
    rig.advance(1)

    assert rig.frame().seq == 1


def test_a_source_that_ended_stays_ended_until_switched_off_and_on(rig: Rig) -> None:
    rig.capture.start()
    rig.frame()
    rig.source(1).give(EndOfFrames("the film is over."))
    rig.wait_for_status(state="ended", error=None)
    rig.wait_for_close(1)
    rig.advance(3600)
    assert len(rig.camera.sources) == 1

    rig.capture.enable(False)
    rig.capture.enable(True)
    rig.advance(CLOSES_WITHIN_S)

    assert rig.frame(number=2).seq == 2


def test_off_forgets_the_frame_and_releases_the_device(rig: Rig) -> None:
    rig.capture.start()
    rig.frame()
    rig.clock.advance(1)
    rig.source(1).give(picture(2))
    rig.wait_for_status(frames=2)

    rig.capture.enable(False)

    assert rig.slot.take(0) is None
    assert rig.capture.status().state == "off"
    assert rig.capture.status().error == "The driver has not released the device yet."
    rig.source(1).give(picture(3))  # the read() that was under way
    rig.wait_for_close(1)
    rig.wait_for_status(enabled=False, state="off", error=None)
    assert rig.slot.take(0) is None


def test_off_before_the_start_opens_nothing_until_on(rig: Rig) -> None:
    rig.settings = CameraSettings(enabled=False, fps=1)
    rig.capture.start()
    rig.advance(100)
    assert rig.capture.status().state == "off"
    assert rig.camera.sources == []

    rig.capture.enable(True)

    assert rig.frame().seq == 1


def test_off_during_an_outage_ends_the_trying_and_on_tries_at_once(rig: Rig) -> None:
    rig.camera.unplug()
    rig.capture.start()
    rig.wait_for_status(state="lost")
    rig.capture.enable(False)
    rig.advance(3600)
    assert len(rig.camera.sources) == 1

    rig.capture.enable(True)
    rig.advance(0)
    assert len(rig.camera.sources) == 2
    rig.wait_for_status(state="lost")
    rig.capture.enable(False)
    rig.capture.enable(True)
    rig.advance(0)
    assert len(rig.camera.sources) == 3, "what it had to wait before it was switched off counts no more"


def test_on_again_waits_for_the_device_to_be_released(rig: Rig) -> None:
    rig.capture.start()
    rig.frame()
    rig.camera.may_close.clear()
    rig.capture.enable(False)
    rig.source(1).give(picture())
    rig.capture.enable(True)
    rig.advance(CLOSES_WITHIN_S / 2)
    assert len(rig.camera.sources) == 1, "opened while the last reader still closed it"

    rig.camera.may_close.set()

    rig.wait_for_close(1)
    rig.advance(CLOSES_WITHIN_S / 2)
    assert rig.frame(number=2).seq == 2


@pytest.mark.parametrize("hangs_in", ["open", "read"])
def test_a_hanging_driver_holds_up_neither_off_nor_stop(rig: Rig, hangs_in: str) -> None:
    if hangs_in == "open":
        rig.camera.may_open.clear()
    rig.capture.start()
    rig.source(1)

    done = threading.Event()

    def switch() -> None:
        rig.capture.enable(False)
        rig.capture.stop(0.05)
        done.set()

    threading.Thread(target=switch, daemon=True).start()

    assert done.wait(60)
    assert rig.capture.status().error == "The driver has not released the device yet."
    rig.camera.let_go()
    rig.wait_for_close(1)


@pytest.mark.parametrize(("hangs_in", "limit_s"), [("open", OPENS_WITHIN_S), ("read", 11)])
def test_a_hanging_driver_is_a_lost_camera_tried_again(rig: Rig, hangs_in: str, limit_s: float) -> None:
    if hangs_in == "open":
        rig.camera.may_open.clear()
    rig.capture.start()
    rig.source(1)
    if hangs_in == "read":
        wait_for(lambda: rig.source(1).was_read, 10, "a read")
    rig.advance(limit_s - 0.01)
    assert rig.capture.status().state == "opening"
    rig.advance(0.01)
    rig.wait_for_status(state="lost", error=f"its driver has not answered for {limit_s:.0f} s")

    rig.camera.may_open.set()
    rig.advance(CLOSES_WITHIN_S)

    assert rig.frame(number=2).seq == 1
    rig.wait_for_status(state="live")


def test_a_camera_that_keeps_answering_is_never_taken_for_hung(rig: Rig) -> None:
    rig.capture.start()
    for _ in range(5):
        rig.frame()
        rig.advance(9)

    assert rig.capture.status().state == "live"
    assert len(rig.camera.sources) == 1


@pytest.mark.parametrize("answer", [picture(1), CameraError("late."), EndOfFrames("late.")])
def test_a_reader_that_was_left_behind_changes_nothing_when_it_comes_back(
    rig: Rig, answer: Image | Exception
) -> None:
    rig.capture.start()
    wait_for(lambda: rig.source(1).was_read, 10, "a read")
    rig.advance(11)
    rig.wait_for_status(state="lost")
    rig.advance(CLOSES_WITHIN_S)
    rig.frame(number=2, value=2)

    rig.source(1).give(answer)

    rig.wait_for_close(1)
    assert rig.slot.take(0) is None
    assert rig.capture.status().state == "live"
    assert rig.source(2).is_open


def test_readers_left_behind_do_not_pile_up(rig: Rig) -> None:
    rig.camera.may_open.clear()
    rig.capture.start()
    rig.source(1)
    for _ in range(10):
        rig.advance(OPENS_WITHIN_S)
        rig.advance(CLOSES_WITHIN_S + 8)
    assert len(rig.camera.sources) == MOST_HUNG

    rig.camera.may_open.set()
    hung = rig.camera.sources[:MOST_HUNG]  # another one is opened as soon as the first of them lets go
    for source in hung:
        source.give(picture())
    wait_for(lambda: all(source.closed for source in hung), 10, "all to be closed")

    assert rig.frame(number=MOST_HUNG + 1).seq == 1


def test_a_lost_lens_is_not_replaced_by_photos(rig: Rig) -> None:
    rig.capture.start()
    rig.frame()
    rig.source(1).give(CameraError("gone."))
    rig.wait_for_status(state="lost")
    rig.camera.live = False
    rig.advance(1)
    rig.wait_for_close(2)
    assert rig.capture.status().state == "lost"

    rig.camera.live = True
    rig.advance(2)

    assert rig.frame(number=3).seq == 2


def test_a_lens_that_is_missing_in_the_morning_is_lost_and_not_replaced_by_photos(rig: Rig) -> None:
    rig.capture.start()
    rig.frame()
    rig.capture.enable(False)  # the venue closes
    rig.source(1).give(picture())
    rig.wait_for_close(1)
    rig.camera.live = False
    rig.advance(CLOSES_WITHIN_S)
    rig.capture.enable(True)
    rig.wait_for_close(2)

    assert rig.capture.status().state == "lost"


def test_stop_closes_the_source_and_the_slot(rig: Rig) -> None:
    rig.capture.start()
    rig.frame()
    stopper = threading.Thread(target=rig.capture.stop, args=(10,))
    stopper.start()
    rig.source(1).give(picture())
    stopper.join(60)

    assert not stopper.is_alive()
    assert rig.source(1).closed == 1
    assert rig.slot.take(0) is None
    assert rig.capture.status().state == "off"


def test_a_stop_without_a_start_and_two_starts_do_no_harm(rig: Rig) -> None:
    rig.capture.stop()
    rig.capture.start()
    rig.capture.start()
    rig.frame()

    assert [thread.name for thread in threading.enumerate()].count("camera") == 1


def test_a_driver_that_was_stopped_with_the_whole_machine_has_time_again(rig: Rig) -> None:
    rig.capture.start()
    rig.frame()
    rig.advance(200)
    assert rig.capture.status().state == "live"
    rig.advance(11)
    rig.wait_for_status(state="lost", error="its driver has not answered for 11 s")
