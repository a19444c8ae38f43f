"""What the library answers about its files, for a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from shlex import quote

from player.cli.status_text import clock
from player.counting import counted
from player.types import Json


def problem_lines(answer: Json, limit: int) -> Iterator[str]:
    """A line for each file that does not play, and how to see more of them if there are.

    limit  how many were asked for
    """
    for file in answer["files"]:
        yield f"{file['path']}: {file['problem']} {file['advice']}"
    if not answer["files"]:
        yield "no file has a problem."
    if answer["next"] is not None:
        yield f"more: `ambient-player problems {limit} --after {quote(answer['next'])}`"


def track_lines(answer: Json) -> Iterator[str]:
    """A track's name, and a line for each thing that is known of it."""
    track = answer["track"]
    by = f" by {track['artist']}" if track["artist"] else ""
    length = f" ({clock(track['duration_s'])})" if track["duration_s"] else ""
    yield f"{track['title']}{by}{length}"
    numbers = (("disc", track["disc_no"]), ("track", track["track_no"]))
    place = "".join(f", {name} {number}" for name, number in numbers if number)
    plays = [play["started_at"][:16].replace("T", " ") for play in track["last_plays"]]
    known = {
        "station" if track["station"] else "file": track["path"],
        "album": track["album"] and f"{track['album']}{place}",
        "genre": track["genre"],
        "composer": track["composer"],
        "label": track["label"],
        "isrc": track["isrc"],
        "mood": _mood(track["mood"]) or "not analysed",
        "analysis": _mood(track["heard_mood"]) if track["heard_mood"] != track["mood"] else "",
        "tempo": track["tempo_bpm"] and f"{track['tempo_bpm']:g} bpm",
        "key": track["key"],
        "loudness": track["loudness_lufs"] is not None and f"{track['loudness_lufs']:g} LUFS",
        "explicit": track["explicit"] and "yes",
        "plays": f"{track['plays']}{', last on ' * bool(plays)}{', '.join(plays)}",
        "feedback": ", ".join(f"{kind} {counted(n, 'time')}" for kind, n in track["feedback"].items()),
    }
    yield from (f"{name:<8} {text}" for name, text in known.items() if text)
    yield from (f"excluded {why}" for why in track["excluded"])


def _mood(mood: Json | None) -> str:
    """A track's mood in a few words; nothing of none."""
    if mood is None:
        return ""
    doubt = "" if mood["clear"] else ", not clear"
    point = f"valence {mood['valence']:+.2f}, energy {mood['energy']:+.2f}"
    return f"{mood['name']} by {mood['by']} ({point}{doubt})"
