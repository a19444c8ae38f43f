"""What the kernel says of processes: of real ones, and of a folder that stands in for /proc."""

import ast
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from player.system.proc import Proc
from tests.support.waiting import wait_for

REPOSITORY = Path(__file__).resolve().parents[3]
ME = os.getpid()
needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="reads the real /proc")


@pytest.fixture
def child() -> Iterator[int]:
    """A child that waits, with a name that is hard to read."""
    code = """if True:
        import ctypes, time
        while time.process_time() < 0.1:  # the kernel counts ticks of 0.01 s, and may miss one
            pass
        ctypes.CDLL(None).prctl(15, b'odd) name (')
        print(flush=True)
        input()
    """
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", code, "a word"], stdin=pipe, stdout=pipe) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process.pid
        process.kill()


@needs_linux
def test_a_real_process(child: int, tmp_path: Path) -> None:
    proc = Proc()
    wait_for(lambda: proc.stat(child).state == "S", 10, "it to wait")
    assert proc.stat(child).parent == ME
    assert proc.stat(child).cpu_s > 0
    assert proc.exact_cpu_s(child) == pytest.approx(proc.stat(child).cpu_s, abs=0.03)
    assert 0 <= proc.queued_s(child) < 60
    assert child in proc.pids()
    assert child in proc.children(ME)
    assert set(proc.family(ME)) >= {ME, child}
    assert proc.threads(child) == [child]
    assert proc.states(child) == "SS"
    assert proc.command_line(child)[-2] == "a word"
    assert proc.owner(child) == os.getuid()
    assert proc.working_folder(child) == Path.cwd()
    assert proc.read_bytes(child) > 0
    assert proc.memory_kb(child, "Rss") >= proc.memory_kb(child, "Pss") > 1000
    assert proc.status(child, "VmHWM").endswith(" kB")
    assert any(handle.startswith("pipe:") for handle in proc.handles(child))


@needs_linux
def test_threads_and_their_states() -> None:
    go_on = threading.Event()
    thread = threading.Thread(target=go_on.wait, args=(30,))
    before = len(Proc().threads(ME))
    thread.start()
    try:
        assert len(Proc().threads(ME)) == before + 1
        assert len(Proc().states(ME)) >= before + 2, "and the process's own"
    finally:
        go_on.set()
        thread.join()


@needs_linux
def test_the_sockets_at_which_somebody_listens(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening, socket.socket(socket.AF_UNIX) as bound:
        listening.bind(str(tmp_path / "listens"))
        listening.listen()
        bound.bind(str(tmp_path / "does not"))
        found = Proc().listening_sockets()
        assert tmp_path / "listens" in found.values()
        assert tmp_path / "does not" not in found.values()
        assert {name for name, path in found.items() if path.parent == tmp_path} <= set(Proc().handles(ME))


@needs_linux
def test_what_has_ended_is_an_error(child: int) -> None:
    proc = Proc()
    os.kill(child, 9)
    wait_for(lambda: proc.stat(child).state == "Z", 10, "its end")
    os.waitpid(child, 0)
    for ask in (proc.stat, proc.states, proc.threads, proc.command_line, proc.handles, proc.read_bytes):
        with pytest.raises(OSError, match=str(child)):
            ask(child)
    assert child not in proc.children(ME)


def test_what_makes_no_sense_is_an_error(tmp_path: Path) -> None:
    proc = Proc(tmp_path)
    (tmp_path / "7").mkdir()
    for name in ("stat", "io", "smaps_rollup", "status"):
        (tmp_path / "7" / name).write_text("7 (a) S 1 nonsense")
    (tmp_path / "stat").write_text("cpu 1 x\n")
    for ask in (
        lambda: proc.stat(7),
        lambda: proc.read_bytes(7),
        lambda: proc.memory_kb(7, "Rss"),
        lambda: proc.status(7, "VmHWM"),
        proc.processor_ticks,
        proc.memory_pressure,
        proc.listening_sockets,
    ):
        with pytest.raises(OSError, match=r"understood|no line|No such file"):
            ask()
    assert proc.processor_name() == "unknown"


def test_guests_are_counted_once_and_waiting_for_a_disk_is_idle(tmp_path: Path) -> None:
    (tmp_path / "stat").write_text("cpu  10 20 30 400 5 6 7 8 900 1000\ncpu0 1 2 3\n")
    assert Proc(tmp_path).processor_ticks() == (486, 81)


@pytest.mark.parametrize("folder", ["player", "scripts"])
def test_nobody_else_reads_proc(folder: str) -> None:
    """child_side.py writes to it: it is to import next to nothing."""
    for path in (REPOSITORY / folder).rglob("*.py"):
        texts = {
            node.value
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        found = {text for text in texts if text.startswith("/proc")} - {"/proc/self/oom_score_adj"}
        assert not found or path.name == "proc.py", f"{path}: {found}"


@needs_linux
def test_the_kernel_says_what_a_folder_lies_on(tmp_path: Path) -> None:
    assert Proc().file_system(Path("/sys")) == "sysfs"
    number = tmp_path.stat().st_dev
    lines = (
        "22 1 0:5 / /a rw shared:1 - proc proc rw",
        f"23 1 {os.major(number)}:{os.minor(number)} / /a\\040b rw shared:1 master:2 - f2fs /dev/x rw",
    )
    (tmp_path / "self").mkdir()
    mounts = tmp_path / "self" / "mountinfo"
    mounts.write_text("\n".join(lines), encoding="utf-8")
    assert Proc(tmp_path).file_system(tmp_path) == "f2fs"
    mounts.write_text(lines[0] + "\n- \nnonsense\n", encoding="utf-8")
    with pytest.raises(OSError, match="nothing is mounted"):
        Proc(tmp_path).file_system(tmp_path)
