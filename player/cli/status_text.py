"""The running player's status, for a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from player.counting import counted
from player.emotions import describe_music
from player.privacy.printable import printable
from player.status import LensState
from player.types import Json, MoodPoint


def describe(status: Json) -> str:
    """A few lines: what plays and why, what the room is like, what is wrong if anything is."""
    playback, room, perception, library = (
        status[key] for key in ("playback", "room", "perception", "library")
    )
    track = playback.get("track")
    opening = _opening(playback["state"], status["hours"])
    night = " (night mode)" if playback.get("night") else ""
    lines = [f"{playback['state']}{opening}, volume {playback['volume']} %{night}"]
    if track:
        place = f"{clock(playback.get('position_s'))} of {clock(playback.get('duration_s'))}"
        lines += [f"track    {_by(track)} ({place})", f"why      {track.get('reason', '')}"]
    if playback.get("silent_reason"):
        lines.append(f"silent   {playback['silent_reason']}")
    lines += _heard(playback)
    announced = playback.get("announcement") or {}
    if announced.get("title"):
        waiting = f", {announced['waiting']} more waiting" if announced["waiting"] else ""
        lines.append(f"says     {announced['title']}{waiting}")
    lines += _noise(status["playback"].get("room_noise") or {})
    target = room["target"]
    word = describe_music(MoodPoint(target["valence"], target["energy"]))
    lines.append(f"target   {word} music: {target['reason']}")
    if room["pinned"]:
        lines.append(f"pinned   {room['pinned']}{_until(room)}")
    camera = perception["camera"]
    lens = f", lens {perception['lens']}" if perception.get("lens") not in (None, LensState.OK) else ""
    lines.append(f"camera   {camera['state']}, {camera.get('source') or 'no source'}{lens}")
    if perception.get("scene") and perception.get("sees", True):
        lines.append(f"scene    {perception['scene']['caption']}")
    if room.get("unusual") and perception.get("sees", True):
        lines.append(f"unusual  {', '.join(room['unusual'])}")
    lines += [f"sensor   {_sensed(sensor)}" for sensor in room.get("sensors", ())]
    lines += _taught(room.get("taught") or {})
    if perception.get("mood_reader"):
        lines.append(f"moods    read by {perception['mood_reader']['reader']}")
    if perception.get("gate"):
        gate = perception["gate"]
        lines.append(f"looks    {gate['looked']}; {gate['saved']} more were saved, as nothing had changed")
    lines.append(
        f"library  {counted(library['tracks'], 'track')}, {library['analysed']} analysed{_skipped(library)}"
    )
    lines += [f"playlist {sentence}" for sentence in library.get("playlists", ())]
    if (library.get("analysis") or {}).get("paused"):
        lines.append(f"waits    the analysis of new tracks: {library['analysis']['paused']}")
    if status["front"]["address"]:
        lines.append(f"page     {status['front']['address']}")
    players = (status["front"].get("snapcast") or {}).get("players")
    if players is not None:
        lines.append(f"snapcast left for Snapcast: {counted(players, 'client')} can be heard")
    notes = (perception.get("note"), (perception.get("mood_reader") or {}).get("note"))
    lines += [f"note     {note}" for note in notes if note]
    problems = (
        perception.get("problem"),
        library.get("problem"),
        status["front"]["problem"],
        *status.get("problems", ()),
    )
    lines += [f"problem  {problem}" for problem in dict.fromkeys(problems) if problem]
    return "\n".join(map(printable, lines))


def _noise(noise: Json) -> Iterator[str]:
    """What a microphone hears, and what that does to the volume."""
    if noise.get("problem"):
        yield f"noise    the room is not heard: {noise['problem']}"
    elif noise.get("enabled"):
        level = "not known yet" if noise["noise_db"] is None else f"{noise['noise_db']:.0f} dB"
        yield f"noise    {level}, volume {noise['offset_db']:+.1f} dB"


def _skipped(library: Json) -> str:
    """How many files and folders cannot be used; why, the log and `library scan` say."""
    return f", {library['skipped']} skipped" if library.get("skipped") else ""


def _opening(state: str, hours: Json) -> str:
    """When a closed venue opens, and why music plays in one."""
    if hours["manual_override"]:
        return " (closed: by hand, until the next closing)"
    if state != "closed" or not hours["changes_at"]:
        return ""
    return f", opens {datetime.fromisoformat(hours['changes_at']):%a %d %b %H:%M}"


def _heard(playback: Json) -> list[str]:
    """What is heard of the music, and what the watchdog did."""
    heard, lines = playback.get("audible"), []
    if not heard:
        return []
    if heard["heard_db"] is not None and playback["state"] == "playing":
        lines.append(f"heard    {heard['heard_db']:.0f} dBFS, {heard['listening']}")
    if heard["silent_s"] >= 3:
        lines.append(f"silent   for {heard['silent_s']:.0f} s, though it should be heard")
    if heard["last_step"]:
        last, count = heard["last_step"], sum(heard["steps"].values())
        lines.append(
            f"watchdog {counted(count, 'step')} so far, the last {_ago(last['ago_s'])} ago: {last['step']}"
        )
    if heard["problem"]:
        lines.append(f"problem  {heard['problem']}")
    return lines


def _ago(seconds: int) -> str:
    """12 s, 3 min, 5 h."""
    if seconds < 60:
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds < 3600 else f"{seconds // 3600} h"


def clock(seconds: float | None) -> str:
    """3:07, or ?:?? if unknown."""
    if seconds is None:
        return "?:??"
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def in_a_line(status: Json) -> str:
    """What a person would call a change, in one line: what plays, how loud, for which room, what is wrong."""
    playback, room = status["playback"], status["room"]
    track, coming = playback.get("track"), playback.get("next")
    said = [f"{playback['state']}{_opening(playback['state'], status['hours'])}"]
    if track:
        said.append(_by(track))
    if coming:
        said.append(f"next {_by(coming)}")
    said.append(f"volume {playback['volume_wanted']} %{' (night mode)' if playback.get('night') else ''}")
    said.append(f"pinned to {room['pinned']}{_until(room)}" if room["pinned"] else room["target"]["reason"])
    said += [
        problem
        for problem in (
            playback.get("silent_reason"),
            (playback.get("audible") or {}).get("problem"),
            status["perception"].get("problem"),
            status["library"].get("problem"),
            *status["problems"],
        )
        if problem
    ]
    return " · ".join(said)


def _taught(taught: Json) -> list[str]:
    if not taught.get("moments"):
        return []
    followed = f"the reading follows {taught['counting']} of them by {taught['weight']:.0%}"
    return [
        f"taught   {counted(taught['moments'], 'moment')} of this room; {taught.get('problem') or followed}"
    ]


def _sensed(sensor: Json) -> str:
    """What a sensor says, its usual, and what it does."""
    name, unit = sensor["name"], f" {sensor['unit']}" if sensor["unit"] else ""
    if sensor["said"] is None:
        return f"{name}: nothing yet"
    value = sensor["said"] if sensor["value"] is None else f"{sensor['value']:,.10g}{unit}"
    usual = "" if sensor["usual"] is None else f", usually {sensor['usual']:,.10g}{unit}"
    pace = " an hour" if sensor["kind"] == "counter" else ""
    done = "silent for too long to count" if sensor["stale"] else sensor["reason"]
    return f"{name}: {value}{pace}{usual}{f' ({done})' if done else ''}"


def _until(room: Json) -> str:
    until = room.get("pinned_until")
    return f" until {datetime.fromisoformat(until):%a %H:%M}" if until else ""


def _by(track: Json) -> str:
    return f"{track['title']} by {track['artist']}" if track.get("artist") else str(track["title"])
