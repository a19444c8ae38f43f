"""The deck's own side of the pipe, with a fake libVLC and a clock of the test's."""

import builtins
import errno
import math
import os
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from player.playback.deck_worker import OUTPUT_ERRORS, DeckWorker
from player.playback.failure_reasons import NO_MUSIC, NOT_NOW
from player.playback.vlc import VlcEvent, VlcEventKind
from tests.fakes.playback import FakePlayer


class Bench:
    """A worker on a fake player, its reports, and the time."""

    def __init__(self, file: Path) -> None:
        self.file, self.now = file, 100.0
        self.player = FakePlayer()
        self.reports: list[dict[str, Any]] = []
        self.settles_s = 0.0
        self.worker = DeckWorker(self.player, self.reports.append, lambda: self.settles_s)
        self.do("volume", gain=1.0, duration_ms=0)

    def do(self, what: str, **more: object) -> None:
        self.worker.obey({"do": what, **more}, self.now)

    def load(self, gain: float = 1.0, start_s: float = 0.0, number: int = 1) -> None:
        how = {"gain": gain, "limit": 2.0, "start_s": start_s, "bass_db": 0.0, "ahead_ms": 1000}
        self.do("load", load=number, path=str(self.file), **how)

    def play(self) -> None:
        """What was loaded, from now on."""
        self.player.said.append(VlcEvent(VlcEventKind.PREPARED))
        self.worker.tick(self.now)
        self.do("begin", at=self.now)

    def run(self, seconds: float, sounding: bool = True) -> None:
        for _ in range(round(seconds / 0.01)):
            self.now += 0.01
            if sounding:
                self.player.position_s += 0.01
                self.player.blocks_played += 1
            self.worker.tick(self.now)

    def said(self) -> list[str]:
        return [report["say"] for report in self.reports if report["say"] not in {"alive", "position"}]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    file = tmp_path / "a.ogg"
    file.touch()
    return Bench(file)


