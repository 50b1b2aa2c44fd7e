"""Find the streets of a network that a modification is about, and say what becomes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from zoning.errors import InputError
from zoning.names import fold
from zoning.reach.attributes import categorical
from zoning.reach.modes import MODES
from zoning.scenarios.model import Close, SetLanes, SetModes, SetSpeed
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from zoning.reach.layout import Layout
    from zoning.scenarios.model import Existing, Point

    Place = Callable[[Sequence[Point]], NDArray[np.float64]]
    """Turns degrees into positions in the network's CRS, (n, 2) metres."""

DUAL_LANES = 4
"""Roads with so many lanes are taken as dual carriageways, as on the strategic network."""
LEAST_SHARE = 0.5
"""A street lies along a line where this share of its length does."""


def chosen_edges(layout: Layout, attributes: pd.DataFrame, change: Existing, place: Place) -> NDArray[np.intp]:
    """Return the edges that a modification is about, ascending; InputError where the network has none."""
    of_road = None
    if change.road.strip():
        of_road = _of_road(attributes, change.road.strip())
        if not of_road.any():
            raise InputError(N_("the network has no road “{road}”"), road=change.road[:60])
        if not change.line:
            return np.flatnonzero(of_road)
    if not change.line:
        raise InputError(N_("it names no road and draws no line"))
    streets = along(layout, shapely.LineString(place(change.line)), change.within_m)
    edges = np.concatenate([layout.forward_edge[streets], layout.backward_edge[streets]])
    edges = np.sort(edges[edges >= 0])
    if of_road is not None:
        edges = edges[of_road[edges]]
    if not edges.size:
        raise InputError(N_("no street of the network lies within {within:g} m along its line"),
                         within=change.within_m)  # fmt: skip
    return edges


def along(layout: Layout, line: shapely.LineString, within_m: float) -> NDArray[np.intp]:
    """Return the streets at least half of which lies within some metres of a line."""
    strip = shapely.buffer(line, within_m, quad_segs=8)
    shapely.prepare(strip)
    found = []
    for layer in layout.street_layers:
        near = layer.tree.query(strip, predicate="intersects")
        inside = shapely.contains(strip, layer.lines[near])
        # only what the edge of the strip cuts has to be measured
        cut = near[~inside]
        lines = layer.lines[cut]
        share = shapely.length(shapely.intersection(lines, strip)) / np.maximum(shapely.length(lines), 1e-9)
        found += [near[inside] + layer.first, cut[share >= LEAST_SHARE] + layer.first]
    return np.sort(np.concatenate(found)).astype(np.intp)


def changed(
    layout: Layout, edges: NDArray[np.intp], held: Mapping[str, Any], change: Existing, place: Place
) -> dict[str, NDArray[Any]]:
    """Return the attributes that a modification gives to edges, (e,) each; `held` are those that they have."""
    made: dict[str, NDArray[Any]] = {}
    count = edges.size
    if isinstance(change, Close):
        made = {MODES[name].allow: np.zeros(count, dtype=bool) for name in change.modes or MODES}
    elif isinstance(change, SetSpeed):
        made["maxspeed_kmh"] = np.full(count, change.speed_kmh)
    elif isinstance(change, SetModes):
        for name in change.opened:
            mode = MODES[name]
            if "highway" in held and held["highway"].isin(list(mode.never)).all():
                raise InputError(N_("the law keeps {mode} off this class of road"), mode=name)
            made[mode.allow] = np.ones(count, dtype=bool)
        if change.opened:
            names = " ".join(change.opened)
            made["opened"] = np.array([f"{had} {names}" for had in held["opened"]], dtype=object)
        made |= {MODES[name].allow: np.zeros(count, dtype=bool) for name in change.closed}
    elif isinstance(change, SetLanes):
        if change.lanes is not None:
            dual = change.lanes >= DUAL_LANES
            # where the carriageway becomes another, the old published speed says nothing any more
            made["free_kmh"] = np.where(held["divided"] != dual, np.nan, held["free_kmh"])
            made |= {"lanes": np.full(count, change.lanes), "divided": np.full(count, dual)}
        if change.one_way:
            against = _against(layout, edges, shapely.LineString(place(change.line)))
            made |= {mode.allow: held[mode.allow] & ~against for mode in MODES.values()}
    return made


def plain(attributes: pd.DataFrame, edges: NDArray[np.intp], length_m: NDArray[np.float64]) -> dict[str, Any]:
    """Return what costs depend on and modifications change, of some edges: arrays of their own, (e,) each."""
    held: dict[str, Any] = {}
    classes = categorical([""] * edges.size)
    if "highway" in attributes:
        held["highway"] = classes = attributes["highway"].array[edges]
    if "built_up" in attributes:
        held["built_up"] = attributes["built_up"].to_numpy(dtype=bool)[edges]
    for mode in MODES.values():
        if mode.allow in attributes:
            held[mode.allow] = attributes[mode.allow].to_numpy(dtype=bool)[edges]
        else:
            held[mode.allow] = ~classes.isin(list(mode.closed_unless_tagged))
    # what the network does not say of any edge, a modification may
    silent: dict[str, float | bool] = {"maxspeed_kmh": np.nan, "free_kmh": np.nan, "lanes": np.nan, "divided": False}
    for name, value in silent.items():
        known = name in attributes
        held[name] = attributes[name].to_numpy(dtype=type(value))[edges] if known else np.full(edges.size, value)
    held["length_m"] = length_m[edges]
    held["opened"] = np.full(edges.size, "", dtype=object)
    return held


def _of_road(attributes: pd.DataFrame, road: str) -> NDArray[np.bool_]:
    wanted = fold(road)
    found = np.zeros(len(attributes), dtype=bool)
    for column, parts in (("source_id", ";"), ("name", " / ")):
        if column not in attributes:
            continue
        texts: pd.Categorical = pd.Categorical(attributes[column])
        hits = [any(fold(part) == wanted for part in str(text).split(parts)) for text in texts.categories]
        # a code of -1, no text at all, takes the last
        found |= np.append(np.array(hits, dtype=bool), False)[texts.codes]
    return found


def _against(layout: Layout, edges: NDArray[np.intp], line: shapely.LineString) -> NDArray[np.bool_]:
    """Return which edges run against the direction of a line."""
    start, end = (shapely.points(layout.node_xy[nodes[edges]]) for nodes in (layout.u, layout.v))
    backward = shapely.line_locate_point(line, start) > shapely.line_locate_point(line, end)
    return np.asarray(backward)
