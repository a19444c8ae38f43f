"""Outputs by name: what is heard where, when they come and go."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from player.cli.doctor import examine
from player.config.settings.config import Config
from player.config.settings.playback import PlaybackSettings
from player.events import PlaybackEvent, Silent
from player.playback.service import PlaybackService, spawn_decks
from player.system import login_session
from player.types import Choice, Track
from tests.integration.test_daemon import simple
from tests.support.daemon import Daemon
from tests.support.music import calm
from tests.support.pulse import SINK, PrivatePulse, levels_db, pulse_here, recording
from tests.support.waiting import wait_for

WINDOW_S = 0.01


@pytest.fixture(scope="module")
def track(tmp_path_factory: pytest.TempPathFactory) -> Track:
    file = calm(tmp_path_factory.mktemp("music") / "calm.wav", 120)
    return Track(file, "calm", duration_s=120, loudness_lufs=-18, peak_dbfs=-6)


@pytest.fixture
def pulse() -> Iterator[PrivatePulse]:
    with pulse_here() as own:
        yield own


@contextmanager
def playing(track: Track, output: str) -> Iterator[tuple[PlaybackService, list[PlaybackEvent]]]:
    events: list[PlaybackEvent] = []
    settings = PlaybackSettings(volume=100, output=output, first_fade_s=0.1, retry_max_s=1)
    playback = PlaybackService(settings, spawn_decks, lambda why: Choice(track, why), events.append)
    playback.start()
    try:
        yield playback, events
    finally:
        playback.close()


def test_a_named_output_that_vanishes_never_becomes_another_and_is_taken_up_again(
    pulse: PrivatePulse, track: Track
) -> None:
    usb = pulse.add_sink("usb")
    with playing(track, "pulse:usb") as (playback, events), recording(pulse) as elsewhere:
        with recording(pulse, "usb") as heard:
            wait_for(heard.sounds, 20, "music on the named output")
            wait_for(lambda: (playback.status().position_s or 0) > 2, 20, "it to go on")
            pulse.pactl("unload-module", usb)
        wait_for(lambda: playback.status().state == "silent", 5, "the player to notice")
        assert playback.status().silent_reason == "the output usb is not there"
        stood_at_s = playback.status().position_s
        away_at = time.monotonic()
        wait_for(lambda: len(elsewhere.since(away_at)) > 3 * 48000, 10, "several tries to find it")
        assert playback.status().state == "silent"

        usb = pulse.add_sink("usb")
        with recording(pulse, "usb") as heard:
            wait_for(heard.sounds, 5, "music on the named output again")
        wait_for(lambda: playback.status().state == "playing", 5, "the status to say so")
        assert abs(playback.status().position_s - stood_at_s) < 4
        leaked_s = WINDOW_S * (levels_db(elsewhere.samples, WINDOW_S) > -80).sum()
    assert leaked_s < 0.3  # PulseAudio itself moves the stream; measured: 0 to 0.07 s until that is noticed
    assert [event for event in events if isinstance(event, Silent)] == [Silent("the output usb is not there")]


def test_a_named_output_stays_when_another_becomes_the_default(pulse: PrivatePulse, track: Track) -> None:
    pulse.add_sink("usb")
    pulse.add_sink("hdmi")
    with playing(track, "pulse:usb") as (playback, _), recording(pulse, "hdmi") as elsewhere:
        with recording(pulse, "usb") as heard:
            wait_for(heard.sounds, 20, "music on the named output")
        pulse.pactl("set-default-sink", "hdmi")  # for which PulseAudio moves even streams that named a sink
        with recording(pulse, "usb") as heard:
            wait_for(lambda: heard.sounds(1.0), 10, "music on the named output still")
        # libVLC says four times a second where it is: the first sound is heard a moment before that.
        wait_for(lambda: playback.status().state == "playing", 2, "it to be known")
        assert WINDOW_S * (levels_db(elsewhere.samples, WINDOW_S) > -80).sum() < 0.3


def test_a_named_output_that_is_not_there_yet_is_waited_for(pulse: PrivatePulse, track: Track) -> None:
    with playing(track, "pulse:usb") as (playback, _), recording(pulse) as elsewhere:
        wait_for(lambda: playback.status().state == "silent", 20, "the player to miss it")
        assert "usb" in playback.status().silent_reason
        pulse.add_sink("usb")
        with recording(pulse, "usb") as heard:
            wait_for(heard.sounds, 10, "music on the named output")
        assert levels_db(elsewhere.samples, WINDOW_S).max() < -80


def test_without_a_name_the_music_goes_with_the_default_output(pulse: PrivatePulse, track: Track) -> None:
    with playing(track, "auto") as (_, events):
        with recording(pulse) as heard:
            wait_for(heard.sounds, 20, "music")
        usb = pulse.add_sink("usb")
        pulse.pactl("set-default-sink", "usb")
        with recording(pulse, "usb") as heard:
            wait_for(lambda: heard.sounds(1.0), 10, "the music on the new one")
        pulse.pactl("unload-module", usb)
        with recording(pulse) as heard:
            wait_for(lambda: heard.sounds(1.0), 10, "the music on the old one again")
        assert not [event for event in events if isinstance(event, Silent)]


@pytest.mark.parametrize("output", ["pulse", "alsa:pulse"])
def test_the_music_survives_a_restart_of_pulseaudio(pulse: PrivatePulse, track: Track, output: str) -> None:
    with playing(track, output) as (playback, _):
        with recording(pulse) as heard:
            wait_for(heard.sounds, 20, "music")
        pulse.stop()
        wait_for(lambda: playback.status().state == "silent", 10, "the player to notice")
        pulse.start()
        with recording(pulse) as heard:
            wait_for(heard.sounds, 10, "music again")


def test_the_doctor_names_every_output_as_one_writes_it_into_the_config(pulse: PrivatePulse) -> None:
    pulse.pactl("load-module", "module-null-sink", "sink_name=usb", "sink_properties=device.description=Bar")
    found = {
        finding.text: finding.bad
        for finding in examine(Config.model_validate({"playback": {"output": "pulse:usb"}}))
        if finding.name == "sound"
    }
    assert found == {f"pulse:{SINK}: Null Output (default)": False, "pulse:usb: Bar (playback.output)": False}
    missing = Config.model_validate({"playback": {"output": "pulse:gone"}})
    assert "pulse:gone (playback.output) is not there now" in [f.text for f in examine(missing) if f.bad]


@pytest.mark.skipif(
    login_session.missing({}) == "" or any(login_session.LOGINS.glob(f"{os.geteuid()}/p*")),
    reason="a sound server can be found here without being named",
)
def test_without_a_session_the_silence_has_a_reason(tmp_path: Path) -> None:
    (tmp_path / "client.conf").write_text("autospawn = no\n", encoding="utf-8")
    env = {"XDG_RUNTIME_DIR": "", "PULSE_SERVER": "", "PULSE_CLIENTCONFIG": str(tmp_path / "client.conf")}
    with Daemon(tmp_path / "player", simple(None), env) as daemon:
        daemon.wait_for("silent")
        (problem,) = daemon.wait_until(lambda status: status["problems"])["problems"]
        assert problem.startswith("XDG_RUNTIME_DIR is not set")
        assert daemon.wait_for("problem")["message"] == problem
