"""The larger reader of sentences, in small, and what the shipped one learns from it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from tokenizers import Tokenizer  # noqa: E402
from tokenizers.models import WordLevel  # noqa: E402
from tokenizers.pre_tokenizers import Whitespace  # noqa: E402

from player.emotions import FEELINGS, MOOD7  # noqa: E402
from player.types import MoodPoint  # noqa: E402
from scripts.train.mood_batches import TAUGHT, Rows  # noqa: E402
from scripts.train.mood_data import Labelled, arrays  # noqa: E402
from scripts.train.mood_opinions import Opinions  # noqa: E402
from scripts.train.mood_teacher import TUNED, Teacher, lower_states, measure, opinions, train  # noqa: E402

TEXTS = ["a loud party", "a calm room", "a party", "a loud loud loud room"]


@pytest.fixture
def teacher(tmp_path: Path) -> Teacher:
    shape = transformers.MPNetConfig(
        vocab_size=9, hidden_size=32, num_hidden_layers=TUNED + 1, num_attention_heads=2, intermediate_size=32
    )
    torch.manual_seed(0)
    transformers.MPNetModel(shape).save_pretrained(tmp_path)
    known = {
        word: n
        for n, word in enumerate(["<s>", "<pad>", "</s>", "[UNK]", "a", "loud", "calm", "party", "room"])
    }
    words = Tokenizer(WordLevel(known, unk_token="[UNK]"))
    words.pre_tokenizer = Whitespace()
    words.save(str(tmp_path / "tokenizer.json"))
    return Teacher(tmp_path).eval()


def labelled(text: str, source: str = "own") -> Labelled:
    lively = "loud" in text
    mood = "happy" if lively else "calm"
    return Labelled(text, MoodPoint(0.5, 0.9 if lively else -0.9), mood, mood, text, source)


def test_a_sentence_is_read_alike_alone_and_beside_longer_ones(teacher: Teacher) -> None:
    beside = opinions(teacher, dict.fromkeys(TEXTS, "own"), lower_states(teacher, TEXTS))
    alone = opinions(teacher, {TEXTS[2]: "own"}, lower_states(teacher, TEXTS[2:3]))
    np.testing.assert_allclose(beside.points[2], alone.points[0], atol=2e-3)
    np.testing.assert_allclose(beside.moods[2], alone.moods[0], atol=2e-3)


def test_its_states_are_those_of_the_whole_network(teacher: Teacher) -> None:
    """The lower layers kept, the upper ones run: nothing is lost between them but the half's precision."""
    ids = teacher.words.encode(TEXTS[0]).ids
    with torch.no_grad():
        whole = teacher.base(torch.tensor([ids])).last_hidden_state.mean(1)
        wanted = teacher.point(whole)
        found, _, _ = teacher(teacher.lower([ids]))
    torch.testing.assert_close(found, wanted, atol=5e-3, rtol=0)


def test_it_learns_and_leaves_the_lower_layers_alone(
    teacher: Teacher, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("scripts.train.mood_teacher.LAYER_RATE", 1e-2)
    before = [weight.clone() for weight in teacher.base.encoder.layer[0].parameters()]
    states = lower_states(teacher, TEXTS)
    train(teacher, [labelled(text) for text in TEXTS] * 1000, states)
    for weight, old in zip(teacher.base.encoder.layer[0].parameters(), before, strict=True):
        torch.testing.assert_close(weight, old, atol=0, rtol=0)
    found = opinions(teacher, dict.fromkeys(TEXTS, "own"), states)
    assert [energy > 0 for energy in found.points[:, 1]] == ["loud" in text for text in TEXTS]
    sources = ("coco", "judged", "photo", "venue", "wish")
    measure(found, [[labelled(text, source) for text in TEXTS] for source in sources])
    said = capsys.readouterr().out
    assert all(source in said for source in sources)


def made(text: str, source: str) -> Opinions:
    moods = np.full((1, len(MOOD7)), 0.1, np.float32)
    moods[0, MOOD7.index("sad")] = 0.4
    return Opinions(
        [text],
        [source],
        np.array([[-0.2, 0.1]], np.float32),
        moods,
        np.full((1, len(FEELINGS)), 1 / len(FEELINGS), np.float32),
    )


def test_opinions_are_kept_and_read_again(tmp_path: Path) -> None:
    said = made("a calm room", "seen")
    said.of([labelled("a calm room")])
    said.save(tmp_path / "sub" / "opinions.npz")
    with np.load(tmp_path / "sub" / "opinions.npz") as kept:
        assert set(kept) == {"texts", "sources", "points", "moods", "feelings"}, "no index by text, pickled"
    again = Opinions.load(tmp_path / "sub" / "opinions.npz")
    assert (again.texts, again.sources) == (said.texts, said.sources)
    np.testing.assert_array_equal(again.moods, said.moods)
    only = again.alone()
    assert [(item.text, item.mood7, item.source) for item in only] == [("a calm room", "sad", "seen")]
    assert not made("a calm room", "venue").alone(), "what people have labelled has labels"


def test_a_row_is_half_its_labels_and_half_the_opinion(teacher: Teacher) -> None:
    item = labelled("a calm room")
    said = made(item.text, item.source)
    plain, mixed = (Rows.of([item], teacher.words, {"own": 2}, each) for each in (None, said))
    assert len(mixed.ids) == 2
    for n, (labels, taught) in enumerate(
        zip(
            (plain.points, plain.moods, plain.feelings),
            (mixed.points, mixed.moods, mixed.feelings),
            strict=True,
        )
    ):
        opinion = torch.from_numpy(said.of([item])[n])
        torch.testing.assert_close(taught[:1], (1 - TAUGHT) * labels[:1] + TAUGHT * opinion)
    np.testing.assert_array_equal(plain.points[:1].numpy(), arrays([item])[0])
    with pytest.raises(KeyError):
        Rows.of([labelled("a party")], teacher.words, {"own": 1}, said)
