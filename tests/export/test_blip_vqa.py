"""A BLIP that answers questions, exported, answers what transformers' `generate` answers, token for token."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import BlipForQuestionAnswering

from player.config.settings.perception import VisionSettings
from player.errors import ModelError
from player.vision.blip.decoding import Search, generate
from player.vision.blip.model import BLIP_DIR, Captioner
from player.vision.blip.pixels import to_input
from player.vision.factory import open_reader
from scripts.evaluate import captions
from scripts.evaluate.blip_answers import BlipAnswerer
from scripts.evaluate.compare_blip import Nearness
from scripts.export import blip
from scripts.export.blip_checkpoint import Checkpoint
from scripts.export.blip_random import TINY_TEXT, TINY_VISION, VOCABULARY, build
from tests.export.common import of_products, pictures

QUESTIONS = (
    "the two people in the room",
    "a young woman in the crowded cafe standing and sitting at the small green table with a red cup",
    "red",
    "",
)
CLS, SEP, DEC = (VOCABULARY.index(name) for name in ("[CLS]", "[SEP]", "[DEC]"))
VISION = TINY_VISION | {"hidden_size": TINY_TEXT["hidden_size"]}
TEXT = TINY_TEXT | {"encoder_hidden_size": TINY_TEXT["hidden_size"]}

PRODUCTS = 4 * 3 + 6 * 3 + 6 * 3 + 2
"""From a picture to an answer: the vision model's, the question's and the decoder's layers, and the head."""


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("vqa"), TEXT, VISION, seed=4, kind=BlipForQuestionAnswering)


@pytest.fixture(scope="module")
def torch_model(checkpoint: Path) -> BlipForQuestionAnswering:
    torch.set_num_threads(1)
    return BlipForQuestionAnswering.from_pretrained(checkpoint).eval()


