"""A cover for music that has none: rings in the colour of its mood, another picture for each title."""

from __future__ import annotations

import random
from collections.abc import Mapping

from player.interfaces.front.web.page.plane import hue

SIDE = 600
RINGS = ((760, 24), (560, 30), (400, 37), (270, 45), (165, 54), (80, 64))
"""Radius, and how light each is in percent."""
NOTE = (
    '<g fill="#fff" fill-opacity=".85"><circle cx="222" cy="400" r="36"/>'
    '<circle cx="357" cy="360" r="36"/></g>'
    '<path d="M255 400V235l135-30v155" fill="none" stroke="#fff" stroke-opacity=".85" stroke-width="22"'
    ' stroke-linecap="round" stroke-linejoin="round"/>'
)


def drawn(mood: Mapping[str, float] | None, title: str) -> bytes:
    """An SVG; grey while nobody knows the mood. The same for the same title."""
    chance = random.Random(title)
    colour = hue(mood) if mood else 220
    strength = 8 if mood is None else 45
    x, y = (round(chance.uniform(0.15, 0.85) * SIDE) for _ in range(2))
    turn = chance.choice((-4, 4))
    rings = "".join(
        f'<circle cx="{x}" cy="{y}" r="{radius}"'
        f' fill="hsl({(colour + turn * number) % 360},{strength}%,{light}%)"/>'
        for number, (radius, light) in enumerate(RINGS)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}" width="{SIDE}" height="{SIDE}">'
        f"{rings}{NOTE}</svg>"
    ).encode()
