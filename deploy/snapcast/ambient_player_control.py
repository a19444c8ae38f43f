#!/usr/bin/env python3
"""What a snapserver shows of the music, and its buttons: a stream plugin, beside the snapserver's pipe.

The snapserver starts it (docs/snapcast.md) and speaks JSON-RPC with it, a line each way; it speaks MPD's
protocol with the player (mpd.enabled in config.yaml). Needs nothing but Python 3.9.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import socket
import sys
import threading
import time

ANSWER_S = 10.0
RETRY_S = 5.0
LARGEST_COVER = 2_000_000
STATES = {"play": "playing", "pause": "paused", "stop": "stopped"}
BUTTONS = {"next": "next", "play": "pause 0", "pause": "pause 1", "stop": "pause 1", "playPause": "pause"}
METHOD_NOT_FOUND, INVALID_PARAMS, PARSE_ERROR, INTERNAL = -32601, -32602, -32700, -32603

_writing = threading.Lock()


class RefusedError(Exception):
    """The player says no."""


class Mpd:
    """One connection to the player."""

    def __init__(self, host: str, port: int, password: str) -> None:
        self._socket = socket.create_connection((host, port), ANSWER_S)
        self._file = self._socket.makefile("rb")
        if not self._file.readline(200).startswith(b"OK MPD "):
            raise RefusedError("this is no MPD")
        if password:
            self.ask(f"password {_quoted(password)}")

    def ask(self, command: str) -> dict[str, str]:
        """What it answers, by name; of names that come twice, the first. Raises OSError, RefusedError."""
        self._socket.sendall(command.encode() + b"\n")
        return self._read()

    def wait(self) -> None:
        """Return when something has changed."""
        self._socket.settimeout(None)
        try:
            self.ask("idle player mixer")
        finally:
            self._socket.settimeout(ANSWER_S)

    def cover(self, file: str) -> bytes:
        """The picture of a track; empty if it has none. Raises OSError."""
        found, size = b"", 1
        while len(found) < min(size, LARGEST_COVER):
            self._socket.sendall(f"readpicture {_quoted(file)} {len(found)}\n".encode())
            try:
                said = self._read()
            except RefusedError:
                return b""
            size = int(said.get("size", 0))
            if not said.get("binary"):
                return b""
            found += self._chunk
        return found if size <= LARGEST_COVER else b""

    def close(self) -> None:
        """End the connection."""
        self._socket.close()

    def _read(self) -> dict[str, str]:
        found: dict[str, str] = {}
        while True:
            line = self._file.readline(65536)
            if not line.endswith(b"\n"):
                raise ConnectionError("the player has gone")
            text = line.decode(errors="replace").rstrip("\n")
            if text == "OK":
                return found
            if text.startswith("ACK "):
                raise RefusedError(text.partition("} ")[2] or text)
            name, _, value = text.partition(": ")
            found.setdefault(name, value)
            if name == "binary":
                self._chunk = self._file.read(min(int(value), LARGEST_COVER))
                self._file.readline(10)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{escaped}"'


def send(**message: object) -> None:
    """A line to the snapserver."""
    with _writing:
        sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        sys.stdout.flush()


class Plugin:
    """Tells the snapserver of what plays, and the player of the buttons."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._password = ""
        if options.mpd_password_file:
            with open(options.mpd_password_file, encoding="utf-8") as file:
                self._password = file.read().strip()
        self._cover: tuple[str, bytes] = ("", b"")

    def follow(self) -> None:
        """Tell of every change, through every absence of the player."""
        said = ""
        while True:
            try:
                player = self._connected()
                try:
                    while True:
                        send(method="Plugin.Stream.Player.Properties", params=self._properties(player))
                        said = ""
                        player.wait()
                finally:
                    player.close()
            except (OSError, RefusedError, ValueError) as error:
                if str(error) != said:
                    said = str(error)
                    message = f"ambient-player does not answer ({said}); see mpd.enabled in its config.yaml"
                    send(method="Plugin.Stream.Log", params={"severity": "Warning", "message": message})
                time.sleep(RETRY_S)

    def answer(self, line: str) -> None:
        """Do what a line of the snapserver's says, and answer it."""
        number = None
        try:
            request = json.loads(line)
            number, method = request.get("id"), request.get("method")
            result, failure = self._do(method, request.get("params") or {})
        except (ValueError, AttributeError, TypeError, KeyError):
            result, failure = None, (PARSE_ERROR, "this is no request")
        except (OSError, RefusedError) as error:
            result, failure = None, (INTERNAL, f"ambient-player: {error}")
        if failure:
            send(id=number, error={"code": failure[0], "message": failure[1]})
        else:
            send(id=number, result=result)

    def _do(self, method: str, given: dict) -> tuple[object, tuple[int, str] | None]:
        if method == "Plugin.Stream.Player.GetProperties":
            return self._with_player(self._properties), None
        if method == "Plugin.Stream.Player.Control":
            command = BUTTONS.get(given["command"])
            if command is None:
                return None, (METHOD_NOT_FOUND, "the room chooses the music: next, play and pause are all")
        elif method == "Plugin.Stream.Player.SetProperty":
            if "volume" not in given:
                return None, (INVALID_PARAMS, "only the volume can be set")
            command = f"setvol {int(given['volume'])}"
        else:
            return None, (METHOD_NOT_FOUND, "method not found")
        self._with_player(lambda player: player.ask(command))
        return "ok", None

    def _with_player(self, ask):
        player = self._connected()
        try:
            return ask(player)
        finally:
            player.close()

    def _connected(self) -> Mpd:
        return Mpd(self._options.mpd_host, self._options.mpd_port, self._password)

    def _properties(self, player: Mpd) -> dict:
        status, song = player.ask("status"), player.ask("currentsong")
        found: dict = {
            "playbackStatus": STATES.get(status.get("state", ""), "stopped"),
            "canControl": True, "canGoNext": True, "canGoPrevious": False, "canSeek": False,
            "canPlay": True, "canPause": True, "loopStatus": "none", "shuffle": False,
        }  # fmt: skip
        if "volume" in status:
            found["volume"] = int(status["volume"])
        if "elapsed" in status:
            found["position"] = float(status["elapsed"])
        if song:
            found["metadata"] = self._metadata(player, song)
        return found

    def _metadata(self, player: Mpd, song: dict[str, str]) -> dict:
        shown: dict = {"title": song.get("Title", "")}
        if "Artist" in song:
            shown["artist"] = [song["Artist"]]
        if "Album" in song:
            shown["album"] = song["Album"]
        if "duration" in song:
            shown["duration"] = float(song["duration"])
        file = song.get("file", "")
        if file and file != self._cover[0]:
            self._cover = (file, player.cover(file))
        if self._cover[1]:
            kind = "png" if self._cover[1].startswith(b"\x89PNG") else "jpg"
            shown["artData"] = {"data": base64.b64encode(self._cover[1]).decode(), "extension": kind}
        return shown


def main() -> None:
    """Serve until the snapserver ends."""
    options = argparse.ArgumentParser(description=__doc__)
    # snapserver 0.26 hands on no controlscriptparams; these variables are the ones that mpc goes by.
    options.add_argument("--mpd-host", default=os.environ.get("MPD_HOST", "localhost"))
    options.add_argument("--mpd-port", type=int, default=int(os.environ.get("MPD_PORT", "6600")))
    options.add_argument("--mpd-password-file", help="a file with the password of the player's page")
    plugin = Plugin(options.parse_known_args()[0])  # the snapserver names itself and its stream besides
    threading.Thread(target=plugin.follow, daemon=True).start()
    send(method="Plugin.Stream.Ready")
    for line in sys.stdin:
        plugin.answer(line)


if __name__ == "__main__":
    main()
