"""Trained weights through the whole path, from pictures of coloured things to what is said of them.

Small networks learn to say what is shown, are exported, and the words are right: as the player reads them,
and as scripts/evaluate/captions.py measures them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import NamedTuple, get_args

import cv2
import numpy as np
import pytest
import torch
from transformers import BlipForConditionalGeneration, BlipForQuestionAnswering

from player.types import Image
from player.vision.blip.model import Captioner
from scripts.evaluate import captions
from scripts.evaluate.blip_answers import BlipAnswerer
from scripts.evaluate.compare_blip import Nearness
from scripts.export.blip import export
from scripts.export.blip_checkpoint import Checkpoint, bert_tokenizer
from scripts.export.blip_random import Model
from scripts.export.onnx_graph import Precision
from scripts.train.blip_small import (
    IGNORED,
    caption_loss,
    fit,
    padded,
    prepared,
    save,
    untrained,
    vocabulary,
)
from tests.export.common import of_products

pytestmark = pytest.mark.timeout(600)  # half a minute of training, longer where others work beside it

SIZE, HIDDEN, HEADS, LAYERS = 64, 64, 4, 2
COLOURS = {"red": (40, 40, 220), "green": (60, 170, 60), "blue": (220, 90, 40), "yellow": (50, 220, 230)}
THINGS = ("ball", "bench", "door")
GROUNDS = {"dark wall": (40, 40, 40), "bright wall": (215, 215, 215)}
ALL = list(product(COLOURS, THINGS, GROUNDS))


class Shown(NamedTuple):
    image: Image
    colour: str
    thing: str
    caption: str


def shown(seed: int, rounds: int) -> Iterator[Shown]:
    """Every thing so many times, each time elsewhere and of another size, on a noisy wall."""
    random = np.random.default_rng(seed)
    for colour, thing, ground in ALL * rounds:
        image = random.normal(GROUNDS[ground], 12, (72, 96, 3)).clip(0, 255).astype(np.uint8)
        radius = int(random.integers(22, 27))
        x, y = int(random.integers(radius, 96 - radius)), int(random.integers(radius, 72 - radius))
        if thing == "ball":
            cv2.circle(image, (x, y), radius, COLOURS[colour], -1)
        else:
            w, h = (radius, radius // 3) if thing == "bench" else (radius // 3, radius)
            cv2.rectangle(image, (x - w, y - h), (x + w, y + h), COLOURS[colour], -1)
        yield Shown(image, colour, thing, f"a {colour} {thing} on a {ground}")


QUESTIONS = {"what colour is it?": "colour", "which thing is on the wall?": "thing"}
WORDS = vocabulary([*(one.caption for one in shown(0, 1)), *QUESTIONS])
DEC, SEP = WORDS.index("[DEC]"), WORDS.index("[SEP]")
SEEN, NEW = list(shown(1, 24)), list(shown(2, 3))
EPOCHS, BATCH = 24, 24
RIGHT = 0.95
"""Share of right sentences about new pictures: all, here; another CPU rounds, and so learns, otherwise."""
ALIKE = 0.98
"""Share of words that int8 and fp32 have in common. A trained network leads by more than int8's noise, but
for a picture or two that lie on a border.
"""


def tokens(text: str) -> list[int]:
    """Without [CLS] and [SEP]."""
    return list(bert_tokenizer(WORDS).encode(text, add_special_tokens=False).ids)


def trained(kind: type[Model]) -> Model:
    torch.manual_seed(0)
    torch.set_num_threads(1)  # on so small a model, threads would mostly wait for each other
    return untrained(kind, WORDS, SIZE, HIDDEN, HEADS, LAYERS)


@pytest.fixture(scope="module")
def captioning(tmp_path_factory: pytest.TempPathFactory) -> Path:
    model = trained(BlipForConditionalGeneration)
    images = torch.cat([prepared(one.image, SIZE) for one in SEEN])
    told = [[DEC, *tokens(one.caption), SEP] for one in SEEN]

    def loss_of(chosen: list[int]) -> torch.Tensor:
        return caption_loss(model, images[chosen], [told[n] for n in chosen])

    fit(model, len(SEEN), loss_of, EPOCHS, BATCH)
    folder = tmp_path_factory.mktemp("captioning")
    save(model, WORDS, folder)
    return exported(folder)


@pytest.fixture(scope="module")
def answering(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both questions about each picture; shorter ones are padded, as in training a real one."""
    model = trained(BlipForQuestionAnswering)
    images = torch.cat([prepared(one.image, SIZE) for one in SEEN])
    asked = [[WORDS.index("[CLS]"), *tokens(question), SEP] for question in QUESTIONS]
    told = [[[DEC, *tokens(getattr(one, of)), SEP] for of in QUESTIONS.values()] for one in SEEN]

    def loss_of(chosen: list[int]) -> torch.Tensor:
        questions = padded(asked * len(chosen), 0)
        answers = [answer for n in chosen for answer in told[n]]
        loss: torch.Tensor = model(
            input_ids=questions,
            attention_mask=(questions != 0).long(),
            pixel_values=images[chosen].repeat_interleave(len(QUESTIONS), dim=0),
            decoder_input_ids=padded(answers, 0),
            labels=padded(answers, IGNORED),
        ).loss
        return loss

    fit(model, len(SEEN), loss_of, EPOCHS // 2, BATCH)
    folder = tmp_path_factory.mktemp("answering")
    save(model, WORDS, folder)
    return exported(folder)


def exported(folder: Path) -> Path:
    """The checkpoint's folder, in which lie now its exports, fp32 and int8."""
    for precision in get_args(Precision):
        export(Checkpoint(folder), folder / precision, "tests", None, precision)
    return folder


@pytest.mark.parametrize("precision", get_args(Precision))
def test_the_right_words(captioning: Path, precision: str) -> None:
    captioner = Captioner(1, captioning / precision)
    said = [captioner.caption(one.image) for one in NEW]
    assert np.mean([caption == one.caption for caption, one in zip(said, NEW, strict=True)]) >= RIGHT, said


def test_int8_says_what_fp32_says(captioning: Path, answering: Path) -> None:
    near = Nearness()
    exact, rough = (Captioner(1, captioning / name) for name in ("fp32", "int8"))
    for one in NEW:
        near.add(exact.look(one.image), rough.look(one.image), exact.tokens(one.image, exact.prompt("")))
    assert np.median(near.cosines) > of_products(6 * LAYERS + 4 * LAYERS + 2), near
    assert near.equal >= ALIKE, near
    near = Nearness()
    asked, hurried = (BlipAnswerer(answering / name, 1) for name in ("fp32", "int8"))
    for one, question in product(NEW, QUESTIONS):
        tokens = asked.tokens(one.image, question)
        near.add(asked.look(one.image, question), hurried.look(one.image, question), tokens)
    assert np.median(near.cosines) > of_products(2 * 6 * LAYERS + 4 * LAYERS + 2), near
    assert near.equal >= ALIKE, near


@pytest.mark.parametrize("precision", get_args(Precision))
def test_answers_are_measured_by_what_ten_people_say(
    answering: Path,
    precision: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Seven of ten give the answer to one question, two to the other.

    Leaving each of the ten out, the one answer gets 1; the other 1/3 where one who gave it is left out, and
    2/3 else: (2 / 3 + 8 * 2 / 3) / 10 = 0.6.
    """
    lines = ["image\tquestion\tanswers"]
    for number, one in enumerate(NEW):
        cv2.imwrite(str(tmp_path / f"{number}.png"), one.image)
        for (question, of), many in zip(QUESTIONS.items(), (7, 2), strict=True):
            answers = [getattr(one, of)] * many + ["something"] * (10 - many)
            lines.append(f"{number}.png\t{question}\t{' | '.join(answers)}")
    table = tmp_path / "questions.tsv"
    table.write_text("\n".join(lines), encoding="utf-8")
    asked = [str(table), str(tmp_path), "--reader", "blip-vqa", "--blip", str(answering / precision)]
    monkeypatch.setattr(sys, "argv", ["eval_captions", *asked])
    captions.main()
    accuracy = float(capsys.readouterr().out.split("|")[-2])
    assert RIGHT * 0.8 <= accuracy <= 0.8
