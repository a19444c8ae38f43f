"""What machine this is: in a line each, for who helps from afar, and in names that tell machines apart."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

_KINDS = ("model name", "Model", "Hardware", "uarch")
"""What /proc/cpuinfo calls it, by kind of processor."""


def machine(root: Path = Path("/")) -> Iterator[str]:
    """System, processor, cores, memory and disk; what is not known is left out."""
    yield f"system: {_found(root / 'etc/os-release', 'PRETTY_NAME') or platform.system()}"
    yield f"kernel: {platform.release()} {platform.machine()}"
    names = (_found(root / "proc/cpuinfo", kind) for kind in _KINDS)
    if processor := next(filter(None, names), ""):
        yield f"processor: {processor}"
    if board := _text(root / "proc/device-tree/model").strip("\0 \n"):
        yield f"board: {board}"
    yield f"cores: {len(os.sched_getaffinity(0))} of {os.cpu_count()}"
    memory = {name: _kib(root, name) for name in ("MemTotal", "MemAvailable")}
    if all(memory.values()):
        total, available = (f"{kib / 2**20:.1f} GiB" for kib in memory.values())
        yield f"memory: {total}, {available} of it free"
    if load := _text(root / "proc/loadavg").split()[:3]:
        yield f"load: {' '.join(load)}"


def host_label() -> str:
    """The machine's name as a part of other names: small letters, figures and hyphens; it may be empty."""
    return re.sub(r"[^a-z0-9-]+", "-", socket.gethostname().partition(".")[0].lower()).strip("-")


def told_apart(root: Path = Path("/")) -> str:
    """What tells this machine apart, also from those of the same name: "music-5e3a91"; it may be empty.

    Every card that is made as docs/raspberry-pi.md says has the same name. What its system knows it by is
    nobody else's to know (machine-id(5)), so only a part of a hash of that is in it.
    """
    known = re.fullmatch(r"[0-9a-f]{32}", _text(root / "etc/machine-id").strip())
    mark = hashlib.sha256(f"ambient-player {known[0]}".encode()).hexdigest()[:6] if known else ""
    return "-".join(filter(None, (host_label(), mark)))


def free(folder: Path) -> str:
    """How much room there is for files in a folder."""
    try:
        found = shutil.disk_usage(folder)
    except OSError as error:
        return f"disk: not known ({error.strerror})"
    return f"disk: {found.free / 2**30:.1f} GiB of {found.total / 2**30:.1f} GiB free"


def has_room(folder: Path, disk: int, memory: int, root: Path = Path("/")) -> bool:
    """Whether so many bytes are free on the folder's disk and in memory; False if that is not known.

    The folder need not be there yet.
    """
    there = next((each for each in (folder, *folder.parents) if each.is_dir()), folder)
    try:
        return shutil.disk_usage(there).free >= disk and _kib(root, "MemAvailable") * 1024 >= memory
    except OSError:
        return False


def _kib(root: Path, name: str) -> int:
    found = re.match(r"\d{1,15}", _found(root / "proc/meminfo", name))
    return int(found[0]) if found else 0


def _found(file: Path, name: str) -> str:
    """What stands behind a name in a file of lines such as `name : value` or `NAME="value"`."""
    found = re.search(rf'^{re.escape(name)}\s*[:=]\s*"?([^"\n]*)', _text(file), re.MULTILINE)
    return found[1].strip() if found else ""


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
