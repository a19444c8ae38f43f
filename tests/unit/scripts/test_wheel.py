"""What a wheel takes along, by pyproject.toml; tests/integration/test_package.py builds and looks into one."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_the_package_says_that_it_is_typed() -> None:
    assert (ROOT / "player/py.typed").is_file()
