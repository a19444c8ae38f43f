"""Starting and ending other processes: one way for all of them (child_side.py is theirs).

The player's own children read strangers' files: they get no key, find their modules whatever lies in the
working folder (-P), and end with their standard input, however their parent ends. A command of the owner's
gets what a shell needs and a session of its own, so that all it has started can be ended with it. A program
of the system's gets the same, and no key either.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType

from player.privacy import environment

Process = subprocess.Popen[bytes]
Said = subprocess.CompletedProcess[str]
NOTHING: Mapping[str, str] = MappingProxyType({})


def module_command(module: str, *arguments: str) -> tuple[str, ...]:
    """The command line of one of our own modules as a program."""
    return (sys.executable, "-P", "-m", module, *arguments)


def start(command: Sequence[str], *, more: Mapping[str, str] = NOTHING, own_session: bool = False) -> Process:
    """Start one of our own, with pipes to its standard input and from its output.

    more         environment variables that it gets besides
    own_session  Ctrl-C and Ctrl-Z at the terminal are not for it
    Raises OSError.
    """
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=own_session,
        env={**environment.inner(), **more},
    )


def run(command: Sequence[str], timeout_s: float) -> subprocess.CompletedProcess[bytes]:
    """Run one of our own to its end, which needs no input. Raises OSError and TimeoutError."""
    try:
        return subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout_s,
            check=False,
            env=environment.inner(),
        )
    except subprocess.TimeoutExpired as error:
        raise TimeoutError(f"{command[0]} took more than {timeout_s:g} s") from error


def ask(command: Sequence[str], timeout_s: float) -> Said:
    """Run a program of the system's to its end, and read what it says. Raises OSError and TimeoutError."""
    try:
        return subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout_s,
            check=False,
            env=environment.plain(),
            encoding="utf-8",
            errors="replace",
        )
    except subprocess.TimeoutExpired as error:
        raise TimeoutError(f"{command[0]} took more than {timeout_s:g} s") from error


def start_shell(command: str) -> Process:
    """Start a command line of the owner's, in a session of its own; what it writes goes nowhere.

    Raises OSError.
    """
    return subprocess.Popen(
        command,
        shell=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env=environment.plain(),
    )


def start_program(words: Sequence[str]) -> Process:
    """Start a program of the owner's, without a shell, in a session of its own; what it writes goes nowhere.

    Raises OSError, ValueError if a word cannot be handed on.
    """
    return subprocess.Popen(
        words,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env=environment.plain(),
    )


def tell(process: Process, said: bytes, seconds: float) -> bool:
    """Whether it has ended, within so long, after this was given to its standard input. Raises OSError."""
    try:
        process.communicate(said, seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def wait(process: Process, seconds: float) -> bool:
    """Whether it has ended, within so long."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def kill_session(process: Process) -> None:
    """Kill what was started with a session of its own, and all that it has started in it."""
    with suppress(ProcessLookupError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def close_pipes(process: Process) -> None:
    """Give back the pipes to a process that has ended; what was still buffered for it is lost."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
