"""Fit a layer of any size onto a map: fewer vertices first, then fewer features, and say so; the data stay whole."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from layers.drawing import SIMPLIFY_M, drawable
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd
    from numpy.typing import NDArray

    from layers.drawing import Drawing
    from zoning.text import Translate

MOST_BYTES = 900_000
"""What one layer may weigh as the browser is sent it; a map of several stays below 2 MB."""
MOST_FEATURES = 5_000
"""More could be sent, but not be drawn and pointed at without waiting."""
COARSEST_M = 400.0
"""Four pixels where the whole region is on the screen: coarser is not worth drawing."""
_A_VERTEX, _A_FEATURE = 24, 260  # bytes, about: what a guess starts from; the drawing itself is weighed
_MANY_VERTICES = 5_000
_TRIES = 8
_GRID = 40  # cells a side, from each of which the largest features are drawn first


@dataclass(frozen=True)
class Fit:
    """How a layer was made to fit: drawn within `tolerance_m` of the truth, `drawn` of its `total` features.

    The tolerance is 0 for points, which have nothing to simplify.
    """

    tolerance_m: float
    drawn: int
    total: int

    def sentence(self, title: str, translate: Translate, number: Callable[[float], str]) -> str:
        """Return what a page says under the map."""
        words = N_("{layer}: drawn simplified to {tolerance} m; analyses and exports are whole.")
        if not self.tolerance_m:
            words = N_(
                "{layer}: {drawn} of {total} features are drawn, from every part; analyses and exports are whole."
            )
        elif self.drawn < self.total:
            words = N_("{layer}: {drawn} of {total} features are drawn, the largest of every part, simplified to "
                       "{tolerance} m; analyses and exports are whole.")  # fmt: skip
        return translate(words).format(
            layer=title, tolerance=number(self.tolerance_m), drawn=number(self.drawn), total=number(self.total)
        )


def within(
    draw: Callable[[gpd.GeoDataFrame], Drawing], frame: gpd.GeoDataFrame, most_bytes: int = MOST_BYTES
) -> Drawing:
    """Draw a layer so that it weighs at most `most_bytes`; what fits as it is, is drawn as it is.

    Parameters
    ----------
    draw
        Draws a frame, as the functions of `layers.groups` do.
    frame
        Features in the planning CRS (metres); not changed.
    most_bytes
        As JSON inside JSON, which is how the browser is sent it.

    Returns
    -------
    Drawing
        With its `fit` where it is not the whole layer to the usual 4 m.
    """
    rows = np.asarray(drawable(frame), dtype=np.intp)
    shapes = np.asarray(frame.geometry.array)
    vertices = shapely.get_num_coordinates(shapes)
    heavy = int(vertices[rows].sum()) * _A_VERTEX + rows.size * _A_FEATURE
    if rows.size <= MOST_FEATURES and heavy <= 8 * most_bytes:  # else drawing it to see would itself be dear
        drawing = draw(frame)
        if drawing.sent_bytes <= most_bytes:
            return drawing
    order = _spread(shapes[rows])
    count = min(rows.size, MOST_FEATURES)
    tolerance = 2 * SIMPLIFY_M
    for _ in range(_TRIES):
        kept = np.sort(rows[order[:count]])
        tolerance, drawn_shapes = _coarse(
            shapes[kept], tolerance, max(most_bytes - kept.size * _A_FEATURE, most_bytes / 2)
        )
        part = frame.iloc[kept]
        drawing = draw(part.set_geometry(part.geometry.__class__(drawn_shapes, index=part.index, crs=frame.crs)))
        if drawing.sent_bytes <= most_bytes:
            break
        lines = int(shapely.get_num_coordinates(drawn_shapes).sum()) * _A_VERTEX > drawing.sent_bytes / 2
        if tolerance < COARSEST_M and (lines or kept.size == 1):
            tolerance = min(2 * tolerance, COARSEST_M)
        else:  # tips and names weigh too: what is left to give is features
            count = max(1, int(kept.size * 0.9 * most_bytes / drawing.sent_bytes))
    only_points = not shapely.get_dimensions(drawn_shapes).max(initial=0)
    return replace(drawing, fit=Fit(0.0 if only_points else tolerance, int(kept.size), int(rows.size)))


def _coarse(shapes: NDArray[np.object_], tolerance_m: float, room: float) -> tuple[float, NDArray[np.object_]]:
    """Return shapes simplified just so far that their vertices fit into `room` bytes, and how far that is (metres)."""
    before = shapely.get_num_coordinates(shapes).sum()
    while tolerance_m < COARSEST_M:  # the quick way, which does not keep rings apart, only counts
        count = shapely.get_num_coordinates(shapely.simplify(shapes, tolerance_m, preserve_topology=False)).sum()
        if count * _A_VERTEX <= room or count > 0.95 * before:  # enough, or of no more use
            break
        tolerance_m, before = min(2 * tolerance_m, COARSEST_M), count
    thin = _thinned(shapes, tolerance_m / 2)
    return tolerance_m, np.asarray(shapely.simplify(thin, tolerance_m, preserve_topology=True))


def _thinned(shapes: NDArray[np.object_], tolerance_m: float) -> NDArray[np.object_]:
    """Return shapes of which the longest are simplified the quick way first: a million vertices take 0.1 s, not 1.5 s.

    That way does not keep rings apart; a shape that it breaks is left as it was.
    """
    long = np.flatnonzero(shapely.get_num_coordinates(shapes) > _MANY_VERTICES)
    if not long.size:
        return shapes
    quick = shapely.simplify(shapes[long], tolerance_m, preserve_topology=False)
    sound = shapely.is_valid(quick) & ~shapely.is_empty(quick)
    found = shapes.copy()
    found[long[sound]] = quick[sound]
    return found


def _spread(shapes: NDArray[np.object_]) -> NDArray[np.intp]:
    """Return the order in which features are worth drawing: the largest of every cell of a grid, then the next."""
    if not shapes.size:
        return np.empty(0, dtype=np.intp)
    west, south, east, north = shapely.bounds(shapes).T
    size = np.hypot(east - west, north - south)
    x, y = (west + east) / 2, (south + north) / 2
    cell = np.zeros(shapes.size, dtype=np.int64)
    for values in (x, y):
        low, span = float(values.min()), float(np.ptp(values))
        step = span / _GRID if span > 0 else math.inf
        cell = cell * (_GRID + 1) + ((values - low) / step).astype(np.int64)
    by_cell = np.lexsort((np.arange(shapes.size), -size, cell))
    first = np.concatenate([[True], np.diff(cell[by_cell]) != 0])
    starts = np.flatnonzero(first)
    rank = np.arange(shapes.size) - np.repeat(starts, np.diff(np.append(starts, shapes.size)))
    shuffled = by_cell * np.int64(2_654_435_761) % (1 << 32)  # of equals no cell comes first
    return by_cell[np.lexsort((shuffled, -size[by_cell], rank))].astype(np.intp)
