import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from player.cli.taste import taste
from player.config import loader
from player.config.settings.library import ChoiceSettings
from player.library.database.connection import Database
from player.library.database.feedback import Feedback, Outcome
from player.library.database.store import Library
from player.selection.learning import Learning
from player.state import state_file
from player.types import MoodPoint
from tests.support.waiting import wait_for

START = datetime(2026, 5, 1, tzinfo=UTC)


class Owner:
    """Somebody with a config and a player that has heard twenty judgements: energetic music was skipped."""

    def __init__(self, folder: Path) -> None:
        self.config_path = folder / "config.yaml"
        self.config_path.write_text(f"state_dir: {folder}\n", encoding="utf-8")
        self.library = Library(state_file.database_path(loader.load(self.config_path)))
        database = Database(state_file.database_path(loader.load(self.config_path)))
        for number in range(20):
            database.write(
                "INSERT INTO tracks (path, size, mtime_ns, title, artist, album, genre, duration_s, valence,"
                " energy) VALUES (?, 1, 1, ?, '', '', '', 9, 0, ?)",
                f"{number}.mp3", f"Song {number}", 0.9 if number % 2 else -0.9,
            )  # fmt: skip
            kind = Outcome.SKIPPED if number % 2 else Outcome.FINISHED
            at = START + timedelta(hours=number)
            self.library.feedback.add(Feedback(number + 1, at, kind, "day", MoodPoint(0, 0)))
        database.close()

    def run(self, *words: str, answer: str | None = None) -> str:
        result = CliRunner().invoke(taste, [*words, "-c", str(self.config_path)], answer)
        return result.output


@pytest.fixture
def owner(tmp_path: Path) -> Iterator[Owner]:
    made = Owner(tmp_path)
    yield made
    made.library.close()


def test_a_restart_learns_from_what_was_stored_and_a_judgement_adds_to_it(owner: Owner) -> None:
    learning = Learning(ChoiceSettings(seed=1), owner.library)
    learning.start()
    try:
        wait_for(lambda: learning.taste.learnt_from == 20, 60, "what was stored")
        learning.note(Feedback(1, START + timedelta(days=2), Outcome.LIKED, "day", None))
        wait_for(lambda: learning.taste.learnt_from == 21, 60, "the new judgement")
    finally:
        learning.stop()
    again = Learning(ChoiceSettings(seed=1), owner.library)
    again.learn_now()
    assert again.taste.drawn["day"].tolist() == learning.taste.drawn["day"].tolist()


def test_other_settings_hold_at_once_and_the_same_ones_change_nothing(owner: Owner) -> None:
    settings = ChoiceSettings(seed=1)
    learning = Learning(settings, owner.library)
    learning.start()
    try:
        wait_for(lambda: learning.taste.learnt_from == 20, 60, "what was stored")
        learning.configure(settings.model_copy(update={"learn": False}))
        wait_for(lambda: learning.opinion is None, 60, "forgetting it")
        learning.note(Feedback(1, START, Outcome.LIKED, "day", None))
        assert owner.library.feedback.count() == 20
        learning.configure(settings)
        wait_for(lambda: learning.opinion is not None, 60, "taking it up again")
        before = learning.taste
        learning.configure(settings.model_copy(update={"taste_half_life_days": 1}))
        wait_for(lambda: learning.taste is not before, 60, "other half-lives")
        assert learning.taste.drawn["day"].tolist() != before.drawn["day"].tolist()
    finally:
        learning.stop()


def test_a_house_that_does_not_want_to_be_learnt_from_is_not(owner: Owner) -> None:
    learning = Learning(ChoiceSettings(learn=False), owner.library)
    learning.start()
    learning.note(Feedback(1, START, Outcome.LIKED, "day", None))
    learning.stop()
    assert owner.library.feedback.count() == 20
    assert learning.taste.learnt_from == 0


def test_what_was_learnt_is_said_in_plain_words(owner: Owner) -> None:
    shown = owner.run("show")
    assert "20 judgements (10 finished, 10 skipped), 20 learnt from" in shown
    as_json = json.loads(owner.run("show", "--json"))
    assert (as_json["feedback"], as_json["learnt_from"]) == (20, 20)
    assert "day: calmer" in shown


def test_the_export_holds_every_judgement_and_every_weight(owner: Owner) -> None:
    exported = json.loads(owner.run("export"))
    assert len(exported["rows"]) == 20
    assert exported["weights"]["day"]["energy"] < 0
    table = list(csv.DictReader(owner.run("export", "--csv").splitlines()))
    assert [row["kind"] for row in table[:2]] == ["finished", "skipped"]
    assert table[0]["track"] == "? - Song 0"


def test_a_reset_is_asked_for_twice_and_forgets_everything(owner: Owner) -> None:
    assert "Aborted" in owner.run("reset", answer="n\n")
    assert owner.library.feedback.count() == 20
    assert "20 judgements forgotten" in owner.run("reset", "--yes")
    assert "0 judgements" in owner.run("show")
    assert owner.run("export", "--csv").strip().count("\n") == 0
