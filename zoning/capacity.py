"""Work out what a zone can hold and what it needs: floor area, people, jobs, water, power and waste by the code."""

from __future__ import annotations

import math
from dataclasses import dataclass

from zoning.errors import InputError
from zoning.standards.lookup import limit_at, row_of
from zoning.standards.profiles import rules_for
from zoning.standards.rules import Rule, rule
from zoning.text import N_

CODE = "qcvn-01-2021"
"""The figures of demand are known of this code only."""
JOBS_PER_HA = 50.0
"""Planned workers of two parks of the region: 35,000 on 700 ha (Cay Truong), 26,000 on 520 ha (Dat Cuoc)."""
DEFAULT_INDUSTRY = "food, electronics, textile"
TOD_TIMES = "TOD-002"


@dataclass(frozen=True)
class Need:
    """What a zone needs: `what` (water, power, waste), an amount in `unit`, and the rules that it follows."""

    what: str
    amount: float
    unit: str
    rules: tuple[str, ...]


def density_per_ha(people: float, area_ha: float) -> float:
    """Return people (or jobs) a hectare; InputError unless the area is more than 0."""
    return _amount(people) / _area(area_ha)


def floor_area_m2(land_m2: float, ratio: float) -> float:
    """Return the gross floor area of a lot: its land times the floor area ratio."""
    return _amount(land_m2) * _amount(ratio)


def largest_floor_area_m2(land_m2: float, height_m: float, *, near_station: bool = False) -> float:
    """Return the largest gross floor area of an apartment or mixed-use lot in an existing area.

    The floor area ratio of Table 2.12, read between sizes and heights by straight line; 1.5 times of it within 1,000 m
    of a station, where the infrastructure can carry it (resolution of the city's People Council, 2025).
    """
    times = rule(TOD_TIMES).high or 1.0
    return floor_area_m2(land_m2, limit_at("far-existing", land_m2, height_m)) * (times if near_station else 1.0)


def people_range(area_ha: float, urban_class: str = "special") -> tuple[float, float]:
    """Return how few and how many people a residential unit of an area may have, by its land a person (Table 2.2)."""
    found = [one for one in rules_for(("urban",), CODE, urban_class) if _is_unit_land(one)]
    if not found:
        raise InputError(N_("The code has no land per person for the class {name}."), name=urban_class)
    low, high = found[0].low or math.nan, found[0].high or math.nan
    return _area(area_ha) * 1e4 / high, _area(area_ha) * 1e4 / low


def jobs(area_ha: float, per_ha: float = JOBS_PER_HA) -> float:
    """Return the jobs of an industrial park; the code has no figure, the default is that of planned parks here."""
    return _area(area_ha) * _amount(per_ha)


def industrial_needs(area_ha: float, industry: str = DEFAULT_INDUSTRY) -> tuple[Need, ...]:
    """Return water, power and waste of an industrial park.

    Parameters
    ----------
    area_ha
        Area of the whole site.
    industry
        A key of the table industrial-load, such as "heavy industry" or "warehouse".

    Returns
    -------
    Water for 60 % of the site, the least that the code asks for; power of the whole; waste a day.
    """
    area = _area(area_ha)
    water, waste, load = rule("WA-018"), rule("SW-005"), row_of("industrial-load", industry)
    return (
        Need("water", 0.6 * area * (water.low or 0.0), "m3/day", (water.id,)),
        Need("power", area * (load.low or 0.0), "kW", (load.id,)),
        Need("waste", area * (waste.low or 0.0), "t/day", (waste.id,)),
    )


def residential_needs(people: float, urban_class: str = "special") -> tuple[Need, ...]:
    """Return water, power and waste of a number of residents.

    Water: domestic, and what the code adds to it for public services and for streets and green. Power: the domestic
    peak load of the long term. Towns of the special class have figures of their own.
    """
    people = _amount(people)
    domestic, public, streets = rule("WA-013"), rule("WA-015"), rule("WA-016")
    share = 1.0 + ((public.low or 0.0) + (streets.low or 0.0)) / 100.0
    load, waste = _of_class(("PO-004", "PO-008", "PO-012", "PO-016"), urban_class), _of_class(
        ("SW-001", "SW-002", "SW-003", "SW-004"), urban_class
    )  # fmt: skip
    return (
        Need("water", people * (domestic.low or 0.0) * share / 1e3, "m3/day", (domestic.id, public.id, streets.id)),
        Need("power", people * (load.low or 0.0) / 1e3, "kW", (load.id,)),
        Need("waste", people * (waste.high or 0.0) / 1e3, "t/day", (waste.id,)),
    )


def _of_class(ids: tuple[str, ...], urban_class: str) -> Rule:
    for one in ids:
        if urban_class in rule(one).classes:
            return rule(one)
    raise InputError(N_("The code has no figure for the urban class {name}."), name=urban_class[:40])


def _is_unit_land(one: Rule) -> bool:
    return one.measure == "residential-unit land per person" and one.relation == "between"


def _area(area_ha: float) -> float:
    area = _amount(area_ha)
    if area <= 0:
        raise InputError(N_("An area must be more than 0 ha; {value} is not."), value=area_ha)
    return area


def _amount(value: float) -> float:
    value = float(value)
    if not (math.isfinite(value) and value >= 0):
        raise InputError(N_("An amount must be 0 or more; {value} is not."), value=value)
    return value
