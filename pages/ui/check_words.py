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
    from collections.abc import Sequence

_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_READABLE_AMBER = "#8a5a00"  # the map's amber is too pale for text on white
TOPIC, RULE, REQUIRED, FOUND, VERDICT = N_("Topic"), N_("Rule"), N_("Required"), N_("Found"), N_("Verdict")
CLAUSE, CONFIDENCE, WHY = N_("Clause"), N_("Confidence"), N_("Why")


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


def why(doubt: str, rule_id: str) -> str:
    """Return why a verdict is no plain one, and what the rule's notes say."""
    notes = [note(key, language()) for key in rule(rule_id).notes]
    return " ".join([*([t(DOUBTS[doubt])] if doubt in DOUBTS else []), *notes])


def confidence(key: str) -> str:
    """Return how sure a rule is known."""
    return t(CONFIDENCE_WORDS[key])


def rows(checks: pd.DataFrame, reasons: pd.DataFrame) -> pd.DataFrame:
    """Return checks as people read them: topic, rule, required, found, verdict, clause, confidence, why."""
    doubts = reasons.set_index(["zone_id", "rule_id"])["doubt"]
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
                t(WHY): why(str(doubts.get((one.zone_id, one.rule_id), "")), one.rule_id),
            }
            for one in checks.itertuples()
        ]
    )


def coloured(table: pd.DataFrame, columns: Sequence[str]) -> object:
    """Return a table whose verdicts are in their colours."""
    by_sign = {SIGNS[key]: colour for key, colour in {**COLOURS, "unsure": _READABLE_AMBER}.items()}

    def style(text: object) -> str:
        colour = by_sign.get(str(text)[:1])
        return f"color: {colour}; font-weight: 600" if colour else ""

    return table.style.map(style, subset=list(columns))


def _localised(text: str) -> str:
    return _NUMBER.sub(lambda hit: n(float(hit[0]), len(hit[0].partition(".")[2])), text)
