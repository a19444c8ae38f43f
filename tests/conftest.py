"""Paths, folders and settings that several tests need."""

from pathlib import Path

import pytest
from hypothesis import settings

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"

# Half of hypothesis's own number: all unit tests together stay within ten seconds on two slow cores. No
# deadline: a busy machine is no fault of the code.
settings.register_profile("quick", max_examples=50, deadline=None)
settings.load_profile("quick")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Photos, clips and labels for measuring, which are not part of the project."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"the measuring data is not at {SHARED_DATA}")
    return SHARED_DATA
