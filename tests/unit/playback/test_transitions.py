"""Where one track gives way to the next, by what the library knows of both."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from player.playback.transitions import (
    AT_SILENCE_MS,
    CUT_MS,
    DYING_S,
    JOIN_MS,
    TAIL_S,
    Plan,
    Style,
    begins_at,
    changing,
    following,
    length_s,
)
from player.types import Track, Transition

FADE = Style(Transition.CROSSFADE, 6.0)
CUT = Style(Transition.CUT, 6.0)
OUT = Style(Transition.FADE_OUT, 6.0)


def track(name: str = "a", **known: object) -> Track:
    return Track(Path(f"/music/{name}.ogg"), name, duration_s=100.0, **known)  # type: ignore[arg-type]


AFTER = track("b", music_start_s=1.5)


@pytest.mark.parametrize(
    ("style", "before", "expected"),
    [
        (FADE, track(), Plan(100 - TAIL_S - 6, 1.48, 6000, 6000)),
        # Silence at the end: the fade is over when the music is.
        (FADE, track(music_end_s=90.0), Plan(84, 1.48, 6000, 6000)),
        # It dies away by itself: the next one comes in when it begins to.
        (FADE, track(music_end_s=98.0, fade_out_s=88.0), Plan(88, 1.48, 10000, 6000)),
        (FADE, track(music_end_s=98.0, fade_out_s=60.0), Plan(98 - DYING_S, 1.48, 15000, 6000)),
        (FADE, track(music_end_s=98.0, fade_out_s=97.0), Plan(92, 1.48, 6000, 6000)),
        (CUT, track(music_end_s=90.0), Plan(90 - AT_SILENCE_MS / 1000, 1.48, AT_SILENCE_MS, 0)),
        (OUT, track(music_end_s=90.0), Plan(84, 1.48, 6000, 0, 3000)),
    ],
)
def test_at_the_end_of_a_track(style: Style, before: Track, expected: Plan) -> None:
    assert following(style, before, AFTER, 100.0) == expected


@pytest.mark.parametrize("style", [FADE, CUT, OUT])
def test_an_album_is_not_touched(style: Style) -> None:
    first = track("1", album="live", artist="x", track_no=1, music_end_s=95.0, fade_out_s=90.0)
    second = track("2", album="live", artist="x", track_no=2, music_start_s=2.0)
    assert following(style, first, second, 100.0) == Plan(100 - JOIN_MS / 1000, 0.0, 2 * JOIN_MS)
    assert following(style, second, first, 100.0).begin_s != 100 - JOIN_MS / 1000


def test_a_bridging_track_gives_way_where_it_is_told_to() -> None:
    assert following(FADE, track(fade_out_s=50.0), AFTER, 100.0, until_s=60.0) == Plan(54, 1.48, 6000, 6000)
    assert following(CUT, track(), AFTER, 100.0, until_s=60.0).out_ms == 6000, "there is no silence there"


def test_short_tracks_fade_for_a_third_of_their_length() -> None:
    assert following(FADE, track(), AFTER, 9.0 + TAIL_S) == Plan(6.0, 1.48, 3000, 3000)


def test_without_a_length_the_next_track_waits_for_the_end() -> None:
    assert begins_at(FADE, Track(Path("a"), "a"), 0.0) == 0
    assert following(FADE, Track(Path("a"), "a"), AFTER, 0.0).begin_s is None


@pytest.mark.parametrize(
    ("style", "wait", "rests", "expected"),
    [
        (FADE, True, (22.0,), Plan(None, 1.48, 4000, 4000)),
        (OUT, True, (), Plan(None, 1.48, 4000, 0, 2000)),
        (CUT, True, (12.0, 22.0, 29.0), Plan(22.0, 1.48, CUT_MS, 0, CUT_MS // 2)),
        (CUT, True, (12.0, 31.0), Plan(None, 1.48, 4000, 4000)),  # no rest soon: a crossfade hurts least
        (CUT, True, (), Plan(None, 1.48, 4000, 4000)),
        (CUT, False, (22.0,), Plan(None, 1.48, CUT_MS)),  # whoever skips does not wait
    ],
)
def test_in_the_middle_of_a_track(style: Style, wait: bool, rests: tuple[float, ...], expected: Plan) -> None:
    assert changing(style, track(rests=rests), AFTER, 20.0, 4.0, wait) == expected


@given(
    kind=st.sampled_from(Transition),
    crossfade_s=st.floats(0, 30),
    duration_s=st.floats(0.1, 4000),
    end=st.floats(0, 1),
    fade=st.floats(0, 1),
)
def test_a_transition_lies_inside_the_track_and_ends_with_its_music(
    kind: Transition, crossfade_s: float, duration_s: float, end: float, fade: float
) -> None:
    style = Style(kind, crossfade_s)
    before = track(music_end_s=max(0.05, duration_s * end), fade_out_s=duration_s * end * fade)
    plan = following(style, before, AFTER, duration_s)
    assert plan.begin_s is not None
    assert before.music_end_s is not None
    assert 0 <= plan.begin_s <= duration_s
    assert plan.begin_s + plan.out_ms / 1000 <= max(before.music_end_s, AT_SILENCE_MS / 1000) + 0.001
    assert begins_at(style, before, duration_s) == plan.begin_s
    assert 0 <= plan.in_ms <= max(plan.out_ms, 0)
    assert plan.delay_ms <= plan.out_ms


def test_a_measured_length_beats_what_the_deck_guesses() -> None:
    """A deck may guess from the first bit rate; only the analysis has decoded all of the track."""
    measured, unmeasured = track(music_end_s=99.0), track()
    for guess in (18.0, 0.0, 500.0):
        assert length_s(measured, guess) == 100.0
        for style in (FADE, CUT, OUT):
            assert begins_at(style, measured, guess) == begins_at(style, measured, 100.0)
            assert following(style, measured, AFTER, guess) == following(style, measured, AFTER, 100.0)
    assert begins_at(FADE, unmeasured, 18.0) < 18.0
    assert length_s(unmeasured, 18.0) == 18.0
    assert length_s(unmeasured, 0.0) == 100.0, "what tags say, if nobody else knows"
