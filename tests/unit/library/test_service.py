"""The library at work: other settings."""

import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from player.config.settings.library import LibrarySettings, PlaylistSettings
from player.library import music_folders
from player.library.database.store import Library
from player.library.music_folders import MusicFolders
from player.library.scan.first_music import first_playable
from player.library.scan.music_files import Walk
from player.library.service import LibraryService
from player.system import probes
from player.types import Mood
from tests.support.waiting import wait_for
from tests.unit.library import files


class Shelf:
    """Two folders with a song each, and a library."""

    def __init__(self, folder: Path) -> None:
        self.library = Library(folder / "library.db")
        self.first, self.second = folder / "first", folder / "second"
        for place in (self.first, self.second):
            place.mkdir()
            files.wav(place / f"{place.name}.wav")
        self.folders = MusicFolders((self.first,))
        self.service = LibraryService(self.settings(), self.library, lambda: "", folders=self.folders)

    def settings(self, *folders: Path) -> LibrarySettings:
        return LibrarySettings(folders=folders or (self.first,), analyze=False)

    def titles(self) -> list[str]:
        return [track.title for track in self.library.tracks()]


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    shelf = Shelf(tmp_path)
    yield shelf
    shelf.service.stop()
    shelf.library.close()


def test_other_folders_hold_at_once_and_are_scanned(shelf: Shelf) -> None:
    shelf.service.start()
    wait_for(lambda: shelf.titles() == ["first"], 10, "the first scan")
    shelf.service.configure(shelf.settings(shelf.second))
    assert shelf.titles() in ([], ["second"]), "what no longer belongs is forgotten at once"
    assert shelf.folders() == (shelf.second,), "everyone knows where the music is"
    wait_for(lambda: shelf.titles() == ["second"], 10, "the scan of the other folder")
    files.wav(shelf.second / "more.wav")
    shelf.service.rescan()
    wait_for(lambda: shelf.titles() == ["more", "second"], 10, "a scan by command")


