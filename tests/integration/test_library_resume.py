"""The background analysis, killed again and again: at the end every file has been analysed, once."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import textwrap
from contextlib import closing
from pathlib import Path

import pytest

from player.library.database.store import Library
from player.status import LibraryCounts
from tests.support.library_audio import clicks, encode
from tests.support.processes import children
from tests.support.waiting import wait_for

FEWEST_KILLS, MOST_KILLS = 5, 15
SEED = int(os.environ.get("RESUME_SEED", "5"))
FILES = 60
KINDS = (".mp3", ".flac", ".ogg", ".opus", ".m4a", ".wav")

DAEMON = """
    import sys, threading
    from pathlib import Path
    from player.library.database.store import Library
    from player.library.analysis.worker import AnalysisWorker
    from player.emotions import feelings_at
    from player.config.settings.library import LibrarySettings
    library = Library(Path(sys.argv[1]))
    library.scan([Path(sys.argv[2])])
    AnalysisWorker(library, LibrarySettings(workers=2), feelings_at, look_s=0.1).start()
    threading.Event().wait()
"""


class Kept:
    """What the database holds, read beside the process that writes it; and how often each row was written."""

    def __init__(self, db_path: Path) -> None:
        self._path = db_path
        self._run("CREATE TABLE writes (path TEXT)")
        self._run(
            "CREATE TRIGGER count_writes AFTER UPDATE OF analysis_version ON tracks"
            " WHEN new.analysis_version > 0 BEGIN INSERT INTO writes VALUES (new.path); END"
        )

    def _run(self, statement: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self._path, timeout=30)) as connection, connection:
            return connection.execute(statement).fetchall()

    def writes(self) -> list[str]:
        return [str(path) for (path,) in self._run("SELECT path FROM writes ORDER BY path")]

    def problem(self) -> str:
        return str(self._run("PRAGMA integrity_check")[0][0])


def analysing(pid: int) -> list[int]:
    """The analysing processes of a daemon."""
    return children(pid)


def killed(daemon: subprocess.Popen[bytes], chance: random.Random) -> bool:
    """Kill one of the analysing processes or, every other time, the daemon itself: whether it was that."""
    victims = analysing(daemon.pid)
    if victims and chance.random() < 0.5:
        os.kill(chance.choice(victims), signal.SIGKILL)
        return False
    daemon.kill()
    daemon.wait()
    return True


@pytest.mark.skipif(sys.platform != "linux", reason="finds the processes in /proc")
@pytest.mark.long
def test_killed_at_any_moment_it_analyses_every_file_once(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    folder, db_path = tmp_path / "music", tmp_path / "library.db"
    folder.mkdir()
    for i in range(FILES):
        encode(folder / f"{i}{KINDS[i % len(KINDS)]}", clicks(2 + i % 5, 80 + i))
    with closing(Library(db_path)) as library:
        library.scan([folder])
    kept = Kept(db_path)
    command = [sys.executable, "-c", textwrap.dedent(DAEMON), str(db_path), str(folder)]
    daemon, kills = subprocess.Popen(command), 0
    try:
        for _ in range(MOST_KILLS):
            _wait_a_little(daemon, kept, chance)
            if len(kept.writes()) == FILES:  # a fast machine
                break
            kills += 1
            if killed(daemon, chance):
                daemon = subprocess.Popen(command)
        assert kills >= FEWEST_KILLS, "the kills came too late to show anything"
        wait_for(lambda: len(kept.writes()) >= FILES, 200, "every file to be analysed")
    finally:
        daemon.kill()
        daemon.wait()

    assert kept.writes() == sorted(str(path) for path in folder.iterdir())
    assert kept.problem() == "ok"
    with closing(Library(db_path)) as library:
        assert library.pending() == []
        assert library.counts() == LibraryCounts(tracks=FILES, analysed=FILES)
        assert all(track.mood is not None for track in library.tracks())


def _wait_a_little(daemon: subprocess.Popen[bytes], kept: Kept, chance: random.Random) -> None:
    """Until some moment: of its start, or, once it has got on by a file, of any later file."""
    if chance.random() < 0.5:
        before = len(kept.writes())
        wait_for(lambda: len(kept.writes()) > min(before, FILES - 1), 100, "one more file")
    _passes(daemon, chance.uniform(0, 0.8))


def _passes(daemon: subprocess.Popen[bytes], seconds: float) -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        daemon.wait(seconds)
