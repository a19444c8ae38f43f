"""The views Now and Screen: what they show of a status, in both roles and languages, and when it changes."""

from __future__ import annotations

import asyncio
import html
import re
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from player.interfaces.command_table import Role
from player.interfaces.front.player_client import PlayerRefusal
from player.interfaces.front.status_board import StatusSnapshot
from player.interfaces.front.web.page.formatting import clock
from player.interfaces.front.web.page.languages import Language
from player.interfaces.front.web.page.lights import lights
from player.interfaces.front.web.page.plane import box, hue, place
from player.interfaces.front.web.page.views import now, screen
from player.interfaces.front.web.security.authenticator import Authenticator, Identity
from player.interfaces.handlers.teaching import LIST, RESET
from player.interfaces.messages.library import CoverAnswer
from player.status import (
    CameraState,
    CameraStatus,
    LensState,
    PerceptionStatus,
    PlayerStatus,
    PointStatus,
    RoomNoiseStatus,
    RoomStatus,
    SceneStatus,
    SensorStatus,
    ShiftStatus,
    TargetStatus,
    TrackStatus,
    TrailPoint,
    as_json,
)
from tests.fakes import answers_of_player, status
from tests.fakes.player import FakePlayer
from tests.fakes.status import playback
from tests.support.front import Known, web

STAFF, OWNER = Known(Identity(Role.STAFF, "Mia")), Known(Identity(Role.OWNER, "Jo"))
SONG = TrackStatus(
    path="/music/a.mp3",
    title="아주 긴 제목 " * 20,
    artist="",
    album="",
    reason="closest to gentle music among 28; not heard for 3 h",
    id=12,
    mood=PointStatus(0.6, -0.4),
    distance=0.12,
    candidates=28,
    score={"mood": 0.9, "freshness": 0.5},
)
SCENE = SceneStatus("a cafe", 12, 0.1)
SEES = PerceptionStatus(
    camera=CameraStatus(enabled=True, state=CameraState.LIVE),
    suspended=False,
    problem=None,
    note=None,
    mood_reader=None,
    lens=LensState.OK,
    scene=SCENE,
)
ROOM = RoomStatus(
    PointStatus(0.5, 0.5),
    ("busier than usual (12 people)",),
    TargetStatus("joyful", 0.65, 0.6, "the room is lively"),
    "evening",
    None,
    read_s=8.0,
    trail=(
        TrailPoint("2026-05-01T18:00:00+02:00", 0.0, 0.0),
        TrailPoint("2026-05-01T18:01:00+02:00", 0.5, 0.5),
    ),
    shifts=(
        ShiftStatus(
            "2026-05-01T18:01:00+02:00", "the room was quiet and has been lively for 42 s", 0.65, 0.6
        ),
    ),
)


def house(**changes: object) -> PlayerStatus:
    """A song plays in a lively room."""
    well = {"playback": playback(track=SONG, coming=(SONG,)), "room": ROOM, "perception": SEES}
    return status.whole(**{**well, **changes})


def get(
    path: str, who: Authenticator = OWNER, player: FakePlayer | None = None, **headers: str
) -> httpx.Response:
    """One page."""

    async def asked() -> httpx.Response:
        async with web(player or FakePlayer(house()), who) as client:
            return await client.get(path, headers=headers)

    return asyncio.run(asked())


def words(answer: httpx.Response) -> str:
    """What a person reads."""
    said = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", answer.text, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", said).split())


def test_what_plays_and_why_is_said_in_both_languages() -> None:
    english, korean = words(get("/")), words(get("/", **{"Accept-Language": "ko"}))
    assert "closest to gentle music among 28; not heard for 3 h." in english
    assert "Lively , 12 people" in english
    assert "Busier than usual" in english or "busier than usual (12 people)" in english
    assert "The room was quiet and has been lively for 42 s → upbeat music" in english
    assert "28곡 가운데 부드러운 음악에 가장 가까운 곡; 3시간 동안 나오지 않음." in korean
    assert "생기 넘치는 분위기 , 12명" in korean
    assert "매장이 조용한 분위기에서 생기 넘치는 분위기로 바뀜(42초째) → 경쾌한 음악" in korean
    assert not re.search(r"\b(?:the|is|has|was)\b", re.sub(r"[-a-z_]*player[^ ]*", "", korean)), korean


def sensor(name: str, kind: str, **more: Any) -> SensorStatus:
    """One that has said nothing, or what `more` says."""
    silent: dict[str, Any] = {"said": None, "value": None, "usual": None, "unit": "", "age_s": None}
    rest: dict[str, Any] = {"stale": False, "contribution": PointStatus(0.0, 0.0), "reason": None}
    return SensorStatus(name, kind, **{**silent, **rest, **more})


