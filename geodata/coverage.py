"""Say where an extract of streets is complete enough to stand for the ground: its coverage."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

CELL_M = 250.0
GAP_M = 1_000.0
"""Rivers, fields and parks up to twice as wide as this, with streets on both sides, are inside."""
THIN_M = 250.0
"""Strips up to twice as wide as this and one cell are the ends of ways that cross the edge of an extract."""


def street_coverage(lines: NDArray[np.object_]) -> shapely.Geometry:
    """Return the area that streets cover: cells with a street, gaps closed, thin ends opened off.

    An extract keeps whole every way that crosses its edge, so that long roads stick out of it with nothing beside them;
    taken as covered, they would lose the strategic network on both sides. Cells of `CELL_M` that a street passes are
    closed by `GAP_M` and opened by `THIN_M` (morphology on the grid, discs). Where nothing but thin strips is there,
    the strips are the coverage.

    Parameters
    ----------
    lines
        LineStrings in metres.

    Returns
    -------
    Polygon or MultiPolygon in the same coordinates, empty if there are no lines.
    """
    from scipy import ndimage

    if not len(lines):
        return shapely.MultiPolygon()
    xy = shapely.get_coordinates(shapely.segmentize(lines, CELL_M / 2))
    cells = np.unique(np.floor(xy / CELL_M).astype(np.int64), axis=0)
    closing, opening = (_disc(round(distance / CELL_M)) for distance in (GAP_M, THIN_M))
    pad = len(closing) // 2 + 1
    first = cells.min(axis=0) - pad
    mask = np.zeros(tuple(cells.max(axis=0) - first + pad + 1), dtype=bool)
    mask[tuple((cells - first).T)] = True
    closed = ndimage.binary_closing(mask, closing)
    opened = ndimage.binary_opening(closed, opening)
    return _polygon(opened if opened.any() else closed, first)


def _disc(radius: int) -> NDArray[np.bool_]:
    steps = np.arange(-radius, radius + 1)
    return np.asarray(steps[:, None] ** 2 + steps[None, :] ** 2 <= radius**2)


def _polygon(mask: NDArray[np.bool_], first: NDArray[np.int64]) -> shapely.Geometry:
    """Return the union of the cells of a mask, one box for each unbroken run of a column."""
    edges = np.diff(np.pad(mask, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    column, start = np.nonzero(edges == 1)
    _, end = np.nonzero(edges == -1)
    west, south, north = (first[0] + column) * CELL_M, (first[1] + start) * CELL_M, (first[1] + end) * CELL_M
    return shapely.union_all(shapely.box(west, south, west + CELL_M, north))
