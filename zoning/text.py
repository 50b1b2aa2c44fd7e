"""Mark texts for translation; the roof of the house (pages, command line) translates them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

Translate: TypeAlias = Callable[[str], str]
"""Takes an English text and returns it in the reader's language."""


def N_(text: str) -> str:  # noqa: N802 - the name that gettext tools and readers know
    """Mark `text` for translation and return it unchanged: translate it where it is shown."""
    return text


def english(text: str) -> str:
    """Return `text` as it is: the translate callable of English readers."""
    return text


def filled(template: str, values: Mapping[str, object], translate: Translate = english) -> str:
    """Return a sentence in the language of `translate`, its places filled; a sentence in a place is translated too."""
    texts = {name: _in_words(value, translate) for name, value in values.items()}
    return translate(template).format(**texts)


def _in_words(value: object, translate: Translate) -> object:
    text = getattr(value, "text", None)  # a Note or a ZoningError, which both stand above this module
    return text(translate) if callable(text) else value
