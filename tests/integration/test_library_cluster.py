"""The analysis on a real Dask scheduler with real worker processes, which are killed and which are unfit."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from player.cli import standalone
from player.config.settings.config import Config
from player.config.settings.library import LibrarySettings
from player.errors import AudioFileError, ClusterError
from player.library.analysis.analysis_pool import Found
from player.library.database.store import Library
from player.library.models import Analysis
from player.types import Json
from tests.support.library_audio import FLAT, clicks, encode
from tests.support.waiting import wait_for

distributed = pytest.importorskip("distributed", reason="the extra [cluster] is not installed")
from player.library.analysis import cluster  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
FILES = 24


class LocalCluster:
    """A scheduler and workers as their owner starts them, each a process of one thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: list[subprocess.Popen[bytes]] = []
        self._spawn(
            "dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(self._file)
        )
        wait_for(lambda: self._file.exists() and self._file.read_text(), 60, "the scheduler")

    @property
    def _file(self) -> Path:
        return self._folder / "scheduler.json"

    @property
    def address(self) -> str:
        return str(json.loads(self._file.read_text())["address"])

    def workers(self, count: int, path: Path = ROOT) -> list[subprocess.Popen[bytes]]:
        """Start some more, with `path` to find this program at, and wait until they are there."""
        arguments = ("--scheduler-file", str(self._file), "--nthreads", "1", "--no-nanny")
        started = [self._spawn("dask_worker", *arguments, path=path) for _ in range(count)]
        with closing(distributed.Client(self.address)) as client:
            client.wait_for_workers(count, timeout=60)
        return started

    def close(self) -> None:
        for process in self._running:
            process.kill()
            process.wait()

    def _spawn(self, module: str, *arguments: str, path: Path = ROOT) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.{module}", "--no-dashboard", *arguments],
            env=os.environ | {"PYTHONPATH": str(path)},
            cwd=self._folder,
            stderr=subprocess.DEVNULL,
        )
        self._running.append(process)
        return process


@pytest.fixture
def local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalCluster]:
    """A scheduler; how long one waits for it on a busy machine is not what is tested."""
    monkeypatch.setattr(cluster, "CONNECT_S", 60)
    (tmp_path / "cluster").mkdir()
    running = LocalCluster(tmp_path / "cluster")
    yield running
    running.close()


def deadly(path: str) -> Json:
    """A task that takes its worker with it, for one file."""
    if "deadly" in path:
        os.kill(os.getpid(), signal.SIGKILL)
    return FLAT


def songs(folder: Path, count: int) -> list[Path]:
    folder.mkdir()
    return [encode(folder / f"{i}.flac", clicks(5 + i % 3, 80 + i)) for i in range(count)]


@pytest.mark.long
def test_a_worker_killed_midway_costs_nothing_and_every_track_is_kept_once(
    local: LocalCluster, tmp_path: Path
) -> None:
    paths = songs(tmp_path / "music", FILES)
    torn = tmp_path / "music" / "torn.mp3"
    torn.write_bytes(b"ID3" + bytes(range(256)) * 20)
    config = Config(library=LibrarySettings(folders=(tmp_path / "music",)), state_dir=tmp_path / "state")
    wanted = standalone.pending(config)
    first, _second = local.workers(2)

    records = []
    for record in standalone.analyses_on_cluster(config, wanted, local.address, store=True):
        records.append(record)
        if len(records) == FILES // 3:
            first.kill()
            first.wait()

    assert Counter(record["path"] for record in records) == Counter(map(str, wanted))
    assert {record["path"] for record in records if "valence" in record} == set(map(str, paths))
    assert all(record["rests"] for record in records if "valence" in record), "clicks with nothing between"
    with closing(Library(tmp_path / "state" / "library.db")) as library:
        assert library.pending() == []
        counts = library.counts()
        assert (counts.tracks, counts.analysed) == (FILES, FILES)
        assert {track.path for track in library.tracks() if track.mood} == set(paths)


@pytest.mark.long
def test_a_file_that_kills_its_workers_is_given_up(local: LocalCluster, tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a", "deadly", "b")]
    for path in paths:
        path.touch()
    local.workers(5)

    found = dict(cluster.analyses(local.address, paths, deadly))

    assert isinstance(found[tmp_path / "deadly"], AudioFileError)
    assert "crashed one worker" in str(found[tmp_path / "deadly"])
    for name in ("a", "b"):
        heard = found[tmp_path / name]
        assert isinstance(heard, Analysis)
        assert (heard.silences, heard.rests) == (((0.25, 0.5),), (0.35, 0.75))


def heard(address: str, paths: Sequence[Path]) -> list[tuple[Path, Found]]:
    return list(cluster.analyses(address, paths))


def test_unfit_workers_are_named_with_what_to_do(local: LocalCluster, tmp_path: Path) -> None:
    with pytest.raises(ClusterError, match="no worker"):
        heard(local.address, [tmp_path])

    (fit,) = local.workers(1)
    with pytest.raises(ClusterError, match=r"does not see .*gone\.mp3: mount"):
        heard(local.address, [tmp_path / "gone.mp3"])

    fit.terminate()
    fit.wait()
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare" / "player.py").touch()  # no package: an editable install cannot add to it
    local.workers(1, path=tmp_path / "bare")
    with pytest.raises(ClusterError, match="does not have this program: install it"):
        heard(local.address, [tmp_path])


def test_an_address_where_nobody_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "CONNECT_S", 1)
    for address in ("tcp://127.0.0.1:1", "nonsense"):
        with pytest.raises(ClusterError, match="No Dask scheduler answers"):
            heard(address, [tmp_path])
