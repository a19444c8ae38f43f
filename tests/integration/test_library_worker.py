"""Background analysis in real child processes: crashes, hangs, kills, the end of the parent."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from player.config.settings.library import LibrarySettings
from player.errors import AudioFileError, ModelError, NotNowError
from player.library.analysis.analysis_pool import AnalysisPool, Found
from player.library.analysis.analysis_process import SLOWEST_BYTES_PER_S, AnalysisProcess, ChildHandle, record
from player.library.analysis.worker import BACKGROUND, AnalysisWorker
from player.library.database.store import Library
from player.library.models import Analysis
from player.status import AnalysisStatus, LibraryCounts
from player.types import MoodPoint
from tests.support.library_audio import FLAT, clicks, encode
from tests.support.processes import PROC, alive, children, state_of
from tests.support.waiting import wait_for

FAKE_CHILD = f"""
    import json, os, signal, sys, time
    def spin(seconds):
        until = time.process_time() + seconds
        while time.process_time() < until:
            pass
    print(json.dumps({{"ready": True}}), flush=True)
    for line in sys.stdin:
        path = json.loads(line)["path"]
        name = os.path.basename(path)
        if "slow" in name:
            open(path + ".begun", "w").close()
            time.sleep(1)
        if "crash" in name:
            os.abort()
        if "hang" in name:
            spin(3600)
        if "asleep" in name:
            time.sleep(3600)
        if "killed" in name:
            os.kill(os.getpid(), signal.SIGKILL)
        if "growing" in name:
            open(path, "ab").write(b"more")
        if "no right" in name:
            print(json.dumps({{"error": "no right to read it", "passing": True}}), flush=True)
            continue
        if "unplugged" in name:
            os.rename(path, path + ".away")
        if "unreadable" in name or "unplugged" in name:
            print(json.dumps({{"error": path + " is torn"}}), flush=True)
        else:
            print(json.dumps({FLAT!r}), flush=True)
