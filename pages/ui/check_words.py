"""Write rules, figures and verdicts for the page in the reader's language."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from layers.verdicts import COLOURS, SIGNS
from pages.ui.language import language, n, t
from zoning.jobs.check import MISSING
from zoning.standards import rule
from zoning.standards.terms import note, term, unit
from zoning.standards.words import CONFIDENCE_WORDS, DOUBTS, VERDICT_WORDS, missing_text
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_REASONS = ("zone_id", "rule_id", "doubt", "relief")
_READABLE_AMBER = "#8a5a00"  # the map's amber is too pale for text on white
TOPIC, RULE, REQUIRED, FOUND, VERDICT = N_("Topic"), N_("Rule"), N_("Required"), N_("Found"), N_("Verdict")
CLAUSE, CONFIDENCE, WHY, NOTES = N_("Clause"), N_("Confidence"), N_("Why"), N_("Notes")


def metric(rule_id: str) -> str:
    """Return what a rule asks of what, in words."""
    one = rule(rule_id)
    subject, measure = term(one.subject, language()), term(one.measure, language())
    return f"{subject[:1].upper()}{subject[1:]}: {measure}"


def topic(rule_id: str) -> str:
    """Return the subject of a rule in words."""
    text = term(rule(rule_id).topic, language())
    return text[:1].upper() + text[1:]


def required(text: str, unit_text: str) -> str:
    """Return a requirement as readers write it: ≥ 1.000 m², 45–60 m²/người."""
    known = term(text, language())
    if known != text:
        return known
    if "%" in text and "<=" in text:
        share, _, radius = text.partition(" <= ")
        amount, _, of = radius.partition(" ")
        return t(N_("{share} within {radius}")).format(
            share=share, radius=f"{_localised(amount)} {unit(of, language())}"
        )
    text = _localised(text).replace(">=", "≥").replace("<=", "≤").replace("-", "–")
    return f"{text} {_unit(unit_text)}".strip()


def found(value: object, unit_text: str) -> str:
    """Return what was found, or which layer is missing."""
    text = str(value)
    if text.startswith(MISSING):
        return t(N_("missing: {layer}")).format(layer=missing_text(text.removeprefix(MISSING), t))
    figure = float(text)
    digits = 0 if figure >= 100 or figure == round(figure) else 1 if figure >= 10 else 2
    return f"{n(figure, digits)} {_unit(unit_text)}".strip()


def _unit(text: str) -> str:
    return "" if text == "count" else unit(text, language())


def verdict(key: str) -> str:
    """Return a verdict with its sign: no colour says it alone."""
    return f"{SIGNS[key]} {t(VERDICT_WORDS[key])}"


def why(doubt: str, rule_id: str, relief_id: str = "") -> str:
    """Return why a verdict is no plain one, by which relief it was reached, and what the rule's notes say."""
    parts = [t(DOUBTS[doubt]) if doubt in DOUBTS else "", relieved(relief_id), notes(rule_id)]
    return " ".join(part for part in parts if part)


def relieved(relief_id: str) -> str:
    """Return by which relief a verdict was reached, in words; empty for none."""
    if not relief_id:
        return ""
    clause = rule(relief_id).clause
    return t(N_("By the relief of {clause} ({id}): {words}.")).format(
        clause=clause, id=relief_id, words=metric(relief_id)
    )


def notes(rule_id: str) -> str:
    """Return what a rule's notes say."""
    return " ".join(note(key, language()) for key in rule(rule_id).notes)


def confidence(key: str) -> str:
    """Return how sure a rule is known."""
    return t(CONFIDENCE_WORDS[key])


def rows(checks: pd.DataFrame, reasons: pd.DataFrame) -> pd.DataFrame:
    """Return checks as people read them: topic, rule, required, found, verdict, clause, confidence, why."""
    because = {
        (zone, rule_id): (doubt, by)
        for zone, rule_id, doubt, by in zip(*(reasons[one] for one in _REASONS), strict=True)
    }
    return pd.DataFrame(
        [
            {
                t(VERDICT): verdict(one.verdict),
                t(TOPIC): topic(one.rule_id),
                t(RULE): metric(one.rule_id),
                t(REQUIRED): required(one.required, one.unit),
                t(FOUND): found(one.found, one.unit),
                t(CLAUSE): f"{one.clause} · {one.rule_id}",
                t(CONFIDENCE): confidence(one.confidence),
                t(WHY): why(*_because(because, one.zone_id, one.rule_id)),
            }
            for one in checks.itertuples()
        ]
    )


def _because(found: Mapping[tuple[str, str], tuple[str, str]], zone: str, rule_id: str) -> tuple[str, str, str]:
    doubt, by = found.get((zone, rule_id), ("", ""))
    return doubt, rule_id, by


def coloured(table: pd.DataFrame, columns: Sequence[str]) -> object:
    """Return a table whose verdicts are in their colours."""
    by_sign = {SIGNS[key]: colour for key, colour in {**COLOURS, "unsure": _READABLE_AMBER}.items()}

    def style(text: object) -> str:
        colour = by_sign.get(str(text)[:1])
        return f"color: {colour}; font-weight: 600" if colour else ""

    return table.style.map(style, subset=list(columns))


def _localised(text: str) -> str:
    return _NUMBER.sub(lambda hit: n(float(hit[0]), len(hit[0].partition(".")[2])), text)
