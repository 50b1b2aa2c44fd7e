"""Read the rules of the planning code, one row a rule with its clause, validity, confidence and source."""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from zoning.errors import InputError
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Mapping

RELATIONS = ("at_least", "at_most", "between", "equals")
FORMS = (
    "per_person",
    "per_place",
    "share",
    "radius",
    "distance",
    "table",
    "steps",
    "choice",
    "range",
    "limit",
    "condition",
)
"""What kind of rule it is: a figure per person or per place, a share of a site, a service radius, a distance to keep, a
table read by straight line or by steps, a choice by class, a range, a plain limit, or a condition in words."""
CONFIDENCES = ("high", "medium", "low")
URBAN_CLASSES = ("special", "I", "II", "III", "IV", "V")


@dataclass(frozen=True)
class Regulation:
    """A text that rules come from; `valid_to` is its last day, empty while nothing replaces it.

    `role` is code (the planning code of the time), beside (applies next to any code) or classes (informs only).
    """

    id: str
    name: str
    valid_from: str
    valid_to: str
    role: str
    english: str
    vietnamese: str
    source: str

    def in_force(self, day: str) -> bool:
        """Say whether the text applies on a day (YYYY-MM-DD), its first and last included."""
        return self.valid_from <= day and (not self.valid_to or day <= self.valid_to)


@dataclass(frozen=True)
class Rule:
    """One rule, in words of our own.

    Attributes
    ----------
    relation
        How what is found must stand to `low` and `high` (`RELATIONS`), in `unit`.
    words
        The condition, where the rule has no figure.
    form
        A name in `FORMS`.
    table, key, key_2
        The table that the row belongs to, and its place in it: a size, a height, or the name of a class.
    classes
        Urban classes that it is for; empty for all.
    notes
        Keys of `terms.note`.
    compare
        Rules of two codes with one name here ask for the same thing.
    concerns
        Profiles of zones it is checked on; empty for norms of design.
    finding, needs
        What is measured, and the layer that it cannot be measured without.
    """

    id: str
    regulation: str
    clause: str
    topic: str
    subject: str
    measure: str
    relation: str
    low: float | None
    high: float | None
    words: str
    unit: str
    form: str
    table: str
    key: str
    key_2: str
    classes: tuple[str, ...]
    scope: str
    notes: tuple[str, ...]
    compare: str
    concerns: tuple[str, ...]
    finding: str
    needs: str
    confidence: str
    source: str

    @property
    def required(self) -> str:
        """What is required, as a figure with its sign; the unit stands apart."""
        return bounds(self.relation, self.low, self.high) or self.words


def bounds(relation: str, low: float | None, high: float | None) -> str:
    """Return a requirement in letters that every program reads: >= 10, <= 500, 45-60, 25."""
    if relation == "between" and low is not None and high is not None:
        return f"{low:.10g}-{high:.10g}"
    if relation == "at_most":
        return "" if high is None else f"<= {high:.10g}"
    if low is None:
        return ""
    return f">= {low:.10g}" if relation == "at_least" else f"{low:.10g}"


@cache
def rules() -> tuple[Rule, ...]:
    """Return every rule, in the order of the table."""
    return tuple(_rule(row) for row in table("rules"))


@cache
def regulations() -> Mapping[str, Regulation]:
    """Return the texts that rules come from, by id."""
    return {row["id"]: Regulation(**row) for row in table("regulations")}


def codes() -> tuple[str, ...]:
    """Return the ids of the planning codes, older ones first."""
    found = [one for one in regulations().values() if one.role == "code"]
    return tuple(one.id for one in sorted(found, key=lambda one: one.valid_from))


def rule(rule_id: str) -> Rule:
    """Return one rule; InputError if there is none of that id."""
    found = _by_id().get(rule_id)
    if found is None:
        raise InputError(N_("There is no rule {id} in the planning code here."), id=rule_id[:40])
    return found


@cache
def rows_of(name: str) -> tuple[Rule, ...]:
    """Return the rows of a table of the code."""
    return tuple(one for one in rules() if one.table == name)


def code_as_of(day: str) -> str:
    """Return the planning code that applies on a day.

    Parameters
    ----------
    day
        YYYY-MM-DD.

    Raises
    ------
    InputError
        It is no date, or no code that is known here applied then.
    """
    checked_day(day)
    for code in codes():
        if regulations()[code].in_force(day):
            return code
    raise InputError(
        N_("No planning code that is known here applied on {day}; the first one is in force since {first}."),
        day=day,
        first=regulations()[codes()[0]].valid_from,
    )


def checked_day(day: str) -> str:
    """Return a day as it is; InputError if it is not one of the calendar, written YYYY-MM-DD."""
    try:
        well = dt.date.fromisoformat(day).isoformat() == day
    except (TypeError, ValueError):
        well = False
    if not well:
        raise InputError(N_("“{day}” is no date; write year, month and day such as 2026-12-31."), day=str(day)[:40])
    return day


def table(name: str) -> list[dict[str, str]]:
    """Return the rows of one of this package's CSV tables."""
    text = (resources.files("zoning.standards") / f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def _by_id() -> Mapping[str, Rule]:
    return {one.id: one for one in rules()}


def _rule(row: dict[str, str]) -> Rule:
    numbers = {name: float(row[name]) if row[name] else None for name in ("low", "high")}
    lists = {name: tuple(row[name].split()) for name in ("classes", "notes", "concerns")}
    return Rule(**{**row, **numbers, **lists})  # type: ignore[arg-type]
