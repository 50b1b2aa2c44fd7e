"""Hold what all recosts of a network share: nodes, edges, streets and their indexes, without any cost."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from functools import cached_property, reduce
from typing import TYPE_CHECKING, Any

import numpy as np

from zoning.reach.attributes import joined
from zoning.reach.pairing import find_streets
from zoning.reach.search import Pattern
from zoning.reach.snap import NodeIndex, StreetIndex

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray
    from pyproj import CRS

    from zoning.reach.streets import Streets
    from zoning.reach.surface import Surface
    from zoning.reach.table import EdgeTable


@dataclass(frozen=True)
class Junctions:
    """Nodes that lie inside streets: where a new road meets an old one, which itself stays whole."""

    street: NDArray[np.intp]
    share: NDArray[np.float64]
    node: NDArray[np.intp]

    @classmethod
    def none(cls) -> Junctions:
        """Return no junctions: a network as compiled has all its nodes at the ends of streets."""
        return cls(np.empty(0, np.intp), np.empty(0), np.empty(0, np.intp))


@dataclass(frozen=True)
class Arcs:
    """What the search runs on: every edge, then the stretches of edges between junctions.

    An arc takes the share `span` of the seconds of its edge, beginning at `start_share` along it.
    """

    start: NDArray[np.intp]
    end: NDArray[np.intp]
    edge: NDArray[np.intp]
    start_share: NDArray[np.float64]
    span: NDArray[np.float64]

    def seconds(self, edge_seconds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what each arc costs, inf on closed edges."""
        if self.edge.size == edge_seconds.size:  # no stretches: the arcs are the edges
            return edge_seconds
        cost = edge_seconds[self.edge]
        finite = np.isfinite(cost)
        return np.where(finite, np.where(finite, cost, 0.0) * self.span, np.inf)


@dataclass(frozen=True, eq=False)
class Layout:
    """The arrays of a network that no cost changes; see `TravelNetwork` for their meaning."""

    crs: CRS
    name: str
    walk_off_m: float
    node_ids: NDArray[Any]
    node_xy: NDArray[np.float64]
    u: NDArray[np.intp]
    v: NDArray[np.intp]
    key: NDArray[Any]
    length_m: NDArray[np.float64]
    streets: Streets
    attribute_parts: tuple[pd.DataFrame, ...]
    arcs: Arcs
    junctions: Junctions = field(default_factory=Junctions.none)
    street_layers: tuple[StreetIndex, ...] = ()
    node_layers: tuple[NodeIndex, ...] = ()
    base: Layout | None = None
    """The layout that this one adds streets to."""
    surfaces: dict[float, Surface] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def from_table(cls, table: EdgeTable, name: str, walk_off_m: float) -> Layout:
        """Lay out a compiled street graph."""
        streets = find_streets(table)
        return cls(
            crs=table.crs,
            name=name,
            walk_off_m=walk_off_m,
            node_ids=table.node_ids,
            node_xy=table.node_xy,
            u=table.u,
            v=table.v,
            key=table.key,
            length_m=table.length_m,
            streets=streets,
            attribute_parts=(table.attributes,),
            arcs=whole_edges(table.u, table.v),
            street_layers=(StreetIndex(streets, 0, streets.length_m.size),),
            node_layers=(NodeIndex(table.node_xy, 0, len(table.node_xy)),),
        )

    @property
    def node_count(self) -> int:
        """Number of nodes."""
        return int(self.node_xy.shape[0])

    @property
    def street_count(self) -> int:
        """Number of streets."""
        return int(self.streets.length_m.size)

    @cached_property
    def attributes(self) -> pd.DataFrame:
        """Known attributes, one row an edge."""
        return reduce(joined, self.attribute_parts)

    @cached_property
    def forward_edge(self) -> NDArray[np.intp]:
        """The edge that runs a street from its first vertex to its last, -1 where none does."""
        return self._edge_of_street(reversed_edge=False)

    @cached_property
    def backward_edge(self) -> NDArray[np.intp]:
        """The edge that runs a street from its last vertex to its first, -1 where none does."""
        return self._edge_of_street(reversed_edge=True)

    @cached_property
    def first_node(self) -> NDArray[np.intp]:
        """The node at each street's first vertex."""
        return self.u[self.forward_edge]  # a street runs as the first of its edges does: it always has one

    @cached_property
    def last_node(self) -> NDArray[np.intp]:
        """The node at each street's last vertex."""
        return self.v[self.forward_edge]

    @cached_property
    def pattern(self) -> Pattern:
        """The arcs as a matrix pattern, from start to end."""
        if self.base is None:
            return Pattern.build(self.arcs.start, self.arcs.end, self.node_count)
        return self.base.pattern.with_arcs(*self._new_arcs(), self.node_count)

    @cached_property
    def transposed(self) -> Pattern:
        """The arcs as a matrix pattern, from end to start: for trips that arrive."""
        if self.base is None:
            return Pattern.build(self.arcs.end, self.arcs.start, self.node_count)
        start, end = self._new_arcs()
        return self.base.transposed.with_arcs(end, start, self.node_count)

    def surface(self, walk_off_m: float) -> Surface:
        """Return the surface for this walk-off, built once: all recosts of a network share it."""
        from zoning.reach.surface import Surface

        with self.lock:
            if walk_off_m not in self.surfaces:
                if self.base is None:
                    self.surfaces[walk_off_m] = Surface.build(self.streets, walk_off_m)
                else:
                    self.surfaces[walk_off_m] = self.base.surface(walk_off_m).extended(self.streets)
            return self.surfaces[walk_off_m]

    def _edge_of_street(self, *, reversed_edge: bool) -> NDArray[np.intp]:
        found = np.full(self.street_count, -1, dtype=np.intp)
        first = 0
        if self.base is not None:  # the streets of the base come first, and so do its edges
            known = self.base.backward_edge if reversed_edge else self.base.forward_edge
            found[: known.size], first = known, self.base.u.size
        edges = np.flatnonzero(self.streets.reversed_edge[first:] == reversed_edge) + first
        found[self.streets.street_of_edge[edges]] = edges
        return found

    def _new_arcs(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return start and end of the arcs that the base has not."""
        assert self.base is not None  # noqa: S101 - for the type checker
        old = self.base.arcs.edge.size
        return self.arcs.start[old:], self.arcs.end[old:]


def whole_edges(u: NDArray[np.intp], v: NDArray[np.intp]) -> Arcs:
    """Return the arcs of edges that no junction divides."""
    return Arcs(u, v, np.arange(u.size), np.zeros(u.size), np.ones(u.size))
