"""Draws docs/run.svg: a real run of the demo, from its own log and from what its loudspeaker gave.

.venv/bin/python -m scripts.system.record_run [--seconds 110]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from pathlib import Path

import numpy as np

from player.types import Json
from tests.support.daemon import ROOT, Daemon
from tests.support.pulse import Recording, levels_db, private_pulse, recording

WIDTH, LEFT, RIGHT = 1000, 70, 20
MIN_LETTERS = 8
COLOURS = ("#2f6f8f", "#c2662d", "#5b8c3a", "#8a4f9e", "#b08a1e", "#a83b52")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=110)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "run.svg")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, private_pulse() as pulse:
        # The library has been listened to, as on every day but the first.
        with Daemon(Path(name), {}, pulse.env, ("demo",)) as listening:
            listening.wait_until(lambda status: status["library"].get("pending") == 0, 300)
        seconds = str(options.seconds)
        demo = Daemon(Path(name), {}, pulse.env, ("demo", "--seconds", seconds))
        with recording(pulse) as recorded, demo:
            demo.process.wait(options.seconds + 30)
            offset_s = time.time() - time.monotonic() + recorded.started_at
        run = Run(demo.events, offset_s, recorded, demo.started_at - offset_s, options.seconds)
    options.out.write_text(draw(run), encoding="utf-8")
    print(f"{options.out}: {len(run.of('shift'))} shifts, {len(run.of('track'))} tracks")


@dataclass
class Run:
    """Events and sound on one axis: seconds since the start of the process."""

    events: list[Json]
    wall_offset_s: float
    recorded: Recording
    start_s: float
    seconds: float
    shapes: list[str] = field(default_factory=list)

    def of(self, kind: str) -> list[tuple[float, Json]]:
        """The events of a kind with their times."""
        found = [event for event in self.events if event["event"] == kind]
        return [(self._time(event), event) for event in found]

    def _time(self, event: Json) -> float:
        wall = datetime.fromisoformat(event["at"]).timestamp()
        return wall - self.wall_offset_s - self.start_s

    def levels(self, window_s: float) -> list[tuple[float, float]]:
        """(time, dB) of the recording."""
        levels = levels_db(self.recorded.samples, window_s)
        times = np.arange(levels.size) * window_s - self.start_s
        return [(float(t), float(db)) for t, db in zip(times, levels, strict=True) if 0 <= t <= self.seconds]

    def x(self, seconds: float) -> float:
        """Where a time lies in the picture."""
        return LEFT + (WIDTH - LEFT - RIGHT) * min(max(seconds / self.seconds, 0), 1)


def draw(run: Run) -> str:
    """The picture: what the camera reader said, the mood it made, and the level of each track."""
    shapes = [*scenes(run), *moods(run), *sound(run), *axis(run)]
    style = "font-family:ui-sans-serif,system-ui,sans-serif;font-size:12px"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} 396" style="{style}">'
    return "\n".join([head, f'<rect width="{WIDTH}" height="396" fill="#fbfaf7"/>', *shapes, "</svg>\n"])


def spans(run: Run, kind: str) -> list[tuple[float, float, Json]]:
    """(from, to, event): each event lasts until the next of its kind."""
    found = run.of(kind)
    ends = [at for at, _ in found[1:]] + [run.seconds]
    return [(at, end, event) for (at, event), end in zip(found, ends, strict=True)]


def label(x: float, y: float, words: str, colour: str = "#333", extra: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" {extra}>{escape(words)}</text>'


def scenes(run: Run) -> list[str]:
    """One box per scene, with its sentence broken into lines."""
    shapes = [label(8, 30, "scene", extra='font-weight="bold"')]
    for start, end, event in spans(run, "scene"):
        x, width = run.x(start), run.x(end) - run.x(start)
        shapes.append(
            f'<rect x="{x:.1f}" y="14" width="{max(width - 2, 1):.1f}" height="74" fill="#e9e4d8" rx="3"/>'
        )
        words = str(event["message"]).rpartition(": the room is ")[0]
        room = int(width / 6.6)
        if room < MIN_LETTERS:
            continue
        for row, line in enumerate(wrapped(words, room)[:4]):
            shapes.append(label(x + 5, 30 + 16 * row, line))
    return shapes


def wrapped(words: str, room: int) -> list[str]:
    lines = [""]
    for word in words.split():
        if lines[-1] and len(lines[-1]) + len(word) + 1 > room:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def moods(run: Run) -> list[str]:
    """Valence and energy of each reading as steps, and the shifts."""
    shapes = [label(8, 116, "mood", extra='font-weight="bold"')]
    middle, half = 152, 44

    def y(value: float) -> float:
        return middle - half * value

    shapes.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{middle}" y2="{middle}" stroke="#ccc"/>')
    for name, colour, row in (("valence", "#c2662d", 0), ("energy", "#2f6f8f", 1)):
        steps: list[str] = []
        for start, end, event in spans(run, "scene"):
            steps += [f"{run.x(at):.1f},{y(event[name]):.1f}" for at in (start, end)]
        shapes.append(
            f'<polyline points="{" ".join(steps)}" fill="none" stroke="{colour}" stroke-width="2"/>'
        )
        shapes.append(label(8, 140 + 16 * row, name, colour))
    for at, event in run.of("shift"):
        x = run.x(at)
        shapes.append(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="104" y2="342" stroke="#999" stroke-dasharray="4 3"/>'
        )
        shapes.append(label(x + 4, 206, f"→ {event['target']}", "#666"))
    return shapes


def sound(run: Run) -> list[str]:
    """The recorded level, coloured by the track that plays."""
    shapes = [
        label(8, 236, "sound", extra='font-weight="bold"'),
        label(8, 252, "at the"),
        label(8, 266, "speaker"),
    ]
    floor, top, bottom = -60.0, 224, 340
    tracks = spans(run, "track")
    levels = run.levels(0.2)
    for number, (start, end, event) in enumerate(tracks):
        colour = COLOURS[number % len(COLOURS)]
        part = [(t, db) for t, db in levels if start <= t <= end + 0.2]
        points = [f"{run.x(t):.1f},{bottom - (bottom - top) * max(1 - db / floor, 0):.1f}" for t, db in part]
        if points:
            edge = f"{run.x(part[0][0]):.1f},{bottom} {' '.join(points)} {run.x(part[-1][0]):.1f},{bottom}"
            shapes.append(f'<polygon points="{edge}" fill="{colour}" opacity="0.75"/>')
        room = int((run.x(end) - run.x(start)) / 6.6)
        lines = wrapped(Path(event["path"]).stem.replace("_", " "), room) if room >= MIN_LETTERS else []
        shapes += [label(run.x(start) + 4, 356 + 14 * row, line, colour) for row, line in enumerate(lines)]
    return shapes


def axis(run: Run) -> list[str]:
    """Seconds since the start."""
    shapes = []
    for second in range(0, int(run.seconds) + 1, 10):
        shapes.append(label(run.x(second), 390, f"{second} s", "#888", 'text-anchor="middle"'))
    return shapes


if __name__ == "__main__":
    main()
