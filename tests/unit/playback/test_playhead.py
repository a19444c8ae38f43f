import pytest

from player.playback.playhead import PATIENCE_S, Playhead


def test_it_stands_until_it_runs_and_then_moves_with_the_clock() -> None:
    head = Playhead(5.0)
    assert head.at(100.0) == 5.0
    head.run(100.0)
    assert head.at(100.7) == pytest.approx(5.7)


@pytest.mark.parametrize(
    ("told_s", "at_s"),
    [
        (10.8, 11.0),  # libVLC's steps are coarse: the clock is believed
        (11.05, 11.0),
        (11.3, 11.3),  # it is never ahead of what is heard
        (8.0, 8.0),  # a stall
        (30.0, 30.0),
    ],
)
def test_the_clock_is_believed_while_libvlc_is_near(told_s: float, at_s: float) -> None:
    head = Playhead(10.0)
    head.run(50.0)
    head.hear(told_s, 51.0)
    assert head.at(51.0) == pytest.approx(at_s)


def test_one_old_position_moves_nothing_and_two_do() -> None:
    head = Playhead(0.0)
    head.run(0.0)
    head.hear(1.37, 1.94)
    head.hold(1.95)
    assert head.at(3.0) == pytest.approx(1.95)
    head.run(3.0)
    head.hear(2.4, 3.5)
    head.hear(2.6, 4.0)
    assert head.at(4.0) == pytest.approx(2.95), "right again meanwhile"
    head.hear(3.0, 4.6)
    head.hear(3.3, 4.9)
    assert head.at(4.9) == pytest.approx(3.3)


def test_a_pause_that_came_late_is_noticed_as_soon_as_it_goes_on() -> None:
    head = Playhead(0.0)
    head.run(0.0)
    head.hear(1.25, 1.26)
    head.hold(1.5)  # on a busy machine libVLC played on until 2.0
    head.run(9.0)
    head.hear(2.1, 9.1)
    assert head.at(9.1) == pytest.approx(2.1)


def test_without_news_from_libvlc_it_stands_still() -> None:
    head = Playhead(0.0)
    head.run(0.0)
    for second in range(10):
        head.hear(float(second), second + 0.1)
    assert head.at(9.5) == pytest.approx(9.5)
    assert head.at(60.0) == head.at(30.0) == pytest.approx(9.1 + PATIENCE_S)


def test_a_pause_holds_it() -> None:
    head = Playhead(0.0)
    head.run(0.0)
    head.hold(1.0)
    assert head.at(100.0) == 1.0
    head.run(100.0)
    assert head.at(101.0) == pytest.approx(2.0)
