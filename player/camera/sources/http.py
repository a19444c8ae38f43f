"""A network camera over HTTP: an MJPEG stream, or single pictures that are asked for again and again.

What it is, its answer says and not its address. Anything else it may be (MPEG-TS, HLS) is left to FFmpeg.
"""

from __future__ import annotations

import http.client
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from urllib.parse import quote, unquote, urlsplit

from player.camera.image_headers import is_picture
from player.camera.picture_limits import PictureError
from player.camera.pictures import SIGNATURE_BYTES, decode
from player.camera.source import FramePace, FrameSource
from player.camera.sources.grabbing import TOLERATED_S
from player.camera.sources.login import Login, UnknownLoginError
from player.camera.sources.multipart import MOST_PART_BYTES, PartReader
from player.config.settings.perception import CameraSettings
from player.errors import CameraError
from player.privacy.redaction import address
from player.types import Image

CHUNK_BYTES = 65536
END_OF_JPEG = b"\xff\xd9"
AS_THEY_ARE = "%/:=&?~+!$,;'@()*[]|"
"""Characters of an address that are not quoted once more."""
WHOLE_WITHIN_S = 10.0
"""A single picture that comes in drops is no picture any more."""


class HttpSource:
    """Takes the newest picture of a stream, settings.fps times a second; bad ones are passed over."""

    live = True

    def __init__(
        self,
        url: str,
        settings: CameraSettings,
        timeout_s: float,
        other: Callable[[], FrameSource],
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`other` makes what takes over if the answer is neither a stream of pictures nor a picture."""
        self.name = f"camera {address(url)}"
        self._url, self._settings, self._timeout_s = url, settings, timeout_s
        self._make_other, self._clock, self._sleep = other, clock, sleep
        self._pace = FramePace(settings, clock)
        self._other: FrameSource | None = None
        self._answer: http.client.HTTPResponse | None = None
        self._parts: PartReader | None = None
        self._image: Image | None = None
        self._is_newest = False
        """No picture was asked for since in vain."""
        self._is_open = self._has_ends = False
        self._good_at = self._asked_at = 0.0

    def open(self) -> None:
        """Connect; raises CameraError."""
        self.close()
        try:
            self._ask()
        except CameraError as error:
            raise CameraError(f"{self.name} cannot be opened: {error}.") from error
        self._is_open, self._good_at = True, self._clock()
        self._pace = FramePace(self._settings, self._clock)

    def read(self) -> Image:
        """The picture that is newest when one is due; raises CameraError if none comes for TOLERATED_S."""
        if self._other is not None:
            return self._other.read()
        if not self._is_open:
            raise CameraError(f"{self.name} is not open.")
        while True:
            try:
                image = self._next()
            except CameraError as error:  # one bad picture, or a connection that ended
                if self._clock() - self._good_at > TOLERATED_S:
                    raise CameraError(f"{self.name} stopped giving frames: {error}.") from error
                if self._answer is None:
                    self._sleep(max(0.1, self._pace.left_s()))
                continue
            self._good_at = self._clock()
            return image

    def close(self) -> None:
        """Hang up."""
        self._hang_up()
        other, self._other = self._other, None
        self._is_open, self._image, self._is_newest = False, None, False
        if other is not None:
            other.close()

    # ---- pictures ----

    def _next(self) -> Image:
        """The next picture that is due; raises CameraError if it is none."""
        if self._parts is None:
            return self._snapshot()
        data = self._part()
        while self._pace.left_s() > 0:
            self._good_at = self._clock()  # it speaks, and nobody looks at what it says
            data = self._part()
        image = self._decoded(data)
        self._pace.done()
        return image

    def _part(self) -> bytes:
        assert self._parts is not None
        try:
            return self._parts.next()
        except EOFError as error:
            self._hang_up()
            raise CameraError("the stream ended") from error
        except CameraError:  # a part without an end: the rest of the stream means nothing
            self._hang_up()
            raise
        except (OSError, http.client.HTTPException, ValueError) as error:
            self._hang_up()
            raise CameraError(_reason(error)) from error

    def _snapshot(self) -> Image:
        self._sleep(self._pace.left_s())
        self._pace.done()
        # Below 1 fps a picture is asked for less often than read() has to come back.
        if self._is_newest and self._clock() - self._asked_at < 0.85 / self._settings.fps:
            assert self._image is not None
            return self._image
        self._is_newest = False  # if none comes now, the old one is not shown for a new one
        if self._answer is None:
            self._ask()
        if self._parts is not None:  # a stream that was asked for again
            return self._decoded(self._part())
        if self._other is not None:
            return self._other.read()
        self._image, self._is_newest = self._decoded(self._whole()), True
        return self._image

    def _whole(self) -> bytes:
        answer, data, until = self._answer, bytearray(), self._clock() + WHOLE_WITHIN_S
        assert answer is not None
        try:
            while more := answer.read1(CHUNK_BYTES):
                data += more
                if len(data) > MOST_PART_BYTES or self._clock() > until:
                    raise CameraError("its picture has no end")
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise CameraError(_reason(error)) from error
        finally:
            self._hang_up()
        return bytes(data)

    def _decoded(self, data: bytes) -> Image:
        if data.startswith(b"\xff\xd8"):
            # Half a picture decodes as one, grey below; but there are cameras that never write the end which
            # OpenCV wants to see.
            is_whole = END_OF_JPEG in data[-1024:]
            if self._has_ends and not is_whole:
                raise CameraError("its pictures are incomplete")
            self._has_ends |= is_whole
            data += b"" if is_whole else END_OF_JPEG
        try:
            return decode(data, self._settings.width, self._settings.height)
        except PictureError as error:
            raise CameraError("what it sends is no picture, or too large a one") from error

    # ---- the connection ----

    def _ask(self) -> None:
        """Ask for the address, and see what kind of camera answers; raises CameraError."""
        self._hang_up()
        self._asked_at = self._clock()
        try:
            answer = self._answer = _request(self._url, self._timeout_s)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise CameraError(_reason(error)) from error
        kind = answer.headers.get_content_maintype()
        if kind not in ("multipart", "image"):  # some cameras say "application/octet-stream", or nothing
            head = _head(answer)
            kind = "image" if is_picture(head) else "multipart" if head.lstrip().startswith(b"--") else kind
        if kind == "multipart":
            boundary = str(answer.headers.get_param("boundary", "")).encode("latin-1", "replace")
            self._parts = PartReader(lambda: answer.read1(CHUNK_BYTES), boundary)
        elif kind != "image":
            self._hang_up()
            if answer.headers.get_content_type() == "text/html":
                raise CameraError("a web page answers, no camera; check the address")
            if self._image is not None:
                raise CameraError("it answers with no picture")
            self._other = self._make_other()
            self._other.open()

    def _hang_up(self) -> None:
        answer, self._answer, self._parts = self._answer, None, None
        if answer is not None:
            answer.close()


def _request(url: str, timeout_s: float) -> http.client.HTTPResponse:
    """The answer to a GET; raises OSError, HTTPException or ValueError. No other scheme is ever followed."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    address = parts._replace(
        netloc=host, path=quote(parts.path, AS_THEY_ARE), query=quote(parts.query, AS_THEY_ARE), fragment=""
    ).geturl()
    passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    if parts.username is not None:
        user, password = unquote(parts.username), unquote(parts.password or "")
        # For all of this host, which may send us on to another of its pages; and for no other one.
        passwords.add_password(None, urlsplit(address)._replace(path="/", query="").geturl(), user, password)
    trusting = ssl.create_default_context()  # cameras sign their certificates themselves
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(context=trusting),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPRedirectHandler(),
        urllib.request.HTTPErrorProcessor(),
        Login(passwords),
    ):
        opener.add_handler(handler)
    request = urllib.request.Request(address, headers={"User-Agent": "ambient-player", "Accept": "*/*"})
    answer = opener.open(request, timeout=timeout_s)
    if not isinstance(answer, http.client.HTTPResponse):
        raise OSError("nothing answers")
    return answer


def _head(answer: http.client.HTTPResponse) -> bytes:
    """What an answer begins with, left in it; empty if it says nothing."""
    try:
        return answer.peek(SIGNATURE_BYTES)[:SIGNATURE_BYTES]
    except (OSError, http.client.HTTPException, ValueError):
        return b""


def _reason(error: Exception) -> str:
    """What is wrong, for people; never the address, which may hold a password."""
    if isinstance(error, urllib.error.HTTPError):
        error.close()
        if error.code in (401, 403):
            return f"it refuses the user or the password ({error.code}); check them in the address"
        missing = "it has nothing at this address (404); check it"
        return missing if error.code == 404 else f"it answers with an error ({error.code})"
    if isinstance(error, UnknownLoginError):
        return "it asks for a login that this player does not know; set it to Digest or Basic in the camera"
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(cause, TimeoutError):
        return "it does not answer in time; check the network"
    if isinstance(cause, OSError) and cause.strerror:
        return f"{cause.strerror}; check the address and the network"
    return "its answer cannot be understood; check the address"
