"""Join real streets with the strategic network: streets where they cover the ground, corridors and lattice beyond."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from shapely.ops import substring

from geodata.joints import JOIN_M, SAME_M, Joints
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
    newer: int
    """Stretches of corridor inside the coverage that the streets lack: built since, and kept."""
    ends: int
    """Places where the strategic network has to be joined to a street: cuts, and ends of newer corridors."""
    joined: int
    """Of these, the ones that are joined; the others end there."""


@dataclass(frozen=True)
class _End:
    """Where a kept stretch ends: at a share of itself from its outer node on, 0 for that node itself."""

    outer: Hashable
    place: shapely.Point
    share: float
    data: dict[str, Any]


def joined_graph(
    streets: gpd.GeoDataFrame, strategic: nx.MultiDiGraph, coverage: shapely.Geometry
) -> tuple[nx.MultiDiGraph, JoinReport]:
    """Return one street graph: `streets` inside their coverage, `strategic` outside of it.

    A corridor inside the coverage is replaced too, but where no street that could be it lies within
    `geodata.joints.SAME_M`: it was built after the streets were mapped, and stays.

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
    joints = Joints(kept)
    deep = _inside(strategic, coverage)
    edges = list(strategic.edges(keys=True, data=True))
    touching = [(u, v, data) for u, v, _, data in edges if deep[u] or deep[v]]
    newer = {(u, v) for u, v, data in touching if _is_newer(joints, _line(strategic, u, v), data)}
    crossing = [(u, v, data) for u, v, data in touching if not deep[u] and (u, v) not in newer]
    ends = [end for edge in crossing if (end := _cut(strategic, edge, coverage)) is not None]
    ends += _loose(strategic, touching, newer)
    found = [_found(joints, end) for end in ends]
    split, nodes = _split(kept, [place for both in found for place in both.values() if place is not None])
    graph = layer_graph(split)
    stays = [(u, v, key, data) for u, v, key, data in edges if not (deep[u] or deep[v]) or (u, v) in newer]
    used = {node for u, v, _, _ in stays for node in (u, v)} | {end.outer for end in ends}
    graph.add_nodes_from((node, data) for node, data in strategic.nodes(data=True) if node in used)
    graph.add_edges_from(stays)
    for number, (end, both) in enumerate(zip(ends, found, strict=True)):
        _join(graph, -FIRST_ID - number, end, {way: nodes[place] for way, place in both.items() if place is not None})
    replaced = sum(deep[u] and deep[v] and (u, v) not in newer for u, v, _ in touching) // 2
    joined = sum(any(place is not None for place in both.values()) for both in found)
    return graph, JoinReport(int(np.count_nonzero(~near)), replaced, len(crossing), len(newer) // 2, len(ends), joined)


def _found(joints: Joints, end: _End) -> dict[bool, tuple[int, float] | None]:
    """Return where the streets are left to `end` (True) and arrived at from it (False)."""
    # the road that goes on from a newer corridor was found beside the next stretch, not always beside its end
    limit_m = JOIN_M if end.share > 0 else SAME_M + end.data["length"]
    return {way: joints.nearest(end.place, _kind(end.data), leaving=way, limit_m=limit_m) for way in (True, False)}


def _kind(data: dict[str, Any]) -> str:
    return "expressway" if data["highway"] in MOTORWAYS else str(data["kind"])


def _line(strategic: nx.MultiDiGraph, u: Hashable, v: Hashable) -> shapely.LineString:
    return shapely.LineString([(strategic.nodes[n]["x"], strategic.nodes[n]["y"]) for n in (u, v)])


def _is_newer(joints: Joints, line: shapely.LineString, data: dict[str, Any]) -> bool:
    return data["kind"] == "corridor" and not joints.has_same(line, _kind(data))


def _loose(
    strategic: nx.MultiDiGraph,
    touching: list[tuple[Hashable, Hashable, dict[str, Any]]],
    newer: set[tuple[Hashable, Hashable]],
) -> list[_End]:
    """Return the nodes where a newer corridor goes over into stretches that streets replace."""
    replaced = {node for u, v, _ in touching if (u, v) not in newer for node in (u, v)}
    ends: dict[Hashable, _End] = {}
    for u, v, data in touching:
        if (u, v) in newer and u in replaced and u not in ends:
            ends[u] = _End(u, shapely.get_point(_line(strategic, u, v), 0), 0.0, data)
    return list(ends.values())


def _inside(graph: nx.MultiDiGraph, coverage: shapely.Geometry) -> dict[Hashable, bool]:
    nodes = list(graph.nodes)
    xy = np.array([(graph.nodes[node]["x"], graph.nodes[node]["y"]) for node in nodes]).reshape(-1, 2)
    flags = shapely.intersects_xy(coverage, xy[:, 0], xy[:, 1])
    return dict(zip(nodes, np.atleast_1d(flags).tolist(), strict=True))


def _cut(
    strategic: nx.MultiDiGraph, edge: tuple[Hashable, Hashable, dict[str, Any]], coverage: shapely.Geometry
) -> _End | None:
    """Return the part of an edge from its outer end to the border; None where that end lies on the border itself."""
    outer, inner, data = edge
    line = _line(strategic, outer, inner)
    outside = shapely.get_parts(shapely.difference(line, coverage))
    if not len(outside):
        return None
    first = outside[int(np.argmin(shapely.distance(outside, shapely.get_point(line, 0))))]
    share = float(shapely.line_locate_point(line, shapely.points(first.coords), normalized=True).max())
    return _End(outer, shapely.line_interpolate_point(line, share, normalized=True), share, data)


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


def _join(graph: nx.MultiDiGraph, border: int, end: _End, nodes: dict[bool, int]) -> None:
    """Add what is left of a cut stretch, and the connectors of its end from (True) and to (False) the streets."""
    here: Hashable = end.outer
    if end.share > 0:
        here = border
        graph.add_node(border, x=end.place.x, y=end.place.y)
        for u, v in ((end.outer, border), (border, end.outer)):
            graph.add_edge(u, v, **_scaled(end.data, end.share))
    for leaving, node in nodes.items():
        length = end.place.distance(shapely.Point(graph.nodes[node]["x"], graph.nodes[node]["y"]))
        u, v = (node, here) if leaving else (here, node)
        graph.add_edge(u, v, **_scaled(end.data, length / end.data["length"]))


def _scaled(data: dict[str, Any], share: float) -> dict[str, Any]:
    """Return the attributes of a part of an edge, or of a stretch like it."""
    return {**data, "length": data["length"] * share, "travel_time": data["travel_time"] * share if share else 0.0}
