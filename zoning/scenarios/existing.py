"""Find the streets of a network that a modification is about, and say what becomes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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


def changed(layout: Layout, edges: pd.DataFrame, change: Existing, place: Place) -> dict[str, NDArray[Any]]:
    """Return the attributes that a modification gives to edges, (e,) each; `edges` is indexed by edge."""
    made: dict[str, NDArray[Any]] = {}
    count = len(edges)
    if isinstance(change, Close):
        made = {MODES[name].allow: np.zeros(count, dtype=bool) for name in change.modes or MODES}
    elif isinstance(change, SetSpeed):
        made["maxspeed_kmh"] = np.full(count, change.speed_kmh)
    elif isinstance(change, SetModes):
        for name in change.opened:
            mode = MODES[name]
            if "highway" in edges and edges["highway"].isin(mode.never).all():
                raise InputError(N_("the law keeps {mode} off this class of road"), mode=name)
            made[mode.allow] = np.ones(count, dtype=bool)
        if change.opened:
            names = " ".join(change.opened)
            made["opened"] = np.array([f"{had} {names}" for had in edges["opened"]], dtype=object)
        made |= {MODES[name].allow: np.zeros(count, dtype=bool) for name in change.closed}
    elif isinstance(change, SetLanes):
        if change.lanes is not None:
            dual = change.lanes >= DUAL_LANES
            # where the carriageway becomes another, the old published speed says nothing any more
            other = edges["divided"].to_numpy(dtype=bool) != dual
            made["free_kmh"] = np.where(other, np.nan, edges["free_kmh"].to_numpy(dtype=float))
            made |= {"lanes": np.full(count, change.lanes), "divided": np.full(count, dual)}
        if change.one_way:
            against = _against(layout, edges.index.to_numpy(), shapely.LineString(place(change.line)))
            made |= {mode.allow: edges[mode.allow].to_numpy(dtype=bool) & ~against for mode in MODES.values()}
    return made


def plain(attributes: pd.DataFrame, edges: NDArray[np.intp], length_m: NDArray[np.float64]) -> pd.DataFrame:
    """Return the attributes of some edges as plain columns that can be changed, with all that modifications change."""
    made = attributes.iloc[edges].copy()
    for name in made.columns:
        if isinstance(made[name].dtype, pd.CategoricalDtype):
            made[name] = made[name].astype(object)
    for mode in MODES.values():
        if mode.allow not in made:
            classes = made["highway"] if "highway" in made else pd.Series("", index=made.index)
            made[mode.allow] = ~classes.isin(mode.closed_unless_tagged).to_numpy()
    # what the network does not say of any edge, a modification may
    silent: dict[str, float | bool] = {"maxspeed_kmh": np.nan, "free_kmh": np.nan, "lanes": np.nan, "divided": False}
    for name, value in silent.items():
        if name not in made:
            made[name] = value
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


def _against(layout: Layout, edges: NDArray[np.intp], line: shapely.LineString) -> NDArray[np.bool_]:
    """Return which edges run against the direction of a line."""
    start, end = (shapely.points(layout.node_xy[nodes[edges]]) for nodes in (layout.u, layout.v))
    backward = shapely.line_locate_point(line, start) > shapely.line_locate_point(line, end)
    return np.asarray(backward)
