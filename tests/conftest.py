"""Paths and folders that several tests need."""

from pathlib import Path

import pytest

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Photos, clips and labels for measuring, which are not part of the project."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"the measuring data is not at {SHARED_DATA}")
    return SHARED_DATA