"""


def fake_child(body: str = FAKE_CHILD) -> list[str]:
    return [sys.executable, "-c", textwrap.dedent(body)]


def feelings(point: MoodPoint) -> dict[str, float]:
    return {"calm": 1.0 if point.energy < 0 else 0.0}


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = Library(tmp_path / "library.db")
    yield library
    library.close()


Start = Callable[..., AnalysisWorker]


@pytest.fixture
def start(library: Library) -> Iterator[Start]:
    started: list[AnalysisWorker] = []

    def start(
        child: Sequence[str], workers: int = 1, time_limit_s: float = 60.0, **more: object
    ) -> AnalysisWorker:
        settings = LibrarySettings(workers=workers)
        worker = AnalysisWorker(
            library, settings, feelings, child=child, time_limit_s=time_limit_s, look_s=0.05, **more
        )
        started.append(worker)
        worker.start()
        return worker

    yield start
    for worker in started:
        worker.stop(10)


def music(folder: Path, *names: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name in names:
        encode(folder / f"{name}.wav", np.zeros(4800, dtype=np.float32))
    return folder


def reads(pid: int, name: str) -> bool:
    return any(Path(handle).name == name for handle in PROC.handles(pid))


@pytest.mark.parametrize("workers", [1, 3])
def test_crash_and_hang_cost_their_file_only(
    library: Library, tmp_path: Path, start: Start, workers: int
) -> None:
    folder = music(tmp_path / "music", "a", "crash", "b", "hang", "c", "unreadable", "d")
    library.scan([folder])
    done: list[Path] = []

    worker = start(fake_child(), workers, time_limit_s=2, on_done=done.append)
    wait_for(lambda: worker.status().done + worker.status().failed == 7, 60, "all seven files")

    wait_for(lambda: len(done) == 7, 5, "all callbacks")
    assert library.pending() == []
    assert sorted(track.title for track in library.tracks()) == ["a", "b", "c", "d"]
    assert {track.mood.name for track in library.tracks() if track.mood} == {"calm"}
    assert {(track.silences, track.rests) for track in library.tracks()} == {(((0.25, 0.5),), (0.35, 0.75))}
    assert library.counts() == LibraryCounts(tracks=4, analysed=4, unreadable=3, plays=0, pending=0)
    assert worker.status() == AnalysisStatus(
        running=True, done=4, failed=3, current=(), paused=None, problem=None
    )


def test_takes_up_what_a_later_scan_finds_and_holds_no_process_meanwhile(
    library: Library, tmp_path: Path, start: Start
) -> None:
    folder = music(tmp_path / "music", "a")
    library.scan([folder])
    worker = start(fake_child())
    wait_for(lambda: worker.status().done == 1, 30, "the first file")
    wait_for(lambda: not children(os.getpid()), 10, "the idle process to end")

    music(folder, "b")
    library.scan([folder])

    wait_for(lambda: worker.status().done == 2, 30, "the second file")


def test_new_files_come_before_what_an_earlier_version_analysed(
    library: Library, tmp_path: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("player.library.analysis.worker.AT_ONCE", 2)
    folder = music(tmp_path / "music", *(f"heard {n}" for n in range(6)))
    library.scan([folder])
    for path in library.pending():
        library.save(path, record(FLAT))
    library.database.write("UPDATE tracks SET analysis_version = analysis_version - 1")
    library.scan([music(folder, "new")])
    done: list[str] = []

    def note(path: Path) -> None:
        done.append(path.stem)
        if len(done) == 3:
            library.scan([music(folder, "newer")])

    start(fake_child(), on_done=note)
    wait_for(lambda: len(done) == 8, 60, "all eight files")

    assert (done[0], done[3]) == ("new", "newer")
    assert library.pending() == []


def test_models_that_cannot_be_opened_cost_no_file(library: Library, tmp_path: Path, start: Start) -> None:
    library.scan([music(tmp_path / "music", "a")])

    worker = start(fake_child("""print('{"fatal": "music_mood.onnx is missing."}', flush=True)"""))
    wait_for(lambda: worker.status().problem, 30, "the problem to be told")

    assert "music_mood.onnx" in worker.status().problem
    assert library.pending() == [tmp_path / "music" / "a.wav"]


def test_stop_leaves_the_file_in_work_pending(library: Library, tmp_path: Path, start: Start) -> None:
    library.scan([music(tmp_path / "music", "hang")])
    worker = start(fake_child())
    wait_for(lambda: worker.status().current, 30, "the file to be in work")

    worker.stop(10)

    assert not worker.status().running
    assert children(os.getpid()) == []
    assert library.pending() == [tmp_path / "music" / "hang.wav"]
    assert library.counts().unreadable == 0


def test_a_disk_unplugged_in_mid_file_costs_nothing(library: Library, tmp_path: Path, start: Start) -> None:
    folder = music(tmp_path / "music", "unplugged")
    library.scan([folder])

    worker = start(fake_child())
    wait_for(lambda: worker.status().failed == 1, 30, "the file to fail")

    assert library.pending() == [folder / "unplugged.wav"]


@pytest.mark.parametrize("name", ["asleep", "killed", "growing", "no right"])
def test_what_is_no_fault_of_the_file_is_never_held_against_it(
    library: Library, tmp_path: Path, start: Start, name: str
) -> None:
    """Its disk does not answer, the kernel wants the memory, it is being copied, or the system forbids it."""
    folder = music(tmp_path / "music", "a", name)
    library.scan([folder])

    worker = start(fake_child(), time_limit_s=1)
    wait_for(lambda: (worker.status().done, worker.status().failed) == (1, 1), 60, "both files")

    assert library.counts().unreadable == 0
    assert library.pending() == [folder / f"{name}.wav"]
    assert worker.status().problem is None
    wait_for(lambda: not children(os.getpid()), 10, "the process to end")


def test_what_could_not_be_listened_to_is_tried_again(
    library: Library, tmp_path: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("player.library.scan.retries.FIRST_S", 0.5)
    folder = music(tmp_path / "music", "no right")
    library.scan([folder])
    worker = start(fake_child())
    wait_for(lambda: worker.status().failed >= 1, 30, "the first try")

    (folder / "no right.wav").rename(folder / "now.wav")
    library.scan([folder])
    wait_for(lambda: worker.status().done == 1, 30, "the second one")

    assert library.counts().analysed == 1


def test_a_process_that_others_stopped_is_waited_for(library: Library, tmp_path: Path, start: Start) -> None:
    folder = music(tmp_path / "music", "slow")
    library.scan([folder])
    worker = start(fake_child(), time_limit_s=1.5)
    wait_for((folder / "slow.wav.begun").exists, 30, "the file to be in work")
    (pid,) = children(os.getpid())
    os.kill(pid, signal.SIGSTOP)
    stopped_at = time.monotonic()
    wait_for(lambda: time.monotonic() - stopped_at > 3, 10, "more than the time limit")
    assert worker.status().failed == 0
    os.kill(pid, signal.SIGCONT)
    wait_for(lambda: worker.status().done == 1, 30, "the file")


def test_the_real_child_blames_no_file_for_what_the_system_says(tmp_path: Path) -> None:
    song = encode(tmp_path / "song.flac", clicks(5, 100))
    no_files_left = "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (7, 7))"
    command = [
        sys.executable,
        "-c",
        "import threading; from player.library.analysis import child, feature_extractor\n"
        "from player.library import transient_errors; from player.library.scan import file_identity\n"
        "real = child._listen\n"
        f"def listen(*given):\n    {no_files_left}\n    return real(*given)\n"
        "import os; [os.dup(0) for _ in range(7)]\n"
        "child._listen = listen; child.main()",
    ]
    with AnalysisProcess(command) as process, pytest.raises(NotNowError, match="Too many open files"):
        process.analyze(song)
    (tmp_path / "torn.flac").write_bytes(song.read_bytes()[:200])
    with AnalysisProcess() as process:
        with pytest.raises(AudioFileError) as torn:
            process.analyze(tmp_path / "torn.flac")
        assert not isinstance(torn.value, NotNowError)
        with pytest.raises(NotNowError, match="No such file"):
            process.analyze(tmp_path / "away.flac")


def test_kill_of_the_real_child_costs_nothing(library: Library, tmp_path: Path, start: Start) -> None:
    folder = tmp_path / "music"
    folder.mkdir()
    for i in range(4):
        encode(folder / f"{i}.flac", clicks(60, 100 + 10 * i))
    library.scan([folder])

    worker = start(BACKGROUND)
    wait_for(lambda: worker.status().current, 60, "the first file to be in work")
    wait_for(lambda: children(os.getpid()), 60, "its process")
    (pid,) = children(os.getpid())
    wait_for(lambda: os.sched_getscheduler(pid) == os.SCHED_IDLE, 60, "the lowest priority")
    assert os.getpriority(os.PRIO_PROCESS, pid) >= 10
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not library.pending(), 110, "all files")

    assert library.counts() == LibraryCounts(tracks=4, analysed=4, pending=0, unreadable=0, plays=0)


def test_a_pause_stops_the_process_in_mid_file_and_costs_the_file_no_time(
    library: Library, tmp_path: Path, start: Start
) -> None:
    folder = music(tmp_path / "music", "slow")
    library.scan([folder])
    why = [""]
    worker = start(fake_child(), time_limit_s=2, hold=lambda: why[0])
    wait_for((folder / "slow.wav.begun").exists, 30, "the file to be in work")
    why[0] = "a crossfade is on"
    (pid,) = children(os.getpid())
    wait_for(lambda: state_of(pid) == "T", 30, "the process to be stopped")
    stopped_at = time.monotonic()

    wait_for(lambda: time.monotonic() - stopped_at > 3, 10, "more than the time limit")
    assert worker.status().paused == "a crossfade is on"
    assert worker.status().done + worker.status().failed == 0
    why[0] = ""
    wait_for(lambda: worker.status().done == 1, 30, "the file")


def test_a_jump_of_the_clock_is_no_fault_of_the_file(
    library: Library, tmp_path: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both processes were stopped for a thousand seconds in the middle of it."""
    folder = music(tmp_path / "music", "slow")
    begun = folder / "slow.wav.begun"
    monkeypatch.setattr(
        "player.library.analysis.analysis_process.monotonic", lambda: time.monotonic() + 1000 * begun.exists()
    )
    library.scan([folder])
    worker = start(fake_child(), time_limit_s=30)
    wait_for(lambda: worker.status().done + worker.status().failed, 30, "the file")
    assert worker.status().failed == 0


