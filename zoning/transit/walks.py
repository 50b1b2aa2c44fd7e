"""Time the walks between stops on a street network, once for each network and set of stops."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from zoning.reach.matrix import matrix_minutes
from zoning.reach.snap import Places, find_places
from zoning.transit.raptor import Footpaths

if TYPE_CHECKING:
    from zoning.reach import TravelNetwork
    from zoning.reach.costs import Costs

BLOCK = 64  # stops searched from at once: few enough for plain searches, which end at the limit
_KEPT = 4
_kept: WeakKeyDictionary[Costs, dict[tuple[str, float], Footpaths]] = WeakKeyDictionary()


def stop_places(network: TravelNetwork, xy: np.ndarray) -> Places:
    """Return where stops are on a network; those beyond its snap limit have no place, and nobody gets there."""
    costs = network.costs
    return find_places(network.layout, xy, network.snap_limit_m, costs.open_streets, costs.open_nodes)


def footpaths(network: TravelNetwork, xy: np.ndarray, limit_s: float, mark: str) -> Footpaths:
    """Return the walks of at most `limit_s` between stops at `xy`, (n, 2); `mark` names that set of stops.

    Stops at one place of the network are 0 seconds apart.
    """
    known = _kept.setdefault(network.costs, {})
    key = (mark, limit_s)
    if key not in known:
        while len(known) >= _KEPT:
            known.pop(next(iter(known)))
        known[key] = _timed(network, xy, limit_s)
    return known[key]


def walks_between(
    network: TravelNetwork, xy: np.ndarray, start: np.ndarray, end: np.ndarray, limit_s: float
) -> np.ndarray:
    """Return the seconds of the walks from stops `start` to stops `end`, (n,); inf beyond the limit."""
    places = stop_places(network, xy)
    begin, row = np.unique(start, return_inverse=True)
    found = np.full(len(start), np.inf)
    for low in range(0, len(begin), BLOCK):
        block = begin[low : low + BLOCK]
        mine = np.isin(places.point, block)
        some = places.take(np.flatnonzero(mine))
        some = Places(np.searchsorted(block, some.point), some.node, some.street, some.share, some.snap_m)
        seconds = 60 * matrix_minutes(network.costs, some, places, (len(xy), len(block)), limit_s, arrive=False)
        here = (row >= low) & (row < low + BLOCK)
        found[here] = seconds[end[here], row[here] - low]
    return found


def _timed(network: TravelNetwork, xy: np.ndarray, limit_s: float) -> Footpaths:
    places = stop_places(network, xy)
    count = len(xy)
    parts = []
    for low in range(0, count, BLOCK):
        high = min(low + BLOCK, count)
        rows = np.flatnonzero((places.point >= low) & (places.point < high))
        some = places.take(rows)
        some = Places(some.point - low, some.node, some.street, some.share, some.snap_m)
        seconds = 60 * matrix_minutes(network.costs, some, places, (count, high - low), limit_s, arrive=False)
        end, start = np.nonzero(np.isfinite(seconds))
        parts.append((start + low, end, seconds[end, start]))
    if not parts:
        return Footpaths.build(np.empty(0, np.intp), np.empty(0, np.intp), np.empty(0))
    start, end, cost = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Footpaths.build(start.astype(np.intp), end.astype(np.intp), cost)
