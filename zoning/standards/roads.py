"""Measure how dense the roads of an area are, down to a level of the code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import shapely

if TYPE_CHECKING:
    import geopandas as gpd
    from shapely.geometry.base import BaseGeometry

ROAD_ORDER = (
    "urban expressway",
    "main axis road",
    "main urban road",
    "inter-area road",
    "main area road",
    "area road",
    "group road",
)
ROAD_LEVELS = (
    ("motorway",),
    ("trunk",),
    ("primary",),
    ("secondary",),
    ("tertiary",),
    ("unclassified",),
    ("residential", "living_street"),
)
"""Levels of the code from the highest down, and the classes of OpenStreetMap that stand for each: a reading of ours."""


def density_km_km2(streets: gpd.GeoDataFrame, area: BaseGeometry, level: str) -> float:
    """Return the km of streets down to a level of `ROAD_ORDER`, for each km2 of an area in the same CRS, metres."""
    names = {name for group in ROAD_LEVELS[: ROAD_ORDER.index(level) + 1] for name in group}
    part = streets[streets["highway"].astype(str).str.removesuffix("_link").isin(names)]
    lines = part.geometry.to_numpy()
    near = shapely.STRtree(lines).query(area, predicate="intersects")
    length_m = float(shapely.length(shapely.intersection(lines[near], area)).sum())
    return length_m / 1000 / (area.area / 1e6)
