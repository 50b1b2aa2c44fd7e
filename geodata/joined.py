"""Join real streets with the strategic network: streets where they cover the ground, corridors and lattice beyond."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from shapely.ops import substring

from geodata.joints import Joints
from geodata.streetlayer import layer_graph
from zoning.errors import NetworkError
from zoning.reach.speeds import MOTORWAYS
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Hashable

    import geopandas as gpd
    import networkx as nx

FIRST_ID = 10**15
"""Nodes made on the border have ids from -FIRST_ID down, those made on streets from -2 FIRST_ID down."""
_AT_END_M = 1.0
"""A joint this near to a junction is the junction."""


@dataclass(frozen=True)
class JoinReport:
    """What became of the strategic network at the edge of the streets; streets of both directions count once."""

    left_out_streets: int
    """Streets with both ends outside the coverage: the ends of ways that cross the edge of the extract."""
    replaced: int
    """Stretches of corridor and lattice inside the coverage."""
    cut: int
    """Stretches cut where they cross its border."""
    joined: int
    """Of these, the ones joined to a street; the others end at the border."""


@dataclass(frozen=True)
class _Cut:
    """A stretch from outside that was cut at the border, and how long it is up to there."""

    outer: Hashable
    place: shapely.Point
    share: float
    data: dict[str, Any]

    @property
    def kind(self) -> str:
        return "expressway" if self.data["highway"] in MOTORWAYS else str(self.data["kind"])


def joined_graph(
    streets: gpd.GeoDataFrame, strategic: nx.MultiDiGraph, coverage: shapely.Geometry
) -> tuple[nx.MultiDiGraph, JoinReport]:
    """Return one street graph: `streets` inside their coverage, `strategic` outside of it.

    A stretch of corridor or lattice that crosses the border of the coverage is cut there, and its end joined by a
    straight connector to the nearest street that suits it within `geodata.joints.JOIN_M`, wherever on the street that
    is. Whoever comes in is led to a street from which the others can be reached, whoever goes out is taken from one
    that they reach: on a dual carriageway these are its two sides.

    Parameters
    ----------
    streets
        Layer of streets (`geodata.streetlayer`).
    strategic
        Street graph in the same CRS, its edges straight and open both ways.
    coverage
        Where the streets stand for the ground (`geodata.coverage`).

    Raises
    ------
    NetworkError
        The two have different coordinate systems, or no street lies in the coverage.
    """
    if streets.crs is None or not CRS.from_user_input(strategic.graph["crs"]).equals(streets.crs):
        raise NetworkError(N_("Streets and the strategic network must have one projected coordinate system."))
    shapely.prepare(coverage)
    lines = streets.geometry.to_numpy()
    near = shapely.intersects(coverage, shapely.get_point(lines, 0)) | shapely.intersects(
        coverage, shapely.get_point(lines, -1)
    )
    kept = streets[near].reset_index(drop=True)
    if kept.empty:
        raise NetworkError(N_("No street lies where the streets cover the ground: nothing to join."))
    deep = _inside(strategic, coverage)
    edges = list(strategic.edges(keys=True, data=True))
    cuts = [
        cut
        for u, v, _, data in edges
        if deep[v] and not deep[u] and (cut := _cut(strategic, (u, v, data), coverage)) is not None
    ]
    joints = Joints(kept)
    found = [
        {leaving: joints.nearest(cut.place, cut.kind, leaving=leaving) for leaving in (True, False)} for cut in cuts
    ]
    split, nodes = _split(kept, [place for both in found for place in both.values() if place is not None])
    graph = layer_graph(split)
    beyond = [(u, v, key, data) for u, v, key, data in edges if not (deep[u] or deep[v])]
    used = {node for u, v, _, _ in beyond for node in (u, v)} | {cut.outer for cut in cuts}
    graph.add_nodes_from((node, data) for node, data in strategic.nodes(data=True) if node in used)
    graph.add_edges_from(beyond)
    for number, (cut, both) in enumerate(zip(cuts, found, strict=True)):
        _join(graph, -FIRST_ID - number, cut, {way: nodes[place] for way, place in both.items() if place is not None})
    replaced = sum(deep[u] and deep[v] for u, v, _, _ in edges) // 2
    joined = sum(any(place is not None for place in both.values()) for both in found)
    return graph, JoinReport(int(np.count_nonzero(~near)), replaced, len(cuts), joined)


def _inside(graph: nx.MultiDiGraph, coverage: shapely.Geometry) -> dict[Hashable, bool]:
    nodes = list(graph.nodes)
    xy = np.array([(graph.nodes[node]["x"], graph.nodes[node]["y"]) for node in nodes]).reshape(-1, 2)
    flags = shapely.intersects_xy(coverage, xy[:, 0], xy[:, 1])
    return dict(zip(nodes, np.atleast_1d(flags).tolist(), strict=True))


def _cut(
    strategic: nx.MultiDiGraph, edge: tuple[Hashable, Hashable, dict[str, Any]], coverage: shapely.Geometry
) -> _Cut | None:
    """Return the part of an edge from its outer end to the border; None where that end lies on the border itself."""
    outer, inner, data = edge
    start, end = ((strategic.nodes[n]["x"], strategic.nodes[n]["y"]) for n in (outer, inner))
    line = shapely.LineString([start, end])
    outside = shapely.get_parts(shapely.difference(line, coverage))
    if not len(outside):
        return None
    first = outside[int(np.argmin(shapely.distance(outside, shapely.Point(start))))]
    share = float(shapely.line_locate_point(line, shapely.points(first.coords), normalized=True).max())
    return _Cut(outer, shapely.line_interpolate_point(line, share, normalized=True), share, data)


def _split(
    streets: gpd.GeoDataFrame, places: list[tuple[int, float]]
) -> tuple[gpd.GeoDataFrame, dict[tuple[int, float], int]]:
    """Return the streets cut at places (row, share of the length), and the node that each place has become."""
    nodes: dict[tuple[int, float], int] = {}
    parts: list[pd.DataFrame] = []
    number = 0
    wanted: dict[int, set[float]] = {}
    for row, share in places:
        wanted.setdefault(row, set()).add(share)
    for row in sorted(wanted):
        street = streets.loc[row]
        at, ends = [0.0], [int(street["u"])]
        for share in sorted(wanted[row]):
            along_m = share * street["length"]
            if along_m - at[-1] * street["length"] < _AT_END_M:
                nodes[row, share] = ends[-1]
            elif street["length"] - along_m < _AT_END_M:
                nodes[row, share] = int(street["v"])
            else:
                nodes[row, share] = -2 * FIRST_ID - number
                at.append(share)
                ends.append(nodes[row, share])
                number += 1
        if len(at) > 1:
            parts.append(_pieces(streets.loc[[row]], [*at, 1.0], [*ends, int(street["v"])]))
    if not parts:
        return streets, nodes
    whole = streets.drop(index=[int(part.index[0]) for part in parts])
    return pd.concat([whole, *parts], ignore_index=True), nodes


def _pieces(street: gpd.GeoDataFrame, at: list[float], ends: list[int]) -> gpd.GeoDataFrame:
    """Return a street (one row) as pieces between shares of its length; keys are free, since the nodes are new."""
    count = len(at) - 1
    pieces = street.loc[street.index.repeat(count)].copy()
    line = street.geometry.iloc[0]
    pieces["geometry"] = [substring(line, at[i], at[i + 1], normalized=True) for i in range(count)]
    pieces["length"] = street["length"].iloc[0] * np.diff(at)
    pieces["u"], pieces["v"] = ends[:-1], ends[1:]
    pieces[["key", "key_back"]] = 0
    return pieces


def _join(graph: nx.MultiDiGraph, border: int, cut: _Cut, nodes: dict[bool, int]) -> None:
    """Add the end of a cut stretch, and its connectors from (True) and to (False) the streets."""
    graph.add_node(border, x=cut.place.x, y=cut.place.y)
    for u, v in ((cut.outer, border), (border, cut.outer)):
        graph.add_edge(u, v, **_scaled(cut.data, cut.share))
    for leaving, node in nodes.items():
        length = cut.place.distance(shapely.Point(graph.nodes[node]["x"], graph.nodes[node]["y"]))
        u, v = (node, border) if leaving else (border, node)
        graph.add_edge(u, v, **_scaled(cut.data, length / cut.data["length"]))


def _scaled(data: dict[str, Any], share: float) -> dict[str, Any]:
    """Return the attributes of a part of an edge, or of a stretch like it."""
    return {**data, "length": data["length"] * share, "travel_time": data["travel_time"] * share if share else 0.0}
