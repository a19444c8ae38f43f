"""What is long, missing or wrong, as the page shows it: statuses that a test makes up, in a real browser."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, Route, expect

from player.errors import ErrorCode
from player.interfaces.front.player_client import AWAY, PlayerRefusal
from player.interfaces.front.web.app import make_app, served
from player.interfaces.front.web.security.access import Access
from player.status import (
    AnnouncementStatus,
    CameraState,
    CameraStatus,
    LensState,
    MoodReaderStatus,
    PerceptionStatus,
    PlayerStatus,
    PointStatus,
    RoomStatus,
    SceneStatus,
    ShiftStatus,
    TargetStatus,
    TrackStatus,
)
from player.types import Json
from tests.fakes import status
from tests.fakes.player import FakePlayer
from tests.support.browser import DESK, PHONE, TABLET, clean, cut, opened, widest_px
from tests.support.front import OWNER
from tests.support.waiting import wait_for

KOREAN = "바람이불어오는곳에서우리가다시만날때까지기다리겠다는아주긴제목의노래그리고"
LONG = (KOREAN * 6)[:200]
LATIN = "Donaudampfschifffahrtsgesellschaftskapitänsmütze" * 4
TRACK = TrackStatus(
    f"/music/{LONG}.flac", LONG, "", "", f"closest to calm music among 100000; goes on from {LONG} (tempo)", 7
)
ROOM = RoomStatus(
    mood=PointStatus(-1.0, 1.0),
    unusual=("more people than usual at this time of day", "brighter than usual"),
    target=TargetStatus(LONG, 1.0, -1.0, "the room is peaceful and has been for a long while"),
    daypart=LATIN,
    pinned=LONG,
    shifts=tuple(
        ShiftStatus(
            f"2026-05-01T1{n}:00:00+02:00", "the room was quiet and has been tense for 10 s", 0.1, n / 10
        )
        for n in range(5)
    ),
)
FAULTS = (
    f"The disk of /media/{LATIN}/{LONG} cannot be written to: nothing new is learnt until it can be.",
    "The machine has no sound device: plug one in, or name another one as playback.output in config.yaml.",
    f"The folder /media/{LONG} cannot be read: check its disk, and library.folders in config.yaml.",
    "The clock of this machine is wrong: it says 1970-01-01.",
)


def _perception(**changes: object) -> PerceptionStatus:
    seen = replace(
        status.perception(),
        camera=CameraStatus(True, CameraState.LIVE, "rtsp://camera", 100),
        lens=LensState.OK,
        scene=SceneStatus(f"{LATIN} on a table", 123, 0.5),
    )
    return replace(seen, **changes)  # type: ignore[arg-type]


def _camera(state: CameraState, error: str | None = None) -> PerceptionStatus:
    return _perception(camera=CameraStatus(True, state, "rtsp://camera", error=error))


def _library(**changes: object) -> object:
    return replace(status.library(), **changes)  # type: ignore[arg-type]


STATUSES: dict[str, PlayerStatus] = {
    "long names": status.whole(
        playback=status.playback(
            track=TRACK, coming=(TRACK, replace(TRACK, title=LATIN, artist=LONG), TRACK)
        ),
        room=ROOM,
        perception=_perception(),
        library=_library(tracks=100_000, analysed=40_000, pending=60_000),
    ),
    "an announcement": status.whole(
        playback=status.playback(
            track=replace(TRACK, artist=LONG, album=LONG), announcement=AnnouncementStatus(LONG, 3)
        ),
    ),
    "no tracks": status.whole(
        playback=status.playback(
            state="silent", track=None, silent_reason="There is no music in the library yet."
        ),
        library=_library(tracks=0, analysed=0),
    ),
    "all faults": status.whole(
        playback=status.playback(
            state="silent",
            silent_reason=f"No sound device takes the music ({LATIN}): check the cable.",
            audible=status.heard(
                False, f"The music is muted outside the player, in {LATIN}: unmute it there."
            ),
        ),
        perception=_perception(
            camera=CameraStatus(True, CameraState.LOST, "rtsp://camera", error=f"{LATIN} does not answer"),
            problem=f"the models cannot be loaded from /opt/{LATIN}",
        ),
        library=_library(problem=f"/media/{LONG} cannot be read", unreadable=12_345),
        problems=FAULTS,
    ),
    "the lens is covered": status.whole(perception=_perception(lens=LensState.COVERED)),
    "the lens is dark": status.whole(perception=_perception(lens=LensState.DARK)),
    "the picture is frozen": status.whole(perception=_perception(lens=LensState.FROZEN)),
    "the camera ended": status.whole(perception=_camera(CameraState.ENDED)),
    "the camera opens": status.whole(perception=_camera(CameraState.OPENING, LATIN)),
    "a reader with a note": status.whole(
        perception=_perception(mood_reader=MoodReaderStatus("llm", f"{LATIN} gives no answer"))
    ),
    "closed": status.whole(
        playback=status.playback(state="closed", track=None),
        hours=replace(status.hours(False), changes_at="2026-05-02T07:30:00+02:00"),
        perception=_perception(suspended=True),
    ),
    "stopped": status.whole(playback=status.playback(state="stopped", track=None)),
}


class Coverless(FakePlayer):
    """No track has a picture of its own."""

    async def command(self, name: str, arguments: dict[str, Any]) -> Json:
        """See PlayerClient."""
        if name == "cover":
            raise PlayerRefusal(ErrorCode.MISSING, "This track has no picture.")
        return await super().command(name, arguments)


@dataclass(frozen=True)
class Front:
    """The real application, with a player that tests make up."""

    address: str
    player: FakePlayer
    loop: asyncio.AbstractEventLoop

    def show(self, now: PlayerStatus) -> None:
        """The player is like this from now on."""
        parts = {name: getattr(now, name) for name in now.__dataclass_fields__}
        self._there(lambda: self.player.change(**parts))

    def _there(self, what: Callable[[], None]) -> None:
        done = threading.Event()

        def do() -> None:
            what()
            done.set()

        self.loop.call_soon_threadsafe(do)
        assert done.wait(60)


@pytest.fixture(scope="module")
def front() -> Iterator[Front]:
    listening = socket.create_server(("127.0.0.1", 0))
    access, player = Access(port=listening.getsockname()[1]), Coverless()
    app = make_app(player, access)
    server = uvicorn.Server(
        uvicorn.Config(
            served(app, access, OWNER), log_level="critical", lifespan="off", timeout_graceful_shutdown=1
        )
    )
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        async with app.router.lifespan_context(app):
            await server.serve([listening])

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    wait_for(lambda: server.started and app.state.board.newest is not None, 20, "the server")
    yield Front(f"http://127.0.0.1:{access.port}/", player, loops[0])
    server.should_exit = True
    with contextlib.suppress(OSError):
        thread.join(60)


@pytest.mark.parametrize(
    ("width", "language"), [(PHONE, "en"), (PHONE, "ko"), (TABLET, "ko"), (DESK, "en"), (DESK, "ko")]
)
def test_nothing_is_cut_or_wider_than_the_window(
    browser: Browser, front: Front, width: int, language: str
) -> None:
    """In all that a status can say, as it comes to a page that is open."""
    with opened(browser, front.address, width=width, language=language) as owner:
        page = owner.goto("/")
        for number, (what, now) in enumerate(STATUSES.items()):
            # By its volume, one can tell which status is on the page.
            front.show(replace(now, playback=replace(now.playback, volume_wanted=number)))
            expect(page.locator(".now")).to_have_attribute("data-volume", str(number))
            assert widest_px(page) <= width, what
            assert not cut(page), what
        for what in ("long names", "no tracks", "all faults", "closed"):
            front.show(STATUSES[what])
            for path in ("/screen", "/library"):
                owner.goto(path)
                assert widest_px(page) <= width, (what, path)
                assert not cut(page), (what, path)


def test_a_page_is_live_however_slowly_its_scripts_come(browser: Browser, front: Front) -> None:
    """Each of htmx's files comes late in its turn: none begins before the others are there."""
    for late in ("htmx.min", "hx-csp.min", "hx-sse.min"):
        with opened(browser, front.address, width=PHONE) as owner:
            owner.page.route(f"**/{late}.js*", _late)
            front.show(STATUSES["closed"])
            page = owner.goto("/")
            front.show(STATUSES["an announcement"])
            expect(page.get_by_role("heading", level=1)).to_have_text(LONG)


