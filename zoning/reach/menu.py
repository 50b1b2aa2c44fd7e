"""Name the measures of accessibility and of equity: titles, formulas, papers, what each needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoning.errors import InputError
from zoning.reach.decay import Decay, binary, linear, parse, stepped
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Mapping

PER_PEOPLE = 1_000
"""Floating catchments are told as supply for so many people, as norms are."""
LUO_QI_WEIGHTS = (0.68, 0.22, 0.0)
"""Weights of the second and third part of a catchment and beyond: Luo and Qi (2009), the sharp Gaussian set."""


@dataclass(frozen=True)
class Measure:
    """A measure as people choose it.

    Parameters
    ----------
    title
        What it is called.
    question
        What it answers, in a sentence.
    formula
        With t travel minutes, P people, S capacities, f the decay, i homes, j places.
    paper
        Where it was published.
    unit
        Unit of its values, marked for translation; `{what}` is what is offered.
    usual_min
        The limit in minutes where none is given.
    competing
        Whether people compete for what is offered (a floating catchment).
    decays
        Whether it weighs minutes by a decay that can be chosen.
    less_is_better
        Whether a small value is good.
    digits
        Digits after the point, for reading.
    """

    title: str
    question: str
    formula: str
    paper: str
    unit: str
    usual_min: float = 15.0
    competing: bool = False
    decays: bool = False
    less_is_better: bool = False
    digits: int = 1


PER_PEOPLE_UNIT = N_("per 1,000 people")
ADDED_UP = ("balanced", "spatial_availability")
"""Measures whose values at points add up to that of a unit: they divide what is offered among the points; the others
are a mean of people.
"""
_AMOUNT = N_("within reach")

MEASURES: Mapping[str, Measure] = {
    "nearest": Measure(
        N_("Minutes to the nearest"),
        N_("How long is the way to the nearest place, or to the k-th nearest, for a choice of k?"),
        "tᵢ = min⁽ᵏ⁾ⱼ tᵢⱼ",
        "–",
        N_("minutes"),
        usual_min=120.0,
        less_is_better=True,
    ),
    "cumulative": Measure(
        N_("How much is within reach"),
        N_("How much can be reached within the minutes?"),
        "Aᵢ = Σⱼ Sⱼ [tᵢⱼ ≤ T]",
        "Hansen 1959, J. Am. Inst. Planners 25(2)",
        _AMOUNT,
    ),
    "gravity": Measure(
        N_("How much is within reach, near counting more"),
        N_("How much can be reached, each place weighed by its minutes?"),
        "Aᵢ = Σⱼ Sⱼ f(tᵢⱼ)",
        "Hansen 1959, J. Am. Inst. Planners 25(2)",
        _AMOUNT,
        decays=True,
    ),
    "2sfca": Measure(
        N_("Two-step floating catchment (2SFCA)"),
        N_("How much is there a person, when all who reach a place share it?"),
        "Rⱼ = Sⱼ / Σᵢ Pᵢ f(tᵢⱼ);  Aᵢ = Σⱼ Rⱼ f(tᵢⱼ)",
        "Luo & Wang 2003, Environ. Plann. B 30(6)",
        PER_PEOPLE_UNIT,
        competing=True,
        decays=True,
        digits=2,
    ),
    "e2sfca": Measure(
        N_("Enhanced 2SFCA: weights by steps of minutes"),
        N_("As two steps, but those who live near a place count more than those at the end of its catchment."),
        "Rⱼ = Sⱼ / Σᵢ Pᵢ w(tᵢⱼ);  Aᵢ = Σⱼ Rⱼ w(tᵢⱼ)",
        "Luo & Qi 2009, Health & Place 15(4)",
        PER_PEOPLE_UNIT,
        competing=True,
        decays=True,
        digits=2,
    ),
    "3sfca": Measure(
        N_("Three-step floating catchment (3SFCA)"),
        N_("As two steps, but who has many places to choose from presses less on each."),
        "Gᵢⱼ = f(tᵢⱼ) / Σₖ f(tᵢₖ);  Rⱼ = Sⱼ / Σᵢ Pᵢ Gᵢⱼ f(tᵢⱼ);  Aᵢ = Σⱼ Rⱼ Gᵢⱼ f(tᵢⱼ)",
        "Wan, Zou & Sternberg 2012, Int. J. GIS 26(6)",
        PER_PEOPLE_UNIT,
        competing=True,
        decays=True,
        digits=2,
    ),
    "balanced": Measure(
        N_("Balanced floating catchment"),
        N_("As two steps, but nobody and no service is counted twice."),
        "Dⱼ = Σᵢ Pᵢ f(tᵢⱼ)/Σₖ f(tᵢₖ);  Lⱼ = Sⱼ/Dⱼ;  Aᵢ = Σⱼ Lⱼ f(tᵢⱼ)/Σₖ f(tₖⱼ)",
        "Paez, Higgins & Vivona 2019, PLOS ONE 14(6) e0218773",
        PER_PEOPLE_UNIT,
        competing=True,
        decays=True,
        digits=4,
    ),
    "spatial_availability": Measure(
        N_("Spatial availability"),
        N_("How much of everything offered falls to the people of this unit? Totals are kept."),
        "Vᵢ = Σⱼ Sⱼ Pᵢ f(tᵢⱼ) / Σₖ Pₖ f(tₖⱼ)",
        "Soukhov et al. 2023, PLOS ONE 18(1) e0278468",
        N_("available to its people"),
        competing=True,
        decays=True,
    ),
}


@dataclass(frozen=True)
class EquityFigure:
    """How an equity figure is told: its name, formula, and what its size means."""

    title: str
    formula: str
    meaning: str


EQUITY: Mapping[str, EquityFigure] = {
    "gini": EquityFigure(
        N_("Gini index"), "G = Σᵢ Σₖ pᵢ pₖ |xᵢ − xₖ| / 2μ", N_("0: everyone has the same; towards 1: few have all.")
    ),
    "palma": EquityFigure(
        N_("Palma ratio"),
        "x̄(90–100 %) / x̄(0–40 %)",
        N_("People ranked by what they have; 1: the same."),
    ),
    "theil": EquityFigure(
        N_("Theil index"), "T = Σᵢ pᵢ (xᵢ/μ) ln(xᵢ/μ)", N_("0: everyone has the same; total of the next two.")
    ),
    "theil_between": EquityFigure(
        N_("… between units"), "Σᵤ pᵤ (μᵤ/μ) ln(μᵤ/μ)", N_("What is left if each unit shared evenly within.")
    ),
    "theil_within": EquityFigure(
        N_("… within units"), "Σᵤ pᵤ (μᵤ/μ) Tᵤ", N_("What a table of units does not show.")
    ),
    "concentration": EquityFigure(
        N_("Concentration index, by density"),
        "C = (2/μ) Σᵢ pᵢ (xᵢ − μ)(Rᵢ − ½)",
        N_("Above 0: more in dense wards; below 0: more in thinly settled ones. Incomes by ward are not known."),
    ),
    "fgt0": EquityFigure(
        N_("Below the line (FGT0)"), "Σ pᵢ [xᵢ < z]", N_("Share of people who have less than the line z.")
    ),
    "fgt1": EquityFigure(N_("Shortfall (FGT1)"), "Σ pᵢ (z − xᵢ)/z", N_("… times how much they lack.")),
    "fgt2": EquityFigure(
        N_("Severity (FGT2)"), "Σ pᵢ ((z − xᵢ)/z)²", N_("… those who have least counting most.")
    ),
}  # fmt: skip


def decay_of(measure: str, limit_min: float, text: str = "") -> Decay:
    """Return the decay of a measure: the one written, else the usual one of the paper over the limit.

    Parameters
    ----------
    measure
        A name in `MEASURES`.
    limit_min
        Where the catchment ends, in minutes.
    text
        As `zoning.reach.decay.parse` reads it; empty for the usual one.

    Raises
    ------
    InputError
        The text is no decay, or the enhanced 2SFCA was given one without steps.
    """
    if text.strip():
        decay = parse(text)
        if measure == "e2sfca" and decay.name != "stepped":
            raise InputError(
                N_("The enhanced 2SFCA weighs by steps, such as stepped:10,20/0.68,0.22; “{text}” has none. Take 2SFCA"
                   " for a smooth decay."),
                text=text,
            )  # fmt: skip
        return decay
    if measure in {"e2sfca", "3sfca"}:
        return stepped([limit_min / 3, 2 * limit_min / 3, limit_min], LUO_QI_WEIGHTS)
    return linear(limit_min) if measure == "gravity" else binary(limit_min)
