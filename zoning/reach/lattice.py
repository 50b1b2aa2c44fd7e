"""Measure the distance from lattice points to pieces of street."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from zoning.reach.pieces import Segments

BATCH = 60_000  # pairs of a segment and a point at a time
FLAT_M = 1e-9  # metres: a segment that rises less runs along its row


@dataclass(frozen=True)
class Window:
    """A rectangle of a lattice whose points lie at whole multiples of `step_m`.

    Row r and column c of the window stand for the point ((col + c) * step_m, (row + r) * step_m). With `jitter` every
    point is moved to a fixed place inside its cell (see `rows_m`, `columns_m`): a stratified random sample of the plane
    that is the same for every request, and independent of any lattice that rings are made on.
    """

    step_m: float
    row: int
    col: int
    rows: int
    cols: int
    jitter: bool = False

    @classmethod
    def around(cls, bounds: tuple[float, float, float, float], margin_m: float, step_m: float) -> Window:
        """Return the window that covers bounds (west, south, east, north) and `margin_m` more, with a free border."""
        west, south, east, north = bounds
        col = int(np.floor((west - margin_m) / step_m)) - 1
        row = int(np.floor((south - margin_m) / step_m)) - 1
        return cls(
            step_m,
            row,
            col,
            int(np.ceil((north + margin_m) / step_m)) + 2 - row,
            int(np.ceil((east + margin_m) / step_m)) + 2 - col,
        )

    def rows_m(self, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return the northing, in metres, of rows counted from the window's first."""
        place: NDArray[np.float64] = np.asarray(rows + float(self.row), np.float64)
        if self.jitter:
            place = place + _scatter(rows + self.row, np.zeros_like(rows))
        return place * self.step_m

    def columns_m(self, rows: NDArray[np.intp], cols: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return the easting, in metres, of the points in these rows and columns of the window."""
        place: NDArray[np.float64] = np.asarray(cols + float(self.col), np.float64)
        if self.jitter:
            place = place + self.eastward(rows, cols)
        return place * self.step_m

    def eastward(self, rows: NDArray[np.intp], cols: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return how far points of a jittered window are moved to the east, in steps: 0 to 1."""
        return _scatter(rows + self.row, cols + self.col + 1)


def _scatter(rows: NDArray[np.intp], cols: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return a number from 0 to below 1 for each cell: it looks random and never changes."""
    from zoning.reach.kernels.points import scatter

    found = np.empty(rows.size)
    scatter(rows.astype(np.int64), cols.astype(np.int64), found)
    return found


def spans(first: NDArray[np.intp], last: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Unroll ranges `first..last` (both included, empty if last < first): which range, and the numbers in it."""
    counts = np.maximum(last - first + 1, 0)
    owner = np.repeat(np.arange(len(counts)), counts)
    shift = first - (np.cumsum(counts) - counts)
    return owner, np.arange(len(owner)) + shift[owner]


def batches(segments: Segments, step_m: float, reach_m: float) -> Iterator[Segments]:
    """Yield the segments some at a time, so that the pairs `near` makes of them stay in the processor's cache."""
    wide = np.abs(segments.bx - segments.ax) + 2.0 * reach_m
    high = np.abs(segments.by - segments.ay) + 2.0 * reach_m
    batch = np.cumsum(wide * high) // (BATCH * step_m**2)
    edges = np.concatenate(([0], np.flatnonzero(np.diff(batch)) + 1, [len(batch)]))
    for begin, end in pairwise(edges.tolist()):
        yield segments.part(slice(begin, end))


def near(
    segments: Segments, window: Window, reach_m: float
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp], NDArray[np.float32], NDArray[np.float32]]:
    """Return every pair of a segment and a point of the window that may be within `reach_m` of it.

    Returns
    -------
    owner, row, col
        The segment, and the point's place in the window.
    across, along
        Metres from the segment's first end to the point: across its line, and along it. Single precision, measured
        from the segment itself: a millimetre off at most.
    """
    ax, ay, bx, by = segments.ax, segments.ay, segments.bx, segments.by
    step = window.step_m
    loose = int(window.jitter)
    low, high = np.minimum(ay, by), np.maximum(ay, by)
    first = np.ceil((low - reach_m) / step).astype(np.intp) - loose - window.row
    last = np.floor((high + reach_m) / step).astype(np.intp) - window.row
    owner, row = spans(np.maximum(first, 0), np.minimum(last, window.rows - 1))
    y = window.rows_m(row)
    # the part of a segment within reach of a row bounds the columns: long slanting streets would else cost their square
    rising = by >= ay
    x_low, x_run = np.where(rising, ax, bx).take(owner), np.where(rising, bx - ax, ax - bx).take(owner)
    per_m = (1.0 / np.maximum(high - low, FLAT_M)).take(owner)
    rise = (y - low.take(owner)) * per_m
    per_m *= reach_m
    x_from = x_low + np.minimum(np.maximum(rise - per_m, 0.0), 1.0) * x_run
    x_to = x_low + np.minimum(np.maximum(rise + per_m, 0.0), 1.0) * x_run
    left = np.ceil((np.minimum(x_from, x_to) - reach_m) / step).astype(np.intp) - loose - window.col
    right = np.floor((np.maximum(x_from, x_to) + reach_m) / step).astype(np.intp) - window.col
    left = np.maximum(left, 0)
    line, col = spans(left, np.minimum(right, window.cols - 1))
    length = np.hypot(bx - ax, by - ay)
    point = length < FLAT_M  # a piece without length has no direction of its own: any will do, but it must have one
    safe = np.where(point, 1.0, length)
    ux = np.where(point, 1.0, (bx - ax) / safe).take(owner)
    uy = np.where(point, 0.0, (by - ay) / safe).take(owner)
    dy = y - ay.take(owner)
    # what a row shares is reckoned once: both distances at its leftmost point, in double precision
    dx = (window.col + left) * step - ax.take(owner)
    across_0, along_0 = (dx * uy - dy * ux).astype(np.float32), (dx * ux + dy * uy).astype(np.float32)
    row = row.take(line)
    x = (col - left.take(line)).astype(np.float32)
    if window.jitter:
        x += window.eastward(row, col)
    x *= np.float32(step)
    across = x * uy.astype(np.float32).take(line)
    across += across_0.take(line)
    along = x * ux.astype(np.float32).take(line)
    along += along_0.take(line)
    return owner.take(line), row, col, across, along


def squared_distance(
    across: NDArray[np.float32], along: NDArray[np.float32], length: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return the squared distance to a segment from what `near` gave, `length` being that of each pair's segment."""
    beyond = along - np.minimum(np.maximum(along, np.float32(0)), length)
    return across * across + beyond * beyond
