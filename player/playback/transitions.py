"""How one track gives way to the next: where in the old one, how slowly, and from where in the new one.

Pure functions of what the library knows of both; the mixer carries the plan out.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import dropwhile
from typing import assert_never

from player.config.settings.playback import PlaybackSettings
from player.playback.pieces import main_piece, piece_ends_at
from player.types import ChangeReason, Choice, Track, Transition

JOIN_MS = 20
"""Tracks of an album overlap by this much, the accuracy of a start on a busy machine: a gap is worse."""
CUT_MS = 150
"""A cut takes the old track away so fast."""
AT_SILENCE_MS = 60
"""If the old track has ended in silence, the new one begins this much before: no gap, nothing lost."""
TAIL_S = 1.3
"""While libVLC plays out what it holds of a file's end it lets nobody change the level: fades end before."""
LEAD_S = 0.02
"""A track begins this long before its music does."""
DYING_S = 15.0
"""A track that dies away by itself makes room for at most so long before its end."""
REST_S = 10.0
"""How long a change of mood waits for a rest in the music that plays."""
SEEK_MS = 300
OVERLAP = 0.5
"""Share of a fade-out after which the next track begins, if that one does not fade in."""


@dataclass(frozen=True, slots=True)
class Style:
    """How the venue has its transitions at present."""

    kind: Transition = Transition.CROSSFADE
    crossfade_s: float = 6.0


@dataclass(frozen=True, slots=True)
class Plan:
    """One transition."""

    begin_s: float | None = None
    """Where in the old track it begins; None at once."""
    start_s: float = 0.0
    """Where the new track begins."""
    out_ms: int = 0
    in_ms: int = 0
    delay_ms: int = 0
    """The new track begins so long after the old one has begun to go."""


def length_s(track: Track, deck_s: float) -> float:
    """How long a track is, in seconds, 0 while unknown; `deck_s` is what the deck says, 0 likewise.

    What the analysis has decoded beats the deck, which for a file without a length of its own may guess.
    """
    heard_s = track.duration_s if track.music_end_s is not None else 0.0
    return heard_s or deck_s or track.duration_s


def ends_at(track: Track, duration_s: float, until_s: float | None = None, position_s: float = 0.0) -> float:
    """Where a track is over, in seconds: its music's end, or sooner if `until_s` says so; 0 while unknown.

    `duration_s` is what the deck says, 0 while it does not know. So does a long silence ahead.
    """
    duration_s = length_s(track, duration_s)
    piece_s = piece_ends_at(track, position_s) or 0.0
    ends = [end for end in (duration_s, track.music_end_s or 0.0, until_s or 0.0, piece_s) if end > 0]
    return min(ends, default=0.0)


def starts_at(track: Track) -> float:
    """Where its music begins, in seconds, or just before; of several pieces, where the longest does."""
    return max(0.0, main_piece(track)[0] - LEAD_S)


def begins_at(
    style: Style, track: Track, duration_s: float, until_s: float | None = None, position_s: float = 0.0
) -> float:
    """Where in a track that is at `position_s` the next one may take over at the soonest, in seconds; 0 while
    that is unknown.
    """
    end_s = ends_at(track, duration_s, until_s, position_s)
    return _turn(style, track, end_s, length_s(track, duration_s), until_s)[0] if end_s > 0 else 0.0


def following(
    style: Style,
    before: Track,
    after: Track,
    duration_s: float,
    until_s: float | None = None,
    position_s: float = 0.0,
) -> Plan:
    """The transition at the end of a track at `position_s`, whose length the deck says is `duration_s`."""
    end_s = ends_at(before, duration_s, until_s, position_s)
    start_s = starts_at(after)
    if end_s <= 0:
        return Plan(None, start_s)
    if until_s is None and after.follows(before) and piece_ends_at(before, position_s) is None:
        whole_s = length_s(before, duration_s)
        return Plan(max(0.0, whole_s - JOIN_MS / 1000), 0.0, 2 * JOIN_MS)
    begin_s, out_ms = _turn(style, before, end_s, length_s(before, duration_s), until_s)
    in_ms = min(out_ms, round(style.crossfade_s * 1000)) if style.kind is Transition.CROSSFADE else 0
    return Plan(begin_s, start_s, out_ms, in_ms, _delay_ms(style, out_ms))


def changing(style: Style, before: Track, after: Track, position_s: float, fade_s: float, wait: bool) -> Plan:
    """The transition in the middle of a track, taking `fade_s`; `wait`: a cut may wait for a rest."""
    start_s = starts_at(after)
    out_ms = round(fade_s * 1000)
    match style.kind:
        case Transition.CUT:
            if not wait:
                return Plan(None, start_s, CUT_MS)
            coming = next(dropwhile(lambda rest_s: rest_s <= position_s, before.rests), None)
            if coming is not None and coming - position_s <= REST_S:
                return Plan(coming, start_s, CUT_MS, 0, CUT_MS // 2)
            return Plan(None, start_s, out_ms, out_ms)
        case Transition.FADE_OUT:
            return Plan(None, start_s, out_ms, 0, _delay_ms(style, out_ms))
        case Transition.CROSSFADE:
            return Plan(None, start_s, out_ms, out_ms)
    assert_never(style.kind)


def planned(
    why: ChangeReason,
    style: Style,
    settings: PlaybackSettings,
    current: Choice | None,
    after: Track,
    position_s: float,
    duration_s: float,
) -> Plan:
    """How a track takes over from the present one, which is at `position_s` of `duration_s`.

    `why`: a SHIFT may wait for a rest; a SKIP, and what was not to be heard (ALARM, SAFE), goes at once; at
    another OUTPUT, and by a SEEK, the same track goes on; else it is the end of the track.
    """
    if current is None:
        return Plan(None, starts_at(after))
    match why:
        case ChangeReason.SHIFT:
            return changing(style, current.track, after, position_s, settings.shift_fade_s, wait=True)
        case ChangeReason.SKIP | ChangeReason.ALARM | ChangeReason.SAFE:
            return changing(style, current.track, after, position_s, settings.skip_fade_s, wait=False)
        case ChangeReason.OUTPUT | ChangeReason.SEEK:
            fade_ms = SEEK_MS if why is ChangeReason.SEEK else round(settings.skip_fade_s * 1000)
            return Plan(None, 0.0, fade_ms, fade_ms)
        case ChangeReason.START | ChangeReason.NEXT | ChangeReason.ERROR | ChangeReason.STOP:
            return following(style, current.track, after, duration_s, current.until_s, position_s)
    assert_never(why)


def _turn(
    style: Style, track: Track, end_s: float, whole_s: float, until_s: float | None
) -> tuple[float, int]:
    """Where a track of `whole_s` begins to go, and within how many milliseconds it is gone."""
    if style.kind is Transition.CUT and until_s is None:
        return max(0.0, end_s - AT_SILENCE_MS / 1000), AT_SILENCE_MS
    if whole_s > 0:
        end_s = min(end_s, max(whole_s - TAIL_S, whole_s / 2))
    fade_s = min(style.crossfade_s, end_s / 3)
    begin_s = end_s - fade_s
    if track.fade_out_s is not None and until_s is None and track.fade_out_s < begin_s:
        begin_s = max(track.fade_out_s, end_s - max(DYING_S, fade_s))
    return begin_s, round((end_s - begin_s) * 1000)


def _delay_ms(style: Style, out_ms: int) -> int:
    return round(out_ms * OVERLAP) if style.kind is Transition.FADE_OUT else 0
