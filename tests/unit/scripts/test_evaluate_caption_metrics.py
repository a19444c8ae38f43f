"""The measures against values worked out by hand, and the loops that use them."""

from math import exp, sqrt
from pathlib import Path

import cv2
import numpy as np
import pytest

from scripts.evaluate import captions
from scripts.evaluate.caption_metrics import cider_d, plain_answer, rouge_l, vqa_accuracy, words
from tests.fakes.answers import FakeAnswerer
from tests.fakes.readers import FakeSceneReader

OTHER = ["v w x y z"]
"""References of a second picture: without one no n-gram is rarer than another."""


def cider(caption: str, *references: str) -> float:
    return cider_d([caption, OTHER[0]], [references, OTHER])[0]


@pytest.mark.parametrize(
    ("caption", "found"),
    [
        ("A dog, a Cat .", ("a", "dog", "a", "cat")),
        ("the man's T-shirt!", ("the", "man's", "t-shirt")),
        ("", ()),
    ],
)
def test_words(caption: str, found: tuple[str, ...]) -> None:
    assert words(caption) == found


@pytest.mark.parametrize(
    ("caption", "references", "value"),
    [
        ("a b c d e", ["a b c d e"], 10.0),
        ("A b, c d e.", ["a b c d e"], 10.0),
        ("f g h i j", ["a b c d e"], 0.0),
        ("", ["a b c d e"], 0.0),
        ("a b", ["a b"], 5.0),  # no n-grams of three and four words
        ("a b c d e", ["a b c d e", "f g h i j"], 5.0),  # the mean over the references
        # One word less. n=1: 2/(sqrt(2) sqrt(3)); n=2: 1/sqrt(2); n=3, 4: nothing.
        ("a b", ["a b c"], 10 * (2 / sqrt(6) + 1 / sqrt(2)) / 4 * exp(-1 / 72)),
        # Clipped: of three "a" one counts. n=1: (1 + 1)/(sqrt(10) sqrt(2)); n=2: "a b" of "a a" twice, "a b".
        ("a a a b", ["a b"], 10 * (2 / sqrt(20) + 1 / sqrt(5)) / 4 * exp(-4 / 72)),
    ],
)
def test_cider_d(caption: str, references: list[str], value: float) -> None:
    assert cider(caption, *references) == pytest.approx(value)


def test_words_of_every_picture_weigh_nothing_and_rare_ones_more() -> None:
    references = [["the a"], ["the b"], ["the c"], ["c d"]]
    of_all, rare = cider_d(["the x", "x b", "x x", "x x"], references)[:2]
    # Rarities: the log(4/3), b log(4); x, not told of any picture, counts as if told of one: log(4).
    the, b = np.log(4 / 3), np.log(4)
    assert of_all == pytest.approx(10 / 4 * the**2 / (the**2 + b**2))
    assert rare == pytest.approx(10 / 4 * b**2 / (sqrt(2) * b * sqrt(the**2 + b**2)))


def test_one_picture_alone_has_no_rare_words() -> None:
    assert cider_d(["a b c d"], [["a b c d"]]) == [0.0]


@pytest.mark.parametrize(
    ("caption", "references", "value"),
    [
        ("a dog runs", ["a dog runs"], 1.0),
        ("a cat", ["the dog"], 0.0),
        ("", ["a dog"], 0.0),
        # In order "a", "runs": precision 2/3, recall 2/4.
        ("a dog runs", ["a cat that runs"], 2.44 * (2 / 3) * 0.5 / (0.5 + 1.44 * (2 / 3))),
        ("b a", ["a b"], 0.5),
        ("a dog", ["a dog runs fast", "dog"], 1.0),  # precision of the first, recall of the second
    ],
)
def test_rouge_l(caption: str, references: list[str], value: float) -> None:
    assert rouge_l(caption, references) == pytest.approx(value)


@pytest.mark.parametrize(
    ("answer", "plain"),
    [
        ("Yes.", "yes"),
        ("a red  Bus", "red bus"),
        ("The two dogs", "2 dogs"),
        ("none", "0"),
        ("dont know", "don't know"),
        ("black, white", "black white"),
        ("black/white", "black white"),
        ("1,000", "1000"),
        ("3.5", "3.5"),
        ("half-pipe", "half pipe"),
        ("what?", "what"),
        ("10 oclock\n", "10 o'clock"),
    ],
)
def test_answers_are_compared_plain(answer: str, plain: str) -> None:
    assert plain_answer(answer) == plain


