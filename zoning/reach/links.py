"""Join places inside streets to the nodes of a network, at the cost of the stretch between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from zoning.reach.search import Seeds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zoning.reach.layout import Layout
    from zoning.reach.snap import Places


@dataclass(frozen=True)
class StreetSeconds:
    """What whole streets cost: `along` from first vertex to last, `against` back; inf where closed."""

    along: NDArray[np.float64]
    against: NDArray[np.float64]

    def swapped(self) -> StreetSeconds:
        """Return the streets as a trip sees them that is followed from its end."""
        return StreetSeconds(self.against, self.along)


def links(layout: Layout, places: Places, seconds: StreetSeconds) -> Seeds:
    """Return the nodes that each place leads to, and what the way there costs; `run` is the place's point.

    For the ways that lead from nodes to places, pass `seconds.swapped()`.
    """
    at_node = np.flatnonzero(places.node >= 0)
    inside = np.flatnonzero(places.node < 0)
    street, share = places.street[inside], places.share[inside]
    parts = [
        (at_node, places.node[at_node], np.zeros(at_node.size)),
        (inside, layout.first_node[street], share * seconds.against[street]),
        (inside, layout.last_node[street], (1 - share) * seconds.along[street]),
    ]
    junctions = layout.junctions
    for which in np.flatnonzero(np.isin(junctions.street, street)):
        rows = inside[street == junctions.street[which]]
        ahead = junctions.share[which] - places.share[rows]
        cost = stretch(seconds, np.full(rows.size, junctions.street[which]), ahead)
        parts.append((rows, np.full(rows.size, junctions.node[which]), cost))
    row, node, cost = (np.concatenate(column) for column in zip(*parts, strict=True))
    usable = np.isfinite(cost)
    order = np.argsort(places.point[row[usable]], kind="stable")
    return Seeds(places.point[row[usable]][order], node[usable][order], cost[usable][order])


def stretch(seconds: StreetSeconds, street: NDArray[np.intp], ahead: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the seconds to go the share `ahead` of a street, negative shares going back; 0 for no way at all."""
    whole = np.where(ahead > 0, seconds.along[street], seconds.against[street])
    finite = np.isfinite(whole)
    cost = np.where(finite, np.abs(ahead) * np.where(finite, whole, 0.0), np.inf)
    return np.where(ahead == 0, 0.0, cost)


def arrivals(seconds: NDArray[np.float64], ends: Seeds, found: NDArray[np.float64]) -> None:
    """Fill in the seconds to points, (points, runs), from those to nodes, (nodes, runs), over the points' links.

    Points without a link get infinity.
    """
    found.fill(np.inf)
    if ends.run.size:
        point, first = np.unique(ends.run, return_index=True)
        ways = seconds[ends.node]
        ways += ends.seconds[:, None]
        found[point] = ways if first.size == ends.run.size else np.minimum.reduceat(ways, first, axis=0)


def direct(
    origins: Places, destinations: Places, seconds: StreetSeconds
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Return origin, destination and seconds of trips that never leave their street, where it is open that way."""
    rows = np.flatnonzero(origins.street >= 0)
    by_street = np.argsort(destinations.street, kind="stable")
    streets = destinations.street[by_street]
    low = np.searchsorted(streets, origins.street[rows], side="left")
    counts = np.searchsorted(streets, origins.street[rows], side="right") - low
    one = np.repeat(rows, counts)
    within = np.arange(one.size) - np.repeat(np.cumsum(counts) - counts, counts)
    other = by_street[np.repeat(low, counts) + within]
    ahead = destinations.share[other] - origins.share[one]
    cost = stretch(seconds, origins.street[one], ahead)
    usable = np.isfinite(cost)
    return origins.point[one[usable]], destinations.point[other[usable]], cost[usable]
