"""Gather the features that are known by one approximate place, so that each place is drawn once.

Several parks share the centre of their commune or one gate. Drawn one by one they would hide each other and look exact;
drawn once a place as "somewhere near here: 5 zones" they say what is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from layers.drawing import drawable

if TYPE_CHECKING:
    import geopandas as gpd

SAME_PLACE_M = 1.0


class NearHere(NamedTuple):
    """One place: where it is (same CRS as the frame) and the positions of its rows in the frame."""

    geometry: shapely.Point
    rows: tuple[int, ...]


def is_near_here(frame: gpd.GeoDataFrame) -> np.ndarray:
    """Say for each row whether it is a point that only stands near the thing itself."""
    flags = np.zeros(len(frame), dtype=bool)
    rows = drawable(frame)
    kinds = shapely.get_type_id(np.asarray(frame.geometry.array))
    quality = frame["geometry_quality"].astype("string").fillna("").to_numpy(dtype=object)
    flags[rows] = [kinds[at] in (0, 4) and quality[at] == "approximate" for at in rows]
    return flags


def near_here(frame: gpd.GeoDataFrame) -> list[NearHere]:
    """Return the approximate places of a frame in metres, from north-west to south-east, each with its rows."""
    places: dict[tuple[float, float], list[int]] = {}
    for at in np.flatnonzero(is_near_here(frame)):
        point = frame.geometry.iloc[at].centroid
        places.setdefault((round(point.x / SAME_PLACE_M), round(point.y / SAME_PLACE_M)), []).append(int(at))
    found = [NearHere(frame.geometry.iloc[rows[0]].centroid, tuple(rows)) for rows in places.values()]
    return sorted(found, key=lambda place: (-place.geometry.y, place.geometry.x))
