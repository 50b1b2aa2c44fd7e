"""Cut the streets of a network where a limit falls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zoning.reach.search import ROUNDING_S
from zoning.reach.streets import StreetReach

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zoning.reach.layout import Layout
    from zoning.reach.links import StreetSeconds
    from zoning.reach.snap import Places


def cut_streets(
    layout: Layout,
    seconds: StreetSeconds,
    node_seconds: NDArray[np.float64],
    origins: Places,
    limit_s: float,
) -> StreetReach:
    """Return what of each street is reached within `limit_s`, itself included.

    Parameters
    ----------
    layout
        The network's arrays.
    seconds
        What streets cost; `swapped()` for trips that arrive, whose reach runs against the edges.
    node_seconds
        Seconds from the origins to every node, (n,), inf where not reached within the limit or a larger one.
    origins
        Where the search began; those inside a street reach along it both ways without passing a node.
    limit_s
        The limit in seconds.
    """
    left = limit_s - node_seconds
    left[np.abs(left) <= ROUNDING_S * max(1.0, limit_s)] = 0.0
    middles = _around_origins(seconds, origins, limit_s) + _around_junctions(layout, seconds, left)
    return StreetReach(
        head=_share(left[layout.first_node], seconds.along),
        tail=_share(left[layout.last_node], seconds.against),
        middles=tuple(middles),
    )


def _share(left: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of streets that costs `left` seconds: 0 on closed ones, 1 on those that cost nothing."""
    share = np.zeros(left.size)
    # most streets of a large network are out of reach: touch the others only
    rows = np.flatnonzero(left >= 0)
    rows = rows[np.isfinite(whole[rows])]
    near = left[rows] < whole[rows]
    share[rows[~near]] = 1.0
    rows = rows[near]
    share[rows] = left[rows] / whole[rows]
    return share


def _around_origins(seconds: StreetSeconds, origins: Places, limit_s: float) -> list[tuple[int, float, float]]:
    rows = np.flatnonzero(origins.street >= 0)
    return _around(seconds, origins.street[rows], origins.share[rows], np.full(rows.size, limit_s))


def _around_junctions(
    layout: Layout, seconds: StreetSeconds, left: NDArray[np.float64]
) -> list[tuple[int, float, float]]:
    junctions = layout.junctions
    rows = np.flatnonzero(left[junctions.node] >= 0)
    return _around(seconds, junctions.street[rows], junctions.share[rows], left[junctions.node[rows]])


def _around(
    seconds: StreetSeconds, street: NDArray[np.intp], share: NDArray[np.float64], left: NDArray[np.float64]
) -> list[tuple[int, float, float]]:
    """Return the pieces of streets reached from places inside them; none where both directions are closed."""
    ahead = _share(left, seconds.along[street])
    back = _share(left, seconds.against[street])
    pieces = zip(
        street.tolist(), np.maximum(share - back, 0.0).tolist(), np.minimum(share + ahead, 1.0).tolist(), strict=True
    )
    return [piece for piece in pieces if piece[1] < piece[2]]
