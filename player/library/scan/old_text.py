"""Text of old tags: read as Latin-1 although it is UTF-8 or an old encoding, judged by file."""

from __future__ import annotations

import re
from collections.abc import Mapping

_RUN = re.compile(rb"[\x80-\xff]{2,}")
_INSIDE_A_WORD = re.compile(rb"(?<=[A-Za-z])[\x80-\xff]{2}(?=[A-Za-z])")
_BESIDE_A_LETTER = re.compile(rb"[A-Za-z][\x80-\xff]|[\x80-\xff][A-Za-z]")
_BEFORE_A_BLANK = re.compile(
    rb"((?<![\x80-\xff])(?:[\x81-\xfe][\x80-\xff])+)[\x81-\xfe](?=[\x00-\x20()\[\]])"
)
"""Syllables and half a one: something cut the text, and put more behind it."""
_CAPITAL_AND_SIGN = re.compile("[\u0180-\u02ff]")
"""What É and the like before a sign give as UTF-8, and Ơ, Ư, Ș, Ț, which are right."""
_RIGHT = set("ƠơƯưȘșȚțƏəǍǎǏǐǑǒǓǔ")
_CAPITALS, _SMALL = "А-ЯЁІЇЄҐЎЈЉЊЋЂЏ", "а-яёіїєґўјљњћђџ"
"""Of Russian, Ukrainian, Belarusian and Serbian."""
_CYRILLIC_WORD = re.compile(f"[{_CAPITALS}]?[{_SMALL}]+|[{_CAPITALS}]+")
_NO_CYRILLIC = re.compile(f"[^\x00-\x7f{_CAPITALS}{_SMALL}]")
_CYRILLIC_VOWELS = set("аеёиоуыэюяіїє")
_USUAL_CYRILLIC = set("оеаинтсрі")
"""More than half of any Russian text."""
_FEWEST_CYRILLIC = 8
"""Letters of a file that make it Russian: no Western word is so long with marks on all of its letters."""
_USUAL_HANGUL = 0xA1
"""In CP949 both bytes of the syllables that are in use (KS X 1001) begin here, with few exceptions."""
_LAST_USUAL_KANJI = 0x9F
"""In CP932 the first bytes of most kanji end here: in Latin-1 these are no letters."""
_NO_KANJI = re.compile(
    "[^\x00-\x7f\u3000-\u30ff\u4e00-\u9fff\uff01-\uff5e]|[A-Za-z][\u4e00-\u9fff]|[\u4e00-\u9fff][A-Za-z]"
)
"""What is not written in Japanese; a Western letter beside a kanji is mostly half of one that is none."""
_KANJI_WORD = re.compile("[\u3041-\u30ff\u4e00-\u9fff]{2}")
_KANJI = re.compile("[\u4e00-\u9fff]")
_NO_WESTERN = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
"""What neither Latin-1 nor Windows has a letter or sign for."""
_ROWS_OF_SIGNS = b"\xa1\xa2\xa3\xa5"
"""First bytes of what CP949 has of brackets, stars, hearts, wide digits and Roman numbers."""
_ACCENT_BEFORE_A_LETTER = re.compile(rb"[\xc0-\xff][A-Za-z]")
_FIRST_LETTER = 0xC0
"""In Latin-1 the letters begin here, below are signs."""


def meant(texts: Mapping[str, str]) -> dict[str, str]:
    """What the fields of one file without a letter beyond Latin-1 mean: UTF-8, an old encoding if there is
    evidence, or as they are. Some programs have written what they read wrongly into fields of any encoding.
    """
    data = {name: text.encode("latin-1", errors="replace") for name, text in texts.items()}
    utf8 = {name: _utf8(field) for name, field in data.items()}
    unread = [field for name, field in data.items() if utf8[name] is None and not field.isascii()]
    is_korean = any(_is_surely_korean(field) for name, field in data.items() if utf8[name] is None)
    if _is_surely_japanese(unread) or (not is_korean and _is_kanji(unread)):
        return {name: utf8[name] or field.decode("cp932") for name, field in data.items()}
    is_russian = _is_surely_russian(unread) and not (is_korean and _may_be_hangul(unread))
    is_korean = is_korean and not is_russian
    result = {}
    for name, field in data.items():
        korean = _korean(field) if is_korean else None
        russian = field.decode("cp1251", errors="replace") if is_russian else None
        result[name] = utf8[name] or korean or russian or _western(texts[name])
    return result


