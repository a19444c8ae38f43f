"""Paths, folders and settings that several tests need."""

import os
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from tests.support.logs import log_as_it_was

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
    "test_restart",
    "test_watchdog",
    "test_hours",
    "test_odd_files",
    "test_library_worker",
    "test_watch",
    "test_library_mood",
    "test_kill",
    "test_no_network",
    "test_library_resume",
)
"""The files that take longest: if one of them came last, the others would have nothing left to do."""
BROWSERS = 2
"""How many browsers work at a time: one alone takes half a core of two."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Side by side, the browser's files come first, as a worker has many of them, then the longest."""
    if not hasattr(config, "workerinput"):
        return
    longest = {name: number for number, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: -1 if has_browser(item.path) else longest.get(item.path.stem, len(longest)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling:
    return FewBrowsers(config, log)


class FewBrowsers(LoadFileScheduling):
    """A file's tests are run by one worker, and those with a browser by a few: nobody is to wait for it."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        name = Path(file)
        return f"browser {sum(name.stem.encode()) % BROWSERS}" if has_browser(name) else file


def has_browser(file: Path) -> bool:
    """Whether the tests of a file look at the page in a real browser."""
    return file.stem.startswith("test_page")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Generator[None, bool | None, bool | None]:
    """A command that a test runs in its own process sets up the log; the next test finds it as it was."""
    with log_as_it_was():
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
