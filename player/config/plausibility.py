"""What config.yaml may say but cannot mean: an address without a host, a path to nowhere."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from urllib.parse import urlsplit

from player.config.document import Location
from player.config.settings.config import Config
from player.system.probes import run_with_timeout
from player.types import Json, is_address

ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")
"""How an address begins, also one that is not right; a drive's single letter is none."""
CAMERA_SCHEMES = ("rtsp", "rtsps", "http", "https")
_NEARLY = re.compile(r"(?:rtsps?|https?)(?:[:/.]|$)|.*@|[\w.-]+:\d+(?:/|$)", re.IGNORECASE | re.DOTALL)
_VARIABLE = re.compile(
    r"^(?:\$|%\w+%)|(?:^|/)\$(?:\{\w+\}|\([^/]*\)|[A-Z_][A-Z0-9_]*|(?i:home|host|hostname|user|username))(?:/|$)"
)
"""Not every word after a dollar: there are musicians who write themselves so."""
_WINDOWS = re.compile(r"[A-Za-z]:[\\/]|\\\\")
_LABEL = r"[^\W_](?:[\w-]*[^\W_])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_DEVICE = re.compile(r"(?:/dev/video)?(\d+)")
DEVICES = 256
"""So many cameras Linux can number (VIDEO_NUM_DEVICES in its v4l2-dev.c)."""
LOOK_S = 1.0
"""A folder that has not answered for so long is on a mount that lost its server: nothing is said of it."""


def unlikely(config: Config, values: Json, base: Path) -> Iterator[tuple[Location, str]]:
    """Key paths and what is wrong there, in words that repeat no address.

    config  with absolute paths; values  as they stand in the file; base  the folder that the file is in
    """
    said = set()
    for at, text in _paths(values):
        if why := _path(text, base, may_be_address=at[-1] == "source"):
            said.add(at)
            yield at, why
    camera: Location = ("camera", "source")
    if why := _camera(config.camera.source.strip()):
        yield camera, why
    for n, playlist in enumerate(config.library.playlists):
        if why := _playlist(playlist.source):
            yield ("library", "playlists", n, "source"), why
    for section, file in (("mqtt", config.mqtt.ca_file), ("fleet", config.fleet.ca_file)):
        at = (section, "ca_file")
        if file is not None and at not in said and not may_be_there(file):
            yield at, "there is no such file; check its name."


def _path(text: str, base: Path, may_be_address: bool) -> str:
    """What is wrong with a path as it is written, or nothing."""
    if not text.strip():
        return "is empty; write a path, or take the line out."
    if "\t" in text:
        return "holds a tab; in double quotes \\t is one, so write / for each \\ or use single quotes."
    if _VARIABLE.search(text) and not may_be_there(base / text):
        return "holds a variable ($HOME or the like), which is not filled in here; begin with ~ or /."
    if ADDRESS.match(text) and not may_be_address:
        return "is an address, not a path; mount it, and write the folder or file that it then is."
    if _WINDOWS.match(text):
        return "is a path as Windows writes it; write it as this machine does, beginning with /."
    return ""


def not_there(folders: Iterable[Path]) -> list[Path]:
    """Those of the folders that are not there now, as of a disk that is not plugged in."""
    return [folder for folder in folders if not may_be_there(folder)]


def names_camera(source: str) -> bool:
    """Whether it is the name of a kind of camera or a webcam's number: no file called so takes its place."""
    return source.strip().lower() in ("auto", "demo", "picamera") or _is_number(source.strip())


def _camera(source: str) -> str:
    """What is wrong with camera.source, or nothing."""
    if (
        names_camera(source)
        or source.startswith("/dev/")
        or (source.startswith("/") and may_be_there(Path(source)))
    ):
        return _device(source)
    if "://" in source:
        return _address(source, CAMERA_SCHEMES, "rtsp:// or http://")
    if _NEARLY.match(source) or ADDRESS.match(source):
        return "is no address of a camera; one is rtsp://USER:PASSWORD@HOST/PATH or http://HOST/PATH."
    if _VARIABLE.search(source) or _WINDOWS.match(source):
        return ""  # that is said already
    if "/" in source or "." in source:
        return "there is no such file or folder; check its name, or use auto, demo, a device or an address."
    return "names no camera; use auto, demo, picamera, 0 or /dev/video0, an address, a file or a folder."


def _device(source: str) -> str:
    """What is wrong with a webcam's number or device, or nothing; it may be unplugged."""
    found = _DEVICE.fullmatch(source)
    if found and (len(found[1]) > 9 or int(found[1]) >= DEVICES):
        return f"names a camera that cannot exist; they are numbered from 0 to {DEVICES - 1}."
    return ""


