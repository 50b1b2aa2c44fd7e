"""Say where a trip to a zone or facility ends, and when its place is not known well enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

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
    # arrays rather than series: a job asks for some hundred features, which takes series a quarter of its time
    points = np.asarray(frame.geometry.array, object).copy()
    points[~frame["geometry_quality"].isin(MEASURABLE).to_numpy()] = None
    outlines = np.flatnonzero(~shapely.is_missing(points) & (shapely.get_type_id(points) != shapely.GeometryType.POINT))
    areas = points[outlines]
    centre = shapely.centroid(areas)
    points[outlines] = np.where(shapely.within(centre, areas), centre, shapely.point_on_surface(areas))
    return gpd.GeoSeries(points, index=frame.index, crs=frame.crs)


def destinations(region: Region, layers: Sequence[str] = DESTINATION_LAYERS) -> gpd.GeoDataFrame:
    """Return every zone, facility and gate with the point that a trip to it ends at.

    Returns
    -------
    GeoDataFrame
        One row a feature: `layer`, `id`, `name_vi`, `name_en`, `kind`, `geometry_quality`, `position`
        (known, approximate, unknown) and the point, None unless the position is known.
    """
    frames = [region.layer(layer) for layer in layers]
    names = [layer for layer, frame in zip(layers, frames, strict=True) for _ in range(len(frame))]
    points = np.concatenate([np.asarray(travel_points(frame).array, object) for frame in frames])
    columns = ["id", "name_vi", "name_en", "kind", "geometry_quality"]
    plain = pd.concat([pd.DataFrame(frame)[columns] for frame in frames], ignore_index=True)
    position = [
        "known" if point is not None else "approximate" if quality == "approximate" else "unknown"
        for point, quality in zip(points, plain["geometry_quality"], strict=True)
    ]
    return gpd.GeoDataFrame(plain.assign(layer=names, position=position), geometry=points, crs=frames[0].crs)


def inside(frame: gpd.GeoDataFrame, area: BaseGeometry) -> gpd.GeoDataFrame:
    """Return the features whose point, or a point of whose outline or line, lies in `area` (same CRS).

    Features of unknown place are left out: nobody knows.
    """
    placed = frame[frame.geometry.notna()]
    lines = placed.geom_type.str.endswith("LineString")
    points = placed.geometry.where(lines, placed.representative_point())
    return placed[points.intersects(area)]