SENSORS = (
    sensor("sky", "weather", said="rainy", age_s=3.0, reason="rain: -0.2 energy, -0.1 valence"),
    sensor("door", "counter", said="812", value=1234.5, usual=24.0),
    sensor("terrace", "noise", said="61.5 dB", value=61.5, usual=55.25, unit="dB", stale=True),
    sensor("<b>till</b>", "number", said="9", value=9.0),
    sensor("gate", "footfall"),
)


def test_the_sensors_are_shown_with_what_they_do_in_both_languages() -> None:
    sensing = house(room=replace(ROOM, sensors=SENSORS))
    english = words(get("/", STAFF, FakePlayer(sensing)))
    for said in (
        "sky rain rain: -0.2 energy, -0.1 valence",
        "door 1,234.5 an hour as usual, moves nothing · usually 24 an hour",
        "terrace 61.5 dB silent for too long: it does not count · usually 55 dB",
        "&lt;b&gt;till&lt;/b&gt; 9 what is usual is being learnt",
        "gate nothing yet",
    ):
        assert said in english, english
    korean = words(get("/", STAFF, FakePlayer(sensing), **{"Accept-Language": "ko"}))
    assert "sky 비 비: 에너지 -0.2, 밝기 -0.1" in korean
    assert "door 시간당 1,234.5 평소와 같아 영향 없음 · 평소 시간당 24" in korean
    assert "Sensors" not in words(get("/", STAFF)), "a house without any has no fold"


def test_what_a_sensor_s_clock_does_is_no_news() -> None:
    looks = []
    for age_s, usual in ((1.0, 55.21), (9.0, 55.24)):
        heard = replace(SENSORS[2], age_s=age_s, usual=usual)
        room = replace(ROOM, sensors=(heard,))
        looks.append(now.LIVE.look(StatusSnapshot(str(age_s), as_json(house(room=room)), b"")))
    assert looks[0] == looks[1]


@pytest.mark.parametrize(
    ("noise", "english", "korean"),
    [
        (
            RoomNoiseStatus(enabled=True, noise_db=-41, offset_db=1.5),
            "Noise of the room -41 dB",
            "매장 소음 -41 dB",
        ),
        (RoomNoiseStatus(enabled=True), "Noise of the room not known yet", "매장 소음 아직 모름"),
        (
            RoomNoiseStatus(enabled=True, problem="no"),
            "The microphone does not hear the room.",
            "듣지 못하고",
        ),
    ],
)
def test_the_noise_of_the_room_is_among_the_numbers(
    noise: RoomNoiseStatus, english: str, korean: str
) -> None:
    heard = house(playback=playback(track=SONG, coming=(SONG,), room_noise=noise))
    assert english in words(get("/", player=FakePlayer(heard)))
    assert korean in words(get("/", player=FakePlayer(heard), **{"Accept-Language": "ko"}))
    assert "Noise of the room" not in words(get("/"))


def test_each_role_has_its_wheel() -> None:
    staff, owner = get("/", STAFF).text, get("/", OWNER).text
    for owners in (
        'data-command="camera"',
        'data-command="teach"',
        'data-opens="teach"',
        'data-command="say"',
        'data-opens="say"',
    ):
        assert (owners in staff, owners in owner) == (False, True)
    assert 'data-volume-limits="10 80"' in staff
    assert 'data-volume-limits="0 100"' in owner
    for command in ("pause", "next", "like", "wrong", "pin", "night", "volume"):
        assert f'data-command="{command}"' in staff
    assert "The camera is on" in staff, "whoever is seen may know that"


@pytest.mark.parametrize(
    ("perception", "said"),
    [
        (replace(SEES, suspended=True), "The camera rests until it opens"),
        (replace(SEES, camera=CameraStatus(enabled=False)), "the camera is off"),
        (replace(SEES, camera=CameraStatus(enabled=True, state=CameraState.OPENING)), "being opened"),
        (
            replace(
                SEES, camera=CameraStatus(enabled=True, state=CameraState.LOST, error="webcam 0 is not open.")
            ),
            "Webcam 0 is not open.",
        ),
        (replace(SEES, lens=LensState.DARK), "switch the light on, or uncover the lens"),
        (replace(SEES, lens=LensState.COVERED), "uncover the lens, or turn it to the room"),
        (replace(SEES, lens=LensState.FROZEN), "switch it off and on again"),
        (replace(SEES, problem="the models are loading"), "models that read the room are loading"),
        (
            replace(SEES, problem="the models could not be loaded; see the log"),
            "The models could not be loaded",
        ),
        (replace(SEES, scene=None), "Not read yet"),
        (replace(SEES, scene=SceneStatus("a cafe", 1, 0)), "1 person"),
        (replace(SEES, scene=SceneStatus("a cafe", 0, 0)), "nobody in sight"),
    ],
)
def test_the_room_in_a_sentence(perception: PerceptionStatus, said: str) -> None:
    assert said in words(get("/", player=FakePlayer(house(perception=perception))))


