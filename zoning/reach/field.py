"""Hold how far the ground of a window lies from reached street, ring after ring."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zoning.reach.cells import NEVER, Cells
from zoning.reach.contour import Outline, trace
from zoning.reach.lattice import Window, batches, near, squared_distance

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zoning.reach.pieces import Segments


class Field:
    """The distance of lattice points to what is reached, never growing from a ring to the next.

    Distances stand as what they fall short of the cap, so that untouched memory means "far" and costs nothing. Wholly
    reached streets need not be written where `cells` know them to be the nearest.
    """

    def __init__(
        self, window: Window, walk_off_m: float, *, cells: Cells | None = None, ring: NDArray[np.uint8] | None = None
    ) -> None:
        self.window = window
        self.walk_off_m = walk_off_m
        self.cap_m = walk_off_m + window.step_m
        self._cells = cells
        self._ring = ring
        self._short = np.zeros(window.rows * window.cols, np.float32)
        self._scratch = np.empty((2, window.rows * window.cols), np.int32)
        self._frontier: tuple[NDArray[np.uint8], NDArray[np.intp], NDArray[np.float32]] | None = None
        if cells is not None and ring is not None:
            self._first = cells.paint(ring, window).ravel()
            self._stored = cells.stored(window)
            self._frontier = cells.frontier(ring, window)
        else:
            self._first = np.full(window.rows * window.cols, NEVER, np.uint8)

    def add_segments(self, segments: Segments, number: int) -> None:
        """Write segments that ring `number` and all later ones reach."""
        for batch in batches(segments, self.window.step_m, self.cap_m):
            owner, row, col, across, along = near(batch, self.window, self.cap_m)
            square = squared_distance(across, along, batch.length_m().astype(np.float32).take(owner))
            keep = np.flatnonzero(square < self.cap_m**2)
            at = row.take(keep) * self.window.cols + col.take(keep)
            self._write(at, np.sqrt(square.take(keep)), number)

    def add_frontier(self, number: int) -> None:
        """Write what the streets first wholly reached by ring `number` hold of ground nearer to others."""
        if self._frontier is not None:
            ring, at, distance = self._frontier
            now = ring == number
            self._write(at[now], distance[now], number)

    def _write(self, at: NDArray[np.intp], distance: NDArray[np.float32], number: int) -> None:
        np.maximum.at(self._short, at, np.float32(self.cap_m) - distance)
        inside = at[distance < self.walk_off_m]
        self._first[inside] = np.minimum(self._first[inside], np.uint8(number))

    def distances(self, number: int, row: NDArray[np.intp], col: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return how far points of the window are from what ring `number` reaches, the cap at most."""
        written: NDArray[np.float32] = np.float32(self.cap_m) - self._short.take(row * self.window.cols + col)
        if self._cells is None or self._ring is None:
            return written
        return np.minimum(written, self._cells.distances(self._ring, self._stored, row, col, number))

    def outline(self, number: int, bounds: tuple[float, float, float, float]) -> Outline:
        """Return the outline of the ground within the walk-off of what ring `number` reaches within bounds, metres."""
        window = self.window
        # only the rows that the ring can hold: small rings in the window of a large one cost what they are
        inner = Window.around(bounds, self.cap_m, window.step_m)
        top = max(inner.row - window.row, 0)
        rows = min(inner.row + inner.rows - window.row, window.rows) - top

        def distance(row: NDArray[np.intp], col: NDArray[np.intp]) -> NDArray[np.float32]:
            return self.distances(number, row, col)

        first = self._first[top * window.cols : (top + rows) * window.cols]
        inside = (first <= number).reshape(rows, window.cols)
        drawn = trace(inside, distance, self.walk_off_m, first_row=top, scratch=self._scratch)
        xy = (drawn.xy + np.array((window.col, window.row))) * window.step_m
        return Outline(xy, drawn.ring_offsets, drawn.polygon_offsets)
