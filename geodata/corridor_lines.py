"""Draw the transport corridors through their known points."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from geodata.crs import PLANNING_CRS, lonlat_to_planning
from geodata.source_tables import read_source

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry


def corridors() -> gpd.GeoDataFrame:
    """Return the 68 corridors.

    Returns
    -------
    GeoDataFrame
        Lines through the waypoints of each corridor; `drawn` says what the geometry is: `line`, `points` (the main
        stops of several bus routes: not to be drawn as one line) or `none`. Two corridors that meet have a vertex
        with the same coordinates. `length_drawn_km` is shorter than the road itself, which bends between waypoints,
        and null where no line is drawn; `length_published_km` stands beside it.
    """
    table = read_source("corridors")
    waypoints = read_source("corridor_waypoints").sort_values(["corridor_id", "seq"], kind="stable")
    # one conversion for all: equal degrees become equal metres, so that shared vertices stay shared
    xy = np.column_stack(lonlat_to_planning(waypoints["lon"].to_numpy(), waypoints["lat"].to_numpy()))
    chains = {
        str(corridor): xy[rows] for corridor, rows in waypoints.reset_index().groupby("corridor_id").indices.items()
    }
    drawn = [_drawn(kind, chains.get(corridor)) for corridor, kind in zip(table["id"], table["drawn"], strict=True)]
    geometry = gpd.GeoSeries(drawn, crs=PLANNING_CRS)
    table["length_drawn_km"] = (geometry.length / 1000).where(table["drawn"] == "line")
    return gpd.GeoDataFrame(table, geometry=geometry)


def _drawn(kind: str, chain: NDArray[np.float64] | None) -> BaseGeometry | None:
    if chain is None:
        return None
    return shapely.LineString(chain) if kind == "line" else shapely.MultiPoint(chain)
