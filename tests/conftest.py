"""Paths, folders and settings that several tests need."""

import os
from collections.abc import Generator
from contextlib import nullcontext
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.alone import browsing, corner, room

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"

# Half of hypothesis's own number: all unit tests together stay within ten seconds on two slow cores. No
# deadline: a busy machine is no fault of the code. The same examples each time; who looks further does it
# with HYPOTHESIS_SEED=random, and makes a test of what is found.
settings.register_profile(
    "quick", max_examples=50, deadline=None, derandomize="HYPOTHESIS_SEED" not in os.environ, database=None
)
settings.load_profile("quick")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Photos, clips and labels for measuring, which are not part of the project."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"the measuring data is not at {SHARED_DATA}")
    return SHARED_DATA


LONGEST_FIRST = (
    "test_daemon",
    "test_faults",
    "test_hours",
    "test_watchdog",
    "test_restart",
    "test_library_worker",
    "test_library_mood",
    "test_announcements",
    "test_kill",
    "test_no_network",
    "test_library_resume",
)
"""The files that take longest: if one of them came last, the others would have nothing left to do."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Side by side, who is alone comes first with unit tests between, then the longest files.

    Unit tests go on beside who is alone; others would have to wait, and to be waited for. Between the others
    come those with a browser, of which one works at a time.
    """
    if not hasattr(config, "workerinput"):
        return
    alone = list(dict.fromkeys(item.path for item in items if item.get_closest_marker("alone")))
    units = list(dict.fromkeys(item.path for item in items if _is_unit(item)))
    first = [
        path for number, one in enumerate(alone) for path in (one, *units[number :: len(alone)])
    ] or units
    longest = {name: number for number, name in enumerate(LONGEST_FIRST)}
    others = [path for path in dict.fromkeys(item.path for item in items) if path not in {*alone, *units}]
    pages = [path for path in others if _has_browser(path)]
    others = sorted(
        (path for path in others if not _has_browser(path)),
        key=lambda path: longest.get(path.stem, len(longest)),
    )
    between = max(1, len(others) * 2 // (3 * max(1, len(pages))))
    for number, path in enumerate(pages):
        others.insert(number * (between + 1), path)
    places = {path: number for number, path in enumerate([*first, *others])}
    items.sort(key=lambda item: places[item.path])


def _has_browser(path: Path) -> bool:
    return path.stem.startswith("test_page")


def _is_unit(item: pytest.Item) -> bool:
    return "unit" in item.path.relative_to(item.config.rootpath).parts


@pytest.hookimpl(wrapper=True, tryfirst=True)  # outside of pytest-timeout: who waits is not slow
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    if not hasattr(item.config, "workerinput"):
        return (yield)
    if _is_unit(item):
        with corner():
            return (yield)
    with (
        browsing() if _has_browser(item.path) else nullcontext(),
        room(item.get_closest_marker("alone") is not None),
    ):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What a report shows can be sent between processes, whatever names a test speaks of."""
    report = yield
    report.sections = [(name, _sendable(text)) for name, text in report.sections]
    if report.failed and (shown := _sendable(report.longreprtext)) != report.longreprtext:
        report.longrepr = shown
    return report


def _sendable(text: str) -> str:
    return text.encode(errors="backslashreplace").decode()
