"""Draws docs/pictures/day.svg: a simulated day in a café (simulated_day.py), from what /api/day gives of it.

.venv/bin/python -m scripts.page.day [--out docs/pictures/day.svg]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path

import yaml

from player.config import loader
from player.config.settings import Config
from player.diary.looking import MarkKind
from player.emotions import describe_music
from player.library.database.store import Library
from player.library.queries.day import day_record
from player.library.queries.records import DayMark, DayRecord
from player.state.state_file import database_path
from player.types import MoodPoint
from scripts.page.cafe import make_library
from scripts.page.pictures import PICTURES
from scripts.page.simulated_day import ZONE, play, script
from scripts.simulate.days import DATA, clock
from scripts.system.record_run import label, wrapped
from tests.support.daemon import ROOT

DAY = date(2026, 5, 16)
STEP_MIN = 5
FIRST_H, LAST_H = 7, 20
WIDTH, HEIGHT, LEFT, RIGHT = 1000, 470, 86, 14
LETTER_PX = 6.4
INK, SOFT, LINE, ROOM, WANTED, FAULT = "#2b2a33", "#77757f", "#ddd8cc", "#2f6f8f", "#c2662d", "#a83b52"
SONGS: Mapping[str, str] = {"lively": "#e0a63a", "tense": "#b8576b", "sad": "#6a7fb5", "calm": "#5fa391"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=PICTURES / "day.svg")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_library(folder / "music")
        config = listened_to(folder)
        play(config, DAY)
        options.out.write_text(drawn(config), encoding="utf-8")
    print(f"{options.out}: {options.out.stat().st_size / 1000:.0f} KB")


def listened_to(folder: Path) -> Config:
    """Settings for the music of `folder`/music, which has been analysed."""
    path = folder / "config.yaml"
    settings = {
        "timezone": ZONE.key,
        "state_dir": str(folder / "state"),
        "library": {"folders": [str(folder / "music")]},
    }
    path.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    ask = [sys.executable, "-m", "player", "library", "analyze", "--config", str(path)]
    subprocess.run(ask, cwd=ROOT, check=True, capture_output=True)
    return loader.load(path)


def drawn(config: Config) -> str:
    """The day that is in the library of these settings."""
    record = day_record(database_path(config), DAY, STEP_MIN, ZONE)
    library = Library(database_path(config), read_only=True)
    try:
        moods = {track.id: track.mood for track in library.tracks() if track.mood is not None}
    finally:
        library.close()
    return Picture(record, moods).svg()


@dataclass(frozen=True)
class Picture:
    """Rows above one axis: what the room was like, the two curves of its mood, songs, people."""

    record: DayRecord
    moods: Mapping[int, MoodPoint]

    def svg(self) -> str:
        """All of it."""
        shapes = [
            *self._scenes(),
            *self._curve("how happy", 158, self.record.curves.valence, self.record.curves.target_valence),
            *self._curve("how lively", 244, self.record.curves.energy, self.record.curves.target_energy),
            *self._songs(),
            *self._people(),
            *self._marks(),
            *self._axis(),
        ]
        style = "font-family:ui-sans-serif,system-ui,sans-serif;font-size:12px"
        head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" style="{style}" role="img">'
        title = f"<title>A simulated day in a café: {len(self.record.tracks)} songs</title>"
        ground = f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fbfaf7" rx="12"/>'
        return "\n".join([head, title, ground, *shapes, "</svg>\n"])

    def _scenes(self) -> list[str]:
        with (DATA / "days.toml").open("rb") as file:
            told = next(day for day in tomllib.load(file)["day"] if day["name"] == "café")["scene"]
        starts = [max(clock(scene["start"]), FIRST_H * 3600.0) for scene in told] + [script().end_s]
        shapes = [_name("in the room", 32)]
        for scene, (start_s, end_s) in zip(told, pairwise(starts), strict=True):
            left, right = _x(start_s), _x(min(end_s, LAST_H * 3600.0))
            shapes.append(
                f'<rect x="{left + 1:.1f}" y="14" width="{right - left - 2:.1f}" height="84" rx="5" fill="#efeadf"/>'
            )
            lines = wrapped(scene["what"], int((right - left - 10) / LETTER_PX))
            for row, line in enumerate(lines[:5]):
                shapes.append(label(left + 6, 31 + 15 * row, line, INK))
        return shapes

    def _curve(
        self, name: str, middle: float, room: Sequence[float | None], wanted: Sequence[float | None]
    ) -> list[str]:
        shapes = [
            _name(name, middle - 18),
            label(8, middle + 2, "the room", ROOM),
            label(8, middle + 18, "music wanted", WANTED, 'font-size="11"'),
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{middle}" y2="{middle}" stroke="{LINE}"/>',
        ]
        for values, colour, width in ((wanted, WANTED, 2.5), (room, ROOM, 1.8)):
            for piece in _pieces(values):
                points = " ".join(
                    f"{_x(at):.1f},{middle - 36 * value:.1f}" for at, value in piece if _within(at)
                )
                shapes.append(
                    f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="{width}"'
                    ' stroke-linejoin="round" opacity="0.9"/>'
                )
        return shapes

    def _songs(self) -> list[str]:
        shapes = [_name("songs", 314), label(8, 330, f"{len(self.record.tracks)} of them", SOFT)]
        for song in self.record.tracks:
            mood = self.moods.get(song.track_id or 0)
            corner = "calm" if mood is None else _corner(mood)
            left, right = _x(_seconds(song.start)), _x(_seconds(song.end or self.record.end))
            word = "" if mood is None else f", {describe_music(mood)}"
            shapes.append(
                f'<rect x="{left:.1f}" y="300" width="{max(right - left - 0.6, 0.6):.1f}" height="34"'
                f' fill="{SONGS[corner]}"><title>{_plain(song.start[11:16])} {_plain(song.artist)}:'
                f" {_plain(song.title)}{word}</title></rect>"
            )
        for number, (corner, colour) in enumerate(SONGS.items()):
            x = LEFT + 92 * number
            shapes.append(f'<rect x="{x}" y="341" width="11" height="11" rx="2" fill="{colour}"/>')
            shapes.append(label(x + 16, 351, f"{corner} music", SOFT))
        return shapes

    def _people(self) -> list[str]:
        shapes, bottom = [_name("people", 396)], 432
        most = max(value or 0 for value in self.record.curves.people) or 1
        width = _x(60 * STEP_MIN) - _x(0)
        for number, value in enumerate(self.record.curves.people):
            at = number * 60.0 * STEP_MIN
            if value and _within(at):
                height = 56 * value / most
                shapes.append(
                    f'<rect x="{_x(at):.1f}" y="{bottom - height:.1f}" width="{width - 0.6:.1f}"'
                    f' height="{height:.1f}" fill="#cfc7b4"/>'
                )
        shapes.append(label(8, 412, f"at most {most:.0f}", SOFT))
        return shapes

    def _marks(self) -> list[str]:
        shapes = []
        for mark in self.record.marks:
            left = _x(_seconds(mark.start))
            if mark.kind == MarkKind.SHIFT and _within(_seconds(mark.start)):
                shapes.append(
                    f'<line x1="{left:.1f}" x2="{left:.1f}" y1="104" y2="334" stroke="{INK}" stroke-opacity="0.5"'
                    f' stroke-dasharray="3 3"><title>{_plain(_sentence(mark))}</title></line>'
                )
            elif mark.kind == MarkKind.FAULT:
                right = _x(_seconds(mark.end or self.record.end))
                shapes.append(
                    f'<rect x="{left:.1f}" y="112" width="{max(right - left, 2):.1f}" height="178" fill="{FAULT}"'
                    f' opacity="0.18"><title>{_plain(_sentence(mark))}</title></rect>'
                )
                if right - left > 20:
                    shapes.append(label(left + 3, 286, "no picture", FAULT, 'font-size="10"'))
        return shapes

    def _axis(self) -> list[str]:
        shapes = [f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="432" y2="432" stroke="{LINE}"/>']
        for hour in range(FIRST_H, LAST_H + 1):
            anchor = 'text-anchor="end"' if hour == LAST_H else 'text-anchor="middle"'
            shapes.append(label(_x(hour * 3600.0), 452, f"{hour}:00", SOFT, anchor))
        for mark in self.record.marks:
            if mark.kind in (MarkKind.OPEN, MarkKind.CLOSED):
                x = _x(_seconds(mark.start))
                shapes.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="296" y2="432" stroke="{INK}"/>')
                shapes.append(label(x + 3, 372, str(mark.kind), INK, 'font-size="11"'))
        return shapes


def _name(words: str, y: float) -> str:
    return label(8, y, words, INK, 'font-weight="bold"')


def _x(seconds: float) -> float:
    """Where a time of the day lies."""
    share = (seconds - FIRST_H * 3600) / ((LAST_H - FIRST_H) * 3600)
    return LEFT + (WIDTH - LEFT - RIGHT) * share


def _within(seconds: float) -> bool:
    return FIRST_H * 3600 <= seconds <= LAST_H * 3600


def _seconds(said: str) -> float:
    """Since midnight."""
    at = datetime.fromisoformat(said)
    return at.hour * 3600.0 + at.minute * 60.0 + at.second


def _pieces(values: Sequence[float | None]) -> list[list[tuple[float, float]]]:
    """(seconds, value): what is known without a gap."""
    pieces: list[list[tuple[float, float]]] = [[]]
    for number, value in enumerate(values):
        if value is None:
            pieces.append([])
        else:
            pieces[-1].append((60.0 * STEP_MIN * (number + 0.5), value))
    return [piece for piece in pieces if piece]


def _corner(mood: MoodPoint) -> str:
    if mood.energy >= 0:
        return "lively" if mood.valence >= 0 else "tense"
    return "calm" if mood.valence >= 0 else "sad"


def _sentence(mark: DayMark) -> str:
    return f"{mark.start[11:16]}: {mark.text}"


def _plain(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;")


if __name__ == "__main__":
    main()
