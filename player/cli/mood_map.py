"""The library as a picture: every track a dot on the plane of moods, as SVG written by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape

from player.emotions import vocabularies
from player.types import MoodPoint, Track

MAX_DOTS = 5000
"""More tracks than this are drawn as squares of a grid, so that a million of them stay a small file."""

_SIZE, _MARGIN, _CELLS = 800, 70, 60
_SPAN = _SIZE - 2 * _MARGIN
_COLOURS = {"Q1": "#e8963a", "Q2": "#c8434f", "Q3": "#4b64b0", "Q4": "#3f9d7a"}
_WORDS = {
    False: ("valence: sad to happy", "energy: still to lively", "{} track{}"),
    True: ("정서가: 슬픔에서 기쁨으로", "에너지: 고요에서 활기로", "{}곡"),
}


def draw_map(tracks: Iterable[Track], korean: bool = False) -> str:
    """An SVG document, 800 by 800: valence to the right, energy upwards, each in [-1, 1].

    Each analysed track is a dot in the colour of its quadrant, fainter the less sure the analysis is; tracks
    without a mood are left out. More than MAX_DOTS become a 60 by 60 grid whose squares darken with the
    logarithm of what they hold. The 13 feelings are written at their places, in Korean if `korean`.
    """
    moods = [(track.mood, track.confidence) for track in tracks if track.mood is not None]
    x_label, y_label, count = _WORDS[korean]
    tracks_said = count.format(f"{len(moods):,}", "" if len(moods) == 1 else "s")
    drawn = _dots(moods) if len(moods) <= MAX_DOTS else _grid([mood for mood, _ in moods])
    middle, low, high = _SIZE / 2, _MARGIN, _SIZE - _MARGIN
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_SIZE} {_SIZE}" '
            'font-family="Inter, Noto Sans CJK KR, Noto Sans KR, sans-serif" text-anchor="middle">',
            f'<rect width="{_SIZE}" height="{_SIZE}" fill="#fbfaf7"/>',
            f'<path d="M{low} {low}H{high}V{high}H{low}z" fill="#fff" stroke="#ddd8ce"/>',
            f'<path d="M{middle} {low}V{high}M{low} {middle}H{high}" stroke="#e6e1d8"/>',
            *drawn,
            *_labels(korean),
            f'<g font-size="15" fill="#6b665c"><text x="{middle}" y="{high + 38}">{x_label}</text>',
            f'<text transform="translate({low - 28} {middle}) rotate(-90)">{y_label}</text>',
            f'<text x="{high}" y="{low - 22}" text-anchor="end">{tracks_said}</text></g>',
            "</svg>\n",
        ]
    )


def _place(point: MoodPoint) -> tuple[float, float]:
    return (
        round(_MARGIN + (point.valence + 1) / 2 * _SPAN, 1),
        round(_MARGIN + (1 - point.energy) / 2 * _SPAN, 1),
    )


def _colour(point: MoodPoint) -> str:
    upper = ("Q2", "Q1") if point.energy >= 0 else ("Q3", "Q4")
    return _COLOURS[upper[point.valence >= 0]]


def _dots(moods: Sequence[tuple[MoodPoint, float | None]]) -> list[str]:
    radius = 6 if len(moods) <= 200 else 3.5
    dots = []
    for mood, confidence in moods:
        x, y = _place(mood)
        opacity = 0.25 + 0.65 * confidence if confidence else 0.7  # 0: it does not know
        dots.append(
            f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{_colour(mood)}" fill-opacity="{opacity:.2f}"/>'
        )
    return dots


def _grid(moods: Sequence[MoodPoint]) -> list[str]:
    cells = Counter((_cell(mood.valence), _cell(mood.energy)) for mood in moods)
    fullest = max(cells.values()).bit_length()
    side = _SPAN / _CELLS
    squares = []
    for (column, row), held in sorted(cells.items()):
        centre = MoodPoint((column + 0.5) / _CELLS * 2 - 1, (row + 0.5) / _CELLS * 2 - 1)
        x, y = _place(centre)
        squares.append(
            f'<rect x="{x - side / 2:.1f}" y="{y - side / 2:.1f}" width="{side:.1f}" height="{side:.1f}" '
            f'fill="{_colour(centre)}" fill-opacity="{0.1 + 0.85 * held.bit_length() / fullest:.2f}"/>'
        )
    return squares


def _cell(value: float) -> int:
    return min(_CELLS - 1, int((value + 1) / 2 * _CELLS))


def _labels(korean: bool) -> list[str]:
    labels = ['<g font-size="14" fill="#2d2a26" stroke="#fff" stroke-width="3" paint-order="stroke">']
    for named in vocabularies()["feelings"].values():
        x, y = _place(named.point)
        labels.append(
            f'<text x="{x}" y="{y + 5:.1f}">{escape(named.korean if korean else named.name)}</text>'
        )
    return [*labels, "</g>"]
