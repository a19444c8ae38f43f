"""What the loudspeaker does, as the owner reads it in the log."""

from __future__ import annotations

import logging

from player.events import Alarm, Audible, Muted, PlaybackEvent, Silent, TrackFailed, TrackStarted
from player.log import EventLog, LogEvent, event
from player.types import Choice, Json, Target

log = EventLog(__name__, LogEvent.SELECTION)


def log_playback(what: PlaybackEvent, target: Target | None) -> None:
    """Write the line for an event, if it has one; `target` is what the present track was chosen for."""
    match what:
        case TrackStarted(choice, position_s):
            _log_start(choice, position_s, target)
        case TrackFailed(choice, reason):
            log.warning(
                "%s cannot be played (%s): skipping it",
                choice.track.path,
                reason,
                extra=event(LogEvent.TRACK),
            )
        case Silent(reason):
            log.error(
                "silent: %s Trying again.",
                reason.rstrip(".") + ".",
                extra=event(LogEvent.SILENT, reason=reason),
            )
        case Audible():
            log.info("there is sound again", extra=event(LogEvent.AUDIBLE))
        case Alarm(step, silent_s):
            log.warning(
                "nothing could be heard for %.0f s although music should play: trying %s",
                silent_s,
                step,
                extra=event(LogEvent.WATCHDOG, step=step, silent_s=round(silent_s, 1)),
            )
        case Muted(place):
            said = place or "the music is no longer muted"
            log.log(
                logging.WARNING if place else logging.INFO, said, extra=event(LogEvent.MUTED, place=place)
            )


def _log_start(choice: Choice, position_s: float, target: Target | None) -> None:
    track = choice.track
    aim: Json = {"target": target.name, "target_reason": target.reason} if target else {}
    by = f" by {track.artist}" if track.artist else ""
    fields: Json = {
        "path": track.path,
        "position_s": round(position_s, 2),
        "reason": choice.reason,
        "distance": choice.distance,
        "candidates": choice.candidates,
        "relaxed": choice.relaxed,
    }
    aim["score"] = dict(choice.score)
    log.info("%s%s: %s", track.title, by, choice.reason, extra=event(LogEvent.TRACK, **fields, **aim))
