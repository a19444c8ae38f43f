"""Where music begins, ends and fades, from levels made here."""

import numpy as np
import pytest

from player.library.analysis.boundaries import BLOCK_S, FADE_DB, LONGEST_FADE_S, find

LUFS = -18.0


def blocks(*parts: tuple[float, float, float]) -> np.ndarray:
    """Mean squares of parts (seconds, dB at its start, dB at its end)."""
    levels = [np.linspace(start, end, round(s / BLOCK_S)) for s, start, end in parts]
    return 10 ** (np.concatenate(levels) / 10)


def test_music_from_end_to_end() -> None:
    found = find(blocks((60, -18, -18)), LUFS, 60.02)

    assert (found.music_start_s, found.music_end_s, found.fade_out_s) == (0, 60.02, 60.02)


def test_silence_before_and_after() -> None:
    found = find(blocks((2, -120, -120), (30, -18, -18), (3.5, -90, -90)), LUFS, 35.5)

    assert found.music_start_s == pytest.approx(2)
    assert found.music_end_s == pytest.approx(32)
    assert found.fade_out_s == found.music_end_s


@pytest.mark.parametrize("fade_s", [4, 8, 15])
def test_a_fade(fade_s: float) -> None:
    """It begins about where FADE_DB are lost, and ends where a listener hears nothing more."""
    found = find(blocks((60, -18, -18), (fade_s, -18, -78), (1, -120, -120)), LUFS, 61 + fade_s)

    assert found.fade_out_s == pytest.approx(60 + fade_s * FADE_DB / 60, abs=0.6)
    assert found.music_end_s == pytest.approx(60 + fade_s * 40 / 60, abs=0.1)


def test_a_pause_in_the_middle_is_no_end() -> None:
    found = find(blocks((30, -18, -18), (5, -120, -120), (30, -18, -18)), LUFS, 65)

    assert (found.music_start_s, found.music_end_s, found.fade_out_s) == (0, 65, 65)


def test_a_quiet_track_is_measured_against_itself() -> None:
    """Chamber music at -40 LUFS is not silence."""
    found = find(blocks((1, -100, -100), (30, -40, -45)), -42, 31)

    assert found.music_start_s == pytest.approx(1)
    assert found.music_end_s == 31


def test_no_fade_is_longer_than_the_longest() -> None:
    found = find(blocks((200, -18, -18), (50, -18, -50)), LUFS, 250)

    assert found.fade_out_s == pytest.approx(max(250 - LONGEST_FADE_S, found.fade_out_s))


def test_silence_is_music_from_end_to_end() -> None:
    found = find(blocks((10, -120, -120)), -70, 10)

    assert (found.music_start_s, found.music_end_s, found.fade_out_s) == (0, 10, 10)
