"""The view Library: what it shows of a status, and to whom."""

from __future__ import annotations

from dataclasses import replace

import pytest

from player.interfaces.front.player_client import PlayerRefusal
from player.interfaces.front.web.page.languages import Language
from player.interfaces.front.web.page.phrases import said
from player.interfaces.front.web.page.views.library import facts
from player.status import as_json
from tests.fakes import status
from tests.fakes.player import FakePlayer
from tests.unit.interfaces.front.page.test_page import NOBODY, OWNER, STAFF, get

KOREAN = {"Accept-Language": "ko"}


def _library(**changes: object) -> FakePlayer:
    return FakePlayer(status.whole(library=replace(status.library(), **changes)))  # type: ignore[arg-type]


def test_it_shows_how_far_the_analysis_is_and_what_plays() -> None:
    song = replace(status.SONG, id=12)
    library = replace(status.library(), tracks=5, analysed=3, pending=2)
    shown = facts(as_json(status.whole(library=library, playback=status.playback(track=song))))
    assert (shown["heard"], shown["known"], shown["playing"]) == (3, 5, 12)
    assert facts(None) == {"away": True}


def test_what_runs_by_itself_changes_nothing_that_is_shown() -> None:
    before, after = (
        facts(as_json(status.whole(playback=status.playback(position_s=at)))) for at in (3.0, 9.0)
    )
    assert before == after


def test_a_library_in_work_says_what_it_waits_for() -> None:
    analysis = replace(status.library().analysis, current=("/music/밤편지.flac",))
    said = get("/library", player=_library(tracks=5000, analysed=1200, pending=3800, analysis=analysis)).text
    assert "Listened to 1,200 of 5,000" in said
    assert "밤편지.flac" in said
    waits = replace(analysis, paused="other programs are busy")
    said = get("/library", player=_library(analysed=1, pending=2, analysis=waits)).text
    assert "It waits: other programs are busy" in said
    waits = replace(analysis, paused="other programs keep the machine 80% busy")
    said = get("/library", player=_library(analysed=1, pending=2, analysis=waits), **KOREAN).text
    assert "다른 프로그램이 컴퓨터를 80% 사용하고 있습니다" in said


@pytest.mark.parametrize(("who", "has_way"), [(OWNER, True), (STAFF, False)])
def test_an_empty_library_says_what_to_do(who: object, has_way: bool) -> None:
    empty = _library(tracks=0, analysed=0, problem="there is no music in /music")
    said = get("/library", who, empty).text  # type: ignore[arg-type]
    assert "There is no music yet" in said
    assert "there is no music in /music" in said
    assert ("Choose the music folder" in said) is has_way


def test_only_the_owner_gets_a_hand_on_a_mood() -> None:
    for path in ("/library?track=12", "/library/12/card"):
        staffs, owners = get(path, STAFF).text, get(path, OWNER).text
        assert "Halo" in staffs
        assert ("data-mood" in staffs, "data-mood" in owners) == (False, True)
    assert ('class="handle"' in get("/library", STAFF).text, 'class="handle"' in get("/library").text) == (
        False,
        True,
    )


def test_a_track_speaks_the_readers_language() -> None:
    assert "<strong>편안한</strong>" in get("/library/12/card", **KOREAN).text
    assert "<strong>easy-going</strong>" in get("/library/12/card").text


def test_what_is_looked_for_is_asked_of_the_player_a_page_at_a_time() -> None:
    player = FakePlayer()
    said = get("/library/tracks?text=%20bill%20%20evans&after=place", player=player).text
    assert player.told == [("library", {"limit": 30, "text": "bill evans", "after": "place"})]
    assert "Halo" in said


@pytest.mark.parametrize("path", ["?track=9", "/9/card", "/tracks", "/problems"])
def test_what_the_player_refuses_is_said_in_its_place(path: str) -> None:
    player = FakePlayer()
    player.refusal = PlayerRefusal("missing", "there is no track with the number 9.")
    answer = get(f"/library{path}", player=player)
    assert (answer.status_code, "no track with the number 9" in answer.text) == (200, True)


def test_a_track_without_a_cover_has_a_drawn_one() -> None:
    assert get("/library/12/cover").headers["content-type"] == "image/jpeg"
    player = FakePlayer()
    player.refusal = PlayerRefusal("missing", "there is no cover.")
    drawn = get("/library/12/cover", player=player)
    assert (drawn.status_code, drawn.headers["content-type"]) == (200, "image/svg+xml")


def test_files_with_problems_say_what_to_do() -> None:
    player = FakePlayer()
    said = get("/library/problems", STAFF, player).text
    assert player.told == [("problems", {"limit": 10})]
    assert "/music/" in said


@pytest.mark.parametrize(
    ("sentence", "korean"),
    [
        ("It is not in the music folders any more.", "음악 폴더에 더 이상 없습니다."),
        ("The pool of the part of the day 'evening' excludes it.", "시간대 ‘저녁’에서 제외된 곡입니다."),
        ("Something new, 100 % of it.", "Something new, 100 % of it."),
    ],
)
def test_why_a_track_does_not_play_is_said_in_korean_as_far_as_it_is_known(
    sentence: str, korean: str
) -> None:
    assert said(sentence, Language.KOREAN) == korean
    assert said(sentence, Language.ENGLISH) == sentence


@pytest.mark.parametrize("path", ["/library/tracks", "/library/12/card", "/library/problems"])
def test_nothing_of_it_is_for_strangers(path: str) -> None:
    assert get(path, NOBODY).status_code == 401
