"""Cameras that do as a test says: frames when given, failures and hangs on demand; a real MJPEG server."""

from __future__ import annotations

import http.server
import queue
import threading
from collections import Counter

import cv2
import numpy as np

from player.errors import CameraError
from player.types import Image


def picture(value: int = 128, width: int = 64, height: int = 48) -> Image:
    """A plain (H, W, 3) uint8 picture."""
    return np.full((height, width, 3), value, np.uint8)


class ManualClock:
    """A monotonic clock that only a test moves, also while it "sleeps"."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []
        self.readings: Counter[str] = Counter()
        """How often each thread, by its name, has looked."""

    def __call__(self) -> float:
        self.readings[threading.current_thread().name] += 1
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class FakeSource:
    """A FrameSource whose read() hangs until a frame or a failure is given to it."""

    def __init__(self, camera: FakeCamera) -> None:
        self.name = camera.name
        self.live = camera.live
        self.is_open = False
        self.was_read = False
        self.closed = 0
        self._camera = camera
        self._next: queue.SimpleQueue[Image | Exception] = queue.SimpleQueue()

    def open(self) -> None:
        self._camera.may_open.wait()
        self._camera.opened += 1
        if self._camera.failure is not None:
            raise self._camera.failure
        self.is_open = True

    def read(self) -> Image:
        self.was_read = True
        item = self._next.get()
        if isinstance(item, Exception):
            raise item
        return item

    def close(self) -> None:
        self._camera.may_close.wait()
        self.is_open = False
        self.closed += 1

    def give(self, item: Image | Exception) -> None:
        """Let read() return this picture, or raise this error."""
        self._next.put(item)


class FakeCamera:
    """The thing on the wall: every make() is another attempt to use it."""

    def __init__(self, name: str = "fake camera", live: bool = True) -> None:
        self.name = name
        self.live = live
        self.failure: Exception | None = None
        """What open() raises."""
        self.opened = 0
        """How often somebody tried to open it."""
        self.may_open = threading.Event()
        self.may_close = threading.Event()
        self.may_open.set()
        self.may_close.set()
        self.sources: list[FakeSource] = []

    def make(self) -> FakeSource:
        self.sources.append(FakeSource(self))
        return self.sources[-1]

    def unplug(self) -> None:
        """Every open() fails from now on, and the read() under way too."""
        self.failure = CameraError(f"{self.name} is unplugged.")
        if self.sources:
            self.sources[-1].give(self.failure)

    def let_go(self) -> None:
        """End whatever hangs, so that no thread outlives its test."""
        self.may_open.set()
        self.may_close.set()
        for source in self.sources:
            source.give(CameraError("the test is over."))


class _MjpegHandler(http.server.BaseHTTPRequestHandler):
    server: _MjpegHttpServer

    def do_GET(self) -> None:
        camera = self.server.camera
        camera.asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        camera.connections += 1
        try:
            while not self.server.stopping.wait(camera.period_s):
                if not camera.silent.is_set():
                    camera.sent += 1
                    shown = picture(camera.sent % 256) if camera.scene is None else camera.scene
                    self._send(cv2.imencode(".jpg", shown)[1].tobytes())
        except OSError:
            pass  # the player hung up
        finally:
            camera.connections -= 1

    def _send(self, jpeg: bytes) -> None:
        head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
        self.wfile.write(head.encode() + jpeg + b"\r\n")

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: tests read their own output."""


class _MjpegHttpServer(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, camera: MjpegCamera) -> None:
        self.camera = camera
        self.stopping = threading.Event()
        super().__init__(("127.0.0.1", camera.port), _MjpegHandler)


class MjpegCamera:
    """A network camera on 127.0.0.1 for one viewer: MJPEG over HTTP, the n-th frame grey of luma n."""

    def __init__(self, fps: float) -> None:
        self.period_s = 1 / fps
        self.port = 0
        self.silent = threading.Event()
        """Set, it keeps its connections and sends nothing more."""
        self.scene: Image | None = None
        """What it sees, once there is something to see."""
        self.asked: list[str] = []
        self.connections = 0
        self.sent = 0
        self._server: _MjpegHttpServer | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/stream"

    def start(self) -> None:
        """Serve; again on the same port after a stop."""
        self._server = _MjpegHttpServer(self)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Drop every connection and refuse new ones."""
        server, self._server = self._server, None
        if server is not None:
            server.stopping.set()
            server.shutdown()
            server.server_close()
