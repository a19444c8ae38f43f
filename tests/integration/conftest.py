"""What the tests of the running player share."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.support.browser import chromium
from tests.support.pulse import PrivatePulse, private_pulse


@pytest.fixture(scope="module")
def pulse() -> Iterator[PrivatePulse]:
    """A PulseAudio for the players of a module; who plays in the process of the test needs `pulse_here`."""
    with private_pulse() as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for the pages of a module."""
    with chromium() as running:
        yield running