@pytest.fixture(scope="module")
def fp32(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fp32")
    blip.export(Checkpoint(checkpoint), folder, "tests", None, "fp32")
    return folder


def question_ids(text: str) -> list[int]:
    """As BlipProcessor's tokenizer has them: no picture's and no padding tokens."""
    return [CLS, *(VOCABULARY.index(word) for word in text.split()), SEP]


def answered_by_torch(
    model: BlipForQuestionAnswering, pixels: object, question: list[int], **kwargs: object
) -> list[int]:
    ids = torch.tensor([question])
    given = {"attention_mask": torch.ones_like(ids), "interpolate_pos_encoding": True, **kwargs}
    tokens: list[int] = model.generate(ids, torch.from_numpy(pixels), **given)[0].tolist()
    return tokens


@pytest.mark.parametrize("beams", [1, 3])
@pytest.mark.parametrize("size", [None, 96])
def test_the_same_answers_as_transformers(
    torch_model: BlipForQuestionAnswering, checkpoint: Path, tmp_path: Path, size: int | None, beams: int
) -> None:
    blip.export(Checkpoint(checkpoint), tmp_path, "tests", size, "fp32")
    answerer = BlipAnswerer(tmp_path, 1)
    of_question: dict[str, set[tuple[int, ...]]] = {}
    of_picture: dict[int, set[tuple[int, ...]]] = {}
    ended = 0
    for number, image in enumerate(pictures()):
        pixels = to_input(image, answerer.blip.image_size, answerer.blip.mean, answerer.blip.std)
        for question in QUESTIONS:
            expected = answered_by_torch(torch_model, pixels, question_ids(question), num_beams=beams)
            assert answerer.tokens(image, question, beams=beams) == expected
            assert expected[0] == DEC
            of_question.setdefault(question, set()).add(tuple(expected))
            of_picture.setdefault(number, set()).add(tuple(expected))
            ended += expected[-1] == SEP
    assert all(len(told) > 1 for told in of_question.values()), "the pictures make no difference"
    assert any(len(told) > 1 for told in of_picture.values()), "the questions make no difference"
    assert 0 < ended < len(pictures()) * len(QUESTIONS), "answers should end by themselves and at the limit"


@pytest.mark.parametrize(("early_stopping", "length_penalty"), [(True, 0.0), (False, -1.0), ("never", 2.0)])
def test_beam_search_with_other_settings(
    torch_model: BlipForQuestionAnswering, fp32: Path, early_stopping: bool | str, length_penalty: float
) -> None:
    answerer = BlipAnswerer(fp32, 1)
    for image in pictures(6):
        pixels = to_input(image, 64, answerer.blip.mean, answerer.blip.std)
        for question in QUESTIONS[:2]:
            settings = {"length_penalty": length_penalty, "early_stopping": early_stopping}
            ids = question_ids(question)
            expected = answered_by_torch(torch_model, pixels, ids, num_beams=4, max_new_tokens=9, **settings)
            search = Search(SEP, 10, 4, length_penalty, early_stopping)  # type: ignore[arg-type]
            assert generate(answerer.look(image, question), [DEC], search) == expected


def test_int8_is_near_fp32(checkpoint: Path, fp32: Path, tmp_path: Path) -> None:
    blip.export(Checkpoint(checkpoint), tmp_path, "tests", None, "int8")
    exact, rough = BlipAnswerer(fp32, 1), BlipAnswerer(tmp_path, 1)
    near = Nearness()
    for image in pictures():
        for question in QUESTIONS:
            tokens = exact.tokens(image, question, max_tokens=6)
            near.add(exact.look(image, question), rough.look(image, question), tokens)
    assert np.median(near.cosines) > of_products(PRODUCTS), near


def test_an_answer_is_words(fp32: Path) -> None:
    answer = BlipAnswerer(fp32, 1).answer(pictures(1)[0], "Who sits at the table?")
    assert answer
    assert "[" not in answer
    assert BlipAnswerer(fp32, 1).answer(pictures(1)[0], "people " * 500) is not None  # cut, not refused


def test_answers_are_measured(
    fp32: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import cv2  # noqa: PLC0415

    cv2.imwrite(str(tmp_path / "one.png"), pictures(1)[0])
    said = BlipAnswerer(fp32, 1).answer(pictures(1)[0], "red")
    rows = f"image\tquestion\tanswers\none.png\tred\t{said} | {said} | {said} | {said}\n"
    (tmp_path / "questions.tsv").write_text(rows)
    asked = [str(tmp_path / "questions.tsv"), str(tmp_path), "--reader", "blip-vqa", "--blip", str(fp32)]
    monkeypatch.setattr(sys, "argv", ["eval_captions", *asked])
    captions.main()
    assert "| blip-vqa | 1 | 1.000 |" in capsys.readouterr().out


def test_the_player_refuses_it_by_name_and_the_compact_reader_serves(fp32: Path) -> None:
    with pytest.raises(ModelError, match=r"manifest\.json .*to answer, not to caption.*--with-blip"):
        Captioner(1, fp32)
    reader, note = open_reader(VisionSettings(), fp32)
    assert reader.name == "compact"
    assert note is not None
    assert "not to caption" in note


def test_the_answerer_refuses_a_captioning_model(fp32: Path, tmp_path: Path) -> None:
    manifest = json.loads((fp32 / "manifest.json").read_text())
    manifest["blip"]["task"] = "caption"
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ModelError, match=r"to caption, not to answer.*scripts\.export\.blip"):
        BlipAnswerer(tmp_path)


def test_the_players_folder_is_not_written(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (BLIP_DIR / "manifest.json").exists()
    monkeypatch.setattr(sys, "argv", ["export_blip", str(checkpoint)])
    assert blip.main() == 1
    said = capsys.readouterr().err
    assert "answers questions" in said
    assert "--out" in said
    assert said.count("\n") == 1
    assert (BLIP_DIR / "manifest.json").exists() == before
