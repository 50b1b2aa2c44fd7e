"""Judge what was found against a rule: pass, fail, unsure or no_data, never a pass by doubt."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoning.standards.rules import regulations

if TYPE_CHECKING:
    from zoning.standards.rules import Rule

VERDICTS = ("fail", "unsure", "pass", "no_data")
BOUNDS = ("exact", "at_least", "at_most")
TOLERANCE = 1e-9
"""Relative: limits include their bound, and a share of exactly 10 % may not fail by the last bit."""


@dataclass(frozen=True)
class Finding:
    """What was found for a rule.

    Attributes
    ----------
    value
        The figure in the rule's unit; None where nothing could be measured.
    missing
        The layer, or column of a layer, that it could not be measured without.
    bound
        Whether the value is exact, or the true one is at least or at most this.
    doubt
        Why neither pass nor fail can be said plainly, in a key of `zoning.standards.words.DOUBTS`; empty for none.
    required, unit
        Where the check asks otherwise than the rule's own figure: 100 % of people within its radius.
    signed
        A figure that may well be below 0, such as a height above the flood level.
    """

    value: float | None
    missing: str = ""
    bound: str = "exact"
    doubt: str = ""
    required: tuple[str, float | None, float | None] | None = None
    unit: str = ""
    signed: bool = False


@dataclass(frozen=True)
class Ruling:
    """A verdict (one of `VERDICTS`) and why it is not a plain one; `missing` names what is lacking for no_data."""

    verdict: str
    doubt: str = ""
    missing: str = ""


def judge(rule: Rule, finding: Finding, day: str = "") -> Ruling:  # noqa: PLR0911 - one line a reason
    """Return the verdict of a rule on what was found.

    A pass needs a measured figure, a rule of high or medium confidence that is in force on `day` (YYYY-MM-DD, empty to
    leave that out), and no doubt; whatever lacks one of them is unsure. A fail by a rule of low confidence stays a
    fail: the confidence stands beside it. Infinite figures are no data, nor are negative ones unless they are signed.
    """
    if finding.value is None or not math.isfinite(finding.value) or (finding.value < 0 and not finding.signed):
        doubt = "" if finding.value is None else "bad_figure"
        return Ruling("no_data", doubt, finding.missing or rule.needs)
    relation, low, high = finding.required or (rule.relation, rule.low, rule.high)
    holds = _holds(finding, relation, low, high)
    if holds is None:
        return Ruling("no_data" if finding.missing else "unsure", finding.doubt or "only_a_bound", finding.missing)
    if finding.doubt:
        return Ruling("unsure", finding.doubt)
    if not holds:
        return Ruling("fail")
    if rule.confidence == "low":
        return Ruling("unsure", "low_confidence")
    if day and not regulations()[rule.regulation].in_force(day):
        return Ruling("unsure", "not_in_force")
    return Ruling("pass")


def _holds(finding: Finding, relation: str, low: float | None, high: float | None) -> bool | None:
    """Say whether the requirement holds; None where a bound on the figure leaves it open."""
    value = float(finding.value or 0.0)
    if relation == "equals":
        high = low
    if relation == "at_least":
        high = None
    if relation == "at_most":
        low = None
    if low is None and high is None:  # a condition in words: no figure can say whether it holds
        return None
    above = low is None or value >= low - TOLERANCE * max(1.0, abs(low))
    below = high is None or value <= high + TOLERANCE * max(1.0, abs(high))
    if finding.bound == "at_least":
        if not below:
            return False
        return True if above and high is None else None
    if finding.bound == "at_most":
        if not above:
            return False
        return True if below and low is None else None
    return above and below


def share_pct(part: float, whole: float) -> float | None:
    """Return part of whole in %, None where there is no whole."""
    return 100.0 * part / whole if whole > 0 and part >= 0 else None


def per_person(amount: float, people: float | None, *, people_unit: float = 1.0) -> float | None:
    """Return an amount for each `people_unit` persons, None where nobody is known to live there."""
    if people is None or not math.isfinite(people) or people <= 0 or amount < 0:
        return None
    return amount * people_unit / people


def per_place(amount: float, places: float | None) -> float | None:
    """Return an amount (m2 of a school) for each place in it, None where the places are not known."""
    return per_person(amount, places)