def test_no_file_is_begun_during_a_pause_and_stop_ends_one(
    library: Library, tmp_path: Path, start: Start
) -> None:
    library.scan([music(tmp_path / "music", "a")])
    worker = start(fake_child(), hold=lambda: "a crossfade is on")
    wait_for(lambda: worker.status().paused, 30, "the pause")

    worker.stop(10)

    assert not worker.status().running
    assert children(os.getpid()) == []
    assert library.pending() == [tmp_path / "music" / "a.wav"]


def test_a_long_file_has_more_time_than_a_short_one(tmp_path: Path) -> None:
    """Both take 2 s; only the one that is large may."""
    (tmp_path / "hang-short").write_bytes(b"")
    with (tmp_path / "hang-long").open("wb") as file:
        file.truncate(100 * SLOWEST_BYTES_PER_S)
    with AnalysisProcess(fake_child(FAKE_CHILD.replace("3600", "2")), time_limit_s=1) as process:
        with pytest.raises(AudioFileError, match="halted"):
            process.analyze(tmp_path / "hang-short")
        assert process.analyze(tmp_path / "hang-long").quadrant == "Q4"


def test_a_process_that_cannot_start_is_no_fault_of_the_file(tmp_path: Path) -> None:
    with (
        AnalysisProcess([sys.executable, "-c", "pass"]) as process,
        pytest.raises(ModelError, match="cannot start"),
    ):
        process.analyze(tmp_path / "a.wav")


