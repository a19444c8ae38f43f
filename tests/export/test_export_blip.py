"""The exported graphs say what transformers' `generate` says, token for token."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import BlipForConditionalGeneration

from player.config.settings.perception import VisionSettings
from player.errors import ModelError, ModelFileDamagedError, ModelFileNotFoundError
from player.types import Frame
from player.vision.blip.decoding import Search, generate
from player.vision.blip.model import DECODER, ENCODER, TOKENIZER, Captioner
from player.vision.blip.pixels import to_input
from player.vision.blip.reader import BlipReader
from player.vision.factory import open_reader
from scripts.evaluate.compare_blip import Nearness
from scripts.export.blip import export
from scripts.export.blip_checkpoint import Checkpoint, NotBlipError, bert_tokenizer
from scripts.export.blip_random import TINY_TEXT, TINY_VISION, VOCABULARY, build
from scripts.export.onnx_graph import Precision
from tests.export.common import PICTURES, of_products, pictures

PROMPTS = ("", "a photo of", "two people walking")
SEP = VOCABULARY.index("[SEP]")

Exported = Callable[[int, Precision], Captioner]


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("checkpoint"), TINY_TEXT, TINY_VISION)


@pytest.fixture(scope="session")
def torch_model(checkpoint: Path) -> BlipForConditionalGeneration:
    torch.set_num_threads(1)  # on so small a model, threads would mostly wait for each other
    return BlipForConditionalGeneration.from_pretrained(checkpoint).eval()


@pytest.fixture(scope="session")
def exported(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """A captioner for an image size and a precision."""
    made: dict[tuple[int, Precision], Captioner] = {}

    def get(size: int, precision: Precision) -> Captioner:
        if (size, precision) not in made:
            folder = tmp_path_factory.mktemp(f"{precision}-{size}")
            export(Checkpoint(checkpoint), folder, "tests", size, precision)
            made[size, precision] = Captioner(1, folder)
        return made[size, precision]

    return get


def said_by_torch(
    model: BlipForConditionalGeneration, pixels: object, prompt: list[int], **kwargs: object
) -> list[int]:
    ids = torch.tensor([[*prompt, SEP]])  # generate drops the last token, which the processor puts there
    found = model.generate(torch.from_numpy(pixels), input_ids=ids, interpolate_pos_encoding=True, **kwargs)
    tokens: list[int] = found[0].tolist()
    return tokens


@pytest.mark.parametrize("beams", [1, 3])
@pytest.mark.parametrize("size", [TINY_VISION["image_size"], 96])
def test_the_same_tokens_as_transformers(
    torch_model: BlipForConditionalGeneration, exported: Exported, size: int, beams: int
) -> None:
    captioner = exported(size, "fp32")
    sentences = set()
    ended = 0
    for image in pictures():
        pixels = to_input(image, size, captioner.blip.mean, captioner.blip.std)
        for text in PROMPTS:
            prompt = captioner.prompt(text)
            expected = said_by_torch(torch_model, pixels, prompt, num_beams=beams)
            assert captioner.tokens(image, prompt, beams=beams) == expected
            sentences.add(tuple(expected))
            ended += expected[-1] == SEP
    assert len(sentences) > PICTURES, "the pictures and prompts make no difference: nothing was tested"
    assert 0 < ended < PICTURES * len(PROMPTS), "sentences should end both by themselves and at the limit"


@pytest.mark.parametrize("early_stopping", [True, False, "never"])
@pytest.mark.parametrize("length_penalty", [-1.0, 0.0, 2.0])
def test_beam_search_with_other_settings(
    torch_model: BlipForConditionalGeneration,
    exported: Exported,
    early_stopping: bool | str,
    length_penalty: float,
) -> None:
    captioner = exported(64, "fp32")
    prompt = captioner.prompt("")
    for image in pictures(10):
        pixels = to_input(image, 64, captioner.blip.mean, captioner.blip.std)
        settings = {"length_penalty": length_penalty, "early_stopping": early_stopping}
        expected = said_by_torch(torch_model, pixels, prompt, num_beams=4, max_new_tokens=12, **settings)
        search = Search(SEP, 13, 4, length_penalty, early_stopping)  # type: ignore[arg-type]
        assert generate(captioner.look(image), prompt, search) == expected


def test_int8_is_near_fp32(exported: Exported) -> None:
    """The logits of the same tokens, and the share of equal tokens under free running."""
    exact, rough = exported(64, "fp32"), exported(64, "int8")
    near = Nearness()
    for image in pictures():
        tokens = exact.tokens(image, exact.prompt(""), max_tokens=12)
        near.add(exact.look(image), rough.look(image), tokens)
    assert np.median(near.cosines) > of_products(4 * 3 + 6 * 3 + 2), near
    assert near.equal > 0.8, near


def test_position_embeddings_are_interpolated_as_transformers_does(
    torch_model: BlipForConditionalGeneration, checkpoint: Path
) -> None:
    embeddings = torch_model.vision_model.embeddings
    for size in (32, 96, 224):
        patches = (size // 16) ** 2
        with torch.no_grad():
            expected = embeddings.interpolate_pos_encoding(torch.zeros(1, patches + 1, 32), size, size)
        np.testing.assert_allclose(Checkpoint(checkpoint).positions(size), expected.numpy(), atol=1e-5)


def test_a_prompt_begins_the_caption_and_limits_hold(exported: Exported) -> None:
    captioner = exported(64, "fp32")
    image = pictures(1)[0]
    assert captioner.caption(image, "a photo of", max_tokens=3).startswith("a photo of ")
    prompt = captioner.prompt("a photo of")
    assert prompt == [VOCABULARY.index(word) for word in ("[DEC]", "a", "photo", "of")]
    assert len(captioner.tokens(image, prompt, max_tokens=3)) <= len(prompt) + 3
    assert len(captioner.tokens(image, captioner.prompt("a " * 500), max_tokens=100)) <= 40
    assert "[" not in captioner.caption(image)


def test_the_checkpoints_decoding_settings_are_kept(checkpoint: Path, tmp_path: Path) -> None:
    folder = tmp_path / "checkpoint"
    shutil.copytree(checkpoint, folder)
    config = json.loads((folder / "config.json").read_text())
    config["text_config"] |= {"max_length": 9, "num_beams": 2}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "generation_config.json").write_text(json.dumps({"num_beams": 3, "length_penalty": 0.5}))
    export(Checkpoint(folder), tmp_path / "out", "tests", None, "fp32")
    captioner = Captioner(1, tmp_path / "out")
    assert (captioner.blip.max_length, captioner.blip.beams, captioner.blip.length_penalty) == (9, 3, 0.5)
    assert (captioner.blip.bos, captioner.blip.eos) == (VOCABULARY.index("[DEC]"), SEP)
    assert captioner.blip.image_size == 64
    assert len(captioner.tokens(pictures(1)[0], captioner.prompt("a photo of"))) <= 9


def test_a_vocabulary_alone_gives_the_same_tokenizer(checkpoint: Path, tmp_path: Path) -> None:
    (tmp_path / "vocab.txt").write_text("\n".join(VOCABULARY), encoding="utf-8")
    mine, theirs = Checkpoint(tmp_path).tokenizer(), Checkpoint(checkpoint).tokenizer()
    for text in ("Two dogs at a cafe", "xyz, walking!", ""):
        assert mine.encode(text).ids == theirs.encode(text).ids
    assert bert_tokenizer(VOCABULARY).decode(mine.encode("two dogs").ids) == "two dogs"


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ('{"model_type": "bert"}', "is no BLIP that captions or answers"),
        (
            '{"model_type": "blip", "architectures": ["BlipForImageTextRetrieval"]}',
            "BlipForImageTextRetrieval",
        ),
        ('{"model_type": "blip", "text_config": {"hidden_act": "relu"}}', "hidden_act"),
        ("not json", "is not JSON"),
        (None, "holds no config.json"),
        ('{"model_type": "blip"}', "holds no .safetensors file"),
    ],
)
def test_what_is_no_blip_is_refused(tmp_path: Path, config: str | None, says: str) -> None:
    if config is not None:
        (tmp_path / "config.json").write_text(config)
    (tmp_path / "pytorch_model.bin").write_bytes(b"never unpickled")
    (tmp_path / "vocab.txt").write_text("\n".join(VOCABULARY))
    with pytest.raises(NotBlipError, match=says):
        export(Checkpoint(tmp_path), tmp_path / "out", "tests", None, "fp32")


def test_truncated_weights_are_refused_by_name(checkpoint: Path, tmp_path: Path) -> None:
    folder = tmp_path / "checkpoint"
    shutil.copytree(checkpoint, folder)
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(NotBlipError, match=r"model\.safetensors is damaged"):
        export(Checkpoint(folder), tmp_path / "out", "tests", None, "fp32")


@pytest.fixture
def built(checkpoint: Path, tmp_path: Path) -> Path:
    export(Checkpoint(checkpoint), tmp_path / "blip", "tests", 64, "int8")
    return tmp_path / "blip"


def test_the_reader_fills_a_scene(built: Path) -> None:
    reader = BlipReader(VisionSettings.model_validate({"blip": {"prompt": "a photo of"}}), built)
    scene = reader.read(Frame(pictures(1)[0], captured_at=2.5, seq=1, source="test"), motion=0.25)
    assert scene.caption.startswith("a photo of")
    assert (scene.reader, scene.captured_at, scene.motion) == ("blip", 2.5, 0.25)
    assert scene.people == scene.objects.get("person", 0)
    assert 0 < scene.light.brightness < 1


@pytest.mark.parametrize("name", [ENCODER, DECODER, TOKENIZER])
def test_a_damaged_or_missing_file_is_refused_by_name_and_the_compact_reader_serves(
    built: Path, name: str
) -> None:
    content = bytearray((built / name).read_bytes())
    content[len(content) // 2] ^= 1
    (built / name).write_bytes(content)
    with pytest.raises(ModelFileDamagedError, match=f"{name} is damaged.*--with-blip"):
        Captioner(1, built)
    reader, note = open_reader(VisionSettings(), built)
    assert reader.name == "compact"
    assert note is not None
    assert name in note
    (built / name).unlink()
    with pytest.raises(ModelFileNotFoundError, match=f"{name} is missing.*--with-blip"):
        Captioner(1, built)


@pytest.mark.parametrize("manifest", ["{}", "[", '{"files": {}, "blip": {"format": 99}}'])
def test_a_manifest_of_another_version_is_refused(built: Path, manifest: str) -> None:
    (built / "manifest.json").write_text(manifest)
    with pytest.raises(ModelError, match=r"manifest\.json cannot be used.*--with-blip"):
        Captioner(1, built)
