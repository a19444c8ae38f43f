"""Commands with pictures: what they hand on, and what a hostile one meets."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import closing

import pytest

from player.errors import ArgumentError, ControlError, ErrorCode, WishError
from player.interfaces.command_table import COMMANDS, Role, read_request
from player.interfaces.commands import CommandHandler
from player.interfaces.handlers.pictures import PictureCommands
from player.interfaces.messages.pictures import MOST_PICTURE
from player.interfaces.pictures.process import PictureProcess
from player.interfaces.steps import Steps
from player.mood.wishes import ReadWish
from player.privacy.redaction import cleaned
from player.room.preview import Preview
from player.selection.playlist import ANY, Narrowing, Playlist, Wish
from player.status import GateStatus, LensState
from player.types import Image, Json, Light, Scene
from tests.fakes.readers import CALM, LIVELY
from tests.unit.camera.test_pictures import png_bomb, written
from tests.unit.selection.test_playlist_formats import LIST

JPEG = bytes(range(256)) * 4


class FakePerception:
    """Reads every text as calm and every picture as lively."""

    def __init__(self) -> None:
        self.looked: list[tuple[int, ...]] = []

    def read_wish(self, text: str) -> ReadWish:
        if text == "nothing":
            raise WishError("no mood is said there.")
        return ReadWish(CALM, "read")

    def look(self, image: Image) -> Scene:
        self.looked.append(image.shape)
        return Scene("a bar", 3, Light(0.5, 0.0, 0.2, 0.2), 0.0, 0.0, "fake", 1.0)

    def feel(self, scene: Scene) -> ReadWish:
        return ReadWish(LIVELY, f"seen: {scene.caption}")

    def preview(self) -> Preview:
        return Preview(
            JPEG, 640, 480, 0.5, "cam", LensState.OK, GateStatus(1, 2, 0.5), "the lens sees the room"
        )


class FakePlaylists:
    """Plans the same list for all, and notes for what."""

    def __init__(self) -> None:
        self.asked: list[tuple[Wish, int, bool]] = []
        self.narrowing = ANY

    def plan(self, wish: Wish, minutes: int, follow: bool, narrowing: Narrowing) -> Playlist:
        self.narrowing = narrowing
        self.asked.append((wish, minutes, follow))
        return LIST


class Desk:
    def __init__(self) -> None:
        self.perception, self.playlists = FakePerception(), FakePlaylists()
        self.decoder = PictureProcess()
        commands = PictureCommands(self.perception, self.playlists, self.decoder)
        self.handler = CommandHandler((commands,), lambda _: None)

    def tell(self, command: str, **fields: object) -> Json:
        answer = self.handler.execute(read_request(command, None, fields))
        return json.loads(json.dumps(cleaned(answer.as_json())))  # type: ignore[union-attr, no-any-return]

    def steps(self, **fields: object) -> Iterator[Json]:
        """The lines of `playlist_steps`, each made when it is asked for."""
        stream = self.handler.execute(read_request("playlist_steps", None, fields))
        assert isinstance(stream, Steps)
        with closing(stream):
            while line := stream.line():
                yield json.loads(line)
            assert stream.ended


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.decoder.close()


def test_a_list_for_a_sentence(desk: Desk) -> None:
    made = desk.tell("playlist", mood="rainy  morning", minutes="45", follow=True)
    assert [(wish.text, minutes, follow) for wish, minutes, follow in desk.playlists.asked] == [
        ("rainy morning", 45, True)
    ]
    assert made["message"].startswith("calm, 3 min: 1 track. The list is shorter")
    assert made["playlist"]["steps"][0]["path"] == "/music/a.mp3"
    assert made["playlist"]["seen"]["caption"] == "two people at a table"


def test_a_list_for_a_picture(desk: Desk) -> None:
    desk.tell("playlist", picture=b64encode(written(".png", 64, 48)).decode())
    ((wish, minutes, follow),) = desk.playlists.asked
    assert (wish.mood, wish.why, minutes, follow) == (LIVELY, "seen: a bar", 30, False)
    assert wish.scene is not None
    assert desk.perception.looked == [(48, 64, 3)]


def test_each_step_is_told_as_soon_as_it_is_done(desk: Desk) -> None:
    steps = desk.steps(picture=b64encode(written(".png", 64, 48)).decode())
    seen = next(steps)
    assert (seen["seen"]["caption"], seen["mood"], seen["playlist"]) == ("a bar", None, None)
    felt = next(steps)
    assert (felt["seen"], felt["mood"]["why"], felt["playlist"]) == (seen["seen"], "seen: a bar", None)
    assert desk.playlists.asked == [], "the list is planned when somebody waits for it"
    assert next(steps)["playlist"]["steps"][0]["path"] == "/music/a.mp3"
    assert list(steps) == []


def test_a_sentence_has_a_step_less_and_a_step_that_fails_is_the_last(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, last = desk.steps(mood="rainy morning")
    assert (first["seen"], first["mood"]["why"], bool(last["playlist"])) == (None, "read", True)
    refused = {"ok": False, "error": "no mood is said there.", "code": "argument"}
    assert list(desk.steps(mood="nothing")) == [refused]
    monkeypatch.setattr(desk.playlists, "plan", lambda *_: 1 / 0)
    *_, failed = desk.steps(mood="calm")
    assert (failed["ok"], failed["code"]) == (False, "failed")


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"mood": None},
        {"mood": "calm", "picture": "aGk="},
        {"mood": ""},
        {"mood": "x" * 501},
        {"mood": 5},
        {"picture": ""},
        {"picture": "no base64!"},
        {"picture": "aGk"},
        {"picture": "aGk=\n"},
        {"picture": ["aGk="]},
        {"picture": "A" * (MOST_PICTURE + 4)},
        {"mood": "calm", "minutes": 0},
        {"mood": "calm", "minutes": 601},
        {"mood": "calm", "minutes": True},
        {"mood": "calm", "minutes": 1.5},
        {"mood": "calm", "follow": "yes"},
        {"mood": "calm", "file": "/etc/passwd"},
    ],
)
def test_what_does_not_fit_is_refused_in_one_sentence(desk: Desk, fields: Json) -> None:
    with pytest.raises(ArgumentError) as refusal:
        desk.tell("playlist", **fields)
    assert str(refusal.value).startswith("playlist takes ")
    assert len(str(refusal.value)) < 250
    assert desk.playlists.asked == []


@pytest.mark.parametrize(
    "data", [b"<svg/>", b"GIF89a" + bytes(20), png_bomb(32000, 32000), b"\xff\xd8\xff" + bytes(50)]
)
def test_a_hostile_picture_is_an_argument_that_does_not_fit(desk: Desk, data: bytes) -> None:
    with pytest.raises(ArgumentError, match="the picture cannot be used"):
        desk.tell("playlist", picture=b64encode(data).decode())
    assert desk.perception.looked == []


def test_words_without_a_mood_are_an_argument_that_does_not_fit(desk: Desk) -> None:
    with pytest.raises(WishError) as refusal:
        desk.tell("playlist", mood="nothing")
    assert refusal.value.code is ErrorCode.ARGUMENT


def test_the_preview_comes_whole_whatever_its_letters_look_like(desk: Desk) -> None:
    made = desk.tell("preview")
    assert b64decode(made["jpeg"]) == JPEG
    assert (made["age_s"], made["lens"], made["gate"]["last_difference"]) == (0.5, "ok", 0.5)
    chance = "sk" + "A" * 30
    assert cleaned({"jpeg": f"/{chance}/"}) == {"jpeg": f"/{chance}/"}
    assert cleaned({"message": f"/{chance}/"}) != {"message": f"/{chance}/"}


def test_pictures_are_the_owners_and_staff_may_ask_in_words() -> None:
    playlist, seen = COMMANDS["playlist"], COMMANDS["preview"]
    assert playlist.allows(Role.STAFF, ["mood", "minutes"])
    assert not playlist.allows(Role.STAFF, ["picture"])
    assert not seen.allows(Role.STAFF)
    assert (playlist.at_once, playlist.max_bytes > MOST_PICTURE) == (1, True)


def test_a_refusal_of_perception_is_handed_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def off() -> Preview:
        raise ControlError("the camera is off")

    monkeypatch.setattr(desk.perception, "preview", off)
    with pytest.raises(ControlError, match="the camera is off"):
        desk.tell("preview")


def test_a_list_may_be_narrowed(desk: Desk) -> None:
    desk.tell("playlist", mood="calm", tracks=12, genres=["jazz"], without_genres=["metal"])
    assert desk.playlists.narrowing == Narrowing(12, ("jazz",), ("metal",))
