"""How loud a file is, measured in a process of its own: what crashes a decoder must not end the player."""

from __future__ import annotations

import json
import resource
import signal
import sys
from pathlib import Path

from player.errors import AudioFileError, NotNowError
from player.library.transient_errors import FROM_OUTSIDE, not_now
from player.system import child_process, child_side

TIME_LIMIT_S = 60.0
CPU_LIMIT_S = 45
"""Processor time: what needs so much is at fault, and not the machine. A song takes half a second."""


def measure(path: Path) -> tuple[float, float]:
    """Integrated loudness (LUFS) and true peak (dBTP) of a file. Takes about half a second.

    Raises AudioFileError if it cannot be read, or not within CPU_LIMIT_S; NotNowError if that is not
    its own fault.
    """
    try:
        done = child_process.run(child_process.module_command(__name__, str(path)), TIME_LIMIT_S)
    except TimeoutError as error:
        raise NotNowError(f"{path} could not be measured within {TIME_LIMIT_S:.0f} s.") from error
    except OSError as error:
        raise NotNowError(f"{path} cannot be measured at present ({error.strerror}).") from error
    if done.returncode in FROM_OUTSIDE:
        raise NotNowError(f"{path} was not measured: its process was ended, perhaps for lack of memory.")
    try:
        answer = json.loads(done.stdout)
    except ValueError as error:
        raise AudioFileError(f"{path} crashed the measurement: replace or remove it.") from error
    if "error" in answer:
        raise (NotNowError if answer["passing"] else AudioFileError)(answer["error"])
    return float(answer["loudness_lufs"]), float(answer["true_peak_dbtp"])


def main() -> None:
    """Measure the file that the first argument names; the answer is one line of JSON."""
    child_side.at_parents_end(signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from player.library.analysis.decoding import decode  # noqa: PLC0415 - the player itself needs no decoder for this

    resource.setrlimit(resource.RLIMIT_CPU, (CPU_LIMIT_S, CPU_LIMIT_S + 5))
    path = Path(sys.argv[1])
    try:
        audio = decode(path)
        answer: dict[str, object] = {
            "loudness_lufs": audio.loudness_lufs,
            "true_peak_dbtp": audio.true_peak_dbtp,
        }
    except AudioFileError as error:
        passing = not_now(path, error)
        answer = {"error": str(passing or error), "passing": passing is not None}
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
