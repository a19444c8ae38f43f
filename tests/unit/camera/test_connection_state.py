import logging

import pytest

from player.camera.connection_state import ConnectionState
from player.status import CameraState, CameraStatus


@pytest.mark.parametrize(
    ("first_s", "max_s", "waits"),
    [
        (1, 60, [1, 2, 4, 8, 16, 32, 60, 60]),
        (0.5, 3, [0.5, 1, 2, 3, 3]),
        (10, 5, [5, 5]),
    ],
)
def test_the_waits_double_up_to_the_longest(first_s: float, max_s: float, waits: list[float]) -> None:
    health = ConnectionState(first_s, max_s)

    assert [health.lost("gone", float(n)) for n in range(len(waits))] == waits


@pytest.mark.parametrize(
    ("lived_s", "wait_s"), [(0.5, 8), (3.9, 8), (4.1, 1), (3600, 1)], ids=["flaps", "just", "steady", "long"]
)
def test_only_a_camera_that_lived_starts_from_the_first_wait(lived_s: float, wait_s: float) -> None:
    health = ConnectionState(1, 60)
    for _ in range(3):
        health.lost("gone", 0.0)  # the last of these asks for 4 s

    health.frame("cam", 10.0)

    assert health.lost("gone", 10.0 + lived_s) == wait_s


def test_off_forgets_the_outage() -> None:
    health = ConnectionState(1, 60)
    health.lost("gone", 0.0)
    health.lost("gone", 1.0)
    health.off()

    assert health.status(2.0) == CameraStatus(enabled=True, state=CameraState.OFF, lost_count=1)
    assert health.lost("gone", 3.0) == 1


def test_states_follow_what_happens() -> None:
    health = ConnectionState(1, 60)
    states = [health.state]
    health.opening()
    states.append(health.state)
    health.frame("cam", 0.0)
    states.append(health.state)
    health.lost("gone", 1.0)
    health.opening()
    states.append(health.state)
    health.frame("cam", 2.0)
    states.append(health.state)
    health.ended("over.")
    states.append(health.state)

    assert states == ["off", "opening", "live", "lost", "live", "ended"]
    assert health.status(5.0).last_frame_age_s == 3.0


def test_each_outage_is_told_once_and_its_end_with_its_length(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    health = ConnectionState(1, 60)
    health.frame("webcam", 0.0)
    health.frame("webcam", 1.0)
    for second in range(5):
        health.lost("the webcam is unplugged.", 2.0 + second)
    health.frame("webcam", 44.0)

    assert caplog.messages == [
        "watching through the webcam",
        "camera lost: the webcam is unplugged; trying again",
        "camera is back after 42 s: webcam",
    ]
    assert health.status(44.0).lost_count == 1
    assert health.status(44.0).error is None
