"""The few-shot prompt of prompt.toml as chat messages."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Sequence
from importlib import resources

from player.mood.llm.response import MoodResponse

Message = dict[str, str]
"""`role` and `content`, as in OpenAI's chat completions."""


class Prompt:
    """What a model is told. `version` changes with every change of the file."""

    def __init__(self) -> None:
        content = resources.files(__package__).joinpath("prompt.toml").read_bytes()
        data = tomllib.loads(content.decode("utf-8"))
        self.version = hashlib.sha256(content).hexdigest()[:12]
        self.voices: tuple[str, ...] = tuple(data["voices"])
        self.examples: tuple[tuple[str, MoodResponse], ...] = tuple(
            (example["sentence"], MoodResponse.model_validate(example)) for example in data["examples"]
        )
        self._instructions, self._decide = data["instructions"].strip(), data["decide"].strip()

    def messages(self, sentence: str, voice: int = 0) -> list[Message]:
        """What asks one of the voices about a sentence: examples go as turns of the talk.

        Small models keep to a form that they have seen themselves use better than to one described. What
        differs comes last: servers remember the beginning that requests have in common, and that is most of
        their work.
        """
        return self._asking(f"{sentence}\n{self.voices[voice]}".rstrip())

    def decision(self, sentence: str, opinions: Sequence[MoodResponse]) -> list[Message]:
        """What asks for one answer out of several."""
        return self._asking("\n".join([sentence, self._decide, *map(_json, opinions)]))

    def _asking(self, question: str) -> list[Message]:
        said = [_said("system", self._instructions)]
        for example, opinion in self.examples:
            said += [_said("user", example), _said("assistant", _json(opinion))]
        return [*said, _said("user", question)]


def _said(role: str, content: str) -> Message:
    return {"role": role, "content": content}


def _json(opinion: MoodResponse) -> str:
    """With whole numbers wherever they are whole."""
    levels = {name: getattr(opinion, name) for name in ("valence", "energy")}
    return json.dumps({"mood": opinion.mood} | {k: int(v) if v == int(v) else v for k, v in levels.items()})
