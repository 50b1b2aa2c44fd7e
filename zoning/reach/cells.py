"""Compile what lattice points lie near which street, so that a catchment only computes its frontier."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from zoning.reach.lattice import Window, near, squared_distance

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from zoning.reach.pieces import Segments

TILE = 32  # lattice points on a side of a stored tile: small enough to follow a road through empty land
SHIFT, MASK = 5, 31
NEVER = 255  # the ring number of a street that no ring reaches wholly
CHUNK = 20_000  # segments at a time while compiling: some 100 MB


@dataclass(frozen=True)
class Cells:
    """The points of a lattice near streets, in square tiles.

    `street` and `distance` say for each stored point its nearest street and how far it is, metres, up to `cap_m` (one
    step beyond the walk-off: what a contour may look at); `street` is the number of streets where there is none. Point
    p has further streets `more_street[more_offsets[p]:more_offsets[p + 1]]`, the nearer first, at `more_distance`: they
    matter while the ones before are not reached.
    """

    step_m: float
    walk_off_m: float
    tile_row: int
    tile_col: int
    tiles: NDArray[np.int32]
    street: NDArray[np.int32]
    distance: NDArray[np.float32]
    more_offsets: NDArray[np.int32]
    more_street: NDArray[np.int32]
    more_distance: NDArray[np.float32]

    @property
    def cap_m(self) -> float:
        """Return the distance beyond which nothing is stored: walk-off and one step."""
        return self.walk_off_m + self.step_m

    @property
    def empty_tile(self) -> int:
        """Return the number of the last tile, which stands for all ground without streets."""
        return len(self.street) // (TILE * TILE) - 1

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return what `from_arrays` needs."""
        return {item.name: np.asarray(getattr(self, item.name)) for item in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> Cells:
        """Return the cells that gave `arrays`."""
        values: dict[str, object] = {item.name: arrays[item.name] for item in fields(cls)}
        values |= {name: arrays[name].item() for name in ("step_m", "walk_off_m", "tile_row", "tile_col")}
        return cls(**values)  # type: ignore[arg-type]

    @classmethod
    def build(cls, segments: Segments, streets: int, walk_off_m: float, step_m: float) -> Cells:
        """Compile the cells of a network from all its segments, in the order of their streets."""
        cap = walk_off_m + step_m
        window = window_of(segments, cap, step_m)
        parts = [_street_points(part, window, cap) for part in chunks(segments)]
        street, row, col, distance = (np.concatenate(column) for column in zip(*parts, strict=True))
        tile_cols = window.cols >> SHIFT
        tile = (row >> SHIFT) * tile_cols + (col >> SHIFT)
        used = np.unique(tile)
        tiles = np.full((window.rows >> SHIFT, tile_cols), len(used), np.int32)
        tiles.ravel()[used] = np.arange(len(used))
        place = (tiles.ravel()[tile].astype(np.intp) << 2 * SHIFT) + ((row & MASK) << SHIFT) + (col & MASK)
        # by point, then distance, whose bits rise as it does; then street, for the order is kept where these are equal
        order = np.argsort(place << 32 | distance.view(np.int32), kind="stable")
        place, street, distance = place[order], street[order], distance[order]
        size = (len(used) + 1) * TILE * TILE
        nearest = np.ones(len(place), np.bool_)
        nearest[1:] = place[1:] != place[:-1]
        whose, how_far = np.full(size, streets, np.int32), np.full(size, np.float32(np.inf))
        whose[place[nearest]], how_far[place[nearest]] = street[nearest], distance[nearest]
        counts = np.bincount(place[~nearest], minlength=size)
        return cls(
            step_m, walk_off_m, window.row >> SHIFT, window.col >> SHIFT, tiles, whose, how_far,
            np.concatenate(([0], np.cumsum(counts))).astype(np.int32), street[~nearest], distance[~nearest],
        )  # fmt: skip

    def opened(self, is_open: NDArray[np.bool_]) -> Cells:
        """Return the cells as trips see them that can use some streets only, (streets,): the others are never nearest.

        It saves every catchment the way round the closed streets in its midst: for a car, each fourth one.
        """
        from zoning.reach.kernels.field import choose

        street, distance = np.empty_like(self.street), np.empty_like(self.distance)
        known = np.append(is_open, False).astype(np.uint8)
        choose(
            self.street, self.distance, self.more_offsets, self.more_street, self.more_distance, known, street, distance
        )
        return replace(self, street=street, distance=distance)

    def window(self, bounds: tuple[float, float, float, float]) -> Window:
        """Return the window of whole tiles that holds bounds (metres) and all that lies within the cap of them."""
        return whole_tiles(Window.around(bounds, self.cap_m, self.step_m))

    def stored(self, window: Window) -> NDArray[np.int64]:
        """Return the numbers of the tiles of a window of whole tiles, that of the empty one where none is stored."""
        row, col = (window.row >> SHIFT) - self.tile_row, (window.col >> SHIFT) - self.tile_col
        rows, cols = window.rows >> SHIFT, window.cols >> SHIFT
        stored = np.full((rows, cols), self.empty_tile, np.int64)
        top, left = max(row, 0), max(col, 0)
        part = self.tiles[top : max(row + rows, 0), left : max(col + cols, 0)]
        stored[top - row : top - row + part.shape[0], left - col : left - col + part.shape[1]] = part
        return stored


def window_of(segments: Segments, margin_m: float, step_m: float) -> Window:
    """Return the window of whole tiles round all segments."""
    bounds = (
        float(min(segments.ax.min(), segments.bx.min())), float(min(segments.ay.min(), segments.by.min())),
        float(max(segments.ax.max(), segments.bx.max())), float(max(segments.ay.max(), segments.by.max())),
    )  # fmt: skip
    return whole_tiles(Window.around(bounds, margin_m, step_m))


def whole_tiles(window: Window) -> Window:
    """Return the smallest window of whole tiles that holds another one."""
    row, col = window.row >> SHIFT << SHIFT, window.col >> SHIFT << SHIFT
    rows = -(-(window.row + window.rows - row) // TILE) * TILE
    cols = -(-(window.col + window.cols - col) // TILE) * TILE
    return Window(window.step_m, row, col, rows, cols)


def chunks(segments: Segments) -> Iterator[Segments]:
    """Yield the segments some at a time, no street torn apart."""
    begin, size = 0, len(segments.street)
    while begin < size:
        end = min(begin + CHUNK, size)
        if end < size:
            end = int(np.searchsorted(segments.street, segments.street[end - 1], "right"))
        yield segments.part(slice(begin, end))
        begin = end


def _street_points(
    segments: Segments, window: Window, cap_m: float
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32], NDArray[np.float32]]:
    """Return the points within the cap of each street: street, row, column, distance; one row a street and point."""
    owner, row, col, across, along = near(segments, window, cap_m)
    square = squared_distance(across, along, segments.length_m().astype(np.float32)[owner])
    keep = np.flatnonzero(square < cap_m * cap_m)
    street, row, col, square = segments.street[owner[keep]], row[keep], col[keep], square[keep]
    key = ((street - segments.street[0]) * window.rows + row) * window.cols + col
    order = np.argsort(key, kind="stable")
    begin = np.flatnonzero(np.diff(key[order], prepend=-1))
    first = order[begin]
    # narrow: a city has millions of these rows
    nearest = np.sqrt(np.minimum.reduceat(square[order], begin))
    return street[first].astype(np.int32), row[first].astype(np.int32), col[first].astype(np.int32), nearest
