"""Nothing leaves the machine: the whole player, traced, where no network but loopback exists.

A library's report of its own, a look-up of a name, a check for updates would each be a `connect`, a `sendto`
or a `sendmsg` to an address of the internet. The kernel's account of those is the witness.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from player.library.demo import demo_folder
from tests.integration.daemon import Daemon
from tests.integration.pulse import PrivatePulse

OUTSIDE = re.compile(
    r"(connect|sendto|sendmsg|sendmmsg)\(.*sa_family=AF_INET6?, .*"
    r"(sin_addr=inet_addr\(\"(?!127\.)|inet_pton\(AF_INET6, \"(?!::1\"|::ffff:127\.)|sin6?_port=htons\(53\))"
)
"""A system call of strace's that speaks to another machine, or asks any name server."""
REPORTS_AFTER_S = 20.0
"""By then onnxruntime 1.31 has asked for the address of its maker's collector, unless it was told not to."""

ALONE = """
import fcntl, os, socket, struct, sys
up = struct.pack("16sh", b"lo", 0x1 | 0x40)  # IFF_UP, IFF_RUNNING
fcntl.ioctl(socket.socket(), 0x8914, up)  # SIOCSIFFLAGS
os.execvp(sys.argv[1], sys.argv[1:])
"""


def can_unshare() -> bool:
    probe = ["unshare", "-n", "true"]
    return (
        bool(shutil.which("unshare"))
        and subprocess.run(probe, capture_output=True, check=False).returncode == 0
    )


def traced(trace: Path) -> tuple[str, ...]:
    """What a command is put behind, to run without a network and with its sockets written down."""
    calls = "trace=connect,sendto,sendmsg,sendmmsg"
    strace = ("strace", "-f", "-qq", "--seccomp-bpf", "-e", calls, "-o", str(trace))
    return ("unshare", "-n", sys.executable, "-c", ALONE, *strace)


needs_a_network_of_its_own = pytest.mark.skipif(
    not (can_unshare() and shutil.which("strace")),
    reason="needs strace, and the right to make a network namespace (root)",
)


def outside(trace: Path) -> list[str]:
    return [
        line
        for line in trace.read_text(encoding="utf-8", errors="replace").splitlines()
        if OUTSIDE.search(line)
    ]


@needs_a_network_of_its_own
def test_the_trace_sees_what_it_is_there_for(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    code = (
        "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        "for address in (('192.0.2.1', 443), ('127.0.0.53', 53), ('127.0.0.1', 9)):\n"
        "    try: s.connect(address)\n"
        "    except OSError: pass\n"
    )
    subprocess.run([*traced(trace), sys.executable, "-c", code], check=True)
    assert len(outside(trace)) == 2


@needs_a_network_of_its_own
def test_nothing_is_said_to_anybody_outside(pulse: PrivatePulse, tmp_path: Path) -> None:
    music = demo_folder()
    assert music is not None
    songs = sorted(music.rglob("*.opus"))[:3]
    for song in songs:
        shutil.copy(song, tmp_path)
    (tmp_path / "list.m3u").write_text("\n".join(song.name for song in songs), encoding="utf-8")
    home, trace = tmp_path / "home", tmp_path / "trace"
    home.mkdir()
    changes = {
        "camera": {"source": "demo", "photo_s": 2},
        "library": {
            "folders": [str(tmp_path)],
            "playlists": [{"source": str(tmp_path / "list.m3u"), "mood": "calm"}],
        },
    }
    env = {
        **pulse.env,
        "HOME": str(home),
        "XDG_CACHE_HOME": "",
        "XDG_CONFIG_HOME": "",
        "ORT_DISABLE_TELEMETRY": "",
    }
    with Daemon(tmp_path / "player", changes, env, behind=traced(trace)) as daemon:
        daemon.wait_for("scene", timeout_s=90)
        daemon.wait_until(lambda status: status["library"]["analysed"] >= len(songs), timeout_s=120)
        assert "target" in daemon.tell("pin", "a rainy sunday morning")
        until = time.monotonic() + REPORTS_AFTER_S
        daemon.wait_until(lambda _: time.monotonic() > until, timeout_s=2 * REPORTS_AFTER_S)
    assert trace.stat().st_size > 0
    assert outside(trace) == []
    ours = {"pulse"}  # libpulse keeps a cookie there
    left = {path.relative_to(home) for path in home.rglob("*") if path.is_file()}
    assert {path for path in left if not ours & set(path.parts)} == set()
