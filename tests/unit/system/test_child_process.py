"""How other processes are started and ended."""

import ast
import json
import os
import re
import sys
from pathlib import Path

import pytest

from player.system import child_process
from tests.support.waiting import wait_for

PLAYER = Path(__file__).resolve().parents[3] / "player"
STARTERS = re.compile(
    r"subprocess|multiprocessing|pty|webbrowser|concurrent\.futures\.process"
    r"|os\.(system|popen|exec\w+|spawn\w+|posix_spawnp?|fork|forkpty|startfile)"
    r"|(\w+\.)+(create_subprocess_\w+|subprocess_\w+|ProcessPoolExecutor|LocalCluster)"
)
"""What starts another program or process, as it is imported or called."""
ALLOWED = {
    ("system/child_process.py", "subprocess"),
    ("restart.py", "os.execv"),
    ("system/process_copy.py", "os.fork"),
}
"""The restart turns into the same program again, which needs its keys; a copy has what its parent has."""
SAYS = "import json, os; print(json.dumps({'env': dict(os.environ), 'session': os.getsid(0)}), flush=True); "


def said(code: str, **how: object) -> dict[str, object]:
    """What a child says of itself; it ends when its standard input does."""
    process = child_process.start(
        (sys.executable, "-c", SAYS + code),
        **how,  # type: ignore[arg-type]
    )
    assert process.stdout is not None
    answer: dict[str, object] = json.loads(process.stdout.readline())
    process.kill()
    assert child_process.wait(process, 10)
    child_process.close_pipes(process)
    return answer


def starters(source: str) -> set[str]:
    """What a module uses to start others."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import():
                names |= {alias.name for alias in node.names}
            case ast.ImportFrom(module=str(module)):
                names |= {module} | {f"{module}.{alias.name}" for alias in node.names}
            case ast.Attribute(value=ast.Name(id=owner), attr=name):
                names.add(f"{owner}.{name}")
    return {name for name in names if STARTERS.fullmatch(name)}


def test_no_other_module_starts_processes() -> None:
    """A clean environment is given in one place."""
    found = {
        (path.relative_to(PLAYER).as_posix(), name)
        for path in PLAYER.rglob("*.py")
        for name in starters(path.read_text(encoding="utf-8"))
    }
    assert found == ALLOWED


@pytest.mark.parametrize(
    "source",
    [
        "import subprocess as s",
        "from subprocess import Popen",
        "import os\nos.system('true')",
        "from os import popen",
        "import os\nos.posix_spawn('/x', [], {})",
        "import asyncio\nasyncio.create_subprocess_exec('x')",
        "from asyncio import create_subprocess_shell",
        "from multiprocessing import Process",
        "from concurrent.futures import ProcessPoolExecutor",
        "import distributed\ndistributed.LocalCluster()",
    ],
)
def test_who_starts_processes_is_found(source: str) -> None:
    assert starters(source)
    assert not starters("import os\nfrom os import path\nos.environ.get('x')\nimport platform")


@pytest.mark.parametrize("name", ["LASTFM_API_KEY", "MY_TOKEN", "DB_PASSWORD", "PULSE_SECRET", "OPENAI_ORG"])
def test_whoever_is_started_gets_no_key(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "hunter2")
    assert "hunter2" not in child_process.ask(("env",), 60).stdout
    assert b"hunter2" not in child_process.run(("env",), 60).stdout
    written = tmp_path / "environment"
    assert child_process.wait(child_process.start_shell(f"env > {written}"), 60)
    assert "PATH=" in written.read_text()
    assert "hunter2" not in written.read_text()


def test_our_own_get_no_keys_and_what_is_said_besides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LASTFM_API_KEY", "hunter2")
    env = said("input()", more={"OPENBLAS_NUM_THREADS": "1"})["env"]
    assert isinstance(env, dict)
    assert "LASTFM_API_KEY" not in env
    assert env["OPENBLAS_NUM_THREADS"] == "1"


def test_a_session_of_its_own_where_that_is_asked_for() -> None:
    assert said("input()")["session"] == os.getsid(0)
    assert said("input()", own_session=True)["session"] != os.getsid(0)


def test_our_modules_are_found_whatever_lies_in_the_working_folder() -> None:
    assert child_process.module_command("player.x", "--y") == (sys.executable, "-P", "-m", "player.x", "--y")


def test_what_takes_too_long_is_ended() -> None:
    with pytest.raises(TimeoutError):
        child_process.run((sys.executable, "-c", "import time; time.sleep(600)"), 0.1)
    done = child_process.run((sys.executable, "-c", "print(len(input() or 'x'))"), 60)
    assert done.returncode != 0, "it gets no input"


def test_a_command_is_ended_with_all_that_it_has_started(tmp_path: Path) -> None:
    begun = tmp_path / "pid"
    process = child_process.start_shell(f"(echo $$ > {begun}; sleep 600) & sleep 600; true")
    wait_for(lambda: begun.exists() and begun.read_text().strip() != "", 10, "the command")
    assert not child_process.wait(process, 0)
    child_process.kill_session(process)
    assert child_process.wait(process, 10)
    wait_for(lambda: not _session_alive(process.pid), 10, "the rest of it to end")
    child_process.kill_session(process)  # nobody is left: that is no error


def _session_alive(session: int) -> bool:
    try:
        os.killpg(session, 0)
    except ProcessLookupError:
        return False
    return True
