"""Every part of the running player, built from a Config, lowest first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from player.clock import HistoryClock, HouseClock, Wall
from player.config import precedence
from player.config.settings import Config
from player.events import (
    CommandDone,
    DaypartChanged,
    EventBus,
    FileMissing,
    HoursChanged,
    LensChanged,
    LibraryReopened,
    MoodShifted,
    PlaybackEvent,
    SceneRead,
    SettingsReloaded,
    TrackStarted,
)
from player.interfaces.commands import CommandHandler
from player.library.database.store import Library
from player.library.service import LibraryService, playback_busy_reason
from player.mood.tracker import MoodTracker
from player.mood_controller import MoodController
from player.playback.monitor.audio_monitor import AudioMonitorProcess
from player.playback.service import PlaybackService, spawn_decks
from player.room.mood_state import MoodState
from player.room.perception import PerceptionService
from player.schedule.announcements import Announcements
from player.schedule.opening_actions import OpeningActions
from player.schedule.venue_schedule import VenueSchedule
from player.selection.learning import Learning
from player.selection.selector import HURRY_S, Selector
from player.state import places, state_file
from player.state.store import SavedState, StateStore
from player.types import Json


@dataclass
class Components:
    """All parts, by what they do. A reload replaces `music` and `eyes`, and tells the others what is new."""

    config: Config
    events: EventBus
    clock: HouseClock
    library: Library
    room: MoodState
    learning: Learning
    selection: Selector
    playback: PlaybackService
    mood_controller: MoodController
    announcements: Announcements
    opening_actions: OpeningActions
    venue_schedule: VenueSchedule
    music: LibraryService
    perception: PerceptionService
    memory: StateStore
    controls: CommandHandler


def build(
    config: Config,
    folder: Path,
    saved: SavedState,
    restart: Callable[[str], None],
) -> Components:
    """Build all parts and start none, but for the decks: their processes take as long as all that follows.

    `folder` has database and state.
    `restart` begins the process anew.
    """
    decks, events = spawn_decks(config.playback), EventBus()
    library = Library(
        folder / state_file.DATABASE, insist=False, on_reopened=lambda: events.publish(LibraryReopened())
    )
    clock = HouseClock(config.timezone)
    room = MoodState(MoodTracker(config.mood, config.dayparts), wall=clock)
    learning = Learning(config.choice, library)

    def folders() -> tuple[Path, ...]:
        return components.music.folders()  # of whatever takes the place of `music` below

    def unresponsive() -> bool:
        return components.music.unresponsive

    with library.database.deadline(HURRY_S):
        history_clock = HistoryClock(clock, library.last_play)
    selection = Selector(
        config, library, room, folders, history_clock, learning, events.publish, unresponsive
    )
    playback = PlaybackService(
        config.playback,
        decks,
        selection.choose,
        events.publish,
        monitor=AudioMonitorProcess(),
        restart=restart,
        restarted_at=saved.restarted_at,
        announcements=config.announcements,
    )
    announcements = Announcements(library, playback.announce)
    mood_controller = MoodController(config, room, selection, playback)
    opening_actions = OpeningActions(
        playback,
        config.hours.fade_s,
        events.publish,
        announcements.say,
    )
    venue_schedule = VenueSchedule(config, clock.zone, opening_actions)
    music = build_music(config, library, playback, clock)
    on = precedence.camera_at_start(config.camera.enabled, saved.configured_camera, saved.camera_on)
    perception = build_perception(config, room, events, on)
    memory = StateStore(folder / state_file.STATE, lambda: snapshot(components), saved)
    components = Components(
        config=config,
        events=events,
        opening_actions=opening_actions,
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
            events.publish,
        ),
    )
    _connect(components)
    return components


def _connect(components: Components) -> None:
    """Who hears of what."""
    events, mood_controller = components.events, components.mood_controller
    events.subscribe(PlaybackEvent, components.selection.on_playback_event)
    events.subscribe(LensChanged, mood_controller.on_lens)
    events.subscribe(SceneRead, mood_controller.on_scene)
    events.subscribe(MoodShifted, mood_controller.on_shift)
    events.subscribe(DaypartChanged, mood_controller.on_daypart)
    events.subscribe(HoursChanged, lambda hours: components.perception.suspend(not hours.open))
    events.subscribe(FileMissing, lambda _: components.music.rescan())
    events.subscribe(LibraryReopened, lambda _: components.music.rescan())
    for saved_soon in (TrackStarted, CommandDone, SettingsReloaded):
        events.subscribe(saved_soon, lambda _: components.memory.changed())


def build_music(config: Config, library: Library, playback: PlaybackService, wall: Wall) -> LibraryService:
    """The folders, their scans and the analysis."""
    return LibraryService(config.library, library, lambda: playback_busy_reason(playback.status()), wall)


def build_perception(config: Config, room: MoodState, events: EventBus, camera_on: bool) -> PerceptionService:
    """Camera and models."""
    return PerceptionService(config, room, events.publish, camera_on, lambda: places.place(config).folder)


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
