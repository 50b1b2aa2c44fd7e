"""Trace the line where a field on a lattice crosses a level, as nested rings.

Marching squares: the cost goes with the length of the line rather than with the area of the window, which for a
city-wide catchment is ten times more. Lower fields give larger shapes, exactly: rings of growing reach nest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Outline:
    """Polygons as shapely takes them ragged: closed rings, outer ones first in their polygon and counter-clockwise."""

    xy: NDArray[np.float64]
    ring_offsets: NDArray[np.int64]
    polygon_offsets: NDArray[np.int64]


@dataclass(frozen=True)
class Ground:
    """The field of a window: how far its points are from what is reached, (rows, cols).

    `first` is the first ring that holds a point, `short` what its distance falls short of the cap by: zero means "far",
    so that untouched memory costs nothing. The number of columns is a multiple of eight, and no ring holds a point of
    the border.
    """

    first: NDArray[np.uint8]
    short: NDArray[np.float32]
    cap_m: float


def trace(
    ground: Ground,
    number: int,
    level: float,
    *,
    corner: tuple[int, int] = (0, 0),
    step_m: float = 1.0,
    rows: tuple[int, int] | None = None,
) -> Outline:
    """Return the outline of the points that a ring holds.

    Parameters
    ----------
    ground
        The field, with what the ring reaches and nothing that it does not.
    number
        The ring: it holds the points whose `first` is this or less, which are those nearer than the level.
    level
        The level, metres; between two points the field is taken as linear.
    corner, step_m
        Row and column of the lattice at which the ground begins, and the metres between its points.
    rows
        The first row of the ground that may hold something and the one after the last; None for all.
    """
    from zoning.reach.kernels import lines

    low, high = rows or (0, len(ground.first))
    words = ground.first.view(np.uint64)
    held = np.empty((len(words), ground.first.shape[1] // lines.WORD + 2), np.uint64)
    many, more = lines.pack(words, number, low, high, held)
    count = many + more
    places, left = np.empty((count, 2)), np.empty(many, np.uint8)
    field = held, ground.short, ground.cap_m, level, low, high
    lines.crossings(*field, *corner, step_m, many, places, left)
    following = np.empty(count, np.int32)
    lines.link(*field, many, following)

    most = many // 2 + 1
    xy = np.empty((count + most, 2))
    ring_offsets, polygon_offsets = np.empty((2, most + 1), np.int64)
    of, order = np.full(count, -1, np.int32), np.empty(count, np.int32)
    room = np.empty((5, most), np.int32)
    rings, polygons = lines.arrange(following, many, places, left, of, order, room, xy, ring_offsets, polygon_offsets)
    ring_offsets = ring_offsets[: rings + 1]
    return Outline(xy[: ring_offsets[-1]], ring_offsets, polygon_offsets[: polygons + 1])
