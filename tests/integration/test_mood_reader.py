"""The bundled mood reader, with its real model."""

import csv
import json
import shutil

import numpy as np
import pytest

from player.config.settings.mood import MoodSettings
from player.emotions import FEELINGS, MOOD7
from player.errors import ModelError, ModelFileDamagedError, ModelFileNotFoundError
from player.models import MODELS_DIR
from player.mood.onnx_reader import MODEL, TOKENIZER, OnnxMoodReader


@pytest.fixture(scope="module")
def reader() -> OnnxMoodReader:
    return OnnxMoodReader(MoodSettings())


@pytest.mark.parametrize(
    ("axis", "lower", "higher"),
    [
        ("energy", "a quiet empty library in the morning", "a crowd dancing at a party"),
        ("energy", "a cat sleeping on a sofa", "people running on treadmills in a gym"),
        ("energy", "two people, bookshop, bright light", "a crowd of people, bar, a lot of movement"),
        ("energy", "an empty café", "a crowded café at noon"),
        ("energy", "rainy sunday morning", "friday night party"),
        ("valence", "a man crying alone in the rain", "children laughing at a birthday party"),
        ("valence", "an abandoned house with broken windows", "a sunny garden full of flowers"),
        ("valence", "a fight breaks out in the street", "friends having a picnic in the park"),
        ("valence", "an empty room, grey dim light", "friends at a dining table with wine glasses"),
    ],
)
def test_obvious_pairs_are_ranked(reader, axis, lower, higher):
    low, high = reader.read([lower, higher])
    assert getattr(low, axis) + 0.2 < getattr(high, axis)


@pytest.mark.parametrize(
    ("text", "mood7"),
    [
        ("children laughing at a birthday party", "happy"),
        ("a couple at a candlelit dinner with red roses", "romantic"),
        ("a woman weeps beside a grave", "sad"),
        ("two men punching each other in an alley", "aggressive"),
        ("a motorcycle jumps high over a ramp in front of a crowd", "dramatic"),
        ("a calm lake at sunrise", "calm"),
        ("a parked van on a street", "neutral"),
    ],
)
def test_typical_scenes_get_their_mood(reader, text, mood7):
    assert reader.read([text])[0].mood7 == mood7


@pytest.mark.parametrize(
    ("text", "valence", "energy"),
    [
        ("Candles burn on the tables of a dark restaurant.", 0.038, -0.831),
        ("A lone woman stares at her phone in a grey waiting room.", -0.545, -0.880),
        ("A couple argues loudly near the counter.", -0.526, 0.491),
    ],
)
def test_every_processor_reads_alike(reader, text, valence, energy):
    """An x86 without VNNI would add 8-bit products in too few bits: these were 0.016 to 0.025 off."""
    (mood,) = reader.read([text])
    assert (mood.valence, mood.energy) == pytest.approx((valence, energy), abs=0.01)


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\u200b", "🎉", "\ud800"])
def test_what_says_nothing_is_neutral(reader, text):
    mood = reader.read([text])[0]
    assert (mood.valence, mood.energy, mood.mood7) == (0, 0, "neutral")
    assert len(set(mood.moods.values())) == 1


@pytest.mark.parametrize(
    "text",
    [
        "비 오는 일요일 아침",
        "a party \U0001f389 with balloons",
        "broken \udcff name",
        "\x00\x07",
        "l'été à la plage",
        "a long day " * 5000,
        "x" * 100_000,
    ],
)
def test_any_text_gets_a_whole_mood(reader, text):
    mood = reader.read([text])[0]
    assert -1 <= mood.valence <= 1
    assert -1 <= mood.energy <= 1
    assert mood.mood7 in MOOD7
    assert tuple(mood.moods) == FEELINGS
    assert sum(mood.moods.values()) == pytest.approx(1)


def test_a_mood_does_not_depend_on_its_neighbours(reader):
    texts = ["a quiet library", "a crowd dancing at a party, confetti everywhere, and a brass band", ""]
    assert reader.read(texts) == [reader.read([text])[0] for text in texts]
    assert reader.read([]) == []


def test_the_feelings_agree_with_the_point(reader):
    party, library = reader.read(["a crowd dancing at a party", "a quiet empty library in the morning"])
    assert party.name in ("joyful", "energizing", "triumphant", "amusing")
    assert library.name in ("calm", "dreamy", "beautiful")


@pytest.fixture
def copied_models(tmp_path):
    entries = json.loads((MODELS_DIR / "manifest.json").read_text("utf-8"))["files"]
    kept = {name: entries[name] for name in (MODEL, TOKENIZER)}
    (tmp_path / "manifest.json").write_text(json.dumps({"files": kept}), "utf-8")
    for name in kept:
        shutil.copy(MODELS_DIR / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize("name", [MODEL, TOKENIZER])
def test_a_damaged_file_is_refused(copied_models, name):
    content = bytearray((copied_models / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copied_models / name).write_bytes(content)
    with pytest.raises(ModelFileDamagedError, match="restore it"):
        OnnxMoodReader(MoodSettings(), copied_models)


@pytest.mark.parametrize("name", [MODEL, TOKENIZER])
def test_a_missing_file_is_named(copied_models, name):
    (copied_models / name).unlink()
    with pytest.raises(ModelFileNotFoundError, match=name):
        OnnxMoodReader(MoodSettings(), copied_models)


def test_a_tokenizer_that_is_none_is_refused(copied_models):
    manifest = json.loads((copied_models / "manifest.json").read_text("utf-8"))
    manifest["files"][TOKENIZER]["sha256"] = (
        "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    )
    (copied_models / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    (copied_models / TOKENIZER).write_text("{}", "utf-8")
    with pytest.raises(ModelError, match="cannot be opened by tokenizers"):
        OnnxMoodReader(MoodSettings(), copied_models)


def test_captions_that_the_model_has_never_seen_are_ranked_as_people_would(reader, shared_data):
    with (shared_data / "scene_captions" / "captions.tsv").open(encoding="utf-8") as file:
        rows = [
            row
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            if row["id"].startswith("f8k:")
        ]
    moods = reader.read([row["caption"] for row in rows])
    for axis, least in (("valence", 0.6), ("energy", 0.8)):
        labels = np.array([float(row[axis]) for row in rows])
        readings = np.array([getattr(mood, axis) for mood in moods])
        # Labels are whole numbers with many ties: for rank correlation each tie takes its mean rank.
        ranks = np.array([np.mean(labels < x) + np.mean(labels == x) / 2 for x in labels])
        assert np.corrcoef(ranks, readings.argsort().argsort())[0, 1] > least
