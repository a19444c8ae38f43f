"""The log's lines in Korean: each that the code can write for a person is found in the code."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator, Mapping
from functools import cache

import pytest

from player.interfaces.front.web.page.languages import Language, catalogue
from player.interfaces.front.web.page.phrases import is_known, log_line, said
from player.interfaces.front.web.page.phrases_log import LOG
from player.interfaces.front.web.page.phrases_log_faults import LOG_FAULTS
from tests.unit.interfaces.front.page.test_phrases import ROOT, STILL_ENGLISH, all_known, sentences

LEVELS = ("info", "warning", "error", "exception", "critical")
NUMBERS, TEXTS = r"%[-.\d]*[dgf]", r"%[sr]"
FILLINGS = (
    "x",
    "7",
    "",
    "cosy",
    "upbeat",
    "owner",
    "on",
    "forward",
    "rescan",
    "it is",
    "1 track",
    "cosy, 60 min: 15 tracks.",
)
"""What may stand in a line for %s, so that a pattern may take it: names, numbers, moods, roles."""
HANDED_ON: Mapping[str, tuple[str, ...]] = {
    "app.py": ("state/places.py", "interfaces/socket.py", "system/login_session.py"),
    "backup/scheduled.py": ("backup/scheduled.py", "backup/archive.py", "backup/making.py"),
    "camera/connection_state.py": ("camera/sources/device.py", "camera/sources/grabbing.py"),
    "cli/standalone.py": ("library/music_folders.py",),
    "hub/trouble.py": ("hub/hub.py",),
    "interfaces/front/fleet/permitted.py": (
        "interfaces/front/mqtt/aiomqtt_broker.py",
        "interfaces/front/fleet/permitted.py",
    ),
    "interfaces/front/mqtt/bridge.py": (
        "interfaces/front/mqtt/aiomqtt_broker.py",
        "interfaces/front/mqtt/broker_trouble.py",
    ),
    "interfaces/front/process.py": ("interfaces/front/listening.py",),
    "interfaces/front/snapcast/service.py": ("interfaces/front/snapcast/service.py",),
    "interfaces/handlers/config.py": ("interfaces/handlers/config.py",),
    "interfaces/handlers/house.py": ("interfaces/handlers/house.py",),
    "interfaces/handlers/library.py": ("interfaces/handlers/library.py",),
    "interfaces/handlers/playing.py": ("interfaces/handlers/playing.py",),
    "interfaces/handlers/room.py": ("interfaces/handlers/room.py",),
    "interfaces/handlers/setup.py": ("interfaces/handlers/setup.py",),
    "interfaces/handlers/teaching.py": ("interfaces/handlers/teaching.py",),
    "interfaces/front/mpd/server.py": ("interfaces/front/mpd/server.py",),
    "library/analysis/worker.py": ("library/analysis/measure.py", "library/analysis/analysis_process.py"),
    "library/music_folders.py": ("library/music_folders.py",),
    "library/service.py": ("library/configured_playlists.py",),
    "mood/llm/reader.py": ("mood/llm/reader.py", "mood/llm/client.py", "mood/llm/response.py"),
    "mood_controller.py": ("mood_controller.py",),
    "reload.py": ("config/plausibility.py",),
    "room/teaching.py": ("room/teaching.py",),
    "schedule/pin_timer.py": ("room/pin.py",),
    "selection/fallback.py": ("selection/fallback.py",),
    "selection/playback_log.py": ("playback/monitor/silence_monitor.py", "playback/failure_reasons.py"),
    "state/state_file.py": ("state/state_file.py",),
    "vision/blip/offer.py": ("vision/blip/offer.py",),
    "vision/factory.py": ("vision/factory.py", "vision/blip/model.py"),
}
"""Which modules log a sentence that is made elsewhere as it is, and where it is made."""
REASONS = (
    "camera/pictures.py",
    "playback/announcements/announcer.py",
    "playback/announcements/players.py",
    "playback/child.py",
    "playback/mixer.py",
    "playback/mixer_events.py",
    "schedule/venue_schedule.py",
    "system/time_zone.py",
)
"""What makes the reasons that stand within lines of the log."""
LEFT_ENGLISH = (
    # No sentences.
    r"(?:forget|잊기)\b ?(.*)",
    "the last try returns or raises",
    # Between functions, or of the code's own mistakes.
    "The analysis was stopped",
    "no JSON object",
    "there is no mood",
    "this BLIP is there to",
    "not to",
    # What only the command line says.
    "nothing was taught: say `teach quiet`, normal or lively when the room is so",
    "ambient-player backup",
    "is no backup of this player, or not the whole of one.",
    "is not what it was",
    "take another backup.",
    "was made by a newer player",
    "update this one first.",
    "is no file of a backup",
    "settings or library are missing",
    "does not hold what its list says",
    "it is damaged, or somebody changed it.",
    "has a list of contents that makes no sense",
    "that is too large to be one",
    "it is no backup of ours.",
    "this runs as the user with the number",
    "Give it a copy with `sudo install -m 0600 -o",
    "`, and restore that.",
    # What is said to MPD's programs, whose protocol is English.
    "too many tries; wait",
    "you don't have permission for \"",
    "incorrect password",
    "binarylimit takes a number from",
    # A name in place of one that is missing.
    "an address without a host",
)


@cache
def written() -> tuple[tuple[str, str | None], ...]:
    """Each line for a person, at INFO or above: its module, and its format if that is a constant there."""
    return tuple(_written())


def _written() -> Iterator[tuple[str, str | None]]:
    for path in sorted(ROOT.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        named = _constants(tree)
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            if ast.unparse(node.func.value) != "log" or node.func.attr not in (*LEVELS, "log"):
                continue
            message = node.args[node.func.attr == "log"]
            text = message.value if isinstance(message, ast.Constant) else named.get(ast.unparse(message))
            yield str(path.relative_to(ROOT)), text if isinstance(text, str) else None


def _constants(tree: ast.Module) -> dict[str, object]:
    found: dict[str, object] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            target, value = node.targets[0], node.value
            pairs = (
                zip(target.elts, value.elts, strict=False)
                if _are_both_tuples(target, value)
                else [(target, value)]
            )
            found |= {ast.unparse(name): each.value for name, each in pairs if isinstance(each, ast.Constant)}
    return found


def _are_both_tuples(target: ast.expr, value: ast.expr) -> bool:
    return isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)


def is_line_known(form: str) -> bool:
    """Whether patterns fit a line of this form with something in its holes."""
    form = re.sub(NUMBERS, "7", form)
    pieces = re.split(TEXTS, form)
    return any(
        is_known("".join(itertools.chain(*zip(pieces, (*held, ""), strict=True))), of_log=True)
        for held in itertools.product(FILLINGS, repeat=len(pieces) - 1)
    )


def test_every_line_of_the_log_is_known() -> None:
    lines = [(module, form) for module, form in written() if form not in (None, "%s")]
    assert len(lines) > 80
    unknown = [f"{module}: {form}" for module, form in lines if form is not None and not is_line_known(form)]
    assert not unknown, "write them into phrases_log.py or phrases_log_faults.py:\n" + "\n".join(unknown)


@pytest.mark.parametrize("form", ["the kettle boils", "the kettle boils (%s)", "%s boils for %d s: %s"])
def test_another_line_would_be_found_missing(form: str) -> None:
    assert not is_line_known(form)


def test_it_is_known_who_makes_the_lines_that_are_handed_on() -> None:
    assert {module for module, form in written() if form in (None, "%s")} == set(HANDED_ON)


def test_what_is_handed_on_to_the_log_is_known() -> None:
    book = [re.sub(r"%\(\w+\)s", "{}", each).replace("%%", "%") for each in (*LOG, *LOG_FAULTS)]
    known = "\n".join([all_known(), *book])
    known += "\n".join([*STILL_ENGLISH, *LEFT_ENGLISH])
    unknown = [
        f"{module}: {part}"
        for module in sorted({*itertools.chain(*HANDED_ON.values()), *REASONS})
        for sentence in sentences(ROOT / module)
        for part in (
            each.lstrip(" ,;:.").rstrip(" ,;:")
            for each in re.split(rf"{{}}|[()]|: |{TEXTS}|{NUMBERS}", sentence)
        )
        if len(part.split()) > 1 and part not in known and part.rstrip(".") not in known
    ]
    assert not unknown, "\n".join(unknown)


@pytest.mark.parametrize("phrase", [*LOG, *LOG_FAULTS])
def test_every_line_has_its_korean(phrase: str) -> None:
    korean = catalogue(Language.KOREAN).gettext(phrase)
    holes = r"%\((\w+)\)s"
    assert sorted(re.findall(holes, korean)) == sorted(re.findall(holes, phrase))
    assert korean != phrase or not re.search(r"[a-z]{3} [a-z]{2}", re.sub(holes, "", phrase)), phrase


@pytest.mark.parametrize(
    ("line", "korean"),
    [
        (
            "two people at a table, dim light: the room is pleasant, busier than usual (12 people)",
            "two people at a table, dim light: 매장은 기분 좋은 분위기입니다, 평소보다 붐빔(12명)",
        ),
        (
            "the room is still lively, but has been livelier for 8 s: the music fits already (kept within the"
            " limits of night)",
            "매장은 여전히 생기 넘치는 분위기이지만 더 활기참(8초째): 지금 음악이 이미 어울림"
            "(밤 시간대의 범위 안으로 맞춤)",
        ),
        (
            "Stand by Me by Ben E. King: closest to easy-going music among 200, liked here",
            "Stand by Me – Ben E. King: 200곡 가운데 편안한 음악에 가장 가까운 곡, 이 매장에서 좋아한 곡",
        ),
        (
            "No. 5: Allegro: number 3 in closeness to upbeat music among 20",
            "No. 5: Allegro: 20곡 가운데 경쾌한 음악에 3번째로 가까운 곡",
        ),
        (
            "nothing could be heard for 12 s although music should play: trying fresh deck",
            "음악이 나와야 하는데 12초 동안 소리가 없었습니다. 시도: 재생 장치 교체",
        ),
        (
            "closed, opens Mon 05 Jan 08:00: the music stops",
            "영업시간이 아닙니다(다음 영업 1월 5일(월) 08:00): 음악을 끕니다",
        ),
        (
            "pinned to cosy bar: easy-going music until closing (Mon 19:30)",
            "분위기 고정: cosy bar(편안한 음악, 마감까지: 월요일 19:30)",
        ),
        (
            "silent: there is no music in /x. Trying again.",
            "소리가 나지 않습니다: /x 에 음악이 없습니다. 다시 시도합니다.",
        ),
        (
            "camera lost: /dev/video0 is not open; trying again",
            "카메라가 끊겼습니다: /dev/video0 이(가) 열려 있지 않습니다. 다시 시도합니다",
        ),
        (
            "playlist made: cosy, 60 min: 15 tracks. The list is shorter than asked for: no other music"
            " may be listed.",
            "재생 목록을 만들었습니다: cosy(60분, 15곡). 목록이 원하신 것보다 짧습니다."
            " 더 넣을 수 있는 곡이 없습니다.",
        ),
        ("library: forgot 1 track, gone for 30 days", "음악 보관함: 30일 동안 없던 1곡의 정보를 지웠습니다"),
        (
            "MPD's programs cannot reach the player on 127.0.0.1, port 6600 (Address already in use); see"
            " mpd.listen and mpd.port.",
            "MPD 프로그램이 127.0.0.1, 포트 6600 에서 플레이어에 연결할 수 없습니다"
            "(이미 사용 중인 주소). mpd.listen 과 mpd.port 를 확인해 주세요.",
        ),
        ("what nobody ever said", "what nobody ever said"),
    ],
)
def test_a_line_in_korean(line: str, korean: str) -> None:
    assert log_line(line, Language.KOREAN) == korean
    assert log_line(line, Language.ENGLISH) == line


def test_what_only_the_log_says_is_read_so_in_the_log_alone() -> None:
    sentence = "volume 7"
    assert said(sentence, Language.KOREAN) == sentence
    assert log_line(sentence, Language.KOREAN) == "음량 7"
