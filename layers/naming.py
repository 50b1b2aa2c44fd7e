"""Shorten names for the map, and find where and from which zoom each has room."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import geopandas as gpd
import numpy as np
import shapely

from geodata.crs import to_web
from layers.drawing import Label

if TYPE_CHECKING:
    from collections.abc import Sequence

EQUATOR_M_PER_PX = 156_543.03  # metres on the ground of one pixel at zoom 0
LATITUDE_DEG = 11.1  # of the region: a screen's pixel differs by 0.4 % between its ends
READABLE_PX = 46  # width of an area from which its name is shown
SMALLEST_ZOOM, LARGEST_ZOOM = 9.0, 14.0
_SHORT = (
    (re.compile(r"^Khu công nghiệp( –|-)?\s+"), "KCN "),
    (re.compile(r"^Khu đô thị\s+"), "KĐT "),
    (re.compile(r"\bIndustrial (Park|Zone)\b"), "IP"),
    (re.compile(r"^(Phường|Xã|Thị trấn|Thành phố|Thị xã|Huyện)\s+(?!mới)"), ""),
    (re.compile(r"\s+(Ward|Commune|Township|Town|District)$"), ""),
    (re.compile(r"\s+\(.*\)$"), ""),
)
_SHIELDS = (
    (re.compile(r"Quốc lộ (\d\w*)"), "QL{}"),
    (re.compile(r"Đường tỉnh (\d\w*)"), "ĐT{}"),
    (re.compile(r"\b(ĐT\d\w*)"), "{}"),
    (re.compile(r"Vành đai (\d)"), "VĐ{}"),
    (re.compile(r"Tỉnh lộ (\d\w*)"), "TL{}"),
    (re.compile(r"\b(ĐH\d+)"), "{}"),
)


class Name(NamedTuple):
    """A name to be placed: a point in the frame's CRS, and what `Label` needs."""

    point: Any
    text: str
    css: str
    min_zoom: float
    rank: float


def labels(names: Sequence[Name], crs: object) -> tuple[Label, ...]:
    """Turn names at points of `crs` into labels in degrees, all at once: a conversion has a high fixed cost."""
    named = [name for name in names if name.text]
    if not named:
        return ()
    web = to_web(gpd.GeoSeries([name.point for name in named], crs=crs))
    return tuple(
        Label(float(at.x), float(at.y), name.text, name.css, name.min_zoom, name.rank)
        for at, name in zip(web, named, strict=True)
    )


def short_name(name: str) -> str:
    """Return a name as maps write it: KCN for Khu công nghiệp, wards without their kind, no brackets."""
    for pattern, words in _SHORT:
        name = pattern.sub(words, name)
    return name.strip()


def shield(name_vi: str) -> str:
    """Return what the signs along a road say (QL13, ĐT741, VĐ3); nothing if its name has no number."""
    for pattern, words in _SHIELDS:
        if found := pattern.search(name_vi):
            return words.format(found.group(1))
    return ""


def middle(shape: Any) -> Any:  # noqa: ANN401 - shapely geometry
    """Return where a name has most room: the centre of the largest circle inside the largest part."""
    parts = [part for part in shapely.get_parts(shape) if part.area > 0]
    if not parts:
        return shape.centroid
    part = max(parts, key=lambda one: one.area)
    circle = shapely.maximum_inscribed_circle(part, tolerance=math.sqrt(part.area) / 50)
    return shapely.get_point(circle, 0)


def halfway(shape: Any) -> Any:  # noqa: ANN401 - shapely geometry
    """Return the point halfway along the longest part of a line; the centre of anything else."""
    line = max(shapely.get_parts(shape), key=lambda part: part.length)
    return line.interpolate(0.5, normalized=True) if line.length > 0 else shape.centroid


def metres_per_px(zoom: float) -> float:
    """Return the width of a screen pixel on the ground (m) at a zoom, at the region's latitude."""
    return float(EQUATOR_M_PER_PX * np.cos(np.radians(LATITUDE_DEG)) / 2.0**zoom)


def zoom_for(width_m: float) -> float:
    """Return the zoom from which something `width_m` metres wide can carry its name."""
    zoom = math.log2(READABLE_PX * metres_per_px(0) / max(width_m, 1.0))
    return round(min(max(zoom, SMALLEST_ZOOM), LARGEST_ZOOM), 1)
