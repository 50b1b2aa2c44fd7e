"""Hold how far the ground of a window lies from reached street, ring after ring."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zoning.reach.cells import NEVER, Cells
from zoning.reach.contour import Outline, trace
from zoning.reach.lattice import Window, near, squared_distance

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
        self._frontier: tuple[NDArray[np.uint8], NDArray[np.intp], NDArray[np.float32]] | None = None
        if cells is not None and ring is not None:
            self._first = cells.paint(ring, window).ravel()
            self._stored = cells.stored(window)
            self._frontier = cells.frontier(ring, window)
        else:
            self._first = np.full(window.rows * window.cols, NEVER, np.uint8)

    def add_segments(self, segments: Segments, number: int) -> None:
        """Write segments that ring `number` and all later ones reach."""
        owner, row, col, across, along = near(segments, self.window, self.cap_m)
        square = squared_distance(across, along, segments.length_m().astype(np.float32)[owner])
        keep = np.flatnonzero(square < self.cap_m**2)
        self._write(row[keep] * self.window.cols + col[keep], np.sqrt(square[keep]), number)

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

    def outline(self, number: int) -> Outline:
        """Return the outline of the ground within the walk-off of what ring `number` reaches, metres."""

        def distance(row: NDArray[np.intp], col: NDArray[np.intp]) -> NDArray[np.float32]:
            written = np.float32(self.cap_m) - self._short.take(row * self.window.cols + col)
            if self._cells is None or self._ring is None:
                return written
            return np.minimum(written, self._cells.distances(self._ring, self._stored, row, col, number))

        shape = self.window.rows, self.window.cols
        drawn = trace((self._first <= number).reshape(shape), distance, self.walk_off_m)
        xy = (drawn.xy + (self.window.col, self.window.row)) * self.window.step_m
        return Outline(xy, drawn.ring_offsets, drawn.polygon_offsets)
