"""Say who gains and who loses by a scenario where it is people's access that changes: by unit and by zone."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import KDTree

from zoning.places import destinations

if TYPE_CHECKING:
    from zoning.region import Region

FloatArray: TypeAlias = NDArray[np.float64]

FELT_MIN = 0.5
"""A trip counts as quicker or slower from half a minute on; the model is no finer."""
FELT_SHARE = 0.01
"""What is within reach counts as more or less from one hundredth on."""
NEAR_M = 2_000.0
"""A zone has the access of the nearest point where people live, within this distance."""


def gains(before: FloatArray, after: FloatArray) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return whose trip becomes shorter and whose longer, by half a minute or more; inf is not reached."""
    old, new = (np.where(np.isnan(one), np.inf, one) for one in (before, after))
    with np.errstate(invalid="ignore"):
        change = new - old  # inf - inf is no change
    change = np.where(np.isnan(change), 0.0, change)
    return change <= -FELT_MIN, change >= FELT_MIN


def felt(before: FloatArray, after: FloatArray, *, in_minutes: bool) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return who has it better and who worse: fewer minutes, else more of what is within reach; no value is none."""
    if in_minutes:
        return gains(before, after)
    old, new = np.nan_to_num(before), np.nan_to_num(after)
    room = FELT_SHARE * np.abs(old) + 1e-9
    return new > old + room, new < old - room


def paired(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return the points of two answers that are the same ones: a scenario's zones add people behind the others."""
    count = min(len(before), len(after))
    old, new = (frame.geometry.to_numpy()[:count] for frame in (before, after))
    apart = np.flatnonzero(~shapely.equals_exact(old, new))
    count = int(apart[0]) if apart.size else count
    return before.iloc[:count], after.iloc[:count]


def by_unit(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, *, in_minutes: bool) -> pd.DataFrame:
    """Return the people who gain and lose in each unit.

    Parameters
    ----------
    before, after
        Points where people live: value, people (null where unknown), unit_id.
    in_minutes
        Whether a small value is good: minutes.

    Returns
    -------
    DataFrame with id, gain and lose (people, whole).
    """
    old, new = paired(before, after)
    better, worse = felt(old["value"].to_numpy(float), new["value"].to_numpy(float), in_minutes=in_minutes)
    people = np.nan_to_num(new["people"].to_numpy(dtype=float, na_value=np.nan))
    table = pd.DataFrame(
        {"id": new["unit_id"].to_numpy(), "gain": np.where(better, people, 0), "lose": np.where(worse, people, 0)}
    )
    return table.groupby("id", as_index=False, sort=False)[["gain", "lose"]].sum().round()


def by_zone(region: Region, before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the access of each zone whose place is known, at the nearest point where people live.

    Returns
    -------
    GeoDataFrame
        id, name_vi, name_en, kind, before, after, change (null where either is), geometry (the zone's point); the
        largest changes first.
    """
    old, new = paired(before, after)
    zones = destinations(region, ("zones",))
    zones = zones[zones.geometry.notna()].reset_index(drop=True)
    table = zones[["id", "name_vi", "name_en", "kind", "geometry"]].copy()
    near = np.full(len(zones), -1)
    if len(new) and len(zones):
        points = shapely.get_coordinates(new.geometry.to_numpy())
        gap_m, at = KDTree(points).query(shapely.get_coordinates(zones.geometry.to_numpy()))
        near = np.where(gap_m <= NEAR_M, at, -1)
    for column, frame in (("before", old), ("after", new)):
        values = np.append(frame["value"].to_numpy(dtype=float), np.nan)
        table[column] = values[near]
    table["change"] = table["after"] - table["before"]
    order = table["change"].abs().sort_values(ascending=False, kind="stable").index
    return gpd.GeoDataFrame(table.loc[order].reset_index(drop=True), geometry="geometry", crs=zones.crs)
