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
        size = window.rows * window.cols
        self._short = np.zeros(size, np.float32)
        self._scratch = np.empty(2 * size, np.int32)
        self._nearest: tuple[Cells, NDArray[np.uint8], NDArray[np.intp]] | None = None
        self._frontier: tuple[NDArray[np.uint8], NDArray[np.intp], NDArray[np.float32]] | None = None
        if cells is not None and ring is not None:
            self._first = cells.paint(ring, window)
            self._nearest = cells, ring, cells.stored(window)
            self._frontier = cells.frontier(ring, window)
        else:
            self._first = np.full(size, NEVER, np.uint8)

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
        self._first[inside.compress(self._first.take(inside) > number)] = number

    def distances(self, number: int, at: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return how far points of the window, by flat place, are from what ring `number` reaches, the cap at most."""
        cap = np.float32(self.cap_m)
        written: NDArray[np.float32] = cap - self._short.take(at)
        if self._nearest is None:
            return written
        cells, ring, stored = self._nearest
        return np.minimum(written, cells.distances(ring, stored, at, number))

    def outline(self, number: int, bounds: tuple[float, float, float, float]) -> Outline:
        """Return the outline of the ground within the walk-off of what ring `number` reaches within bounds, metres."""
        window = self.window
        # only the rows that the ring can hold: small rings in the window of a large one cost what they are
        inner = Window.around(bounds, self.cap_m, window.step_m)
        top = max(inner.row - window.row, 0)
        rows = min(inner.row + inner.rows - window.row, window.rows) - top
        begin = top * window.cols
        drawn = trace(
            (self._first[begin : begin + rows * window.cols] <= number).reshape(rows, window.cols),
            lambda at: self.distances(number, at + begin),
            self.walk_off_m,
            corner=(window.row + top, window.col),
            scratch=self._scratch,
        )
        return Outline(drawn.xy * window.step_m, drawn.ring_offsets, drawn.polygon_offsets)
