"""The page as the server makes it: for whom, in which language, with which files."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from player.interfaces.command_table import Role
from player.interfaces.front.web.page import static_files
from player.interfaces.front.web.page.languages import LOCALES, Language, chosen
from player.interfaces.front.web.page.rendering import TEMPLATES
from player.interfaces.front.web.security.authenticator import Authenticator, Identity
from scripts.page.catalogues import collected
from tests.fakes import status
from tests.fakes.player import FakePlayer
from tests.fakes.status import playback
from tests.support.front import Known, web

NOBODY, STAFF, OWNER = Known(None), Known(Identity(Role.STAFF, "Mia")), Known(Identity(Role.OWNER, "Jo"))
VENDOR = static_files.FOLDER / "vendor"


def get(
    path: str,
    who: Authenticator = OWNER,
    player: FakePlayer | None = None,
    base_path: str = "",
    **headers: str,
) -> httpx.Response:
    """One page."""
    return get_all([path], who, player, base_path, **headers)[0]


def get_all(
    paths: Iterable[str],
    who: Authenticator = OWNER,
    player: FakePlayer | None = None,
    base_path: str = "",
    **headers: str,
) -> list[httpx.Response]:
    """One after the other, from the same application."""

    async def asked() -> list[httpx.Response]:
        async with web(player or FakePlayer(), who, base_path) as client:
            return [await client.get(path, headers=headers) for path in paths]

    return asyncio.run(asked())


@pytest.mark.parametrize(
    ("cookie", "accepted", "language"),
    [
        (None, "", "en"),
        (None, "ko-KR,ko;q=0.9,en;q=0.8", "ko"),
        (None, "de-DE,de;q=0.9,ko;q=0.2,en;q=0.1", "ko"),
        (None, "ko;q=0, en;q=0.1", "en"),
        (None, "fr", "en"),
        (None, "ko;q=no", "en"),
        ("ko", "en-GB", "ko"),
        ("en", "ko", "en"),
        ("xx", "ko", "ko"),
    ],
)
def test_a_reader_gets_the_language_of_their_switch_or_their_browser(
    cookie: str | None, accepted: str, language: str
) -> None:
    assert chosen(cookie, accepted) == Language(language)


def test_what_files_of_others_are_is_written_down() -> None:
    said = json.loads((VENDOR / "manifest.json").read_text(encoding="utf-8"))["files"]
    for each in said:
        data = (VENDOR / each["file"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == each["sha256"], each["file"]
        assert (VENDOR / each["licence_file"]).read_text(encoding="utf-8")
    known = {each["file"] for each in said} | {each["licence_file"] for each in said} | {"manifest.json"}
    assert {path.name for path in VENDOR.iterdir()} == known


TRANSLATED = [each for each in Language if each is not Language.ENGLISH]


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_sentence_that_two_views_have_is_translated_once(language: Language) -> None:
    """Else the view whose catalogue is read last would decide for all."""
    found: dict[str, set[str]] = {}
    for path in (LOCALES / language / "LC_MESSAGES").glob("*.po"):
        for message in read_po(io.BytesIO(path.read_bytes()), language):
            if message.id:
                found.setdefault(str(message.id), set()).add(str(message.string))
    assert {english: all_of for english, all_of in found.items() if len(all_of) > 1} == {}


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_sentence_is_in_every_language_and_compiled(language: Language) -> None:
    folder = LOCALES / language / "LC_MESSAGES"
    placeholders = re.compile(r"%\(\w+\)[sd]")
    for view, wanted in collected().items():
        written = read_po(io.BytesIO((folder / f"{view}.po").read_bytes()), language)
        compiled = read_mo(io.BytesIO((folder / f"{view}.mo").read_bytes()))
        for message in wanted:
            if not message.id:
                continue
            translated, ready = written.get(message.id), compiled.get(message.id)
            assert translated is not None, f"run python -m scripts.page.catalogues: {message.id!r}"
            assert translated.string, f"not translated: {message.id!r}"
            assert ready is not None, f"not compiled: {message.id!r}"
            assert ready.string == translated.string, f"not compiled: {message.id!r}"
            assert set(placeholders.findall(str(message.id))) == set(
                placeholders.findall(str(translated.string))
            )


def test_strangers_are_sent_to_log_in_and_staff_sees_what_is_theirs() -> None:
    stranger = get("/", NOBODY)
    assert (stranger.status_code, stranger.headers["location"]) == (303, "/login?then=/")
    assert get("/login", NOBODY).status_code == 200
    assert get("/login?then=//evil.example", OWNER).headers["location"] == "/"
    menu = get("/", STAFF).text
    assert ('href="/photo"' in menu, 'href="/rules"' in menu) == (True, False)
    assert 'href="/rules"' in get("/", OWNER).text


@pytest.mark.parametrize("path", sorted(TEMPLATES.glob("*.html")), ids=lambda path: path.name)
def test_no_form_puts_what_is_typed_into_an_address(path: Path) -> None:
    """A slow phone sends a form before its script is there: a password would stand in every log."""
    for form in re.findall(r"<form[^>]*>", path.read_text(encoding="utf-8")):
        assert re.search(r'\s(method="post"|hx-get=|action=)', form), form


@pytest.mark.parametrize("who", [NOBODY, OWNER])
@pytest.mark.parametrize("base_path", ["", "/music"])
def test_a_form_that_is_sent_before_its_script_is_there_gets_its_page_again(
    who: Authenticator, base_path: str
) -> None:
    async def sent() -> httpx.Response:
        async with web(FakePlayer(), who, base_path) as client:
            headers = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
            return await client.post(f"{base_path}/setup", data={"new": "Ristretto"}, headers=headers)

    answer = asyncio.run(sent())
    assert (answer.status_code, answer.headers["location"]) == (303, f"{base_path}/setup")


def test_a_part_of_a_page_whose_session_is_over_has_the_page_loaded_anew() -> None:
    for path in ("/", "/setup/connections"):
        answer = get(path, NOBODY, **{"HX-Request": "true"})
        assert (answer.status_code, answer.headers["hx-refresh"]) == (401, "true")
    assert "hx-refresh" not in get("/setup/connections", NOBODY).headers


def test_what_tracks_are_called_runs_nothing() -> None:
    track = replace(status.SONG, title="<script>alert(1)</script>", artist="Ä")
    said = get("/", player=FakePlayer(status.whole(playback=playback(track=track)))).text
    assert "&lt;script&gt;alert(1)" in said
    assert "<script>alert" not in said


def test_behind_a_proxy_every_address_is_below_its_path() -> None:
    said = get("/music/", base_path="/music").text
    addresses = re.findall(r'(?:href|src|hx-get|hx-sse:connect)="([^"]+)"', said)
    assert len(addresses) > 10
    assert all(address.startswith(("/music/", "#")) for address in addresses)


def test_scripts_carry_the_answers_own_nonce() -> None:
    answers = [get("/") for _ in range(2)]
    nonces = [re.search(r"'nonce-([^']+)'", each.headers["content-security-policy"]) for each in answers]
    for answer, nonce in zip(answers, nonces, strict=True):
        assert nonce is not None
        assert set(re.findall(r'nonce="([^"]*)"', answer.text)) == {nonce[1]}
    assert len({nonce[1] for nonce in nonces if nonce}) == 2


def test_files_are_kept_for_ever_under_an_address_of_their_content() -> None:
    names = sorted(static_files.FILES)
    for name, answer in zip(names, get_all(map(static_files.address, names), NOBODY), strict=True):
        assert answer.content == static_files.FILES[name].data, name
        assert "immutable" in answer.headers["cache-control"], name
    older = get_all((f"/static/older/{name}" for name in names), NOBODY)
    assert {answer.headers["cache-control"] for answer in older} == {"no-cache"}


@pytest.mark.parametrize("name", ["../page.css", "nothing.js", "vendor/htmx.LICENSE", "%2e%2e/rendering.py"])
def test_nothing_else_is_served(name: str) -> None:
    assert get(f"/static/x/{name}", NOBODY).status_code in (400, 401, 404)


def test_a_page_is_small() -> None:
    said = get("/")
    assets = set(re.findall(r'"(/static/[^"]+)"', said.text))
    packed = get_all(assets, **{"Accept-Encoding": "gzip"})
    total = len(said.content) + sum(int(each.headers["content-length"]) for each in packed)
    assert total < 200_000
