"""What each role may ask of the player."""

import asyncio
import base64
from typing import Any

import pytest

from player.interfaces.command_table import COMMANDS, Role
from player.interfaces.front.web.security.access import Access
from player.interfaces.front.web.security.permission import permitted
from player.interfaces.front.web.security.refusal import Problem
from player.interfaces.front.web.security.secrets_authenticator import Identity, Means
from tests.fakes.player import FakePlayer
from tests.support.front import Known, web
from tests.unit.interfaces.front.web.security.test_pictures import JPEG, SECRET, segment

OWNER, STAFF = (Identity(role, role, Means.TOKEN) for role in (Role.OWNER, Role.STAFF))


def refusal(identity: Identity, name: str, arguments: dict[str, Any]) -> Problem:
    with pytest.raises(Problem) as caught:
        permitted(identity, name, arguments, Access())
    return caught.value


@pytest.mark.parametrize("name", COMMANDS)
def test_staff_may_what_the_table_says(name: str) -> None:
    assert permitted(OWNER, name, {}, Access()) == {}
    if COMMANDS[name].role is Role.OWNER:
        found = refusal(STAFF, name, {})
        assert (found.status, found.code) == (403, "forbidden")
        assert "for the owner" in found.detail
    else:
        assert permitted(STAFF, name, {}, Access()) == {}


@pytest.mark.parametrize("name", ["", "nonsense", "Next", "next ", "__class__"])
def test_what_is_no_command_is_nobodys(name: str) -> None:
    assert {refusal(identity, name, {}).status for identity in (OWNER, STAFF)} == {404}


@pytest.mark.parametrize("value", [10, 80, "10", "80", 45.5, "４５"])
def test_staff_turn_the_volume_within_their_range(value: object) -> None:
    assert permitted(STAFF, "volume", {"percent": value}, Access()) == {"percent": value}


@pytest.mark.parametrize("value", [0, 9, 81, 100, "100", " 100 ", "１００", 80.5, 1e9, -5])
@pytest.mark.parametrize("field", ["percent", "value"])
def test_and_not_beyond_it_however_it_is_written(value: object, field: str) -> None:
    found = refusal(STAFF, "volume", {field: value})
    assert "staff may set the volume from 10 to 80" in found.detail
    assert refusal(STAFF, "volume", {"percent": 50, "value": value}).status == 403
    assert permitted(OWNER, "volume", {field: value}, Access()) == {field: value}


def test_a_picture_is_cleaned_before_the_player_sees_it() -> None:
    dirty = JPEG[:2] + segment(0xFE, SECRET) + JPEG[2:] + SECRET
    arguments = {"picture": base64.b64encode(dirty).decode(), "minutes": 30}
    sent = permitted(OWNER, "status", arguments, Access())
    assert sent["minutes"] == 30
    assert SECRET not in base64.b64decode(sent["picture"])
    assert refusal(OWNER, "status", {"picture": base64.b64encode(b"<svg/>").decode()}).status == 415
    assert refusal(OWNER, "status", {"picture": "no base64!"}).status == 422


def told(who: Role, path: str, fields: dict[str, Any]) -> tuple[int, list[tuple[str, dict[str, Any]]]]:
    """The status that the whole application answers, and what reaches the player."""
    player = FakePlayer()

    async def run() -> int:
        async with web(player, Known(Identity(who, who))) as client:
            return (await client.post(path, json=fields)).status_code

    return asyncio.run(run()), player.told


@pytest.mark.parametrize("path", ["/api/playlist", "/api/commands/playlist"])
def test_every_route_cleans_a_picture(path: str) -> None:
    dirty = base64.b64encode(JPEG[:2] + segment(0xFE, SECRET) + JPEG[2:] + SECRET).decode()
    status, ((_, sent),) = told(Role.OWNER, path, {"picture": dirty, "minutes": 30})
    assert status == 200
    assert SECRET not in base64.b64decode(sent["picture"])
    for hostile, expected in ((b"<svg/>", 415), (JPEG[:-9], 422)):
        picture = base64.b64encode(hostile).decode()
        assert told(Role.OWNER, path, {"picture": picture, "minutes": 30}) == (expected, [])
    assert told(Role.STAFF, path, {"picture": dirty, "minutes": 30}) == (403, [])
    assert told(Role.STAFF, path, {"mood": "calm", "minutes": 30})[0] == 200


def test_every_route_keeps_to_the_staffs_range() -> None:
    path = "/api/commands/volume"
    assert told(Role.STAFF, path, {"percent": 95}) == (403, [])
    assert told(Role.STAFF, path, {"percent": 40}) == (200, [("volume", {"percent": 40})])
    assert told(Role.OWNER, path, {"percent": 95})[0] == 200
