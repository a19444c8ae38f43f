"""What the kernel says of processes and of the machine: /proc, read in one place (proc(5)).

Every method raises OSError if there is no /proc, a process has ended or belongs to somebody else, and
if what is read makes no sense.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/proc")
LISTENS = 0x10000
"""__SO_ACCEPTCON in the flags of net/unix."""
_IDLE = (3, 4)  # idle and iowait
_GUEST = 8  # from here on: counted in user and nice already


@dataclass(frozen=True, slots=True)
class ProcessStat:
    """One process or thread at one moment."""

    state: str
    """R runs or waits for a processor, S and D sleep, T is stopped, Z has ended and is not yet waited for."""
    parent: int
    ticks: int
    """Processor time that it has taken, in user mode and the kernel, in clock ticks."""
    waited_ticks: int
    """And that of its children which have ended."""

    @property
    def cpu_s(self) -> float:
        """Processor time that it has taken, in seconds."""
        return self.ticks / os.sysconf("SC_CLK_TCK")


class Proc:
    """The files of /proc, or of a folder that stands in for it. `pid` is a process id."""

    def __init__(self, root: Path = ROOT) -> None:
        self._root = root

    def pids(self) -> list[int]:
        """All processes."""
        return [int(entry.name) for entry in self._root.iterdir() if entry.name.isdecimal()]

    def stat(self, pid: int, thread: int | None = None) -> ProcessStat:
        """State, parent and processor time, of a process or of one of its threads."""
        place = f"{pid}/stat" if thread is None else f"{pid}/task/{thread}/stat"
        with _sense():
            fields = self._text(place).rpartition(")")[2].split()  # a name may hold anything, a ")" too
            user, system, waited_user, waited_system = map(int, fields[11:15])
            return ProcessStat(fields[0], int(fields[1]), user + system, waited_user + waited_system)

    def children(self, pid: int) -> list[int]:
        """The processes that it has started, in the order of their numbers."""
        return sorted(child for child, parent in self._parents().items() if parent == pid)

    def family(self, pid: int) -> list[int]:
        """A process and all its descendants."""
        parents, found = self._parents(), [pid]
        for each in found:
            found += [child for child, parent in parents.items() if parent == each]
        return found

    def threads(self, pid: int) -> list[int]:
        """The threads of a process."""
        return [int(entry.name) for entry in (self._root / str(pid) / "task").iterdir()]

    def exact_cpu_s(self, pid: int) -> float:
        """Processor time that its present threads have taken, in seconds, by the kernel's nanoseconds."""
        return self._scheduled_s(pid, 0)

    def queued_s(self, pid: int) -> float:
        """How long its present threads have been kept waiting for a processor, in seconds, all together."""
        return self._scheduled_s(pid, 1)

    def states(self, pid: int) -> str:
        """A letter for each of its threads, see ProcessStat.state; the process's own comes first."""
        states = self.stat(pid).state
        with suppress(OSError):  # a thread that has just ended
            for thread in self.threads(pid):
                states += self.stat(pid, thread).state
        return states

    def read_bytes(self, pid: int) -> int:
        """What it has read since its start, of files and pipes."""
        with _sense():
            return int(self._text(f"{pid}/io").split("rchar:", 1)[1].split()[0])

    def command_line(self, pid: int) -> list[str]:
        """The words that it was started with."""
        return [os.fsdecode(word) for word in (self._root / str(pid) / "cmdline").read_bytes().split(b"\0")]

    def environment(self, pid: int) -> dict[str, str]:
        """The variables that it was started with; what it has set since is not seen."""
        words = (self._root / str(pid) / "environ").read_bytes().split(b"\0")
        return dict(os.fsdecode(word).partition("=")[::2] for word in words if word)

    def owner(self, pid: int) -> int:
        """Number of the user that it runs as."""
        return (self._root / str(pid)).stat().st_uid

    def working_folder(self, pid: int) -> Path:
        """The folder that its relative paths begin at."""
        return (self._root / str(pid) / "cwd").readlink()

    def handles(self, pid: int) -> list[str]:
        """What it has open: paths, "socket:[1234]" and the like."""
        found = []
        for handle in (self._root / str(pid) / "fd").iterdir():
            with suppress(OSError):  # it was closed meanwhile
                found.append(str(handle.readlink()))
        return found

    def status(self, pid: int, key: str) -> str:
        """A line of `status`, without its name: status(pid, "VmHWM") -> "1234 kB"."""
        return self._line(f"{pid}/status", key)

    def memory_kb(self, pid: int, key: str) -> int:
        """A line of `smaps_rollup`: Rss, Pss (shared pages counted once), Pss_Anon, ..."""
        with _sense():
            return int(self._line(f"{pid}/smaps_rollup", key).split()[0])

    def processor_ticks(self) -> tuple[int, int]:
        """Time of all processors since the start of the machine, and how much of it somebody used."""
        with _sense():
            ticks = [int(n) for n in self._text("stat").split("\n", 1)[0].split()[1:]]
            total = sum(ticks[:_GUEST])
            return total, total - sum(ticks[i] for i in _IDLE)

    def memory_pressure(self) -> float:
        """Share of the last ten seconds in which something waited for memory, 0 to 1."""
        with _sense():
            return float(self._text("pressure/memory").split("avg10=", 1)[1].split()[0]) / 100

    def file_system(self, folder: Path) -> str:
        """The kind of file system that an existing folder lies on, such as "ext4" or "tmpfs"."""
        number = folder.stat().st_dev
        wanted = f"{os.major(number)}:{os.minor(number)}"
        with _sense():
            for line in self._text("self/mountinfo").splitlines():
                place, _, kind = line.partition(" - ")
                if place.split()[2:3] == [wanted] and kind:
                    return kind.split()[0]
            raise ValueError(f"nothing is mounted as {wanted}")

    def processor_name(self) -> str:
        """What the processor calls itself; not every kind does."""
        for key in ("model name", "Model"):
            with suppress(OSError):
                return self._line("cpuinfo", key)
        return "unknown"

    def listening_sockets(self) -> dict[str, Path]:
        """The Unix sockets with a path at which somebody listens, by the name that `handles` has for them."""
        with _sense():
            lines = (self._root / "net" / "unix").read_bytes().splitlines()[1:]
            rows = (line.split(maxsplit=7) for line in lines)
            return {
                f"socket:[{os.fsdecode(row[6])}]": Path(os.fsdecode(row[7]))
                for row in rows
                if len(row) == 8 and int(row[3], 16) & LISTENS and row[7].startswith(b"/")
            }

    def _scheduled_s(self, pid: int, column: int) -> float:
        """A column of `schedstat`, which counts in nanoseconds, of all threads together."""
        places = (f"{pid}/task/{thread}/schedstat" for thread in self.threads(pid))
        with _sense():
            return sum(int(self._text(place).split()[column]) for place in places) / 1e9

    def _parents(self) -> dict[int, int]:
        parents = {}
        for pid in self.pids():
            with suppress(OSError):  # it has just ended
                parents[pid] = self.stat(pid).parent
        return parents

    def _line(self, place: str, key: str) -> str:
        found = re.search(rf"^{re.escape(key)}\s*:[ \t]*(.*)$", self._text(place), re.MULTILINE)
        if found is None:
            raise OSError(f"{self._root / place} has no line {key}")
        return found[1].strip()

    def _text(self, place: str) -> str:
        return (self._root / place).read_text(encoding="utf-8", errors="replace")


@contextmanager
def _sense() -> Iterator[None]:
    """What cannot be understood is as good as not there."""
    try:
        yield
    except (ValueError, IndexError) as error:
        raise OSError(f"/proc cannot be understood ({error})") from error
