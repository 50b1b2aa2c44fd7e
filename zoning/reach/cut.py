"""Cut the streets of a network where limits fall."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zoning.reach.search import ROUNDING_S
from zoning.reach.streets import StreetReach

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from zoning.reach.layout import Layout
    from zoning.reach.links import StreetSeconds
    from zoning.reach.snap import Places


def cut_streets(
    layout: Layout,
    seconds: StreetSeconds,
    node_seconds: NDArray[np.float64],
    origins: Places,
    limits_s: Sequence[float],
    begin_s: NDArray[np.float64] | None = None,
) -> list[StreetReach]:
    """Return what of each street is reached within each limit, itself included.

    Parameters
    ----------
    layout
        The network's arrays.
    seconds
        What streets cost; `swapped()` for trips that arrive, whose reach runs against the edges.
    node_seconds
        Seconds from the origins to every node, (n,), inf where not reached within the largest limit.
    origins
        Where the search began; those inside a street reach along it both ways without passing a node.
    limits_s
        The limits in seconds.
    begin_s
        When the search was at each row of `origins`, in seconds; None for 0.
    """
    heads = shares(node_seconds[layout.first_node], seconds.along, limits_s)
    tails = shares(node_seconds[layout.last_node], seconds.against, limits_s)
    rows = np.flatnonzero(origins.street >= 0)
    inside = layout.junctions
    # the places inside streets that reach along them both ways, and when they are reached themselves
    street = np.concatenate([origins.street[rows], inside.street])
    share = np.concatenate([origins.share[rows], inside.share])
    own_s = np.zeros(rows.size) if begin_s is None else begin_s[rows]
    from_s = np.concatenate([own_s, node_seconds[inside.node]])
    ahead = shares(from_s, seconds.along[street], limits_s)
    back = shares(from_s, seconds.against[street], limits_s)
    return [
        StreetReach(heads[i], tails[i], _pieces(street, share - back[i], share + ahead[i]))
        for i in range(len(limits_s))
    ]


def shares(
    begin_s: NDArray[np.float64], whole_s: NDArray[np.float64], limits_s: Sequence[float]
) -> list[NDArray[np.float64]]:
    """Return the share of streets, or parts of them, reached within each limit from ends that are reached at `begin_s`.

    Closed streets and those never reached have 0, streets that cost nothing 1 as soon as their end is reached.
    """
    from zoning.reach.kernels.streets import share

    found = np.empty((len(limits_s), begin_s.size))
    late_s = [limit_s + ROUNDING_S * max(1.0, limit_s) for limit_s in limits_s]
    share(begin_s, whole_s, np.array(limits_s, np.float64), np.array(late_s, np.float64), found)
    return list(found)


def _pieces(
    street: NDArray[np.intp], low: NDArray[np.float64], high: NDArray[np.float64]
) -> tuple[tuple[int, float, float], ...]:
    """Return pieces inside streets as plain tuples, without those of no length."""
    rows = zip(street.tolist(), np.maximum(low, 0.0).tolist(), np.minimum(high, 1.0).tolist(), strict=True)
    return tuple(row for row in rows if row[1] < row[2])