def _is_surely_japanese(fields: list[bytes]) -> bool:
    """Whether all fields of a file are Shift-JIS and hold kana, which as CP949 are syllables nobody uses."""
    try:
        text = "".join(field.decode("cp932") for field in fields)
    except UnicodeDecodeError:
        return False
    letters = [letter for letter in text if not letter.isascii()]
    kana = sum("\u3041" <= letter <= "\u30fc" for letter in letters)
    return kana >= 3 and kana * 3 >= len(letters)


def _is_kanji(fields: list[bytes]) -> bool:
    """Whether all fields of a file are Shift-JIS in words of kanji: mostly usual ones, few kana or none; a
    single one where a byte is no Western letter.
    """
    try:
        texts = [field.decode("cp932") for field in fields]
    except UnicodeDecodeError:
        return False
    letters = [letter for text in texts for letter in text if not letter.isascii()]
    usual = sum(letter.encode("cp932")[0] <= _LAST_USUAL_KANJI for letter in letters)
    return (
        2 * usual >= len(letters)
        and any(
            _KANJI_WORD.search(text) or (_KANJI.search(text) and _NO_WESTERN.search(field))
            for field, text in zip(fields, texts, strict=True)
        )
        and not any(map(_NO_KANJI.search, texts))
    )


def _is_surely_russian(fields: list[bytes]) -> bool:
    """Whether all fields of a file, read as CP1251, hold Cyrillic words of usual letters, none mixed."""
    words = [
        word
        for field in fields
        for word in re.findall(r"[^\W\d_]+", field.decode("cp1251", errors="replace"))
        if not word.isascii()
    ]
    letters = "".join(words).lower()
    vowels = sum(letter in _CYRILLIC_VOWELS for letter in letters)
    return (
        len(letters) >= _FEWEST_CYRILLIC
        and all(map(_CYRILLIC_WORD.fullmatch, words))
        and max(map(len, words)) >= 4  # shorter ones are laughter and cries
        and 0.25 * len(letters) <= vowels <= 0.7 * len(letters)
        and len(set(letters)) >= 4
        and sum(letter in _USUAL_CYRILLIC for letter in letters) >= 0.4 * len(letters)
    )


def _may_be_hangul(fields: list[bytes]) -> bool:
    """Whether a file that reads as Russian and as Korean may be the second.

    It is none if all it has beyond ASCII is Cyrillic letters and they do not make Hangul throughout: Russian
    capitals make Hanja as well, and half pairs.
    """
    data = b"\n".join(fields)
    hangul = sum(_is_hangul(letter) for field in fields for _, letter in _pairs(field) or ())
    return bool(_NO_CYRILLIC.search(data.decode("cp1251", errors="replace"))) or 2 * hangul == _beyond(data)


def _utf8(data: bytes) -> str | None:
    """Read as UTF-8, also if its last letter is cut; None if it is something else."""
    if data.isascii():
        return None
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        if error.reason != "unexpected end of data" or data[: error.start].isascii():
            return None
        text = data[: error.start].decode()
    odd = set(_CAPITAL_AND_SIGN.findall(text)) - _RIGHT
    return None if odd else text


def _pairs(data: bytes) -> list[tuple[int, str]] | None:
    """CP949's letters beyond ASCII, each with its place, less a cut end; None if it is no CP949."""
    pairs, at = [], 0
    while at < len(data):
        if data[at] < 0x80:
            at += 1
            continue
        if at + 1 == len(data):
            break
        try:
            pairs.append((at, data[at : at + 2].decode("cp949")))
        except UnicodeDecodeError:
            return None
        at += 2
    return pairs


