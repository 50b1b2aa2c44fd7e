"""Turn the new roads and interchanges of a scenario into streets that `TravelNetwork.extend` takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from zoning.errors import InputError
from zoning.reach.attributes import categorical
from zoning.reach.modes import MODES
from zoning.reach.speeds import MOTORWAYS
from zoning.scenarios.content import refused
from zoning.scenarios.existing import DUAL_LANES
from zoning.scenarios.model import AddRoad, Interchange
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from zoning.reach.layout import Layout
    from zoning.scenarios.content import ScenarioError
    from zoning.scenarios.existing import Place
    from zoning.scenarios.model import Modification

JOIN_M = 30.0
"""The end of a drawn road joins a street within this distance: as exact as a click on a map is."""
RADIUS_M = 150.0
"""How far the ramps of an expressway's interchange may lead."""
RAMP_KMH = 40.0
ONE_PLACE_M = 1.0
"""Joints nearer than this are one."""
VERTEX_M = 1e-6
"""A vertex nearer than this to a joint is the joint."""
NEIGHBOUR_M = 5_000.0
"""A new road is built-up where the nearest street within this distance is."""
DUAL_CLASSES = frozenset({"motorway", "trunk"})


@dataclass
class _Road:
    """A new road while its joints are found: distance along the line, street (-1: none), x, y."""

    change: AddRoad
    line: shapely.LineString
    joints: list[tuple[float, int, float, float]] = field(default_factory=list)
    ramps: list[dict[str, Any]] = field(default_factory=list)

    @property
    def expressway(self) -> bool:
        return self.change.road_class in MOTORWAYS


@dataclass(frozen=True)
class NewStreets:
    """Streets to add (`rows`, without costs), the roads that nobody can use, and what was refused."""

    rows: gpd.GeoDataFrame
    unused: tuple[str, ...] = ()
    faults: tuple[ScenarioError, ...] = ()

    @cached_property
    def about(self) -> pd.DataFrame:
        """The rows without their lines: what costs depend on."""
        about = pd.DataFrame(self.rows.drop(columns="geometry"))
        return about.assign(highway=categorical(about["highway"].tolist()))


class Finder:
    """Find streets of a network by place: ordinary ones, or expressways."""

    def __init__(self, layout: Layout, attributes: pd.DataFrame) -> None:
        self.layout = layout
        of_street = np.zeros(layout.street_count, dtype=bool)
        if "highway" in attributes:
            held = attributes["highway"].array
            fast = np.array([*(name in MOTORWAYS for name in held.categories), False])  # code -1: no class
            of_street = fast[held.codes[layout.forward_edge]]
        self.expressway, self.ordinary = of_street, ~of_street

    def nearest(self, xy: Sequence[float], usable: NDArray[np.bool_], limit_m: float) -> tuple[int, Any, float] | None:
        """Return the nearest usable street within a limit: its number, the place on it, the distance in metres."""
        point = np.array([shapely.Point(*xy)], dtype=object)
        best = None
        for layer in self.layout.street_layers:
            street, distance = layer.nearest(point, usable, limit_m)
            if street[0] >= 0 and (best is None or distance[0] < best[2]):
                line = layer.lines[int(street[0]) - layer.first]
                best = int(street[0]), line.interpolate(line.project(point[0])), float(distance[0])
        return best

    def crossings(self, line: shapely.LineString) -> list[tuple[float, int, float, float]]:
        """Return where a line crosses or touches ordinary streets: distance along the line, street, x, y."""
        found = []
        for layer in self.layout.street_layers:
            hits = layer.tree.query(line, predicate="intersects")
            hits = hits[self.ordinary[hits + layer.first]]
            for street, meeting in zip(hits.tolist(), shapely.intersection(layer.lines[hits], line), strict=True):
                # where both run together for a while, they meet at the ends of that stretch
                parts = shapely.get_parts(meeting)
                for part in parts.tolist():
                    xy = shapely.get_coordinates(part)
                    for x, y in (xy[0], xy[-1]) if len(xy) > 1 else (xy[0],):
                        at = float(line.project(shapely.Point(x, y)))
                        found.append((at, street + layer.first, float(x), float(y)))
        return found

    def built_up(self, places: NDArray[np.object_], attributes: pd.DataFrame) -> NDArray[np.bool_]:
        """Return whether places lie in a built-up area: as the nearest ordinary street does."""
        if "built_up" not in attributes:
            return np.ones(places.size, dtype=bool)
        found = np.ones(places.size, dtype=bool)
        best = np.full(places.size, np.inf)
        values = attributes["built_up"].to_numpy(dtype=bool)
        for layer in self.layout.street_layers:
            street, distance = layer.nearest(places, self.ordinary, NEIGHBOUR_M)
            rows = np.flatnonzero(distance < best)
            best[rows] = distance[rows]
            found[rows] = values[self.layout.forward_edge[street[rows]]]
        return found


