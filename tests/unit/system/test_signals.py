"""A player that is told to end ends, whatever hangs."""

import os
import signal
import subprocess
import sys

HANGING = """
import logging, sys, threading
from player.system import signals
signals.hold()
signals.END_S = 0.1
logging.basicConfig(stream=sys.stderr)
signals.Receiver()
print("ready", flush=True)
threading.Thread(target=logging.error, args=("x" * 1_000_000,), daemon=True).start()
threading.Event().wait()
"""


def test_it_ends_although_nobody_reads_the_log() -> None:
    """A thread that writes to a full pipe holds the lock that the last line of the log needs."""
    nobody_reads, log = os.pipe()
    try:
        with subprocess.Popen(
            [sys.executable, "-c", HANGING], stdout=subprocess.PIPE, stderr=log, text=True
        ) as hanging:
            try:
                assert hanging.stdout is not None
                assert hanging.stdout.readline() == "ready\n"
                assert os.read(nobody_reads, 1), "the pipe is being filled"
                hanging.send_signal(signal.SIGTERM)
                assert hanging.wait(60) == 1
            finally:
                hanging.kill()
    finally:
        os.close(nobody_reads)
        os.close(log)
