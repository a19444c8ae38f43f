"""The names of outputs: one grammar for settings, decks and doctor."""

import ast
from pathlib import Path

import pytest

from player.system.audio_output import AudioOutput, OutputKind

PLAYER = Path(__file__).resolve().parents[3] / "player"


@pytest.mark.parametrize(
    ("name", "kind", "device"),
    [
        ("auto", OutputKind.AUTO, ""),
        ("pulse", OutputKind.PULSE, ""),
        ("pulse:alsa_output.usb", OutputKind.PULSE, "alsa_output.usb"),
        ("alsa", OutputKind.ALSA, ""),
        ("alsa:hw:1,0", OutputKind.ALSA, "hw:1,0"),
    ],
)
def test_a_name_is_read_and_written_alike(name: str, kind: OutputKind, device: str) -> None:
    assert AudioOutput.parse(name) == AudioOutput(kind, device)
    assert str(AudioOutput(kind, device)) == name
    assert AudioOutput.parse(name).needs_sound_server == (kind is not OutputKind.ALSA)


@pytest.mark.parametrize("name", ["", "auto:x", "pulse:", "alsa:", "Pulse", "jack", "pulse:a\nb", " auto"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="pulse:SINK"):
        AudioOutput.parse(name)


def test_nobody_else_knows_the_grammar() -> None:
    """The words for kinds of outputs stand in one module (libVLC's own options hold them within others)."""
    for path in PLAYER.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and node.value in ("alsa", "pulse", "alsa:", "pulse:"):
                assert path.name == "audio_output.py", f"{path}:{node.lineno}"
