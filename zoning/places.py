"""Say where a trip to a zone or facility ends, and when its place is not known well enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapely.geometry.base import BaseGeometry

    from zoning.region import Region

MEASURABLE = ("surveyed", "osm", "official_generalised", "gazetteer", "schematic", "edited")
"""Geometry qualities that may be measured to; `approximate` is only "somewhere near here", `none` is nowhere."""

POSITION_NOTES = {
    "known": N_("position known"),
    "approximate": N_("known only by its commune or gate: not timed"),
    "unknown": N_("position not known: not timed"),
}

DESTINATION_LAYERS = ("zones", "facilities", "logistics")


def travel_points(frame: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Return the point a trip to each feature ends at, in the frame's CRS; None where it may not be measured.

    A point is itself; an outline is its centroid, or a point inside it where the centroid falls outside.
    """
    measurable = frame["geometry_quality"].isin(MEASURABLE) & frame.geometry.notna()
    geometry = frame.geometry.where(measurable)
    areas = geometry[geometry.notna() & ~geometry.geom_type.isin(["Point"])]
    if len(areas):
        centre = areas.centroid
        inside = centre.where(centre.within(areas), areas.representative_point())
        geometry = geometry.copy()
        geometry[areas.index] = inside
    return gpd.GeoSeries(geometry, index=frame.index, crs=frame.crs)


def destinations(region: Region, layers: Sequence[str] = DESTINATION_LAYERS) -> gpd.GeoDataFrame:
    """Return every zone, facility and gate with the point that a trip to it ends at.

    Returns
    -------
    GeoDataFrame
        One row a feature: `layer`, `id`, `name_vi`, `name_en`, `kind`, `geometry_quality`, `position`
        (known, approximate, unknown) and the point, None unless the position is known.
    """
    parts = []
    for layer in layers:
        frame = region.layer(layer)
        known = travel_points(frame)
        columns = frame[["id", "name_vi", "name_en", "kind", "geometry_quality"]].assign(layer=layer)
        columns["position"] = [
            "known" if point is not None else "approximate" if quality == "approximate" else "unknown"
            for point, quality in zip(known.array, frame["geometry_quality"], strict=True)
        ]
        parts.append(gpd.GeoDataFrame(columns, geometry=known.array, crs=frame.crs))
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=parts[0].crs)


def inside(frame: gpd.GeoDataFrame, area: BaseGeometry) -> gpd.GeoDataFrame:
    """Return the features whose point, or a point of whose outline or line, lies in `area` (same CRS).

    Features of unknown place are left out: nobody knows.
    """
    placed = frame[frame.geometry.notna()]
    lines = placed.geom_type.str.endswith("LineString")
    points = placed.geometry.where(lines, placed.representative_point())
    return placed[points.intersects(area)]
