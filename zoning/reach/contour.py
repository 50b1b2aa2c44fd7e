"""Trace the line where a field on a lattice crosses a level, as nested rings.

Marching squares in whole-array steps: the cost goes with the length of the line, not with the area of the window, which
for a city-wide catchment is ten times more. Lower fields give larger shapes, exactly: rings of growing reach nest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import depth_first_order

from zoning.reach.lattice import spans

if TYPE_CHECKING:
    from numpy.typing import NDArray

CLEARANCE = 1e-4  # of the level: no lattice point is nearer to it, so that rings never touch in a point


@dataclass(frozen=True)
class Outline:
    """Polygons as shapely takes them ragged: closed rings, outer ones first in their polygon and counter-clockwise."""

    xy: NDArray[np.float64]
    ring_offsets: NDArray[np.intp]
    polygon_offsets: NDArray[np.intp]


Values: TypeAlias = Callable[["NDArray[np.intp]", "NDArray[np.intp]"], "NDArray[np.float32]"]


def trace(
    inside: NDArray[np.bool_],
    value: Values,
    level: float,
    *,
    first_row: int = 0,
    scratch: NDArray[np.int32] | None = None,
) -> Outline:
    """Return the outline of the points where the field is below a level, in columns (x) and rows (y) of the lattice.

    Parameters
    ----------
    inside
        (rows, cols): where the field is below the level; nowhere on the border.
    value
        Takes rows and columns, returns the field there; only points beside the line are asked for.
    level
        The level; between two points the field is taken as linear.
    first_row
        The lattice row of the first row given.
    scratch
        Two numbers a point, (2, rows * cols) or more, that may be written over: fresh memory is dear on some machines.
    """
    cols = inside.shape[1]
    flags = inside.ravel()
    # a crossing is a pair of neighbours of which one is inside: beside each other, or one above the other
    beside = np.flatnonzero(flags[1:] != flags[:-1])
    above = np.flatnonzero(flags[cols:] != flags[:-cols])
    count = len(beside)
    here = np.concatenate((beside, above))
    row = here // cols
    col = here - row * cols
    over = np.zeros(len(here), np.intp)
    over[count:] = 1
    low = _clear(value(row + first_row, col), flags.take(here), level)
    high = _clear(value(row + over + first_row, col + 1 - over), ~flags.take(here), level)
    share = (level - low) / (high - low)
    xy = np.empty((len(here), 2))
    xy[:, 0], xy[:, 1] = col, row + first_row
    xy[:count, 0] += share[:count]
    xy[count:, 1] += share[count:]
    if scratch is None:
        scratch = np.empty((2, flags.size), np.int32)

    def joined(square: NDArray[np.intp]) -> NDArray[np.bool_]:
        # the middle of a saddle is the mean of its corners, the same from whichever side the line comes
        corners = [square + step for step in (0, 1, cols, cols + 1)]
        values = [_clear(value(at // cols + first_row, at % cols), flags.take(at), level) for at in corners]
        middle: NDArray[np.bool_] = values[0] + values[1] + values[2] + values[3] < 4.0 * level
        return middle

    following = _link(beside, above, cols, flags, joined, scratch)
    order, starts = _cycles(following)
    ring = np.empty(len(following), np.intp)
    ring[order] = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    # every ring goes round a lattice point, so it has level crossings; the first in reading order tells its kind
    ring_beside = ring[: len(beside)]
    count = len(starts) - 1
    first = np.full(count, len(beside))
    np.minimum.at(first, ring_beside, np.arange(len(beside)))
    hole = flags[beside[first]]
    # left of a hole's first crossing lies its polygon: the crossing before belongs to the same polygon
    parent = np.where(hole, ring_beside[first - 1], np.arange(count))
    while not np.array_equal(up := parent[parent], parent):
        parent = up
    arrange = np.lexsort((first, hole, first[parent]))
    sizes = np.diff(starts)[arrange]
    _, places = spans(starts[:-1][arrange], starts[1:][arrange])
    # spans includes both ends: one place too many a ring, which closes it
    ring_offsets = np.concatenate(([0], np.cumsum(sizes + 1)))
    places[ring_offsets[1:] - 1] = starts[:-1][arrange]
    polygon_offsets = np.append(np.flatnonzero(~hole[arrange]), count)
    return Outline(xy[order[places]], ring_offsets, polygon_offsets)


def _clear(values: NDArray[np.float32], inside: NDArray[np.bool_], level: float) -> NDArray[np.float64]:
    margin = level * CLEARANCE
    wide = values.astype(np.float64)
    return np.where(inside, np.minimum(wide, level - margin), np.maximum(wide, level + margin))


def _link(
    beside: NDArray[np.intp],
    above: NDArray[np.intp],
    cols: int,
    flags: NDArray[np.bool_],
    joined: Callable[[NDArray[np.intp]], NDArray[np.bool_]],
    scratch: NDArray[np.int32],
) -> NDArray[np.int32]:
    """Return, for every crossing, the next one along the line with the inside at the left hand."""
    # a crossing's number by its place; read only where written, so it need not be filled
    number_beside, number_above = scratch
    number_beside[beside] = np.arange(len(beside), dtype=np.int32)
    number_above[above] = np.arange(len(beside), len(beside) + len(above), dtype=np.int32)

    def turn(
        square: NDArray[np.intp], far_left: NDArray[np.intp], far_right: NDArray[np.intp]
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Say where the line leaves a square: straight ahead, and if not, whether to the right."""
        left_in, right = flags.take(far_left), flags.take(far_right)
        ahead = left_in & ~right
        saddle = np.flatnonzero(right & ~left_in)
        right[saddle] = joined(square[saddle])
        return ahead, right

    upward = flags.take(beside)  # the left point is inside: the line goes up through here, else down
    square = np.where(upward, beside, beside - cols)  # the square that it enters, by its lower left point
    ahead, right = turn(square, square + np.where(upward, cols, 1), square + np.where(upward, cols + 1, 0))
    next_beside = np.where(
        ahead, number_beside.take(square + cols * upward), number_above.take(square + (right == upward))
    )
    onward = flags.take(above + cols)  # the upper point is inside: the line goes right through here, else left
    square = np.where(onward, above, above - 1)
    ahead, right = turn(square, square + np.where(onward, cols + 1, 0), square + np.where(onward, 1, cols))
    next_above = np.where(
        ahead, number_above.take(square + onward), number_beside.take(square + cols * (right != onward))
    )
    return np.concatenate((next_beside, next_above))


def _cycles(following: NDArray[np.int32]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the crossings cycle after cycle, and where each cycle starts (one more at the end)."""
    size = len(following)
    # each crossing leads to the next on its line and, second, to its neighbour in the list: a depth-first walk runs
    # every cycle to its end before it can take a neighbour, and so comes to all
    edges = np.empty((size, 2), np.int32)
    edges[:, 0] = following
    edges[:, 1] = np.arange(1, size + 1)
    edges[-1, 1] = 0
    offsets = np.arange(0, 2 * size + 1, 2, dtype=np.int32)
    graph = csr_array((np.ones(2 * size), edges.ravel(), offsets), shape=(size, size))
    order = depth_first_order(graph, 0, return_predecessors=False)
    starts = np.flatnonzero(following.take(order[:-1]) != order[1:]) + 1
    return order.astype(np.intp), np.concatenate(([0], starts, [size]))