@pytest.mark.parametrize(
    ("changes", "name", "level"),
    [
        ({}, "camera", "good"),
        ({"perception": replace(SEES, suspended=True)}, "camera", "rest"),
        ({"perception": replace(SEES, lens=LensState.COVERED)}, "camera", "bad"),
        ({"perception": replace(SEES, problem="the models are loading")}, "reader", "warn"),
        (
            {"perception": replace(SEES, note="BLIP is not there; the compact reader is used instead.")},
            "reader",
            "warn",
        ),
        ({"playback": playback(state="paused")}, "sound", "rest"),
        ({"playback": playback(audible=status.heard(True))}, "sound", "good"),
        ({"playback": playback(audible=replace(status.heard(False), silent_s=9.0))}, "sound", "bad"),
        ({"playback": playback(audible=replace(status.heard(False), silent_s=1.0))}, "sound", "good"),
        ({"playback": playback(audible=status.heard(False, "it is muted"))}, "sound", "bad"),
        ({"playback": playback(state="silent", silent_reason="no audio device: none")}, "sound", "bad"),
        ({"library": replace(status.library(), tracks=0)}, "library", "warn"),
        ({"library": replace(status.library(), pending=7)}, "library", "good"),
        ({"library": replace(status.library(), problem="/nas does not answer")}, "library", "warn"),
        (
            {"library": replace(status.library(), problem="/nas cannot be read (x): check its disk")},
            "disk",
            "bad",
        ),
        ({"problems": ("/state cannot be written to (full); make room on its disk.",)}, "disk", "bad"),
    ],
)
def test_five_lights(changes: dict[str, object], name: str, level: str) -> None:
    shown = {light.name: light.level for light in lights(as_json(house(**changes)))}
    assert list(shown) == ["camera", "reader", "sound", "library", "disk"]
    assert shown[name] == level
    others = {other: each for other, each in shown.items() if other != name}
    assert set(others.values()) <= {"good", "rest"}, "one fault lights one light"


def test_a_fault_of_the_machine_says_what_to_do_once() -> None:
    fault = "/run/a cannot be written to (No space left on device); make room on its disk."
    other = "cannot listen on /run/x (Permission denied); see control.socket."
    said = words(get("/", player=FakePlayer(house(problems=(fault, other))), **{"Accept-Language": "ko"}))
    assert said.count("디스크 공간을 비워 주십시오") == 1
    assert said.count("control.socket 설정을 확인해 주십시오") == 1


@pytest.mark.parametrize(
    ("days", "english", "korean"),
    [
        (0, "{at:%H:%M}", "{at:%H:%M}"),
        (3, "{at:%a} {at:%H:%M}", "{day} {at:%H:%M}"),
        (-3, "{at:%a} {at:%H:%M}", "{day} {at:%H:%M}"),
        (7, "{at:%a} {at.day} {at:%b} {at:%H:%M}", "{at.month}월 {at.day}일({day}) {at:%H:%M}"),
        (20, "{at:%a} {at.day} {at:%b} {at:%H:%M}", "{at.month}월 {at.day}일({day}) {at:%H:%M}"),
        (-8, "{at:%a} {at.day} {at:%b} {at:%H:%M}", "{at.month}월 {at.day}일({day}) {at:%H:%M}"),
    ],
)
def test_an_instant_is_told_so_that_its_day_is_clear(days: int, english: str, korean: str) -> None:
    at = datetime.now(UTC) + timedelta(days=days)
    for language, form in ((Language.ENGLISH, english), (Language.KOREAN, korean)):
        assert clock(at.isoformat(), language) == form.format(at=at, day="월화수목금토일"[at.weekday()])


def test_what_is_pinned_is_shown_until_when() -> None:
    room = replace(ROOM, pinned="calm", pinned_until="2030-05-01T18:30:00+02:00")
    said = words(get("/", player=FakePlayer(house(room=room))))
    assert "Pinned: calm until Wed 1 May 18:30" in said
    assert "Follow the room again" in said


@pytest.mark.parametrize(
    ("music", "said"),
    [
        (playback(state="closed", track=None), "Closed"),
        (playback(state="starting", track=None), "It is about to start"),
        (
            playback(state="silent", track=None, silent_reason="there is no music in /x"),
            "There is no music in /x",
        ),
    ],
)
def test_without_a_track_nothing_breaks(music: object, said: str) -> None:
    assert said in words(get("/", player=FakePlayer(house(playback=music))))
    assert get("/screen", player=FakePlayer(house(playback=music))).status_code == 200


