"""What each command takes and refuses, who may give it, and that its document says so."""

import json
import re
from pathlib import Path
from typing import Annotated

import pytest
from pydantic import Field, model_validator

from player.errors import ArgumentError, ControlError, ErrorCode
from player.interfaces import command_arguments as arguments
from player.interfaces.command_table import COMMANDS, CommandSpec, Role, flag, read_request
from player.interfaces.messages.base import Done, Flag, OwnerOnly, Request

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "commands.md"
NOWHERE = 10**5000
ANYWHERE = (True, False, [1], ["on"], {}, {"value": 1}, "", " ", "nonsense", "\udce9", "caf\udce9", NOWHERE)
"""What no argument of any command can be, but for text where text is taken."""


@pytest.mark.parametrize(
    ("command", "argument", "meant"),
    [
        ("volume", 0, 0),
        ("volume", 100, 100),
        ("volume", "40", 40),
        ("volume", " 40 ", 40),
        ("volume", "４０", 40),
        ("volume", 40.0, 40),
        ("seek", 0, 0.0),
        ("seek", 90, 90.0),
        ("seek", "0.5", 0.5),
        ("seek", "1:30", 90.0),
        ("seek", "１：３０", 90.0),
        ("seek", "1:02:03.5", 3723.5),
        ("seek", 360_000, 360_000.0),
        ("night", "auto", "auto"),
        ("night", " On ", "on"),
        ("camera", "off", "off"),
        ("camera", "ON", "on"),
        ("pin", " calm ", "calm"),
        ("pin", "비 오는 일요일", "비 오는 일요일"),
        ("pin", "rainy\n\x1b[2Jsunday", "rainy [2Jsunday"),
        ("pin", "x" * 500, "x" * 500),
        ("announce", "/srv/음악/a b.wav", "/srv/음악/a b.wav"),
        ("say", " 십 분 뒤에\n닫습니다. ", "십 분 뒤에 닫습니다."),
    ],
)
def test_an_argument_is_understood(command: str, argument: object, meant: object) -> None:
    request = read_request(command, argument)
    assert (type(request.argument), request.argument) == (type(meant), meant)
    assert read_request(command, request.argument) == request, "what is sent on means the same"


@pytest.mark.parametrize(
    ("command", "nonsense"),
    [
        *[("volume", value) for value in (None, -1, 101, 40.5, "-1", "101", "40.5", "1_0", "+5", "0x10")],
        *[("volume", value) for value in (float("nan"), float("inf"), "nan", "inf", "٤٠%", "1e1", "loud")],
        *[("seek", value) for value in (None, -1, -0.001, 360_001, 1e308, float("nan"), float("inf"))],
        *[("seek", value) for value in ("nan", "inf", "-1", "1_0", "1:-30", "-1:30", ":30", "1:", "1:2:3:4")],
        *[("seek", value) for value in ("9" * 400, "1:" + "9" * 400, "1e3", "1.30.5")],
        *[("night", value) for value in (None, "dark", 1, "on off", "auto\0")],
        *[("camera", value) for value in (None, "perhaps", "auto", 0, "o n", "true")],
        *[("pin", value) for value in (None, "\n", "\0", 5, "x" * 501, b"calm")],
        *[("announce", value) for value in (None, "gong.wav", "~/gong.wav", "/a\0b", "http://host/a.mp3", 7)],
        *[
            ("say", value)
            for value in (None, "", " ", "-w /tmp/x", " --help", "a\x1b[2J", "\0", 5, "x" * 501)
        ],
        *[("say", value) for value in ("x" * 5000, b"hello", "caf\udce9", "\u202e\u200d")],
        *[("announce", value) for value in ("/" + "x" * 4095, "/caf\udce9", b"/srv/gong.wav")],
        *[(name, value) for name in ("volume", "seek", "night", "camera", "announce") for value in ANYWHERE],
        *[(name, value) for name in ("pin", "teach") for value in ANYWHERE if value != "nonsense"],
        *[(spec.name, value) for spec in COMMANDS.values() if not spec.argument for value in (0, *ANYWHERE)],
    ],
    ids=lambda value: ascii(value)[:24] if not isinstance(value, int) or value < 10**9 else "huge",
)
def test_what_does_not_fit_is_refused_in_one_sentence(command: str, nonsense: object) -> None:
    with pytest.raises(ControlError) as refusal:
        read_request(command, nonsense)
    said = str(refusal.value)
    assert re.fullmatch(rf"{command} takes .+, not .+\.", said)
    assert said.encode(), "it can be printed and sent"
    assert len(said) < 200
    assert "validation" not in said


