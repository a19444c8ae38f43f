"""The play history as files for those who license music: a table for spreadsheets, and SoundExchange's form.

Made from records as the command `history` answers them (docs/library/history.md says what each column means),
so that whoever asks the player can write them. Only the standard library is imported.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

BOM = "\ufeff"
"""By which spreadsheets know UTF-8."""
COLUMNS = (
    "started_at",
    "title",
    "artist",
    "album",
    "isrc",
    "composer",
    "label",
    "duration_s",
    "audible_s",
    "venue",
)
"""Their names and order are a promise."""
USE_COLUMNS = (
    "NAME_OF_SERVICE",
    "TRANSMISSION_CATEGORY",
    "FEATURED_ARTIST",
    "SOUND_RECORDING_TITLE",
    "ISRC",
    "ALBUM_TITLE",
    "MARKETING_LABEL",
    "ACTUAL_TOTAL_PERFORMANCES",
)
"""Of a Report of Use, 37 CFR 370.4(d)(2); its form is that of 370.4(e)."""
CATEGORY = "A"
Recording = tuple[str, ...]
"""Venue, artist, title, ISRC, album and label, as the form takes them."""
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")


def csv_lines(records: Iterable[Mapping[str, Any]], before: Sequence[str] = ()) -> Iterator[str]:
    """The lines of a CSV table with COLUMNS, each with its end; to be written as UTF-8.

    before  columns that come before these
    """
    columns = (*before, *COLUMNS)
    yield BOM + _row(columns)
    for record in records:
        yield _row([_cell(record[name]) for name in columns])


def performances(records: Iterable[Mapping[str, Any]]) -> Counter[Recording]:
    """How often each recording was played. What nobody heard is no performance."""
    names = ("venue", "artist", "title", "isrc", "album", "label")
    heard = (record for record in records if record["audible"] is not False)
    return Counter(tuple(_use_text(record[name]) for name in names) for record in heard)


def report_of_use(played: Counter[Recording], category: str = CATEGORY) -> Iterator[str]:
    """The lines of a Report of Use, each with its end: a recording each, with how often it was played.

    Fields stand between bars, texts between carets.
    """
    yield _use_row(USE_COLUMNS)
    for (venue, *track), count in sorted(played.items()):
        yield _use_row((venue, category, *track), count)


def _row(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue()


def _cell(value: Any) -> str:
    return text_cell(value) if isinstance(value, str) else "" if value is None else f"{value:.1f}"


def text_cell(value: str) -> str:
    """A text as a spreadsheet takes it for what it is: no formula, whatever it begins with."""
    marked = f"'{value}" if _FORMULA.match(value) or _CONTROL.match(value) else value
    return _CONTROL.sub(" ", marked).encode(errors="replace").decode()


def _use_row(texts: Iterable[str], *numbers: int) -> str:
    return "|".join([*(f"^{text}^" for text in texts), *map(str, numbers)]) + "\r\n"


def _use_text(value: str) -> str:
    """A text without the signs that the form itself is made of."""
    return " ".join(_CONTROL.sub(" ", re.sub(r"[|^]", " ", value)).encode(errors="replace").decode().split())
