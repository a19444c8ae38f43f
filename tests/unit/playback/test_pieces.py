"""A long silence inside a track parts it: nobody in a shop waits seventy seconds for a hidden song."""

from dataclasses import replace
from pathlib import Path

import pytest

from player.events import TrackEnded
from player.playback.pieces import LONG_S, left_out, main_piece, piece_ends_at
from player.playback.transitions import LEAD_S, Plan, Style, begins_at, ends_at, following, starts_at
from player.types import Track, Transition
from tests.fakes.playback import Studio

FADE = Style(Transition.CROSSFADE, 6.0)


def track(name: str = "a", *silences: tuple[float, float], **known: object) -> Track:
    about = {"duration_s": 300.0, "music_start_s": 1.0, "music_end_s": 298.0, **known}
    return Track(Path(f"/music/{name}.ogg"), name, silences=silences, **about)  # type: ignore[arg-type]


HIDDEN = track("hidden", (180.0, 250.0))
WELCOME = track("welcome", (20.0, 35.0))
TALE = track("tale", (50.0, 65.0), (200.0, 240.0))
PAUSES = track("pauses", (50.0, 50.0 + LONG_S - 0.1), (100.0, 103.0))
JUST_LONG = track("just long", (50.0, 50.0 + LONG_S))


@pytest.mark.parametrize(
    ("of", "piece", "rest"),
    [
        (HIDDEN, (1.0, 180.0), [(180.0, 298.0)]),
        (WELCOME, (35.0, None), [(1.0, 35.0)]),
        (TALE, (65.0, 200.0), [(1.0, 65.0), (200.0, 298.0)]),
        (PAUSES, (1.0, None), []),
        (track("as measured", (180.05, 190.0)), (1.0, 180.05), [(180.05, 298.0)]),
        (JUST_LONG, (50.0 + LONG_S, None), [(1.0, 50.0 + LONG_S)]),
        (track(), (1.0, None), []),
        # The last piece is as long as its music, not as the silence after that.
        (track("a", (100.0, 140.0), music_end_s=200.0), (1.0, 100.0), [(100.0, 200.0)]),
        (track("a", (100.0, 140.0), music_end_s=None), (140.0, None), [(1.0, 140.0)]),
        (Track(Path("/a"), "not analysed"), (0.0, None), []),
    ],
)
def test_the_longest_piece_plays(
    of: Track, piece: tuple[float, float | None], rest: list[tuple[float, float]]
) -> None:
    assert main_piece(of) == piece
    assert starts_at(of) == max(0.0, piece[0] - LEAD_S)
    assert left_out(of) == rest


@pytest.mark.parametrize(
    ("position_s", "ends_s"), [(0.0, 180.0), (179.0, 180.0), (200.0, 180.0), (250.0, 298.0), (260.0, 298.0)]
)
def test_where_it_ends_depends_on_where_one_is(position_s: float, ends_s: float) -> None:
    """Who seeks into the hidden song hears it; who lands in the silence goes on at once."""
    assert ends_at(HIDDEN, 300.0, None, position_s) == ends_s
    assert (piece_ends_at(HIDDEN, position_s) is None) == (ends_s == 298.0)


def test_the_next_track_comes_before_the_silence_also_on_an_album() -> None:
    album = {"album": "live", "artist": "x"}
    last, other = replace(HIDDEN, track_no=1, **album), replace(track("b"), track_no=2, **album)
    assert following(FADE, last, other, 300.0) == Plan(174.0, 0.98, 6000, 6000)
    assert begins_at(FADE, last, 300.0) == 174.0
    plain = replace(PAUSES, track_no=1, **album)
    assert following(FADE, plain, other, 300.0).begin_s == pytest.approx(300 - 0.02)


def test_in_the_controller_the_silence_is_never_heard(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    studio = Studio({"a": 300.0, "b": 300.0}, crossfade_s=6)
    studio.tracks["a"] = replace(studio.tracks["a"], silences=((180.0, 250.0),), music_end_s=300.0)
    studio.controller.start(None, 0, 0)
    studio.run_until(lambda: studio.on_air() == "b", 200)
    assert studio.now < 181
    (ended,) = studio.of(TrackEnded)
    assert ended.why == "next"
    assert "long silence" in caplog.text


def test_a_seek_into_the_hidden_song_plays_it() -> None:
    studio = Studio({"a": 300.0, "b": 300.0}, crossfade_s=6)
    studio.tracks["a"] = replace(studio.tracks["a"], silences=((180.0, 250.0),), music_end_s=300.0)
    studio.controller.start(None, 0, 0)
    studio.run(3)
    studio.controller.seek(255.0)
    studio.run(20)
    assert studio.on_air() == "a"
    studio.run_until(lambda: studio.on_air() == "b")
    assert studio.now == pytest.approx(3 + 45, abs=9)
