"""Spread times from stops and origins over the streets: to nodes, to points, and along streets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from zoning.reach.links import arrivals, direct, links
from zoning.reach.search import Seeds, search
from zoning.reach.snap import Places
from zoning.reach.streets import StreetReach
from zoning.transit.walks import stop_places

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zoning.reach import TravelNetwork

FloatArray: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Feeder:
    """A way to and from stops: a network, where the stops are on it, and which of them it may use."""

    network: TravelNetwork
    places: Places

    @classmethod
    def to(cls, network: TravelNetwork, xy: FloatArray, usable: NDArray[np.bool_] | None = None) -> Feeder:
        """Place stops on a network."""
        places = stop_places(network, xy)
        return cls(network, places if usable is None else places.take(np.flatnonzero(usable[places.point])))


def spread(
    feeder: Feeder,
    offsets: FloatArray,
    begun: Places | None,
    limit_s: float,
    *,
    arrive: bool,
    each: int = 0,
) -> FloatArray:
    """Return the seconds to every node, (runs, nodes), from stops at their offsets and from the origins at 0.

    Run i belongs to origin i // each; with `each` 0 all runs begin at all origins.
    """
    pattern, weights, costs = feeder.network.costs.side(arrive=arrive)
    layout, runs = feeder.network.layout, offsets.shape[1]
    ways = links(layout, feeder.places, costs)
    late = offsets[ways.run] + ways.seconds[:, None]
    row, run = np.nonzero(late <= limit_s)
    parts = [(run, ways.node[row], late[row, run])]
    if begun is not None:
        own = links(layout, begun, costs)
        if each:
            parts += [(own.run * each + one, own.node, own.seconds) for one in range(each)]
        else:
            parts += [(np.full(own.node.size, one), own.node, own.seconds) for one in range(runs)]
    seeds = Seeds(*(np.concatenate(column) for column in zip(*parts, strict=True)))
    return search(pattern, weights, least(seeds, layout.node_count), runs, limit_s)


def least(seeds: Seeds, nodes: int) -> Seeds:
    """Return seeds with the first arrival alone where a run enters a node more than once."""
    key = seeds.run.astype(np.int64) * nodes + seeds.node
    order = np.lexsort((seeds.seconds, key))
    first = order[np.unique(key[order], return_index=True)[1]]
    return Seeds(seeds.run[first], seeds.node[first], seeds.seconds[first])


def arrive_at(
    feeder: Feeder,
    nodes: FloatArray,
    ends: Places,
    offsets: FloatArray,
    begun: Places | None,
    found: FloatArray,
    *,
    arrive: bool,
    each: int = 0,
) -> None:
    """Lower `found`, (points, runs), to the seconds at which points are reached from nodes, stops and origins."""
    layout = feeder.network.layout
    _, _, costs = feeder.network.costs.side(arrive=arrive)
    seconds = np.empty_like(found)
    arrivals(nodes.T, links(layout, ends, costs.swapped()), seconds)
    if offsets.shape[0]:
        stop, point, within = direct(feeder.places, ends, costs)
        np.minimum.at(seconds, point, offsets[stop] + within[:, None])
    if begun is not None:
        origin, point, within = direct(begun, ends, costs)
        if each:
            for one in range(each):
                np.minimum.at(seconds, (point, origin * each + one), within)
        else:
            np.minimum.at(seconds, point, np.broadcast_to(within[:, None], (within.size, found.shape[1])))
    np.minimum(found, seconds, out=found)


def sources(feeder: Feeder, at_stops: FloatArray, begun: Places | None) -> tuple[Places, FloatArray]:
    """Return the places inside streets that reach along them both ways, and when they are reached themselves."""
    rows = np.flatnonzero((feeder.places.street >= 0) & np.isfinite(at_stops[feeder.places.point]))
    stops = feeder.places.take(rows)
    if begun is None:
        return stops, at_stops[stops.point]
    fields = (np.concatenate([getattr(begun, name), getattr(stops, name)]) for name in Places.__dataclass_fields__)
    return Places(*fields), np.concatenate([np.zeros(begun.point.size), at_stops[stops.point]])


def union(reaches: Sequence[StreetReach]) -> StreetReach:
    """Return what any of several ways to travel reaches of the same streets."""
    if len(reaches) == 1:
        return reaches[0]
    head, tail = reaches[0].head, reaches[0].tail
    for one in reaches[1:]:
        head, tail = np.maximum(head, one.head), np.maximum(tail, one.tail)
    return StreetReach(head, tail, tuple(piece for one in reaches for piece in one.middles))


def walk_m_per_s(walk: TravelNetwork) -> float:
    """Return the speed on foot that a network's costs stand for: the median of its open edges."""
    seconds, length_m = walk.costs.edge_seconds, walk.layout.length_m
    usable = np.isfinite(seconds) & (seconds > 0)
    return float(np.median(length_m[usable] / seconds[usable])) if usable.any() else 1.2
