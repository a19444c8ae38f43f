"""What IP cameras draw into their pictures: a clock, a name, a recording dot."""

from __future__ import annotations

import itertools

import cv2

from player.types import Image

WHITE, BLACK, YELLOW = (255, 255, 255), (0, 0, 0), (0, 255, 255)
FONTS = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_PLAIN,
    cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_COMPLEX,
    cv2.FONT_HERSHEY_TRIPLEX,
)
PLACES = tuple(itertools.product(("top", "bottom"), ("left", "centre", "right")))


def with_text(
    image: Image,
    text: str,
    place: tuple[str, str],
    size: float = 0.04,
    font: int = cv2.FONT_HERSHEY_SIMPLEX,
    colour: tuple[int, int, int] = WHITE,
    around: str = "",
) -> Image:
    """Draw letters of `size` times the height; `around` them is nothing, a "box" or an "outline"."""
    image = image.copy()
    height, width = image.shape[:2]
    pixels = max(7, round(size * height))
    scale = pixels / cv2.getTextSize("0", font, 1, 1)[0][1]
    thick = max(1, round(pixels / 14))
    while (box := cv2.getTextSize(text, font, scale, thick))[0][0] > 0.96 * width:
        text = text[:-1]
    (wide, high), below = box
    margin = max(3, round(0.02 * height))
    x = {"left": margin, "centre": (width - wide) // 2, "right": width - wide - margin}[place[1]]
    y = margin + high if place[0] == "top" else height - margin - below
    if around == "box":
        paper = WHITE if colour == BLACK else BLACK
        half = margin // 2
        cv2.rectangle(image, (x - half, y - high - half), (x + wide + half, y + below + half), paper, -1)
    if around == "outline":
        cv2.putText(image, text, (x, y), font, scale, BLACK, thick + 2, cv2.LINE_AA)
    cv2.putText(image, text, (x, y), font, scale, colour, thick, cv2.LINE_AA)
    return image


def with_clock(image: Image, second: int, size: float = 0.04) -> Image:
    """A clock above, which ticks, and the camera's name below, which stays."""
    image = with_text(image, f"2026-05-01 02:{second // 60 % 60:02}:{second % 60:02}", ("top", "left"), size)
    return with_text(image, "CAM 01", ("bottom", "right"), size)


def with_red_dot(image: Image) -> Image:
    """Recording: it comes and goes."""
    image = image.copy()
    height, width = image.shape[:2]
    size = max(3, round(0.015 * height))
    cv2.circle(image, (width - 4 * size, 3 * size), size, (0, 0, 255), -1)
    return image
