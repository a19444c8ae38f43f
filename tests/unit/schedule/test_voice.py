"""Text into files: real programs, good ones and bad ones."""

from __future__ import annotations

import os
import shutil
import time
import wave
from pathlib import Path

import pytest

from player.config.settings.schedule import VoiceSettings
from player.errors import ControlError
from player.schedule import voice as module
from player.schedule.voice import MOST_FILES, Voice

SCRIPT = """#!/bin/sh
printf '%s' "$2" > "$1"
"""


def speaking(tmp_path: Path, script: str = SCRIPT, words: tuple[str, ...] = ("{file}", "{text}")) -> Voice:
    """A voice whose program is this script."""
    program = tmp_path / "speech"
    program.write_text(script, encoding="utf-8")
    program.chmod(0o755)
    return Voice(tmp_path / "voice", VoiceSettings(command=(str(program), *words)))


def test_the_text_is_one_word_whatever_stands_in_it(tmp_path: Path) -> None:
    nasty = "$(touch /tmp/x); 'a' \"b\" {file} `id` 케이크"
    assert speaking(tmp_path).speak(nasty).read_text(encoding="utf-8") == nasty
    piped = speaking(tmp_path, '#!/bin/sh\ncat > "$1"\n', ("{file}",))
    assert piped.speak(nasty).read_text(encoding="utf-8") == nasty


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("#!/bin/sh\nexit 3\n", "it ended with 3"),
        ("#!/bin/sh\nexit 0\n", "it wrote no file"),
        ('#!/bin/sh\n: > "$1"\n', "it wrote no file"),
        ('#!/bin/sh\nhead -c 140000000 /dev/zero > "$1"\n', "it (ended with|wrote too much)"),
        ("#!/nowhere/sh\n", "it cannot be started"),
        ('#!/bin/sh\necho half > "$1"; sleep 60 & sleep 60\n', "it took more than"),
    ],
)
def test_a_program_that_fails_is_a_sentence_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, why: str
) -> None:
    if "sleep" in script:
        monkeypatch.setattr(module, "SPEAK_S", 0.3)
    since = time.monotonic()
    with pytest.raises(ControlError, match=why):
        speaking(tmp_path, script).speak("hello")
    assert time.monotonic() - since < 20
    assert list((tmp_path / "voice").iterdir()) == []


def test_what_was_said_is_kept_to_be_said_again_and_the_oldest_goes(tmp_path: Path) -> None:
    voice = speaking(tmp_path)
    first = voice.speak("first")
    os.utime(first, (1, 1))
    inode = first.stat().st_ino
    for number in range(MOST_FILES + 5):
        voice.speak(str(number))
        assert voice.speak("first").stat().st_ino == inode
    assert first.stat().st_mtime == 1, "it is the same file, whose loudness is known"
    os.utime(first, (1, 1))
    for number in range(MOST_FILES):
        voice.speak(str(number))
    assert not first.exists()
    assert len(list((tmp_path / "voice").iterdir())) == MOST_FILES
    assert (tmp_path / "voice").stat().st_mode & 0o077 == 0


def test_files_of_a_clock_that_was_ahead_are_the_first_to_go(tmp_path: Path) -> None:
    """And never what is about to be heard."""
    voice, ahead_ns = speaking(tmp_path), time.time_ns() + 3600 * 10**9
    for number in range(MOST_FILES):
        os.utime(voice.speak(str(number)), ns=(ahead_ns, ahead_ns))
    for text in ("new", "newer"):
        assert voice.speak(text).exists()
    assert voice.speak("new").exists()
    assert len(list((tmp_path / "voice").iterdir())) == MOST_FILES


def test_without_a_program_it_is_said_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ControlError, match=r"sudo apt install espeak-ng.*announcements\.voice\.command"):
        Voice(tmp_path / "voice", VoiceSettings()).speak("hello")


@pytest.mark.skipif(not shutil.which("espeak-ng"), reason="there is no espeak-ng here")
@pytest.mark.parametrize("text", ["We close in ten minutes.", "십 분 뒤에 문을 닫습니다.", "a -w /tmp/x"])
def test_espeak_speaks_english_and_korean(tmp_path: Path, text: str) -> None:
    with wave.open(str(Voice(tmp_path / "voice", VoiceSettings()).speak(text))) as sound:
        assert sound.getnframes() / sound.getframerate() > 0.5


@pytest.mark.parametrize(
    "command", [["espeak-ng"], ["{file}"], ["a", "{text}"], [""], ["a"] * 31, ["x" * 1001, "{file}"]]
)
def test_a_program_that_is_not_told_the_file_is_refused(command: list[str]) -> None:
    with pytest.raises(ValueError, match="VoiceSettings"):
        VoiceSettings.model_validate({"command": command})
