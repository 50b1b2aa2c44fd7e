"""Check ground against floods: its height above the design level, how rarely it floods, and the drains."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from zoning.names import fold
from zoning.standards.inputs import DRAINAGE, FLOOD, FLOOD_LEVELS, RELIEF, numbers, texts
from zoning.standards.verdicts import Finding

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from zoning.standards.evidence import Evidence
    from zoning.standards.ground import Zone
    from zoning.standards.rules import Rule

WET_SHARE = 0.01
"""Ground counts as flooded where more than this part of it is: outlines of floods are not drawn to the metre."""
NEAR_LEVEL_M = 2_000.0
"""A ground level is held against the nearest flood level within this."""
DRAINED_M = 20.0
"""A street whose middle lies within this of a drain has one: drains run along the kerbs."""
DRAINS: Mapping[str, tuple[str, ...]] = {
    "branch": ("branch", "nhanh"),
    "main": ("main", "chinh"),
    "canal": ("canal", "river", "kenh", "muong", "song", "rach", "ho"),
}
"""Kind of a drain -> words that mean it, folded; the first kind that fits counts."""


def find_ground_level(evidence: Evidence, zone: Zone, rule: Rule, _: str) -> tuple[Rule, Finding]:
    """Return how far the lowest ground of the zone lies above the design flood level, m; below it is negative."""
    levels = evidence.layer(FLOOD_LEVELS)
    if levels is None or zone.shape is None:
        return rule, Finding(None, FLOOD_LEVELS if zone.shape is not None else "outline")
    flood, ground = numbers(levels, FLOOD_LEVELS, "flood_m"), numbers(levels, FLOOD_LEVELS, "ground_m")
    here = shapely.intersects(levels.geometry.to_numpy(), zone.shape)
    above = (ground - flood)[here & np.isfinite(ground) & np.isfinite(flood)]
    if not len(above):
        relief = evidence.layer(RELIEF)
        known = np.isfinite(flood)
        if relief is None or not known.any():
            return rule, Finding(None, RELIEF if known.any() else FLOOD_LEVELS)
        above = _above(relief, levels[known], flood[known], zone.shape)
        if not len(above):
            return rule, Finding(None, RELIEF)
    return rule, Finding(float(above.min()), signed=True)


def _above(
    relief: gpd.GeoDataFrame, levels: gpd.GeoDataFrame, flood_m: NDArray[np.float64], area: BaseGeometry
) -> NDArray[np.float64]:
    """Return how far each ground level in an area lies above the flood level nearest to it, m."""
    spots, ground = relief.geometry.to_numpy(), numbers(relief, RELIEF, "ground_m")
    here = shapely.intersects(spots, area) & np.isfinite(ground)
    spots, ground = spots[here], ground[here]
    at, nearest = shapely.STRtree(levels.geometry.to_numpy()).query_nearest(
        spots, max_distance=NEAR_LEVEL_M, all_matches=False
    )
    above: NDArray[np.float64] = ground[at] - flood_m[nearest]
    return above


def find_flood_period(evidence: Evidence, zone: Zone, rule: Rule, _: str) -> tuple[Rule, Finding]:
    """Return how rare the floods are that the zone is kept dry from, years.

    By the design level, where one is given in the zone; else by mapped floods: those that leave it dry, provided that
    it lies within what is mapped.
    """
    if zone.shape is None:
        return rule, Finding(None, "outline")
    levels = evidence.layer(FLOOD_LEVELS)
    if levels is not None:
        years = numbers(levels, FLOOD_LEVELS, "return_years")
        given = years[shapely.intersects(levels.geometry.to_numpy(), zone.shape) & (years > 0)]
        if len(given):
            return rule, Finding(float(given.min()))
    floods = evidence.layer(FLOOD)
    if floods is None:
        return rule, Finding(None, FLOOD_LEVELS)
    shapes, years = floods.geometry.to_numpy(), numbers(floods, FLOOD, "return_years")
    known = (shapely.get_dimensions(shapes) == 2) & (years > 0)
    shapes, years = shapely.make_valid(shapes[known]), years[known]
    if not len(shapes) or not shapely.intersects(shapely.convex_hull(shapely.multipolygons(_polygons(shapes))),
                                                 zone.shape):  # fmt: skip
        return rule, Finding(None, FLOOD)
    periods = np.unique(years)
    wet = [period for period in periods if _wet(shapes[years <= period], zone.shape)]
    dry = [period for period in periods if period not in wet]
    value = max((period for period in dry if not wet or period < wet[0]), default=0.0)
    decided = bool(wet) and rule.low is not None and wet[0] <= rule.low
    return rule, Finding(float(value), bound="exact" if decided else "at_least")


def find_drain_period(evidence: Evidence, zone: Zone, rule: Rule, kind: str) -> tuple[Rule, Finding]:
    """Return how rarely the drains of a kind may overflow, years: the worst of those in the zone."""
    drains = evidence.layer(DRAINAGE)
    if drains is None or zone.shape is None:
        return rule, Finding(None, DRAINAGE if zone.shape is not None else "outline")
    kinds = np.array([drain_kind(text) for text in texts(drains, DRAINAGE, "kind")], dtype=str)
    years = numbers(drains, DRAINAGE, "return_years")
    here = shapely.intersects(drains.geometry.to_numpy(), zone.shape) & (kinds == kind)
    given = years[here & (years > 0)]
    if not len(given):
        return rule, Finding(None, f"drains:{kind}")
    return rule, Finding(float(given.min()), bound="exact" if len(given) == here.sum() else "at_most")


def find_streets_drained(evidence: Evidence, zone: Zone, rule: Rule, _: str) -> tuple[Rule, Finding]:
    """Return the share of the streets' length that has a drain along it, %."""
    drains, streets = evidence.layer(DRAINAGE), evidence.layer("streets")
    if drains is None or streets is None or zone.shape is None:
        lacks = DRAINAGE if drains is None else "streets"
        return rule, Finding(None, lacks if zone.shape is not None else "outline")
    lines = streets.geometry.to_numpy()
    inside = shapely.intersection(lines[shapely.intersects(lines, zone.shape)], zone.shape)
    pipes = drains.geometry.to_numpy()
    pipes = pipes[shapely.dwithin(pipes, zone.shape, DRAINED_M)]
    length_m = float(shapely.length(inside).sum())
    if length_m <= 0 or not len(pipes):
        return rule, Finding(0.0 if length_m > 0 else None, "streets")
    covered = shapely.intersection(inside, shapely.union_all(shapely.buffer(pipes, DRAINED_M)))
    return rule, Finding(100.0 * float(shapely.length(covered).sum()) / length_m)


def drain_kind(text: str) -> str:
    """Return the kind of a drain by its words, empty where they do not tell."""
    words = set(fold(text.replace("_", " ")).split())
    return next((kind for kind, known in DRAINS.items() if words & set(known)), "")


def _wet(floods: NDArray[np.object_], area: BaseGeometry) -> bool:
    part = shapely.intersection(floods[shapely.intersects(floods, area)], area)
    return float(shapely.union_all(part).area) > WET_SHARE * area.area if len(part) else False


def _polygons(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    parts = shapely.get_parts(shapes)
    return np.asarray(parts[shapely.get_dimensions(parts) == 2], dtype=object)
