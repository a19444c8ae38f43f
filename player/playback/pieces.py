"""A track that holds a long silence is two pieces of music: one plays, and nobody waits for the other.

So it is with a hidden song, minutes after the last one of an album, or with a word of welcome before it all.
"""

from __future__ import annotations

from player.types import Track

LONG_S = 10.0
"""A general pause lasts some seconds; a room that hears nothing for this long takes the music for broken."""
_MEASURED_S = 0.06
"""The analysis goes by steps of 0.05 s: one of LONG_S may come out a step shorter."""


def piece_ends_at(track: Track, position_s: float) -> float | None:
    """Where the piece that plays at `position_s` ends, because a long silence begins; None if none comes.

    Within a long silence that is where it began: what plays there is over already.
    """
    return next((begin_s for begin_s, end_s in _long(track) if end_s > position_s), None)


def main_piece(track: Track) -> tuple[float, float | None]:
    """Begin and end, in seconds, of the longest piece; the end is None if no long silence follows it."""
    silences = _long(track)
    begins = [track.music_start_s, *(end_s for _, end_s in silences)]
    last_s = track.music_end_s or track.duration_s
    ends: list[float | None] = [*(begin_s for begin_s, _ in silences), None]
    pieces = list(zip(begins, ends, strict=True))
    return max(pieces, key=lambda piece: (last_s if piece[1] is None else piece[1]) - piece[0])


def left_out(track: Track) -> list[tuple[float, float]]:
    """(from, to) of what is not played of a track, for the play history; empty for nearly all tracks."""
    if not _long(track):
        return []
    begin_s, end_s = main_piece(track)
    last_s = track.music_end_s or track.duration_s
    before = [(track.music_start_s, begin_s)] if begin_s > track.music_start_s else []
    return before + ([(end_s, last_s)] if end_s is not None else [])


def _long(track: Track) -> list[tuple[float, float]]:
    return [(begin_s, end_s) for begin_s, end_s in track.silences if end_s - begin_s >= LONG_S - _MEASURED_S]