def _playlist(source: str) -> str:
    """What is wrong with the source of a playlist, or nothing."""
    if is_address(source) or "://" in source:
        return _address(source, ("http", "https"), "http:// or https://")
    name = Path(source).name
    if may_be_there(Path(source)) or _VARIABLE.search(source) or _WINDOWS.match(name) or not name.strip():
        return ""  # that is said already, where it is wrong
    if ADDRESS.match(source) or _NEARLY.match(source):
        return "is no address of a station; one is http://HOST/PATH."
    return "there is no such playlist; check its name."


def _address(text: str, schemes: tuple[str, ...], allowed: str) -> str:
    """What is wrong with an address that has a "://", or nothing."""
    scheme, _, rest = text.partition("://")
    if scheme.lower() not in schemes:
        return f"is no address that can be used here; one begins with {allowed}."
    if gap := _gap(text):
        return gap
    authority, tail = re.match(r"([^/?#]*)(.*)", rest, re.DOTALL).groups()  # type: ignore[union-attr]
    host, colon, port = authority.rpartition("@")[2].partition(":")
    if authority.rpartition("@")[2].startswith("["):
        host, colon, port = _ipv6(authority.rpartition("@")[2])
    if "@" in tail.partition("?")[0] or ("@" in tail and not _is_port(port, colon)):
        return "has a / or # or ? in the user or password; write / as %2F, # as %23 and ? as %3F."
    if not host:
        return f"names no host; an address is {allowed.partition(' ')[0]}HOST/PATH."
    if not _is_port(port, colon):
        return "has no number from 1 to 65535 after the : of its host; leave it out, or write the port there."
    return "" if _is_host(host) and _splits(text) else "names a host that cannot exist; check it."


def _gap(text: str) -> str:
    """What is said of an address with something in it that looks like nothing, or nothing."""
    if re.search(r"\s", text):
        return "has a space in the address; take it out, or write it as %20."
    unseen = next((sign for sign in text if unicodedata.category(sign) == "Cf"), "")
    return f"holds a control character (U+{ord(unseen):04X}); delete it." if unseen else ""


def _ipv6(place: str) -> tuple[str, str, str]:
    host, bracket, rest = place.partition("]")
    return host + bracket, rest[:1], rest[1:]


def _is_port(port: str, colon: str) -> bool:
    return not colon or (_is_number(port) and len(port) <= 5 and 0 < int(port) < 65536)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def _is_host(host: str) -> bool:
    """Whether there can be a host of this name, or with this number."""
    name = host.removesuffix(".")
    labels = name.split(".")
    try:
        if host.startswith("["):
            IPv6Address(host[1:-1].replace("%25", "%"))
        elif labels[-1].isdecimal():
            IPv4Address(name)
        else:
            return bool(_NAME.fullmatch(name)) and len(name) <= 253 and max(map(len, labels)) <= 63
    except ValueError:
        return False
    return True


def _splits(text: str) -> bool:
    try:
        return bool(urlsplit(text).hostname)
    except ValueError:
        return False


def may_be_there(path: Path) -> bool:
    """Whether there is such a file or folder; True also if its disk does not answer."""
    try:
        return run_with_timeout(lambda: path.expanduser().exists(), LOOK_S)
    except TimeoutError:
        return True
    except (OSError, ValueError, RuntimeError):
        return False


def _paths(values: Json) -> Iterator[tuple[Location, str]]:
    """Every text in the file that is to be a path."""
    places = (
        ("camera", "source"), ("library", "folders", 0), ("library", "playlists", 0, "source"),
        ("dayparts", 0, "safe_folder"), ("announcements", "items", 0, "file"),
        ("control", "socket"), ("state_dir",), ("backup", "folder"),
        ("mqtt", "ca_file"), ("fleet", "ca_file"),
    )  # fmt: skip
    for place in places:
        yield from _found(values, place, ())


def _found(value: object, place: Location, at: Location) -> Iterator[tuple[Location, str]]:
    """The texts at a key path, in which 0 stands for every item of a list."""
    if not place:
        if isinstance(value, str):
            yield at, value
    elif isinstance(value, dict) and isinstance(place[0], str):
        yield from _found(value.get(place[0]), place[1:], (*at, place[0]))
    elif isinstance(value, list) and place[0] == 0:
        for n, item in enumerate(value):
            yield from _found(item, place[1:], (*at, n))
