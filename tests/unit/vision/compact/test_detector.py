"""Anchors, decoding and thinning out, against values worked out by hand."""

import numpy as np
import pytest

from player.vision.compact.detector import Box, anchors, decode, detections, thin_out, to_input

N = 1917


def test_anchors_cover_six_grids() -> None:
    rows = anchors()
    assert rows.shape == (19 * 19 * 3 + (100 + 25 + 9 + 4 + 1) * 6, 4) == (N, 4)
    np.testing.assert_allclose(rows[0], [0.5 / 19, 0.5 / 19, 0.1, 0.1], rtol=1e-6)
    # Twice as wide as high, with the area of a square of side 0.2.
    np.testing.assert_allclose(rows[1, 2:], [0.2 / 2**0.5, 0.2 * 2**0.5], rtol=1e-6)
    np.testing.assert_allclose(rows[3], [0.5 / 19, 1.5 / 19, 0.1, 0.1], rtol=1e-6)
    np.testing.assert_allclose(rows[-1], [0.5, 0.5, (0.95 * 1.0) ** 0.5, 0.95**0.5], rtol=1e-6)


def test_a_zero_encoding_is_the_anchor_itself() -> None:
    boxes = decode(np.zeros((N, 4), np.float32))
    np.testing.assert_allclose(boxes[-6], [0.025, 0.025, 0.975, 0.975], atol=1e-6)


@pytest.mark.parametrize(
    ("encoding", "box"),
    [
        ((2.0, 0.0, 0.0, 0.0), (0.025, 0.215, 0.975, 1.0)),  # down by 2/10 of the height, cut at the edge
        ((0.0, -2.0, 0.0, 0.0), (0.0, 0.025, 0.785, 0.975)),
        ((0.0, 0.0, 5 * np.log(0.5), 0.0), (0.025, 0.2625, 0.975, 0.7375)),
        ((0.0, 0.0, 0.0, 5 * np.log(0.5)), (0.2625, 0.025, 0.7375, 0.975)),
    ],
)
def test_encodings_move_and_scale_the_anchor(encoding: tuple[float, ...], box: tuple[float, ...]) -> None:
    encoded = np.zeros((N, 4), np.float32)
    encoded[-6] = encoding
    np.testing.assert_allclose(decode(encoded)[-6], box, atol=1e-6)


@pytest.mark.parametrize(
    ("boxes", "scores", "overlap", "kept"),
    [
        ([], [], 0.6, []),
        ([(0, 0, 1, 1)], [0.5], 0.6, [0]),
        ([(0, 0, 1, 1), (0, 0, 1, 0.9)], [0.5, 0.6], 0.6, [1]),
        ([(0, 0, 1, 1), (0, 0, 1, 0.5)], [0.5, 0.6], 0.6, [1, 0]),
        ([(0, 0, 1, 1), (0, 0, 1, 0.5)], [0.5, 0.6], 0.4, [1]),
        ([(0, 0, 0.4, 1), (0.6, 0, 1, 1), (0, 0, 0.39, 1)], [0.3, 0.9, 0.2], 0.6, [1, 0]),
        ([(0, 0, 0, 0), (0, 0, 0, 0)], [0.3, 0.9], 0.6, [1, 0]),
    ],
)
def test_thinning_out(
    boxes: list[tuple[float, ...]], scores: list[float], overlap: float, kept: list[int]
) -> None:
    rows = np.array(boxes, np.float32).reshape(-1, 4)
    assert thin_out(rows, np.array(scores, np.float32), overlap) == kept


def test_outputs_become_detections_the_surest_first() -> None:
    encoded, scores = np.zeros((N, 4), np.float32), np.zeros((N, 91), np.float32)
    scores[-6, 1] = 0.7
    scores[-1, 1] = 0.6  # nearly the same box: thinned out
    scores[0, 1] = 0.5
    scores[-6, 18] = 0.9  # another class at the same place stays
    scores[1, 0] = 0.99  # background
    scores[2, 12] = 0.99  # a number without a class
    scores[3, 17] = 0.3  # below the threshold
    found = detections(encoded, scores, threshold=0.4)
    assert [(d.label, round(d.score, 2)) for d in found] == [("dog", 0.9), ("person", 0.7), ("person", 0.5)]
    assert found[0].box.area == pytest.approx(0.95**2)


def test_nothing_is_found_in_nothing() -> None:
    assert detections(np.zeros((N, 4), np.float32), np.zeros((N, 91), np.float32), 0.4) == []


def test_pixels_become_rgb_between_minus_one_and_one() -> None:
    image = np.zeros((40, 60, 3), np.uint8)
    image[..., 2] = 255  # BGR: pure red
    pixels = to_input(image)
    assert pixels.shape == (1, 3, 300, 300)
    assert pixels.dtype == np.float32
    np.testing.assert_allclose(pixels[0, :, 150, 150], [1, -1, -1])


def test_shared_area() -> None:
    box = Box(0.0, 0.0, 0.5, 0.5)
    assert box.shared(Box(0.25, 0.25, 1.0, 1.0)) == pytest.approx(0.0625)
    assert box.shared(Box(0.6, 0.6, 1.0, 1.0)) == 0.0
