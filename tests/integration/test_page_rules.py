"""The view Rules in a real browser: what is dragged, typed and saved there is what the player then holds."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import yaml
from playwright.sync_api import Browser, Locator, Page, expect

from player.interfaces.front.web.page.languages import Language
from player.interfaces.front.web.page.rendering import PageReader, rendered
from player.interfaces.front.web.page.views import rules
from player.types import Json
from tests.support.browser import DESK, PHONE, TABLET, clean, opened, widest_px
from tests.support.daemon import Daemon
from tests.support.pulse import PrivatePulse

COMMENT = "# What the owner wrote above it all"
SETTINGS = {
    "camera": {"enabled": False},
    "web": {"enabled": True, "port": 0},
    "hours": {"open": {"daily": "06:00-22:00", "sat": "20:00-02:00"}, "holidays": {"12-25": "closed"}},
    "playback": {"volume": 60},
    "announcements": {"items": [{"command": "true", "at": ["18:45"]}]},
}


@pytest.fixture(scope="module")
def daemon(pulse: PrivatePulse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    made = Daemon(tmp_path_factory.mktemp("rules") / "player", SETTINGS, pulse.env)
    made.config.write_text(f"{COMMENT}\n{made.config.read_text(encoding='utf-8')}", encoding="utf-8")
    with made:
        made.wait_until(lambda now: now["front"]["address"])
        yield made


@pytest.fixture(scope="module")
def address(daemon: Daemon) -> str:
    return str(daemon.tell("status")["front"]["address"])


def values(daemon: Daemon) -> Json:
    return dict(daemon.tell("config")["values"])


def save(page: Page) -> None:
    """Look at what changes, and save it, with the keyboard."""
    page.locator("#look").press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("What changes")
    page.keyboard.press("Enter")  # the button that saves has the focus
    expect(page.locator("#said")).to_contain_text("Saved")
    expect(page.locator("#save-bar")).to_be_hidden()


def drag(page: Page, what: Locator, x: float, y: float = 0) -> None:
    """Drag something so many pixels, with the mouse."""
    what.evaluate("it => it.scrollIntoView({block: 'center'})")
    box = what.bounding_box()
    assert box is not None
    at = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(*at)
    page.mouse.down()
    page.mouse.move(at[0] + x / 2, at[1] + y / 2)
    page.mouse.move(at[0] + x, at[1] + y)
    page.mouse.up()


def hour_px(page: Page) -> float:
    box = page.locator("#week .day-line").first.bounding_box()
    assert box is not None
    return box["width"] / 24


def test_hours_are_dragged_looked_at_and_saved(browser: Browser, address: str, daemon: Daemon) -> None:
    with opened(browser, address) as owner:
        page = owner.goto("/rules")
        drag(page, page.locator("[data-day='0'] [data-end=end]"), -2 * hour_px(page))
        expect(page.locator("#save-count")).to_have_text("1 change is not saved.")
        drag(page, page.locator("[data-day='5']:not(.rest) .bar-body"), -1 * hour_px(page))
        page.locator("#look").click()
        expect(page.locator(".diff .taken").first).to_contain_text("daily")
        expect(page.locator(".diff .added", has_text="06:00-20:00")).to_have_count(1)
        clean(page)
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.locator("#said")).to_contain_text("Saved")
        hours = values(daemon)["hours"]["open"]
        assert (hours["mon"], hours["sat"]) == ("06:00-20:00", "19:00-01:00")
        assert daemon.config.read_text(encoding="utf-8").startswith(COMMENT)


LIES_STILL = """
async (it) => {
  it.scrollIntoView({block: "center"});
  for (let same = 0, last = NaN; same < 5;) {
    await new Promise(requestAnimationFrame);
    const { top } = it.getBoundingClientRect();
    same = top === last ? same + 1 : 0;
    last = top;
  }
}
"""
"""A page that a finger has pushed rolls on for a while, and what is touched then is the row beside."""


def finger(page: Page, what: Locator, x: float, y: float) -> None:
    """Drag something so many pixels, or scroll the page from it, with a finger."""
    what.evaluate(LIES_STILL)
    box = what.bounding_box()
    assert box is not None
    at = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    touch = page.context.new_cdp_session(page)
    for kind, share in (("Start", 0.0), *(("Move", n / 8) for n in range(1, 9)), ("End", 1.0)):
        points = [] if kind == "End" else [{"x": at[0] + x * share, "y": at[1] + y * share}]
        touch.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})


def push(page: Page, what: Locator, y: float) -> None:
    """Scroll the page with a finger, and wait until it has rolled on to its end: on a busy machine it begins
    to roll when it has long lain still after the finger, and the next touch would meet the row beside."""
    what.evaluate(LIES_STILL)
    page.evaluate("ended = new Promise((end) => addEventListener('scrollend', end, {once: true})); 0")
    finger(page, what, 0, y)
    page.evaluate("ended.then(() => 0)")


def test_a_finger_drags_hours_sideways_and_scrolls_up_and_down(browser: Browser, address: str) -> None:
    with opened(browser, address, width=PHONE) as owner:
        page = owner.goto("/rules")
        body = page.locator("[data-day='3'] .bar-body").first
        before = body.get_attribute("aria-label")
        push(page, body, -150)
        assert page.evaluate("scrollY") > 50
        expect(page.locator("#save-bar")).to_be_hidden()
        assert body.get_attribute("aria-label") == before
        finger(page, page.locator("[data-day='3'] [data-end=start]"), 2 * hour_px(page), 0)
        expect(page.locator("#save-count")).to_have_text("1 change is not saved.")
        expect(body).to_have_attribute("aria-label", "Thursday 08:00–22:00")
        finger(page, page.locator("#plane .side.left"), 30, 40)
        expect(page.locator("#save-count")).to_have_text("2 changes are not saved.")
        page.once("dialog", lambda dialog: dialog.accept())
        page.locator("#discard").press("Enter")


WEEKS = [
    # (hours.open before, what one day is then, hours.open after)
    ({"mon-fri": "08:00-19:30", "sun": "closed"}, {}, {"mon-fri": "08:00-19:30", "sun": "closed"}),
    ({"mon-fri": "8:00-19:30", "sat": "open"}, {5: "closed"}, {"mon-fri": "8:00-19:30", "sat": "closed"}),
    (
        {"mon-fri": "08:00-19:30"},
        {0: "09:00-19:30"},
        {"mon": "09:00-19:30", "tue-fri": "08:00-19:30", "sat-sun": "closed"},
    ),
    (
        {"daily": "08:00-20:00", "sun": "closed"},
        {6: "10:00-02:00"},
        {"daily": "08:00-20:00", "sun": "10:00-02:00"},
    ),
    ({"fri-mon": "20:00-00:00"}, {}, {"fri-mon": "20:00-00:00"}),
    ({}, {1: "closed"}, {"mon": "open", "tue": "closed", "wed-sun": "open"}),
    ({}, dict.fromkeys(range(7), "closed"), {"daily": "closed"}),
    ({"mon": "open"}, dict.fromkeys(range(7), "open"), {}),
]
WRITTEN = """async (weeks) => {
  const { weekOf, spansOf, openOf } = await import("page/rules_time");
  return weeks.map(([before, days]) => {
    const week = weekOf(before);
    for (const [day, text] of Object.entries(days)) week[day] = spansOf(text);
    return openOf(week, before);
  });
}"""


def test_a_week_is_written_as_its_owner_wrote_it(browser: Browser, address: str) -> None:
    with opened(browser, address) as owner:
        page = owner.goto("/rules")
        weeks = [[before, {str(day): text for day, text in days.items()}] for before, days, _ in WEEKS]
        assert page.evaluate(WRITTEN, weeks) == [after for _, _, after in WEEKS]


def test_hours_by_keyboard_alone_over_midnight(browser: Browser, address: str, daemon: Daemon) -> None:
    with opened(browser, address, width=PHONE) as owner:
        page = owner.goto("/rules")
        page.locator("[data-day='2'] .bar-body").focus()
        for _ in range(12):
            page.keyboard.press("ArrowRight")
        expect(page.locator("[data-day='2'] .bar-body").first).to_be_focused()
        page.keyboard.press("Tab")  # to when it opens
        page.keyboard.press("Shift+ArrowRight")
        page.locator("[data-day='6'] .bar-body").focus()
        page.keyboard.press("Delete")
        expect(page.locator("[data-day='6']")).to_have_count(0)
        page.locator("[data-day='0'] .bar-body").focus()
        page.keyboard.press("ArrowUp")  # on to Sunday, which is free
        expect(page.locator("[data-day='6'] .bar-body")).to_be_focused()
        expect(page.locator("[data-day='0']")).to_have_count(0)
        page.keyboard.press("ArrowUp")  # Saturday is not
        expect(page.locator("#said")).to_contain_text("overlap")
        page.keyboard.press("ArrowDown")
        expect(page.locator("[data-day='0'] .bar-body")).to_be_focused()
        save(page)
        hours = values(daemon)["hours"]["open"]
        assert hours["wed"] == "09:05-01:00"
        assert hours["sun"] == "closed"


def test_hours_are_written_for_a_day_and_for_all(browser: Browser, address: str, daemon: Daemon) -> None:
    with opened(browser, address) as owner:
        page = owner.goto("/rules")
        line = page.locator("#week .day-line").nth(6).bounding_box()
        assert line is not None
        page.mouse.move(line["x"] + 3 * hour_px(page), line["y"] + 20)
        page.mouse.down()
        page.mouse.move(line["x"] + 5 * hour_px(page), line["y"] + 20)
        page.mouse.up()
        new = page.get_by_role("button", name="Sunday 03:00–05:00")
        drag(page, new, 0, -2 * (line["height"] + 5))
        new = page.get_by_role("button", name="Friday 03:00–05:00")
        expect(new).to_be_focused()
        page.keyboard.press("Delete")
        expect(new).to_have_count(0)
        page.get_by_role("button", name="Tuesday", exact=True).click()
        panel = page.locator("#day-panel")
        panel.get_by_label("From").fill("00:00")
        panel.get_by_label("From").press("Tab")
        panel.get_by_label("To").fill("23:30")
        panel.get_by_label("To").press("Tab")
        panel.get_by_role("button", name="The same every day").click()
        save(page)
        assert values(daemon)["hours"]["open"] == {"daily": "00:00-23:30"}
        panel.get_by_role("button", name="Always open").click()
        expect(page.locator(".always")).to_be_visible()
        save(page)
        assert values(daemon)["hours"]["open"] == {}


def test_a_part_of_the_day_is_moved_renamed_and_kept_within_moods(
    browser: Browser, address: str, daemon: Daemon
) -> None:
    daemon.tell("config_write", {"hours.open": {}})
    now = daemon.tell("status")["room"]["daypart"]
    with opened(browser, address) as owner:
        page = owner.goto("/rules")
        page.locator("#part-tabs button", has_text=now).click()
        page.get_by_label("Name", exact=True).fill("quiet time")
        page.locator("#p-mood").select_option("calm")
        page.get_by_label("keep the volume that is set").uncheck()
        page.locator("#p-volume").fill("35")
        page.get_by_role("slider", name="Liveliest").focus()
        for _ in range(4):
            page.keyboard.press("ArrowDown")
        energy = page.get_by_role("slider", name="Liveliest").get_attribute("aria-valuenow")
        save(page)
        daemon.wait_until(lambda status: status["room"]["daypart"] == "quiet time")
        part = next(each for each in values(daemon)["dayparts"] if each["name"] == "quiet time")
        assert (part["volume"], part["mood"], part["energy"][1]) == (35, "calm", float(energy or 9))
        daemon.wait_until(lambda status: round(status["playback"]["volume"]) == 35)


def test_the_start_of_a_part_and_the_houses_moods_are_dragged(
    browser: Browser, address: str, daemon: Daemon
) -> None:
    with opened(browser, address) as owner:
        page = owner.goto("/rules")
        before = values(daemon)
        second = sorted(before["dayparts"], key=lambda part: part["start"])[1]
        width = page.locator("#ribbon .day-line").bounding_box()
        assert width is not None
        drag(page, page.locator("#ribbon .bar-end").nth(1), width["width"] / 24)
        page.get_by_role("button", name="The whole house").click()
        plane = page.locator("#plane").bounding_box()
        assert plane is not None
        drag(page, page.locator("#plane .side.left"), plane["width"] / 10)
        save(page)
        after = values(daemon)
        moved = next(part for part in after["dayparts"] if part["name"] == second["name"])
        assert int(moved["start"][:2]) == int(second["start"][:2]) + 1
        assert after["mood"]["valence"] == pytest.approx([before["mood"]["valence"][0] + 0.2, 1.0])
        page.locator("#add-part").click()
        page.keyboard.type("late")
        page.locator("#remove-part").click()
        expect(page.locator("#save-bar")).to_be_hidden()


def test_days_that_differ_and_announcements(browser: Browser, address: str, daemon: Daemon) -> None:
    with opened(browser, address) as owner:
        page = owner.goto("/rules")
        page.get_by_role("button", name="Add a day that differs").click()
        day = page.locator(".holiday").last
        day.get_by_label("Date").fill("2031-12-24")
        day.get_by_label("Music").select_option("times")
        day.get_by_role("textbox", name="Times").fill("08:00-14:00")
        page.get_by_role("button", name="Add an announcement").click()
        item = page.locator(".announcement").last
        item.get_by_label("What").select_option("command")
        item.get_by_label("Command", exact=True).fill("espeak 'Cake!'")
        item.get_by_label("When").select_option("every_min")
        item.get_by_label("Every so many minutes").fill("30")
        page.get_by_label("Leave out explicit tracks").check()
        page.locator("#house").get_by_label("Artists").last.fill("Nobody\nNo * One")
        save(page)
        said = values(daemon)
        assert said["hours"]["holidays"] == {"12-25": "closed", "2031-12-24": "08:00-14:00"}
        announced = {"command": "true", "at": ["18:45"]}
        cake = {"command": "espeak 'Cake!'", "every_min": 30}
        assert said["announcements"]["items"] == [announced, cake | {"command": "espeak ..."}]
        assert yaml.safe_load(daemon.config.read_text())["announcements"]["items"] == [announced, cake]
        assert said["rules"]["exclude"]["explicit"] is True
        assert said["rules"]["exclude"]["artists"] == ["Nobody", "No * One"]


def test_a_closing_on_every_29_february_stays_when_another_day_is_added(
    browser: Browser, address: str, daemon: Daemon
) -> None:
    before = values(daemon)["hours"]["holidays"]
    daemon.tell("config_write", {"hours.holidays": {"02-29": "closed", "12-25": "closed"}})
    with opened(browser, address) as owner:
        page = owner.goto("/rules")
        date = page.locator(".holiday").first.get_by_label("Date")
        expect(date).to_have_value(re.compile(r"^\d{4}-02-29$"))
        page.get_by_role("button", name="Add a day that differs").click()
        page.locator(".holiday").last.get_by_label("Date").fill("2031-12-24")
        save(page)
        found = values(daemon)["hours"]["holidays"]
    assert found == {"02-29": "closed", "12-25": "closed", "2031-12-24": "closed"}
    daemon.tell("config_write", {"hours.holidays": before})


def test_what_cannot_be_is_said_and_nothing_is_lost(browser: Browser, address: str, daemon: Daemon) -> None:
    with opened(browser, address) as owner:
        page = owner.goto("/rules")
        page.get_by_label("Bass taken back by").fill("-60")
        page.locator("#look").click()
        expect(page.locator("#difference-problems")).to_contain_text("playback.night.bass_db")
        expect(page.locator("#difference-do")).to_be_hidden()
        page.get_by_role("button", name="Not yet").press("Enter")
        expect(page.get_by_label("Bass taken back by")).to_have_value("-60")
        asked: list[str] = []

        def stays(dialog: object) -> None:
            asked.append(dialog.type)  # type: ignore[attr-defined]
            dialog.dismiss() if dialog.type == "beforeunload" else dialog.accept()  # type: ignore[attr-defined]

        page.on("dialog", stays)
        page.locator("nav >> text=People").first.click()
        expect(page.get_by_label("Bass taken back by")).to_have_value("-60")
        page.locator("#discard").click()
        expect(page.get_by_label("Bass taken back by")).to_have_value("-6")
        assert asked == ["beforeunload", "confirm"]


def test_somebody_elses_change_meanwhile_is_explained_and_kept(
    browser: Browser, address: str, daemon: Daemon
) -> None:
    with opened(browser, address, forgive=lambda fault: "412" in fault) as owner:
        page = owner.goto("/rules")
        page.get_by_label("Usual volume").fill("50")
        page.get_by_label("Rises within").fill("7")
        daemon.tell("config_write", {"playback.ceiling": 90, "playback.ramp_s": 9})
        page.locator("#look").click()
        page.get_by_role("button", name="Save", exact=True).click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("Somebody else has changed the settings")
        dialog.get_by_role("button", name="Load again").press("Enter")
        expect(dialog).to_contain_text("playback.ramp_s")
        expect(page.get_by_label("Never louder than")).to_have_value("90")
        expect(page.get_by_label("Usual volume")).to_have_value("50")
        dialog.get_by_role("button", name="Save", exact=True).press("Enter")
        expect(page.locator("#said")).to_contain_text("Saved")
        said = values(daemon)["playback"]
        assert (said["volume"], said["ceiling"], said["ramp_s"]) == (50, 90, 7)


def test_an_earlier_version_is_looked_at_and_gone_back_to(
    browser: Browser, address: str, daemon: Daemon
) -> None:
    before = daemon.config.read_text(encoding="utf-8")
    daemon.tell("config_write", {"playback.skip_fade_s": 2.5})
    with opened(browser, address, width=PHONE) as owner:
        page = owner.goto("/rules")
        page.get_by_role("button", name="Look at this version").first.press("Enter")
        dialog = page.get_by_role("dialog")
        expect(dialog.locator(".diff .taken")).to_contain_text("skip_fade_s: 2.5")
        dialog.get_by_role("button", name="Go back").press("Enter")
        expect(page.locator("#said")).to_contain_text("Gone back")
        expect(page.locator(".versions li").first).to_contain_text("skip_fade_s")
    assert daemon.config.read_text(encoding="utf-8") == before


def test_all_settings_can_be_found_changed_and_set_back(
    browser: Browser, address: str, daemon: Daemon
) -> None:
    with opened(browser, address, width=PHONE) as owner:
        page = owner.goto("/rules")
        page.locator("#all > summary").press("Enter")
        expect(page.locator("[data-row]")).to_have_count(len(daemon.tell("config")["settings"]))
        page.locator("#all-search").fill("usual room")
        expect(page.locator("[data-row]:visible")).not_to_have_count(0)
        page.locator("#all-search").fill("venue.name")
        expect(page.locator("#a-choice-learn")).to_be_hidden()
        expect(page.locator("#a-venue-name")).to_be_visible()
        page.locator("#a-venue-name").fill("Café 한국")
        page.locator("#all-search").fill("choice.learn")
        page.locator("#a-choice-learn").uncheck()
        expect(page.locator("#s-choice-learn")).not_to_be_checked()
        clean(page)
        assert widest_px(page) == PHONE
        save(page)
        assert values(daemon)["venue"]["name"] == "Café 한국"
        page.get_by_role("button", name="Back to the default: choice.learn").press("Enter")
        save(page)
        assert values(daemon)["choice"]["learn"] is True


def test_all_settings_that_were_asked_for_while_the_player_was_away_come_later(
    browser: Browser, address: str
) -> None:
    with opened(browser, address) as owner:
        page = owner.goto("/rules")
        away = rendered("rules_all.html", PageReader(Language.ENGLISH, None, "", "", "its-own"), rules.AWAY)
        headers = {"Content-Type": "text/html", "Content-Security-Policy": "script-src 'nonce-its-own'"}
        page.route("**/rules/all", lambda route: route.fulfill(body=away, headers=headers), times=1)
        page.locator("#all > summary").press("Enter")
        expect(page.locator("#all-settings .notice.away")).to_be_visible()
        page.locator("#all-search").fill("venue.name")
        expect(page.locator("#all-none")).to_be_hidden()
        expect(page.locator("#a-venue-name")).to_be_visible()
        expect(page.locator("#a-choice-learn")).to_be_hidden()
        expect(page.locator("#all-settings .notice.away")).to_have_count(0)


@pytest.mark.parametrize(
    ("width", "theme", "language"),
    [
        (PHONE, "light", "en"),
        pytest.param(PHONE, "dark", "ko", marks=pytest.mark.long),
        pytest.param(TABLET, "dark", "en", marks=pytest.mark.long),
        pytest.param(DESK, "light", "ko", marks=pytest.mark.long),
    ],
)
def test_it_is_right_at_every_width_theme_and_language(
    browser: Browser, address: str, width: int, theme: str, language: str
) -> None:
    with opened(browser, address, width=width, theme=theme, language=language) as owner:
        page = owner.goto("/rules")
        expect(page.locator("h1")).to_have_text(re.compile({"en": "Rules", "ko": "규칙"}[language]))
        page.locator("#part-tabs button").nth(1).click()
        if width == PHONE:
            clean(page)
        assert widest_px(page) == width