def _beyond(data: bytes) -> int:
    """How many bytes are beyond ASCII."""
    return sum(byte >= 0x80 for byte in data)


def _letters(data: bytes, pairs: list[tuple[int, str]]) -> list[str]:
    """CP949's letters less its signs, which Korean has among its words as other languages do."""
    return [letter for at, letter in pairs if data[at] not in _ROWS_OF_SIGNS or data[at + 1] < _USUAL_HANGUL]


def _is_hangul(letter: str) -> bool:
    return "가" <= letter <= "힣"


def _is_hanja(letter: str) -> bool:
    return "\u4e00" <= letter <= "\u9fff" or "\uf900" <= letter <= "\ufaff"


def _is_jamo(letter: str) -> bool:
    return "ㄱ" <= letter <= "ㆎ"


def _is_surely_korean(data: bytes) -> bool:
    """Whether a field is Korean by itself: no Western word has such letters and signs side by side.

    A pair of letters with marks (ÇÃ) is none, nor is a sign before a letter within a word (L´ÉTÉ). Kanji in
    Shift-JIS are syllables that nobody uses.
    """
    pairs = _pairs(data) or []
    letters = _letters(data, pairs)
    if 2 * sum(map(_is_hangul, letters)) <= len(letters):
        return False
    if 2 * sum(min(data[at : at + 2]) >= _USUAL_HANGUL for at, _ in pairs) < len(pairs):
        return False
    for run in _RUN.finditer(data):
        found = run[0]
        syllables = [found[at : at + 2] for at in range(0, len(found) - 1, 2)]
        signs = sum(min(pair) < _FIRST_LETTER for pair in syllables)
        alone = not data[run.start() - 1 : run.start()].isalpha() and not data[run.end() :][:1].isalpha()
        if len(set(found)) == 1 or len(found) == len(data) == 3:  # JÄÄÄÄR, °°°°; »É«
            continue
        if len(syllables) >= 3 or (len(syllables) == 2 and (signs or alone)):
            return True
        if len(syllables) == 1 and signs and alone and found[0] not in b"\xbf\xb4\xb0":  # nor ¿Él, ´Été, 20°À
            return True
    return False


def _korean(data: bytes) -> str | None:
    """A field of a Korean file as CP949; None unless it is mostly Hangul, or Hanja in words of their own, or
    nothing but signs, and no Western word is among it.
    """
    data = _BEFORE_A_BLANK.sub(rb"\1", data, count=1)
    pairs = _pairs(data) or []
    letters = _letters(data, pairs)
    if not letters:
        return data.decode("cp949") if _is_signs(data, pairs) else None
    hangul = sum(_is_hangul(letter) or _is_jamo(letter) for letter in letters)
    hanja = sum(map(_is_hanja, letters))
    if 2 * (hangul + hanja) <= len(letters):
        return None
    if 2 * hangul <= len(letters) and _BESIDE_A_LETTER.search(data):
        return None
    mixed = sum(data[at + 1] < 0x80 for at, _ in pairs)  # a letter with a mark before a plain one: "Ännie"
    if 2 * mixed > len(letters) and len(data) > 2:
        return None
    if not _is_surely_korean(data) and _INSIDE_A_WORD.search(data):
        return None
    end = len(data)
    if pairs[-1][0] + 2 < end and data[-1] >= 0x80:
        end -= 1
    return data[:end].decode("cp949")


def _is_signs(data: bytes, pairs: list[tuple[int, str]]) -> bool:
    """Whether all that a field has beyond ASCII are these pairs, none of a Western word as in ¡Él, ¡¡Hola."""
    return (
        2 * len(pairs) == _beyond(data)
        and any(data[at] != data[at + 1] for at, _ in pairs)
        and not _ACCENT_BEFORE_A_LETTER.search(data)
    )


def _western(text: str) -> str:
    """Windows' signs where Latin-1 has none; else as it is."""
    try:
        return text.encode("latin-1").decode("cp1252") if re.search("[\x80-\x9f]", text) else text
    except UnicodeError:
        return text
