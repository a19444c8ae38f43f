"""Announcements on their way: measured before, handed on with what is known of their loudness."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from player.config.settings.schedule import AnnouncementItem, VoiceSettings
from player.errors import AudioFileError, ControlError, LibraryError, NotNowError
from player.library.database.store import Library
from player.playback.announcements.announcer import Announcement
from player.schedule import announcements
from player.schedule.announcements import Announcements
from player.schedule.voice import Voice
from tests.support.waiting import wait_for


class Desk:
    """Announcements with a library of nothing, and a meter that notes what it measures."""

    def __init__(self, tmp_path: Path) -> None:
        self.gong = tmp_path / "gong.wav"
        self.gong.write_bytes(b"RIFF")
        self.library = Library(tmp_path / "library.db")
        self.heard: list[Announcement] = []
        self.measured: list[Path] = []
        self.trouble: Exception | None = None
        self.answer: str | None = ""
        """What becomes of an announcement; None: it waits."""
        self.announcements = Announcements(self.library, self.announce, self.measure)
        self.announcements.start()

    def announce(self, announcement: Announcement) -> None:
        self.heard.append(announcement)
        if self.answer is not None:
            announcement.told(self.answer)
            announcement.told("it stands still")  # later, and for the log alone

    def measure(self, path: Path) -> tuple[float, float]:
        self.measured.append(path)
        if self.trouble is not None:
            raise self.trouble
        return -23.0, -2.0

    def said(self, count: int) -> Announcement:
        wait_for(lambda: len(self.heard) >= count, 5, "the announcement")
        return self.heard[count - 1]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.announcements.stop()
    made.library.close()


def test_a_file_is_measured_once_and_beforehand(desk: Desk) -> None:
    item = AnnouncementItem.model_validate({"file": desk.gong, "every_min": 30})
    desk.announcements.expect([item, item])
    desk.announcements.say(item)
    desk.announcements.say_file(str(desk.gong))
    track = desk.said(2).track
    assert track is not None
    assert (track.loudness_lufs, track.peak_dbfs) == (-23.0, -2.0)
    assert desk.measured == [desk.gong]


def test_a_file_that_is_another_by_now_is_measured_again(desk: Desk) -> None:
    for sound in (b"RIFF", b"RIFF and more"):
        desk.gong.write_bytes(sound)
        os.utime(desk.gong, (1, 1))
        for _ in range(2):
            desk.announcements.say_file(str(desk.gong))
    assert desk.measured == [desk.gong] * 2


def test_what_is_spoken_again_is_measured_once(desk: Desk, tmp_path: Path) -> None:
    voice = Voice(tmp_path / "voice", VoiceSettings(command=("cp", str(desk.gong), "{file}")))
    for _ in range(3):
        desk.announcements.say_words("We close in ten minutes.", voice.speak("We close in ten minutes."))
    assert len(desk.measured) == 1
    track = desk.said(3).track
    assert track is not None
    assert track.loudness_lufs == -23.0


def test_the_loudness_of_files_that_were_said_long_ago_is_not_kept(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announcements, "MOST_MEASURED", 3)
    files = [tmp_path / f"{number}.wav" for number in range(3)]
    for file in files:
        file.write_bytes(b"RIFF")
    for file in (desk.gong, *files[:2], desk.gong, files[2], desk.gong, files[0]):
        desk.announcements.say_file(str(file))
    assert desk.measured == [desk.gong, *files, files[0]]


@pytest.mark.parametrize("trouble", [AudioFileError("it is broken"), OSError("it went away")])
def test_what_cannot_be_measured_is_announced_all_the_same(desk: Desk, trouble: Exception) -> None:
    desk.trouble = trouble
    desk.announcements.say_file(str(desk.gong))
    track = desk.said(1).track
    assert track is not None
    assert track.loudness_lufs is None


def test_what_cannot_be_measured_now_is_measured_the_next_time(desk: Desk) -> None:
    desk.trouble = NotNowError("the machine is busy")
    desk.announcements.say_file(str(desk.gong))
    assert desk.said(1).track is not None
    desk.trouble = None
    desk.announcements.say_file(str(desk.gong))
    track = desk.said(2).track
    assert track is not None
    assert track.loudness_lufs is not None


def test_what_the_library_knows_is_not_measured(desk: Desk) -> None:
    desk.library.database.write(
        "INSERT INTO tracks (path, size, mtime_ns, title, artist, album, genre, duration_s, loudness_lufs)"
        " VALUES (?, 1, 1, 'Gong', '', '', '', 3, -12)",
        str(desk.gong),
    )
    desk.announcements.say_file(str(desk.gong))
    track = desk.said(1).track
    assert track is not None
    assert track.loudness_lufs == -12
    assert desk.measured == []


def test_a_file_that_is_missing_only_logs(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.announcements.say(AnnouncementItem.model_validate({"file": "/nowhere.mp3", "at": ["12:00"]}))
    desk.announcements.say(AnnouncementItem.model_validate({"command": "espeak Cake", "at": ["12:00"]}))
    assert desk.said(1).command == "espeak Cake"
    assert "/nowhere.mp3 is not announced: there is no such file" in caplog.text


@pytest.mark.parametrize(
    ("command", "title"),
    [
        ("espeak 'Fresh cake!'", "espeak"),
        ("/usr/bin/mosquitto_pub -u bar -P hunter2 -t cake -m 1", "mosquitto_pub"),
        ("curl -H 'X-Api-Key: hunter2' http://bell/ring", "curl"),
        ("TOKEN=hunter2 my-speech.sh", "my-speech.sh"),
        ("sudo -p hunter2 say", "a command"),
        ("env VOICE=ko KEY=hunter2 my-speech", "my-speech"),
        ("TOKEN='my hunter2 key' my-speech", "a command"),
        ("TOKEN='hunter2' my-speech", "my-speech"),
        ("'hunter2' x", "a command"),
        ("   ", "a command"),
    ],
)
def test_a_command_is_called_by_its_program_alone(desk: Desk, command: str, title: str) -> None:
    desk.announcements.say(AnnouncementItem.model_validate({"command": command, "at": ["12:00"]}))
    assert (desk.said(1).title, desk.said(1).command) == (title, command)


def test_a_file_that_may_not_be_looked_at_is_said_in_one_sentence(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """As in a folder that is closed to us, or on a disk that has lost its server."""
    name = "/" + "x" * 300
    desk.announcements.say(AnnouncementItem.model_validate({"file": name, "at": ["12:00"]}))
    with pytest.raises(ControlError, match="that cannot be said now: File name too long"):
        desk.announcements.say_words("Fresh cake!", Path(name))
    assert f"{name} is not announced: File name too long" in caplog.text
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("name", ["", "gong.wav", "/nowhere.wav", "/", "/" + "x" * 300, "/" + "x/" * 2500])
def test_by_command_only_a_file_that_is_there(desk: Desk, name: str) -> None:
    with pytest.raises(ControlError):
        desk.announcements.say_file(name)


def test_a_file_on_a_disk_that_never_answers_holds_no_other_announcement_up(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stat, over = os.stat, threading.Event()

    def hangs(path: os.PathLike[str] | str, *args: object, **more: object) -> os.stat_result:
        if str(path).startswith("/dead"):
            over.wait(30)
        return stat(path, *args, **more)

    monkeypatch.setattr(os, "stat", hangs)
    monkeypatch.setattr(announcements, "DISK_ANSWER_S", 1.0)
    item = AnnouncementItem.model_validate({"file": "/dead/gong.wav", "every_min": 30})
    try:
        desk.announcements.expect([item])
        desk.announcements.say(item)
        with pytest.raises(ControlError, match=r"^/dead/gong.wav cannot .*: /dead does not answer\.$"):
            desk.announcements.say_file("/dead/gong.wav")
        with pytest.raises(ControlError, match=r"^that cannot be said now: /dead does not answer\.$"):
            desk.announcements.say_words("Fresh cake!", Path("/dead/gong.wav"))
        assert desk.announcements.say_file(str(desk.gong))
    finally:
        over.set()
    assert caplog.text.count("/dead/gong.wav is not announced: /dead does not answer") == 2
    assert [said.title for said in desk.heard] == ["gong.wav"]


def test_a_library_in_trouble_is_no_trouble(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(path: Path) -> None:
        raise LibraryError("busy")

    monkeypatch.setattr(desk.library, "track_at", broken)
    desk.announcements.say_file(str(desk.gong))
    assert desk.said(1).track is not None


def test_who_asked_is_told_that_it_cannot_be_heard(desk: Desk) -> None:
    assert desk.announcements.say_file(str(desk.gong))
    desk.answer = "it is broken"
    with pytest.raises(ControlError, match=f"{desk.gong} cannot be announced: it is broken"):
        desk.announcements.say_file(str(desk.gong))


def test_who_asked_does_not_wait_for_ever(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announcements, "ANSWER_S", 0.01)
    desk.answer = None
    assert not desk.announcements.say_file(str(desk.gong))


def test_what_is_spoken_has_its_words_for_who_looks_and_no_file_name_for_the_log(desk: Desk) -> None:
    assert desk.announcements.say_words("We close in ten minutes.", desk.gong)
    said = desk.said(1)
    assert (said.words, said.title) == ("We close in ten minutes.", "a spoken announcement")
    desk.answer = "too many are waiting"
    with pytest.raises(ControlError, match=r"^that cannot be said now: too many are waiting\.$"):
        desk.announcements.say_words("Fresh cake!", desk.gong)
