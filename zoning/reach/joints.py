"""Decide where the ends of new streets join a network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from zoning.errors import NetworkError
from zoning.reach.snap import ON_NODE_M
from zoning.text import N_

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zoning.reach.layout import Layout
    from zoning.reach.snap import StreetIndex


@dataclass(frozen=True)
class Joints:
    """The nodes at both ends of new streets, the positions of those that are new, and the streets these divide."""

    start: NDArray[np.intp]
    end: NDArray[np.intp]
    node_xy: NDArray[np.float64]
    street: NDArray[np.intp]
    """Streets that get a junction, with the share of each and its node: aligned with `share` and `node`."""
    share: NDArray[np.float64]
    node: NDArray[np.intp]


class _Ends:
    """The nodes of ends as they are decided, one after the other."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.xy: list[tuple[float, float]] = []
        self.junctions: list[tuple[int, float, int]] = []
        self.old: dict[int, list[tuple[float, int]]] = {}
        inside = layout.junctions
        places = zip(inside.share.tolist(), inside.node.tolist(), strict=True)
        for street, place in zip(inside.street.tolist(), places, strict=True):
            self.old.setdefault(street, []).append(place)

    def new_node(self, x: float, y: float) -> int:
        self.xy.append((x, y))
        return self.layout.node_count + len(self.xy) - 1

    def on_street(self, index: StreetIndex, street: int, xy: tuple[float, float], join_m: float) -> int | None:
        """Return the node at the place of a street nearest to a point; None at the loose end of a new street."""
        line = index.lines[street - index.first]
        return self.on_line(line, street, float(line.project(shapely.Point(xy))), float(line.length), join_m)

    def on_line(self, line: shapely.LineString, street: int, along: float, length: float, join_m: float) -> int | None:
        """Return the node at the place `along` metres down the line of a street, as `on_street`."""
        for at_m, ends in ((0.0, "first_node"), (length, "last_node")):
            if abs(along - at_m) <= max(join_m, ON_NODE_M):
                is_old = street < self.layout.street_count
                return int(getattr(self.layout, ends)[street]) if is_old else None
        known = [*self.old.get(street, ()), *((share, node) for at, share, node in self.junctions if at == street)]
        for share, node in known:
            if abs(share * length - along) <= max(join_m, ON_NODE_M):
                return int(node)
        place = line.interpolate(along)
        node = self.new_node(place.x, place.y)
        self.junctions.append((street, along / length, node))
        return node


def join_ends(layout: Layout, index: StreetIndex, chosen: NDArray[np.intp], join_m: float) -> Joints:
    """Return where both ends of the streets of `index` join the network and one another.

    Parameters
    ----------
    layout
        The network that the streets are added to.
    index
        The new streets.
    chosen
        The street that each end must join, (rows, 2); -1 = whatever is nearest.
    join_m
        The farthest that an end may be from the street it joins, in metres.
    """
    ends = _Ends(layout)
    count = index.last - index.first
    xy = np.stack([shapely.get_coordinates(shapely.get_point(index.lines, at)) for at in (0, -1)], axis=1)
    node = np.full((count, 2), -1, dtype=np.intp)

    free = np.argwhere(chosen < 0)
    every_node = np.ones(layout.node_count, dtype=bool)
    for nodes in layout.node_layers:
        left = free[node[free[:, 0], free[:, 1]] < 0]
        if len(left):
            node[left[:, 0], left[:, 1]] = nodes.at(xy[left[:, 0], left[:, 1]], every_node)
    waiting = np.argwhere(node < 0)
    where = xy[waiting[:, 0], waiting[:, 1]]
    streets = _streets_to_join(layout, chosen[waiting[:, 0], waiting[:, 1]], where, join_m)
    found = np.flatnonzero(streets >= 0)
    lines = _lines(layout, streets[found])
    along = shapely.line_locate_point(lines, shapely.points(where[found]))
    length = shapely.length(lines)
    for at, line, down, whole in zip(found.tolist(), lines.tolist(), along.tolist(), length.tolist(), strict=True):
        joined = ends.on_line(line, int(streets[at]), down, whole, join_m)
        node[waiting[at, 0], waiting[at, 1]] = -1 if joined is None else joined
    _join_loose_ends(ends, index, xy, node, join_m)
    return Joints(
        start=node[:, 0],
        end=node[:, 1],
        node_xy=np.array(ends.xy, dtype=np.float64).reshape(-1, 2),
        street=np.array([street for street, _, _ in ends.junctions], dtype=np.intp),
        share=np.array([share for _, share, _ in ends.junctions], dtype=np.float64),
        node=np.array([at for _, _, at in ends.junctions], dtype=np.intp),
    )


def _streets_to_join(
    layout: Layout, chosen: NDArray[np.intp], xy: NDArray[np.float64], join_m: float
) -> NDArray[np.intp]:
    """Return the street that each of some ends joins: the chosen one, else the nearest, -1 where none is near."""
    streets = chosen.copy()
    points = np.asarray(shapely.points(xy), dtype=object)
    told = np.flatnonzero(chosen >= 0)
    gap_m = shapely.distance(_lines(layout, chosen[told]), points[told])
    if (gap_m > max(join_m, ON_NODE_M)).any():
        raise NetworkError(
            N_("A new street ends {gap_m:,.1f} m from the street that it is to join; the limit is {join_m:,.1f} m."),
            gap_m=float(gap_m.max()),
            join_m=join_m,
        )
    free = np.flatnonzero(chosen < 0)
    every_street = np.ones(layout.street_count, dtype=bool)
    best_m = np.full(free.size, np.inf)
    for layer in layout.street_layers:
        street, distance = layer.nearest(points[free], every_street, join_m)
        nearer = np.flatnonzero(distance < best_m)
        streets[free[nearer]], best_m[nearer] = street[nearer], distance[nearer]
    return streets


def _lines(layout: Layout, streets: NDArray[np.intp]) -> NDArray[np.object_]:
    """Return the lines of streets, whichever index holds them."""
    lines = np.empty(streets.size, dtype=object)
    for layer in layout.street_layers:
        here = np.flatnonzero((streets >= layer.first) & (streets < layer.last))
        lines[here] = layer.lines[streets[here] - layer.first]
    return lines


def _join_loose_ends(
    ends: _Ends, index: StreetIndex, xy: NDArray[np.float64], node: NDArray[np.intp], join_m: float
) -> None:
    """Give nodes to the ends that no old street is near to: they may meet each other, or another new street."""
    for row, side in np.argwhere(node < 0).tolist():
        x, y = xy[row, side].tolist()
        gap = np.hypot(xy[..., 0] - x, xy[..., 1] - y)
        near = np.argwhere((node >= 0) & (gap <= ON_NODE_M))
        if len(near):
            node[row, side] = node[tuple(near[0])]
            continue
        distance = shapely.distance(index.lines, shapely.Point(x, y))
        distance[row] = np.inf
        joined = None
        if distance.min() <= join_m:
            joined = ends.on_street(index, index.first + int(np.argmin(distance)), (x, y), join_m)
        if joined is None:
            meeting = np.argwhere((node >= 0) & (gap <= join_m))
            joined = int(node[tuple(meeting[0])]) if len(meeting) else ends.new_node(x, y)
        node[row, side] = joined
