"""The controller on fake decks: what is heard, and what happens when something fails."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from player.errors import NoMusicError
from player.events import Audible, Silent, TrackEnded, TrackFailed, TrackStarted
from player.playback.controller import PlaybackController
from player.playback.failure_reasons import CRASHED, NO_FILE, NOT_NOW
from player.playback.transitions import JOIN_MS, TAIL_S
from player.types import Choice, Track
from tests.fakes.playback import Studio


def test_the_first_track_begins_in_silence_and_fades_in() -> None:
    studio = Studio({"a": 60.0})
    studio.controller.start(None, 0, 0)
    studio.run(3)
    assert studio.asked == ["start"]
    assert studio.power[0] == 0
    assert studio.power[-1] == pytest.approx(1)
    assert studio.jump < 0.2
    assert studio.status().state == "playing"


@pytest.mark.parametrize("turns", range(1, 12))
def test_a_machine_that_sleeps_while_the_first_track_opens_blames_nobody(turns: int) -> None:
    """In whichever turn: while it is loaded, prepared, waits for its moment, enters."""
    studio = Studio({"a": 60.0, "b": 60.0}, silence_s=4.0)
    studio.controller.start(None, 0, 0)
    studio.run(turns * 0.05)
    studio.sleep(120.0)
    studio.run(3)
    assert studio.on_air() == "a"
    assert studio.asked == ["start"]
    assert [deck.restarts for deck in studio.decks] == [[], []]
    assert not studio.of(TrackFailed)
    assert not studio.of(Silent)


def test_the_next_track_takes_over_before_the_end_at_constant_power() -> None:
    studio = Studio({"a": 60.0, "b": 60.0}, crossfade_s=6)
    studio.controller.start(None, 0, 0)
    studio.run_until(lambda: studio.on_air() == "b")
    (began,), (took_over,) = (deck.begun for deck in studio.decks)
    assert took_over - began == pytest.approx(54 - TAIL_S, abs=0.001)  # the crossfade takes the last 6 s
    assert studio.asked == ["start", "next"]
    studio.power.clear()
    studio.run(8)
    assert min(studio.power) == pytest.approx(1, abs=0.01)
    assert max(studio.power) == pytest.approx(1, abs=0.01)
    assert [deck.path is None for deck in studio.decks] == [True, False]
    assert len(studio.of(TrackEnded)) == 1


def test_short_tracks_fade_for_a_third_of_their_length_and_never_pause() -> None:
    studio = Studio({"a": 6.0, "b": 4.0, "c": 9.0}, crossfade_s=30)
    studio.controller.start(None, 0, 0)
    studio.run(2)
    studio.power.clear()
    studio.run(40)
    assert min(studio.power) > 0.7
    assert len(studio.of(TrackStarted)) > 8


def test_a_track_of_unknown_length_is_followed_when_it_ends() -> None:
    studio = Studio({"a": 10.0, "b": 10.0}, crossfade_s=6)
    studio.decks[0].knows_length = False
    studio.tracks["a"] = replace(studio.tracks["a"], duration_s=0.0)
    studio.controller.start(None, 0, 0)
    studio.run_until(lambda: studio.on_air() == "b")
    assert studio.now > 10
    assert studio.asked == ["start", "next"]


@pytest.mark.parametrize("guess_s", [11.0, 500.0])
def test_a_track_that_was_heard_is_as_long_as_that_whatever_its_deck_guesses(guess_s: float) -> None:
    studio = Studio({"a": 60.0, "b": 60.0}, crossfade_s=6)
    studio.decks[0].guess_s = guess_s
    studio.tracks["a"] = replace(studio.tracks["a"], music_end_s=60.0)
    studio.controller.start(None, 0, 0)
    studio.run(2)
    assert studio.status().duration_s == 60
    studio.run_until(lambda: studio.on_air() == "b")
    assert studio.now == pytest.approx(54 - TAIL_S, abs=0.5)
    studio.power.clear()
    studio.run(8)
    assert min(studio.power) == pytest.approx(1, abs=0.01), "the fade has its full length, too"


def test_a_guess_that_is_too_long_costs_no_silence() -> None:
    studio = Studio({"a": 10.0, "b": 60.0}, crossfade_s=6)
    studio.decks[0].guess_s = 500.0
    studio.controller.start(None, 0, 0)
    studio.run_until(lambda: studio.on_air() == "b")
    assert 10 < studio.now < 11.5


def test_a_shift_moves_the_music_at_once_and_slowly() -> None:
    studio = Studio({"a": 60.0, "b": 60.0}, shift_fade_s=4)
    studio.controller.start(None, 0, 0)
    studio.run(5)
    studio.controller.shift("calm to lively", studio.now)
    assert studio.run_until(lambda: studio.on_air() == "b") < 0.5
    studio.run(studio.decks[1].begun[0] + 2 - studio.now)
    assert [deck.level() for deck in studio.decks] == pytest.approx([0.707, 0.707], abs=0.03)
    assert studio.asked == ["start", "shift"]


def test_a_shift_in_the_middle_of_a_crossfade_takes_the_quieter_deck_without_a_click() -> None:
    studio = Studio({"a": 60.0, "b": 60.0, "c": 60.0}, shift_fade_s=6)
    studio.controller.start(None, 0, 0)
    studio.run(5)
    studio.controller.shift("one", studio.now)
    studio.run(2.4)  # b is the quieter one still
    assert len(studio.sounding()) == 2
    studio.jump = 0.0
    studio.power.clear()
    studio.controller.shift("two", studio.now)
    studio.run(12)
    assert studio.on_air() == "c"
    assert studio.jump < 0.3
    assert max(studio.decks[1].level_at_load) < 0.01
    assert min(studio.power) > 0.6
    assert studio.power[-1] == pytest.approx(1)


def test_a_skip_before_the_track_is_heard_replaces_it() -> None:
    studio = Studio({"a": 60.0, "b": 60.0})
    studio.controller.start(None, 0, 0)
    studio.run(0.1)
    studio.controller.skip(studio.now)
    studio.run(2)
    assert studio.on_air() == "b"
    assert [event.choice.track.title for event in studio.of(TrackStarted)] == ["b"]  # type: ignore[attr-defined]


def test_a_broken_file_costs_no_silence_while_another_plays() -> None:
    studio = Studio({"a": 20.0, "b": 20.0}, crossfade_s=4)
    studio.controller.start(None, 0, 0)
    studio.run(2)
    studio.add_broken("broken")
    studio.power.clear()
    studio.run_until(lambda: studio.on_air() == "b")
    studio.run(5)
    assert min(studio.power) > 0.9
    assert [event.choice.track.title for event in studio.of(TrackFailed)] == ["broken"]  # type: ignore[attr-defined]
    assert studio.asked == ["start", "next", "error"]


def test_nothing_but_broken_files_is_silence_with_a_reason_and_patience() -> None:
    studio = Studio({}, retry_max_s=4)
    studio.next = ["x", "y"]
    studio.controller.start(None, 0, 0)
    studio.run(60)
    assert studio.status().state == "silent"
    assert 10 < len(studio.asked) < 25
    studio.tracks["x"] = Studio({"x": 60.0}).tracks["x"]
    studio.decks[0].durations[studio.tracks["x"].path] = 60.0
    studio.run_until(lambda: studio.on_air() == "x", 10)
    assert len(studio.of(Audible)) == 1


@pytest.mark.parametrize("trouble", [NoMusicError("there is no music"), RuntimeError("locked")])
def test_no_choice_is_said_once_and_asked_for_again(trouble: Exception) -> None:
    studio = Studio({"a": 60.0}, retry_max_s=4)
    studio.trouble = trouble
    studio.controller.start(None, 0, 0)
    studio.run(30)
    assert len(studio.of(Silent)) == 1
    assert str(trouble) in str(studio.status().silent_reason)
    studio.trouble = None
    assert studio.run_until(lambda: studio.on_air() == "a") < 5
    assert len(studio.of(Audible)) == 1
    assert studio.status().silent_reason is None


def test_without_an_output_the_same_track_waits_and_goes_on_where_it_was() -> None:
    studio = Studio({"a": 60.0}, retry_max_s=4)
    studio.controller.start(None, 0, 0)
    studio.run(10)
    for deck in studio.decks:
        deck.no_output = "no audio device: connection refused"
    studio.run(30)
    assert [event for event in studio.events if isinstance(event, Silent)] == [
        Silent("no audio device: connection refused")
    ]
    assert studio.status().state == "silent"
    assert studio.status().track, "what a restart would have to take up"
    for deck in studio.decks:
        deck.no_output = ""
    assert studio.run_until(lambda: studio.on_air() == "a") < 5
    assert studio.asked == ["start"]
    assert float(str(studio.status().position_s)) == pytest.approx(10, abs=1)


@pytest.mark.parametrize("at_opening", ["", "no audio device"])
def test_an_output_that_comes_back_while_it_is_closed_is_told_at_the_opening(at_opening: str) -> None:
    studio = Studio({"a": 600.0})
    for deck in studio.decks:
        deck.no_output = "no audio device"
    studio.controller.start(None, 0, 0)
    studio.run(10)
    studio.controller.stop(1.0, studio.now)
    studio.run(10)
    assert studio.status().silent_reason is None, "nothing should be heard"
    for deck in studio.decks:
        deck.no_output = at_opening
    studio.controller.start(None, 0, studio.now)
    studio.run(10)
    assert bool(studio.of(Audible)) == (not at_opening)
    for deck in studio.decks:
        deck.no_output = ""
    studio.run(60)
    assert len(studio.of(Audible)) == 1
    assert not isinstance(
        [event for event in studio.events if isinstance(event, Silent | Audible)][-1], Silent
    )


def test_a_device_that_only_one_deck_can_open_still_plays_track_after_track() -> None:
    studio = Studio({"a": 10.0, "b": 10.0}, crossfade_s=4)
    studio.decks[1].no_output = "no audio device: it is busy"
    studio.controller.start(None, 0, 0)
    studio.run(1)
    studio.power.clear()
    studio.run(40)
    assert len(studio.of(TrackStarted)) >= 4
    assert not studio.of(Silent)
    assert sum(power < 0.1 for power in studio.power) * 0.05 < 4, "about half a second at each track's end"


def test_a_crash_costs_one_deck_and_not_the_music() -> None:
    studio = Studio({"a": 60.0, "b": 60.0})
    studio.controller.start(None, 0, 0)
    studio.run(10)
    studio.decks[0].down_s = 1000
    studio.decks[0].die()
    assert studio.run_until(lambda: bool(studio.sounding())) < 2
    studio.run_until(lambda: studio.on_air() == "a")
    assert studio.decks[1].loads[-1][1] == pytest.approx(10, abs=0.5)
    studio.decks[1].down_s = 0.2
    studio.decks[1].die()
    assert studio.run_until(lambda: bool(studio.sounding())) < 2
    studio.run_until(lambda: studio.on_air() == "b")  # the track that cost two decks is given up
    assert len(studio.of(TrackFailed)) == 1


def test_with_one_deck_left_the_music_goes_on_from_track_to_track() -> None:
    studio = Studio({"a": 10.0, "b": 10.0}, crossfade_s=4)
    studio.decks[1].down_s = 1000
    studio.decks[1].die()
    studio.controller.start(None, 0, 0)
    studio.run(45)
    assert len(studio.of(TrackStarted)) >= 4


@pytest.mark.parametrize(("at_s", "after_s"), [(0.0, 1.5), (10.0, 8.0)])
def test_a_track_that_stands_still_is_given_up_with_its_deck(at_s: float, after_s: float) -> None:
    studio = Studio({"a": 60.0, "b": 60.0}, silence_s=8)
    studio.controller.start(None, 0, 0)
    studio.run(at_s)
    studio.decks[0].frozen = True
    took_s = studio.run_until(lambda: studio.on_air() == "b")
    assert after_s <= took_s < after_s + 2
    assert len(studio.decks[0].restarts) == 1


def test_pause_holds_everything() -> None:
    studio = Studio({"a": 10.0, "b": 10.0}, crossfade_s=2)
    studio.controller.start(None, 0, 0)
    studio.run(7)
    studio.controller.pause()
    studio.run(60)
    assert (studio.status().state, studio.on_air(), studio.power[-1]) == ("paused", "a", 0)
    studio.controller.resume(studio.now)
    studio.run(1)
    assert studio.power[-1] == pytest.approx(1)
    studio.run_until(lambda: studio.on_air() == "b")


def test_a_change_during_a_pause_is_chosen_when_the_music_goes_on() -> None:
    studio = Studio({"a": 60.0, "b": 60.0})
    studio.play("a")
    studio.run(5)
    studio.controller.pause()
    studio.controller.skip(studio.now)
    studio.run(5)
    studio.controller.shift("the room is livelier", studio.now)
    studio.controller.skip(studio.now)
    studio.run(5)
    assert studio.asked == [], "nothing is chosen that nobody hears"
    assert (studio.on_air(), studio.sounding()) == ("a", [])
    studio.next = ["b", "a"]
    studio.controller.resume(studio.now)
    studio.run(3)
    assert (studio.on_air(), studio.asked) == ("b", ["skip"])
    assert studio.power[-1] == pytest.approx(1)


def test_a_closing_ends_what_was_asked_for_during_a_pause() -> None:
    studio = Studio({"a": 60.0, "b": 60.0})
    studio.play("a")
    studio.run(5)
    studio.controller.pause()
    studio.controller.skip(studio.now)
    studio.controller.stop(1.0, studio.now)
    studio.run(5)
    studio.controller.start(None, 0, studio.now)
    studio.run(5)
    assert studio.asked == ["start"]


def test_a_crash_during_a_pause_is_mended_when_the_music_goes_on() -> None:
    studio = Studio({"a": 60.0})
    studio.controller.start(None, 0, 0)
    studio.run(5)
    studio.controller.pause()
    studio.decks[0].die()
    studio.run(5)
    assert studio.power[-1] == 0
    studio.controller.resume(studio.now)
    assert studio.run_until(lambda: studio.on_air() == "a") < 2
    assert float(str(studio.status().position_s)) == pytest.approx(5, abs=1)


def test_the_end_of_a_track_says_why() -> None:
    studio = Studio(dict.fromkeys("abcde", 60.0))
    studio.controller.start(None, 0, 0)
    studio.run_until(lambda: studio.on_air() == "b", 70)
    studio.run(5)
    studio.controller.skip(studio.now)
    studio.run_until(lambda: studio.on_air() == "c")
    studio.run(5)
    studio.controller.shift("calm to lively", studio.now)
    studio.run_until(lambda: studio.on_air() == "d")
    studio.run(51)
    studio.controller.skip(studio.now)  # with hardly anything left of it
    studio.run_until(lambda: studio.on_air() == "e")
    studio.controller.stop(0.5, studio.now)
    studio.run(1)
    ends = [event for event in studio.events if isinstance(event, TrackEnded)]
    assert [(end.choice.track.title, end.why) for end in ends] == [
        ("a", "next"), ("b", "skip"), ("c", "shift"), ("d", "next"), ("e", "stop"),
    ]  # fmt: skip


def test_stop_fades_out_and_start_begins_again() -> None:
    studio = Studio({"a": 60.0, "b": 60.0})
    studio.controller.start(None, 0, 0)
    studio.run(5)
    studio.jump = 0.0
    studio.controller.stop(1.0, studio.now)
    studio.run(1.5)
    assert (studio.status().state, studio.power[-1], studio.controller.fading_out) == ("stopped", 0, False)
    assert studio.jump < 0.1
    assert studio.of(TrackEnded)
    studio.run(30)
    assert studio.asked == ["start"]
    studio.controller.start(None, 0, studio.now)
    studio.run(2)
    assert studio.on_air() == "b"


def test_an_opening_comes_up_slowly_and_a_quick_one_after_a_closing_cuts_nothing() -> None:
    studio = Studio({"a": 60.0, "b": 60.0})
    studio.controller.start(None, 0, 0, fade_s=8)
    studio.run_until(lambda: studio.on_air() == "a")
    studio.power.clear()
    studio.run(9)
    assert studio.power == sorted(studio.power)
    assert studio.power[20] < 0.05, "a second after its beginning"
    assert studio.power[-1] == pytest.approx(1)
    assert studio.status().volume == 100

    studio.controller.stop(8.0, studio.now)
    studio.run(1)
    studio.jump = 0.0
    studio.controller.start(None, 0, studio.now, fade_s=8)
    studio.run(2)
    assert studio.jump < 0.2, "the first fade's own steps"
    assert studio.on_air() == "b"


VOLUMES: dict[str, Callable[[PlaybackController], None]] = {
    "a part of the day with a volume of its own": lambda music: music.set_volume(90, 2.0),
    "the end of night mode": lambda music: music.set_night(False, 2.0),
    "a reload": lambda music: music.configure(music.settings.model_copy(update={"ceiling": 90})),
    "the noise of the room": lambda music: music.follow_noise(-3.0, 4.0),
    "the end of an announcement": lambda music: music.duck(1.0, 0.5),
}


@pytest.mark.parametrize("after_s", [0.0, 0.2, 1.0, 3.0])
@pytest.mark.parametrize("what", VOLUMES)
def test_an_opening_comes_up_as_slowly_whatever_else_sets_the_volume(what: str, after_s: float) -> None:
    studio = Studio({"a": 60.0})
    studio.controller.set_night(True, 0)
    studio.controller.duck(0.5, 0)
    studio.controller.start(None, 0, 0, fade_s=10)
    studio.run(after_s)
    VOLUMES[what](studio.controller)
    studio.run_until(lambda: studio.on_air() == "a")
    studio.run(after_s + 3 - studio.now)
    fully = studio.controller.volume.gain**2
    assert studio.power[-1] < 0.5 * fully
    assert studio.power == sorted(studio.power)
    assert studio.jump < 0.02
    studio.run(20)
    assert studio.power[-1] == pytest.approx(fully)


def test_a_volume_set_before_the_first_track_is_heard_has_its_own_safe_start() -> None:
    studio = Studio({"a": 60.0}, start_volume=50, ramp_s=10)
    studio.controller.set_volume(30, 0)
    studio.controller.start(None, 0, 0)
    studio.run(0.1)
    studio.controller.set_volume(100, 0.5)
    studio.run_until(lambda: studio.on_air() == "a")
    studio.run(0.5)
    assert studio.power[-1] < 0.06
    studio.run(10)
    assert studio.power[-1] == pytest.approx(1)


def test_who_turns_an_opening_down_is_obeyed_at_once() -> None:
    studio = Studio({"a": 60.0})
    studio.controller.start(None, 0, 0, fade_s=20)
    studio.run(15)
    studio.controller.set_volume(40, 0.5)
    studio.run(0.6)
    assert studio.power[-1] == pytest.approx(0.4**6)


@pytest.mark.parametrize(("position_s", "taken_up_at"), [(20.0, 20.0), (55.0, 0.0), (500.0, 0.0)])
def test_a_track_is_taken_up_where_it_was_left_unless_it_was_ending(
    position_s: float, taken_up_at: float
) -> None:
    studio = Studio({"a": 60.0, "b": 60.0})
    studio.play("b", position_s)
    studio.run(1)
    assert studio.on_air() == "b"
    assert studio.asked == []
    assert studio.decks[0].loads[0][1] == taken_up_at


@pytest.mark.parametrize(
    ("percent", "shown", "power"), [(100, 100, 1), (50, 50, 0.0156), (0, 0, 0), (150, 100, 1)]
)
def test_volume(percent: int, shown: int, power: float) -> None:
    studio = Studio({"a": 60.0})
    studio.controller.start(None, 0, 0)
    studio.run(2)
    studio.jump = 0.0
    studio.controller.set_volume(percent, 0.5)
    studio.run(1)
    assert studio.power[-1] == pytest.approx(power, abs=0.001)
    assert studio.status().volume == shown
    assert studio.jump <= 0.15


def test_a_loud_track_plays_lower() -> None:
    studio = Studio({"a": 60.0}, target_lufs=-24)
    studio.controller.start(None, 0, 0)
    studio.run(2)
    assert studio.power[-1] == pytest.approx(10 ** (-6 / 10), rel=0.01)


BLOWS = st.sampled_from(
    [
        "skip",
        "shift",
        "pause",
        "resume",
        "start",
        "stop",
        "die",
        "freeze",
        "mute",
        "unmute",
        "break",
        "nothing",
    ]
)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(BLOWS, st.integers(0, 1), st.floats(0, 3)), max_size=12))
def test_whatever_happens_there_is_music_in_the_end(blows: list[tuple[str, int, float]]) -> None:
    studio = Studio({"a": 30.0, "b": 5.0, "c": 60.0}, retry_max_s=4, silence_s=2)
    studio.controller.start(None, 0, 0)
    for blow, n, wait_s in blows:
        strike(studio, blow, n)
        studio.run(wait_s, step_s=0.1)
    for deck in studio.decks:
        deck.no_output, deck.frozen = "", False
    studio.controller.start(None, 0, studio.now)
    studio.run_until(lambda: bool(studio.sounding()), 20)
    studio.run(4, step_s=0.1)
    assert all(power <= 1.15 for power in studio.power)
    for deck in studio.decks:
        assert all(level < 0.05 for level in deck.level_at_load), "a track was cut off"


def strike(studio: Studio, blow: str, n: int) -> None:
    deck, controller = studio.decks[n], studio.controller
    match blow:
        case "skip":
            controller.skip(studio.now)
        case "shift":
            controller.shift("the room", studio.now)
        case "pause":
            controller.pause()
        case "resume":
            controller.resume(studio.now)
        case "start":
            controller.start(None, 0, studio.now)
        case "stop":
            controller.stop(0.5, studio.now)
        case "die":
            deck.die()
        case "freeze":
            deck.frozen = not deck.frozen
        case "mute":
            deck.no_output = "no audio device"
        case "unmute":
            deck.no_output = ""
        case "break":
            studio.add_broken("broken")


def test_a_track_may_give_way_before_its_end() -> None:
    studio = Studio({"a": 600.0, "b": 600.0}, crossfade_s=6)
    studio.controller.start(Choice(Track(Path("b"), "b"), "a bridge", until_s=90), 0, 0)
    studio.run_until(lambda: studio.on_air() == "a", seconds=120)
    (began,), (took_over,) = (deck.begun for deck in studio.decks)
    assert took_over - began == pytest.approx(84, abs=0.001)


def test_another_output_is_gone_over_to_one_deck_at_a_time_and_never_in_silence() -> None:
    studio = Studio({"a": 300, "b": 300})
    studio.play("a")
    studio.run(20)
    since = len(studio.power)
    studio.controller.configure(studio.settings.model_copy(update={"output": "pulse:other"}))
    studio.run(10)
    assert studio.on_air() == "a"
    assert 19 < studio.status().position_s < 31  # type: ignore[operator]
    assert min(studio.power[since:]) > 0.5
    assert all(deck.outputs == ["auto", "pulse:other"] for deck in studio.decks)
    assert [event.why for event in studio.of(TrackEnded)] == ["output"]  # type: ignore[attr-defined]


def test_other_settings_hold_from_the_next_fade_on_and_a_volume_set_by_hand_stays() -> None:
    studio = Studio({"a": 60, "b": 60}, crossfade_s=3)
    studio.play("a")
    studio.run(10)
    studio.controller.set_volume(40, 0)
    studio.controller.configure(studio.settings.model_copy(update={"crossfade_s": 12.0}))
    studio.run(34)
    assert studio.asked == []
    studio.run(5)
    assert studio.asked == ["next"], "the longer fade begins earlier"
    assert studio.status().volume == 40
    studio.controller.configure(studio.settings.model_copy(update={"volume": 90}))
    assert studio.status().volume == 90


ALBUM = {"album": "live", "artist": "x"}


def test_tracks_of_an_album_follow_each_other_without_a_gap() -> None:
    studio = Studio({"a": 60.0, "b": 60.0}, crossfade_s=6)
    for number, name in enumerate("ab", 1):
        studio.tracks[name] = replace(studio.tracks[name], track_no=number, **ALBUM)  # type: ignore[arg-type]
    studio.controller.start(None, 0, 0)
    studio.run_until(lambda: studio.on_air() == "b", 70)
    (began,), (took_over,) = (deck.begun for deck in studio.decks)
    assert took_over - began == pytest.approx(60 - JOIN_MS / 1000, abs=0.001)
    assert min(studio.power[round(2 / 0.05) :]) > 0.45


def test_a_track_that_does_not_run_when_its_moment_comes_gives_the_level_back() -> None:
    studio = Studio({"a": 60.0, "b": 60.0, "c": 60.0}, crossfade_s=6)
    studio.controller.start(None, 0, 0)
    studio.run(50)
    studio.power.clear()
    studio.decks[1].frozen = True
    studio.run_until(lambda: bool(studio.decks[1].restarts))
    studio.decks[1].frozen = False
    studio.run_until(lambda: studio.on_air() == "c")
    studio.run(8)
    assert min(studio.power) > 0.8


def test_a_skip_while_a_track_comes_in_skips_that_one() -> None:
    studio = Studio({"a": 60.0, "b": 60.0, "c": 60.0})
    studio.controller.start(None, 0, 0)
    studio.run(5)
    studio.controller.skip(studio.now)
    studio.run(0.2)
    studio.controller.skip(studio.now)
    studio.run(5)
    assert [event.choice.track.title for event in studio.of(TrackStarted)] == ["a", "b", "c"]  # type: ignore[attr-defined]


def test_a_stream_has_no_other_place_to_go_to() -> None:
    studio = Studio({"a": 60.0, "b": 60.0})
    address = "http://radio.example/a"
    studio.tracks["a"] = replace(studio.tracks["a"], url=address)
    for deck in studio.decks:
        deck.durations[Path(address)] = 60.0
    studio.controller.start(None, 0, 0)
    studio.run(5)
    studio.controller.seek(30.0)
    studio.run(3)
    assert [len(deck.loads) for deck in studio.decks] == [1, 0]
    assert studio.status().position_s == pytest.approx(8, abs=0.6)


def test_seek_moves_the_present_track() -> None:
    studio = Studio({"a": 60.0, "b": 60.0}, crossfade_s=6)
    studio.controller.start(None, 0, 0)
    studio.run(5)
    studio.controller.seek(52.0)
    assert studio.run_until(lambda: studio.on_air() == "b") < 3
    studio.run(10)
    studio.controller.seek(500.0)
    assert studio.run_until(lambda: studio.on_air() == "a") < 3, "the end is where the next one follows"


def test_a_start_out_of_silence_comes_up_from_the_safe_volume() -> None:
    studio = Studio({"a": 60.0}, start_volume=50, ramp_s=10)
    studio.controller.start(None, 0, 0)
    studio.run_until(lambda: studio.on_air() == "a")
    studio.run(0.4)
    assert studio.power[-1] < 0.06
    studio.jump = 0.0
    studio.run(10)
    assert studio.power[-1] == pytest.approx(1)
    assert studio.jump < 0.02
    assert studio.status().volume == 100, "the volume that was asked for"


def test_nothing_passes_the_ceiling() -> None:
    studio = Studio({"a": 60.0}, ceiling=50)
    studio.controller.start(None, 0, 0)
    studio.controller.set_volume(100, 0.0)
    studio.run(3)
    assert studio.power[-1] == pytest.approx(0.5**6)
    assert studio.status().volume == 50


def test_night_mode_has_a_ceiling_of_its_own_and_spares_the_bass_of_the_next_track() -> None:
    studio = Studio({"a": 60.0, "b": 60.0})
    studio.controller.start(None, 0, 0)
    studio.run(3)
    studio.controller.set_night(True, 1.0)
    studio.run(2)
    assert studio.power[-1] == pytest.approx(0.4**6)
    studio.controller.skip(studio.now)
    studio.run(3)
    assert [deck.cues[-1].bass_db for deck in studio.decks] == [0, -6]
    studio.controller.set_night(False, 1.0)
    studio.run(2)
    assert studio.power[-1] == pytest.approx(1)


def test_an_announcement_keeps_the_music_down_whatever_else_happens() -> None:
    studio = Studio({"a": 60.0, "b": 60.0})
    studio.controller.start(None, 0, 0)
    studio.run(3)
    studio.controller.duck(0.2, 0.5)
    studio.controller.skip(studio.now)
    studio.controller.set_volume(80, 0.1)
    studio.run(4)
    assert studio.power[-1] == pytest.approx((0.8**3 * 0.2) ** 2)
    studio.controller.duck(1.0, 0.5)
    studio.run(1)
    assert studio.power[-1] == pytest.approx(0.8**6)


@pytest.mark.parametrize("into_it_s", [0.5, 1.5, 2.5, 4.0])
def test_a_skip_in_a_crossfade_is_a_skip_of_the_track_that_comes_in(into_it_s: float) -> None:
    studio = Studio(dict.fromkeys("abc", 200.0), crossfade_s=6)
    studio.controller.start(None, 0, 0)
    studio.run(185, 0.1)
    studio.run_until(lambda: studio.on_air() == "b", 30)
    studio.run(into_it_s)
    studio.controller.skip(studio.now)
    studio.run(0.25)
    assert studio.status().position_s == pytest.approx(into_it_s + 0.25, abs=0.5), "not that of the old one"
    studio.run_until(lambda: studio.on_air() == "c", 30)
    ends = [(end.choice.track.title, str(end.why)) for end in studio.of(TrackEnded)]
    assert ends == [("a", "next"), ("b", "skip")]


def test_a_seek_in_a_crossfade_does_not_bring_the_old_track_back() -> None:
    studio = Studio(dict.fromkeys("ab", 200.0), crossfade_s=6)
    studio.controller.start(None, 0, 0)
    studio.run(185, 0.1)
    studio.run_until(lambda: studio.on_air() == "b", 30)
    studio.run(1)
    old = next(deck for deck in studio.decks if deck.path == Path("a"))
    level = old.level()
    studio.controller.seek(50.0)
    for _ in range(10):
        studio.run(0.1)
        assert old.path == Path("b") or old.level() <= level + 0.01
    assert [str(end.why) for end in studio.of(TrackEnded)] == ["next", "seek"]


def test_a_seek_near_the_end_is_no_end_of_the_track() -> None:
    studio = Studio(dict.fromkeys("ab", 200.0), crossfade_s=6)
    studio.controller.start(None, 0, 0)
    studio.run(191, 0.1)
    studio.controller.seek(20.0)
    studio.run(3)
    assert [str(end.why) for end in studio.of(TrackEnded)] == ["seek"]


def test_a_seek_while_another_comes_in_follows_it() -> None:
    studio = Studio({"a": 200.0}, crossfade_s=6)
    studio.controller.start(None, 0, 0)
    studio.run(10)
    studio.controller.seek(60.0)
    studio.run_until(lambda: any(deck.role == "entering" for deck in studio.controller.status().decks), 5)
    studio.controller.seek(120.0)
    studio.run(3)
    assert 120 < float(str(studio.status().position_s)) < 124


def test_a_seek_after_a_restart_into_a_pause_holds_once_the_music_goes_on() -> None:
    studio = Studio({"a": 200.0}, crossfade_s=6)
    first = Choice(Track(Path("a"), title="a", duration_s=200.0), "as before")
    studio.controller.start(first, 30.0, 0)
    studio.controller.pause()
    studio.controller.seek(120.0)
    assert studio.status().position_s == 120.0
    studio.controller.resume(studio.now)
    studio.run(3)
    assert 120 < float(str(studio.status().position_s)) < 124


def test_a_seek_in_a_pause_is_shown_at_once_and_so_outlives_a_restart() -> None:
    studio = Studio({"a": 200.0}, crossfade_s=6)
    studio.controller.start(None, 0, 0)
    studio.run(10)
    studio.controller.pause()
    studio.controller.seek(90.0)
    studio.run(1)
    assert studio.status().position_s == 90.0


def test_an_output_that_goes_while_the_music_fades_out_for_the_night_is_no_silence_to_speak_of() -> None:
    studio = Studio({"a": 200.0}, crossfade_s=6)
    studio.controller.start(None, 0, 0)
    studio.run(10)
    studio.controller.stop(8.0, studio.now)
    studio.run(1)
    for deck in studio.decks:
        deck.no_output = "the speaker is gone"
    studio.run(1)
    assert not studio.of(Silent)
    assert studio.status().silent_reason is None


def test_a_skip_whose_track_fails_goes_on_to_another_one() -> None:
    studio = Studio({"a": 300, "b": 300})
    studio.play("a")
    studio.run(20)
    studio.next = ["gone", "gone too", "b"]
    studio.controller.skip(studio.now)
    studio.run_until(lambda: studio.on_air() == "b", 10)
    assert [event.lasting for event in studio.of(TrackFailed)] == [True, True]  # type: ignore[attr-defined]


@pytest.mark.parametrize("reason", [NO_FILE, NOT_NOW])
def test_what_the_system_says_of_a_file_is_no_lasting_fault(reason: str) -> None:
    studio = Studio({"a": 300, "b": 300})
    studio.play("a")
    for deck in studio.decks:
        deck.broken = reason
    studio.next = ["gone", "b"]
    studio.controller.skip(studio.now)
    studio.run_until(lambda: studio.on_air() == "b", 10)
    (failed,) = studio.of(TrackFailed)
    assert failed == TrackFailed(Choice(Track(Path("gone"), "gone"), "skip"), reason, lasting=False)


def test_a_skip_to_a_track_on_which_decks_hang_goes_on_to_another_one() -> None:
    studio = Studio({"a": 300, "b": 300, "c": 300})
    studio.play("a")
    studio.run(20)
    studio.next = ["b", "c"]
    studio.controller.skip(studio.now)
    for _ in range(2):
        deck = next(deck for deck in studio.decks if deck.level() == 0)
        studio.run_until(lambda deck=deck: deck.path is not None, 10)  # type: ignore[misc]
        deck.die("it hangs")
    studio.run_until(lambda: studio.on_air() == "c", 10)
    assert studio.asked == ["skip", "skip"]
    assert [event.why for event in studio.of(TrackEnded)] == ["skip"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("reason", ["it hangs", CRASHED])
def test_a_deck_that_dies_twice_is_no_proof_against_the_track(reason: str) -> None:
    studio = Studio({"a": 300, "b": 300})
    studio.play("a")
    for _ in range(2):
        studio.run(20)
        (deck,) = studio.sounding()
        deck.die(reason)
    studio.run_until(lambda: bool(studio.of(TrackFailed)), 10)
    (failed,) = studio.of(TrackFailed)
    assert failed == TrackFailed(Choice(studio.tracks["a"], "the test"), reason, lasting=False)


def test_an_announcement_soon_after_a_start_does_not_end_its_slow_rise() -> None:
    studio = Studio({"a": 60.0}, start_volume=50, ramp_s=20)
    studio.controller.start(None, 0, 0)
    studio.run_until(lambda: studio.on_air() == "a")
    studio.controller.duck(0.2, 0.5)
    studio.run(3)
    studio.controller.duck(1.0, 0.5)
    studio.run(2)
    assert studio.power[-1] < 0.2
    studio.run(20)
    assert studio.power[-1] == pytest.approx(1)


ASIDES: dict[str, Callable[[PlaybackController], None]] = {
    "the end of an announcement": lambda music: music.duck(1.0, 0.5),
    "the noise of the room": lambda music: music.follow_noise(0.5, 4.0),
}


@pytest.mark.parametrize("what", ASIDES)
def test_a_volume_that_comes_slowly_is_hurried_by_nothing_but_a_command(what: str) -> None:
    studio = Studio({"a": 600.0})
    studio.controller.start(None, 0, 0)
    studio.controller.set_volume(40, 0)
    studio.run(5)
    studio.controller.set_volume(90, 100)
    studio.controller.duck(0.5, 0.5)
    studio.run(10)
    ASIDES[what](studio.controller)
    studio.run(10)
    assert studio.power[-1] < 0.35 * studio.controller.volume.gain**2
    studio.controller.set_volume(91, 0.5)
    studio.run(1)
    assert studio.power[-1] == pytest.approx(studio.controller.volume.gain**2)
