"""Time every trip between two sets of places, by searches from the smaller of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zoning.reach.links import arrivals, direct, links
from zoning.reach.search import Seeds, clipped, search

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zoning.reach.costs import Costs
    from zoning.reach.snap import Places

CORE_RUNS = 100  # from so many searches on, shrinking the graph first pays
BLOCK_RUNS = 64  # searches swept together: a node's times are then a few lines of the processor's cache


def matrix_minutes(
    costs: Costs,
    origins: Places,
    destinations: Places,
    shape: tuple[int, int],
    limit_s: float,
    *,
    arrive: bool,
) -> NDArray[np.float64]:
    """Return the minutes of every trip, inf where longer than `limit_s`; one search an origin.

    The result has `shape` (destinations, origins): a destination's row is filled from that of its nodes. With
    `arrive` the trips run from the destinations to the origins.
    """
    layout = costs.layout
    pattern, weights, seconds = costs.side(arrive=arrive)
    starts = links(layout, origins, seconds)
    ends = links(layout, destinations, seconds.swapped())
    found = np.empty(shape)
    # every destination a node, as in most questions of accessibility: the times of nodes are the answer as they are
    all_nodes = np.array_equal(ends.run, np.arange(shape[0])) and not ends.seconds.any()
    for low in range(0, shape[1], BLOCK_RUNS):
        runs = min(BLOCK_RUNS, shape[1] - low)
        rows = slice(*np.searchsorted(starts.run, [low, low + runs]))
        seeds = Seeds(starts.run[rows] - low, starts.node[rows], starts.seconds[rows])
        if shape[1] >= CORE_RUNS:
            node_seconds = costs.core(arrive=arrive).search(seeds, runs, limit_s)
        else:
            node_seconds = search(pattern, weights, seeds, runs, limit_s).T
        block = found[:, low : low + runs]
        if all_nodes:
            np.divide(clipped(node_seconds, limit_s)[ends.node], 60, out=block)
            continue
        arrivals(node_seconds, ends, block)
        clipped(block, limit_s)
        block /= 60
    row, column, cost = direct(origins, destinations, seconds)
    np.minimum.at(found, (column, row), clipped(cost, limit_s) / 60)
    return found
