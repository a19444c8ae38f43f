"""Passwords of a player that a test is about to start, set as `ambient-player web password` does it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from typer.testing import CliRunner

from player.cli.main import app

WORDS: Mapping[str, str] = {"owner": "the owner's word", "staff": "the staff's word"}


def set_passwords(config: Path, words: Mapping[str, str] = WORDS) -> None:
    """Of the owner and of the staff, in this process: a start of Python for each takes seconds."""
    for role, word in words.items():
        said = CliRunner().invoke(
            app, ["web", "password", role, "--stdin", "--config", str(config)], input=f"{word}\n"
        )
        assert said.exit_code == 0, said.output
