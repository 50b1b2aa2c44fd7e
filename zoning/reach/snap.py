"""Find the place of points on a network: the node they lie on, or a share of the nearest open street."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.spatial import KDTree

from zoning.errors import OffNetworkError
from zoning.text import N_

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zoning.reach.layout import Layout
    from zoning.reach.streets import Streets

ON_NODE_M = 0.001  # a point this close to a node is the node
_FIRST_RADIUS_M = 25.0  # how far to look beyond a closed street at first; grows fourfold up to the limit
_SAMPLE = 200  # points whose distance is measured for a message
_COINCIDENT_NODES = 8  # nodes that share one position, at most: levels of an interchange


@dataclass(frozen=True)
class Places:
    """Where points are on a network, one row a place; a point may have more than one, or none.

    A place is the node `node`, or, where that is -1, the share `share` of the street `street`, from its first vertex.
    """

    point: NDArray[np.intp]
    node: NDArray[np.intp]
    street: NDArray[np.intp]
    share: NDArray[np.float64]
    snap_m: NDArray[np.float64]

    def take(self, rows: NDArray[np.intp]) -> Places:
        """Return some of the rows."""
        return Places(self.point[rows], self.node[rows], self.street[rows], self.share[rows], self.snap_m[rows])


class StreetIndex:
    """The lines of streets `first` to `last` (not included), and a tree to find the nearest; both made at first use."""

    def __init__(self, streets: Streets, first: int, last: int) -> None:
        self.streets, self.first, self.last = streets, first, last

    @cached_property
    def lines(self) -> NDArray[np.object_]:
        """The streets as shapely LineStrings."""
        offsets = self.streets.offsets[self.first : self.last + 1]
        owner = np.repeat(np.arange(self.last - self.first), np.diff(offsets))
        return np.asarray(shapely.linestrings(self.streets.xy[offsets[0] : offsets[-1]], indices=owner))

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Tree over the lines."""
        return shapely.STRtree(self.lines)

    def nearest(
        self, points: NDArray[np.object_], is_open: NDArray[np.bool_], limit_m: float
    ) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Return the nearest open street of each point and its distance, -1 and inf where none is within the limit."""
        street = np.full(points.size, -1, dtype=np.intp)
        distance = np.full(points.size, np.inf)
        open_here = is_open[self.first : self.last]
        if points.size == 0 or not open_here.any():
            return street, distance
        # all matches: of streets equally near, only some may be open
        pairs, far = self.tree.query_nearest(points, max_distance=limit_m, return_distance=True, all_matches=True)
        self._keep_least(street, distance, pairs, far, open_here)
        waiting = np.setdiff1d(pairs[0], np.flatnonzero(street >= 0))
        radius = min(_FIRST_RADIUS_M, limit_m)
        while waiting.size:
            pairs = self.tree.query(points[waiting], predicate="dwithin", distance=radius)
            pairs = np.vstack([waiting[pairs[0]], pairs[1]])[:, open_here[pairs[1]]]
            far = shapely.distance(points[pairs[0]], self.lines[pairs[1]])
            self._keep_least(street, distance, pairs, far, open_here)
            waiting = waiting[street[waiting] < 0]
            if radius >= limit_m:
                break
            radius = min(radius * 4, limit_m)
        return street, distance

    def _keep_least(
        self,
        street: NDArray[np.intp],
        distance: NDArray[np.float64],
        pairs: NDArray[np.intp],
        far: NDArray[np.float64],
        open_here: NDArray[np.bool_],
    ) -> None:
        usable = open_here[pairs[1]]
        point, line, far = pairs[0][usable], pairs[1][usable], far[usable]
        order = np.lexsort((line, far, point))
        first = order[np.unique(point[order], return_index=True)[1]]
        street[point[first]] = line[first] + self.first
        distance[point[first]] = far[first]


class NodeIndex:
    """The nodes `first` to `last` (not included), and a tree to find those that a point lies on."""

    def __init__(self, node_xy: NDArray[np.float64], first: int, last: int) -> None:
        self.node_xy, self.first, self.last = node_xy, first, last

    @cached_property
    def tree(self) -> KDTree:
        """Tree over the nodes."""
        return KDTree(self.node_xy[self.first : self.last])

    def at(self, xy: NDArray[np.float64], is_open: NDArray[np.bool_]) -> NDArray[np.intp]:
        """Return the open node that each position lies on, -1 where there is none."""
        count = min(_COINCIDENT_NODES, self.last - self.first)
        _, near = self.tree.query(xy, k=np.arange(1, count + 1), distance_upper_bound=ON_NODE_M)
        missing = near >= self.last - self.first
        node = np.where(missing, 0, near) + self.first
        usable = ~missing & is_open[node]
        found = np.where(usable, node, np.iinfo(np.intp).max).min(axis=1)
        return np.where(usable.any(axis=1), found, -1)


def find_places(
    layout: Layout, xy: NDArray[np.float64], limit_m: float, is_open: NDArray[np.bool_], node_open: NDArray[np.bool_]
) -> Places:
    """Find the places of points within `limit_m` of an open street; points farther off have no row.

    Parameters
    ----------
    layout
        The network's arrays.
    xy
        Positions, (k, 2) metres.
    limit_m
        The farthest that a point may be moved to its street.
    is_open, node_open
        Which streets, (s,), and nodes, (n,), the mode may use.

    Notes
    -----
    Where streets were added to a network, a point takes its nearest one, but if that is new it keeps its old place as
    well: an addition never makes a trip longer.
    """
    node = np.full(len(xy), -1, dtype=np.intp)
    for nodes in layout.node_layers:
        left = np.flatnonzero(node < 0)
        node[left] = nodes.at(xy[left], node_open)
    at_node = np.flatnonzero(node >= 0)
    parts = [_at_nodes(at_node, node[at_node], np.zeros(at_node.size))]

    inside = np.flatnonzero(node < 0)
    points = np.asarray(shapely.points(xy[inside]))
    best = np.full(inside.size, np.inf)
    for layer in layout.street_layers:
        street, distance = layer.nearest(points, is_open, limit_m)
        rows = np.flatnonzero((street >= 0) & (distance < best))
        best[rows] = distance[rows]
        parts.append(_on_streets(layout, layer, inside[rows], points[rows], street[rows], distance[rows]))
    fields = (np.concatenate([getattr(part, name) for part in parts]) for name in Places.__dataclass_fields__)
    places = Places(*fields)
    return places.take(np.argsort(places.point, kind="stable"))


def _on_streets(
    layout: Layout,
    layer: StreetIndex,
    point: NDArray[np.intp],
    shapes: NDArray[np.object_],
    street: NDArray[np.intp],
    distance: NDArray[np.float64],
) -> Places:
    """Return the places of points on their streets; the end of a street is its node, with all its streets."""
    lines = layer.lines[street - layer.first]
    along = shapely.line_locate_point(lines, shapes)
    length = shapely.length(lines)
    share = np.divide(along, length, out=np.zeros_like(along), where=length > 0)
    at_start, at_end = along <= ON_NODE_M, along >= length - ON_NODE_M
    node = np.where(at_start, layout.first_node[street], np.where(at_end, layout.last_node[street], -1))
    on_node = node >= 0
    street, share = np.where(on_node, -1, street), np.where(on_node, np.nan, share)
    return Places(point, node, street.astype(np.intp), share, distance)


def _at_nodes(point: NDArray[np.intp], node: NDArray[np.intp], distance: NDArray[np.float64]) -> Places:
    return Places(point, node, np.full(point.size, -1, dtype=np.intp), np.full(point.size, np.nan), distance)


def off_network_error(
    layout: Layout, xy: NDArray[np.float64], limit_m: float, is_open: NDArray[np.bool_]
) -> OffNetworkError:
    """Return the error for points at `xy` that have no open street within the limit."""
    lines = np.concatenate([layer.lines[is_open[layer.first : layer.last]] for layer in layout.street_layers])
    if lines.size == 0:
        return OffNetworkError(N_("No street of this network is open to this mode."))
    # a message needs the order of magnitude: look no further than a sample where thousands are off
    farthest_m = max(float(shapely.distance(lines, point).min()) for point in np.asarray(shapely.points(xy[:_SAMPLE])))
    return OffNetworkError(
        N_(
            "Too far from the network: {count} of the points; the farthest is {distance_m:,.0f} m from a street that "
            "is open to this mode, the limit is {limit_m:,.0f} m."
        ),
        count=len(xy),
        distance_m=farthest_m,
        limit_m=limit_m,
    )
