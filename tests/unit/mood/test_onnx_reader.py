"""A sentence is read to its end, however many tokens it has, and Korean however it is encoded."""

import unicodedata
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pytest
from tokenizers import Tokenizer

from player.config.settings.mood import MoodSettings
from player.models import MODELS_DIR
from player.mood import onnx_reader
from player.mood.bundled_reader import BundledMoodReader
from player.mood.onnx_reader import MAX_TOKENS, NOTHING, TOKENIZER, OnnxMoodReader

JOY = Tokenizer.from_file(str(MODELS_DIR / TOKENIZER)).token_to_id("joy")


class FakeSession:
    """To it everything is sad but what has joy in it; it takes no more tokens than the model has seen."""

    def __init__(self) -> None:
        self.runs = 0

    def run(self, _: None, feeds: Mapping[str, npt.NDArray[np.int64]]) -> list[npt.NDArray[np.float32]]:
        self.runs += 1
        assert feeds["ids"].shape[1] <= MAX_TOKENS
        at = 1.0 if JOY in feeds["ids"] else -1.0
        return [np.array([row], np.float32) for row in ([at, at], [at, *[0.0] * 6], [at, *[0.0] * 12])]


@pytest.mark.parametrize(
    ("text", "valence", "mood7"),
    [
        ("sad", -1.0, "romantic"),
        ("sad " * 62 + "joy " * 31, -1 / 3, "romantic"),
        ("joy " * 62 + "sad " * 31, 1 / 3, "happy"),
        ("joy " * 62 + "뷁 " * 62, 1.0, "happy"),
        ("sad " * 10_000, -1.0, "romantic"),
    ],
)
def test_a_long_sentence_is_read_to_its_end(
    text: str, valence: float, mood7: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = FakeSession()
    monkeypatch.setattr(onnx_reader, "open_session", lambda *_: session)
    reader = OnnxMoodReader(MoodSettings())
    assert reader.read(["뷁 " * 100]) == [NOTHING]
    (mood,) = reader.read([text])
    assert (mood.valence, mood.energy) == (pytest.approx(valence), pytest.approx(valence))
    assert mood.mood7 == mood7
    assert session.runs <= 3, "and no longer than anybody writes"


@pytest.mark.parametrize("text", ["비 오는 조용한 일요일 아침", "a quiet night, 조용한 밤"])
def test_korean_in_its_parts_is_read_as_in_whole_syllables(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onnx_reader, "open_session", lambda *_: FakeSession())
    reader = BundledMoodReader(MoodSettings())
    whole, parts = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    assert parts != whole
    assert reader.read([parts]) == reader.read([whole]) != [NOTHING]
    assert reader.knows(parts)
