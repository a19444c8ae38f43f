"""Passwords set and changed from the page."""

from __future__ import annotations

import pytest

from player.interfaces.command_table import Role
from tests.support.asgi import Reply, asked, post
from tests.unit.interfaces.front.web.security.conftest import PASSWORDS, Shop

NEW = "a few new words"
OLD = PASSWORDS[Role.OWNER]


def change(shop: Shop, headers: dict[str, str] | None = None, peer: str = "127.0.0.1", **more: str) -> Reply:
    fields = {"role": "owner", "new": NEW, **more}
    return post(shop.gate, "/api/password", fields, headers or {}, peer=peer)


def logs_in(shop: Shop, role: str, password: str) -> bool:
    return post(shop.gate, "/api/login", {"role": role, "password": password}).status == 200


def test_the_first_password_is_set_at_this_machine_which_stays_in(open_shop: Shop) -> None:
    reply = change(open_shop)
    assert reply.status == 200, reply.body
    ours = {"cookie": reply.cookie, "x-csrf-token": reply.json["csrf"]}
    assert post(open_shop.gate, "/api/commands/next", headers=ours).json["role"] == "owner"
    assert asked(open_shop.gate, "GET", "/api/status").status == 401, "nobody else is the owner any more"
    assert change(open_shop).status == 401
    assert logs_in(open_shop, "owner", NEW)


def test_nobody_sets_the_first_one_from_afar(open_shop: Shop) -> None:
    assert change(open_shop, peer="192.168.1.20").status in (401, 403)
    assert change(open_shop, {"x-forwarded-for": "1.2.3.4"}).status in (401, 403)
    assert not open_shop.file.read().passwords


def test_the_staffs_comes_after_the_owners(open_shop: Shop) -> None:
    reply = change(open_shop, role="staff")
    assert (reply.status, reply.json["code"]) == (409, "refused")
    assert not open_shop.file.read().passwords


def test_a_change_takes_the_old_one_and_ends_all_other_sessions(shop: Shop) -> None:
    elsewhere, staffs, ours = shop.log_in(), shop.log_in(Role.STAFF), shop.log_in()
    for old in ("", "wrong", PASSWORDS[Role.STAFF]):
        assert change(shop, ours, old=old).status == 403
    assert asked(shop.gate, "GET", "/api/status", elsewhere).status == 200
    reply = change(shop, ours, old=OLD)
    assert reply.status == 200
    assert asked(shop.gate, "GET", "/api/status", {"cookie": reply.cookie}).status == 200
    for gone in (elsewhere, ours):
        assert asked(shop.gate, "GET", "/api/status", gone).status == 401
    assert asked(shop.gate, "GET", "/api/status", staffs).status == 200
    assert logs_in(shop, "owner", NEW)
    assert not logs_in(shop, "owner", OLD)


def test_the_owner_sets_the_staffs_with_their_own(shop: Shop) -> None:
    staffs, ours = shop.log_in(Role.STAFF), shop.log_in()
    assert change(shop, ours, role="staff", old=PASSWORDS[Role.STAFF]).status == 403
    reply = change(shop, ours, role="staff", old=OLD)
    assert (reply.status, reply.header("set-cookie")) == (200, None)
    assert asked(shop.gate, "GET", "/api/status", staffs).status == 401
    assert asked(shop.gate, "GET", "/api/status", ours).status == 200
    assert logs_in(shop, "staff", NEW)


def test_staff_sets_none(shop: Shop) -> None:
    staffs = shop.log_in(Role.STAFF)
    for role in Role:
        assert change(shop, staffs, role=role, old=OLD).status == 403
    assert logs_in(shop, "owner", OLD)


TOO_SHORT = "비밀번호는 8자 이상이어야 합니다. 낱말 몇 개를 이어 쓰십시오."


@pytest.mark.parametrize(
    ("new", "why"),
    [
        ("", TOO_SHORT),
        ("short", TOO_SHORT),
        ("x" * 5000, "비밀번호는 1000자까지입니다."),
        ("line\nbreak words", "비밀번호에는 줄바꿈과 제어 문자를 쓸 수 없습니다."),
    ],
)
def test_what_is_no_password_is_refused_and_why(shop: Shop, new: str, why: str) -> None:
    reply = change(shop, {**shop.log_in(), "accept-language": "ko"}, new=new, old=OLD)
    assert (reply.status, reply.json["detail"]) == (409, why)
    assert logs_in(shop, "owner", OLD)


def test_the_old_one_cannot_be_guessed_for_long(shop: Shop) -> None:
    ours = shop.log_in()
    assert 429 in [change(shop, ours, old=f"guess {number}").status for number in range(40)]
