"""Announcements by the whole player, recorded: the music goes down, a file is heard, the music comes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from player.errors import ControlError
from player.library.analysis.measure import measure
from player.types import Json
from tests.integration.test_playback import say
from tests.support import music
from tests.support.clock import WallClock
from tests.support.daemon import Daemon
from tests.support.pulse import PrivatePulse, level_db, levels_db, recording
from tests.support.quiet import GapError, gaps_judged_in_quiet
from tests.support.transitions import HIGH, LOW, noise_track
from tests.support.waiting import wait_for

DUCK_DB = 15.0
GONG_S = 5.0
WINDOW_S = 0.1


def shop(folder: Path, items: list[Json]) -> Json:
    """Plays low noise at full volume; no camera."""
    songs = folder / "songs"
    songs.mkdir()
    for number in (1, 2):
        noise_track(songs / f"{number}{'x' * number}.wav", LOW, 60)
    return {
        "timezone": "UTC",
        "camera": {"enabled": False},
        "library": {"folders": [str(songs)], "analyze": False},
        "dayparts": [{"name": "day", "start": "00:00", "mood": "calm"}],
        "playback": {"volume": 100, "start_volume": 100, "first_fade_s": 0.2},
        "announcements": {"duck_db": DUCK_DB, "duck_ramp_s": 0.8, "target_lufs": -16, "items": items},
    }


@pytest.mark.alone
@gaps_judged_in_quiet
def test_the_music_makes_room_for_a_file(pulse: PrivatePulse, tmp_path: Path) -> None:
    gong = noise_track(tmp_path / "gong.wav", HIGH, GONG_S).path
    with recording(pulse) as recorded, Daemon(tmp_path / "player", shop(tmp_path, []), pulse.env) as daemon:
        daemon.wait_until(lambda status: (status["playback"]["position_s"] or 0) > 3)
        empty, text = tmp_path / "empty.wav", tmp_path / "words.mp3"
        empty.touch()
        text.write_text("root:x:0:0:root:/root:/bin/bash\n" * 30)
        for nonsense in (None, "gong.wav", *map(str, (tmp_path / "nowhere.wav", tmp_path, empty, text))):
            with pytest.raises(ControlError):
                daemon.tell("announce", nonsense)
        asked_at = recorded.samples.size
        daemon.tell("announce", str(gong))
        status = daemon.wait_until(lambda status: status["playback"]["announcement"]["title"])
        assert status["playback"]["announcement"] == {"title": "gong.wav", "waiting": 0}
        daemon.wait_until(lambda _: levels_db(recorded.samples[-music.RATE :], 0.5, *HIGH).max() > -50)
        daemon.tell("next")  # the music may change meanwhile
        daemon.wait_until(lambda status: not status["playback"]["announcement"]["title"])
        ended_at = recorded.samples.size
        daemon.wait_until(lambda _: recorded.samples.size > ended_at + 3 * music.RATE)
        samples = recorded.samples[asked_at - 2 * music.RATE :]

    low, high = levels_db(samples, WINDOW_S, *LOW), levels_db(samples, WINDOW_S, *HIGH)
    heard = np.flatnonzero(high > -50)
    first, last = heard[0], heard[-1]
    before, after = np.mean(low[:15]), np.mean(low[-15:])
    during = low[first + 15 : last - 2]  # the crossfade to the next track is over by then
    treble = levels_db(samples, 0.02, 10000)
    own = (
        np.abs(np.arange(treble.size)[:, None] * 0.02 - np.array([first, last]) * WINDOW_S).min(axis=1) < 0.3
    )
    clicks, boundaries = treble[~own], treble[own]
    k_weighted = music.k_weighted_db(
        samples[(first + 10) * music.RATE // 10 : (last - 5) * music.RATE // 10], 1.0
    )
    loudness_lufs = np.mean(k_weighted) + 3.01  # two channels of the same
    say(
        f"music {before:.1f} dB, {np.mean(during) - before:+.1f} dB during, {after - before:+.1f} dB after; "
        f"announcement of {len(heard) * WINDOW_S:.1f} s at {loudness_lufs:.1f} LUFS, "
        f"{measure(gong)[0]:.1f} in the file; "
        f"above 10 kHz {treble[:100].max():.0f} dB before, {clicks.max():.0f} dB at most, "
        f"{boundaries.max():.0f} dB at its own edges"
    )
    assert np.mean(during) - before == pytest.approx(-DUCK_DB, abs=1.5)
    assert after - before == pytest.approx(0, abs=1)
    assert last - first == pytest.approx(GONG_S / WINDOW_S, abs=3), "it was cut short"
    assert np.mean(low[first : first + 3]) - before < -10, "it began before the music had made room"
    assert loudness_lufs == pytest.approx(-16, abs=1)
    if clicks.max() >= -70:  # a sound server that was kept waiting clicks, too
        raise GapError(f"a click of {clicks.max():.0f} dB")
    assert boundaries.max() < -45, "a click where the announcement begins or ends, beyond its own hard edges"


def test_at_its_time_a_command_is_heard_and_a_missing_file_only_logs(
    pulse: PrivatePulse, tmp_path: Path
) -> None:
    noon = datetime(2027, 5, 7, 12, tzinfo=UTC)
    clock = WallClock(tmp_path, noon - timedelta(minutes=20))
    command = f"date > '{tmp_path}/said'; sleep 3; exit 3"
    items: list[Json] = [
        {"file": str(tmp_path / "nowhere.mp3"), "at": ["12:00"]},
        {"command": command, "every_min": 30},
    ]
    config = shop(tmp_path, items)
    with recording(pulse) as recorded, Daemon(tmp_path / "player", config, pulse.env | clock.env) as daemon:
        daemon.wait_until(lambda status: (status["playback"]["position_s"] or 0) > 2)
        full_db = level_db(recorded.samples[-music.RATE // 2 :])
        clock.set(noon - timedelta(seconds=15))
        daemon.wait_for("clock")  # the schedule runs: what a busy machine takes to start it costs nothing
        begun = daemon.wait_for("announcement", message="announced: date")
        assert (datetime.fromisoformat(begun["at"]) - noon).total_seconds() < 2
        assert any("there is no such file" in event["message"] for event in daemon.events)
        daemon.wait_until(
            lambda _: (tmp_path / "said").exists() and level_db(recorded.samples[-4800:]) < full_db - 12
        )
        daemon.wait_until(lambda _: abs(level_db(recorded.samples[-9600:]) - full_db) < 1.5)
        assert daemon.tell("status")["playback"]["announcement"]["title"] is None
        assert any("the command ended with 3" in event["message"] for event in daemon.events)


@pytest.mark.alone
def test_a_gong_of_half_a_second_is_heard_whole(pulse: PrivatePulse, tmp_path: Path) -> None:
    """libVLC cannot hold a file at its start that is shorter than what it reads ahead."""
    gong = noise_track(tmp_path / "gong.wav", HIGH, 0.5).path
    with recording(pulse) as recorded, Daemon(tmp_path / "player", shop(tmp_path, []), pulse.env) as daemon:
        daemon.wait_until(lambda status: (status["playback"]["position_s"] or 0) > 2)
        asked_at = recorded.samples.size
        daemon.tell("announce", str(gong))
        daemon.wait_for("announcement", message="announced: gong.wav")
        daemon.wait_until(lambda status: not status["playback"]["announcement"]["title"])

        def heard_s() -> float:
            return float((levels_db(recorded.samples[asked_at:], 0.02, *HIGH) > -50).sum()) * 0.02

        wait_for(lambda: heard_s() > 0.4, 10, "the gong")
        first = recorded.samples.size
        wait_for(lambda: recorded.samples.size > first + music.RATE // 2, 10, "what comes after it")
    assert heard_s() == pytest.approx(0.5, abs=0.08)
