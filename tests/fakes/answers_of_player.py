"""What a player answers to each command, for tests of who asks."""

from __future__ import annotations

import base64

from player.interfaces.messages.base import Answer
from player.interfaces.messages.config import (
    ConfigAnswer,
    ConfigCheckAnswer,
    ConfigVersionAnswer,
    ConfigWriteAnswer,
)
from player.interfaces.messages.day import DayAnswer
from player.interfaces.messages.library import (
    CollectionAnswer,
    CoverAnswer,
    HistoryAnswer,
    LedgerAnswer,
    LibraryAnswer,
    LibraryMapAnswer,
    LibraryProblemsAnswer,
    SetMoodAnswer,
    TrackAnswer,
)
from player.interfaces.messages.pictures import PlaylistAnswer, PlaylistStep, PreviewAnswer
from player.interfaces.messages.playing import PinAnswer, ReloadAnswer
from player.interfaces.messages.setup import (
    FoldersAnswer,
    FoundFolder,
    FoundOutput,
    FoundThing,
    NamedFolder,
    SetupAnswer,
    SoundTestAnswer,
)
from player.interfaces.messages.support import LogAnswer, LogEntry, ReportAnswer
from player.interfaces.messages.teaching import TeachAnswer
from player.interfaces.recent_log import LogLevel
from player.library.queries.records import (
    AlbumEntry,
    DayCurves,
    DayMark,
    DayPlay,
    PlayRecord,
    ProblemFile,
    TrackCard,
    TrackEntry,
    TrackMood,
)
from player.selection.playlist import MoodStep, Playlist, TargetStep

JPEG = b"\xff\xd8picture\xff\xd9"
PICTURE = base64.b64encode(JPEG).decode()
MOOD = TrackMood(0.4, -0.2, "calm", "calm", "analysis", True)
SONG = TrackEntry(12, "Halo", "Beyoncé", "", "", 261.6, False, MOOD)
CARD = TrackCard(
    *(12, "Halo", "Beyoncé", "", "", 261.6, False, MOOD, "/music/halo.mp3", "", "", "", 1, 1, None, ""),
    *(None, MOOD, False, (), 0, (), {}, ()),
)
LIST = Playlist(
    "calm",
    None,
    MoodStep(0.3, -0.4, "calm", "it is its name"),
    TargetStep(0.3, -0.4, "calm", "as you asked"),
    "2026-05-01T12:00:00+02:00",
    "day",
    1800.0,
    0.0,
    (),
    ("there is no music",),
)


def play(number: int) -> PlayRecord:
    """One play of the history."""
    at = "2026-05-01T12:00:00+02:00"
    return PlayRecord(number, at, f"=Song {number}", "Band", "", "", "", "", 180.0, 170.0, True, "Café", 12)


AT = "2026-05-01T12:00:00+02:00"
BROKEN = ProblemFile(3, "/music/a.mp3", "a", "", "unreadable", "It holds no sound.", "Replace or remove it.")
DAY = DayAnswer(
    *("2026-05-01", "2026-05-01T00:00:00+02:00", "2026-05-02T00:00:00+02:00"),
    (DayPlay(2, AT, None, 30.5, None, "Song", "Band", 12, "it is calm", "liked"),),
    DayCurves(3600, *(((None, 0.5) * 12,) * 6)),
    (DayMark(1, "fault", AT, None, "It is broken."),),
    0,
)


MADE = PlaylistStep(LIST.seen, LIST.mood, LIST)
LINES: dict[str, tuple[Answer, ...]] = {
    "playlist_steps": (PlaylistStep(mood=LIST.mood), MADE),
}
"""Of the commands that answer in several."""

ANSWERS: dict[str, Answer] = {
    "pin": PinAnswer("pinned", "calm"),
    "teach": TeachAnswer("taught: the room is lively now", ()),
    "reload": ReloadAnswer("config.yaml was read again", ()),
    "ledger": LedgerAnswer((play(1), play(2))),
    "history": HistoryAnswer((play(2), play(1)), None),
    "day": DAY,
    "library": LibraryAnswer((SONG,), None),
    "map": LibraryMapAnswer("c0ffee", 1000, [12], [400], [-200], []),
    "collection": CollectionAnswer("c0ffee", (AlbumEntry("Beyoncé", "", "", 1, 261.6),), AT, 3600.5, 1800.0),
    "problems": LibraryProblemsAnswer((BROKEN,), None),
    "track": TrackAnswer(CARD),
    "set_mood": SetMoodAnswer("it is calm", MOOD, 1),
    "cover": CoverAnswer(PICTURE, "c0ffee", 600, 600),
    "playlist": PlaylistAnswer("a list", LIST),
    "playlist_steps": MADE,
    "preview": PreviewAnswer("now", PICTURE, 640, 480, 0.1, "demo", "ok", None),
    "config": ConfigAnswer("e7a9", {"playback": {"volume": 70}}, (), (), [], []),
    "config_check": ConfigCheckAnswer(True),
    "config_write": ConfigWriteAnswer("written", "e7aa", ("playback.volume",), (), ()),
    "config_revert": ConfigWriteAnswer("gone back", "e7ab", (), (), ()),
    "config_version": ConfigVersionAnswer(
        3, "2026-11-28T09:00:00+00:00", "playback.volume", ("-  volume: 70",)
    ),
    "log": LogAnswer((LogEntry(AT, LogLevel.WARNING, "camera", "The camera is gone."),), 0),
    "setup": SetupAnswer(
        *((), "auto", "auto", True, (), (-0.4, 1.0), (-1.0, 1.0)),
        (FoundOutput("pulse:card", "Built-in Audio", default=True),),
        (FoundThing("/dev/video0", "HD Webcam"),),
        (FoundFolder("/home/ann/Music", 812, more=False),),
        blip=True,
    ),
    "folders": FoldersAnswer("/home/ann", "/home", (NamedFolder("Music", 812, more=False),), 0),
    "test_sound": SoundTestAnswer("you hear the test sound", "auto"),
    "report": ReportAnswer("ambient-player, a report"),
}
