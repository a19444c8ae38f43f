"""A real broker, and a program that listens and speaks there."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support.waiting import wait_for

MOSQUITTO = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")


class Mosquitto:
    """mosquitto on a port of its own; a context manager."""

    def __init__(
        self, folder: Path, port: int, user: str = "", password: str = "", more: tuple[str, ...] = ()
    ) -> None:
        """`more`: further lines of its configuration."""
        if MOSQUITTO is None or shutil.which("mosquitto_sub") is None:
            pytest.skip("mosquitto is not installed")
        self.port, self._user, self._password = port, user, password
        self._config = folder / "mosquitto.conf"
        lines = [f"listener {port} 127.0.0.1", "user root", *(more or ("persistence false",))]
        if user:
            passwords = folder / "passwords"
            passwords.touch(0o600)
            subprocess.run(["mosquitto_passwd", "-b", str(passwords), user, password], check=True)
            lines += [f"password_file {passwords}", "allow_anonymous false"]
        else:
            lines.append("allow_anonymous true")
        self._config.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def __enter__(self) -> Mosquitto:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        assert MOSQUITTO is not None
        self.process = subprocess.Popen(
            [MOSQUITTO, "-c", str(self._config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_for(self._answers, 10, "mosquitto")

    def _answers(self) -> bool:
        """It listens before it catches signals, and what it is to read anew would end it; then it answers."""
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 10) as line:
            line.sendall(bytes(16))  # no packet of MQTT's or TLS's: it is hung up on
            with suppress(ConnectionResetError):
                line.recv(1)
            return True
        return False

    def reload(self) -> None:
        """Read passwords, ACL and certificates anew."""
        self.process.send_signal(signal.SIGHUP)

    def kill(self) -> None:
        """What a power cut does to it; it keeps nothing."""
        self.process.kill()
        self.process.wait(60)

    def say(self, topic: str, payload: str | bytes, keep: bool = False) -> None:
        """Publish; `keep`: the broker is to tell it everyone who comes later."""
        data = payload.encode() if isinstance(payload, str) else payload
        retain = ["-r"] if keep else []
        assert self._client("pub", "-t", topic, "-s", *retain, said=data).returncode == 0

    def flood(self, topic: str, payloads: Iterable[str]) -> None:
        """Publish all of these as fast as the broker takes them, each until it has it."""
        lines = "".join(f"{payload}\n" for payload in payloads).encode()
        assert self._client("pub", "-t", topic, "-q", "1", "-l", said=lines).returncode == 0

    def forget(self, topic: str) -> None:
        """Have it keep nothing at a topic."""
        assert self._client("pub", "-t", topic, "-r", "-n").returncode == 0

    def topics(self, *filters: str) -> list[str]:
        """Where it keeps something."""
        words = [word for each in filters for word in ("-t", each)]
        ran = self._client("sub", *words, "-W", "1", "--retained-only", "-F", "%t")
        return ran.stdout.decode().splitlines()

    def kept(self, topic: str) -> str | None:
        """The retained value of a topic."""
        ran = self._client("sub", "-t", topic, "-C", "1", "-W", "1", "--retained-only", "-N")
        return ran.stdout.decode() or None  # nothing is kept: nothing is said

    def wait_kept(self, topic: str, value: str | None = None) -> str:
        """Its retained value as soon as it is this, or any."""
        found: list[str | None] = [None]

        def there() -> bool:
            found[0] = self.kept(topic)
            return found[0] is not None and value in (None, found[0])

        wait_for(there, 30, f"{topic} {value or ''}")
        assert found[0] is not None
        return found[0]

    def _client(
        self, what: str, *arguments: str, said: bytes | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        who = ["-u", self._user, "-P", self._password] if self._user else []
        command = [f"mosquitto_{what}", "-h", "127.0.0.1", "-p", str(self.port), *who, *arguments]
        return subprocess.run(command, input=said, capture_output=True, check=False, timeout=20)
