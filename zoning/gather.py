"""Gather what holds at points where people live into wards, old communes or grid cells, sums of people kept."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from zoning.errors import InputError
from zoning.reach.demand import Grid, grid
from zoning.text import N_

if TYPE_CHECKING:
    import geopandas as gpd

    from zoning.region import Region

FloatArray: TypeAlias = NDArray[np.float64]

UNIT_LAYERS = {"wards": "wards_2025", "communes": "communes_until_2025"}
BY = (*UNIT_LAYERS, "grid")
ABOUT = ("id", "name_vi", "name_en", "level", "parent", "valid_from", "valid_to", "decree")


@dataclass(frozen=True)
class Units:
    """Units and the points in them.

    Parameters
    ----------
    frame
        id, name_vi, name_en, area_ha, geometry and, for units of an administration, their dates and decree.
    unit_of
        (n,) row in `frame` of each point.
    moved
        How many points lay in no unit and count in the nearest: outlines of two dates do not match.
    """

    frame: gpd.GeoDataFrame
    unit_of: NDArray[np.intp]
    moved: int = 0

    def gather(self, values: FloatArray, people: FloatArray, *, total: bool = False) -> pd.DataFrame:
        """Return a row for each unit: value, people, people_known, points, weighted_by.

        Parameters
        ----------
        values
            (n,) of each point, NaN where it has none: left out of the mean.
        people
            (n,) of each point, NaN where unknown.
        total
            Add the values up instead of taking their mean.

        Returns
        -------
        `value` is the mean weighed by people, or by points where nobody is known to live (`weighted_by` says which);
        NaN where no point has one. `people` is null where any of the unit's people are unknown, `people_known` is the
        sum of those that are known: over all units it is the sum over all points.
        """
        cells = Grid(self.frame, self.unit_of, math.nan)  # what it does holds for any units
        known = np.where(np.isnan(people), 0.0, people)
        living = cells.total(known)
        points = np.bincount(self.unit_of, minlength=len(self.frame))
        by_people = living > 0
        if total:
            some = cells.total((~np.isnan(values)).astype(float)) > 0
            value = np.where(some, cells.total(np.where(np.isnan(values), 0.0, values)), np.nan)
        else:
            value = np.where(by_people, cells.mean(values, known), cells.mean(values, np.ones(values.size)))
        sums = cells.total(people)
        return pd.DataFrame(
            {
                "value": value,
                "people": pd.array(np.where(points > 0, sums, np.nan), dtype="Float64"),
                "people_known": living,
                "points": points,
                "weighted_by": np.where(by_people, "people", "points"),
            },
            index=self.frame.index,
        )


def units(region: Region, demand: gpd.GeoDataFrame, by: str, *, cell_m: float, shape: str) -> Units:
    """Put the points of `demand` into units.

    Parameters
    ----------
    region
        Where the layers of units are.
    demand
        Points with unit_id (ward), as `region.demand` returns them.
    by
        wards (36, since July 2025), communes (91, until June 2025) or grid.
    cell_m, shape
        Size and shape (hexagon, square) of the cells of a grid.

    Raises
    ------
    InputError
        No such units, or no such cells.
    """
    if by not in BY:
        raise InputError(N_("Results are by {known}, not by “{by}”."), known=", ".join(BY), by=by)
    wards = region.layer(UNIT_LAYERS["wards"]).reset_index(drop=True)
    ward = pd.Index(wards["id"].astype(str)).get_indexer(demand["unit_id"].astype(str)).astype(np.intp)
    if by == "wards":
        return Units(_about(wards), ward)
    if by == "communes":
        communes = region.layer(UNIT_LAYERS["communes"]).reset_index(drop=True)
        return _inside(_about(communes), demand)
    cells = grid(demand.geometry, cell_m, shape)
    frame = cells.cells
    # a cell is called by the ward that most of its points lie in
    counted = pd.DataFrame({"cell": cells.cell_of, "ward": ward}).value_counts(sort=False).reset_index()
    home = counted.sort_values(["count", "ward"], ascending=[False, True]).drop_duplicates("cell").set_index("cell")
    home_of = home["ward"].reindex(frame.index).to_numpy()
    number = pd.Series(home_of).groupby(home_of).cumcount().to_numpy() + 1
    for name in ("name_vi", "name_en"):
        frame[name] = [f"{wards[name].iloc[at]} #{count}" for at, count in zip(home_of, number, strict=True)]
    return Units(frame[["id", "name_vi", "name_en", "area_ha", "geometry"]], cells.cell_of)


def _inside(frame: gpd.GeoDataFrame, demand: gpd.GeoDataFrame) -> Units:
    """Put points into the first unit that has them, or the nearest where outlines leave a gap: nobody is lost."""
    points = demand.geometry.to_numpy()
    tree = shapely.STRtree(frame.geometry.to_numpy())
    point, unit = tree.query(points, predicate="intersects")
    first = np.full(len(points), len(frame), dtype=np.intp)
    np.minimum.at(first, point, unit)
    lost = np.flatnonzero(first == len(frame))
    if lost.size:
        first[lost] = tree.nearest(points[lost])
    return Units(frame, first, int(lost.size))


def _about(layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    known = [name for name in ABOUT if name in layer]
    return layer[[*known, "geometry"]].assign(area_ha=layer.geometry.area / 10_000)
