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

BLOCK_VALUES = 1_000_000  # node times held at once: 8 MB stay near the processor


def seconds_matrix(
    costs: Costs,
    origins: Places,
    destinations: Places,
    shape: tuple[int, int],
    limit_s: float,
    *,
    arrive: bool,
) -> NDArray[np.float64]:
    """Return the seconds of every trip, `shape`, inf where longer than `limit_s`; one search an origin.

    With `arrive` the trips run from the destinations to the origins.
    """
    layout = costs.layout
    pattern, weights, seconds = costs.side(arrive=arrive)
    starts = links(layout, origins, seconds)
    ends = links(layout, destinations, seconds.swapped())
    found = np.full(shape, np.inf)
    block = max(1, BLOCK_VALUES // layout.node_count)
    for low in range(0, shape[0], block):
        high = min(low + block, shape[0])
        rows = slice(*np.searchsorted(starts.run, [low, high]))
        seeds = Seeds(starts.run[rows] - low, starts.node[rows], starts.seconds[rows])
        arrivals(search(pattern, weights, seeds, high - low, limit_s), ends, found[low:high])
        clipped(found[low:high], limit_s)
    row, column, cost = direct(origins, destinations, seconds)
    np.minimum.at(found, (row, column), clipped(cost, limit_s))
    return found
