"""A PulseAudio of the test's own with one null sink, whose monitor is recorded: what is really heard."""

import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from tests.support.waiting import wait_for

RATE = 48000
SINK = "ambient_test"
UNDISTURBED_MS = 8000
"""Latency of a recorder that leaves a sink's buffers as long as they are: 2 s."""
NEVER_KILLED = "rlimit-rttime = -1\n"
"""Else the kernel kills the server, once its realtime thread counts 200 ms of work without a wait: a busy
machine, or a virtual one that was held up, is counted so."""
Samples = npt.NDArray[np.float32]


class PrivatePulse:
    """`start` and `stop` it as often as the test wants; `env` points every child process to it."""

    def __init__(self, folder: Path) -> None:
        self._socket = folder / "native"
        self._folder = folder
        self._daemon: subprocess.Popen[bytes] | None = None
        self.env = {"PULSE_SERVER": f"unix:{self._socket}"}
        self.flat_volumes = False
        """Whether a stream's volume moves the sink's own; obeyed by the next `start`."""
        self.options: tuple[str, ...] = ()
        """More words for its command line."""

    def start(self) -> None:
        """Start the daemon and wait until it answers."""
        own = {"HOME": str(self._folder), "XDG_RUNTIME_DIR": str(self._folder)}
        settings = self._folder / ".config/pulse/daemon.conf"
        settings.parent.mkdir(parents=True, exist_ok=True)
        flat = "yes" if self.flat_volumes else "no"
        settings.write_text(f"flat-volumes = {flat}\n{NEVER_KILLED}", encoding="utf-8")
        self._daemon = subprocess.Popen(
            [
                *("pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1"),
                *self.options,
                f"--load=module-null-sink sink_name={SINK} rate={RATE} channels=2",
                f"--load=module-native-protocol-unix auth-anonymous=1 socket={self._socket}",
            ],
            env={"PATH": os.environ["PATH"], **own},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_for(self._answers, 10, "PulseAudio to answer")

    def stop(self) -> None:
        """Kill the daemon, as a crash would."""
        if self._daemon is not None:
            self._daemon.kill()
            self._daemon.wait()
            self._daemon = None
            self._socket.unlink(missing_ok=True)

    def pactl(self, *words: str) -> str:
        """What somebody else tells PulseAudio; returns its answer, fails the test where that is an error."""
        done = self._pactl(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def add_sink(self, name: str) -> str:
        """Another null sink, as if it were plugged in; returns the module to unload."""
        return self.pactl("load-module", "module-null-sink", f"sink_name={name}", f"rate={RATE}")

    def volume(self, sink: str = SINK) -> str:
        """A sink's own volume: "30%"."""
        return self.pactl("get-sink-volume", sink).split("/")[1].strip()

    def sinks(self) -> list[str]:
        """The names of all sinks."""
        return [line.split()[1] for line in self.pactl("list", "short", "sinks").splitlines()]

    def stream_of(self, pid: int | None) -> str | None:
        """The newest stream of a process."""
        listed = self.pactl("list", "sink-inputs").split("Sink Input #")[1:]
        ours = [each.split()[0] for each in listed if f'application.process.id = "{pid}"' in each]
        return ours[-1] if ours else None

    def _pactl(self, *words: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, **self.env, "LC_ALL": "C"}
        return subprocess.run(
            ["pactl", *words], env=environment, capture_output=True, check=False, encoding="utf-8"
        )

    def _answers(self) -> bool:
        return self._pactl("info").returncode == 0


class Recording:
    """What the sink's monitor gives, growing while the context is open.

    With a short latency it keeps the sink from mixing seconds ahead: with UNDISTURBED_MS it does not.
    """

    def __init__(self, env: dict[str, str], sink: str = SINK, latency_ms: int = 20) -> None:
        self._recorder = subprocess.Popen(
            [
                *("parec", f"--device={sink}.monitor", "--raw", "--format=s16le", "--channels=1"),
                *(f"--rate={RATE}", f"--latency-msec={latency_ms}"),
            ],
            env={**os.environ, **env},
            stdout=subprocess.PIPE,
        )
        self._chunks: list[bytes] = []
        self.started_at = 0.0
        """Monotonic time of the first sample, right to about the recorder's latency."""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        wait_for(lambda: self._chunks, 10, "the first recorded samples")

    def _read(self) -> None:
        stdout = self._recorder.stdout
        assert stdout is not None
        while chunk := os.read(stdout.fileno(), 65536):
            if not self._chunks:
                self.started_at = time.monotonic() - len(chunk) / 2 / RATE
            self._chunks.append(chunk)

    @property
    def samples(self) -> Samples:
        """(n,) float32 in [-1, 1], both channels mixed to one."""
        data = b"".join(self._chunks)
        return np.frombuffer(data[: len(data) // 2 * 2], "<i2").astype(np.float32) / 32768

    def since(self, moment: float) -> Samples:
        """The samples recorded after a monotonic moment."""
        return self.samples[max(0, round((moment - self.started_at) * RATE)) :]

    def sounds(self, seconds: float = 0.3, above_db: float = -60.0) -> bool:
        """Whether the last `seconds` can be heard."""
        last = self.samples[-round(seconds * RATE) :]
        return bool(level_db(last) > above_db)

    def close(self) -> None:
        """Stop recording."""
        self._recorder.kill()
        self._recorder.wait()
        self._reader.join(5)


@contextmanager
def private_pulse(start: bool = True) -> Iterator[PrivatePulse]:
    """A PulseAudio that nobody else knows, killed at the end."""
    for program in ("pulseaudio", "pactl", "parec"):
        assert shutil.which(program), f"{program} is missing: sudo apt install pulseaudio pulseaudio-utils"
    with tempfile.TemporaryDirectory(prefix="pulse-") as folder:  # short: a socket's path may have 107 bytes
        pulse = PrivatePulse(Path(folder))
        try:
            if start:
                pulse.start()
            yield pulse
        finally:
            pulse.stop()


@contextmanager
def pulse_here() -> Iterator[PrivatePulse]:
    """The same, to which this process and its children play."""
    with private_pulse() as own, pytest.MonkeyPatch.context() as patch:
        for name, value in own.env.items():
            patch.setenv(name, value)
        yield own


@contextmanager
def recording(pulse: PrivatePulse, sink: str = SINK, latency_ms: int = 20) -> Iterator[Recording]:
    """Record a sink's monitor."""
    recorded = Recording(pulse.env, sink, latency_ms)
    try:
        yield recorded
    finally:
        recorded.close()


def level_db(samples: Samples) -> float:
    """RMS level in dBFS of a full-scale square wave; -120 for silence."""
    power = float(np.mean(np.square(samples, dtype=np.float64))) if samples.size else 0.0
    return 10 * float(np.log10(max(power, 1e-12)))


def levels_db(samples: Samples, window_s: float, low_hz: float = 0.0, high_hz: float = RATE / 2) -> Samples:
    """Level of each window, of the whole or of a band: (n // window,) dB."""
    size = round(window_s * RATE)
    windows = samples[: samples.size // size * size].reshape(-1, size)
    spectrum = np.abs(np.fft.rfft(windows * np.hanning(size))) ** 2
    frequencies = np.fft.rfftfreq(size, 1 / RATE)
    band = spectrum[:, (frequencies >= low_hz) & (frequencies <= high_hz)].sum(axis=1)
    # Parseval: twice the one-sided power, over the window's length and its mean square, 3/8 for Hann.
    return (10 * np.log10(np.maximum(2 * band / (size**2 * 3 / 8), 1e-12))).astype(np.float32)


def longest_silence_s(samples: Samples, below_db: float = -60.0) -> float:
    """Longest run of 20 ms windows below a level."""
    longest = run = 0
    for quiet in levels_db(samples, 0.02) < below_db:
        run = run + 1 if quiet else 0
        longest = max(longest, run)
    return longest * 0.02
