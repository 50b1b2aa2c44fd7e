"""Translate the application's texts and numbers; free of Streamlit, so that the command line speaks alike."""

from __future__ import annotations

import functools
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from babel.numbers import format_decimal

from zoning.text import english

if TYPE_CHECKING:
    from zoning.text import Translate

LANGUAGES = {"vi": "Tiếng Việt", "en": "English"}
DEFAULT_LANGUAGE = "vi"
LOCALE = Path(__file__).parent / "locale"
MISSING = "–"
"""Stands where a figure is unknown: never a zero."""


@functools.cache
def catalogue(language: str) -> dict[str, str]:
    """Return English text -> translation, from every .po file of `language`."""
    texts: dict[str, str] = {}
    for path in sorted((LOCALE / language).glob("*.po")):
        texts |= _plain(path.read_text(encoding="utf-8")) or _by_babel(path, language)
    return texts


_PART = r'"(?:[^"\\\n]|\\.)*"[ \t]*(?:\n\s*|\Z)'  # one quoted line
_ENTRY = re.compile(rf"^msgid ((?:{_PART})+)^msgstr ((?:{_PART})+)", re.MULTILINE)
_ESCAPED = re.compile(r"\\(.)")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


def _plain(catalogue: str) -> dict[str, str]:
    """Read a catalogue of nothing but pairs, much faster than Babel, for which a new server would wait; else {}."""
    pairs = _ENTRY.findall(catalogue)
    if 2 * len(pairs) != catalogue.count("\nmsg") + catalogue.startswith("msg"):
        return {}
    texts = ((_unquoted(source), _unquoted(target)) for source, target in pairs)
    return {source: target for source, target in texts if source and target}


def _unquoted(lines: str) -> str:
    text = "".join(line.strip()[1:-1] for line in lines.splitlines())
    return _ESCAPED.sub(lambda at: _ESCAPES.get(at[1], at[1]), text) if "\\" in text else text


def _by_babel(path: Path, language: str) -> dict[str, str]:
    from babel.messages.pofile import read_po

    with path.open("rb") as handle:
        messages = read_po(handle, locale=language, abort_invalid=True)
    return {str(m.id): str(m.string) for m in messages if m.id and m.string}


def translator(language: str) -> Translate:
    """Return the callable that turns an English text into `language`; unknown languages read English."""
    if language not in LANGUAGES or language == "en":
        return english
    texts = catalogue(language)
    return lambda text: texts.get(text, text)


def command_line_language() -> str:
    """Return the language of the command line: English unless INNOVATION_REGION_LANG says vi."""
    language = os.environ.get("INNOVATION_REGION_LANG", "en").strip().lower()[:2]
    return language if language in LANGUAGES else "en"


def number(value: float | None, language: str, digits: int = 0) -> str:
    """Return `value` as readers of `language` write it, or a dash where it is unknown."""
    if value is None or value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124 - NaN
        return MISSING
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return str(format_decimal(value, format=pattern, locale=language))


_ACTS = re.compile(r"([\\`\[\]*<$~])")


def literal(sentence: str) -> str:
    """Return a sentence, with whatever data are in it, as Markdown that shows it as it is.

    Data in Markdown could hide text, or fetch a picture from another server as the page is drawn.
    """
    return _ACTS.sub(r"\\\1", sentence)
