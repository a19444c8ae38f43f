"""The whole against real silence: libVLC, PulseAudio, monitor and watchdog; what is heard is recorded."""

from __future__ import annotations

import json
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from player.config.settings.playback import PlaybackSettings
from player.events import Alarm, Muted, PlaybackEvent, TrackEnded, TrackFailed
from player.playback.monitor.audio_monitor import AudioMonitorProcess
from player.playback.service import PlaybackService, spawn_decks
from player.status import AudibleStatus, WatchdogStep
from player.types import Choice, Track
from tests.support.daemon import Daemon
from tests.support.music import calm
from tests.support.pulse import RATE, SINK, PrivatePulse, pulse_here, recording
from tests.support.quiet import alarms_judged_in_quiet
from tests.support.waiting import wait_for

SILENT_S = 3.0


class Shop:
    """A playback service with an audio monitor, and what it told."""

    def __init__(self, output: str, tracks: list[Track]) -> None:
        self.events: list[PlaybackEvent] = []
        self.asked: list[str] = []
        self.restarts: list[str] = []
        self.tracks = tracks
        settings = PlaybackSettings.model_validate(
            {
                "volume": 100,
                "start_volume": 100,
                "output": output,
                "first_fade_s": 0.1,
                "skip_fade_s": 0.2,
                "watchdog": {"silent_s": SILENT_S, "restarts_per_hour": 1},
            }
        )
        self.playback = PlaybackService(
            settings,
            spawn_decks,
            self._choose,
            self.events.append,
            monitor=AudioMonitorProcess(),
            restart=self.restarts.append,
        )

    def _choose(self, why: str) -> Choice:
        self.asked.append(why)
        return Choice(self.tracks[(len(self.asked) - 1) % len(self.tracks)], why)

    @property
    def heard(self) -> AudibleStatus:
        return self.playback.status().audible

    @property
    def position_s(self) -> float:
        return self.playback.status().position_s or 0.0

    def steps(self) -> list[str]:
        return [event.step for event in self.events if isinstance(event, Alarm)]

    def stream(self, pulse: PrivatePulse) -> str:
        """The stream of the deck that plays."""
        current = next(deck for deck in self.playback.status().decks if deck.role == "current")
        (pid,) = [deck.pid for deck in self.playback._decks if deck.name == current.name]
        found = pulse.stream_of(pid)
        assert found is not None
        return found

    def wait_for_music(self) -> None:
        wait_for(lambda: self.heard.audible and self.heard.heard_db, 20, "music to be heard")


