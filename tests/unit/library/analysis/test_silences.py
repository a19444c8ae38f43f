"""Silences inside the music and moments to cut at, from levels made here."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from player.library.analysis.boundaries import BLOCK_S
from player.library.analysis.boundaries import find as find_edges
from player.library.analysis.silences import APART_S, DIP_DB, SHORTEST_SILENCE_S, Silences, find
from tests.unit.library.analysis.test_boundaries import LUFS, blocks

PHRASE_S, GAP_S = 7.4, 0.6


def notes(
    seconds: float, every_s: float = 0.5, decay_db: float = 8.0
) -> tuple[tuple[float, float, float], ...]:
    """Parts for `blocks`: a note every so often, each dying away by so much."""
    return ((every_s, -16.0, -16.0 - decay_db),) * round(seconds / every_s)


def test_steady_music_has_no_pauses() -> None:
    assert find(blocks((60, -18, -18)), LUFS) == Silences()


def test_steady_noise_has_none_either() -> None:
    levels = -18 + np.random.default_rng(1).normal(0, 1.5, 1200)

    assert find(10 ** (levels / 10), LUFS) == Silences()


def test_a_silence_inside_the_music() -> None:
    found = find(blocks((30, -18, -18), (5, -120, -120), (30, -18, -18)), LUFS)

    assert found == Silences(silences=((30, 35),), rests=(32.5,))


def test_silence_is_measured_against_the_music() -> None:
    """-70 dB is the pause of a loud record and the pianissimo of a quiet one."""
    loud = find(blocks((10, -18, -18), (3, -70, -70), (10, -18, -18)), LUFS)
    quiet = find(blocks((10, -40, -40), (3, -70, -70), (10, -40, -40)), -42)

    assert loud.silences == ((10, 13),)
    assert quiet.silences == ()
    assert quiet.rests == pytest.approx((11.5,), abs=0.1)


@pytest.mark.parametrize(("pause_s", "count"), [(1.95, 0), (2.0, 1)])
def test_two_seconds_are_a_silence(pause_s: float, count: int) -> None:
    found = find(blocks((9, -18, -18), (pause_s, -120, -120), (9, -18, -18)), LUFS)

    assert len(found.silences) == count
    assert found.rests == pytest.approx((9 + pause_s / 2,), abs=0.051)


def test_silence_at_the_ends_is_no_pause() -> None:
    assert find(blocks((6, -120, -120), (30, -18, -18), (6, -90, -90)), LUFS) == Silences()


def test_a_silent_file_has_none() -> None:
    assert find(blocks((10, -120, -120)), -70) == Silences()
    assert find(np.zeros(0), -70) == Silences()


def test_a_short_silence_is_a_rest() -> None:
    found = find(blocks((20, -18, -18), (1.5, -120, -120), (20, -18, -18)), LUFS)

    assert found.silences == ()
    assert found.rests == pytest.approx((20.75,), abs=0.1)


@pytest.mark.parametrize("gap_db", [-32, -45, -120])
def test_phrases_are_told_from_notes(gap_db: float) -> None:
    """Between two notes it is 8 dB quieter than on one; between two phrases, longer and more."""
    phrase = (*notes(PHRASE_S), (GAP_S, gap_db, gap_db))
    spent_s = sum(part[0] for part in phrase)

    found = find(blocks(*phrase * 6, *notes(PHRASE_S)), LUFS)

    ends = [(n + 1) * spent_s for n in range(6)]
    assert found.rests == pytest.approx([end - GAP_S / 2 for end in ends], abs=GAP_S / 2)


def test_of_many_alike_one_in_a_while() -> None:
    """A drum alone: any of its gaps will do, and each is just before a stroke."""
    found = find(blocks(*notes(60, every_s=0.75, decay_db=30)), LUFS)

    assert 60 / (2 * APART_S) - 1 <= len(found.rests) <= 60 / APART_S
    assert np.diff(found.rests).min() >= APART_S
    assert all(-0.16 <= (rest + 0.375) % 0.75 - 0.375 <= 0 for rest in found.rests)


def test_strokes_with_long_gaps_have_rests_too() -> None:
    """Most of the time it is quiet: what is around a gap is the strokes."""
    found = find(blocks(*((0.1, -10.0, -30.0), (0.9, -45.0, -45.0)) * 30), LUFS)

    assert len(found.rests) >= 60 / (2 * APART_S) - 3
    assert all(0.1 < rest % 1 < 1 for rest in found.rests)


def test_a_breath_before_it_grows_loud() -> None:
    found = find(blocks((20, -26, -26), (0.5, -36, -36), (20, -14, -14)), LUFS)

    assert found.rests == pytest.approx((20.25,), abs=0.15)


@pytest.mark.parametrize("first_db", [-40, -50])
def test_of_two_dips_close_together_the_deeper_counts(first_db: float) -> None:
    dips = (0.4, first_db, first_db), (2, -18, -18), (0.4, -45, -45)

    found = find(blocks((20, -18, -18), *dips, (20, -18, -18)), LUFS)

    assert found.rests == pytest.approx((20.2 if first_db < -45 else 22.6,), abs=0.1)


def test_the_slope_of_a_dip_that_is_too_close_is_no_rest() -> None:
    deep, valley = (0.3, -60.0, -60.0), ((0.4, -18.0, -40.0), (0.8, -40.0, -18.0))

    found = find(blocks((20, -18, -18), deep, (3.3, -18, -18), *valley, (20, -18, -18)), LUFS)

    assert found.rests == pytest.approx((20.15,), abs=0.1)


def test_a_fade_is_no_rest_and_neither_is_a_swell() -> None:
    assert find(blocks((12, -70, -18), (30, -18, -18), (12, -18, -70)), LUFS).rests == ()


def test_a_quieter_verse_is_not_one_long_rest() -> None:
    """The level falls by 12 dB for good: that is the music now."""
    found = find(blocks((30, -14, -14), (30, -26, -26), (30, -14, -14)), LUFS)

    assert found.rests == ()


PARTS = st.lists(
    st.tuples(st.floats(0.05, 9), st.floats(-100, -6), st.floats(-100, -6)), min_size=1, max_size=12
)


@given(PARTS)
@settings(max_examples=300, deadline=None)
def test_what_holds_for_any_music(parts: list[tuple[float, float, float]]) -> None:
    powers = blocks(*parts)
    found, boundaries = find(powers, LUFS), find_edges(powers, LUFS, len(powers) * BLOCK_S)

    for start, end in found.silences:
        assert boundaries.music_start_s < start < end < boundaries.music_end_s
        assert end - start >= SHORTEST_SILENCE_S - 1e-9
        assert (powers[round(start / BLOCK_S) : round(end / BLOCK_S)] <= 10**-5.8 + 1e-12).all()
    assert [start for start, _ in found.silences] == sorted(start for start, _ in found.silences)
    assert list(found.rests) == sorted(found.rests)
    assert all(boundaries.music_start_s < rest < boundaries.music_end_s for rest in found.rests)
    assert all(round(rest / BLOCK_S) * BLOCK_S == pytest.approx(rest) for rest in found.rests)
    middles = [rest for rest in found.rests if any(start < rest < end for start, end in found.silences)]
    assert len(middles) == len(found.silences)
    dips = sorted(set(found.rests) - set(middles))
    assert (np.diff(dips) > APART_S - 1e-9).all()


@given(PARTS, st.sampled_from([0.25, 0.5, 2.0, 4.0]))
@settings(max_examples=100, deadline=None)
def test_louder_or_softer_the_pauses_are_the_same(
    parts: list[tuple[float, float, float]], gain: float
) -> None:
    powers = blocks(*parts) * 1.0123  # no level lies right on the edge of silence, where rounding decides

    assert find(powers * gain, LUFS + 10 * np.log10(gain)).silences == find(powers, LUFS).silences


def test_a_dip_has_to_be_deep_enough() -> None:
    for dip_db, count in ((DIP_DB - 1, 0), (DIP_DB + 1, 1)):
        found = find(blocks((20, -18, -18), (0.5, -18 - dip_db, -18 - dip_db), (20, -18, -18)), LUFS)
        assert len(found.rests) == count, dip_db
