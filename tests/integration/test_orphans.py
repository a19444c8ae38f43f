"""Every process that the player starts ends with it, also one that somebody has stopped."""

import ast
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.processes import PROC, alive, state_of
from tests.support.waiting import wait_for

PLAYER = Path(__file__).resolve().parents[2] / "player"
PARENT = """
import json, sys, threading
from player.system import child_process

def start():
    global child
    child = child_process.start(child_process.module_command(*json.loads(sys.argv[1])), own_session=True)

starter = threading.Thread(target=start)  # the kernel takes the end of this thread for that of a parent
starter.start()
starter.join()
if sys.argv[2]:
    child.stdin.write(sys.argv[2].encode() + b"\\n")
    child.stdin.flush()
child.stdout.readline()
print(child.pid, flush=True)
threading.Event().wait()
"""
SERVING = ("analysis", "front", "pictures", "monitor", "room listener", "deck")
"""What is spoken to over pipes; each answers once it has started."""
FOR_A_MOMENT = ("player.library.analysis.measure", "player.interfaces.search_child")
"""What is waited for."""


def modules(tmp_path: Path) -> Mapping[str, tuple[tuple[str, ...], str]]:
    """The arguments of each, and what it is told first."""
    here = {"folder": str(tmp_path), "passwords": str(tmp_path)}
    orders = {"web": {"port": 0}, "socket": str(tmp_path / "nobody.sock"), **here}
    return {
        "analysis": (("player.library.analysis.child", "--background"), ""),
        "front": (("player.interfaces.front.child",), json.dumps(orders)),
        "pictures": (("player.interfaces.pictures.child",), json.dumps({"path": str(tmp_path / "none")})),
        "monitor": (("player.playback.monitor.child",), ""),
        "room listener": (("player.playback.room_noise.child",), ""),
        "deck": (("player.playback.deck_child", "alsa"), ""),
    }


@contextmanager
def parent(module: tuple[str, ...], told: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    command = (sys.executable, "-c", PARENT, json.dumps(module), told)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        try:
            yield process, child
        finally:
            process.kill()
            if alive(child):
                os.kill(child, signal.SIGKILL)


@pytest.mark.parametrize("name", SERVING)
def test_one_that_is_stopped_ends_with_the_player(name: str, tmp_path: Path) -> None:
    module, told = modules(tmp_path)[name]
    with parent(module, told) as (player, child):
        os.kill(child, signal.SIGSTOP)
        wait_for(lambda: state_of(child) == "T", 10, "the process to be stopped")

        player.kill()
        player.wait()

        wait_for(lambda: not alive(child), 20, "the orphan to end")


def test_one_that_is_waited_for_ends_with_the_player(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "never.wav")
    code = f"""
from player.library.analysis import measure
measure.measure(measure.Path({str(tmp_path / "never.wav")!r}))
"""
    with subprocess.Popen([sys.executable, "-c", code]) as player:
        wait_for(lambda: PROC.children(player.pid), 30, "the process that measures")
        child = PROC.children(player.pid)[0]
        wait_for(lambda: "libav" in _mapped(child), 30, "it to be at work")
        os.kill(child, signal.SIGSTOP)
        wait_for(lambda: state_of(child) == "T", 10, "the process to be stopped")

        player.kill()
        player.wait()

        wait_for(lambda: not alive(child), 20, "the orphan to end")


def test_all_that_are_started_are_held_to_it() -> None:
    """Another module that is run as a process has to be named here, and asks the kernel for the signal."""
    found = {
        ".".join(path.relative_to(PLAYER.parent).with_suffix("").parts): path
        for path in PLAYER.rglob("*.py")
        if _is_program(ast.parse(path.read_text(encoding="utf-8"))) and path.name != "__main__.py"
    }
    named = {module for (module, *_), _ in modules(Path()).values()} | set(FOR_A_MOMENT)
    assert found.keys() == named
    for module in FOR_A_MOMENT:
        assert "at_parents_end(signal.SIGKILL)" in found[module].read_text(encoding="utf-8")


def _is_program(tree: ast.Module) -> bool:
    return any(isinstance(each, ast.If) and "__name__" in ast.unparse(each.test) for each in tree.body)


def _mapped(pid: int) -> str:
    return Path(f"/proc/{pid}/maps").read_text(encoding="utf-8")