def music(folder: Path, name: str, parts: list[tuple[float, float]]) -> Track:
    """A file of (seconds, level) one after the other; level 0 is digital silence."""
    source = calm(folder / "source.wav", sum(seconds for seconds, _ in parts))
    with wave.open(str(source)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    gains = np.repeat([level for _, level in parts], [round(seconds * RATE) for seconds, _ in parts])
    with wave.open(str(folder / name), "wb") as file:
        file.setparams((1, 2, RATE, len(gains), "NONE", ""))
        file.writeframes((samples[: len(gains)] * gains).astype("<i2").tobytes())
    return Track(folder / name, name, duration_s=len(gains) / RATE, loudness_lufs=-18, peak_dbfs=-6)


@pytest.fixture
def song(tmp_path: Path) -> Track:
    return music(tmp_path, "song.wav", [(60, 1)])


@pytest.fixture
def pulse() -> Iterator[PrivatePulse]:
    with pulse_here() as own:
        yield own


@contextmanager
def playing(tracks: list[Track], output: str = "pulse") -> Iterator[Shop]:
    shop = Shop(output, tracks)
    shop.playback.start()
    try:
        yield shop
    finally:
        shop.playback.close()


@alarms_judged_in_quiet
def test_a_track_from_which_nothing_comes_gives_way(pulse: PrivatePulse, song: Track, tmp_path: Path) -> None:
    mute = music(tmp_path, "mute.wav", [(60, 0)])
    with playing([mute, song]) as shop, recording(pulse) as heard:
        wait_for(shop.steps, 20, "the alarm")
        wait_for(heard.sounds, 10, "music")
        shop.wait_for_music()
        (ended,) = [event for event in shop.events if isinstance(event, TrackEnded)]
        assert (ended.choice.track.title, ended.audible) == ("mute.wav", False)
        assert shop.steps() == [WatchdogStep.NEXT]
        assert shop.asked == ["start", "alarm"]
        assert not [event for event in shop.events if isinstance(event, TrackFailed)]
        assert shop.heard.listening == f"monitor of {SINK}"


@alarms_judged_in_quiet
def test_a_silence_that_the_library_knows_is_listened_to(pulse: PrivatePulse, tmp_path: Path) -> None:
    rest_s = SILENT_S + 4
    track = replace(
        music(tmp_path, "rest.wav", [(3, 1), (rest_s, 0), (30, 1)]), silences=((3.0, 3.0 + rest_s),)
    )
    with playing([track]) as shop:
        shop.wait_for_music()
        before = shop.steps()  # as where the machine was too busy to begin at once
        wait_for(lambda: shop.position_s > 2 + rest_s and shop.heard.heard_db == -120, 20, "the rest")
        assert shop.heard.audible is None
        wait_for(lambda: shop.position_s > 4 + rest_s, 20, "the music after it")
        shop.wait_for_music()
        assert shop.steps() == before


@pytest.mark.parametrize("what", ["stream", "sink"])
@alarms_judged_in_quiet
def test_what_somebody_mutes_is_said_and_not_fought(pulse: PrivatePulse, song: Track, what: str) -> None:
    pulse.pactl("set-sink-mute", SINK, "0")  # an earlier take may have muted it
    with playing([song]) as shop:
        shop.wait_for_music()
        before = shop.steps()  # as where the machine was too busy to begin at once
        thing = (shop.stream(pulse), "sink-input") if what == "stream" else (SINK, "sink")
        pulse.pactl(f"set-{thing[1]}-mute", thing[0], "1")
        wait_for(lambda: shop.heard.problem, 10, "the player to say so")
        assert "muted" in shop.heard.problem
        assert shop.heard.audible is False
        muted_at_s = shop.position_s
        wait_for(lambda: shop.position_s > muted_at_s + SILENT_S + 1.5, 20, "longer than an alarm takes")
        assert shop.steps() == before
        pulse.pactl(f"set-{thing[1]}-mute", thing[0], "0")
        shop.wait_for_music()
        assert shop.heard.problem is None
        assert [event.place != "" for event in shop.events if isinstance(event, Muted)] == [True, False]


def test_a_device_that_takes_sound_and_gives_none_is_climbed_against_until_it_is_back(
    pulse: PrivatePulse, song: Track
) -> None:
    with playing([song]) as shop, recording(pulse) as heard:
        shop.wait_for_music()
        pulse.pactl("suspend-sink", SINK, "1")
        wait_for(lambda: len(shop.steps()) >= 3, 40, "three steps")
        assert shop.steps()[:3] == [WatchdogStep.NEXT, WatchdogStep.DECK, WatchdogStep.DECKS]
        assert shop.heard.silent_s >= 3 * SILENT_S  # in tenths
        pulse.pactl("suspend-sink", SINK, "0")
        shop.wait_for_music()
        wait_for(heard.sounds, 10, "music at the sink")
        assert shop.heard.silent_s == 0
        assert shop.heard.steps["fresh libVLC"] == 1
        assert not [event for event in shop.events if isinstance(event, TrackFailed)]


def test_without_pulseaudio_the_decks_own_account_counts(
    song: Track, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = f'pcm.card {{ type file  slave.pcm "null"  file "{tmp_path / "out.raw"}"  format raw }}\n'
    (tmp_path / "asound.conf").write_text("</usr/share/alsa/alsa.conf>\n" + card)
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(tmp_path / "asound.conf"))
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path / 'nobody'}")
    with playing([song], "alsa:card") as shop:
        wait_for(lambda: shop.position_s > SILENT_S + 3, 30, "the music to go on")
        assert shop.heard.audible is True
        assert shop.heard.listening == "the players' own report"
        assert not shop.steps()
        assert (tmp_path / "out.raw").stat().st_size > RATE


def test_the_last_step_restarts_the_process_with_the_same_track(
    pulse: PrivatePulse, song: Track, tmp_path: Path
) -> None:
    (tmp_path / "music").mkdir()
    song.path.rename(tmp_path / "music" / "song.wav")
    changes = {
        "camera": {"enabled": False},
        "library": {"folders": [str(tmp_path / "music")]},
        "playback": {"watchdog": {"silent_s": SILENT_S, "restarts_per_hour": 1}},
    }
    with Daemon(tmp_path / "home", changes, pulse.env) as daemon:
        daemon.wait_until(lambda status: status["playback"]["audible"]["audible"])
        pulse.pactl("suspend-sink", SINK, "1")
        steps = [daemon.wait_for("watchdog", 40, step=step)["step"] for step in WatchdogStep]
        again = daemon.wait_for("restart")
        daemon.wait_for("track", after=again)
        pulse.pactl("suspend-sink", SINK, "0")
        status = daemon.wait_until(lambda status: status["playback"]["audible"]["audible"])
        assert steps == list(WatchdogStep)
        assert status["playback"]["track"]["title"] == "song"
        saved = json.loads((tmp_path / "home" / "state" / "state.json").read_text())
        assert len(saved["restarted_at"]) == 1
