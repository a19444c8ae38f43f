"""Which pictures are taken from whom, and how large: one table for all who take some."""

from __future__ import annotations

from dataclasses import dataclass

from player.camera.image_headers import PictureKind, kind_of, read_header
from player.errors import CameraError

TOO_LARGE = "decoding would take too much memory"


class PictureError(CameraError):
    """What cannot be shown, and `why` in words that end a sentence about one or many files."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class PictureLimits:
    """Kinds by their content, bytes, and pixels by their header."""

    kinds: tuple[PictureKind, ...]
    most_bytes: int
    most_pixels: int

    @property
    def no_kind(self) -> str:
        """Why something is not taken that is of no such kind, or broken."""
        *others, last = self.kinds
        return f"it is no {', '.join(others)} or {last} picture that can be read"

    def check(self, data: bytes) -> None:
        """Raises PictureError for what no decoder should see."""
        if len(data) > self.most_bytes:
            raise PictureError(f"it has more than {self.most_bytes // 1_000_000} MB")
        header = read_header(data) if kind_of(data) in self.kinds else None
        if header is None:
            raise PictureError(self.no_kind)
        if header.width * header.height > self.most_pixels:
            raise PictureError(f"it has more than {self.most_pixels // 1_000_000} million pixels")


MOST_PIXELS = 50_000_000
"""Of any phone's usual picture; those of 100 million and more are larger than what is sent may be."""
SENT = PictureLimits((PictureKind.JPEG, PictureKind.PNG, PictureKind.WEBP), 6_000_000, MOST_PIXELS)
"""By strangers: 8 MB in base64, which is what the socket takes."""
COVER = PictureLimits((*SENT.kinds, PictureKind.GIF, PictureKind.BMP), 20_000_000, MOST_PIXELS)
"""In music files and their folders: most have some hundred thousand bytes, scans ten million pixels."""
