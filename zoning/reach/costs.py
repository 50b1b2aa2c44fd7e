"""Hold what the edges of a layout cost one mode, in the forms that searches and cuts need."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from zoning.reach.core import Core
from zoning.reach.links import StreetSeconds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zoning.reach.layout import Layout
    from zoning.reach.search import Pattern
    from zoning.reach.snap import Places


@dataclass(frozen=True, eq=False)
class Costs:
    """The seconds of every edge, inf where closed; derived arrays are made at first use."""

    layout: Layout
    edge_seconds: NDArray[np.float64]
    kept_open: NDArray[np.bool_] | None = None
    """The streets that points may be snapped to, where these are not simply those that are open."""

    @cached_property
    def street_seconds(self) -> StreetSeconds:
        """What whole streets cost in either direction, inf where closed."""
        seconds = np.append(self.edge_seconds, np.inf)  # edge -1: no edge runs that way
        return StreetSeconds(seconds[self.layout.forward_edge], seconds[self.layout.backward_edge])

    @cached_property
    def arc_seconds(self) -> NDArray[np.float64]:
        """What each arc of the search costs."""
        return self.layout.arcs.seconds(self.edge_seconds)

    @cached_property
    def _weights(self) -> NDArray[np.float64]:
        return self.layout.pattern.weights(self.arc_seconds)

    @cached_property
    def _weights_transposed(self) -> NDArray[np.float64]:
        return self.layout.transposed.weights(self.arc_seconds)

    def side(self, *, arrive: bool) -> tuple[Pattern, NDArray[np.float64], StreetSeconds]:
        """Return what a search runs on: pattern, weights, and the costs of streets as it follows them."""
        if arrive:
            return self.layout.transposed, self._weights_transposed, self.street_seconds.swapped()
        return self.layout.pattern, self._weights, self.street_seconds

    def core(self, *, arrive: bool) -> Core:
        """Return the core of one side, made at first use: for hundreds of searches."""
        return self._core_transposed if arrive else self._core

    @cached_property
    def _core(self) -> Core:
        return Core.build(self.layout.pattern, self._weights)

    @cached_property
    def _core_transposed(self) -> Core:
        return Core.build(self.layout.transposed, self._weights_transposed)

    @cached_property
    def passable(self) -> NDArray[np.bool_]:
        """Which streets can be used at all, (s,)."""
        return np.isfinite(self.street_seconds.along) | np.isfinite(self.street_seconds.against)

    @cached_property
    def open_streets(self) -> NDArray[np.bool_]:
        """Which streets points may be snapped to, (s,)."""
        if self.kept_open is not None:
            return self.kept_open
        return self.passable

    @cached_property
    def open_nodes(self) -> NDArray[np.bool_]:
        """Which nodes have such a street, (n,)."""
        layout, streets = self.layout, self.open_streets
        nodes = np.zeros(layout.node_count, dtype=bool)
        nodes[layout.first_node[streets]] = True
        nodes[layout.last_node[streets]] = True
        nodes[layout.junctions.node[streets[layout.junctions.street]]] = True
        return nodes

    @cached_property
    def _street_at_node(self) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """An open street at each open node, and the share of it where the node is."""
        layout, inside = self.layout, self.layout.junctions
        street = np.zeros(layout.node_count, dtype=np.intp)
        share = np.zeros(layout.node_count)
        usable = np.flatnonzero(self.open_streets)[::-1]  # backwards: the first street of a node is written last
        rows = np.flatnonzero(self.open_streets[inside.street])
        for node, ids, at in (
            (inside.node[rows], inside.street[rows], inside.share[rows]),
            (layout.last_node[usable], usable, np.ones(usable.size)),
            (layout.first_node[usable], usable, np.zeros(usable.size)),
        ):
            street[node], share[node] = ids, at
        return street, share

    def edge_places(self, places: Places) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Return places as edges that are open, and the share of each from its start."""
        layout, seconds = self.layout, self.street_seconds
        at_node = places.node >= 0
        street, share = (column[places.node] for column in self._street_at_node)
        street = np.where(at_node, street, places.street)
        share = np.where(at_node, share, places.share)
        along = np.isfinite(seconds.along[street]) | ~np.isfinite(seconds.against[street])
        edge = np.where(along, layout.forward_edge[street], layout.backward_edge[street])
        return edge, np.where(along, share, 1 - share)
