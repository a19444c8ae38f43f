"""Who looks at a day sees it up to this minute, also what waits to be written."""

from datetime import UTC, datetime
from pathlib import Path

from player.interfaces.handlers.day import DayCommands
from player.interfaces.messages.day import DayAnswer, DayRequest
from player.library.database.diary import Minute
from player.library.database.store import Library
from player.library.database.write_queue import WriteQueue

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def test_what_waits_to_be_written_is_shown(tmp_path: Path) -> None:
    library = Library(tmp_path / "library.db")
    queue = WriteQueue(library.database.together)
    queue.start()
    queue.write(lambda: library.diary.add_minute(NOON, Minute(volume=40)), within_s=3600)
    day = DayCommands(library.database.path, lambda: NOON, queue.settle).handlers()[DayRequest]
    answer = day(DayRequest())
    assert isinstance(answer, DayAnswer)
    assert 40 in answer.curves.volume
    queue.stop()
    library.close()
