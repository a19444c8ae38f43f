"""A camera that asks for a login as RFC 7616 has it, and checks what it gets."""

import hashlib
from collections.abc import Callable
from typing import Any
from urllib.request import parse_http_list, parse_keqv_list

import cv2
import pytest

from player.camera.sources.http import HttpSource
from player.config.settings.perception import CameraSettings
from player.errors import CameraError
from tests.fakes.camera import picture
from tests.fakes.http_camera import Answer, HttpCamera, snapshot

JPEG = cv2.imencode(".jpg", picture(90))[1].tobytes()
NONCE = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
REALM = 'caf\u00c3\u00a9 "Aster"'
"""With the é in UTF-8, as it is sent: one character a byte."""
REALM_SENT = REALM.replace('"', '\\"')
MD5 = f'Digest realm="{REALM_SENT}", nonce="{NONCE}", qop="auth", opaque="5ccc", algorithm=MD5'
SHA = MD5.replace("MD5", "SHA-256").replace('"auth"', '"auth-int, auth"')
MAKES: dict[str, Callable[[bytes], Any]] = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}


def is_right(login: str, algorithm: str, user: str, password: str) -> bool:
    """What RFC 7616, 3.4.1 has a camera do."""
    scheme, _, rest = login.encode("latin-1").decode().partition(" ")
    said = parse_keqv_list(parse_http_list(rest))
    make = MAKES[algorithm.removesuffix("-sess")]
    realm = REALM.encode("latin-1").decode()

    def hashed(*parts: str) -> str:
        return make(":".join(parts).encode()).hexdigest()

    secret = hashed(user, realm, password)
    if algorithm.endswith("-sess"):
        secret = hashed(secret, said["nonce"], said["cnonce"])
    middle = (said["nonce"], said["nc"], said["cnonce"], said["qop"]) if "qop" in said else (said["nonce"],)
    return (
        (scheme, said["username"], said["realm"], said.get("algorithm", "MD5"))
        == ("Digest", user, realm, algorithm)
        and said.get("opaque", "5ccc") == "5ccc"
        and said["response"] == hashed(secret, *middle, hashed("GET", said["uri"]))
    )


def asking(offers: tuple[str, ...], is_known: Callable[[str], bool]) -> HttpCamera:
    def answer(_: str, headers: dict[str, str]) -> Answer:
        if is_known(headers.get("Authorization", "")):
            return snapshot(JPEG)
        return 401, {"WWW-Authenticate": "\r\nWWW-Authenticate: ".join(offers)}, []

    return HttpCamera(answer)


def shows(camera: HttpCamera, user: str) -> bool:
    source = HttpSource(camera.url("/snap?n=1", user), CameraSettings(), 5.0, lambda: pytest.fail("no other"))
    source.open()
    try:
        return source.read().shape == (48, 64, 3)
    finally:
        source.close()


@pytest.mark.parametrize(
    ("offers", "algorithm"),
    [
        ((MD5,), "MD5"),
        ((SHA,), "SHA-256"),
        ((SHA, MD5), "SHA-256"),
        ((MD5, SHA), "SHA-256"),
        ((SHA, 'Basic realm="camera"'), "SHA-256"),
        (('Basic realm="camera"', MD5), "MD5"),
        ((f'{SHA}, {MD5}, Basic realm="camera"',), "SHA-256"),
        ((SHA.replace("SHA-256", "SHA-512-256"), MD5), "MD5"),
        ((SHA.replace("auth-int, auth", "auth-int"), "Negotiate", MD5), "MD5"),
        ((MD5.replace("MD5", "MD5-sess"),), "MD5-sess"),
        ((SHA.replace("SHA-256", "SHA-256-sess"),), "SHA-256-sess"),
        ((f'Digest realm="{REALM_SENT}", nonce="{NONCE}"',), "MD5"),
    ],
)
def test_the_safest_login_that_is_offered_is_used(offers: tuple[str, ...], algorithm: str) -> None:
    def is_known(login: str) -> bool:
        return bool(login) and is_right(login, algorithm, "mé", 'pä:ss"wort')

    with asking(offers, is_known) as camera:
        assert shows(camera, "m%C3%A9:p%C3%A4:ss%22wort@")
        with pytest.raises(CameraError, match=r"it refuses the user or the password \(401\)"):
            shows(camera, "m%C3%A9:wrong@")
        assert len(camera.asked) == 4, "a wrong password is shown once"
        with pytest.raises(CameraError, match="it refuses the user or the password"):
            shows(camera, "")


def test_a_nonce_that_has_run_out_is_asked_for_again() -> None:
    logins: list[str] = []

    def is_known(login: str) -> bool:
        logins.append(login)
        return len(logins) == 3 and is_right(login, "SHA-256", "me", "secret")

    with asking((f"{SHA}, stale=TRUE",), is_known) as camera:
        assert shows(camera, "me:secret@")
        del logins[:]
        logins += ["", "", ""]
        with pytest.raises(CameraError, match="it refuses the user or the password"):
            shows(camera, "me:secret@")
    assert len(logins) < 10, "and not for ever"


@pytest.mark.parametrize("offer", ["NTLM", "Negotiate", SHA.replace("SHA-256", "SHA-512-256"), "Digest"])
def test_a_login_of_another_kind_is_said(offer: str) -> None:
    with (
        asking((offer,), lambda _: False) as camera,
        pytest.raises(CameraError, match="it asks for a login that this player does not know") as raised,
    ):
        shows(camera, "me:secret@")

    assert "secret" not in str(raised.value)


def test_a_password_is_not_shown_where_a_detour_leads() -> None:
    shown: list[str] = []

    def is_known(login: str) -> bool:
        shown.append(login)
        return False

    with asking((MD5,), is_known) as other:
        detour = HttpCamera(lambda *_: (302, {"Location": other.url("/snap")}, []))
        with detour as camera, pytest.raises(CameraError, match="it refuses the user or the password"):
            shows(camera, "me:secret@")
    assert shown == [""]


def test_a_password_is_shown_where_a_detour_leads_on_the_same_camera() -> None:
    def answer(path: str, headers: dict[str, str]) -> Answer:
        if path.startswith("/snap"):
            return 302, {"Location": "/cgi-bin/picture.jpg"}, []
        if "Authorization" in headers and is_right(headers["Authorization"], "MD5", "me", "secret"):
            return snapshot(JPEG)
        return 401, {"WWW-Authenticate": MD5}, []

    with HttpCamera(answer) as camera:
        assert shows(camera, "me:secret@")


def test_a_picture_whose_end_a_camera_never_writes_is_one() -> None:
    with HttpCamera(lambda *_: snapshot(JPEG.removesuffix(b"\xff\xd9"))) as camera:
        assert shows(camera, "")
