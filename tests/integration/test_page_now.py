"""The views Now and Screen in a real browser, with a real player: every wheel turned as its user turns it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support import music
from tests.support.browser import DESK, PHONE, TABLET, clean, opened, widest_px
from tests.support.daemon import Daemon
from tests.support.passwords import set_passwords
from tests.support.ports import free_port
from tests.support.pulse import PrivatePulse, recording
from tests.support.waiting import wait_for

OWNERS, STAFFS = "the owner's word", "the staff's word"
LONG = "봄날의 아주 긴 노래 제목이 여기에 있습니다 " * 6
AWAY_AND_BACK = """(slider) => {
  for (const volume of ["60", "50"]) {
    slider.value = volume;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  }
  slider.dispatchEvent(new PointerEvent("pointerup", { bubbles: true }));
}"""
"""What a browser says of a slider that is dragged away and back: it has not changed."""


@dataclass
class House:
    """A player, and where its page is."""

    daemon: Daemon
    address: str


@pytest.fixture(scope="module")
def house(pulse: PrivatePulse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("now")
    (folder / "songs").mkdir()
    for number, hz in enumerate((220.0, 247.0, 262.0, 294.0)):
        music.calm(folder / "songs" / f"{LONG[:60]} {number}.wav", 60, hz)
    music.calm(folder / "spoken.wav", 3)
    changes = {
        "sensors": [{"name": "sky", "kind": "weather"}, {"name": LONG[:40].strip(), "kind": "noise"}],
        "announcements": {"voice": {"command": ["cp", str(folder / "spoken.wav"), "{file}"]}},
        "camera": {"source": "demo", "photo_s": 4},
        "library": {"folders": [str(folder / "songs")]},
        "hours": {"open": {"mon-sun": "00:00-23:59"}},
        "web": {"enabled": True, "port": free_port()},  # the same after its process was replaced
    }
    daemon = Daemon(folder / "player", changes, pulse.env)
    set_passwords(daemon.config)
    with daemon:
        status = daemon.wait_until(
            lambda now: (
                now["front"]["address"]
                and now["playback"]["state"] == "playing"
                and now["room"]["mood"]
                and (now["playback"]["track"] or {}).get("id")
            )
        )
        yield House(daemon, status["front"]["address"])


@pytest.fixture
def staff(browser: Browser, house: House) -> Iterator[Page]:
    with opened(browser, house.address, width=PHONE) as somebody:
        somebody.log_in("staff", STAFFS)
        yield somebody.page


@pytest.fixture
def owner(browser: Browser, house: House) -> Iterator[Page]:
    with opened(browser, house.address, width=DESK, theme="dark") as somebody:
        somebody.log_in("owner", OWNERS)
        yield somebody.page


def test_pause_is_silence_and_play_is_music(house: House, staff: Page, pulse: PrivatePulse) -> None:
    with recording(pulse) as heard:
        wait_for(heard.sounds, 20, "the music")
        staff.get_by_role("button", name="Pause").click()
        wait_for(lambda: not heard.sounds(), 20, "silence")
        staff.get_by_role("button", name="Play").click()
        wait_for(heard.sounds, 20, "the music again")
    assert house.daemon.tell("status")["playback"]["state"] == "playing"


def test_pause_and_play_skip_like_and_volume_by_keyboard_alone(house: House, staff: Page) -> None:
    said = staff.locator("#said")
    staff.get_by_role("button", name="Pause").focus()
    staff.keyboard.press("Enter")
    expect(staff.get_by_role("button", name="Play")).to_be_visible()
    assert house.daemon.tell("status")["playback"]["state"] == "paused"
    staff.get_by_role("button", name="Play").press("Enter")
    expect(staff.get_by_role("button", name="Pause")).to_be_visible()
    staff.get_by_role("button", name="Like").press("Enter")
    expect(said).to_contain_text("more like this")
    slider = staff.get_by_role("slider", name="Volume")
    assert (slider.get_attribute("min"), slider.get_attribute("max")) == ("10", "80")
    before = int(slider.input_value())
    slider.press("ArrowLeft")
    house.daemon.wait_until(lambda now: now["playback"]["volume_wanted"] == before - 1)
    expect(staff.locator("#volume output")).to_have_text(str(before - 1))
    title = staff.locator(".player h1").inner_text()
    staff.get_by_role("button", name="Skip").press("Enter")
    expect(staff.locator(".player h1")).not_to_have_text(title)


def test_the_place_in_the_track_and_the_age_of_what_is_known_run_by_themselves(staff: Page) -> None:
    place = staff.locator("[data-position]")
    first = place.inner_text()
    expect(place).not_to_have_text(first)
    expect(staff.locator("[data-length]")).to_have_text("1:00")
    expect(staff.locator("#age")).to_have_text(re.compile("just now|ago"))
    assert staff.locator("#place progress").evaluate("bar => bar.value") > 0


def test_the_slider_goes_back_to_the_volume_that_holds(browser: Browser, house: House) -> None:
    house.daemon.tell("volume", 50)
    with opened(browser, house.address, width=PHONE, forgive=lambda fault: "409" in fault) as somebody:
        somebody.log_in("staff", STAFFS)
        page = somebody.page
        slider, output = page.get_by_role("slider", name="Volume"), page.locator("#volume output")
        expect(output).to_have_text("50")
        why = json.dumps({"code": "refused", "detail": "not now."})
        page.route("**/api/commands/volume", lambda route: route.fulfill(status=409, body=why))
        slider.press("ArrowLeft")
        expect(page.locator("#said")).to_contain_text("not now")
        expect(output).to_have_text("50")
        expect(slider).to_have_value("50")
        slider.evaluate(AWAY_AND_BACK)
        house.daemon.tell("volume", 48)
        expect(output).to_have_text("48")
        expect(slider).to_have_value("48")


@pytest.mark.parametrize("another_begins", [False, True])
def test_a_song_in_the_wrong_mood_is_asked_after_and_corrected(
    house: House, staff: Page, another_begins: bool
) -> None:
    """And it is the song that was there when the question came, though another begins meanwhile."""
    house.daemon.wait_until(lambda now: now["playback"]["track"])
    staff.get_by_role("button", name="Wrong mood").press("Enter")
    dialog = staff.get_by_role("dialog", name="Wrong mood")
    expect(dialog).to_be_visible()
    meant = json.loads(dialog.get_attribute("data-fields") or "")["track"]
    if another_begins:
        house.daemon.tell("next")
        house.daemon.wait_until(lambda now: now["playback"]["track"]["id"] != meant)
    else:
        clean(staff)
    dialog.get_by_role("button", name="intense").press("Enter")
    expect(dialog).to_be_hidden()
    house.daemon.wait_until(lambda now: now["playback"]["track"]["id"] != meant)
    card = house.daemon.tell("track", meant)["track"]
    assert card["mood"]["energy"] > 0.5, "as its listener says"


def test_a_mood_is_pinned_for_an_hour_in_words_until_closing_and_let_go(house: House, staff: Page) -> None:
    staff.get_by_role("button", name="Pin a mood").click()
    dialog = staff.get_by_role("dialog", name="Pin a mood")
    clean(staff)
    dialog.get_by_role("button", name="upbeat").click()
    room = house.daemon.wait_until(lambda now: now["room"]["pinned"] == "upbeat")["room"]
    assert room["pinned_until"] is not None
    expect(staff.locator(".pinned")).to_contain_text(re.compile(r"Pinned: upbeat until \S*\s?\d\d:\d\d"))
    staff.get_by_role("button", name="Pin another mood").click()
    dialog.get_by_label("Until closing").check()
    dialog.get_by_label("Or in your own words").fill("quiet rain on a grey morning")
    staff.keyboard.press("Enter")
    house.daemon.wait_until(lambda now: now["room"]["pinned"] == "quiet rain on a grey morning")
    expect(staff.locator(".pinned")).to_contain_text("23:59")
    staff.get_by_role("button", name="Pin another mood").click()
    dialog.get_by_label("Until I change it").check()
    dialog.get_by_role("button", name="calm").click()
    room = house.daemon.wait_until(lambda now: now["room"]["pinned"] == "calm")["room"]
    assert room["pinned_until"] is None
    staff.get_by_role("button", name="Follow the room again").click()
    house.daemon.wait_until(lambda now: now["room"]["pinned"] is None)
    expect(staff.locator(".pinned")).to_have_count(0)


def test_the_owner_teaches_the_room_by_word_and_in_words_and_takes_it_back(house: House, owner: Page) -> None:
    def taught() -> list[str]:
        moments = house.daemon.tell("teach", "list")["moments"]
        return [moment["word"] for moment in moments if moment["weight"] == 1]  # pins count less

    dialog = owner.get_by_role("dialog", name="Teach this room")
    for press in (
        lambda: dialog.get_by_role("button", name="Lively").press("Enter"),
        lambda: (
            dialog.get_by_label("Or in your own words").fill("after work, loud and happy"),
            owner.keyboard.press("Enter"),
        ),
    ):
        owner.get_by_role("button", name="Teach this room").press("Enter")
        press()
        expect(owner.locator("#said")).to_contain_text("Kept")
        expect(dialog).to_be_hidden()
    assert taught() == ["lively", "after work, loud and happy"]
    owner.get_by_role("button", name="Teach this room").press("Enter")
    clean(owner)
    own = dialog.get_by_label("Or in your own words")
    own.fill("Reset")  # a command of its own
    own.press("Enter")
    expect(dialog).to_be_visible()
    assert not own.evaluate("input => input.checkValidity()")
    assert len(taught()) == 2
    owner.once("dialog", lambda question: question.accept())
    dialog.get_by_role("button", name="Forget all").press("Enter")
    expect(owner.locator("#said")).to_contain_text("Forgotten")
    assert taught() == []


def test_night_mode_is_by_the_hour_on_or_off(house: House, staff: Page) -> None:
    for name, mode in (("On", "on"), ("Auto", "auto")):
        button = staff.get_by_role("group", name="Night mode").get_by_role("button", name=name, exact=True)
        button.click()
        house.daemon.wait_until(lambda now, mode=mode: now["playback"]["night_mode"] == mode)
        expect(button).to_have_attribute("aria-pressed", "true")


def test_the_camera_has_a_light_while_it_is_on_and_only_the_owner_a_switch(
    house: House, staff: Page, owner: Page
) -> None:
    expect(staff.locator(".eye.on")).to_contain_text("The camera is on")
    expect(staff.get_by_role("button", name="Switch the camera off")).to_have_count(0)
    owner.get_by_role("button", name="Switch the camera off").click()
    for page in (owner, staff):  # a second open page stays in step
        expect(page.locator(".eye.on")).to_have_count(0)
        expect(page.locator(".room .mood")).to_contain_text("camera is off")
    owner.get_by_role("button", name="Switch the camera on").click()
    expect(staff.locator(".eye.on")).to_be_visible()
    house.daemon.wait_until(lambda now: now["perception"]["camera"]["state"] == "live")


def test_what_the_sensors_say_is_there_for_who_looks(house: House, staff: Page) -> None:
    house.daemon.tell("sensor", "sky rainy")
    staff.locator(".sensors summary").press("Enter")
    expect(staff.locator(".sensors li").first).to_contain_text("rain: -0.2 energy, -0.1 valence")
    expect(staff.locator(".sensors li").last).to_contain_text("nothing yet")
    house.daemon.tell("sensor", "sky sunny")
    expect(staff.locator(".sensors li").first).to_contain_text("sun: +0.2 valence")
    clean(staff)
    assert widest_px(staff) == PHONE


def test_the_owner_has_something_said_and_its_words_are_shown_meanwhile(
    house: House, owner: Page, staff: Page
) -> None:
    owner.get_by_role("button", name="Say something").press("Enter")
    clean(owner)
    owner.get_by_label("What to say").fill("We close in ten minutes.")
    owner.keyboard.press("Enter")
    expect(staff.locator(".announced")).to_have_text("Announcement: We close in ten minutes.")
    expect(owner.locator("#said")).to_contain_text("It is said over the music")
    expect(staff.get_by_role("button", name="Say something")).to_have_count(0)
    house.daemon.wait_for("announcement", message="announced: a spoken announcement")
    assert "ten minutes" not in house.daemon.transcript()


def test_a_fold_that_is_open_stays_open_when_something_changes(house: House, staff: Page) -> None:
    staff.get_by_text("The numbers").click()
    expect(staff.get_by_role("table")).to_be_visible()
    wanted = int(staff.get_by_role("slider", name="Volume").input_value()) - 2
    house.daemon.tell("volume", wanted)
    expect(staff.locator("#volume output")).to_have_text(str(wanted))
    assert staff.get_by_role("slider", name="Volume").input_value() == str(wanted)
    expect(staff.get_by_role("table")).to_be_visible()


@pytest.mark.parametrize(
    ("width", "language", "theme"),
    [
        (PHONE, "ko", "light"),
        pytest.param(PHONE, "en", "dark", marks=pytest.mark.long),
        pytest.param(TABLET, "ko", "dark", marks=pytest.mark.long),
        pytest.param(DESK, "en", "light", marks=pytest.mark.long),
    ],
)
def test_it_is_right_at_every_width_in_both_languages_and_themes(
    browser: Browser, house: House, width: int, language: str, theme: str
) -> None:
    with opened(browser, house.address, width=width, language=language, theme=theme) as somebody:
        somebody.log_in("owner", OWNERS)
        page = somebody.page
        clean(page)
        assert widest_px(page) == width
        assert page.locator(".player h1").evaluate("title => title.scrollWidth <= title.clientWidth")
        page.locator(".sensors summary").click()
        clean(page)
        assert widest_px(page) == width
        page.locator("[data-opens=pin]").click()
        clean(page)
        page.keyboard.press("Escape")
        page.goto(house.address + "screen")
        clean(page)
        assert widest_px(page) == width


def test_an_open_page_does_not_grow(house: House, staff: Page) -> None:
    def size() -> tuple[int, int]:
        return tuple(
            staff.evaluate(
                "[document.querySelectorAll('*').length, document.querySelectorAll('#now').length]"
            )
        )

    before = size()
    for number in range(6):
        house.daemon.tell("volume", 40 + number)
        expect(staff.locator("#volume output")).to_have_text(str(40 + number))
    most_trail, most_shifts = 60, 6 * 4
    assert size()[0] <= before[0] + most_trail + most_shifts
    assert size()[1] == 1


def test_the_screen_shows_what_plays_and_comes_back_when_the_server_does(
    browser: Browser, house: House
) -> None:
    with opened(browser, house.address, width=PHONE, language="ko") as kiosk:
        kiosk.forgives = lambda fault: re.search("ERR_|network error|Failed to fetch", fault) is not None
        kiosk.log_in("staff", STAFFS)
        page = kiosk.goto("/screen")
        title = house.daemon.tell("status")["playback"]["track"]["title"]
        expect(page.locator("h1")).to_have_text(title)
        expect(page.locator(".now-here .clock")).to_have_text(re.compile(r"\d\d:\d\d"))
        assert page.locator("body").evaluate("body => getComputedStyle(body).cursor") == "none"
        process = page.locator("#screen").get_attribute("data-process")
        changed = house.daemon.config.read_text(encoding="utf-8").replace(
            "enabled: true", "enabled: true\n  session_days: 29", 1
        )
        assert "session_days" in changed
        house.daemon.config.write_text(changed, encoding="utf-8")
        house.daemon.tell("reload")  # the web process is another one from now on
        expect(page.locator("#screen")).not_to_have_attribute("data-process", process or "", timeout=60_000)
        house.daemon.tell("next")
        expect(page.locator("h1")).not_to_have_text(title)
