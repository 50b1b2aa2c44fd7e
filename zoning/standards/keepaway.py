"""Measure distances that must be kept: between homes and factories, works, graves, lines, stations and railways."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from zoning.errors import InputError
from zoning.standards.inputs import GAS_PIPELINES, LAND_USE, POWER_LINES, UTILITIES, column, numbers, texts
from zoning.standards.lookup import row_of, step_of
from zoning.standards.verdicts import Finding

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from zoning.standards.evidence import Evidence
    from zoning.standards.ground import Zone
    from zoning.standards.rules import Rule

TOD_LOOK_M = 1_000.0
"""A zone farther than this from every station is not asked whether it may be a TOD area."""
ROUGH_M = 200.0
"""Corridors that come with the region are drawn to about this: what is nearer than that is not decided by them."""
GATHERINGS = ("school", "health", "culture", "market", "stadium", "park")
YES = ("1", "true", "yes", "x", "co", "có")


def find_housing_distance(evidence: Evidence, zone: Zone, rule: Rule, _: str) -> tuple[Rule, Finding]:
    """Return how far the nearest homes are from a park, by the hazard class of its factories, m."""
    row = hazard_row(zone)
    if row is None:
        named = str(zone.facts.get("hazard_class") or "").strip()
        return rule, Finding(None, "hazard_class", doubt="bad_figure" if named and named != "nan" else "")
    homes = evidence.housing
    if homes is None or zone.shape is None:
        return row, Finding(None, "housing" if zone.shape is not None else "outline")
    return row, Finding(float(shapely.distance(homes, zone.shape).min()))


def hazard_row(zone: Zone) -> Rule | None:
    """Return the rule of a zone's hazard class; None where it has none that is known."""
    name = str(zone.facts.get("hazard_class") or "").strip().upper()
    try:
        return row_of("hazard-distance", name)
    except InputError:
        return None


def find_utility_distance(evidence: Evidence, zone: Zone, rule: Rule, kind: str) -> tuple[Rule, Finding]:
    """Return how far the nearest technical works of a kind are from where people live, m."""
    near = works(evidence, kind)
    if near is None:
        return rule, Finding(None, rule.needs)
    lived: BaseGeometry | None = zone.shape
    if {"ward", "town", "commune"} & set(zone.profiles):  # works lie inside wards; what counts is where people live
        lived = _lived(evidence, zone)
    if lived is None:
        return rule, Finding(None, "housing" if zone.shape is not None else "outline")
    away = shapely.distance(near.geometry.to_numpy(), lived)
    at = int(np.argmin(away))
    if rule.form == "steps":
        volume = numbers(near, UTILITIES, "capacity")[at]
        if not np.isfinite(volume):
            return rule, Finding(float(away[at]), doubt="other_limit")
        rule = step_of(rule.table, float(volume))
    return rule, Finding(float(away[at]))


def find_works_apart(evidence: Evidence, zone: Zone, rule: Rule, kinds: str) -> tuple[Rule, Finding]:
    """Return how far works of a kind in the zone are from the nearest of another kind (first>second), m."""
    first, _, second = kinds.partition(">")
    near = works(evidence, first)
    if zone.shape is None or near is None:
        return rule, Finding(None, f"utilities:{first}" if zone.shape is not None else "outline")
    here = near.geometry.to_numpy()
    here = here[shapely.intersects(here, zone.shape)]
    if not len(here):
        return rule, Finding(None, f"utilities:{first}")
    doubt = ""
    others: NDArray[np.object_]
    if second == "roads":
        others, doubt = evidence.corridors("rail", "road", "expressway"), "drawn_roughly"
        if not len(others):
            return rule, Finding(None, "corridors")
    elif second == "water":
        land = evidence.land_of("water")
        if land is None:
            return rule, Finding(None, LAND_USE)
        others = land
    else:
        other = works(evidence, second)
        if other is None:
            return rule, Finding(None, f"utilities:{second}")
        others = other.geometry.to_numpy()
    away = float(shapely.distance(here[:, np.newaxis], others[np.newaxis, :]).min())
    certain = rule.low is not None and away > rule.low + ROUGH_M
    return rule, Finding(away, doubt="" if certain else doubt)


def find_line_distance(evidence: Evidence, zone: Zone, rule: Rule, _: str) -> tuple[Rule, Finding | None]:
    """Return how far the nearest power line is, m, against the corridor of its voltage."""
    lines = evidence.layer(POWER_LINES)
    area = zone.shape or zone.point
    if lines is None or area is None or column(lines, POWER_LINES, "voltage_kv") is None:
        return rule, Finding(None, POWER_LINES if area is not None else "outline")
    away = shapely.distance(lines.geometry.to_numpy(), area)
    at = int(np.argmin(away))
    voltage = numbers(lines, POWER_LINES, "voltage_kv")[at]
    covered = texts(lines, POWER_LINES, "covered")[at].lower() in YES
    key = (
        f"{voltage:g} kV"
        if voltage > 35
        else f"{'35' if voltage > 22 else 'to 22'} kV {'covered' if covered else 'bare'}"
    )
    try:
        rule = row_of("power-corridor", key)
    except InputError:
        return rule, Finding(float(away[at]), doubt="other_limit")
    return rule, Finding(float(away[at]), doubt="line_crosses" if away[at] == 0 else "")


