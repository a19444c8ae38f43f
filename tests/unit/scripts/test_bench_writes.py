"""What scripts/bench/writes.py counts: pages and commits in a real log, and calls as strace shows them."""

from pathlib import Path

from player.library.database.store import Library
from scripts.bench.wal_frames import WalWatch, commits, pages_by_table
from scripts.bench.writes import Written, add_calls

MARK = "INSERT INTO day_marks (kind, began_at, text) VALUES ('shift', ?, '')"
STRACE = """\
7 100.5 pwrite64(9</s/library.db-wal>, ""..., 24, 0) = 24
7 101.5 pwrite64(9</s/library.db-wal>, ""..., 4096, 24) = 4096
8 102.0 write(5</s/state.new>, ""..., 2000) = 2000
8 102.1 fsync(5</s/state.new>) = 0
8 102.2 write(5</s/state.new>, ""..., 2000) = -1 ENOSPC (No space left on device)
9 102.3 write(6<socket:[4242]>, ""..., 99) = 99
9 102.4 write(1</dev/null>, ""..., 99) = 99
9 102.5 fsync(9</s/state.new> <unfinished ...>
8 102.6 write(5</s/state.new>, ""..., 10 <unfinished ...>
9 102.7 <... fsync resumed>) = 0
8 102.8 <... write resumed>) = 10
7 102.9 fsync(9</s/never> <unfinished ...>
"""


def test_each_commit_and_its_pages_are_found_once_also_where_the_log_begins_again(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    library, watch = Library(path), WalWatch(path)
    watch.news()
    for number in range(3):
        library.database.write(MARK, number)
    written = watch.news()
    assert commits(written) == 3
    assert pages_by_table(path, written) == {"day_marks": 3, "day_marks_by_time": 3}
    assert watch.news() == []
    library.database.rows("PRAGMA wal_checkpoint(RESTART)")
    library.database.write(MARK, 4)
    assert commits(watch.news()) == 1
    library.close()
    assert watch.news() == [], "whoever closes it last takes the log away"


def test_what_reached_a_file_counts_from_a_moment_on(tmp_path: Path) -> None:
    traced, written = tmp_path / "trace", Written(seconds=86_400.0)
    traced.write_text(STRACE, encoding="utf-8")
    add_calls(written, traced, since=101.0)
    assert dict(written.bytes) == {"library.db-wal": 4096, "state.new": 2010}
    assert dict(written.calls) == {"library.db-wal": 1, "state.new": 2}
    assert dict(written.syncs) == {"state.new": 2}
    assert written.mb_a_day(2_000_000) == 2.0
