"""Find the streets of a network: its lines, each once, with the edges that run along them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zoning.reach.streets import Streets

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zoning.reach.table import EdgeTable

SAME_PLACE_M = 0.001  # two directions of one street repeat its vertices to the millimetre
SAME_LENGTH_M = 0.01  # and its length to the centimetre


def find_streets(table: EdgeTable) -> Streets:
    """Pair every edge with the one that runs the same line the other way.

    Two edges are one street where they join the same nodes in opposite directions along the same vertices and with
    the same length. Everything else is a street of its own: a second line between the same nodes, a one-way, or a
    repetition of the same direction. A street runs as the first of its edges does; streets follow the edge order.
    """
    reverse = _canonical_reversed(table)
    twin = _twins(table, reverse)
    edges = np.arange(table.u.size)
    first = edges < np.where(twin >= 0, twin, edges.size)
    street_of_first = np.cumsum(first) - 1
    street_of_edge = np.where(first, street_of_first, street_of_first[twin]).astype(np.intp)
    owners = np.flatnonzero(first)
    counts = np.diff(table.offsets)[owners]
    return Streets(
        xy=table.xy[np.repeat(first, np.diff(table.offsets))],
        offsets=np.concatenate([[0], np.cumsum(counts)]).astype(np.intp),
        length_m=table.length_m[owners],
        street_of_edge=street_of_edge,
        reversed_edge=~first,
    )


def _canonical_reversed(table: EdgeTable) -> NDArray[np.bool_]:
    """Say which edges run against their canonical direction: from the lower node, loops by their vertices."""
    reverse = table.u > table.v
    millimetres = np.round(table.xy / SAME_PLACE_M).astype(np.int64)
    for edge in np.flatnonzero(table.u == table.v):
        loop = millimetres[table.offsets[edge] : table.offsets[edge + 1]]
        reverse[edge] = loop[::-1].tolist() < loop.tolist()
    return np.asarray(reverse)


def _twins(table: EdgeTable, reverse: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return for each edge the one that runs its line the other way, -1 where there is none."""
    low, high = np.minimum(table.u, table.v), np.maximum(table.u, table.v)
    shape = _fingerprints(table, reverse)
    order = np.lexsort((np.arange(low.size), table.length_m, reverse, shape, high, low))
    ordered = np.column_stack([low[order], high[order], shape[order].view(np.int64)])
    new_group = np.concatenate([[True], np.any(ordered[1:] != ordered[:-1], axis=1)])
    starts = np.append(np.flatnonzero(new_group), order.size)
    sizes = np.diff(starts)

    twin = np.full(low.size, -1, dtype=np.intp)
    # nearly all groups hold one edge or the two directions of one street
    doubles = starts[:-1][sizes == 2]
    _link(twin, order[doubles], order[doubles + 1], table.length_m, reverse)
    for group in np.flatnonzero(sizes > 2):
        members = order[starts[group] : starts[group + 1]]
        forward, backward = list(members[~reverse[members]]), list(members[reverse[members]])
        while forward and backward:
            one, other = forward[0], backward[0]
            if abs(table.length_m[one] - table.length_m[other]) <= SAME_LENGTH_M:
                _link(twin, np.array([forward.pop(0)]), np.array([backward.pop(0)]), table.length_m, reverse)
            elif table.length_m[one] < table.length_m[other]:
                forward.pop(0)
            else:
                backward.pop(0)
    return twin


def _link(
    twin: NDArray[np.intp],
    one: NDArray[np.intp],
    other: NDArray[np.intp],
    length_m: NDArray[np.float64],
    reverse: NDArray[np.bool_],
) -> None:
    paired = (reverse[one] != reverse[other]) & (np.abs(length_m[one] - length_m[other]) <= SAME_LENGTH_M)
    twin[one[paired]] = other[paired]
    twin[other[paired]] = one[paired]


def _fingerprints(table: EdgeTable, reverse: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """Return one number an edge, equal for equal vertices in canonical direction (a polynomial hash, modulo 2**64)."""
    counts = np.diff(table.offsets)
    position = np.arange(table.xy.shape[0]) - np.repeat(table.offsets[:-1], counts)
    last = np.repeat(counts - 1, counts)
    position = np.where(np.repeat(reverse, counts), last - position, position)
    millimetres = np.round(table.xy / SAME_PLACE_M).astype(np.int64).view(np.uint64)
    with np.errstate(over="ignore"):
        vertex = _mixed(_mixed(millimetres[:, 0]) + millimetres[:, 1])
        total = np.add.reduceat(_mixed(vertex + position.astype(np.uint64)), table.offsets[:-1])
        return np.asarray(_mixed(total + counts.astype(np.uint64)))


def _mixed(value: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread the bits of each number (the finaliser of SplitMix64, Steele, Lea and Flood, OOPSLA 2014)."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(value ^ (value >> np.uint64(31)))
