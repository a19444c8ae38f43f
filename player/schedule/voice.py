"""Text into a sound file, by a speech program that the owner has installed."""

from __future__ import annotations

import hashlib
import os
import resource
import shutil
import threading
import time
from contextlib import suppress
from pathlib import Path

from player.config.settings.schedule import VoiceSettings
from player.errors import ControlError
from player.privacy import private_files
from player.system import child_process

SPEAK_S = 4.0
"""For a sentence, a program takes a tenth of a second, a large voice on a Pi two; then it is killed."""
LARGEST = 100_000_000
"""Bytes of a file. PulseAudio's library, which espeak-ng loads, makes one of 64 MB in memory, too."""
MOST_FILES = 24
"""That are kept to be said again; more than can wait for their turn."""
ESPEAK = "espeak-ng"
NONE = "there is no speech program: sudo apt install espeak-ng, or name one in announcements.voice.command."


class Voice:
    """Speaks into files of its own, one at a time. On any thread but the music's: it waits."""

    def __init__(self, folder: Path, settings: VoiceSettings) -> None:
        self._folder, self._settings = folder, settings
        self._lock = threading.Lock()

    def configure(self, settings: VoiceSettings) -> None:
        """Speak with another program from now on."""
        self._settings = settings

    def speak(self, text: str) -> Path:
        """The file in which a text is said. Raises ControlError, in one sentence."""
        command = self._settings.command or _installed(text)
        mark = hashlib.sha256("\0".join((*command, text)).encode()).hexdigest()[:16]
        path = self._folder / f"spoken-{mark}.wav"
        with self._lock:
            try:
                private_files.make_folder(self._folder)
                if path.is_file() and path.stat().st_size:
                    _use(path)
                else:
                    self._write(command, text, path)
                self._clear(path)
            except ControlError:
                raise
            except OSError as error:
                raise ControlError(f"that cannot be spoken ({error.strerror or error}).") from error
        return path

    def _write(self, command: tuple[str, ...], text: str, path: Path) -> None:
        new = path.with_suffix(".new.wav")  # half a file is never taken for a whole one
        new.unlink(missing_ok=True)
        try:
            said = _run([word.replace("{file}", str(new)).replace("{text}", text) for word in command],
                        "" if any("{text}" in word for word in command) else text)  # fmt: skip
            if not said and not (new.is_file() and new.stat().st_size):
                said = "it wrote no file"
            if not said and new.stat().st_size > LARGEST:  # by a process that was there before its limit
                said = "it wrote too much"
            if said:
                raise ControlError(f"{Path(command[0]).name} could not say that: {said}.")
            new.replace(path)
        finally:
            new.unlink(missing_ok=True)

    def _clear(self, said: Path) -> None:
        """Let those go that were not said for the longest time, or at a time that is still to come.

        A clock that was ahead dates files so: they are the first to go, and never what is about to be heard.
        """
        now = time.time_ns()
        times = {file: file.stat().st_atime_ns for file in self._folder.glob("*.wav") if file != said}
        files = sorted(times, key=lambda file: times[file] if times[file] <= now else 0)
        for file in files[: max(0, len(files) + 1 - MOST_FILES)]:
            file.unlink(missing_ok=True)


def _use(path: Path) -> None:
    """Note that a file is said again, but not as a change of it: its loudness is known. Raises OSError."""
    os.utime(path, ns=(time.time_ns(), path.stat().st_mtime_ns))


def _installed(text: str) -> tuple[str, ...]:
    """What speaks if the owner names nothing. Raises ControlError if there is none."""
    if not shutil.which(ESPEAK):
        raise ControlError(NONE)
    korean = any("가" <= letter <= "힣" for letter in text)
    return (ESPEAK, "-v", "ko" if korean else "en", "-w", "{file}", "--", "{text}")


def _run(words: list[str], text: str) -> str:
    """Run it to its end; what was wrong, if anything. Raises OSError."""
    try:
        process = child_process.start_program(words)
    except OSError as error:
        return f"it cannot be started ({error.strerror or error})"
    with suppress(OSError, ValueError):  # it has ended already
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (LARGEST, LARGEST))
    try:
        if not child_process.tell(process, text.encode(), SPEAK_S):
            return f"it took more than {SPEAK_S:g} s"
    finally:
        child_process.kill_session(process)  # what it has left behind, too
        child_process.wait(process, 1)
        child_process.close_pipes(process)
    return f"it ended with {process.returncode}" if process.returncode else ""
