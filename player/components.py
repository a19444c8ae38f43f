"""Every part of the running player, built from a Config, lowest first.

The module is long because here alone it is seen who knows whom.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from player.backup.names import names_here
from player.backup.scheduled import LOOK_S as BACKUP_LOOK_S
from player.backup.scheduled import ScheduledBackups
from player.backup.scheduled import maker as backup_maker
from player.clock import ClockTrust, ClockWatch, HistoryClock, HouseClock
from player.config import precedence
from player.config.loader import default_path
from player.config.settings.config import Config
from player.diary.recorder import DiaryRecorder
from player.events import (
    CommandDone,
    DaypartChanged,
    Event,
    EventBus,
    FileMissing,
    HoursChanged,
    LensChanged,
    LibraryReopened,
    MoodShifted,
    PinEnded,
    PlaybackEvent,
    RoomNoise,
    SceneRead,
    SettingsReloaded,
    TrackStarted,
)
from player.interfaces.commands import CommandHandler
from player.interfaces.front.process import FrontProcess
from player.interfaces.handlers.config import ConfigCommands
from player.interfaces.handlers.day import DayCommands
from player.interfaces.handlers.house import HouseCommands
from player.interfaces.handlers.library import LibraryCommands
from player.interfaces.handlers.pictures import PictureCommands
from player.interfaces.handlers.playing import PlayingCommands
from player.interfaces.handlers.room import RoomCommands
from player.interfaces.handlers.saying import SayCommands
from player.interfaces.handlers.setup import SetupCommands
from player.interfaces.handlers.support import SupportCommands
from player.interfaces.handlers.teaching import TeachCommands
from player.interfaces.handlers.watching import WatchCommands
from player.interfaces.pictures.covers import CoverService
from player.interfaces.pictures.process import PictureProcess
from player.interfaces.recent_log import RecentLog
from player.interfaces.status_feed import StatusFeed
from player.interfaces.status_report import StatusReport
from player.interfaces.systemd.supervision import Supervision
from player.library.database.store import Library
from player.library.music_folders import MusicFolders
from player.library.service import LibraryService, playback_busy_reason
from player.models import BLIP_DIR
from player.mood.tracker import MoodTracker
from player.mood_controller import MoodController
from player.playback.monitor.audio_monitor import AudioMonitorProcess
from player.playback.service import PlaybackService, spawn_decks
from player.room.mood_state import MoodState
from player.room.perception import PerceptionService
from player.room.teaching import Teaching
from player.schedule.announcements import Announcements
from player.schedule.opening_actions import OpeningActions
from player.schedule.pin_timer import PinTimer
from player.schedule.scheduler import Scheduler
from player.schedule.venue_schedule import VenueSchedule
from player.schedule.voice import Voice
from player.selection.forecast import Forecast
from player.selection.learning import Learning
from player.selection.playlist_service import PlaylistService
from player.selection.selector import DEADLINE_S, Selector
from player.selection.track_numbers import TrackNumbers
from player.state import places, state_file, taught_moments
from player.state.store import SavedState, StateStore
from player.state.taught_moments import TaughtFile
from player.status import PlayerState
from player.types import Json
from player.vision.blip.offer import is_possible


@dataclass(frozen=True)
class Parts:
    """All parts but the commands that steer them, by what they do."""

    events: EventBus
    clock: HouseClock
    library: Library
    room: MoodState
    learning: Learning
    selection: Selector
    playback: PlaybackService
    playlists: PlaylistService
    mood_controller: MoodController
    announcements: Announcements
    voice: Voice
    opening_actions: OpeningActions
    venue_schedule: VenueSchedule
    pin_timer: PinTimer
    scheduler: Scheduler
    backups: ScheduledBackups
    music: LibraryService
    perception: PerceptionService
    snapshot: RestartSnapshot
    memory: StateStore
    front: FrontProcess
    forecast: Forecast
    report: StatusReport
    feed: StatusFeed
    pictures: PictureProcess
    diary: DiaryRecorder
    supervision: Supervision


@dataclass(frozen=True)
class Components(Parts):
    """All parts. They are the same from the start to the end; a reload configures them."""

    controls: CommandHandler


def build(
    config: Config,
    folder: Path,
    saved: SavedState,
    restart: Callable[[str], None],
    reload: Callable[[], Sequence[str]],
    config_path: Path | None = None,
    owners: Path | None = None,
    recent: RecentLog | None = None,
    passwords: Path | None = None,
) -> Components:
    """Build all parts and start none, but for the decks: their processes take as long as all that follows.

    `folder` has database and state; `owners`, where it is given, earlier configs and what the front keeps;
    `passwords`, where it is given, those of the page.
    `restart` restarts the process; `reload` reads the config again, and returns the sections that have
    changed. `config_path` is the file that it came from; None is the one that holds if nobody names one.
    `recent` is what the log has said of late.
    """
    decks, events = spawn_decks(config.playback), EventBus()
    library = Library(
        folder / state_file.DATABASE, must_open=False, on_reopened=lambda: events.publish(LibraryReopened())
    )
    clock = HouseClock(config.timezone)
    teaching = Teaching(TaughtFile(folder / taught_moments.NAME))
    tracker = MoodTracker(config.mood_as_looked, config.dayparts, config.senses)
    room = MoodState(tracker, wall=clock, teaching=teaching)
    learning = Learning(config.choice, library)
    folders = MusicFolders(config.library.folders)
    with library.database.deadline(DEADLINE_S):
        history_clock = HistoryClock(clock, library.last_play)
    selection = Selector(
        config, library, room, folders, history_clock, learning, events.publish, folders.unresponsive
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
    numbers = TrackNumbers(playback.status, library.track_at)
    music = LibraryService(
        config.library, library, lambda: playback_busy_reason(playback.status()), clock, folders, numbers.look
    )
    on = precedence.camera_at_start(config.camera.enabled, saved.configured_camera, saved.camera_on)
    perception = PerceptionService(config, room, events.publish, on, lambda: places.place(config).folder)
    announcements = Announcements(library, playback.announce)
    voice = Voice(folder / "voice", config.announcements.voice)
    mood_controller = MoodController(config, room, selection, playback)
    opening_actions = OpeningActions(playback, config.hours.fade_s, events.publish, announcements.say)
    venue_schedule = VenueSchedule(config, clock.zone, opening_actions)
    pin_timer = PinTimer(room, venue_schedule, playback.shift, events.publish)

    def reconcile() -> datetime:
        now = clock()
        return min(venue_schedule.reconcile(now), pin_timer.reconcile(now))

    playlists = PlaylistService(
        config, folder / state_file.DATABASE, learning, clock, selection.resting, selection.playing
    )
    snapshot = RestartSnapshot(
        config, clock, room, playback, mood_controller, perception, venue_schedule, saved
    )
    forecast = Forecast(selection.foresee)
    front = FrontProcess(config.front, owners or folder, passwords=passwords)
    report = StatusReport(
        playback, room, perception, music, venue_schedule, front, forecast.latest, mood_controller,
        numbers.added_to,
    )  # fmt: skip
    backups = ScheduledBackups(
        config.backup,
        backup_maker(config_path or default_path(), folder, owners or folder),
        names_here(),
        clock,
        report.add_problem,
        report.remove_problem,
    )
    scheduler = Scheduler(
        reconcile,
        {"rescan": (config.library.rescan_s, music.rescan), "backup": (BACKUP_LOOK_S, backups.look)},
        ClockWatch(clock),
    )
    feed = StatusFeed(report)
    queue = selection.play_history.write_queue
    diary = DiaryRecorder(
        config.diary, library.diary, queue.write_if_room, report, history_clock, ClockTrust(clock).is_sure
    )
    parts = Parts(
        events=events,
        clock=clock,
        library=library,
        room=room,
        learning=learning,
        selection=selection,
        playback=playback,
        playlists=playlists,
        mood_controller=mood_controller,
        announcements=announcements,
        voice=voice,
        opening_actions=opening_actions,
        venue_schedule=venue_schedule,
        pin_timer=pin_timer,
        scheduler=scheduler,
        backups=backups,
        music=music,
        perception=perception,
        snapshot=snapshot,
        memory=StateStore(folder / state_file.STATE, snapshot, saved, places.in_memory(folder)),
        front=front,
        forecast=forecast,
        report=report,
        feed=feed,
        pictures=PictureProcess(),
        diary=diary,
        supervision=Supervision(playback, config.playback.watchdog),
    )
    controls = _controls(
        parts, teaching, folder, owners or folder, config_path, reload, recent or RecentLog()
    )
    components = Components(**vars(parts), controls=controls)
    subscribe(components)
    return components


def _controls(
    parts: Parts,
    teaching: Teaching,
    folder: Path,
    owners: Path,
    config_path: Path | None,
    reload: Callable[[], Sequence[str]],
    recent: RecentLog,
) -> CommandHandler:
    """What carries out the commands, of all who may give them; arguments as of `build`."""
    clock, report, room, playback = parts.clock, parts.report, parts.room, parts.playback
    selection, venue_schedule, announcements = parts.selection, parts.venue_schedule, parts.announcements
    library, perception, pictures = parts.library, parts.perception, parts.pictures
    settle, db_path = selection.play_history.write_queue.settle, folder / state_file.DATABASE
    settings = ConfigCommands(
        config_path,
        owners / state_file.CONFIG_VERSIONS,
        clock,
        reload,
        lambda new: parts.front.check(new.front),
    )
    return CommandHandler(
        (
            HouseCommands(report, perception.enable, reload),
            WatchCommands(parts.feed),
            settings,
            SetupCommands(
                settings.held,
                lambda: playback.status().output,
                announcements.say_file,
                folder,
                lambda: is_possible(BLIP_DIR),
            ),
            SupportCommands(recent, clock, report, settings.settings, folder),
            RoomCommands(
                room,
                playback,
                perception,
                selection.end_list,
                lambda: venue_schedule.next_closing(clock()),
                clock,
            ),
            TeachCommands(teaching, partial(perception.read_wish, of_room=True), clock),
            PictureCommands(perception, parts.playlists, pictures),
            PlayingCommands(
                playback,
                selection,
                parts.mood_controller.set_night,
                venue_schedule,
                announcements.say_file,
                perception.read_wish,
                library.correct_mood,
                room.conclude_wrong,
            ),
            SayCommands(parts.voice.speak, announcements.say_words),
            DayCommands(db_path, clock, settle),
            LibraryCommands(
                db_path,
                library,
                CoverService(db_path, pictures),
                lambda: clock.zone,
                selection,
                perception.read_wish,
                settle,
            ),
        ),
        parts.events.publish,
    )


def subscribe(components: Components) -> None:
    """Who hears of what."""
    events, mood_controller = components.events, components.mood_controller
    events.subscribe(PlaybackEvent, components.selection.on_playback_event)
    events.subscribe(LensChanged, mood_controller.on_lens)
    events.subscribe(SceneRead, mood_controller.on_scene)
    events.subscribe(MoodShifted, mood_controller.on_shift)
    events.subscribe(DaypartChanged, mood_controller.on_daypart)
    events.subscribe(RoomNoise, mood_controller.on_room_noise)
    events.subscribe(CommandDone, mood_controller.on_command)
    events.subscribe(HoursChanged, lambda hours: components.perception.suspend(not hours.open))
    events.subscribe(HoursChanged, lambda hours: components.room.close(not hours.open))
    events.subscribe(FileMissing, lambda _: components.music.rescan())
    events.subscribe(LibraryReopened, lambda _: components.music.rescan())
    for foreseen_again in (
        PlaybackEvent,
        MoodShifted,
        DaypartChanged,
        CommandDone,
        PinEnded,
        SettingsReloaded,
        LibraryReopened,
    ):
        events.subscribe(foreseen_again, components.forecast.on_event)
    for takes_all in (components.feed.wake, components.diary.on_event):
        events.subscribe(Event, takes_all)
    events.subscribe(HoursChanged, components.pin_timer.on_hours)
    for saved_soon in (TrackStarted, CommandDone, PinEnded, SettingsReloaded):
        events.subscribe(saved_soon, lambda _: components.memory.changed())


class RestartSnapshot:
    """What a restart needs to go on as if nothing had been, whenever it is called."""

    def __init__(
        self,
        config: Config,
        clock: HouseClock,
        room: MoodState,
        playback: PlaybackService,
        mood_controller: MoodController,
        perception: PerceptionService,
        venue_schedule: VenueSchedule,
        before: SavedState,
    ) -> None:
        """`before` is what the start has found."""
        self._config, self._clock, self._room, self._playback = config, clock, room, playback
        self._mood_controller, self._perception = mood_controller, perception
        self._venue_schedule, self._before = venue_schedule, before

    def configure(self, config: Config) -> None:
        """Remember what was commanded as said against other settings."""
        self._config = config

    def __call__(self) -> Json:
        """The state, as JSON."""
        config, playback = self._config, self._playback.status()
        asked = precedence.asked(config, self._mood_controller.part)
        before = self._before if self._venue_schedule.waits_for_clock else None
        return {
            "room": self._room.state(),
            "volume": playback.volume_wanted,
            "configured_volume": self._mood_controller.general_volume,
            "configured_part": asked.part,
            "configured_part_volume": asked.of_part,
            "configured_camera": config.camera.enabled,
            "configured_nights": precedence.nights(config.dayparts),
            "night": self._mood_controller.night,
            "paused": before.paused if before else playback.state is PlayerState.PAUSED,
            "path": playback.track.path if playback.track else None,
            "position_s": playback.position_s,
            "coming": playback.next.path if playback.next else None,
            "camera_on": self._perception.camera_on,
            "open_by_hand": self._venue_schedule.manual_override,
            "saved_at": before.saved_at if before else self._clock().timestamp(),
            "restarted_at": list(self._playback.restarted_at),
        }
