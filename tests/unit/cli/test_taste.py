"""`ambient-player library taste`, with no player running."""

from __future__ import annotations

import csv
import io
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from player.library.database.feedback import Feedback, Outcome
from player.library.database.store import Library
from tests.unit.cli.conftest import Command
from tests.unit.library import files


def test_an_artist_is_no_formula_in_the_table(command: Command, tmp_path: Path) -> None:
    (tmp_path / "music").mkdir()
    files.wav(tmp_path / "music" / "a.wav", 1)
    with closing(Library(tmp_path / "state" / "library.db")) as library:
        library.scan([tmp_path / "music"])
        library.database.write("UPDATE tracks SET artist = '=1+1'")
        (track,) = library.tracks()
        library.feedback.add(Feedback(track.id, datetime.now(UTC), Outcome.LIKED, "day", None))
    config = tmp_path / "config.yaml"
    config.write_text(f"state_dir: {tmp_path / 'state'}\n")
    code, out, err = command("library", "taste", "export", "--csv", "--config", str(config))
    assert (code, err) == (0, "")
    (row,) = csv.DictReader(io.StringIO(out))
    assert (row["track"], row["kind"]) == ("'=1+1 - a", "liked")
