"""What opening and closing do, and who hears of it."""

from player.events import DaypartChanged, Event, HoursChanged
from player.schedule.opening_actions import OpeningActions


class FakeMusic:
    """The jukebox's switch, noted."""

    def __init__(self) -> None:
        self.done: list[tuple[str, float]] = []

    def start(self, *, fade_s: float) -> None:
        self.done.append(("start", fade_s))

    def stop(self, fade_s: float) -> None:
        self.done.append(("stop", fade_s))


def test_the_music_comes_and_goes_by_the_settings_in_force_and_all_hear_of_it() -> None:
    music, events = FakeMusic(), list[Event]()
    actions = OpeningActions(music, 8.0, events.append, lambda _: None)
    actions.open()
    actions.configure(2.0)
    actions.close()
    actions.enter_daypart("evening")
    assert music.done == [("start", 8.0), ("stop", 2.0)]
    assert events == [HoursChanged(open=True), HoursChanged(open=False), DaypartChanged("evening")]
