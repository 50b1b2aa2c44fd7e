"""Give every zone the best geometry that is honest: outline, footprint of the right size, a point, or none."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from geodata.crs import PLANNING_CRS, lonlat_to_planning
from geodata.outlines import DRAWN
from geodata.source_tables import read_source

if TYPE_CHECKING:
    import pandas as pd
    from shapely.geometry import Point, Polygon
    from shapely.geometry.base import BaseGeometry

SIDES = 64
"""Corners of a schematic footprint: round to the eye, few enough for any map."""


def zones(units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the 69 zones.

    Parameters
    ----------
    units
        Former districts and communes (`id`, geometry in the planning CRS): outlines of the zones that are such a unit.

    Returns
    -------
    GeoDataFrame
        `area_ha` is the published area, else the one drawn in OpenStreetMap (`area_basis` says which); `area_drawn_ha`
        is that of the geometry, null for points; `geometry_quality` says what the geometry is worth:

        - `official_generalised`: the outline of the unit that the zone is (`place` = outline);
        - `schematic`: a circle of the right area round the zone's own centre (`place` = centre);
        - `surveyed`, `osm`, `gazetteer`: a point inside the zone, not its centre (`place` = inside);
        - `approximate`: the gate of the zone or the centre of its commune, never to be used to measure;
        - `none`: no place is known, and there is no geometry.
    """
    table = read_source("zones")
    published = table["area_ha"].notna()
    table["area_basis"] = np.where(published, "published", np.where(table["area_osm_ha"].notna(), "osm", "unknown"))
    table["area_ha"] = table["area_ha"].fillna(table["area_osm_ha"])
    points = points_of(table)
    outlines = dict(zip(units["id"], units.geometry, strict=True))
    drawn = [
        _drawn(place, point, area, outlines.get(unit))
        for place, point, area, unit in zip(table["place"], points, table["area_ha"], table["outline_of"], strict=True)
    ]
    geometry = gpd.GeoSeries(drawn, crs=PLANNING_CRS)
    area = geometry.area / 10_000
    table["area_drawn_ha"] = area.where(area > 0)
    table["geometry_quality"] = _quality(table, area)
    return gpd.GeoDataFrame(table.drop(columns=["lon", "lat", "coordinate_quality"]), geometry=geometry)


def footprint(centre: Point, area_ha: float) -> Polygon:
    """Return a regular polygon round `centre` (metres) whose area is `area_ha` exactly."""
    radius_m = math.sqrt(area_ha * 10_000 * 2 / (SIDES * math.sin(2 * math.pi / SIDES)))
    angles = np.arange(SIDES) * (2 * math.pi / SIDES)
    return shapely.Polygon(
        np.column_stack([centre.x + radius_m * np.cos(angles), centre.y + radius_m * np.sin(angles)])
    )


def _drawn(place: str, point: Point | None, area_ha: float, outline: BaseGeometry | None) -> BaseGeometry | None:
    if place == "outline":
        return outline
    if place == "centre" and point is not None and not math.isnan(area_ha):
        return footprint(point, area_ha)
    return point


def _quality(table: pd.DataFrame, area: pd.Series) -> pd.Series:
    quality = table["coordinate_quality"].copy()
    quality[table["place"].isin(["gate", "commune"])] = "approximate"
    quality[(table["place"] == "centre") & (area > 0)] = "schematic"
    quality[table["place"] == "outline"] = DRAWN
    quality[table["place"] == "none"] = "none"
    return quality


def points_of(table: pd.DataFrame) -> list[Point | None]:
    """Return the points of a table with lon and lat in degrees, None where they are empty."""
    known = table["lon"].notna().to_numpy()
    points = np.full(len(table), None, dtype=object)
    points[known] = shapely.points(
        *lonlat_to_planning(table.loc[known, "lon"].to_numpy(), table.loc[known, "lat"].to_numpy())
    )
    return list(points)