def find_lines_across(evidence: Evidence, zone: Zone, rule: Rule, kind: str) -> tuple[Rule, Finding]:
    """Return how many overhead lines of a voltage cross the zone: of 500 kV none may, of 110-220 kV none overhead."""
    lines = evidence.layer(POWER_LINES)
    if lines is None or zone.shape is None:
        return rule, Finding(None, POWER_LINES if zone.shape is not None else "outline")
    voltage = numbers(lines, POWER_LINES, "voltage_kv")
    wanted = voltage >= 330 if kind == "500" else (voltage >= 110) & (voltage < 330)
    hidden = np.array([one.lower() in YES for one in texts(lines, POWER_LINES, "underground")], dtype=bool)
    across = shapely.intersects(lines.geometry.to_numpy(), zone.shape) & wanted & ~hidden
    count = float(np.count_nonzero(across))
    doubt = "inner_or_not" if count else ""
    return rule, Finding(count, doubt=doubt, required=("at_most", None, 0.0), unit="count")


def find_station_distance(evidence: Evidence, zone: Zone, rule: Rule, _: str) -> tuple[Rule, Finding | None]:
    """Return how far the nearest station is, m; None where too far to be a TOD area."""
    area = zone.shape or zone.point
    if area is None or not len(evidence.stations):
        return rule, Finding(None, "logistics" if area is not None else "outline")
    away = float(shapely.distance(evidence.stations, area).min())
    return rule, Finding(away, doubt="point_only" if zone.shape is None else "") if away <= TOD_LOOK_M else None


def find_rail_distance(evidence: Evidence, zone: Zone, rule: Rule, _: str) -> tuple[Rule, Finding | None]:
    """Return how far the nearest homes of the zone are from a railway's axis, m; None where no railway is near."""
    rails = evidence.corridors("rail")
    if zone.shape is None:
        return rule, Finding(None, "outline")
    rails = rails[shapely.intersects(rails, zone.shape)] if len(rails) else rails
    if not len(rails):
        return rule, None
    homes = _lived(evidence, zone)
    if homes is None:
        return rule, Finding(None, "housing")
    away = float(shapely.distance(rails, homes).min())
    return rule, Finding(away, doubt="" if away > ROUGH_M else "drawn_roughly")


def find_gas_pressure(evidence: Evidence, zone: Zone, rule: Rule, _: str) -> tuple[Rule, Finding]:
    """Return the highest pressure of the gas pipelines in the zone, bar."""
    pipes = evidence.layer(GAS_PIPELINES)
    if pipes is None or zone.shape is None:
        return rule, Finding(None, GAS_PIPELINES if zone.shape is not None else "outline")
    here = shapely.intersects(pipes.geometry.to_numpy(), zone.shape)
    pressures = numbers(pipes, GAS_PIPELINES, "pressure_bar")[here]
    if not here.any():
        return rule, Finding(0.0)
    known = pressures[np.isfinite(pressures)]
    if not len(known):
        return rule, Finding(None, GAS_PIPELINES)
    return rule, Finding(float(known.max()), bound="exact" if len(known) == len(pressures) else "at_least",
                         doubt="inner_or_not" if known.max() > (rule.high or 0.0) else "")  # fmt: skip


def find_petrol_apart(evidence: Evidence, zone: Zone, rule: Rule, kind: str) -> tuple[Rule, Finding | None]:
    """Return how far petrol stations of the zone are from each other, or from places where people gather, m."""
    given = evidence.service("petrol_station")
    if given is None or zone.shape is None:
        return rule, Finding(None, rule.needs if zone.shape is not None else "outline")
    here = given.shapes[shapely.intersects(given.shapes, zone.shape)]
    if not len(here):
        return rule, None if given.whole else Finding(None, rule.needs)
    if kind == "stations":
        others, whole = given.shapes, given.whole
    else:
        found = [one for one in map(evidence.service, GATHERINGS) if one is not None]
        if not found:
            return rule, Finding(None, "facilities:gathering")
        others, whole = np.concatenate([one.shapes for one in found]), False
    away = shapely.distance(here[:, np.newaxis], others[np.newaxis, :])
    if kind == "stations":  # each is 0 m from itself; two at one place would be one station listed twice
        away = np.where(away > 1.0, away, np.inf)
    least = float(away.min())
    if not np.isfinite(least):
        return rule, None
    below = rule.low is not None and least < rule.low
    return rule, Finding(least, doubt="" if whole or below else "list_incomplete")


def works(evidence: Evidence, kind: str) -> gpd.GeoDataFrame | None:
    """Return the technical works of a kind; None where no layer has any."""
    every = evidence.layer(UTILITIES)
    if every is None or (at := column(every, UTILITIES, "kind")) is None:
        return None
    kinds = every[at].astype(str)
    found = every[kinds.eq(kind) | (kinds.str.startswith(f"{kind}_") if kind == "cemetery" else False)]
    return found if len(found) else None


def _lived(evidence: Evidence, zone: Zone) -> BaseGeometry | None:
    """Return the ground of a zone where people live, as far as it is known."""
    homes = evidence.housing
    if homes is None or zone.shape is None:
        return None
    inside = homes[shapely.intersects(homes, zone.shape)]
    return shapely.union_all(inside) if len(inside) else None
