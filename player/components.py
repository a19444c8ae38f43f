"""Every part of the running player, built from a Config, lowest first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from player.clock import HistoryClock, HouseClock, Wall
from player.config import precedence
from player.config.settings import Config
from player.interfaces.commands import CommandHandler
from player.library.database.store import Library
from player.library.service import LibraryService, playback_busy_reason
from player.mood.tracker import MoodTracker
from player.mood_controller import MoodController
from player.playback.deck import PlaybackEvent
from player.playback.monitor.audio_monitor import AudioMonitorProcess
from player.playback.service import PlaybackService, spawn_decks
from player.room.mood_state import MoodState
from player.room.perception import PerceptionService
from player.schedule.announcements import Announcements
from player.schedule.opening_actions import OpeningActions
from player.schedule.venue_schedule import VenueSchedule
from player.selection.learning import Learning
from player.selection.selector import DEADLINE_S, Selector
from player.state import places, state_file
from player.state.store import SavedState, StateStore
from player.types import Json


@dataclass
class Components:
    """All parts, by what they do. A reload replaces library and perception, and tells the others."""

    config: Config
    clock: HouseClock
    library: Library
    room: MoodState
    learning: Learning
    selection: Selector
    playback: PlaybackService
    mood_controller: MoodController
    announcements: Announcements
    venue_schedule: VenueSchedule
    music: LibraryService
    perception: PerceptionService
    memory: StateStore
    controls: CommandHandler


def build(
    config: Config,
    folder: Path,
    saved: SavedState,
    on_event: Callable[[PlaybackEvent], None],
    restart: Callable[[str], None],
) -> Components:
    """Build all parts and start none, but for the decks: their processes take as long as all that follows.

    `folder` has database and state.
    `on_event` is told what the loudspeaker does, on the playback thread; `restart` restarts the process.
    """
    decks = spawn_decks(config.playback)
    library = Library(folder / state_file.DATABASE, insist=False)
    clock = HouseClock(config.timezone)
    room = MoodState(MoodTracker(config.mood, config.dayparts), wall=clock)
    learning = Learning(config.choice, library)

    def folders() -> tuple[Path, ...]:
        return components.music.folders()  # of whatever takes the place of `music` below

    def rescan() -> None:
        components.music.rescan()

    def unresponsive() -> bool:
        return components.music.unresponsive

    def suspend(suspended: bool) -> None:
        components.perception.suspend(suspended)

    library.database.on_reopened = rescan
    with library.database.deadline(DEADLINE_S):
        history_clock = HistoryClock(clock, library.last_play)
    selection = Selector(
        config, library, room, folders, history_clock, learning, on_missing=rescan, unresponsive=unresponsive
    )
    playback = PlaybackService(
        config.playback,
        decks,
        selection.choose,
        on_event,
        monitor=AudioMonitorProcess(),
        restart=restart,
        restarted_at=saved.restarted_at,
        announcements=config.announcements,
    )
    announcements = Announcements(library, playback.announce)
    mood_controller = MoodController(config, room, selection, playback)
    opening_actions = OpeningActions(
        playback,
        lambda: components.config.hours.fade_s,
        suspend,
        mood_controller.on_daypart,
        announcements.say,
    )
    venue_schedule = VenueSchedule(config, clock.zone, opening_actions)
    music = build_music(config, library, playback, clock)
    on = precedence.camera_at_start(config.camera.enabled, saved.configured_camera, saved.camera_on)
    perception = build_perception(config, room, mood_controller, on)
    memory = StateStore(folder / state_file.STATE, lambda: snapshot(components), saved)
    components = Components(
        config=config,
        clock=clock,
        library=library,
        room=room,
        learning=learning,
        selection=selection,
        playback=playback,
        mood_controller=mood_controller,
        announcements=announcements,
        venue_schedule=venue_schedule,
        music=music,
        perception=perception,
        memory=memory,
        controls=CommandHandler(
            room,
            playback,
            perception,
            music,
            selection,
            mood_controller.set_night,
            venue_schedule,
            announcements.say_file,
            memory.changed,
        ),
    )
    return components


def build_music(config: Config, library: Library, playback: PlaybackService, wall: Wall) -> LibraryService:
    """The folders, their scans and the analysis."""
    return LibraryService(config.library, library, lambda: playback_busy_reason(playback.status()), wall)


def build_perception(
    config: Config, room: MoodState, mood_controller: MoodController, camera_on: bool
) -> PerceptionService:
    """Camera and models."""
    return PerceptionService(
        config, room, mood_controller.on_step, camera_on, lambda: places.place(config).folder
    )


def snapshot(components: Components) -> Json:
    """What a restart needs to go on as if nothing had been."""
    playback = components.playback.status()
    asked = precedence.asked(components.config, components.mood_controller.part)
    track, coming = playback.get("track") or {}, playback.get("next") or {}
    return {
        "room": components.room.state(),
        "volume": playback["volume_wanted"],
        "configured_volume": asked.general,
        "configured_part": asked.part,
        "configured_part_volume": asked.of_part,
        "configured_camera": components.config.camera.enabled,
        "configured_nights": precedence.nights(components.config.dayparts),
        "night": components.mood_controller.night,
        "paused": playback["state"] == "paused",
        "path": track.get("path"),
        "position_s": playback.get("position_s"),
        "coming": coming.get("path"),
        "camera_on": components.perception.camera_on,
        "open_by_hand": components.venue_schedule.manual_override,
        "saved_at": components.clock().timestamp(),
        "restarted_at": list(components.playback.restarted_at),
    }