def test_the_steps_of_set_up_come_once_the_player_is_back(
    browser: Browser, front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_away = PlayerRefusal(AWAY, "The player is away.")
    with opened(browser, front.address) as owner:
        monkeypatch.setattr(front.player, "refusal", is_away)
        page = owner.goto("/setup")
        expect(page.locator("#steps .notice.fault")).to_be_visible()
        monkeypatch.setattr(front.player, "refusal", None)
        expect(page.get_by_role("button", name="Play a test sound")).to_be_visible()
        expect(page.locator("[data-range='mood.energy'] output")).not_to_be_empty()
        monkeypatch.setattr(front.player, "refusal", is_away)
        page.evaluate("document.body.dispatchEvent(new CustomEvent('setup:folders'))")
        expect(page.locator("#folders .notice.fault")).to_be_visible()
        monkeypatch.setattr(front.player, "refusal", None)
        expect(page.locator("#folders #picker")).to_be_visible()


def _late(route: Route) -> None:
    threading.Event().wait(0.7)
    route.continue_()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_faults_can_be_read_by_everybody(browser: Browser, front: Front, theme: str) -> None:
    with opened(browser, front.address, width=PHONE, theme=theme) as owner:
        for what in ("all faults", "long names", "no tracks"):
            front.show(STATUSES[what])
            clean(owner.goto("/"))
