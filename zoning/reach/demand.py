"""Put people into grid cells, and along streets, without losing or inventing anyone."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray

from zoning.errors import InputError
from zoning.reach.pairs import numeric
from zoning.text import N_

if TYPE_CHECKING:
    from pyproj import CRS

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.intp]

SHAPES = ("hexagon", "square")
SMALLEST_CELL_M, LARGEST_CELL_M = 20.0, 50_000.0
M2_PER_HA = 10_000.0


@dataclass(frozen=True)
class Grid:
    """Points put into cells.

    Parameters
    ----------
    cells
        One row for each cell that has a point, from south to north, then west to east: id, area_ha, geometry.
    cell_of
        (n,) row in `cells` of each point.
    size_m
        Distance between opposite sides.
    """

    cells: gpd.GeoDataFrame
    cell_of: IntArray
    size_m: float

    def total(self, amounts: ArrayLike) -> FloatArray:
        """Return the sum of the points' amounts in each cell, each sum rounded once; NaN where one is NaN."""
        return _sums(_points_amounts(amounts, self.cell_of.size), self.cell_of, len(self.cells))

    def mean(self, values: ArrayLike, weights: ArrayLike) -> FloatArray:
        """Return the mean of the points' values in each cell, weighed by `weights` (people); NaN where all are 0.

        Points whose value or weight is NaN are left out of the mean of their cell.
        """
        value = _points_amounts(values, self.cell_of.size)
        weight = _points_amounts(weights, self.cell_of.size)
        used = ~(np.isnan(value) | np.isnan(weight))
        cell, count = self.cell_of[used], len(self.cells)
        below = _sums(weight[used], cell, count)
        above = _sums(value[used] * weight[used], cell, count)
        result: FloatArray = np.divide(above, below, out=np.full(count, np.nan), where=below > 0)
        return result


def grid(points: gpd.GeoSeries | gpd.GeoDataFrame, size_m: float, shape: str = "hexagon") -> Grid:
    """Put points into cells of a grid that is the same for every set of points in this CRS.

    Parameters
    ----------
    points
        Points in a projected CRS in metres.
    size_m
        Distance between opposite sides of a cell: the side of a square, the width of a hexagon; 20 to 50,000.
    shape
        hexagon (a corner to the north; neighbours all at one distance) or square. One grid corner (square) or centre
        (hexagon) lies at the origin of the CRS. A square has its west and south side.

    Raises
    ------
    InputError
        The CRS is not projected, a point is missing, or size or shape are not such.
    """
    if points.crs is None or not points.crs.is_projected:
        raise InputError(N_("People can be put into cells in a projected coordinate system only."))
    try:
        size = float(size_m)
    except (TypeError, ValueError):
        size = math.nan
    if not SMALLEST_CELL_M <= size <= LARGEST_CELL_M:
        raise InputError(
            N_("A cell must measure {smallest} to {largest} metres, not {size}."),
            smallest=f"{SMALLEST_CELL_M:.0f}",
            largest=f"{LARGEST_CELL_M:.0f}",
            size=size_m,
        )
    if shape not in SHAPES:
        raise InputError(N_("Cells are hexagons or squares, not “{shape}”."), shape=shape)
    xy = np.column_stack([shapely.get_x(points.geometry.to_numpy()), shapely.get_y(points.geometry.to_numpy())])
    wrong = int(np.count_nonzero(~np.isfinite(xy).all(axis=1)))
    if wrong:
        raise InputError(N_("{count} of {total} places have no position."), count=wrong, total=len(xy))
    places = np.floor(xy / size).astype(np.int64) if shape == "square" else _hexagon_of(xy, size)
    # rows from south to north, each from west to east
    unique, cell_of = np.unique(places[:, ::-1], axis=0, return_inverse=True)
    cells = unique[:, ::-1]
    return Grid(_frame(cells, size, shape, points.crs), cell_of.reshape(-1).astype(np.intp), size)


def people_in_cells(points: gpd.GeoDataFrame, size_m: float, shape: str = "hexagon") -> gpd.GeoDataFrame:
    """Return the cells with their people: their sum over all cells is the sum over all points.

    Parameters
    ----------
    points
        Points with `people` in a projected CRS in metres, as `region.demand` gives them; NaN is unknown.
    size_m, shape
        As for `grid`.

    Returns
    -------
    id, people (of the points where they are known; NaN where they are known for none), points, unknown_points (how many
    of them have unknown people), area_ha, geometry.

    Raises
    ------
    InputError
        As for `grid`, or people are negative or infinite.
    """
    layout = grid(points, size_m, shape)
    people = _points_amounts(points["people"].to_numpy(), len(points))
    wrong = int(np.count_nonzero((people < 0) | np.isinf(people)))
    if wrong:
        raise InputError(
            N_("{count} of {total} numbers of people are negative or infinite."), count=wrong, total=people.size
        )
    unknown = np.isnan(people)
    every = np.bincount(layout.cell_of, minlength=len(layout.cells))
    missing = np.bincount(layout.cell_of[unknown], minlength=len(layout.cells))
    known = layout.total(np.where(unknown, 0.0, people))
    return layout.cells.assign(
        people=np.where(missing == every, np.nan, known),
        points=every,
        unknown_points=missing,
    )[["id", "people", "points", "unknown_points", "area_ha", "geometry"]]


