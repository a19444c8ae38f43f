"""From a model that scores the next token to a sequence of tokens: greedy and beam search.

Both give the token ids that transformers 5 gives with `do_sample=False` for a batch of one picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

NEVER = np.float32(-1e9)
"""Score of a sequence that does not exist."""


class NextToken(Protocol):
    """A decoder that remembers the tokens it has read, for one picture and one or more beams."""

    def read(self, tokens: Ints) -> Floats:
        """Read (B, T) more tokens, T >= 1; the (B, vocabulary) float32 logits of the next."""
        ...

    def keep(self, beams: Sequence[int]) -> None:
        """Go on with these of the beams read so far, in this order; one may stand there twice."""
        ...


@dataclass(frozen=True, slots=True)
class Search:
    """How a sequence is found; the names and the meanings are transformers'."""

    eos: int
    max_length: int
    """Tokens in all, the prompt included."""
    beams: int = 1
    length_penalty: float = 1.0
    early_stopping: bool | Literal["never"] = False


def generate(model: NextToken, prompt: Sequence[int], search: Search) -> list[int]:
    """The prompt and what follows, up to and with `eos` if it is reached within `max_length`."""
    if len(prompt) >= search.max_length:
        return list(prompt)
    return _greedy(model, prompt, search) if search.beams == 1 else _beam(model, prompt, search)


def _greedy(model: NextToken, prompt: Sequence[int], search: Search) -> list[int]:
    tokens = list(prompt)
    unread = tokens
    while True:
        logits = model.read(np.array([unread], np.int64))
        unread = [int(logits[0].argmax())]
        tokens = tokens + unread
        if unread[0] == search.eos or len(tokens) >= search.max_length:
            return tokens


@dataclass(frozen=True, slots=True)
class _Beam:
    score: np.float32
    """Sum of the log probabilities; of a finished one, divided by length ** length_penalty."""
    tokens: tuple[int, ...]
    came_from: int = 0
    ended: bool = False


def _beam(model: NextToken, prompt: Sequence[int], search: Search) -> list[int]:
    """Beam search as transformers' `_beam_search` does it, step for step, for one picture."""
    width = search.beams
    running = [_Beam(np.float32(0), tuple(prompt))]
    finished = [_Beam(NEVER, tuple(prompt))] * width
    logits = model.read(np.array([prompt], np.int64))
    while True:
        best = _continuations(logits, running, 2 * width, search)
        full = search.early_stopping is True and all(beam.ended for beam in finished)
        if not full:
            length = len(best[0].tokens) - len(prompt)
            done = [
                _Beam(np.float32(beam.score / length**search.length_penalty), beam.tokens, ended=True)
                for beam in best[:width]
                if beam.ended
            ]
            finished = _top([*finished, *done], width)
        # Sequences that ended stay behind all others; they are kept only if too few others exist.
        running = _top(
            [b if not b.ended else _Beam(b.score + NEVER, b.tokens, b.came_from) for b in best], width
        )
        if all(beam.ended for beam in best) or not _can_improve(running, finished, len(prompt), search):
            return list(finished[0].tokens)
        model.keep([beam.came_from for beam in running])
        logits = model.read(np.array([beam.tokens[-1:] for beam in running], np.int64))


def _continuations(logits: Floats, running: list[_Beam], number: int, search: Search) -> list[_Beam]:
    """The `number` best ways to go on by one token, the best first."""
    scores = _log_softmax(logits) + np.array([[beam.score] for beam in running], np.float32)
    flat = scores.ravel()
    number = min(number, flat.size)
    best = np.argpartition(-flat, number - 1)[:number]
    best = best[np.lexsort((best, -flat[best]))]
    found = []
    for place in best:
        beam, token = divmod(int(place), scores.shape[1])
        tokens = (*running[beam].tokens, token)
        ended = token == search.eos or len(tokens) >= search.max_length
        found.append(_Beam(flat[place], tokens, beam, ended))
    return found


def _can_improve(running: list[_Beam], finished: list[_Beam], start: int, search: Search) -> bool:
    """Whether a sequence that still runs may come out above a finished one."""
    if not all(beam.ended for beam in finished):
        return True
    if search.early_stopping is True:
        return False
    if search.early_stopping == "never" and search.length_penalty > 0:
        length = search.max_length - start
    else:
        length = len(running[0].tokens) - start
    best = np.float32(running[0].score / length**search.length_penalty)
    return bool(best > min(beam.score for beam in finished))


def _top(beams: list[_Beam], number: int) -> list[_Beam]:
    return sorted(beams, key=lambda beam: -beam.score)[:number]


def _log_softmax(logits: Floats) -> Floats:
    shifted = logits - logits.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)), np.float32)
