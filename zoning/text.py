"""Mark texts for translation; the roof of the house (pages, command line) translates them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Translate: TypeAlias = Callable[[str], str]
"""Takes an English text and returns it in the reader's language."""


def N_(text: str) -> str:  # noqa: N802 - the name that gettext tools and readers know
    """Mark `text` for translation and return it unchanged: translate it where it is shown."""
    return text


def english(text: str) -> str:
    """Return `text` as it is: the translate callable of English readers."""
    return text
