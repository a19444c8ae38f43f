"""A session bus of a test's own: a real dbus-daemon, in a runtime folder of its own."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.waiting import wait_for

CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path={path}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
<allow own="*"/></policy></busconfig>"""


@contextmanager
def session_bus(folder: Path) -> Iterator[str]:
    """Runs at `folder`/bus, as on a desktop; yields the address."""
    path, config = folder / "bus", folder / "bus.conf"
    config.write_text(CONFIG.format(path=path), encoding="utf-8")
    path.unlink(missing_ok=True)
    process = subprocess.Popen(
        ["dbus-daemon", "--nofork", "--nopidfile", f"--config-file={config}"], stderr=subprocess.DEVNULL
    )
    try:
        wait_for(lambda: answers(path), 60, "the session bus")
        yield f"unix:path={path}"
    finally:
        process.kill()
        process.wait(10)
        path.unlink(missing_ok=True)


def answers(path: Path) -> bool:
    """Whether somebody takes calls there: the file is there a moment before that."""
    with socket.socket(socket.AF_UNIX) as caller:
        return caller.connect_ex(str(path)) == 0


def playerctl(folder: Path, *arguments: str) -> str:
    """What it prints, or says to be wrong."""
    env = {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={folder / 'bus'}", "PATH": "/usr/bin:/bin"}
    command = ["playerctl", "--player=ambient_player", *arguments]
    ran = subprocess.run(command, env=env, capture_output=True, text=True, timeout=30, check=False)
    return (ran.stdout + ran.stderr).strip()
