"""The daemon's sentences in the reader's language.

The daemon speaks English: reasons of tracks and targets, shifts, problems, refusals. phrases_*.py have the
patterns of its sentences; one that none of them fits stays as it is. What a pattern holds is taken for what
its name begins with (KINDS); `said` is a sentence again. Patterns may follow each other: "X; Y", "X, Y",
"X: Y", "X. Y"; of sentences that follow each other one that is unknown leaves the others their words. A
capital at the begin of a sentence and a full stop at its end make no difference.
Those of the log have patterns of their own beside these: some of them fit much else, too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache, lru_cache

from player.emotions import vocabularies
from player.interfaces.front.web.page.languages import Language, catalogue
from player.mood.weather import weathers

SENTENCES = r"(?<=\.) "
BETWEEN = re.compile(f"; |, |: |{SENTENCES}")
"""What may stand between two patterns."""
LONGEST = 1000
"""Characters; what is longer is none of our sentences."""
MOST_SIGNS = 30
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_HOLE = re.compile(r"%\((\w+)\)s")


def said(sentence: str, language: Language) -> str:
    """The sentence in this language, as far as it is known there."""
    return _said(sentence, language, of_log=False)


def log_line(message: str, language: Language) -> str:
    """A line of the log in this language, as far as it is known there."""
    return _said(message, language, of_log=True)


def is_known(sentence: str, of_log: bool = False) -> bool:
    """Whether patterns fit all of it."""
    return _read(sentence, Language.ENGLISH, of_log) is not None


def _said(sentence: str, language: Language, of_log: bool) -> str:
    if language is Language.ENGLISH or len(sentence) > LONGEST:
        return sentence
    return _remembered(sentence, language, of_log)


@lru_cache(maxsize=1500)
def _remembered(sentence: str, language: Language, of_log: bool) -> str:
    found = _read(sentence, language, of_log)
    if found is not None:
        return found
    return " ".join(_read(each, language, of_log) or each for each in re.split(SENTENCES, sentence))


@lru_cache(maxsize=2000)
def _read(text: str, language: Language, of_log: bool = False) -> str | None:
    """A text pattern by pattern, the longest first; None if there is none for some of it."""
    for end, sign in _ends(text):
        begin = _whole(text[:end], language, of_log)
        if begin is None or not sign:
            if begin is not None:
                return begin
            continue
        rest = _read(text[end + len(sign) :], language, of_log)
        if rest is not None:
            return f"{begin}{sign}{rest}"
    return None


def _ends(text: str) -> Iterator[tuple[int, str]]:
    """Where the first pattern of a text may end, and what stands between that and the next one."""
    yield len(text), ""
    for found in reversed([*BETWEEN.finditer(text)][-MOST_SIGNS:]):
        yield found.start(), found[0]


def _whole(text: str, language: Language, of_log: bool) -> str | None:
    for form, end in _forms(text):
        for longest, pattern, phrase in _patterns(of_log):
            if longest in form and (found := pattern.fullmatch(form)):
                held = {name: _held(name, value, language) for name, value in found.groupdict().items()}
                made = catalogue(language).gettext(phrase) % held
                return made.removesuffix(".") if end is None else made + end
    return None


def _forms(text: str) -> Iterator[tuple[str, str | None]]:
    """A text with and without its capital and its full stop, and what is then put back at its end.

    None: a full stop, which the text does not have, is taken off.
    """
    small = text[:1].lower() + text[1:]
    for form in dict.fromkeys((text, small)):
        yield form, ""
    for form in dict.fromkeys((text, small)):
        if text.endswith("."):
            yield form[:-1], "."
        else:
            yield f"{form}.", None


@cache
def _patterns(of_log: bool) -> tuple[tuple[str, re.Pattern[str], str], ...]:
    """What a text must hold, which is looked for first; the pattern; and its phrase."""
    # The books are large, and a house that reads English needs none of them.
    from player.interfaces.front.web.page.phrases_config import CONFIG  # noqa: PLC0415
    from player.interfaces.front.web.page.phrases_files import FILES  # noqa: PLC0415
    from player.interfaces.front.web.page.phrases_log import LOG  # noqa: PLC0415
    from player.interfaces.front.web.page.phrases_log_faults import LOG_FAULTS  # noqa: PLC0415
    from player.interfaces.front.web.page.phrases_player import PLAYER  # noqa: PLC0415
    from player.interfaces.front.web.page.phrases_requests import REQUESTS  # noqa: PLC0415

    known = (*PLAYER, *CONFIG, *REQUESTS, *FILES, *((*LOG, *LOG_FAULTS) if of_log else ()))
    exact_first = sorted(known, key=lambda phrase: -len(_HOLE.sub("", phrase)))
    return tuple(
        (max(_HOLE.sub("\0", phrase).replace("%%", "%").split("\0"), key=len), _pattern(phrase), phrase)
        for phrase in exact_first
    )


def _pattern(phrase: str) -> re.Pattern[str]:
    made = ""
    for number, part in enumerate(_HOLE.split(phrase)):
        made += f"(?P<{part}>{_kind(part)[0]})" if number % 2 else re.escape(part.replace("%%", "%"))
    return re.compile(made, re.DOTALL)


def _held(name: str, value: str, language: Language) -> str:
    return value if language is Language.ENGLISH else _kind(name)[1](value, language)


def _mood(vocabulary: str) -> Callable[[str, Language], str]:
    return lambda name, _: vocabularies()[vocabulary][name].korean


def _draw(draw: str, language: Language) -> str:
    """-0.2 energy, -0.1 valence."""
    words = catalogue(language)
    axes = {
        "energy": words.gettext(_("%(number)s energy")),
        "valence": words.gettext(_("%(number)s gladness")),
    }
    each = (part.split() for part in draw.split(", "))
    return ", ".join(axes[axis] % {"number": size} for size, axis in each)


def _word(name: str, language: Language) -> str:
    return catalogue(language).gettext(name) if name in WORDS else name


def _words(names: str, language: Language) -> str:
    return ", ".join(_word(name, language) for name in names.split(", "))


def _or(allowed: str, language: Language) -> str:
    """What may stand somewhere: X or Y."""
    known = _read(allowed, language)
    return known if known is not None else " / ".join(said(each, language) for each in allowed.split(" or "))


def _it(name: str, language: Language) -> str:
    """A file by its path, or by "it"."""
    return catalogue(language).gettext("this file") if name.lower() == "it" else name


def _span(span: str, language: Language) -> str:
    """1 hour and 30 minutes."""
    units = {"day": _("%(number)s d"), "hour": _("%(number)s h"), "minute": _("%(number)s min")}
    units["second"] = _("%(number)s s")
    found = re.findall(r"(\d+) (day|hour|minute|second)", span)
    return " ".join(catalogue(language).gettext(units[unit]) % {"number": number} for number, unit in found)


def _when(moment: str, language: Language) -> str:
    """Mon 05 Jan 08:00, or Mon 08:00."""
    words = catalogue(language)
    weekday, *date, clock = moment.split()
    said = {"weekday": words.gettext(weekday), "clock": clock}
    if not date:
        return words.gettext(_("%(weekday)s, %(clock)s")) % said
    said |= {"day": str(int(date[0])), "month": str(MONTHS.index(date[1]) + 1)}
    return words.gettext(_("%(weekday)s, %(day)s.%(month)s., %(clock)s")) % said


def _(phrase: str) -> str:
    """Marks a phrase for the catalogue."""
    return phrase


WORDS = (
    _("sound"),
    _("tempo"),
    _("key"),
    _("loudness"),
    _("artist gap"),
    _("track window"),
    _("daypart pool"),
    _("include lists"),
    _("avoid"),
    _("night"),
    _("morning"),
    _("day"),
    _("evening"),
    _("owner"),
    _("staff"),
    _("this file"),
    _("the body"),
)
"""Single words of the daemon's, and the names of the dayparts that config.yaml comes with."""


