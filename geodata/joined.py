"""Join real streets with the strategic network: streets where they cover the ground, corridors and lattice beyond."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import shapely

from zoning.errors import NetworkError
from zoning.reach.speeds import MAIN_CLASSES, MOTORWAYS
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from numpy.typing import NDArray

JOIN_M = 500.0
"""How far a cut corridor or connector may lie from the junction it is joined to; as corridors from the lattice."""
FIRST_ID = 10**15
"""Nodes made on the border have ids from -FIRST_ID down: no other network uses them."""

_FAST = MOTORWAYS | {"trunk", "trunk_link"}


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


class _Ends:
    """The junctions of the streets to which something outside may be joined."""

    def __init__(self, streets: nx.MultiDiGraph) -> None:
        cars = nx.DiGraph((u, v) for u, v, data in streets.edges(data=True) if data["allow_car"])
        # from the largest part in which every place reaches every other, one can leave; into it, one can arrive
        core: set[Any] = max(nx.strongly_connected_components(cars), key=len, default=set())
        some = next(iter(sorted(core)), None)
        self.leaving = set() if some is None else nx.descendants(cars, some) | core
        self.arriving = set() if some is None else nx.ancestors(cars, some) | core
        self.classes: dict[Hashable, set[str]] = {}
        for u, v, data in streets.edges(data=True):
            for node in (u, v):
                self.classes.setdefault(node, set()).add(data["highway"])
        self.streets = streets
        self._trees: dict[tuple[str, bool], tuple[list[Hashable], shapely.STRtree]] = {}

    def nearest(self, point: shapely.Point, kind: str, *, leaving: bool) -> tuple[Hashable, float] | None:
        """Return the nearest suitable junction within `JOIN_M` and its distance in metres."""
        nodes, tree = self._tree(kind, leaving)
        if not nodes:
            return None
        found, distance = tree.query_nearest(point, max_distance=JOIN_M, return_distance=True)
        return (nodes[int(found.min())], float(distance[0])) if len(found) else None

    def _tree(self, kind: str, leaving: bool) -> tuple[list[Hashable], shapely.STRtree]:  # noqa: FBT001
        if (kind, leaving) not in self._trees:
            usable = sorted(self.leaving if leaving else self.arriving)
            nodes = [node for node in usable if _suits(self.classes[node], kind)]
            xy = np.array([(self.streets.nodes[n]["x"], self.streets.nodes[n]["y"]) for n in nodes]).reshape(-1, 2)
            self._trees[kind, leaving] = nodes, shapely.STRtree(np.array(shapely.points(xy)))
        return self._trees[kind, leaving]


def joined_graph(
    streets: nx.MultiDiGraph, strategic: nx.MultiDiGraph, coverage: shapely.Geometry
) -> tuple[nx.MultiDiGraph, JoinReport]:
    """Return one street graph: `streets` inside their coverage, `strategic` outside of it.

    A stretch of corridor or lattice that crosses the border of the coverage is cut there. Its end is joined by a
    straight connector to the nearest junction within `JOIN_M`: an expressway to one of motorways or trunk roads, a
    corridor to one of main roads (tertiary and up), a local connector to any but a motorway. Whoever comes in is led to
    a junction from which the streets can be reached, whoever goes out is taken from one that they reach: on a dual
    carriageway these are two.

    Parameters
    ----------
    streets, strategic
        Street graphs in the network schema, in one CRS; strategic edges straight and open both ways.
    coverage
        Where the streets stand for the ground (`geodata.coverage`).

    Raises
    ------
    NetworkError
        The graphs have different coordinate systems, or no street lies in the coverage.
    """
    if str(streets.graph["crs"]) != str(strategic.graph["crs"]):
        raise NetworkError(N_("Streets and the strategic network must have one projected coordinate system."))
    shapely.prepare(coverage)
    inside = _inside(streets, coverage)
    graph = nx.MultiDiGraph(**streets.graph)
    kept = [(u, v, k, d) for u, v, k, d in streets.edges(keys=True, data=True) if inside[u] or inside[v]]
    if not kept:
        raise NetworkError(N_("No street lies where the streets cover the ground: nothing to join."))
    _add(graph, streets, kept)
    ends = _Ends(graph)
    deep = _inside(strategic, coverage)
    edges = list(strategic.edges(keys=True, data=True))
    _add(graph, strategic, [(u, v, k, d) for u, v, k, d in edges if not (deep[u] or deep[v])])
    crossing = [(u, v, d) for u, v, _, d in edges if deep[v] and not deep[u]]
    joined = 0
    for number, (outer, inner, data) in enumerate(crossing):
        joined += _cut(graph, strategic, (outer, inner, data), coverage, (-FIRST_ID - number, ends))
    replaced = sum(deep[u] and deep[v] for u, v, _, _ in edges) // 2
    left_out = (streets.number_of_edges() - len(kept) + 1) // 2
    return graph, JoinReport(left_out, replaced, len(crossing), joined)


def _inside(graph: nx.MultiDiGraph, coverage: shapely.Geometry) -> dict[Hashable, bool]:
    nodes = list(graph.nodes)
    xy = np.array([(graph.nodes[node]["x"], graph.nodes[node]["y"]) for node in nodes]).reshape(-1, 2)
    flags: NDArray[np.bool_] = shapely.intersects_xy(coverage, xy[:, 0], xy[:, 1])
    return dict(zip(nodes, flags.tolist(), strict=True))


def _add(
    graph: nx.MultiDiGraph, source: nx.MultiDiGraph, edges: Iterable[tuple[Hashable, Hashable, int, dict[str, Any]]]
) -> None:
    listed = list(edges)
    used = {node for u, v, _, _ in listed for node in (u, v)}
    graph.add_nodes_from((node, source.nodes[node]) for node in source.nodes if node in used)
    graph.add_edges_from(listed)


def _cut(
    graph: nx.MultiDiGraph,
    strategic: nx.MultiDiGraph,
    edge: tuple[Hashable, Hashable, dict[str, Any]],
    coverage: shapely.Geometry,
    made: tuple[int, _Ends],
) -> bool:
    """Add what of an edge lies outside, and its joins to the streets; say whether there are any."""
    outer, inner, data = edge
    border, ends = made
    start, end = ((strategic.nodes[n]["x"], strategic.nodes[n]["y"]) for n in (outer, inner))
    line = shapely.LineString([start, end])
    outside = shapely.get_parts(shapely.difference(line, coverage))
    if not len(outside):  # the outer end lies on the border itself
        return False
    first = outside[int(np.argmin(shapely.distance(outside, shapely.Point(start))))]
    place = shapely.Point(first.coords[-1] if first.coords[0] == start else first.coords[0])
    graph.add_node(border, x=place.x, y=place.y)
    if outer not in graph:
        graph.add_node(outer, **strategic.nodes[outer])
    share = first.length / line.length
    for u, v in ((outer, border), (border, outer)):
        graph.add_edge(u, v, **_scaled(data, share))
    kind = "expressway" if data["highway"] in MOTORWAYS else data["kind"]
    joined = False
    for leaving in (True, False):
        found = ends.nearest(place, kind, leaving=leaving)
        if found is not None:
            node, distance = found
            u, v = (node, border) if leaving else (border, node)
            graph.add_edge(u, v, **_scaled(data, distance / data["length"]))
            joined = True
    return joined


def _suits(classes: set[str], kind: str) -> bool:
    if kind == "expressway":
        return bool(classes & _FAST)
    if kind == "corridor":
        return bool(classes & (MAIN_CLASSES - MOTORWAYS))
    return not classes & MOTORWAYS


def _scaled(data: dict[str, Any], share: float) -> dict[str, Any]:
    """Return the attributes of a part of an edge, or of a stretch like it."""
    return {**data, "length": data["length"] * share, "travel_time": data["travel_time"] * share if share else 0.0}