def test_a_sentence_that_teaches_is_none_of_the_commands_of_teach() -> None:
    field = re.search(r'<input name="what"[^>]* pattern="([^"]*)"', get("/").text)
    assert field is not None
    taken = re.compile(html.unescape(field[1]))
    for command in (*LIST, *RESET, "Reset.", " list ", "“초기화”", "forget 3", "Forget: 3", "잊기 2", "잊기"):
        assert not taken.fullmatch(command), command
    for sentence in (
        "after work, loud and happy",
        "reset the mood",
        "unforgettable",
        "신나는 노래 목록",
        "quiet",
    ):
        assert taken.fullmatch(sentence), sentence


def test_what_runs_by_itself_is_no_news() -> None:
    for view in (now.LIVE, screen.LIVE):
        before = view.look(StatusSnapshot("1", as_json(house()), b""))
        later = house(
            playback=playback(track=SONG, coming=(SONG,), position_s=77.0), room=replace(ROOM, read_s=1.0)
        )
        assert view.look(StatusSnapshot("2", as_json(later), b"")) == before
        moved = replace(ROOM, mood=PointStatus(0.502, 0.498))
        assert view.look(StatusSnapshot("3", as_json(house(room=moved)), b"")) == before
        assert (
            view.look(StatusSnapshot("4", as_json(house(playback=playback(track=None))), b"")) == before + 1
        )


def test_what_runs_by_itself_is_told_as_it_is_now() -> None:
    assert now.numbers(as_json(house()), 2.0) == {
        "runs": True,
        "position_s": 5.0,
        "duration_s": 180.0,
        "read_s": 10.0,
    }
    paused = now.numbers(as_json(house(playback=playback(state="paused"))), 2.0)
    assert paused["position_s"] == 3.0, "a held track stays where it is"
    unread = now.numbers(as_json(status.whole()), 2.0)
    assert unread["read_s"] is None


def test_a_track_without_a_cover_gets_one_in_the_colour_of_its_mood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        answers_of_player.ANSWERS, "cover", CoverAnswer(b64encode(b"jpeg").decode(), "e", 1, 1)
    )
    found = get("/now/cover/12")
    assert (found.content, found.headers["content-type"]) == (b"jpeg", "image/jpeg")

    def refused(code: str, query: str = "") -> httpx.Response:
        player = FakePlayer(house())
        player.refusal = PlayerRefusal(code, "there is none.")
        return get(f"/now/cover/12{query}", player=player)

    happy, sad = (refused("missing", f"?title=A&valence={v}&energy={v}") for v in (0.6, -0.6))
    assert happy.headers["content-type"].startswith("image/svg+xml")
    assert "max-age" in happy.headers["cache-control"]
    assert happy.content != sad.content
    assert refused("busy").headers["cache-control"] == "no-store", "there may be one"
    assert get("/now/cover/12?valence=7").status_code == 422


def test_the_plane_has_its_corners() -> None:
    assert place({"valence": -1, "energy": -1}) == (0, 200)
    assert place({"valence": 1, "energy": 1}) == (200, 0)
    assert box({"valence": (-0.5, 1.0), "energy": (-1.0, 0.0)}) == (50, 100, 150, 100)
    corners = [(0.5, 0.5), (0.5, -0.5), (-0.5, -0.5), (-0.5, 0.5)]
    assert [hue({"valence": v, "energy": e}) for v, e in corners] == [38, 165, 228, 345]
    assert all(
        0 <= hue({"valence": v / 5, "energy": e / 5}) < 360 for v in range(-5, 6) for e in range(-5, 6)
    )


def test_the_screen_has_nothing_to_press_and_dims_at_closing() -> None:
    said = get("/screen", STAFF).text
    assert not re.search(r"<(?:a|button|input|select)\b(?![^>]*class=\"skip\")", said)
    assert "Lively" in said
    closed = get("/screen", STAFF, FakePlayer(house(playback=playback(state="closed", track=None)))).text
    assert 'class="show dim' in closed


def test_a_refusal_is_said_in_the_readers_language() -> None:
    async def asked(**headers: str) -> str:
        async with web(FakePlayer(house()), STAFF) as client:
            answer = await client.post("/api/commands/volume", json={"percent": 95}, headers=headers)
            return str(answer.json()["detail"])

    english = "staff may set the volume from 10 to 80; for 95, ask the owner."
    assert asyncio.run(asked()) == english
    korean = asyncio.run(asked(**{"Accept-Language": "ko-KR"}))
    assert korean.startswith("직원은 음량을 10부터 80까지 정할 수 있습니다.")
