"""Say the words of the rules in Vietnamese: subjects, measures, units and notes."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from zoning.standards.rules import table

if TYPE_CHECKING:
    from collections.abc import Mapping

_SQUARED = {"m2": "m²", "m3": "m³", "km2": "km²"}


def term(text: str, language: str) -> str:
    """Return a subject, measure or condition of a rule in a language (vi, en); others stay as they are."""
    return _terms("term").get(text, text) if language == "vi" else text


def unit(text: str, language: str) -> str:
    """Return a unit as readers write it."""
    if language == "vi" and text in _terms("unit"):
        return _terms("unit")[text]
    for plain, written in _SQUARED.items():
        text = text.replace(plain, written)
    return text


def note(key: str, language: str) -> str:
    """Return what a note of a rule says."""
    english, vietnamese = _notes()[key]
    return vietnamese if language == "vi" else english


@cache
def _terms(kind: str) -> Mapping[str, str]:
    return {row["english"]: row["vietnamese"] for row in table("terms") if row["kind"] == kind}


@cache
def _notes() -> Mapping[str, tuple[str, str]]:
    return {row["note"]: (row["english"], row["vietnamese"]) for row in table("notes")}