def test_a_disk_that_does_not_answer_is_left_behind(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old folder hangs: whoever sets another one has its music."""
    answer = threading.Event()

    def hangs(folders: Sequence[Path]) -> Path | None:
        return first_playable(folders) if shelf.first not in folders or answer.wait(60) else None

    monkeypatch.setattr(music_folders, "find_music", hangs)
    monkeypatch.setattr(probes, "SLICE_S", 0.01)
    shelf.folders.configure((shelf.first,))
    shelf.service.start()
    try:
        wait_for(shelf.folders.unresponsive, 10, "the search to hang")
        shelf.service.configure(shelf.settings(shelf.second))
        wait_for(lambda: not shelf.folders.unresponsive(), 10, "the other folder to answer")
        wait_for(lambda: shelf.titles() == ["second"], 10, "the scan of the other folder")
    finally:
        answer.set()


def test_settings_that_change_before_the_start_start_nothing(shelf: Shelf) -> None:
    shelf.service.configure(shelf.settings(shelf.second))
    assert shelf.library.tracks() == []
    shelf.service.start()
    wait_for(lambda: shelf.titles() == ["second"], 10, "the first scan")


class Stick:
    """A song in the music folder, and on a stick a playlist and the songs that it names."""

    def __init__(self, folder: Path) -> None:
        self.stick, self.away, self.house = folder / "stick", folder / "away", folder / "music"
        for place in (self.stick / "songs", self.house):
            place.mkdir(parents=True)
        self.songs = [files.wav(self.stick / "songs" / f"{name}.wav") for name in ("a", "b")]
        self.own = files.wav(self.house / "own.wav")
        self.now = self.started = datetime.now(UTC)
        self.set_s = 0.0
        """By so much somebody has set the wall clock."""
        self.scans = 0
        self.at_the_end: Callable[[], object] = lambda: None
        """Happens at the next scan's end."""
        self.library = Library(folder / "library.db")
        self.playlist = self.stick / "list.m3u"
        self.service: LibraryService | None = None

    def start(self, playlist: Path, *entries: Path) -> None:
        self.playlist = playlist
        playlist.write_text("\n".join(map(str, entries)), encoding="utf-8")
        source = PlaylistSettings(source=str(playlist))
        settings = LibrarySettings(folders=(self.house,), playlists=(source,), analyze=False)
        self.service = LibraryService(
            settings,
            self.library,
            lambda: "",
            self._wall,
            scanned=self._note_scan,
            running=lambda: self.running_s,
        )
        self.service.start()
        wait_for(lambda: set(self.present()) >= {*self.songs, self.own}, 60, "the first scan")
        track = self.library.track_at(self.songs[0])
        assert track is not None
        self.library.correct_mood(track.id, Mood(0.5, 0.5, {}))

    @property
    def running_s(self) -> float:
        return (self.now - self.started).total_seconds() - self.set_s

    def _note_scan(self) -> None:
        self.scans += 1

    def _wall(self) -> datetime:  # it is asked for at each scan's end
        happens, self.at_the_end = self.at_the_end, lambda: None
        happens()
        return self.now

    def present(self) -> list[Path]:
        return [track.path for track in self.library.tracks()]

    def known(self) -> set[str]:
        return {Path(row["path"]).name for row in self.library.database.rows("SELECT path FROM tracks")}

    def scan(self, *present: Path) -> None:
        assert self.service is not None
        self.service.rescan()
        wait_for(lambda: sorted(self.present()) == sorted(present), 60, "a scan")
        self._settle()

    def _settle(self) -> None:
        """Wait for the end of the scan that goes on, which has read the playlist when it began."""
        before = self.scans

        def another() -> bool:
            assert self.service is not None
            self.service.rescan()
            return self.scans >= before + 2

        wait_for(another, 60, "another scan")

    def long_afterwards(self) -> None:
        """Whole scans when all grace is over."""
        self.now += timedelta(days=365)
        self._settle()

    def corrected(self) -> bool:
        track = self.library.track_at(self.songs[0])
        return track is not None and track.mood is not None and track.mood.valence == 0.5


@pytest.fixture
def stick(tmp_path: Path) -> Iterator[Stick]:
    made = Stick(tmp_path)
    yield made
    if made.service is not None:
        made.service.stop()
    made.library.close()


@pytest.mark.parametrize("where", ["list on the stick", "list in the house", "list of both"])
def test_music_that_only_a_playlist_names_survives_a_disk_that_is_away_for_long(
    where: str, stick: Stick
) -> None:
    playlist = (stick.stick if where == "list on the stick" else stick.house) / "list.m3u"
    stick.start(playlist, *stick.songs, *([stick.own] if where == "list of both" else []))
    stick.stick.rename(stick.away)
    stick.scan(stick.own)
    stick.long_afterwards()
    assert {"a.wav", "b.wav"} <= stick.known()
    stick.away.rename(stick.stick)
    stick.long_afterwards()
    assert stick.corrected()


@pytest.mark.parametrize("both", [False, True])
def test_a_disk_that_comes_back_in_the_middle_of_a_scan_loses_nothing(both: bool, stick: Stick) -> None:
    """The scan has looked when it was away, and lets go of what is gone for long when it is there again."""
    stick.start(stick.house / "list.m3u", *stick.songs, *([stick.own] if both else []))
    stick.stick.rename(stick.away)
    stick.scan(stick.own)

    def come_back() -> None:
        stick.away.rename(stick.stick)
        stick.now += timedelta(days=365)

    stick.at_the_end = come_back
    stick.long_afterwards()
    assert stick.corrected()


@pytest.mark.parametrize("how", ["linked", "linked to a folder on it", "mounted", "link to a song"])
def test_a_disk_inside_a_music_folder_may_be_away_for_long(how: str, stick: Stick) -> None:
    """`~/Music/usb`, with the house's own music beside it."""
    inside = stick.house / "usb"
    if how == "mounted":
        stick.stick.rename(inside)
        stick.stick = inside
    elif how == "link to a song":
        inside.mkdir()
        for song in stick.songs:
            (inside / song.name).symlink_to(song)
    else:
        inside.symlink_to(stick.stick / "songs" if how == "linked to a folder on it" else stick.stick)
    stick.songs = sorted(found.path for found in Walk((inside,)))
    stick.start(stick.house / "list.m3u", stick.own)
    stick.stick.rename(stick.away)
    if how == "mounted":
        inside.mkdir()  # the place of the mount stays
    stick.scan(stick.own)
    stick.long_afterwards()
    stick.away.rename(stick.stick)  # over the mount's place in one step: no scan may see it gone
    stick.long_afterwards()
    assert stick.corrected()


@pytest.mark.parametrize("what", ["a song", "a folder"])
def test_what_is_gone_from_a_music_folder_is_forgotten(what: str, stick: Stick) -> None:
    album = stick.house / "artist" / "album"
    album.mkdir(parents=True)
    stick.songs = [files.wav(album / f"{name}.wav") for name in ("a", "b")]
    stick.start(stick.house / "list.m3u", stick.own)
    if what == "a song":
        stick.songs[0].unlink()
        stick.scan(stick.own, stick.songs[1])
    else:
        shutil.rmtree(album.parent)
        stick.scan(stick.own)
    stick.long_afterwards()
    assert stick.known() & {"a.wav", "b.wav"} == ({"b.wav"} if what == "a song" else set())


def test_a_clock_that_is_years_ahead_has_nothing_forgotten(stick: Stick) -> None:
    """As of a machine without one of its own, until the network is there. It is believed after an hour."""
    stick.start(stick.house / "list.m3u", *stick.songs)
    stick.songs[0].unlink()
    stick.scan(stick.own, stick.songs[1])
    year_s = timedelta(days=365).total_seconds()
    for set_s in (year_s, -year_s, year_s):
        stick.set_s += set_s
        stick.now += timedelta(seconds=set_s - year_s)
        stick.long_afterwards()
        assert "a.wav" in stick.known()
    stick.long_afterwards()
    assert "a.wav" not in stick.known()


def test_what_is_gone_from_a_disk_that_is_there_is_forgotten(stick: Stick) -> None:
    stick.start(stick.house / "list.m3u", *stick.songs)
    stick.songs[0].unlink()
    stick.scan(stick.own, stick.songs[1])
    stick.long_afterwards()
    assert "a.wav" not in stick.known()
    assert "b.wav" in stick.known()


def test_what_a_playlist_names_no_longer_is_forgotten(stick: Stick) -> None:
    stick.start(stick.house / "list.m3u", *stick.songs)
    stick.playlist.write_text(str(stick.songs[1]), encoding="utf-8")
    stick.scan(stick.own, stick.songs[1])
    stick.long_afterwards()
    assert stick.known() & {"a.wav", "b.wav"} == {"b.wav"}
