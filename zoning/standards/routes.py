"""Measure public transport as lines: how dense the routes of an area are, how far apart they run, and their stops."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from zoning.scenarios.layers import PREFIX
from zoning.standards.inputs import BUS_ROUTES, texts
from zoning.standards.services import sample_points
from zoning.standards.verdicts import Finding

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from zoning.standards.evidence import Evidence
    from zoning.standards.ground import Zone
    from zoning.standards.rules import Rule

MODES = ("bus", "brt", "tram")
RAIL = ("metro", "rail", "brt")
SAMPLE_M = 200.0
AT_STOP_M = 60.0
"""A stop within this of a route's line is one of its stops: lines are drawn along the middle of the road."""
SAME_STOP_M = 40.0
"""Stops of both directions stand across the road from each other: closer than this along the line they are one."""
UNBUILT = ("farm", "forest", "water", "unused")
"""Uses that are no urban construction land."""


def routes_of(evidence: Evidence) -> tuple[NDArray[np.object_], bool]:
    """Return the lines of public transport, and whether the list is whole: a planner's own layer, or that of a
    timetable, is. What a scenario adds is among the corridors and counts beside it.
    """
    own = evidence.layer(BUS_ROUTES)
    if own is not None:
        gone = np.isin([one.lower() for one in texts(own, BUS_ROUTES, "status")], ["planned", "removed"])
        lines = own.geometry.to_numpy()[~gone]
        lines = lines[shapely.get_dimensions(lines) == 1]
        return np.concatenate([lines, _added(evidence)]), True
    return evidence.corridors(*MODES, "metro"), False


def _added(evidence: Evidence) -> NDArray[np.object_]:
    """Return the lines that a scenario adds; none without one."""
    every = evidence.layer("corridors")
    if every is None:
        return np.empty(0, dtype=object)
    lines = every[every["mode"].isin((*MODES, "metro")) & every["id"].astype(str).str.startswith(PREFIX)]
    shapes = lines.geometry.to_numpy()
    return np.asarray(shapes[shapely.get_dimensions(shapes) == 1], dtype=object)


def find_route_density(evidence: Evidence, zone: Zone, rule: Rule, _: str) -> tuple[Rule, Finding]:
    """Return the km of public transport for each km2 of urban construction land; shared streets count once.

    Where no land use tells which land is built, the whole area stands for it: the true density is at least that.
    """
    lines, whole = routes_of(evidence)
    if zone.shape is None:
        return rule, Finding(None, "outline")
    inside = _inside(lines, zone.shape)
    if not whole and not len(inside):
        return rule, Finding(None, BUS_ROUTES)
    land = evidence.balance(zone)
    built_ha = zone.shape.area / 1e4
    if land is not None:
        built_ha = sum(area for use, area in land.uses_ha.items() if use not in UNBUILT)
    if built_ha <= 0:
        return rule, Finding(None, "land_use")
    # a grid of 1 m: lines that were traced along the same street are one
    length_km = float(shapely.length(shapely.union_all(inside, grid_size=1.0))) / 1000 if len(inside) else 0.0
    exact = whole and land is not None
    return rule, Finding(length_km / (built_ha / 100), "" if whole else BUS_ROUTES, "exact" if exact else "at_least")


def find_route_spacing(evidence: Evidence, zone: Zone, rule: Rule, kind: str) -> tuple[Rule, Finding]:
    """Return how far apart the routes of an area run, m, as if they ran parallel; never a plain verdict.

    Ground between parallel lines that lie s apart is s / 4 from the nearest one on average.
    """
    lines, whole = routes_of(evidence)
    if zone.shape is None:
        return rule, Finding(None, "outline")
    if not whole or not len(_inside(lines, zone.shape)):
        return rule, Finding(None, BUS_ROUTES)
    points, _ = sample_points([zone.shape], SAMPLE_M)
    tree = shapely.STRtree(lines)
    away = shapely.distance(points, lines[tree.nearest(points)])
    doubt = "centre_or_not" if kind == "centre" else "spacing_estimated"
    return rule, Finding(4.0 * float(away.mean()), doubt=doubt)


def find_stop_spacing(evidence: Evidence, zone: Zone, rule: Rule, kind: str) -> tuple[Rule, Finding | None]:
    """Return the longest way between two stops of a route (of rail the shortest), m, where it lies in the zone."""
    if zone.shape is None:
        return rule, Finding(None, "outline")
    if kind == "rail":
        gaps = _gaps(evidence.corridors(*RAIL), evidence.stations, zone.shape, 10 * AT_STOP_M)
        return (rule, Finding(min(gaps), doubt="list_incomplete")) if gaps else (rule, None)
    given = evidence.service("stop")
    if given is None:
        return rule, Finding(None, "stops")
    lines, whole = routes_of(evidence)
    if whole and len(_inside(lines, zone.shape)):
        gaps = _gaps(lines, given.points.to_numpy(), zone.shape, AT_STOP_M)
        return rule, Finding(max(gaps), "") if gaps else Finding(None, "stops")
    apart = _nearest_of_route(given.frame, zone.shape)
    if apart is None:
        return rule, Finding(None, BUS_ROUTES)
    return rule, Finding(apart, doubt="list_incomplete")


def _inside(lines: NDArray[np.object_], area: BaseGeometry) -> NDArray[np.object_]:
    """Return the pieces of lines that lie in an area."""
    if not len(lines):
        return lines
    near = shapely.STRtree(lines).query(area, predicate="intersects")
    pieces = shapely.intersection(lines[near], area)
    return np.asarray(pieces[shapely.length(pieces) > 0], dtype=object)


def _gaps(
    lines: NDArray[np.object_], stops: NDArray[np.object_], area: BaseGeometry, within_m: float
) -> list[float]:  # fmt: skip
    """Return the ways along lines between stops that follow each other, where their middle lies in the area."""
    found: list[float] = []
    if not len(stops):
        return found
    for line in lines[shapely.intersects(lines, area)] if len(lines) else []:
        merged = shapely.line_merge(line)
        for part in shapely.get_parts(merged):
            here = stops[shapely.distance(stops, part) <= within_m]
            along = np.sort(shapely.line_locate_point(part, here))
            along = along[np.concatenate([[True], np.diff(along) > SAME_STOP_M])] if len(along) else along
            middles = shapely.line_interpolate_point(part, (along[1:] + along[:-1]) / 2)
            found += np.diff(along)[shapely.intersects(middles, area)].tolist() if len(along) > 1 else []
    return found


def _nearest_of_route(stops: gpd.GeoDataFrame, area: BaseGeometry) -> float | None:
    """Return the longest way by straight line from a stop in the area to the next one of a route that it has."""
    if "routes" not in stops:
        return None
    shapes = stops.geometry.to_numpy()
    best = np.full(len(stops), np.inf)
    routes = [set(str(one).split()) for one in stops["routes"].fillna("")]
    for route in sorted({name for names in routes for name in names}):
        rows = np.array([at for at, names in enumerate(routes) if route in names], dtype=np.intp)
        if len(rows) < 2:
            continue
        away = shapely.distance(shapes[rows][:, np.newaxis], shapes[rows][np.newaxis, :])
        away = np.where(away > SAME_STOP_M, away, np.inf)
        best[rows] = np.minimum(best[rows], away.min(axis=1))
    here = best[shapely.intersects(shapes, area) & np.isfinite(best)]
    return float(here.max()) if len(here) else None