def test_a_refusal_says_what_is_taken_and_what_was_found() -> None:
    with pytest.raises(ControlError, match=r"^volume takes a whole number from 0 to 100, not 'loud'\.$"):
        read_request("volume", "loud")
    with pytest.raises(ControlError, match=r"^camera takes on or off, not nothing\.$"):
        read_request("camera")
    with pytest.raises(ControlError, match=r"^next takes nothing more, not 5\.$"):
        read_request("next", 5)


@pytest.mark.parametrize(
    "argument", ["rtsp://me:hunter2@10.0.0.5/s", "x" * 50 + " rtsp://me:hunter2@10.0.0.5/s"]
)
def test_a_refusal_repeats_no_password_cut_short_or_whole(argument: str) -> None:
    with pytest.raises(ControlError) as refusal:
        read_request("volume", argument)
    assert "hunter" not in str(refusal.value)


@pytest.mark.parametrize(
    "name", ["dance", "", "Next", "next ", None, 5, ["next"], {}, "x" * 10_000, "\udce9"]
)
def test_an_unknown_command_gets_the_list_of_those_there_are(name: object) -> None:
    with pytest.raises(ControlError) as refusal:
        read_request(name)
    said = str(refusal.value)
    assert said.startswith("there is no command ")
    assert said.endswith(f"there are {', '.join(COMMANDS)}.")
    assert len(said.encode()) - len(", ".join(COMMANDS)) < 75, "beside the list, which grows with the table"


def test_staff_runs_the_music_and_owners_decide() -> None:
    may = {role: {spec.name for spec in COMMANDS.values() if spec.allows(role)} for role in Role}
    assert set(COMMANDS) - may[Role.STAFF] == {
        "announce", "say", "camera", "reload", "preview", "teach", "history", "ledger", "day", "set_mood",
        "config", "config_check", "config_write", "config_revert", "config_version", "log", "report",
        "setup", "folders", "test_sound",
    }  # fmt: skip
    assert may[Role.OWNER] == set(COMMANDS)


@pytest.mark.parametrize("spec", COMMANDS.values(), ids=COMMANDS)
def test_help_is_one_plain_line(spec: CommandSpec) -> None:
    assert re.fullmatch(r"[A-Z][^\n|]+\.", spec.help)
    assert bool(spec.example) or not spec.argument
    assert spec.read(more=spec.example)
    assert all(info.description for info in spec.request.model_fields.values())
    assert not any(info.is_required() for info in spec.options.values())


def taken(spec: CommandSpec) -> str:
    """What the document says of the fields."""
    main = [str(spec.argument[1].description)] if spec.argument else []
    more = (
        f"`{name}` (`{flag(name, info)}`): {info.description}"
        if spec.at_terminal
        else f"`{name}`: {info.description}"
        for name, info in spec.options.items()
    )
    return "; ".join([*main, *more])


def on_the_wire(spec: CommandSpec) -> str:
    """A command's example as the socket takes it."""
    return json.dumps({"command": spec.name, **spec.example})


def test_the_document_is_the_table_in_words() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("| `") and line.count("|") > 3
    ]
    assert rows == [
        [
            f"`{spec.name}`",
            taken(spec),
            spec.role.value,
            f"`ambient-player {spec.usage}`" if spec.at_terminal else f"`{on_the_wire(spec)}`",
            spec.help,
        ]
        for spec in COMMANDS.values()
    ]


def test_the_refusal_in_the_document_is_the_one_that_is_given() -> None:
    with pytest.raises(ControlError) as refusal:
        read_request("volume", 300)
    said = f'"error": "{refusal.value}", "code": "{refusal.value.code}"'
    assert said in DOCUMENT.read_text(encoding="utf-8")


class DishRequest(Request):
    """A command of several fields."""

    dish: Annotated[str | None, Field(description="a dish")] = None
    portions: Annotated[int, Flag("for"), Field(ge=1, description="a number of portions")] = 2
    price_s: Annotated[float | None, OwnerOnly(), Field(description="a price")] = None

    @model_validator(mode="after")
    def _go_together(self) -> "DishRequest":
        if self.dish is None and self.price_s is not None:
            raise ValueError("a dish with its price")
        return self


DISH = CommandSpec("cook", DishRequest, Done, Role.STAFF, "Cook.", {"dish": "rice cake", "portions": 3})


