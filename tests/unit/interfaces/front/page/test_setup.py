"""The view Set-up."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from player.interfaces.command_table import Role
from player.interfaces.front.web.app import make_app, served
from player.interfaces.front.web.page.languages import Language
from player.interfaces.front.web.page.rendering import Reader, rendered
from player.interfaces.front.web.page.views.setup import SEEN, shown
from player.interfaces.front.web.security.access import Access
from player.interfaces.front.web.security.logins import Logins
from player.types import Json
from tests.fakes.player import FakePlayer
from tests.unit.interfaces.front.test_web import STAFF, ask

FOUND: Json = {
    "given": ["output"],
    "output": "alsa:gone",
    "camera": "rtsp://cam/1",
    "camera_on": True,
    "folders": ["/music"],
    "outputs": [{"name": "pulse:a", "said": "Built-in", "default": True}],
    "cameras": [{"name": "/dev/video0", "said": "Webcam"}],
    "blip": False,
    "energy": [-1, 1],
    "valence": [-1, 1],
    "found_folders": [
        {"path": "/music", "files": 3, "more": False},
        {"path": "/x", "files": 2, "more": True},
    ],
}


def test_what_is_chosen_stays_a_choice_though_it_is_not_there_now() -> None:
    held = shown(FOUND)
    assert (held["other_output"], held["other_camera"]) == ("alsa:gone", "rtsp://cam/1")
    assert held["default_said"] == "Built-in"
    assert [each["path"] for each in held["new_folders"]] == ["/x"]
    assert shown({**FOUND, "output": "auto", "camera": "/dev/video0"})["other_output"] == ""


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ("Play a test sound", "not set yet")), ("ko", ("시험음 재생", "아직 설정 안 함"))],
)
def test_the_steps_are_in_the_owners_language(language: str, words: tuple[str, ...]) -> None:
    page = ask("GET", "/setup", headers={"Accept-Language": language})
    steps = ask("GET", "/setup/steps", headers={"Accept-Language": language})
    assert page.status_code == steps.status_code == 200
    for word in (*words, "Built-in Audio", "HD Webcam", "/home/ann/Music"):
        assert word in steps.text


@pytest.mark.parametrize(
    ("language", "words"),
    [(Language.ENGLISH, "This machine has room for BLIP"), (Language.KOREAN, "BLIP을 쓸 자리가")],
)
def test_who_has_room_for_blip_and_chose_no_reader_is_told_how_to_get_it(
    language: Language, words: str
) -> None:
    reader = Reader(language, None, "", "", "n")
    steps = rendered("setup_steps.html", reader, {"away": False, "held": shown({**FOUND, "blip": True})})
    assert words in steps
    assert "<code>./scripts/run --with-blip</code>" in steps
    assert "--with-blip" not in rendered("setup_steps.html", reader, {"away": False, "held": shown(FOUND)})


@pytest.mark.parametrize(
    ("files", "more", "counted"), [(1, False, "1 file<"), (1, True, "1+ files<"), (2, False, "2 files<")]
)
def test_one_file_is_one_file(files: int, more: bool, counted: str) -> None:
    found = [{"path": "/x", "files": files, "more": more}]
    reader = Reader(Language.ENGLISH, None, "", "", "n")
    held = shown({**FOUND, "found_folders": found})
    assert counted in rendered("setup_folders.html", reader, {"held": held})


def test_it_is_the_owners() -> None:
    for path in ("/setup", "/setup/steps", "/setup/folders"):
        assert ask("GET", path, who=STAFF).status_code == 403


def test_the_first_page_shows_the_way_once_while_nothing_is_set(tmp_path: Path) -> None:
    async def run() -> tuple[bool, bool, bool]:
        access = Access(port=80)
        logins = Logins.of(access, tmp_path)
        app = make_app(FakePlayer(), access, logins)
        asgi = httpx.ASGITransport(served(app, access, logins.authenticator), client=("127.0.0.1", 5))
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=asgi, base_url="http://127.0.0.1") as client,
        ):

            async def shows() -> bool:
                return "first-start" in (await client.get("/")).text

            before = await shows()
            assert (await client.get("/setup")).cookies[SEEN]
            after = await shows()
            client.cookies.clear()
            await logins.change(lambda found: found.with_password(Role.OWNER, HASH))
            return before, after, await shows()

    assert asyncio.run(run()) == (True, False, False)


HASH = "$argon2id$v=19$m=19456,t=2,p=1$" + "A" * 22 + "$" + "A" * 43