def new_streets(layout: Layout, attributes: pd.DataFrame, changes: Sequence[Modification], place: Place) -> NewStreets:
    """Return the streets that the new roads and interchanges among `changes` make; see `AddRoad` for how they join."""
    finder, faults = Finder(layout, attributes), []
    roads: list[_Road] = []
    rows: list[dict[str, Any]] = []
    for change in changes:
        if isinstance(change, AddRoad):
            try:
                _check_modes(change)
                roads.append(_Road(change, shapely.LineString(place(change.line))))
            except InputError as fault:
                faults.append(refused(change.id, fault))
    ramps = [change for change in changes if isinstance(change, Interchange)]
    kept, unused = [], []
    for road in roads:
        try:
            if road.expressway:
                road.ramps = _interchanges(road, finder, ramps, place)
            else:
                _ends(road, finder, [other.line for other in roads if other is not road and not other.expressway])
            kept.append(road)
        except InputError as fault:
            faults.append(refused(road.change.id, fault))
    ordinary = [road for road in kept if not road.expressway]
    _cross_each_other(ordinary)
    for lost in _unjoined(ordinary):
        kept.remove(lost)
        alone = InputError(N_("it meets no street of the network within {join:g} m"), join=JOIN_M)
        faults.append(refused(lost.change.id, alone))
    for road in kept:
        made = _pieces(road, layout)
        if not made:
            unused.append(road.change.id)
            continue  # nor are its ramps built: they would lead nowhere
        rows += [*road.ramps, *made]
    for change in ramps:
        try:
            rows += _ramp(change, finder, layout, place, kept)
        except InputError as fault:
            faults.append(refused(change.id, fault))
    return NewStreets(_frame(rows, layout, finder, attributes), tuple(unused), tuple(faults))


def _check_modes(change: AddRoad) -> None:
    for name in change.modes:
        if change.road_class in MODES[name].never:
            raise InputError(N_("the law keeps {mode} off this class of road"), mode=name)


def _ends(road: _Road, finder: Finder, others: list[shapely.LineString]) -> None:
    """Join the ends of an ordinary road to what is near, and the road to what it crosses."""
    coords = [tuple(xy) for xy in shapely.get_coordinates(road.line)]
    joined: list[tuple[bool, int]] = []
    for first in (True, False):
        end = coords[0] if first else coords[-1]
        hit = finder.nearest(end, finder.ordinary, JOIN_M)
        near = min(((shapely.distance(line, shapely.Point(end)), line) for line in others), key=lambda one: one[0],
                   default=(np.inf, None))  # fmt: skip
        if hit is not None and hit[2] <= near[0]:
            spot, street = (hit[1].x, hit[1].y), hit[0]
        elif near[1] is not None and near[0] <= JOIN_M:
            where = near[1].interpolate(near[1].project(shapely.Point(end)))
            spot, street = (where.x, where.y), -1
        else:
            continue
        joined.append((first, street))
        if spot != end:
            coords.insert(0 if first else len(coords), spot)
    road.line = shapely.LineString(coords)
    for first, street in joined:
        x, y = coords[0] if first else coords[-1]
        road.joints.append((0.0 if first else road.line.length, street, x, y))
    if road.change.joins == "crossings":
        road.joints += finder.crossings(road.line)


