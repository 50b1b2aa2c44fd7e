"""Keep a scatter of points and the stretch of street that each can walk to: the truth that rings are held against."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from zoning.reach.cells import NEVER, chunks, window_of
from zoning.reach.lattice import Window, near

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from zoning.reach.pieces import Pieces, Segments


@dataclass(frozen=True)
class Samples:
    """One point a square of side `step_m`, at a scattered place in it, with the streets within the walk-off of it.

    Point i has the row and column `row[i]`, `col[i]` (a jittered Window counted from 0, 0) and the visits
    `offsets[i]:offsets[i + 1]`; a visit is a street and the shares `begin` to `end` of it that lie within the walk-off
    of the point: intersections of line and circle, no lattice. `by_street` lists the visits street after street.
    """

    step_m: float
    row: NDArray[np.int32]
    col: NDArray[np.int32]
    offsets: NDArray[np.int32]
    street: NDArray[np.int32]
    begin: NDArray[np.float32]
    end: NDArray[np.float32]
    by_street: NDArray[np.int32]
    street_offsets: NDArray[np.int32]

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return what `from_arrays` needs."""
        return {item.name: np.asarray(getattr(self, item.name)) for item in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> Samples:
        """Return the samples that gave `arrays`."""
        values: dict[str, object] = {item.name: arrays[item.name] for item in fields(cls)}
        values["step_m"] = arrays["step_m"].item()
        return cls(**values)  # type: ignore[arg-type]

    @classmethod
    def build(cls, segments: Segments, streets: int, walk_off_m: float, step_m: float) -> Samples:
        """Compile the samples of a network from all its segments, in the order of their streets."""
        tiles = window_of(segments, walk_off_m, step_m)
        window = Window(step_m, tiles.row, tiles.col, tiles.rows, tiles.cols, jitter=True)
        parts = [_visits(part, window, walk_off_m) for part in chunks(segments)]
        cell, street, begin, end = (np.concatenate(column) for column in zip(*parts, strict=True))
        order = np.argsort(cell, kind="stable")
        cell, street = cell[order], street[order]
        first = np.flatnonzero(np.diff(cell, prepend=-1))
        row, col = np.divmod(cell[first], window.cols)
        return cls(
            step_m, (row + window.row).astype(np.int32), (col + window.col).astype(np.int32),
            np.append(first, len(cell)).astype(np.int32), street.astype(np.int32), begin[order], end[order],
            np.argsort(street, kind="stable").astype(np.int32),
            np.searchsorted(np.sort(street), np.arange(streets + 1)).astype(np.int32),
        )  # fmt: skip

    def window(self, bounds: tuple[float, float, float, float], margin_m: float) -> Window:
        """Return the jittered window round bounds (metres) and a margin."""
        return replace(Window.around(bounds, margin_m, self.step_m), jitter=True)

    def first_rings(self, ring: NDArray[np.uint8], window: Window) -> NDArray[np.uint8]:
        """Return for each point of a window the first ring that wholly reaches a street near it, (rows, cols).

        `ring` gives the first ring that reaches a street wholly, (streets + 1,), NEVER at its end.
        """
        from zoning.reach.kernels.points import visit

        result = np.full((window.rows, window.cols), NEVER, np.uint8)
        low, high = np.searchsorted(self.row, np.array([window.row, window.row + window.rows], np.int32)).tolist()
        visit(self.row, self.col, self.offsets, self.street, ring, low, high, window.row, window.col, result)
        return result

    def touch(self, pieces: Pieces, window: Window, found: NDArray[np.bool_]) -> None:
        """Mark the points of a window, (rows, cols), from which some piece of street is within the walk-off."""
        from zoning.reach.kernels.points import meet

        meet(
            np.asarray(pieces.street, np.int64), pieces.start, pieces.end, self.street_offsets, self.by_street,
            self.begin, self.end, self.offsets, self.row, self.col, window.row, window.col, found.view(np.uint8),
        )  # fmt: skip


def _visits(
    segments: Segments, window: Window, walk_off_m: float
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32], NDArray[np.float32]]:
    """Return cell, street and the shares within the walk-off, one row an unbroken stretch."""
    owner, row, col, across, along = near(segments, window, walk_off_m)
    half = np.sqrt(np.maximum(np.float32(walk_off_m**2) - across * across, 0))
    length = segments.length_m().astype(np.float32)[owner]
    begin, end = np.maximum(along - half, 0), np.minimum(along + half, length)
    keep = np.flatnonzero((half > 0) & (end >= begin))
    owner = owner[keep]
    cell = row[keep] * window.cols + col[keep]
    street = segments.street[owner]
    base, width = segments.share_a[owner], (segments.share_b - segments.share_a)[owner]
    safe = np.maximum(length[keep], np.float32(1e-9))
    begin, end = base + width * (begin[keep] / safe), base + width * (end[keep] / safe)
    order = np.lexsort((begin, cell, street))
    cell, street, begin, end = cell[order], street[order], begin[order], end[order]
    # stretches of neighbouring segments join where they touch; a gap of a millionth of the street is rounding
    apart = np.ones(len(cell), np.bool_)
    apart[1:] = (cell[1:] != cell[:-1]) | (street[1:] != street[:-1]) | (begin[1:] > end[:-1] + 1e-6)
    first = np.flatnonzero(apart)
    if not len(first):
        return cell, street, begin.astype(np.float32), end.astype(np.float32)
    return (
        cell[first],
        street[first],
        begin[first].astype(np.float32),
        np.maximum.reduceat(end, first).astype(np.float32),
    )
