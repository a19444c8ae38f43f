"""Collect the page's sentences for the translators, and compile what they wrote.

    python -m scripts.page.catalogues

New sentences come into locale/ko/LC_MESSAGES/VIEW.po without a translation; it says which.
"""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from player.config.editing.form import fields
from player.hub.web import site as hub_site
from player.interfaces.front.web.page.languages import LOCALES, Language

PAGE = LOCALES.parent
HUB = Path(hub_site.__file__).parent
"""The pages of a fleet's hub, in a catalogue of their own."""
METHODS = [("templates/**.html", "jinja2"), ("**.py", "python")]
OPTIONS = {"templates/**.html": {"extensions": "jinja2.ext.i18n", "newstyle_gettext": "true"}}
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
COMMON = "page"
"""The catalogue of what belongs to no view."""
SETTINGS = "settings"
"""That of config.yaml's comments, which the table of all settings shows."""


def collected() -> dict[str, Catalog]:
    """Every sentence of the page, by the catalogue that it belongs to: its view's."""
    views = {path.stem for path in (PAGE / "views").glob("[a-z]*.py")} | {"phrases"}
    sentences: dict[str, dict[str | tuple[str, ...], set[str]]] = {name: {} for name in (COMMON, *views)}
    for file, _, message, _, _ in extract_from_dir(PAGE, METHODS, OPTIONS):
        stem = Path(file).stem
        view = next((name for name in views if stem == name or stem.startswith(f"{name}_")), COMMON)
        if message:
            sentences[view].setdefault(message, set()).add(file)
    sentences["hub"] = {}
    for file, _, message, _, _ in extract_from_dir(HUB, METHODS, OPTIONS):
        if message:
            sentences["hub"].setdefault(message, set()).add(f"hub/{file}")
    sentences[SETTINGS] = {field["help"]: {"config.yaml"} for field in fields() if field["help"]}
    elsewhere = set(sentences[COMMON])
    made = {}
    for view, found in sentences.items():
        made[view] = Catalog(project="ambient-player", charset="utf-8", fuzzy=False)
        for message, files in sorted(found.items(), key=lambda each: str(each[0])):
            if view == COMMON or message not in elsewhere:
                made[view].add(message, None, [(file, 0) for file in sorted(files)])
    return {view: catalogue for view, catalogue in made.items() if len(catalogue)}


def main() -> None:
    """Bring every language's catalogues up to date, and compile them."""
    for language in Language:
        if language is Language.ENGLISH:
            continue
        folder = LOCALES / language / "LC_MESSAGES"
        folder.mkdir(parents=True, exist_ok=True)
        for view, wanted in collected().items():
            path = folder / f"{view}.po"
            before = read_po(io.BytesIO(path.read_bytes()), language) if path.exists() else None
            for message in wanted:
                known = before.get(message.id) if before is not None and message.id else None
                if known is not None:
                    message.string = known.string
            wanted.locale = language
            wanted.creation_date = wanted.revision_date = LONG_AGO  # else each run makes other files
            path.write_bytes(_text_of(wanted))
            with path.with_suffix(".mo").open("wb") as compiled:
                write_mo(compiled, wanted)
            for message in wanted:
                if message.id and not message.string:
                    print(f"{path}: not translated: {message.id!r}")


def _text_of(catalogue: Catalog) -> bytes:
    """As a .po file, which changes with its sentences alone."""
    written = io.BytesIO()
    write_po(written, catalogue, width=100, sort_output=True, include_lineno=False, omit_header=True)
    head = 'msgid ""\nmsgstr ""\n"Language: %s\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
    return (head % catalogue.locale).encode() + written.getvalue()


if __name__ == "__main__":
    main()
