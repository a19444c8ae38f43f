"""The event bus: who subscribed hears, in order, and nobody is stopped by another."""

import logging
import threading
from pathlib import Path

import pytest

from player.events import (
    Alarm,
    Audible,
    CommandDone,
    Event,
    EventBus,
    FileMissing,
    HoursChanged,
    PlaybackEvent,
    Silent,
)
from player.status import WatchdogStep


def test_a_listener_hears_its_kind_and_a_family_all_of_its_own() -> None:
    events, silent, playback, everything = EventBus(), list[Event](), list[Event](), list[Event]()
    events.subscribe(Silent, silent.append)
    events.subscribe(PlaybackEvent, playback.append)
    events.subscribe(Event, everything.append)
    published = [Silent("no device"), Audible(), HoursChanged(open=True)]
    for event in published:
        events.publish(event)
    assert silent == published[:1]
    assert playback == published[:2]
    assert everything == published


def test_who_unsubscribes_hears_no_more_and_the_others_do() -> None:
    events, heard = EventBus(), list[str]()
    end = [events.subscribe(Audible, lambda _, name=name: heard.append(name)) for name in "abc"]
    end[1]()
    end[1]()
    events.publish(Audible())
    assert heard == ["a", "c"]


def test_one_listener_twice_is_two_subscriptions() -> None:
    events, heard = EventBus(), list[Event]()
    end = events.subscribe(Audible, heard.append)
    events.subscribe(Audible, heard.append)
    end()
    events.publish(Audible())
    assert heard == [Audible()]


def test_a_listener_that_fails_is_logged_and_stops_nobody(caplog: pytest.LogCaptureFixture) -> None:
    events, heard = EventBus(), list[Event]()

    def fail(_: Event) -> None:
        raise ValueError("no such key")

    events.subscribe(Alarm, fail)
    events.subscribe(Alarm, heard.append)
    with caplog.at_level(logging.ERROR):
        events.publish(Alarm(WatchdogStep.DECK, 4.0))
    assert heard == [Alarm(WatchdogStep.DECK, 4.0)]
    assert [record.getMessage() for record in caplog.records] == [
        "Alarm was not taken note of; all else goes on"
    ]
    events.publish(Alarm(WatchdogStep.DECK, 8.0))
    assert len(heard) == 2


def test_what_a_listener_publishes_comes_after_what_it_heard() -> None:
    events, heard = EventBus(), list[Event]()
    missing = FileMissing(Path("a.mp3"))
    events.subscribe(Silent, lambda _: events.publish(missing))
    events.subscribe(Event, heard.append)
    events.publish(Silent("no file"))
    assert heard == [Silent("no file"), missing]


def test_who_subscribes_or_unsubscribes_while_an_event_is_told_disturbs_nobody() -> None:
    events, heard = EventBus(), list[str]()
    ends = [events.subscribe(Audible, lambda _: ends[0]())]
    events.subscribe(Audible, lambda _: events.subscribe(Audible, lambda _: heard.append("new")) and None)
    events.subscribe(Audible, lambda _: heard.append("last"))
    events.publish(Audible())
    assert heard == ["last"]


def test_many_threads_lose_nothing_and_each_keeps_its_order() -> None:
    events, heard, start = EventBus(), list[str](), threading.Barrier(8)
    events.subscribe(CommandDone, lambda event: heard.append(event.name))

    def publish(thread: int) -> None:
        start.wait()
        for number in range(200):
            events.publish(CommandDone(f"{thread} {number}"))
            events.subscribe(Audible, lambda _: None)()

    threads = [threading.Thread(target=publish, args=(number,)) for number in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    for thread in range(8):
        of_one = [name for name in heard if name.startswith(f"{thread} ")]
        assert of_one == [f"{thread} {number}" for number in range(200)]


def test_a_listener_that_takes_its_time_holds_up_no_other_thread() -> None:
    events, go_on, heard = EventBus(), threading.Event(), threading.Event()
    events.subscribe(Silent, lambda _: go_on.wait(10) and None)
    events.subscribe(Audible, lambda _: heard.set())
    slow = threading.Thread(target=events.publish, args=(Silent("slow"),))
    slow.start()
    events.publish(Audible())
    assert heard.is_set()
    go_on.set()
    slow.join()
