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


Values: TypeAlias = Callable[["NDArray[np.intp]"], "NDArray[np.float32]"]


@dataclass(frozen=True)
class _Crossings:
    """Pairs of neighbouring points of which one is inside, those beside each other first, then those above each other.

    `here` is the left or lower point; the line runs with the inside at its left hand, `ahead` being the step from a
    point to its neighbour in the direction of the line.
    """

    here: NDArray[np.intp]
    inner: NDArray[np.intp]
    outer: NDArray[np.intp]
    ahead: NDArray[np.intp]
    here_inside: NDArray[np.bool_]
    beside: int
    """How many of the pairs lie beside each other."""


def trace(
    inside: NDArray[np.bool_],
    value: Values,
    level: float,
    *,
    corner: tuple[int, int] = (0, 0),
    scratch: NDArray[np.int32] | None = None,
) -> Outline:
    """Return the outline of the points where the field is below a level, in columns (x) and rows (y) of a lattice.

    Parameters
    ----------
    inside
        (rows, cols): where the field is below the level; nowhere on the border.
    value
        Returns the field at flat positions; only points beside the line are asked for.
    level
        The level; between two points the field is taken as linear.
    corner
        Row and column of the lattice at which the rows and columns given begin.
    scratch
        Two numbers a point (2 * rows * cols or more) that may be written over: fresh memory is dear on some machines.
    """
    cols = inside.shape[1]
    flags = inside.ravel()
    crossings = _crossings(flags, cols)
    if scratch is None:
        scratch = np.empty(2 * flags.size, np.int32)

    def joined(square: NDArray[np.intp]) -> NDArray[np.bool_]:
        # the middle of a saddle is the mean of its corners, the same from whichever side the line comes
        total = np.zeros(len(square))
        for step in (0, 1, cols, cols + 1):
            at = square + step
            total += np.where(flags.take(at), _below(value(at), level), _above(value(at), level))
        return np.asarray(total < 4.0 * level)

    order, starts = _cycles(_following(crossings, flags, joined, scratch))
    places, ring_offsets, polygon_offsets = _arrange(crossings, order, starts)
    xy = _positions(crossings, cols, value, level, corner)
    return Outline(xy.take(places, axis=0), ring_offsets, polygon_offsets)


def _below(values: NDArray[np.float32], level: float) -> NDArray[np.float64]:
    return np.minimum(values, level * (1.0 - CLEARANCE), dtype=np.float64)


def _above(values: NDArray[np.float32], level: float) -> NDArray[np.float64]:
    return np.maximum(values, level * (1.0 + CLEARANCE), dtype=np.float64)


def _crossings(flags: NDArray[np.bool_], cols: int) -> _Crossings:
    beside, above = _changes(flags, 1), _changes(flags, cols)
    count = len(beside)
    here = np.concatenate((beside, above))
    there = here.copy()
    there[:count] += 1
    there[count:] += cols
    inside = flags.take(here)
    # a line passes up between a left point inside and a right one outside, and to the right under an upper one inside
    forward = inside.copy()
    np.logical_not(inside[count:], out=forward[count:])
    ahead = np.where(forward, 1, -1)
    ahead[:count] *= cols
    return _Crossings(here, np.where(inside, here, there), np.where(inside, there, here), ahead, inside, count)


def _changes(flags: NDArray[np.bool_], step: int) -> NDArray[np.intp]:
    """Return the flat places whose flag is not that of the place `step` farther on."""
    size = flags.size - step
    different = np.zeros(-(-size // 8) * 8, np.bool_)
    np.not_equal(flags[step:], flags[:-step], out=different[:size])
    # most of a window is far from the line: look eight points at a time, and closer only where there is something
    words = np.flatnonzero(different.view(np.uint64))
    found = np.flatnonzero(different.reshape(-1, 8).take(words, axis=0))
    return (words.take(found >> 3) << 3) + (found & 7)


def _positions(
    crossings: _Crossings, cols: int, value: Values, level: float, corner: tuple[int, int]
) -> NDArray[np.float64]:
    """Return where the line crosses between each pair of points, column and row."""
    low = _below(value(crossings.inner), level)
    high = _above(value(crossings.outer), level)
    share = (level - low) / (high - low)
    np.subtract(1.0, share, out=share, where=~crossings.here_inside)
    row = crossings.here // cols
    xy = np.empty((len(row), 2))
    np.add(crossings.here - row * cols, corner[1], out=xy[:, 0])
    np.add(row, corner[0], out=xy[:, 1])
    xy[: crossings.beside, 0] += share[: crossings.beside]
    xy[crossings.beside :, 1] += share[crossings.beside :]
    return xy


def _following(
    crossings: _Crossings,
    flags: NDArray[np.bool_],
    joined: Callable[[NDArray[np.intp]], NDArray[np.bool_]],
    scratch: NDArray[np.int32],
) -> NDArray[np.int32]:
    """Return, for every crossing, the next one along the line with the inside at the left hand."""
    here, ahead, count, points = crossings.here, crossings.ahead, crossings.beside, flags.size
    # the square that the line enters has two more corners, ahead of the inner point and of the outer one
    left_in = flags.take(crossings.inner + ahead)
    right = flags.take(crossings.outer + ahead)
    straight = left_in & ~right
    behind = np.minimum(ahead, 0)
    saddle = np.flatnonzero(right & ~left_in)
    right[saddle] = joined(here[saddle] + behind[saddle])
    # it leaves straight ahead, through a pair like this one, or at the left or right, through one of the other kind;
    # numbers by place, the kinds one behind the other; read only where written, so the rest may hold anything
    scratch[here[:count]] = np.arange(count, dtype=np.int32)
    scratch[here[count:] + points] = np.arange(count, len(here), dtype=np.int32)
    target = np.where(straight, here + ahead, np.where(right, crossings.outer, crossings.inner) + behind)
    other = ~straight
    other[count:] = straight[count:]
    target += points * other
    return scratch.take(target)


def _arrange(
    crossings: _Crossings, order: NDArray[np.intp], starts: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Return the crossings polygon after polygon, outer ring first, each ring closed; with the offsets of both."""
    count = len(starts) - 1
    sizes = np.diff(starts)
    ring = np.empty(len(order), np.intp)
    ring[order] = np.repeat(np.arange(count), sizes)
    # every ring goes round a lattice point, so it has pairs beside each other; the first one read tells its kind
    ring = ring[: crossings.beside]
    first = np.empty(count, np.intp)
    first[ring[::-1]] = np.arange(crossings.beside - 1, -1, -1)
    hole = crossings.here_inside[first]
    # left of a hole's first crossing lies its polygon: the crossing before belongs to the same polygon
    parent = np.where(hole, ring[first - 1], np.arange(count))
    while not np.array_equal(up := parent[parent], parent):
        parent = up
    arrange = np.lexsort((first, hole, first[parent]))
    # spans includes both ends: one place too many a ring, which closes it
    _, places = spans(starts[:-1][arrange], starts[1:][arrange])
    ring_offsets = np.concatenate(([0], np.cumsum(sizes[arrange] + 1)))
    places[ring_offsets[1:] - 1] = starts[:-1][arrange]
    return order.take(places), ring_offsets, np.append(np.flatnonzero(~hole[arrange]), count)


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
    order = depth_first_order(graph, 0, return_predecessors=False).astype(np.intp)
    starts = np.flatnonzero(following.take(order[:-1]) != order[1:]) + 1
    return order, np.concatenate(([0], starts, [size]))
