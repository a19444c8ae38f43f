"""Tables of the play history, for spreadsheets and for SoundExchange."""

import csv
import io
from pathlib import Path

import pytest

from player.interfaces.play_exports import BOM, COLUMNS, USE_COLUMNS, csv_lines, performances, report_of_use
from player.types import Json

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "library" / "history.md"


def record(**changes: object) -> Json:
    return {
        "id": 1,
        "started_at": "2026-05-01T12:00:00+09:00",
        "title": "봄날",
        "artist": "Artist",
        "album": "Album, the",
        "isrc": "USRC17607839",
        "composer": "A; B",
        "label": "Label",
        "duration_s": 180.54,
        "audible_s": 171.3,
        "audible": True,
        "venue": "Café",
        "track_id": 7,
    } | changes


def read(*records: Json) -> list[dict[str, str]]:
    data = "".join(csv_lines(records)).encode()
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_a_table_is_what_was_recorded() -> None:
    assert read(record()) == [
        {
            "started_at": "2026-05-01T12:00:00+09:00",
            "title": "봄날",
            "artist": "Artist",
            "album": "Album, the",
            "isrc": "USRC17607839",
            "composer": "A; B",
            "label": "Label",
            "duration_s": "180.5",
            "audible_s": "171.3",
            "venue": "Café",
        }
    ]
    (row,) = read(record(duration_s=None, audible_s=None, isrc=""))
    assert (row["duration_s"], row["audible_s"], row["isrc"]) == ("", "", "")
    assert "".join(csv_lines([])) == f"{BOM}{','.join(COLUMNS)}\r\n"
    assert all(line.endswith("\r\n") for line in csv_lines([record(title="two\nlines")]))


@pytest.mark.parametrize(
    "title",
    [
        '=HYPERLINK("http://evil.example","x")',
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        " =1",
        "＝1+1",
        "\u00a0=1",
        "\x00=1",
        "-",
    ],
)
@pytest.mark.parametrize("column", ["title", "artist", "album", "composer", "label", "venue"])
def test_no_text_is_a_formula(column: str, title: str) -> None:
    (row,) = read(record(**{column: title}))
    assert row[column].startswith("'")


@pytest.mark.parametrize(
    "title", ["a=b", "1-2", "a\tb", '"quoted", with a comma', "'til", "\ud800 caf\udce9", "x\0y"]
)
def test_other_texts_stay(title: str) -> None:
    (row,) = read(record(title=title))
    assert row["title"] == title.replace("\t", " ").replace("\0", " ").encode(errors="replace").decode()


def test_a_report_of_use_counts_the_plays_of_each_recording() -> None:
    plays = [
        record(),
        record(id=2),
        record(title="Other", audible=None),
        record(title="Silent", audible=False),
    ]
    assert [*report_of_use(performances(plays), "J")] == [
        "|".join(f"^{name}^" for name in USE_COLUMNS) + "\r\n",
        "^Café^|^J^|^Artist^|^Other^|^USRC17607839^|^Album, the^|^Label^|1\r\n",
        "^Café^|^J^|^Artist^|^봄날^|^USRC17607839^|^Album, the^|^Label^|2\r\n",
    ]


def test_the_signs_of_the_form_are_in_no_text() -> None:
    *_, line = report_of_use(performances([record(title="a|b^c\r\nd\te", artist="|^", isrc="")]))
    assert line == "^Café^|^A^|^^|^a b c d e^|^^|^Album, the^|^Label^|1\r\n"


def test_the_guide_has_every_column() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    assert [name for name in COLUMNS if f"| `{name}` |" not in text] == []
    assert "|".join(f"^{name}^" for name in USE_COLUMNS) in text