"""Of two that fit, the one with more words of its own counts."""


def _any_of(vocabulary: str) -> str:
    return "|".join(map(re.escape, vocabularies()[vocabulary]))


_LISTED = "|".join(WORDS)
_REASONS = (
    r"closest to |number \d|not analysed yet|step \d|it was playing|from memory|the first file found|"
    "any one of the files|the disk with|nothing else can|safe music"
)
"""With what a line begins that says why a track plays; what stands before it are title and artist."""
_DRAW = r"[+-]\d\.\d (?:energy|valence)"
_LIST = f"(?:{_LISTED})(?:, (?:{_LISTED}))*"
KINDS: Mapping[str, tuple[str, Callable[[str, Language], str]]] = {
    "music": (_any_of("music"), _mood("music")),
    "room": (_any_of("rooms"), _mood("rooms")),
    "weather": ("|".join(map(re.escape, weathers())), lambda name, _: weathers()[name]),
    "draw": (f"{_DRAW}(?:, {_DRAW})?", _draw),
    "sensor": (r"[^,:;]+", lambda value, _: value),
    "number": (r"-?\d[\d.,]*", lambda value, _: value),
    "alike": (_LIST, _words),
    "rules": (_LIST, _words),
    "span": (r"\d[\w ,]*", _span),
    "part": (r"[^,:;]+", _word),
    "said": (r".+?", said),
    "found": (r".+?", said),
    "why": (r".+?", said),
    "allowed": (r".+?", _or),
    "it": (r".+?", _it),
    "role": ("owner|staff", _word),
    "config": (r"(?:.*/)?[^/:]+", lambda value, _: value),
    "line": (r"[1-9]\d*", lambda value, _: value),
    "field": (r"[\w.]+|the body", _word),
    "clock": (r"\d+:\d\d", lambda value, _: value),
    "when": (rf"[A-Z][a-z]{{2}} (?:\d\d (?:{'|'.join(MONTHS)}) )?\d\d:\d\d", _when),
    "more": (r".+?", log_line),
    "note": (r".+?", log_line),
    "notes": (r".+", said),
    "counted": (r"\d+ [a-z]+", lambda value, _: value.split()[0]),
    "where": (r".+?(?<!\.)", lambda value, _: value),
    "title": (r".+", lambda value, _: value),
    "reason": (f"(?:{_REASONS}).*", said),
    "key": (r"[a-z_]+(?:[.\[][\w\]-]+)*", lambda value, _: value),
}
"""By the letters of a name: what it may be, and how it is said."""


def _kind(name: str) -> tuple[str, Callable[[str, Language], str]]:
    return KINDS.get(name.rstrip("0123456789"), (r".+?", lambda value, _: value))
