"""The daemon's sentences in Korean: those that its code makes, found in the code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import time
from pathlib import Path

import pytest

from player.config.settings.dayparts import Daypart
from player.config.settings.library import ChoiceSettings
from player.config.settings.mood import MoodSettings
from player.config.settings.sensors import SensorSettings
from player.emotions import vocabularies
from player.errors import ArgumentError
from player.interfaces.front.web.page.languages import Language, catalogue
from player.interfaces.front.web.page.phrases import WORDS, is_known, said
from player.interfaces.front.web.page.phrases_config import CONFIG
from player.interfaces.front.web.page.phrases_files import FILES
from player.interfaces.front.web.page.phrases_player import PLAYER
from player.interfaces.front.web.page.phrases_requests import REQUESTS
from player.mood.policy import HousePolicy
from player.mood.sensors import Sensors
from player.mood.shift import ShiftDetector
from player.room.pin import Pin
from player.selection.bridge import plan
from player.types import Mood, MoodPoint

ROOT = Path(__file__).resolve().parents[5] / "player"
SPEAKING = (
    "selection/recommender.py",
    "selection/bridge.py",
    "selection/fallback.py",
    "mood/policy.py",
    "mood/shift.py",
    "mood/anomalies.py",
    "mood/llm/reader.py",
    "mood/llm/client.py",
    "room/pin.py",
    "room/preview.py",
    "state/places.py",
    "state/state_file.py",
    "system/login_session.py",
    "library/music_folders.py",
    "library/service.py",
    "library/database/connection.py",
    "playback/on_air.py",
    "playback/queue.py",
    "playback/monitor/silence_monitor.py",
    "camera/sources/device.py",
    "camera/sources/grabbing.py",
    "camera/sources/http.py",
    "interfaces/socket.py",
    "interfaces/front/process.py",
    "interfaces/front/listening.py",
    "interfaces/front/mqtt/aiomqtt_broker.py",
    "config/plausibility.py",
)
"""Whose sentences reach reasons, shifts and problems of the status."""
STILL_ENGLISH = (
    # Of config.yaml's mistakes, which keep the player from starting.
    "is not the name of a mood; `ambient-player moods` lists them.",
    "mood.never: all 13 feelings are forbidden; leave some.",
    # Of damaged files, for the log alone.
    "is no measure of what is usual",
    "s are no time",
    ") is no mood",
    "BEGIN IMMEDIATE",
    "SAVEPOINT part",
    "ROLLBACK TO part",
    "RELEASE part",
    "is open to others",
    "it has more than",
    "Other users of this machine can look into",
    ". The player's files in it are closed to them; to close the folder, too: chmod 700",
    "found a",
    # What stands in the log alone.
    "they leave this machine, pictures never do",
    # Names and details, which the page does not show.
    "not listening yet",
    "monitor of",
    "the players' own report",
    "of it differs from what was last read",
    # What the command line says.
    "has ended before it answered.",
    "the player did not answer",
    "the player on",
    "cannot be reached (",
    "another player is already running (it listens on",
    "the player refused.",
    "no player is running (nothing listens on",
    "); start it first.",
    "is no socket but a file; remove it or set control.socket.",
    "The player can be reached at",
)
"""What no reader of the page sees, or few."""
REFUSING = ("malformed", "unauthorized", "forbidden", "busy", "problem", "Problem")
REFUSED_TO_PAGES = (
    "config",
    "interfaces/handlers",
    "interfaces/front/web/routes",
    "interfaces/front/web/security",
    "interfaces/front/web/problems.py",
    "interfaces/machine_search.py",
    "interfaces/messages",
    "library/queries",
    "mood/wishes.py",
    "selection/playlist_draft.py",
    "selection/playlist_planner.py",
    "selection/selector.py",
)
"""What raises a sentence that a page shows."""
NOT_OF_A_PAGE = (
    # What no browser sends.
    "interfaces/front/web/security/request_head.py",
    "interfaces/front/web/security/proxies.py",
    "interfaces/front/web/security/server_options.py",
    # What keeps the player from starting: there is no page then.
    "config/loader.py",
    "config/document.py",
)
MARKS = ("valence and energy", "no base64", "no such year", "no text")
"""Between functions, never shown."""


def sentences(path: Path) -> Iterator[str]:
    """What a module says, but to the log and in docstrings: each hole as {}."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    silent: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node).startswith("log."):
            silent.update(ast.walk(node))
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            silent.add(node.value)
        elif isinstance(node, ast.JoinedStr):
            silent.update(each for each in ast.walk(node) if each is not node)
    for node in ast.walk(tree):
        if node in silent:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)


