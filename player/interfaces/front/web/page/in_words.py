"""Sentences of the player's own, in the reader's language as far as the catalogue knows them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from player.interfaces.front.web.page.languages import Language, catalogue


def in_their_words(sentence: str, forms: Iterable[str], language: Language) -> str:
    """The sentence in this language, if it has one of the forms; %(it)s stands for what differs in them."""
    for form in forms:
        shape = re.escape(form).replace(re.escape("%(it)s"), "(?P<it>.+)")
        if found := re.fullmatch(shape, sentence):
            said = catalogue(language).gettext(form)
            return said % found.groupdict() if found.groupdict() else said
    return sentence