def _interchanges(road: _Road, finder: Finder, ramps: Sequence[Interchange], place: Place) -> list[dict[str, Any]]:
    """Join an expressway at its interchanges, and return the ramps that lead off it."""
    given = (
        [(tuple(xy), RADIUS_M, RAMP_KMH) for xy in place(road.change.interchanges)] if road.change.interchanges else []
    )
    for change in ramps:
        assert change.at is not None  # noqa: S101 - the reader asks for it
        x, y = place((change.at,))[0]
        spot = (float(x), float(y))
        if road.line.distance(shapely.Point(spot)) <= change.radius_m:
            given.append((spot, change.radius_m, change.speed_kmh))
    rows = []
    for spot, radius_m, speed_kmh in given:
        gap_m = road.line.distance(shapely.Point(spot))
        if gap_m > radius_m:
            raise InputError(N_("an interchange lies {gap:,.0f} m off the road"), gap=gap_m)
        at = float(road.line.project(shapely.Point(spot)))
        here = road.line.interpolate(at)
        hits = [finder.nearest((here.x, here.y), usable, radius_m) for usable in (finder.ordinary, finder.expressway)]
        found = [hit for hit in hits if hit is not None]
        if not found:
            raise InputError(N_("an interchange reaches no street within {radius:g} m"), radius=radius_m)
        touching = [street for street, _, distance in found if distance <= ONE_PLACE_M]
        road.joints.append((at, touching[0] if touching else -1, here.x, here.y))
        rows += [
            _row(road.change, [(here.x, here.y), (there.x, there.y)], finder.layout, -1, street, ramp_kmh=speed_kmh)
            for street, there, distance in found
            if distance > ONE_PLACE_M
        ]
    return rows


def _ramp(
    change: Interchange, finder: Finder, layout: Layout, place: Place, roads: Sequence[_Road]
) -> list[dict[str, Any]]:
    """Return the ramp between an expressway that is there already and the nearest street."""
    assert change.at is not None  # noqa: S101 - the reader asks for it
    spot = place((change.at,))[0]
    if any(road.expressway and road.line.distance(shapely.Point(spot)) <= change.radius_m for road in roads):
        return []  # a new expressway has taken it
    fast = finder.nearest(spot, finder.expressway, change.radius_m)
    slow = finder.nearest(spot, finder.ordinary, change.radius_m)
    if fast is None or slow is None:
        raise InputError(N_("there is no expressway and street within {radius:g} m to join"), radius=change.radius_m)
    begin, end = fast[1], slow[1]
    if begin.distance(end) < ONE_PLACE_M:  # they cross here: the ramp needs a line, however short
        end = shapely.Point(begin.x + ONE_PLACE_M / 2, begin.y)
    road = AddRoad(id=change.id, line=(), road_class="motorway_link")
    coords = [(begin.x, begin.y), (end.x, end.y)]
    return [_row(road, coords, layout, fast[0], slow[0], ramp_kmh=change.speed_kmh)]


def _cross_each_other(roads: Sequence[_Road]) -> None:
    for at, one in enumerate(roads):
        for other in roads[at + 1 :]:
            meeting = one.line.intersection(other.line)
            ends = [shapely.Point(line.coords[side]) for line in (one.line, other.line) for side in (0, -1)]
            points = [part for part in shapely.get_parts(meeting).tolist() if part.geom_type == "Point"]
            points += [p for p in ends if max(one.line.distance(p), other.line.distance(p)) <= 1e-6]
            for point in points:
                ending = min(point.distance(end) for end in ends) <= ONE_PLACE_M
                if not ending and "ends" in (one.change.joins, other.change.joins):
                    continue
                for road in (one, other):
                    road.joints.append((float(road.line.project(point)), -1, point.x, point.y))