def all_known() -> str:
    """Every phrase of the book, each hole as {}."""
    phrases = (*PLAYER, *CONFIG, *REQUESTS, *FILES)
    return "\n".join([*WORDS, *(re.sub(r"%\(\w+\)s", "{}", each).replace("%%", "%") for each in phrases)])


def refusals(path: Path) -> Iterator[str]:
    """What a module raises, or hands to what makes a refusal: each hole as {}."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        is_call = isinstance(node, ast.Call) and _called(node).split(".")[-1] in REFUSING
        if not isinstance(node, ast.Raise) and not is_call:
            continue
        inner = {
            each
            for made in ast.walk(node)
            if isinstance(made, ast.JoinedStr)
            for each in ast.walk(made)
            if each is not made
        }
        for each in ast.walk(node):
            if isinstance(each, ast.Constant) and isinstance(each.value, str) and each not in inner:
                yield each.value
            elif isinstance(each, ast.JoinedStr):
                yield "".join(
                    str(part.value) if isinstance(part, ast.Constant) else "{}" for part in each.values
                )


def _called(node: ast.Call) -> str:
    return ast.unparse(node.func)


def test_what_the_code_says_is_known() -> None:
    """Each part of a sentence stands in a pattern; which of them go together the next tests show."""
    known = all_known()
    parts = [
        (name, part.strip(" ,;:"))
        for name in SPEAKING
        for sentence in sentences(ROOT / name)
        for part in sentence.replace("%s", "{}").split("{}")
    ]
    assert len(parts) > 200
    unknown = [
        f"{name}: {part}"
        for name, part in parts
        if len(part.split()) > 1 and part not in known and part not in STILL_ENGLISH
    ]
    assert not unknown, "\n".join(unknown)


def test_every_refusal_that_a_page_can_show_is_known() -> None:
    known = all_known()
    files = [
        file
        for name in REFUSED_TO_PAGES
        for file in (sorted((ROOT / name).rglob("*.py")) if (ROOT / name).is_dir() else [ROOT / name])
        if str(file.relative_to(ROOT)) not in NOT_OF_A_PAGE
    ]
    parts = [
        (file.name, part.strip(" ,;:.").removeprefix("allowed is "))
        for file in files
        for sentence in refusals(file)
        for part in sentence.split("{}")
    ]
    assert len(parts) > 150
    unknown = [
        f"{name}: {part}"
        for name, part in parts
        if len(part.split()) > 1 and part not in known and not part.startswith(MARKS)
    ]
    assert not unknown, "\n".join(unknown)


@pytest.mark.parametrize("phrase", [*PLAYER, *CONFIG, *REQUESTS, *FILES])
def test_every_phrase_has_its_korean(phrase: str) -> None:
    korean = catalogue(Language.KOREAN).gettext(phrase)
    holes = sorted(re.findall(r"%\((\w+)\)s", phrase))
    assert sorted(re.findall(r"%\((\w+)\)s", korean)) == holes
    wordless = re.sub(r"%\(\w+\)s", "", phrase)
    assert korean != phrase or not re.search(r"[a-z]{3} [a-z]{2}", wordless), phrase


@pytest.mark.parametrize(
    ("sentence", "korean"),
    [
        (
            "/etc/x/config.yaml:12: playback.volume: found 150; allowed is a whole number from 0 to 100.",
            "/etc/x/config.yaml 12번째 줄: playback.volume: 150 은(는) 쓸 수 없습니다."
            " 쓸 수 있는 값: 0부터 100까지의 정수.",
        ),
        (
            "hours.mon: found '25:00-26:00', in which '25:00' is no time from 00:00 to 24:00.",
            "hours.mon: '25:00-26:00' 에서 '25:00' 은(는) 00:00 부터 24:00 까지의 시각이 아닙니다.",
        ),
        ("that is not the owner's present password.", "점주의 현재 비밀번호가 아닙니다."),
        (
            "there is no such session.",
            "그런 로그인은 없습니다. 이미 로그아웃되었을 수 있습니다.",
        ),
        ("there is no such token.", "그런 토큰은 없습니다. 이미 삭제되었을 수 있습니다."),
        (
            "It is damaged in 3 of 9 places.",
            "이 파일: 9곳 가운데 3곳이 손상되었습니다.",
        ),
        ("Replace or remove it.", "다른 파일로 바꾸거나 지우십시오."),
        (
            "the disk does not answer: is it plugged in, and awake?",
            "디스크가 응답하지 않습니다. 연결되어 있고 켜져 있는지 확인하십시오.",
        ),
        ("old is missing; new must be a text.", "old 값이 빠졌습니다; new 은(는) 글이어야 합니다."),
        (
            "role is too long: at most 20 characters are taken.",
            "role 값이 너무 깁니다. 20자까지 받습니다.",
        ),
    ],
)
def test_a_refusal_in_korean(sentence: str, korean: str) -> None:
    assert said(sentence, Language.KOREAN) == korean
    assert said(sentence, Language.ENGLISH) == sentence


@pytest.mark.parametrize("policy", ["match", "lift", "steady"])
def test_every_reason_of_a_target_is_known(policy: str) -> None:
    daypart = Daypart(name="my own part", start=time(0), mood="dreamy", energy=(-0.3, 0.3))
    house = HousePolicy(MoodSettings(policy=policy, never=["sad"]), [daypart])  # type: ignore[arg-type]
    rooms = [None, *(named.point for named in vocabularies()["rooms"].values())]
    offsets = [MoodPoint(0, 0), MoodPoint(0.3, -0.4)]
    for room in rooms:
        for offset in offsets:
            for held_s in (0.0, 1e6):
                reason = house.target(room, daypart, offset, held_s).reason
                assert is_known(reason), reason
                assert is_known(f"{reason}, busier than usual (12 people), more warmly lit than usual")
    for point in (MoodPoint(0.4, -0.7), MoodPoint(-0.9, 0.9)):
        pinned = house.pinned(Mood(point.valence, point.energy), "비 오는 날, quiet; rainy")
        assert is_known(pinned.reason), pinned.reason


@pytest.mark.parametrize(
    ("kind", "unit", "says"),
    [
        ("weather", "", ("rainy", "heavy rain", "clear-night", "purple", "x" * 90, "unavailable")),
        ("counter", "", ("5", "-1", "9 people", "")),
        ("noise", "dB", ("61.5 dB", "61 lx", "loud")),
        ("number", "", ("3", "nan", "31 C", "x" * 90)),
        ("number", "C", ("3", "warm")),
        ("counter", "people", ("-1",)),
    ],
)
def test_what_is_said_of_sensors_is_known(kind: str, unit: str, says: tuple[str, ...]) -> None:
    settings = SensorSettings(name="by the door", kind=kind, unit=unit, energy=0.3)  # type: ignore[arg-type]
    sensors, reasons = Sensors([settings], 1), set()
    for number, value in enumerate(says):
        try:
            answer = sensors.take("by the door", value, 10.0 * number)
        except ArgumentError as refusal:
            answer = str(refusal)
        assert is_known(answer), answer
        reasons |= set(sensors.at(10.0 * number).reasons)
    for second in range(100, 4000, 100):
        if kind == "noise":
            sensors.take("by the door", str(60 + second % 200 / 5), second)
            reasons |= set(sensors.at(second).reasons)
    assert all(map(is_known, reasons)), reasons
    assert bool(reasons) == (kind in ("weather", "noise"))


def test_every_reason_of_a_shift_is_known() -> None:
    settings = MoodSettings().shift
    rooms = [named.point for named in vocabularies()["rooms"].values()]
    reasons = set()
    for before in rooms:
        for after in rooms:
            detector = ShiftDetector(settings)
            for second in range(0, 200, 20):
                shift = detector.update(before if second < 60 else after, float(second))
                reasons |= {shift.reason} if shift else set()
    assert len(reasons) > 20
    for reason in reasons:
        assert is_known(reason), reason


def test_every_step_to_a_far_mood_and_every_end_of_a_pin_is_known() -> None:
    far = HousePolicy(MoodSettings(), [Daypart(name="day", start=time(0), mood="joyful")]).pinned(
        Mood(0.9, 0.9), "wild"
    )
    steps = plan(ChoiceSettings(), MoodPoint(-0.6, -0.6), MoodPoint(-0.6, -0.6), far).steps
    assert steps
    for step in steps:
        assert is_known(f"{step.reason}: closest to calm music among 12"), step.reason
    for lasts_s in (1.0, 60.0, 3600.0, 86400.0, 5400.0, 90061.0):
        over = Pin("calm", Mood(0, 0), lasts_s).why_over
        assert is_known(f"the music follows the room again: {over}"), over


@pytest.mark.parametrize(
    ("sentence", "korean"),
    [
        (
            "closest to gentle music among 1,200; goes on from Rain; or, Snow (sound, key); liked here;"
            " not heard for 3 h; gave way: artist gap, track window",
            "1,200곡 가운데 부드러운 음악에 가장 가까운 곡;"
            " 앞 곡 「Rain; or, Snow」에서 자연스럽게 이어짐(음색, 조성);"
            " 이 매장에서 좋아한 곡; 3시간 동안 나오지 않음;"
            " 맞는 곡이 적어 잠시 양보한 규칙: 같은 음악가 간격, 같은 곡 간격",
        ),
        (
            "the room was quiet and has been lively for 42 s, busier than usual (12 people)",
            "매장이 조용한 분위기에서 생기 넘치는 분위기로 바뀜(42초째), 평소보다 붐빔(12명)",
        ),
        (
            "the music follows the room again: the 1 hour and 30 minutes are over",
            "음악이 다시 매장 분위기를 따릅니다: 정해 둔 1시간 30분이 지났습니다",
        ),
        (
            "evening has dreamy music, until the room asks for another",
            "evening has dreamy music, until the room asks for another",  # no such word for music
        ),
        (
            "evening has mellow music, until the room asks for another",
            "저녁 시간대는 은은한 음악(매장 분위기가 달라질 때까지)",
        ),
        (
            "the language model at 10.0.0.5:11434 gave no answer within 8 s; the compact reader reads new"
            " sentences, next try in 60 s",
            "10.0.0.5:11434 의 언어 모델: 8초 안에 답하지 않았습니다."
            " 새 문장은 compact 분석기로 읽고, 60초 뒤에 다시 시도합니다",
        ),
        (
            "20 requests an hour (mood.llm.per_hour) are used up; the compact reader reads new sentences,"
            " next try in 900 s",
            "한 시간에 보낼 수 있는 요청 20회(mood.llm.per_hour)를 다 썼습니다."
            " 새 문장은 compact 분석기로 읽고, 900초 뒤에 다시 시도합니다",
        ),
        (
            "there is no music in /home/jo/Music (library.folders): playing the demo music",
            "/home/jo/Music 에 음악이 없습니다(library.folders). 데모 음악을 재생합니다",
        ),
        (
            "the room is lively, kept within the limits of evening, busier than usual (12 people)",
            "매장은 생기 넘치는 분위기, 저녁 시간대의 범위 안으로 맞춤, 평소보다 붐빔(12명)",
        ),
        (
            "The broker at 10.0.0.2, port 1883 has ended the connection; it is tried again. If that goes on:"
            " each player there needs its own mqtt.base_topic.",
            "브로커(10.0.0.2, 포트 1883)가 연결을 끊었습니다. 다시 연결하고 있습니다."
            " 계속 그러면 그곳의 플레이어마다 mqtt.base_topic 을 다르게 정하십시오.",
        ),
        (
            "The broker has ended the connection; it is tried again. If that goes on: each room needs its own"
            " fleet.room.",
            "브로커가 연결을 끊었습니다. 다시 연결하고 있습니다."
            " 계속 그러면 공간마다 fleet.room 을 다르게 정하십시오.",
        ),
        (
            "Other programs and the desktop cannot reach the player: MPD's programs cannot reach the player"
            " on 0.0.0.0, port 6600 (anybody could drive it: set a password with `ambient-player web"
            " password`); see mpd.listen and mpd.port. The broker has ended the connection; it is tried"
            " again.",
            "다른 프로그램과 데스크톱이 플레이어에 연결할 수 없습니다: MPD 프로그램이 0.0.0.0, 포트 6600"
            " 에서 플레이어에 연결할 수 없습니다(누구나 조작할 수 있게 됩니다. `ambient-player web"
            " password` 로 비밀번호를 정해 주세요). mpd.listen 과 mpd.port 를 확인해 주세요."
            " 브로커가 연결을 끊었습니다. 다시 연결하고 있습니다.",
        ),
        (
            "A kettle boils over. The player does not answer. No sugar.",
            "A kettle boils over. 플레이어가 응답하지 않습니다. No sugar.",
        ),
        ("other programs keep the machine 95% busy", "다른 프로그램이 컴퓨터를 95% 사용하고 있습니다"),
        ("webcam 0 cannot be opened: " * 60, "webcam 0 cannot be opened: " * 60),
        ("", ""),
        ("50% of nothing %(x)s", "50% of nothing %(x)s"),
    ],
)
def test_a_sentence_is_said_as_far_as_it_is_known(sentence: str, korean: str) -> None:
    assert said(sentence, Language.KOREAN) == korean
    assert said(sentence, Language.ENGLISH) == sentence
