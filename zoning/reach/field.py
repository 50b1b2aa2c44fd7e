"""Hold how far the ground of a window lies from reached street, ring after ring."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from zoning.reach.cells import NEVER, SHIFT, TILE
from zoning.reach.contour import Ground, Outline, trace
from zoning.reach.lattice import Window

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zoning.reach.pieces import Segments
    from zoning.reach.surface import Surface

    Room: TypeAlias = tuple[NDArray[np.uint8], NDArray[np.float32]]


def room_for(window: Window) -> Room:
    """Return memory for the field of a window.

    Where fields are drawn in a thread of their own, it is claimed before that: each thread that claims memory keeps
    some.
    """
    shape = window.rows, window.cols
    return np.empty(shape, np.uint8), np.empty(shape, np.float32)


class Field:
    """The distance of lattice points to what is reached, never growing from a ring to the next.

    The window is one of whole tiles.
    """

    def __init__(self, window: Window, walk_off_m: float, room: Room | None = None) -> None:
        self.window = window
        self.walk_off_m = walk_off_m
        self.cap_m = walk_off_m + window.step_m
        first, short = room or room_for(window)
        first.fill(NEVER)
        short.fill(0.0)
        self.ground = Ground(first, short, self.cap_m)

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

    def __init__(
        self,
        surface: Surface,
        ring: NDArray[np.uint8],
        window: Window,
        room: Room | None = None,
    ) -> None:
        from zoning.reach.kernels.field import mark

        cells = surface.cells
        super().__init__(window, cells.walk_off_m, room)
        self._cells = cells
        self._ring = ring
        self._stored = cells.stored(self.window)
        self._lowest = np.full(self._stored.shape, NEVER, np.uint8)
        row, col = self.window.row >> SHIFT, self.window.col >> SHIFT
        west, south, east, north = surface.bounds
        mark(west, south, east, north, ring, row, col, cells.step_m * TILE, self.cap_m, self._lowest)

    def add_streets(self, number: int) -> None:
        """Write the streets wholly reached by ring `number`; those of the rings before it are there."""
        from zoning.reach.kernels.field import paint

        cells, ground = self._cells, self.ground
        rows = len(ground.first), -1, TILE
        paint(
            self._stored, cells.street.reshape(-1, TILE), cells.distance.reshape(-1, TILE),
            cells.more_offsets, cells.more_street, cells.more_distance,
            self._ring, number, self.cap_m, self.walk_off_m, self._lowest, np.empty((2, TILE), np.uint8),
            ground.short.reshape(rows), ground.first.reshape(rows),
        )  # fmt: skip