def _unjoined(roads: Sequence[_Road]) -> list[_Road]:
    """Return the roads that neither join a street of the network nor, over other new roads, one that does."""
    joined = [road for road in roads if any(street >= 0 for _, street, _, _ in road.joints)]
    waiting = [road for road in roads if road not in joined]
    for road in joined:  # grows while it is gone through
        touching = [other for other in waiting if other.line.distance(road.line) <= 1e-6]
        joined += touching
        waiting = [other for other in waiting if other not in touching]
    return waiting


def _pieces(road: _Road, layout: Layout) -> list[dict[str, Any]]:
    """Return a road cut at its joints; an expressway from its first interchange to its last."""
    length = road.line.length
    joints: list[tuple[float, int, float, float]] = []
    # of several joints at one place, the one with a street counts
    for joint in sorted(road.joints, key=lambda one: (round(one[0], 3), -one[1])):
        if joints and joint[0] - joints[-1][0] <= ONE_PLACE_M:
            if joints[-1][1] < 0 <= joint[1]:
                joints[-1] = joint
            continue
        joints.append(joint)
    if road.expressway:
        if len(joints) < 2:
            return []
    else:
        first, last = road.line.coords[0], road.line.coords[-1]
        if not joints or joints[0][0] > ONE_PLACE_M:
            joints.insert(0, (0.0, -1, first[0], first[1]))
        if joints[-1][0] < length - ONE_PLACE_M:
            joints.append((length, -1, last[0], last[1]))
    rows = []
    vertices = shapely.get_coordinates(road.line)
    down = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(vertices, axis=0).T))])
    for (low, one, *begin), (high, other, *end) in pairwise(joints):
        between = vertices[(down > low + VERTEX_M) & (down < high - VERTEX_M)]
        coords = [tuple(begin), *map(tuple, between.tolist()), tuple(end)]
        stated = 1.0 if road.change.length_km is None else road.change.length_km * 1000 / length
        rows.append(_row(road.change, coords, layout, one, other, stretch=stated))
    return rows


def _row(
    change: AddRoad,
    coords: Sequence[tuple[float, ...]],
    layout: Layout,
    from_street: int,
    to_street: int,
    *,
    stretch: float = 1.0,
    ramp_kmh: float | None = None,
) -> dict[str, Any]:
    line = shapely.LineString(coords)
    highway = change.road_class if ramp_kmh is None else "motorway_link"
    slow = highway in MOTORWAYS
    speed = change.speed_kmh if ramp_kmh is None else ramp_kmh
    allowed = change.modes or tuple(name for name in MODES if not (slow and name not in ("car", "truck")))
    return {
        "geometry": line,
        "length_m": line.length * stretch,
        "both_ways": ramp_kmh is not None or not change.one_way,
        "from_edge": np.nan if from_street < 0 else float(layout.forward_edge[from_street]),
        "to_edge": np.nan if to_street < 0 else float(layout.forward_edge[to_street]),
        "highway": highway,
        "name": change.name_vi or change.name_en,
        "kind": "scenario",
        "source_id": change.id,
        "speed_source": "scenario",
        "maxspeed_kmh": np.nan if speed is None else speed,
        "free_kmh": np.nan,
        "lanes": np.nan if change.lanes is None else change.lanes,
        "divided": highway in DUAL_CLASSES or (change.lanes or 0) >= DUAL_LANES,
    } | {mode.allow: name in allowed for name, mode in MODES.items()}


def _frame(rows: list[dict[str, Any]], layout: Layout, finder: Finder, attributes: pd.DataFrame) -> gpd.GeoDataFrame:
    if not rows:
        return gpd.GeoDataFrame({"geometry": []}, geometry="geometry", crs=layout.crs)
    frame = gpd.GeoDataFrame(rows, geometry="geometry", crs=layout.crs)
    middles = shapely.line_interpolate_point(frame.geometry.to_numpy(), 0.5, normalized=True)
    frame["built_up"] = finder.built_up(np.asarray(middles), attributes)
    return frame