def test_a_pool_keeps_the_order_and_a_bad_file_costs_itself(tmp_path: Path) -> None:
    names = ["hang", "a", "crash", "b", "unreadable", "c"]
    paths = [tmp_path / name for name in names]
    for path in paths:
        path.touch()
    finished: list[str] = []

    def then(path: Path, found: Found) -> tuple[str, bool]:
        finished.append(path.name)
        return path.name, isinstance(found, Analysis)

    with AnalysisPool(2, fake_child(), time_limit_s=2) as pool:
        found = list(pool.map(paths, then))
        assert len(children(os.getpid())) <= 2, "a process a worker, whatever the number of files"

    assert found == [(name, name in "abc") for name in names]
    assert finished.index("a") < finished.index("hang")  # the other process went on beside it
    assert children(os.getpid()) == []


def test_a_pool_that_is_left_early_calls_nobody_any_more(tmp_path: Path) -> None:
    finished: list[Path] = []
    paths = [tmp_path / "a", tmp_path / "hang"]
    for path in paths:
        path.touch()
    with AnalysisPool(2, fake_child()) as pool:
        results = pool.map(paths, lambda path, _: finished.append(path))
        next(results)
    assert finished == [tmp_path / "a"]


def test_child_ends_with_its_parent_even_in_the_middle_of_a_file(tmp_path: Path) -> None:
    encode(tmp_path / "long.flac", clicks(300, 120))
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            textwrap.dedent(f"""
                import sys, threading
                from pathlib import Path
                from player.library.analysis.analysis_process import CHILD, ChildHandle, never
                child = ChildHandle(CHILD, 60, never)
                child.wait_ready()
                print(child._process.pid, flush=True)
                child.analyze(Path({str(tmp_path / "long.flac")!r}))
            """),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    wait_for(lambda: reads(pid, "long.flac"), 30, "the file to be in work")

    parent.kill()
    parent.wait()

    wait_for(lambda: not alive(pid), 10, "the orphan to end")
    parent.stdout.close()


def test_one_that_still_starts_is_not_stopped() -> None:
    """It may not have asked the kernel yet to end it with its parent: it would stay, stopped, for ever."""
    slow = "import sys, time; time.sleep(1); print('{\"ready\": true}', flush=True); sys.stdin.read()"
    child = ChildHandle((sys.executable, "-c", slow), 60, lambda: True)
    ready = threading.Thread(target=child.wait_ready, daemon=True)
    ready.start()
    ready.join(30)
    assert not ready.is_alive()
    child.close()


def test_a_stopped_child_ends_with_its_parent_too() -> None:
    body = """
        import os, sys, threading
        from player.library.analysis.analysis_process import CHILD, ChildHandle, never
        child = ChildHandle(CHILD, 60, never)
        child.wait_ready()
        child._stop(True)
        print(child._process.pid, flush=True)
        threading.Event().wait()
    """
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(body)], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    wait_for(lambda: state_of(pid) == "T", 30, "the process to be stopped")

    parent.kill()
    parent.wait()

    wait_for(lambda: not alive(pid), 10, "the orphan to end")
    parent.stdout.close()
