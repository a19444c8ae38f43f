"""A line to a server that carries few bytes a second, with little in its buffers."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress

PIECE = 128


class SlowLine:
    """Listens on a port of its own and passes on to another; a context manager.

    bytes_a_s  in each direction, of each connection
    """

    def __init__(self, port: int, bytes_a_s: float) -> None:
        self._to, self._pause_s = port, PIECE / bytes_a_s
        self._server = socket.socket()
        # Accepted connections take this over: else the kernel would swallow all of it at once.
        self._server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        self._server.bind(("127.0.0.1", 0))
        self._server.listen()
        self.port: int = self._server.getsockname()[1]
        self._open: list[socket.socket] = []

    def __enter__(self) -> SlowLine:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for each in (self._server, *self._open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                here, _ = self._server.accept()
                try:
                    there = socket.create_connection(("127.0.0.1", self._to))
                except OSError:  # the server is just not there; it may be for the next one
                    here.close()
                    continue
                self._open += (here, there)
                for pair in ((here, there), (there, here)):
                    threading.Thread(target=self._carry, args=pair, daemon=True).start()

    def _carry(self, come: socket.socket, go: socket.socket) -> None:
        with suppress(OSError):
            while data := come.recv(PIECE):
                time.sleep(self._pause_s)  # this is what makes it slow
                go.sendall(data)
            go.shutdown(socket.SHUT_WR)