@pytest.mark.parametrize(
    "number", [errno.EACCES, errno.EMFILE, errno.EIO, errno.ESTALE], ids=errno.errorcode.get
)
def test_a_file_that_the_system_does_not_let_it_read_is_not_at_fault(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    real = builtins.open

    def refuse(name: Any, *more: Any, **named: Any) -> Any:
        if name == str(bench.file):
            raise OSError(number, os.strerror(number))
        return real(name, *more, **named)

    monkeypatch.setattr(builtins, "open", refuse)
    bench.load()
    assert bench.reports[-1] == {"say": "failed", "load": 1, "reason": NOT_NOW}
    monkeypatch.undo()
    bench.load()
    monkeypatch.setattr(builtins, "open", refuse)
    bench.player.said.append(VlcEvent(VlcEventKind.ERROR))
    bench.worker.tick(bench.now)
    assert bench.reports[-1]["reason"] == NOT_NOW, "libVLC only says that it failed"
    monkeypatch.undo()
    bench.load()
    bench.player.said.append(VlcEvent(VlcEventKind.ERROR))
    bench.worker.tick(bench.now)
    assert "no sound" in bench.reports[-1]["reason"]


SESSION = b"v=0\r\no=- 0 0 IN IP4 192.0.2.1\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 5004 RTP/AVP 0\r\n"
ID3 = b"ID3\x04\0\0\0\0\x01\0" + bytes(128)


@pytest.mark.parametrize(
    ("content", "refused"),
    [
        (SESSION, True),
        (ID3 + SESSION, True),
        ("#EXTM3U\nhttp://음악.kr/a.mp3\n".encode(), True),
        (b"", False),  # libVLC says what is wrong with it
        (b"OggS\0\x02", False),
        (ID3 + b"\xff\xfb\x90\x64\0\0", False),
        (SESSION + bytes(9), True),
        (b"\x01\n" + SESSION, True),
        (b"ID3", False),
        (b"RIFFAAAAWAVEfmt \x10\0\0\0", False),
    ],
)
def test_text_that_is_called_a_song_is_shown_to_no_library(
    bench: Bench, content: bytes, refused: bool
) -> None:
    bench.file.write_bytes(content)
    bench.load()
    assert [report["reason"] for report in bench.reports if report["say"] == "failed"] == [NO_MUSIC] * refused
    shown = [call for call in bench.player.calls if call.startswith("load")]
    assert len(shown) == (not refused), "libVLC follows addresses"


def test_what_would_be_noise_is_shown_to_no_library(bench: Bench) -> None:
    form = struct.pack(">HHIIHH", 1, 2, 44100, 176400, 4, 16)
    bench.file.write_bytes(b"RIFX\0\0\x04\0WAVEfmt " + struct.pack(">I", 16) + form + b"data" + bytes(1000))
    bench.load()
    (failed,) = [report["reason"] for report in bench.reports if report["say"] == "failed"]
    assert "RIFX" in failed
    assert not [call for call in bench.player.calls if call.startswith("load")]


def test_nothing_is_opened_while_the_output_still_plays_what_it_mixed_ahead(bench: Bench) -> None:
    bench.settles_s = 1.2
    bench.load()
    bench.run(1.1, sounding=False)
    assert "load a.ogg 0" not in bench.player.calls
    bench.run(0.2, sounding=False)
    assert "load a.ogg 0" in bench.player.calls
    bench.play()
    bench.run(0.1)
    assert bench.said() == ["prepared", "playing"]


def test_a_track_that_is_taken_back_meanwhile_is_not_opened(bench: Bench) -> None:
    bench.settles_s = 1.2
    bench.load()
    bench.do("stop")
    bench.run(2.0, sounding=False)
    assert "load a.ogg 0" not in bench.player.calls


def test_a_track_runs_in_silence_until_its_fade(bench: Bench) -> None:
    bench.load(gain=0.5)
    bench.play()
    bench.run(1)
    assert bench.said() == ["prepared", "playing"]
    assert set(bench.player.gains) == {0.0}
    bench.do("fade", to=1.0, start_at=bench.now + 0.1, duration_ms=1000)
    bench.run(0.6)
    assert bench.player.gain == pytest.approx(0.5 * math.sqrt(0.5), rel=0.01)
    bench.run(0.6)
    assert bench.player.gain == 0.5
    assert bench.said() == ["prepared", "playing", "faded"]


def test_a_position_that_moves_without_sound_is_not_playing(bench: Bench) -> None:
    bench.load()
    bench.play()
    for _ in range(100):
        bench.player.position_s += 0.01
        bench.run(0.01, sounding=False)
    assert bench.said() == ["prepared"]


def test_sound_that_goes_to_another_output_than_the_named_one_is_stopped_at_once(bench: Bench) -> None:
    bench.load()
    bench.play()
    bench.run(1)
    bench.player.wrong_sink = "the output bar is not there"
    bench.run(0.01)
    assert bench.said() == ["prepared", "playing", "no_output"]
    assert bench.reports[-1]["reason"] == "the output bar is not there"
    assert bench.player.calls[-1] == "release"


def test_positions_come_four_times_a_second_and_a_sign_of_life_otherwise(bench: Bench) -> None:
    bench.load(start_s=20)
    bench.play()
    bench.run(2.3)
    positions = [report for report in bench.reports if report["say"] == "position"]
    assert 7 <= len(positions) <= 9
    assert positions[-1]["position_s"] - 20 == pytest.approx(positions[-1]["at"] - 100, abs=0.05)
    assert positions[-1]["duration_s"] == 60
    bench.do("stop")
    bench.reports.clear()
    bench.run(2)
    assert [report["say"] for report in bench.reports].count("alive") >= 7


def test_volume_and_fade_multiply(bench: Bench) -> None:
    bench.load(gain=0.8)
    bench.play()
    bench.do("fade", to=1.0, start_at=bench.now, duration_ms=0)
    bench.do("volume", gain=0.5, duration_ms=1000)
    bench.run(0.5)
    assert bench.player.gain == pytest.approx(0.8 * 0.75, rel=0.02)
    bench.run(1)
    assert bench.player.gain == pytest.approx(0.4)


def test_pause_and_resume_glide(bench: Bench) -> None:
    bench.load()
    bench.play()
    bench.do("fade", to=1.0, start_at=bench.now, duration_ms=0)
    bench.run(1)
    bench.player.gains.clear()
    bench.do("pause")
    bench.run(0.3)
    assert bench.player.calls[-1] == "pause"
    assert len(set(bench.player.gains)) > 8
    assert bench.player.gain == 0
    bench.do("resume")
    bench.run(0.3)
    assert bench.player.calls[-1] == "resume"
    assert bench.player.gain == 1
    steps = [abs(b - a) for a, b in zip(bench.player.gains, bench.player.gains[1:], strict=False)]
    assert max(steps) < 0.12


@pytest.mark.parametrize(
    ("event", "heard", "expected"),
    [
        (VlcEventKind.ENDED, True, "ended"),
        (VlcEventKind.ENDED, False, "failed"),
        (VlcEventKind.ERROR, True, "failed"),
        (VlcEventKind.ERROR, False, "failed"),
    ],
)
def test_ends(bench: Bench, event: VlcEventKind, heard: bool, expected: str) -> None:
    bench.load(number=7)
    bench.play()
    bench.run(0.2, sounding=heard)
    bench.player.said.append(VlcEvent(event))
    bench.run(0.02, sounding=False)
    assert bench.said()[-1] == expected
    assert bench.reports[-1]["load"] == 7
    assert bench.player.calls[-1] == "release"


def test_a_track_that_is_over_before_anybody_noticed_it_run_has_been_heard(bench: Bench) -> None:
    bench.load()
    bench.play()
    bench.player.blocks_played = 30
    bench.player.said.append(VlcEvent(VlcEventKind.ENDED))
    bench.run(0.02, sounding=False)
    assert bench.said() == ["prepared", "playing", "ended"]


def test_a_missing_file_fails_before_libvlc_sees_it(bench: Bench) -> None:
    bench.file.unlink()
    bench.load()
    bench.play()
    assert bench.said() == ["failed"]
    assert not [call for call in bench.player.calls if call != "release"]


def test_no_output_when_loading(bench: Bench) -> None:
    bench.player.no_output = "no audio device: connection refused"
    bench.load()
    assert bench.reports[-1]["say"] == "no_output"
    assert bench.reports[-1]["reason"] == "no audio device: connection refused"


@pytest.mark.parametrize(
    ("errors", "within_s", "gone"),
    [(OUTPUT_ERRORS, 0.4, True), (OUTPUT_ERRORS - 1, 0.4, False), (OUTPUT_ERRORS * 2, 8.0, False)],
)
def test_many_errors_of_the_output_at_once_mean_it_is_gone(
    bench: Bench, errors: int, within_s: float, gone: bool
) -> None:
    bench.load()
    bench.play()
    bench.run(1)
    for _ in range(errors):
        bench.player.said.append(VlcEvent(VlcEventKind.OUTPUT_ERROR, "cannot write: Connection terminated"))
        bench.run(within_s / errors)
    assert ("no_output" in bench.said()) is gone


def test_commands_that_make_no_sense_are_let_pass(bench: Bench) -> None:
    for command in ("pause", "resume", "stop"):
        bench.do(command)
    bench.do("fade", to=1.0, start_at=bench.now, duration_ms=10)
    bench.do("begin", at=bench.now)
    bench.run(0.1, sounding=False)
    assert set(bench.player.calls) == {"release"}


def test_a_track_is_held_until_its_moment_and_begins_at_full_level_if_told(bench: Bench) -> None:
    bench.load(start_s=5)
    bench.player.said.append(VlcEvent(VlcEventKind.PREPARED))
    bench.worker.tick(bench.now)
    begin_at = bench.now + 0.5
    bench.do("begin", at=begin_at)
    bench.do("fade", to=1.0, start_at=begin_at, duration_ms=0)
    bench.run(0.48, sounding=False)
    assert "resume" not in bench.player.calls
    assert bench.player.gain == 0
    assert bench.worker.patience_s(begin_at - 0.003) == pytest.approx(0.003, abs=1e-6)
    bench.run(0.04, sounding=False)
    assert bench.player.calls[-1] == "resume"
    assert bench.player.gain == 1
    bench.run(0.3)
    playing = next(report for report in bench.reports if report["say"] == "playing")
    assert playing["position_s"] - 5 == pytest.approx(playing["at"] - begin_at, abs=0.02)


def test_a_pause_before_the_moment_holds_the_track_and_resume_begins_it(bench: Bench) -> None:
    bench.load()
    bench.player.said.append(VlcEvent(VlcEventKind.PREPARED))
    bench.worker.tick(bench.now)
    bench.do("begin", at=bench.now + 0.2)
    bench.do("pause")
    bench.run(1, sounding=False)
    assert "resume" not in bench.player.calls
    bench.do("resume")
    assert bench.player.calls[-1] == "resume"


def test_a_stream_plays_in_silence_at_once_and_is_prepared_when_it_runs(bench: Bench) -> None:
    how = {"gain": 1.0, "limit": 2.0, "start_s": 0.0, "bass_db": 0.0, "ahead_ms": 1000}
    bench.do("load", load=1, path="http://radio.example/a", **how)
    bench.run(0.3, sounding=False)
    assert bench.said() == []
    bench.run(0.3)
    assert bench.said() == ["prepared"]
    bench.do("begin", at=bench.now)
    bench.run(0.3)
    assert bench.said() == ["prepared", "playing"]


def test_a_file_that_libvlc_does_not_get_ready_is_let_run_in_silence(bench: Bench) -> None:
    bench.load()
    bench.run(0.6, sounding=False)
    assert "resume" not in bench.player.calls
    bench.run(0.2, sounding=False)
    assert bench.player.calls[-1] == "resume"
    bench.run(0.1)
    assert bench.said() == ["prepared"]
    assert bench.player.gain == 0


def test_no_volume_makes_a_track_louder_than_its_peaks_allow(bench: Bench) -> None:
    bench.do(
        "load", load=1, path=str(bench.file), gain=2.0, limit=0.7, start_s=0.0, bass_db=0.0, ahead_ms=1000
    )
    bench.play()
    bench.do("fade", to=1.0, start_at=bench.now, duration_ms=0)
    bench.run(0.2)
    assert bench.player.gain == 0.7
    bench.do("volume", gain=0.25, duration_ms=0)
    assert bench.player.gain == 0.5


@pytest.mark.parametrize(("moving", "at_most_s"), [(True, 0.02), (False, 0.1)])
def test_the_deck_runs_fast_only_while_something_glides(bench: Bench, moving: bool, at_most_s: float) -> None:
    bench.load()
    bench.play()
    if moving:
        bench.do("fade", to=1.0, start_at=bench.now + 1, duration_ms=1000)
    bench.run(0.5)
    assert (bench.worker.patience_s(bench.now) <= 0.02) is moving
    assert bench.worker.patience_s(bench.now) <= at_most_s


def test_the_child_stays_small() -> None:
    code = "import player.playback.deck_child, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not {"numpy", "pydantic", "vlc", "player.types", "player.config.settings"} & set(loaded.split())
