"""Measure a reader's sentences against people's captions, or a reader's answers against people's answers.

    python -m scripts.evaluate.captions LABELS.tsv IMAGES [--reader blip --blip FOLDER] [--out SAID.tsv]
    python -m scripts.evaluate.captions QUESTIONS.tsv IMAGES --reader blip-vqa --blip FOLDER [--out SAID.tsv]

LABELS.tsv has the columns file and captions, QUESTIONS.tsv image, question and answers; captions and answers
are separated by " | ". In place of --reader, --answerer MODULE:CLASS measures any class that is made without
arguments and has answer(image, question). Prints a Markdown table. BLEU is sacrebleu's, of the extra [eval];
scripts/evaluate/caption_metrics.py has the others.
"""

from __future__ import annotations

import argparse
import csv
import importlib
import statistics
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from player.config.settings.perception import VisionSettings
from player.types import Frame, Image
from player.vision.caption_filter import about_places
from player.vision.reader import SceneReader
from scripts.evaluate.caption_metrics import cider_d, rouge_l, vqa_accuracy, words

Row = dict[str, str]


class Answerer(Protocol):
    """Answers questions about pictures."""

    def answer(self, image: Image, question: str) -> str:
        """A few words. image: (H, W, 3) uint8 BGR."""
        ...


def bleu(captions: Sequence[str], references: Sequence[Sequence[str]]) -> list[float]:
    """BLEU-1 to BLEU-4 of the whole set, 0 to 100, on words without punctuation, as COCO counts it."""
    from sacrebleu.metrics import BLEU  # noqa: PLC0415 - the extra [eval]

    said = [" ".join(words(caption)) for caption in captions]
    most = max(map(len, references))
    told = [
        [" ".join(words(of_one[place])) if place < len(of_one) else None for of_one in references]
        for place in range(most)
    ]
    measures = (BLEU(tokenize="none", smooth_method="none", max_ngram_order=n) for n in range(1, 5))
    return [measure.corpus_score(said, told).score for measure in measures]


def caption_table(name: str, captions: Sequence[str], references: Sequence[Sequence[str]]) -> Iterator[str]:
    """Lines of a Markdown table: against what people wrote, and against the part that is about places."""
    yield "| reader | references | photos | BLEU-1 | BLEU-2 | BLEU-3 | BLEU-4 | CIDEr-D | ROUGE-L |"
    yield "|---|---|---|---|---|---|---|---|---|"
    neutral = [[about_places(reference) for reference in of_one] for of_one in references]
    for which, told in (("as written", references), ("about places", neutral)):
        figures = [f"{score:.1f}" for score in bleu(captions, told)]
        figures.append(f"{statistics.mean(cider_d(captions, told)):.3f}")
        both = zip(captions, told, strict=True)
        figures.append(f"{statistics.mean(rouge_l(caption, of_one) for caption, of_one in both):.3f}")
        yield f"| {name} | {which} | {len(captions)} | {' | '.join(figures)} |"


def read_all(reader: SceneReader, rows: Iterable[Row], images: Path) -> list[str]:
    """What the reader says of each row's file."""
    return [
        reader.read(Frame(picture(images / row["file"]), 0.0, number, row["file"])).caption
        for number, row in enumerate(rows)
    ]


def answer_all(answerer: Answerer, rows: Iterable[Row], images: Path) -> list[str]:
    """What is answered to each row's question about its image."""
    return [answerer.answer(picture(images / row["image"]), row["question"]) for row in rows]


def answer_table(name: str, answers: Sequence[str], people: Sequence[Sequence[str]]) -> Iterator[str]:
    """Lines of a Markdown table with the mean VQA accuracy."""
    yield "| reader | questions | VQA accuracy |"
    yield "|---|---|---|"
    mean = statistics.mean(vqa_accuracy(answer, given) for answer, given in zip(answers, people, strict=True))
    yield f"| {name} | {len(answers)} | {mean:.3f} |"


def picture(path: Path) -> Image:
    """(H, W, 3) uint8 BGR. Ends the program where the file cannot be read."""
    image = cv2.imread(str(path))
    if image is None:
        sys.exit(f"{path} cannot be read as a picture: name the folder of the images as the second argument.")
    return np.asarray(image, np.uint8)


def read_rows(path: Path, *columns: str) -> list[Row]:
    """The rows of a TSV file. Ends the program where a column is missing or there is no row."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    if not rows or not set(columns) <= set(rows[0]):
        sys.exit(f"{path} needs the columns {', '.join(columns)} and at least one row.")
    return rows


def parts(rows: Iterable[Row], column: str) -> list[list[str]]:
    """The captions or answers of each row."""
    return [[part.strip() for part in row[column].split(" | ")] for row in rows]


def open_reader(name: str, blip: Path | None) -> SceneReader:
    """The reader of that name, and no other in its place. Raises ModelError."""
    if name == "compact":
        from player.vision.compact.reader import CompactReader  # noqa: PLC0415

        return CompactReader(VisionSettings())
    from player.vision.blip.reader import BlipReader  # noqa: PLC0415

    return BlipReader(VisionSettings(), blip) if blip else BlipReader(VisionSettings())


def open_answerer(name: str, blip: Path | None) -> Answerer:
    """The BLIP-VQA exported to the folder `blip`, or any MODULE:CLASS. Raises ModelError."""
    if name == "blip-vqa":
        from scripts.evaluate.blip_answers import BlipAnswerer  # noqa: PLC0415

        return BlipAnswerer(blip or sys.exit("--reader blip-vqa needs --blip FOLDER, an exported BLIP-VQA."))
    module, _, kind = name.partition(":")
    answerer: Answerer = getattr(importlib.import_module(module), kind)()
    return answerer


def write(path: Path, rows: Iterable[Row], said: Iterable[str]) -> None:
    """The rows with one more column, what was said."""
    write_rows(path, [row | {"said": " ".join(text.split())} for row, text in zip(rows, said, strict=True)])


def write_rows(path: Path, rows: Sequence[Row]) -> None:
    """A TSV file that read_rows reads."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(
            file, list(rows[0]), delimiter="\t", quoting=csv.QUOTE_NONE, quotechar=None, lineterminator="\n"
        )
        writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("table", type=Path)
    parser.add_argument("images", type=Path)
    parser.add_argument("--reader", choices=("compact", "blip", "blip-vqa"), default="compact")
    parser.add_argument("--blip", type=Path, help="folder of an exported BLIP (default: models_onnx/blip)")
    parser.add_argument("--answerer", metavar="MODULE:CLASS", help="measure the answers of this class")
    parser.add_argument("--out", type=Path, help="write what was said to this TSV file")
    asked = parser.parse_args()
    answerer = asked.answerer or (asked.reader if asked.reader == "blip-vqa" else None)
    if answerer:
        rows = read_rows(asked.table, "image", "question", "answers")
        said = answer_all(open_answerer(answerer, asked.blip), rows, asked.images)
        table = answer_table(answerer, said, parts(rows, "answers"))
    else:
        rows = read_rows(asked.table, "file", "captions")
        said = read_all(open_reader(asked.reader, asked.blip), rows, asked.images)
        table = caption_table(asked.reader, said, parts(rows, "captions"))
    if asked.out:
        write(asked.out, rows, said)
    print("\n".join(table))


if __name__ == "__main__":
    main()
