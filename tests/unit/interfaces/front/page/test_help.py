"""The view Help."""

from __future__ import annotations

import pytest

from player.interfaces.front.player_client import PlayerRefusal
from player.interfaces.front.web.page.views.help import shown
from player.types import Json
from tests.fakes.player import FakePlayer
from tests.unit.interfaces.front.test_web import NOBODY, STAFF, ask


def test_a_line_says_its_day_if_that_is_another() -> None:
    at = ("2026-05-02T00:10:01+09:00", "2026-05-02T00:00:59+09:00", "2026-05-01T23:59:59+09:00")
    lines = shown([{"at": each, "message": "x"} for each in at])
    assert [line["clock"] for line in lines] == ["00:10:01", "00:00:59", "23:59:59"]
    assert [str(line["day"]) for line in lines] == ["2026-05-02", "None", "2026-05-01"]


@pytest.mark.parametrize(
    ("language", "words"), [("en", ("Download a report", "Warning")), ("ko", ("보고서 내려받기", "경고"))]
)
def test_the_owner_reads_the_log_in_their_language(language: str, words: tuple[str, ...]) -> None:
    answer = ask("GET", "/help", headers={"Accept-Language": language})
    for word in (*words, "The camera is gone."):
        assert word in answer.text


def test_the_log_is_looked_through() -> None:
    player = FakePlayer()
    answer = ask("GET", "/help/log?level=warning&text=camera", player=player)
    assert "The camera is gone." in answer.text
    assert player.told == [("log", {"level": "warning", "text": "camera", "limit": 200})]


class Talkative(FakePlayer):
    """One that has logged much."""

    async def command(self, name: str, arguments: Json) -> Json:
        """See PlayerClient."""
        answer = await super().command(name, arguments)
        if name != "log":
            return answer
        said = [f"Song {n} by Band: closest to upbeat music among {n}" for n in range(250)]
        return {
            "lines": [
                {"at": "2026-05-01T23:59:59+09:00", "level": "info", "event": "track", "message": each}
                for each in ("open: the music starts", *said)
            ],
            "left_out": 7,
        }


@pytest.mark.parametrize(
    ("text", "count", "older"), [("영업 시작", 1, "7"), ("가까운 곡", 200, "57"), ("없는 말", 0, "")]
)
def test_the_log_is_looked_through_in_the_readers_language(text: str, count: int, older: str) -> None:
    player = Talkative()
    answer = ask("GET", f"/help/log?text={text}", player=player, headers={"Accept-Language": "ko"})
    assert player.told == [("log", {"level": "info", "text": "", "limit": 1000})]
    assert answer.text.count('class="message"') == count
    assert older in answer.text.rpartition("</ol>")[2]


def test_it_is_there_while_the_player_is_away() -> None:
    player = FakePlayer()
    player.refusal = PlayerRefusal("away", "The player does not answer.")
    answer = ask("GET", "/help", player=player)
    assert answer.status_code == 200
    assert "The player does not answer." in answer.text


def test_it_is_the_owners() -> None:
    assert ask("GET", "/help", who=STAFF).status_code == 403
    assert ask("GET", "/help/log", who=NOBODY).status_code == 401