def test_a_request_may_have_several_fields_and_what_is_null_is_not_given() -> None:
    assert DISH.read("rice", {"portions": 3}) == DishRequest(dish="rice", portions=3)
    assert DISH.read(more={"dish": "rice", "portions": None, "price_s": None}) == DishRequest(dish="rice")
    assert DISH.read() == DishRequest(), "a main argument with a default may be left out"
    assert DISH.read("rice").as_json() == {"dish": "rice"}, "what was not given is not sent"
    assert DISH.usage == "cook rice cake --for 3"


@pytest.mark.parametrize(
    ("argument", "more", "sentence", "field"),
    [
        ("rice", {"portions": 0}, "cook takes a number of portions as portions, not 0.", "portions"),
        (["rice"], {}, "cook takes a dish, not a list.", "dish"),
        ("rice", {"colour": 5}, "cook takes dish, portions, price_s, not 'colour'.", None),
        ("rice", {"dish": "soup"}, "cook takes value or dish, not both.", None),
        (None, {"price_s": 5}, "cook takes a dish with its price.", None),
    ],
)
def test_the_field_that_does_not_fit_is_named(
    argument: object, more: dict[str, object], sentence: str, field: str | None
) -> None:
    with pytest.raises(ArgumentError) as refusal:
        DISH.read(argument, more)
    assert (str(refusal.value), refusal.value.field) == (sentence, field)


def test_a_command_without_fields_takes_none() -> None:
    with pytest.raises(ArgumentError, match=r"^next takes no fields, not 'now'\.$"):
        read_request("next", None, {"now": True})


def test_a_field_may_be_the_owners_alone() -> None:
    assert DISH.allows(Role.STAFF, ("dish", "portions"))
    assert not DISH.allows(Role.STAFF, ("dish", "price_s"))
    assert DISH.allows(Role.OWNER, ("dish", "price_s"))


def test_a_refusal_says_for_programs_what_kind_it_is() -> None:
    with pytest.raises(ControlError) as refusal:
        read_request("dance")
    assert refusal.value.code is ErrorCode.UNKNOWN
    with pytest.raises(ControlError) as refusal:
        read_request("volume", 300)
    assert refusal.value.code is ErrorCode.ARGUMENT


def test_every_code_stands_in_the_document() -> None:
    codes = re.findall(r"^\| `(\w+)` \| [^|]+ \|$", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    assert codes == [code.value for code in ErrorCode]


@pytest.mark.parametrize("command", COMMANDS)
def test_null_is_the_default_for_every_field_that_has_one(command: str) -> None:
    """A program that fills in all fields, those it knows nothing for with null, is understood."""
    spec = COMMANDS[command]
    fields = {name: info for name, info in spec.request.model_fields.items() if not info.is_required()}
    needed = {name: value for name, value in spec.example.items() if name not in fields}
    try:
        meant = spec.read(None, needed)
    except ArgumentError:
        pytest.skip("its fields only go together")
    assert spec.read(None, needed | dict.fromkeys(fields)) == meant


@pytest.mark.parametrize(
    ("said", "meant", "seconds"),
    [
        ("1h", "1h", 3600),
        ("30m", "30m", 1800),
        ("90s", "90s", 90),
        ("1h30m", "1h30m", 5400),
        ("1 h", "1h", 3600),
        (" 1 h 30 min ", "1h30m", 5400),
        ("for 2 Hours", "2h", 7200),
        ("90 minutes", "90m", 5400),
        ("1.5h", "1.5h", 5400),
        ("１ｈ", "1h", 3600),
        ("2 days", "2d", 172800),
        ("until closing", "until closing", None),
        ("Until  Closing", "until closing", None),
        ("closing", "until closing", None),
    ],
)
def test_a_time_to_hold_a_pin_for(said: str, meant: str, seconds: float | None) -> None:
    request = read_request("pin", "calm", {"lasting": said})
    assert request.as_json() == {"mood": "calm", "lasting": meant}
    assert read_request("pin", None, request.as_json()) == request, "what is sent on means the same"
    assert arguments.span_s(meant) == seconds


@pytest.mark.parametrize(
    "said",
    [
        *["", " ", "for", "1", "90", 90, 1.5, True, [], {}, "h", "0h", "0s", "0.5s", "-1h", "1h -30m"],
        *["1h1h", "30m1h", "1x", "1e3s", "nan", "inf", "31d", "9999999999s", "until", "until noon"],
        *["1h until closing", "٣h", "\udce9", "1h\0"],
    ],
    ids=ascii,
)
def test_what_is_no_time_is_refused(said: object) -> None:
    with pytest.raises(ArgumentError, match=r"^pin takes a time such as .* as lasting, not .*\.$") as refusal:
        read_request("pin", "calm", {"lasting": said})
    assert refusal.value.field == "lasting"
