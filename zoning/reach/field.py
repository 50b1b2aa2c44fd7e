"""Hold how far the ground of a window lies from reached street, ring after ring."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zoning.reach.cells import NEVER, SHIFT, Cells
from zoning.reach.contour import Ground, Outline, trace
from zoning.reach.lattice import Window

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zoning.reach.pieces import Segments


class Field:
    """The distance of lattice points to what is reached, never growing from a ring to the next.

    The window is one of whole tiles.
    """

    def __init__(self, window: Window, walk_off_m: float) -> None:
        self.window = window
        self.walk_off_m = walk_off_m
        self.cap_m = walk_off_m + window.step_m
        first = np.full((window.rows, window.cols), NEVER, np.uint8)
        self.ground = Ground(first, np.zeros(first.shape, np.float32), self.cap_m)

    def add_segments(self, segments: Segments, number: int) -> None:
        """Write segments that ring `number` and all later ones reach."""
        from zoning.reach.kernels.field import write

        window, ground = self.window, self.ground
        write(
            segments.ax, segments.ay, segments.bx, segments.by, number,
            window.row, window.col, window.step_m, self.cap_m, self.walk_off_m, ground.short, ground.first,
        )  # fmt: skip

    def outline(self, number: int, bounds: tuple[float, float, float, float]) -> Outline:
        """Return the outline of the ground within the walk-off of what ring `number` reaches within bounds, metres."""
        window = self.window
        return trace(
            self.ground,
            number,
            self.walk_off_m,
            corner=(window.row, window.col),
            step_m=window.step_m,
            rows=self._rows(bounds),
        )

    def _rows(self, bounds: tuple[float, float, float, float]) -> tuple[int, int]:
        """Return the rows that a ring with bounds can hold: small rings in the window of a large one cost less."""
        inner = Window.around(bounds, self.cap_m, self.window.step_m)
        low = inner.row - self.window.row
        return max(low, 0), min(low + inner.rows, self.window.rows)


class CompiledField(Field):
    """A field on the lattice of compiled cells, which know the ground of wholly reached streets."""

    def __init__(self, cells: Cells, ring: NDArray[np.uint8], bounds: tuple[float, float, float, float]) -> None:
        super().__init__(cells.window(bounds), cells.walk_off_m)
        self._cells = cells
        self._ring = ring
        self._stored = cells.stored(self.window)
        self._corners = cells.corners(self._stored, self.window.cols)
        self._done = np.zeros(self._stored.shape, np.uint8)

    def add_streets(self, number: int, bounds: tuple[float, float, float, float]) -> None:
        """Write the streets first wholly reached by ring `number`, which has bounds: all rings before come before."""
        from zoning.reach.kernels.field import lend, paint

        cells, ring, ground = self._cells, self._ring, self.ground
        low, high = self._rows(bounds)
        paint(
            self._stored, cells.street, cells.distance, ring, number, self.cap_m, self.walk_off_m,
            low >> SHIFT, (high - 1 >> SHIFT) + 1, self._done, ground.short, ground.first,
        )  # fmt: skip
        lend(
            cells.street_pairs, cells.pair_other, cells.pair_offsets, cells.place, cells.place_distance, ring, number,
            self._corners, self.cap_m, self.walk_off_m, self.window.cols, ground.short.ravel(), ground.first.ravel(),
        )  # fmt: skip
