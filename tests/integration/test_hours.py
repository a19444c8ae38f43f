"""Opening hours and a clock that is set, on the whole player with its loudspeaker recorded."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from player.schedule.scheduler import BEAT_S
from player.state import places
from player.types import Json
from tests.support import music
from tests.support.clock import WallClock
from tests.support.daemon import Daemon
from tests.support.pulse import RATE, PrivatePulse, levels_db, recording
from tests.support.quiet import is_soon_enough

SEOUL = ZoneInfo("Asia/Seoul")
FRIDAY = datetime(2027, 5, 7, 8, tzinfo=SEOUL)
FADE_S = 3.0


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("songs")
    for number, root_hz in enumerate((220.0, 247.0), 1):
        music.calm(folder / f"calm {number}.wav", 60, root_hz)
    return folder


def shop(songs: Path, **changes: Json) -> Json:
    """Open from eight to eight in Seoul, wherever the machine stands; no camera."""
    return {
        "timezone": "Asia/Seoul",
        "hours": {"open": {"daily": "08:00-20:00"}, "fade_s": FADE_S},
        "camera": {"enabled": False},
        "library": {"folders": [str(songs)], "analyze": False, "rescan_s": 5},
        "dayparts": [
            {"name": "morning", "start": "06:00", "mood": "calm"},
            {"name": "evening", "start": "18:00", "mood": "calm"},
        ],
        **changes,
    }


def camera(status: Json) -> str:
    return str(status["perception"]["camera"]["state"])


def state(daemon: Daemon) -> str:
    return str(daemon.tell("status")["playback"]["state"])


def test_a_day_at_the_shop(pulse: PrivatePulse, songs: Path, tmp_path: Path) -> None:
    """Silent before it opens, in with a fade, out with a fade, in by hand, out at the next closing."""
    clock = WallClock(tmp_path, FRIDAY - timedelta(hours=1))
    with (
        recording(pulse) as recorded,
        Daemon(tmp_path / "shop", shop(songs), pulse.env | clock.env) as daemon,
    ):
        said = daemon.wait_for("hours", open=False)
        assert "opens Fri 07 May 08:00: the player starts in silence" in said["message"]
        before = daemon.wait_until(lambda status: status["playback"]["state"] == "closed")
        assert before["hours"] == {
            "open": False,
            "manual_override": False,
            "changes_at": "2027-05-07T08:00:00+09:00",
        }
        assert before["room"]["daypart"] == "morning"
        # However long the start took: a clock that is set is noticed by the next heartbeat.
        clock.set(FRIDAY - timedelta(seconds=2 * BEAT_S))
        noticed = daemon.wait_for("clock")
        opened = daemon.wait_for("hours", open=True)
        opened_at = clock.monotonic(datetime.fromisoformat(opened["at"]))
        closed_for = recorded.samples[: round((opened_at - recorded.started_at) * RATE)]
        assert levels_db(closed_for, 0.1).max() < -100, "there was sound before it opened"
        first = daemon.wait_for("track")
        daemon.wait_until(lambda status: (status["playback"]["position_s"] or 0) > FADE_S + 2)
        rising = levels_db(recorded.samples[-round((FADE_S + 2) * music.RATE) :], 0.5)
        assert rising[0] < rising[3] - 3 < rising[-1], "no fade-in"
        assert is_soon_enough((datetime.fromisoformat(first["at"]) - FRIDAY).total_seconds(), 3)

        jumped_s = clock.set(FRIDAY.replace(hour=19, minute=59, second=55))
        assert daemon.wait_for("clock", after=noticed)["jump_s"] == pytest.approx(jumped_s, abs=5)
        daemon.wait_for("daypart", name="evening")
        closed = daemon.wait_for("hours", open=False, after=first)
        assert "opens Sat 08 May 08:00: the music stops" in closed["message"]
        daemon.wait_until(lambda _: not recorded.sounds())
        assert state(daemon) == "closed"

        assert "until the next closing" in daemon.tell("resume")["message"]
        daemon.wait_until(lambda status: status["playback"]["state"] == "playing" and recorded.sounds())
        assert daemon.tell("status")["hours"]["manual_override"]
        clock.set(FRIDAY + timedelta(days=1, hours=13))
        daemon.wait_until(lambda status: status["playback"]["state"] == "closed" and not recorded.sounds())


@pytest.mark.long
def test_a_clock_set_back_a_day_while_it_plays(pulse: PrivatePulse, songs: Path, tmp_path: Path) -> None:
    """The music goes on, and so do saves, rescans and openings."""
    clock = WallClock(tmp_path, FRIDAY.replace(hour=19, minute=50))
    newest = places.in_memory(tmp_path / "shop" / "state")
    assert newest is not None
    own = tmp_path / "songs"
    own.mkdir()
    for song in songs.iterdir():
        (own / song.name).symlink_to(song)
    with recording(pulse) as recorded, Daemon(tmp_path / "shop", shop(own), pulse.env | clock.env) as daemon:
        daemon.wait_until(lambda status: (status["playback"]["position_s"] or 0) > 2 and newest.exists())
        thursday = FRIDAY - timedelta(days=1)
        jumped_s = clock.set(thursday.replace(hour=19, minute=30))
        back = daemon.wait_for("clock")
        assert back["jump_s"] == pytest.approx(jumped_s, abs=5)
        position_s = daemon.tell("status")["playback"]["position_s"]
        before = newest.read_bytes()
        (own / "new.wav").symlink_to(next(songs.iterdir()))
        status = daemon.wait_until(
            lambda status: status["library"]["tracks"] == 3 and newest.read_bytes() != before
        )
        assert status["playback"]["state"] == "playing"
        assert recorded.sounds()
        assert status["playback"]["position_s"] > position_s
        assert sum(event["event"] == "clock" for event in daemon.events) == 1, "it is told once"
        first = daemon.wait_for("track")
        daemon.tell("next")
        assert daemon.wait_for("track", after=first)["path"] != first["path"], "played just now, by any clock"
        clock.set(thursday.replace(hour=19, minute=59, second=58))
        ends = daemon.wait_for("hours", open=False, after=back)
        assert is_soon_enough(
            (datetime.fromisoformat(ends["at"]) - thursday.replace(hour=20)).total_seconds(), 2
        )
        daemon.wait_until(lambda status: status["playback"]["state"] == "closed" and not recorded.sounds())


def test_a_machine_that_starts_in_1970(pulse: PrivatePulse, songs: Path, tmp_path: Path) -> None:
    """It waits for its clock in silence; the network sets it, and the music begins at once."""
    clock = WallClock(tmp_path, datetime(1970, 1, 1, 10, tzinfo=SEOUL))
    with (
        recording(pulse) as recorded,
        Daemon(tmp_path / "shop", shop(songs), pulse.env | clock.env) as daemon,
    ):
        daemon.wait_until(lambda status: status["playback"]["state"] == "closed")
        clock.set(FRIDAY + timedelta(hours=2))
        daemon.wait_for("track", 20)
        daemon.wait_until(lambda status: status["playback"]["state"] == "playing" and recorded.sounds())


def test_edited_hours_and_a_word_by_hand(pulse: PrivatePulse, songs: Path, tmp_path: Path) -> None:
    """Closed, nobody looks at the room; `reload` opens and closes; what was said by hand outlives a kill."""
    config = shop(songs, hours={"open": {"daily": "closed"}, "fade_s": 1}, camera={"enabled": True})
    with recording(pulse) as recorded, Daemon(tmp_path / "shop", config, pulse.env) as daemon:
        daemon.wait_until(
            lambda status: (
                status["perception"]["problem"] is None
                and (status["playback"]["state"], camera(status)) == ("closed", "off")
            )
        )
        assert not recorded.sounds()

        edit(daemon, hours={"open": {"daily": "open"}, "fade_s": 1})
        daemon.wait_until(lambda status: recorded.sounds() and camera(status) in ("opening", "live"))
        edit(daemon, hours={"open": {"daily": "closed"}, "fade_s": 1})
        daemon.wait_until(
            lambda status: not recorded.sounds() and status["perception"]["camera"]["state"] == "off"
        )
        daemon.tell("resume")
        daemon.wait_until(lambda status: status["hours"]["manual_override"] and recorded.sounds())
        saved = tmp_path / "shop" / "state" / "state.json"
        daemon.wait_until(lambda _: json.loads(saved.read_text())["open_by_hand"])
        daemon.kill()
        with daemon:
            daemon.wait_until(lambda status: status["hours"]["manual_override"] and recorded.sounds())


def edit(daemon: Daemon, **changes: Json) -> None:
    """Edit config.yaml and have it taken over."""
    values = yaml.safe_load(daemon.config.read_text(encoding="utf-8")) | changes
    daemon.config.write_text(yaml.safe_dump(values, allow_unicode=True), encoding="utf-8")
    assert "changed" in daemon.tell("reload")