@pytest.mark.parametrize(
    ("agreeing", "accuracy"), [(0, 0.0), (1, 0.3), (2, 0.6), (3, 0.9), (4, 1.0), (10, 1.0)]
)
def test_vqa_accuracy_of_ten_people(agreeing: int, accuracy: float) -> None:
    people = ["A dog."] * agreeing + ["cat"] * (10 - agreeing)
    assert vqa_accuracy("dog", people) == pytest.approx(accuracy)


def test_vqa_accuracy_needs_two_answers() -> None:
    with pytest.raises(ValueError, match="two or more"):
        vqa_accuracy("dog", ["dog"])


def test_bleu_of_whole_sets() -> None:
    same = captions.bleu(["a dog on the grass"], [["A dog, on the grass."]])
    assert same == pytest.approx([100.0] * 4)
    # "a dog runs" twice against other numbers of references: 5 of 6 words, 3 of 4 pairs, 1 of 2 triples.
    one, two, three, four = captions.bleu(
        ["a dog runs", "a cat runs"], [["a dog runs"], ["a cat sits", "the cat sleeps"]]
    )
    assert one == pytest.approx(100 * 5 / 6)
    assert two == pytest.approx(100 * sqrt(5 / 6 * 3 / 4))
    assert three == pytest.approx(100 * (5 / 6 * 3 / 4 * 1 / 2) ** (1 / 3))
    assert four == 0.0


@pytest.fixture
def images(tmp_path: Path) -> Path:
    for name, width in (("one.png", 8), ("two.png", 12)):
        cv2.imwrite(str(tmp_path / name), np.zeros((6, width, 3), np.uint8))
    return tmp_path


def test_a_reader_is_measured_on_a_folder(images: Path) -> None:
    (images / "labels.tsv").write_text(
        "file\tmood\tcaptions\none.png\tsad\tA sad man on a bench . | a man sits\n"
        'two.png\tcalm\ta dog on "green" grass\n',
        encoding="utf-8",
    )
    rows = captions.read_rows(images / "labels.tsv", "file", "captions")
    references = captions.parts(rows, "captions")
    assert references == [["A sad man on a bench .", "a man sits"], ['a dog on "green" grass']]
    said = captions.read_all(FakeSceneReader("a person on a bench", "a dog on green grass"), rows, images)
    *_, written, places = captions.caption_table("fake", said, references)
    # 9 of 10 words; the nearest references have 6 + 5 words, and exp(1 - 11/10) is the penalty for that.
    assert written.startswith("| fake | as written | 2 | 81.4 |")
    assert places.startswith("| fake | about places | 2 | 100.0 |")
    captions.write(images / "out.tsv", rows, said)
    again = captions.read_rows(images / "out.tsv", "file", "captions", "said")
    assert [row["said"] for row in again] == said
    assert [row | {"said": said[place]} for place, row in enumerate(rows)] == again


def test_answers_are_measured_on_a_folder(images: Path) -> None:
    (images / "questions.tsv").write_text(
        "image\tquestion\tanswers\none.png\twhat is it?\ta dog | dog | dog | dog | cat\n"
        "two.png\tis it dark?\tno | no | no | no\n",
        encoding="utf-8",
    )
    rows = captions.read_rows(images / "questions.tsv", "image", "question", "answers")
    answerer = FakeAnswerer(what="Dog")
    said = captions.answer_all(answerer, rows, images)
    assert said == ["Dog", "yes"]
    assert answerer.asked == [((6, 8, 3), "what is it?"), ((6, 12, 3), "is it dark?")]
    *_, line = captions.answer_table("fake", said, captions.parts(rows, "answers"))
    assert line == "| fake | 2 | 0.500 |"


@pytest.mark.parametrize("text", ["", "file\tcaptions\n", "image\tcaptions\na.png\ta dog\n"])
def test_a_table_without_what_is_needed_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "labels.tsv").write_text(text, encoding="utf-8")
    with pytest.raises(SystemExit, match="needs the columns file, captions"):
        captions.read_rows(tmp_path / "labels.tsv", "file", "captions")


def test_a_picture_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"gone\.png cannot be read"):
        captions.picture(tmp_path / "gone.png")
