"""A café's music of our own invention: the demo's, with tags and covers, for pictures of the page."""

from __future__ import annotations

import base64
import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from mutagen.flac import Picture
from mutagen.oggopus import OggOpus

from player.library.demo_music import demo_folder

COVER_PX = 480
FRONT_COVER = 3
"""As FLAC and ID3 number kinds of pictures."""


@dataclass(frozen=True)
class Record:
    """What a file is said to be.

    file  of the demo's music, without its ending
    """

    file: str
    title: str
    artist: str
    album: str


def _album(album: str, artist: str, **titles: str) -> tuple[Record, ...]:
    return tuple(Record(file, title, artist, album) for file, title in titles.items())


RECORDS = (
    *_album("Saturday Paper", "The Window Seats", calm_acoustic_1="Steam on the Glass",
            calm_acoustic_s411="Second Cup", calm_acoustic_s522="The Long Table",
            nostalgic_acoustic_1="Somebody Left a Scarf"),
    *_album("느린 오후", "문하나", calm_electronic_s411="창가 자리", calm_electronic_s522="비 온 뒤 골목",
            tender_electronic_1="천천히 걷는 사람", tender_electronic_2="늦은 버스"),
    *_album("Brass & Butter", "Croissant Parade", energetic_acoustic_1="Eight O'Clock Queue",
            energetic_acoustic_2="Flour in the Air", energetic_acoustic_s522="Tray after Tray",
            happy_acoustic_1="Pocket Full of Sugar"),
    *_album("Neon Kettle", "Low Tide Radio", energetic_electronic_2="Turn the Sign",
            energetic_electronic_s411="Two More Espressos", happy_electronic_1="Bicycle Weather",
            happy_electronic_2="Lemon Light"),
    *_album("Postcards", "Ada Vell", nostalgic_acoustic_s411="Rain on the Awning",
            nostalgic_acoustic_s522="A Ticket from Trieste", tender_acoustic_1="Your Coat on My Chair",
            tender_acoustic_2="Half Past Blue"),
    *_album("Afterglow", "Night Bakery", nostalgic_electronic_2="Last Tram North",
            nostalgic_electronic_s411="Lamps", nostalgic_electronic_s522="Chairs on Tables",
            tender_electronic_s411="Before the Ovens"),
    *_album("Market Day", "Juno & the Crates", happy_acoustic_2="Peaches, Peaches",
            happy_acoustic_s411="Rollers Up", happy_electronic_s411="Change for a Twenty",
            tender_acoustic_s411="What the Florist Said"),
)  # fmt: skip


def make_library(folder: Path, records: tuple[Record, ...] = RECORDS) -> None:
    """The files, a folder an album, each with its tags and its album's cover.

    Raises LookupError if the demo's music is not installed.
    """
    demo = demo_folder()
    if demo is None:
        raise LookupError("The demo's music is not installed: pip install 'ambient-player[demo]'.")
    for record in records:
        target = folder / record.album / f"{record.title}.opus"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(next(demo.rglob(f"{record.file}.opus")), target)
        tagged = OggOpus(target)
        tagged.update(title=[record.title], artist=[record.artist], album=[record.album])
        tagged["metadata_block_picture"] = [base64.b64encode(_picture(record.album).write()).decode()]
        tagged.save()


def _picture(album: str) -> Picture:
    picture = Picture()
    picture.type, picture.mime = FRONT_COVER, "image/jpeg"
    picture.width = picture.height = COVER_PX
    _, coded = cv2.imencode(".jpg", cover(album), [cv2.IMWRITE_JPEG_QUALITY, 88])
    picture.data = coded.tobytes()
    return picture


def cover(album: str) -> np.ndarray:
    """Hills before a sun, always the same for the same name. (480, 480, 3) uint8, BGR."""
    dice = np.random.default_rng(int.from_bytes(hashlib.sha256(album.encode()).digest()[:8], "big"))
    hue = dice.uniform(0, 180)
    across, down = np.meshgrid(np.linspace(0, 1, COVER_PX), np.linspace(0, 1, COVER_PX))
    drawn = _colour(hue, 0.55, 0.45) * (1 - down[..., None]) + _colour(hue + 22, 0.5, 1.0) * down[..., None]
    x, y, radius = dice.uniform(0.25, 0.75), dice.uniform(0.3, 0.5), dice.uniform(0.13, 0.24)
    away = np.hypot(across - x, down - y)
    sun = np.clip((radius - away) * COVER_PX / 2, 0, 1)[..., None]
    glow = np.exp(-(np.maximum(away - radius, 0) ** 2) / 0.03)[..., None] * 0.35
    drawn += (_colour(hue + 32, 0.25, 1.0) - drawn) * np.maximum(sun, glow)
    for layer in range(4):
        height = 0.55 + 0.11 * layer
        for wave in (1, 2, 3):
            height = height + dice.uniform(0.01, 0.07) / wave * np.sin(
                wave * 4 * across + dice.uniform(0, 2 * np.pi)
            )
        hill = np.clip((down - height) * COVER_PX / 2, 0, 1)[..., None]
        drawn += (_colour(hue + 80 - 8 * layer, 0.5, 0.62 - 0.13 * layer) - drawn) * hill
    return np.clip(drawn, 0, 255).astype(np.uint8)


def _colour(hue: float, saturation: float, value: float) -> np.ndarray:
    """(3,) float64, BGR."""
    said = np.uint8([[[hue % 180, saturation * 255, value * 255]]])  # type: ignore[arg-type]
    return cv2.cvtColor(np.asarray(said), cv2.COLOR_HSV2BGR)[0, 0].astype(np.float64)