def spread(people: ArrayLike, unit_of: ArrayLike, weights: ArrayLike) -> FloatArray:
    """Divide the people of units among points by weight: p_k = P_u w_k / Σ_{l in u} w_l.

    With `street_length_at_nodes` as weights, people live along streets; with ones, evenly on the points.

    Parameters
    ----------
    people
        (u,) people of each unit, NaN where unknown.
    unit_of
        (k,) position of each point's unit in `people`, -1 for a point in none.
    weights
        (k,) 0 or more; where they are all 0 in a unit its points share evenly.

    Returns
    -------
    (k,) people of each point: NaN in units of unknown people, 0 outside all units. The sum over the points of a unit is
    its people, but for the rounding of the shares.

    Raises
    ------
    InputError
        People live in a unit that has no point (the message counts them), or lengths do not fit.
    """
    living, unit = _points_amounts(people, None), np.asarray(unit_of, dtype=np.intp)
    weight = _points_amounts(weights, unit.size)
    inside = unit >= 0
    count = np.bincount(unit[inside], minlength=living.size)
    lost = (count == 0) & ~(living == 0)
    if lost.any():
        raise InputError(
            N_("Units that have people and no point to put them on: {count}, {people} people in all."),
            count=int(lost.sum()),
            people=f"{np.nansum(living[lost]):.0f}",
        )
    total = np.bincount(unit[inside], weights=weight[inside], minlength=living.size)
    share = np.zeros(unit.size)
    home = unit[inside]
    share[inside] = np.where(
        total[home] > 0, weight[inside] / np.where(total[home] > 0, total[home], 1), 1 / count[home]
    )
    result = np.zeros(unit.size)
    result[inside] = share[inside] * living[home]
    return result


def street_length_at_nodes(from_node: ArrayLike, to_node: ArrayLike, length_m: ArrayLike, count: int) -> FloatArray:
    """Return half the length of the streets that meet at each of `count` nodes: all together are all streets.

    Parameters
    ----------
    from_node, to_node
        (e,) positions of the ends of each street.
    length_m
        (e,) metres; give a street mapped in both directions once, or every one of them twice.
    """
    half = np.asarray(length_m, dtype=np.float64) / 2
    ends = np.concatenate([np.asarray(from_node, dtype=np.intp), np.asarray(to_node, dtype=np.intp)])
    return np.asarray(np.bincount(ends, weights=np.concatenate([half, half]), minlength=count), dtype=np.float64)


def _hexagon_of(xy: FloatArray, size: float) -> NDArray[np.int64]:
    """Return (column, row) of the hexagon whose centre is nearest; odd rows stand half a cell to the east.

    Rounding in cube coordinates, whose three sum to 0: the one that was rounded most is set from the other two.
    """
    row = xy[:, 1] / (size * math.sqrt(3) / 2)
    column = xy[:, 0] / size - row / 2
    cube = np.column_stack([column, row, -column - row])
    rounded = np.rint(cube)
    worst = np.argmax(np.abs(cube - rounded), axis=1)
    lines = np.arange(len(xy))
    rounded[lines, worst] -= rounded.sum(axis=1)
    q, r = rounded[:, 0].astype(np.int64), rounded[:, 1].astype(np.int64)
    return np.column_stack([q + (r - (r & 1)) // 2, r])


def _frame(cells: NDArray[np.int64], size: float, shape: str, crs: CRS) -> gpd.GeoDataFrame:
    """Return the polygons of cells, corners rounded to a millimetre so that neighbours share them exactly."""
    column, row = cells[:, 0].astype(np.float64), cells[:, 1].astype(np.float64)
    if shape == "square":
        corner = np.array([(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)], dtype=np.float64) * size
        start = np.column_stack([column, row]) * size
        area = size**2
    else:
        radius = size / math.sqrt(3)
        corner = np.array(
            [
                (0, -radius),
                (size / 2, -radius / 2),
                (size / 2, radius / 2),
                (0, radius),
                (-size / 2, radius / 2),
                (-size / 2, -radius / 2),
                (0, -radius),
            ]
        )
        start = np.column_stack([(column + (row % 2) / 2) * size, row * radius * 1.5])
        area = size**2 * math.sqrt(3) / 2
    rings = np.round(start[:, np.newaxis, :] + corner, 3)
    ids = [f"{shape}-{size:g}-{i}-{j}" for i, j in cells]
    frame = pd.DataFrame({"id": pd.array(ids, dtype="str"), "area_ha": area / M2_PER_HA})
    return gpd.GeoDataFrame(frame, geometry=shapely.polygons(rings), crs=crs)


def _sums(amounts: FloatArray, cell_of: IntArray, count: int) -> FloatArray:
    """Return sums by cell, each correctly rounded whatever the order of the points."""
    order = np.argsort(cell_of, kind="stable")
    ends = np.searchsorted(cell_of[order], np.arange(count + 1))
    ordered = amounts[order]
    return np.array([math.fsum(ordered[start:end]) for start, end in itertools.pairwise(ends)])


def _points_amounts(amounts: ArrayLike, count: int | None) -> FloatArray:
    array = numeric(amounts)
    if array is None or array.ndim != 1 or (count is not None and array.size != count):
        raise InputError(N_("There must be one number for each place."))
    return array.astype(np.float64)
