"""Find the streets of a network that a modification is about, and say what becomes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from zoning.errors import InputError
from zoning.names import fold
from zoning.reach.modes import MODES
from zoning.scenarios.model import Close, SetLanes, SetModes, SetSpeed
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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
    """Return the edges that a modification is about; InputError where the network has none."""
    chosen = np.ones(len(attributes), dtype=bool)
    if change.road.strip():
        chosen &= _of_road(attributes, change.road.strip())
        if not chosen.any():
            raise InputError(N_("the network has no road “{road}”"), road=change.road[:60])
    if change.line:
        line = shapely.LineString(place(change.line))
        streets = np.zeros(layout.street_count, dtype=bool)
        streets[along(layout, line, change.within_m)] = True
        chosen &= streets[layout.streets.street_of_edge]
        if not chosen.any():
            raise InputError(N_("no street of the network lies within {within:g} m along its line"),
                             within=change.within_m)  # fmt: skip
    return np.flatnonzero(chosen)


def along(layout: Layout, line: shapely.LineString, within_m: float) -> NDArray[np.intp]:
    """Return the streets at least half of which lies within some metres of a line."""
    strip = shapely.buffer(line, within_m)
    shapely.prepare(strip)
    found = []
    for layer in layout.street_layers:
        near = layer.tree.query(strip, predicate="intersects")
        lines = layer.lines[near]
        share = shapely.length(shapely.intersection(lines, strip)) / np.maximum(shapely.length(lines), 1e-9)
        found.append(near[share >= LEAST_SHARE] + layer.first)
    return np.sort(np.concatenate(found)).astype(np.intp)


def changed(layout: Layout, edges: pd.DataFrame, change: Existing, place: Place) -> pd.DataFrame:
    """Return attributes of edges after a modification; `edges` is indexed by edge and not changed itself."""
    made = edges.copy()
    if isinstance(change, Close):
        for name in change.modes or tuple(MODES):
            made[MODES[name].allow] = False
    elif isinstance(change, SetSpeed):
        made["maxspeed_kmh"] = change.speed_kmh
    elif isinstance(change, SetModes):
        for name in change.opened:
            mode = MODES[name]
            if "highway" in made and made["highway"].isin(mode.never).all():
                raise InputError(N_("the law keeps {mode} off this class of road"), mode=name)
            made[mode.allow] = True
            made["opened"] = made["opened"].map(lambda had, name=name: f"{had} {name}")
        for name in change.closed:
            made[MODES[name].allow] = False
    elif isinstance(change, SetLanes):
        if change.lanes is not None:
            dual = change.lanes >= DUAL_LANES
            # where the carriageway becomes another, the old published speed says nothing any more
            other = made["divided"].to_numpy(bool) != dual if "divided" in made else np.ones(len(made), dtype=bool)
            if "free_kmh" in made:
                made.loc[other, "free_kmh"] = np.nan
            made["lanes"], made["divided"] = change.lanes, dual
        if change.one_way:
            against = _against(layout, made.index.to_numpy(), shapely.LineString(place(change.line)))
            for mode in MODES.values():
                made.loc[against, mode.allow] = False
    return made


def plain(attributes: pd.DataFrame, edges: NDArray[np.intp], length_m: NDArray[np.float64]) -> pd.DataFrame:
    """Return the attributes of some edges as plain columns that can be changed, with every allow column."""
    made = attributes.iloc[edges].copy()
    for name in made.columns:
        if isinstance(made[name].dtype, pd.CategoricalDtype):
            made[name] = made[name].astype(object)
    for mode in MODES.values():
        if mode.allow not in made:
            classes = made["highway"] if "highway" in made else pd.Series("", index=made.index)
            made[mode.allow] = ~classes.isin(mode.closed_unless_tagged).to_numpy()
    made["length_m"] = length_m[edges]
    made["opened"] = ""
    return made.set_axis(pd.Index(edges, name="edge"), axis=0)


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


def _against(layout: Layout, edges: NDArray[np.intp], line: shapely.LineString) -> NDArray[np.intp]:
    """Return the edges that run against the direction of a line."""
    start, end = (shapely.points(layout.node_xy[nodes[edges]]) for nodes in (layout.u, layout.v))
    backward = shapely.line_locate_point(line, start) > shapely.line_locate_point(line, end)
    return np.asarray(edges[backward])
