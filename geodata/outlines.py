"""Draw wards, communes and districts from their generalised control points: neighbours share their border."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.crs import PLANNING_CRS, lonlat_to_planning
from geodata.source_tables import read_source

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

DRAWN = "official_generalised"
"""How outlines are called in `geometry_quality`: from the official map, generalised to about 200 m."""
_GAP_M = 50.0
"""Gaps narrower than this between neighbours are closed; the largest one measures 483 m2."""


def wards_2025() -> gpd.GeoDataFrame:
    """Return the 36 wards and communes since 1 July 2025."""
    return _units("wards_2025", _polygons("outlines_wards_2025"))


def communes_until_2025() -> gpd.GeoDataFrame:
    """Return the 91 wards, communes and towns until 30 June 2025."""
    return _units("communes_until_2025", _polygons("outlines_communes_until_2025"))


def districts_until_2025(communes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the 9 cities and districts until 30 June 2025, each the union of its `communes`, without gaps."""
    shapes = {
        str(parent): shapely.coverage_union_all(np.asarray(group))
        for parent, group in communes.geometry.groupby(communes["parent_id"])
    }
    return _units("districts_until_2025", shapes)


def population(wards: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the people of each ward as a layer of its own; null where no usable figure was printed."""
    frame = pd.DataFrame(
        {
            "id": "pop-" + wards["id"].str.removeprefix("n-"),
            "unit": wards["id"],
            "name_vi": wards["name_vi"],
            "name_en": wards["name_en"],
            "people": wards["population"],
            "year": wards["population_year"],
            "source": wards["sources"].str.split(" | ", regex=False).str[0].astype("str"),
            "geometry_quality": wards["geometry_quality"],
            "sources": wards["sources"],
        }
    )
    return gpd.GeoDataFrame(frame, geometry=wards.geometry.to_numpy(), crs=PLANNING_CRS)


def _polygons(name: str) -> dict[str, BaseGeometry]:
    table = read_source(name)
    points = [np.array(text.replace(";", " ").split(), dtype=float).reshape(-1, 2) for text in table["lon_lat"]]
    # all rings at once: one call of PROJ, and a vertex that two units share becomes the same two numbers
    ends = np.cumsum([len(ring) for ring in points])[:-1]
    lonlat = np.concatenate(points)
    rings = np.split(np.column_stack(lonlat_to_planning(lonlat[:, 0], lonlat[:, 1])), ends)
    shapes = shapely.normalize(_clean([shapely.Polygon(ring) for ring in rings]))
    return dict(zip(table["unit_id"], shapes, strict=True))


def _clean(polygons: list[shapely.Polygon]) -> NDArray[np.object_]:
    """Return the polygons without overlaps and gaps: rounding the control points to 4 decimals leaves a few slivers."""
    clean: NDArray[np.object_] = shapely.coverage_clean(  # type: ignore[attr-defined]  # newer than its stubs
        np.array(polygons), snapping_distance=0.01, gap_width=_GAP_M
    )
    return clean


def _units(name: str, shapes: dict[str, BaseGeometry]) -> gpd.GeoDataFrame:
    table = read_source(name).drop(columns=["lon", "lat", "coordinate_quality"])
    geometry = gpd.GeoSeries([shapes[unit] for unit in table["id"]], crs=PLANNING_CRS)
    table["area_drawn_ha"] = geometry.area / 10_000
    table["geometry_quality"] = DRAWN
    for column in ("valid_from", "valid_to", "merged_into", "merged_from", "seat", "parent_id"):
        if column not in table:
            table[column] = ""
    return gpd.GeoDataFrame(table, geometry=geometry)
