"""Find the parts of a network that no open street joins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zoning.reach.costs import Costs


def island_of_node(costs: Costs) -> NDArray[np.intp]:
    """Return the island of every node, (n,): 0 is the mainland, -1 a node without an open street."""
    layout = costs.layout
    arcs = np.flatnonzero(np.isfinite(costs.arc_seconds))
    start, end = layout.arcs.start[arcs], layout.arcs.end[arcs]
    shape = (layout.node_count, layout.node_count)
    _, part = connected_components(coo_array((np.ones(arcs.size), (start, end)), shape=shape), directed=False)
    used = np.zeros(layout.node_count, dtype=bool)
    used[start] = used[end] = True
    found = np.full(layout.node_count, -1, dtype=np.intp)
    if used.any():
        _, first, inverse, counts = np.unique(part[used], return_index=True, return_inverse=True, return_counts=True)
        rank = np.empty(counts.size, dtype=np.intp)
        rank[np.lexsort((first, -counts))] = np.arange(counts.size)
        found[used] = rank[inverse]
    return found


def islands(costs: Costs) -> pd.DataFrame:
    """Return one row an island, most nodes first: nodes, street_km, share_pct (of the streets' length), x, y.

    x and y are those of the island's first node, in metres.
    """
    layout = costs.layout
    island = island_of_node(costs)
    used = np.flatnonzero(island >= 0)
    count = int(island.max(initial=-1)) + 1
    _, first = np.unique(island[used], return_index=True)
    xy = layout.node_xy[used[first]]
    seconds = costs.street_seconds
    streets = np.flatnonzero(np.isfinite(seconds.along) | np.isfinite(seconds.against))
    street_km = np.bincount(
        island[layout.first_node[streets]], weights=layout.streets.length_m[streets] / 1000, minlength=count
    )
    total_km = float(street_km.sum())
    return pd.DataFrame(
        {
            "nodes": np.bincount(island[used], minlength=count),
            "street_km": street_km,
            "share_pct": 100 * street_km / total_km if total_km else np.full(count, np.nan),
            "x": xy[:, 0],
            "y": xy[:, 1],
        }
    )
