import errno
import os
import threading
import time
from pathlib import Path
from typing import NoReturn

import pytest

from player.interfaces.front.web.page.phrases import is_known
from player.library.demo_music import demo_folder
from player.library.music_folders import choose_folders
from player.library.scan.first_music import find_music, first_playable
from player.system.probes import FolderProbe, run_with_timeout
from tests.unit.library import files


def test_the_owner_s_folders_while_they_hold_music(tmp_path: Path) -> None:
    assert choose_folders((tmp_path,))[0] == (demo_folder(),)
    (tmp_path / "a.mp3").write_bytes(b"ID3 and so on")
    assert choose_folders((tmp_path,)) == ((tmp_path,), None)


def test_a_mount_that_never_answers_holds_up_nobody_and_is_asked_once() -> None:
    answer, asked = threading.Event(), []

    def hangs(folders: tuple[Path, ...]) -> Path | None:
        asked.append(folders)
        answer.wait(30)
        return folders[0] / "a.mp3"

    impatient, nas = FolderProbe(hangs, answer_s=0.05), Path("/mnt/nas")
    since = time.monotonic()
    for _ in range(5):
        folders, problem = choose_folders((nas,), impatient)
        assert folders == (demo_folder(),)
        assert problem == "/mnt/nas does not answer (library.folders): playing the demo music"
    assert time.monotonic() - since < 5
    assert len(asked) == 1
    with pytest.raises(TimeoutError):
        impatient((nas,))
    answer.set()
    while choose_folders((nas,), impatient)[1] is not None:
        assert time.monotonic() - since < 20
    assert choose_folders((nas,), impatient) == ((nas,), None)


def test_a_search_is_given_its_time_although_the_clock_jumps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both threads were stopped in the middle of it: the wait for it has long run out when they go on."""
    answered = threading.Event()
    join = threading.Thread.join

    def stopped(thread: threading.Thread, timeout: float | None = None) -> None:
        join(thread, 0)  # as if it were over
        monkeypatch.setattr(threading.Thread, "join", join)
        answered.set()

    def ask() -> str:
        answered.wait()
        return "an answer"

    monkeypatch.setattr(threading.Thread, "join", stopped)
    assert run_with_timeout(ask, 2.0) == "an answer"


@pytest.mark.parametrize("number", [errno.EACCES, errno.EIO])
@pytest.mark.parametrize("closed", ["folder", "file"])
def test_music_that_may_not_be_looked_at_is_not_called_none(
    tmp_path: Path, closed: str, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    song = files.wav(tmp_path / "song.wav")
    _close(monkeypatch, closed, number)
    folders, problem = choose_folders((tmp_path,), FolderProbe(find_music))
    place = song if closed == "file" else tmp_path
    why = f"{place} cannot be opened: {os.strerror(number)}"
    assert (folders, problem) == ((demo_folder(),), f"{why} (library.folders): playing the demo music")
    assert problem is not None
    assert is_known(problem)
    assert first_playable((tmp_path,)) is None


@pytest.mark.parametrize("closed", ["folder", "file"])
def test_who_can_open_no_more_files_says_nothing_of_what_a_folder_holds(
    tmp_path: Path, closed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.wav(tmp_path / "song.wav")
    _close(monkeypatch, closed, errno.EMFILE)
    assert choose_folders((tmp_path,), FolderProbe(find_music)) == ((tmp_path,), None)


def _close(monkeypatch: pytest.MonkeyPatch, kind: str, number: int) -> None:
    """Whoever opens a file, or looks into a folder, is refused."""

    def refuse(*_: object, **__: object) -> NoReturn:
        raise OSError(number, os.strerror(number))

    owner, name = (Path, "open") if kind == "file" else (os, "scandir")
    monkeypatch.setattr(owner, name, refuse)
