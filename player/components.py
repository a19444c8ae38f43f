"""Every part of the running player, built from a Config, lowest first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from player.clock import HouseClock, LedgerClock, Wall
from player.config import precedence
from player.config.settings import Config
from player.interfaces.commands import Controls
from player.library.database.store import Library
from player.library.service import Music, disturbance
from player.mood.tracker import MoodTracker
from player.mood_controller import Conductor
from player.playback.deck import PlaybackEvent
from player.playback.monitor.audio_monitor import EarProcess
from player.playback.service import Jukebox, spawn_decks
from player.room.mood_state import Room
from player.room.perception import Eyes
from player.schedule.announcements import Announcements
from player.schedule.opening_actions import Doors
from player.schedule.venue_schedule import Timetable
from player.selection.learning import Learning
from player.selection.selector import HURRY_S, Selection
from player.state import places, state_file
from player.state.store import Memory, Remembered
from player.types import Json


@dataclass
class Parts:
    """All parts, by what they do. A reload replaces `music` and `eyes`, and tells the others what is new."""

    config: Config
    clock: HouseClock
    library: Library
    room: Room
    learning: Learning
    selection: Selection
    jukebox: Jukebox
    conductor: Conductor
    announcements: Announcements
    timetable: Timetable
    music: Music
    eyes: Eyes
    memory: Memory
    controls: Controls


def build(
    config: Config,
    folder: Path,
    remembered: Remembered,
    on_event: Callable[[PlaybackEvent], None],
    restart: Callable[[str], None],
) -> Parts:
    """Build all parts and start none, but for the decks: their processes take as long as all that follows.

    `folder` has database and state.
    `on_event` is told what the loudspeaker does, on the playback thread; `restart` begins the process anew.
    """
    decks = spawn_decks(config.playback)
    library = Library(folder / state_file.DATABASE, insist=False)
    clock = HouseClock(config.timezone)
    room = Room(MoodTracker(config.mood, config.dayparts), wall=clock)
    learning = Learning(config.choice, library)

    def folders() -> tuple[Path, ...]:
        return parts.music.folders()  # of whatever takes the place of `music` below

    def rescan() -> None:
        parts.music.rescan()

    def dead() -> bool:
        return parts.music.dead

    def rest(resting: bool) -> None:
        parts.eyes.rest(resting)

    library.database.on_reopened = rescan
    with library.database.in_a_hurry(HURRY_S):
        ledger_clock = LedgerClock(clock, library.last_play)
    selection = Selection(
        config, library, room, folders, ledger_clock, learning, on_missing=rescan, dead=dead
    )
    jukebox = Jukebox(
        config.playback,
        decks,
        selection.choose,
        on_event,
        ear=EarProcess(),
        restart=restart,
        restarted_at=remembered.restarted_at,
        announcements=config.announcements,
    )
    announcements = Announcements(library, jukebox.announce)
    conductor = Conductor(config, room, selection, jukebox)
    doors = Doors(jukebox, lambda: parts.config.hours.fade_s, rest, conductor.on_daypart, announcements.say)
    timetable = Timetable(config, clock.zone, doors)
    music = build_music(config, library, jukebox, clock)
    on = precedence.camera_at_start(config.camera.enabled, remembered.configured_camera, remembered.camera_on)
    eyes = build_eyes(config, room, conductor, on)
    memory = Memory(folder / state_file.STATE, lambda: snapshot(parts), remembered)
    parts = Parts(
        config=config,
        clock=clock,
        library=library,
        room=room,
        learning=learning,
        selection=selection,
        jukebox=jukebox,
        conductor=conductor,
        announcements=announcements,
        timetable=timetable,
        music=music,
        eyes=eyes,
        memory=memory,
        controls=Controls(
            room,
            jukebox,
            eyes,
            music,
            selection,
            conductor.set_night,
            timetable,
            announcements.say_file,
            memory.changed,
        ),
    )
    return parts


def build_music(config: Config, library: Library, jukebox: Jukebox, wall: Wall) -> Music:
    """The folders, their scans and the analysis."""
    return Music(config.library, library, lambda: disturbance(jukebox.status()), wall)


def build_eyes(config: Config, room: Room, conductor: Conductor, camera_on: bool) -> Eyes:
    """Camera and models."""
    return Eyes(config, room, conductor.on_step, camera_on, lambda: places.place(config).folder)


def snapshot(parts: Parts) -> Json:
    """What a restart needs to go on as if nothing had been."""
    playback = parts.jukebox.status()
    asked = precedence.asked(parts.config, parts.conductor.part)
    track, coming = playback.get("track") or {}, playback.get("next") or {}
    return {
        "room": parts.room.state(),
        "volume": playback["volume_wanted"],
        "configured_volume": asked.general,
        "configured_part": asked.part,
        "configured_part_volume": asked.of_part,
        "configured_camera": parts.config.camera.enabled,
        "configured_nights": precedence.nights(parts.config.dayparts),
        "night": parts.conductor.night,
        "paused": playback["state"] == "paused",
        "path": track.get("path"),
        "position_s": playback.get("position_s"),
        "coming": coming.get("path"),
        "camera_on": parts.eyes.camera_on,
        "open_by_hand": parts.timetable.by_hand,
        "saved_at": parts.clock().timestamp(),
        "restarted_at": list(parts.jukebox.restarted_at),
    }
