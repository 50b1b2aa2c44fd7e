"""Measure zones in VN-2000: area, perimeter, compactness; find invalid outlines and overlaps; widen areas."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from zoning.errors import InputError
from zoning.text import N_

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

QUARTER_STEPS = 64
"""Segments a quarter circle: a buffer then has its area within 0.01 %, where shapely's own 16 lose 0.1 %."""
OVERLAP_M2 = 100.0
"""Smaller overlaps are seams between neighbours."""


@dataclass(frozen=True)
class Repair:
    """What was done to an outline: the reason it was not valid, and by how much its area changed, in ha."""

    shape: BaseGeometry
    reason: str
    changed_ha: float


def widened(shape: BaseGeometry, by_m: float) -> BaseGeometry:
    """Return an area widened by a distance in metres, its corners round."""
    return shape.buffer(by_m, quad_segs=QUARTER_STEPS)


def compactness(area_m2: float, perimeter_m: float) -> float:
    """Return how compact an outline is: 1 for a circle, 0.785 for a square, towards 0 for a thread.

    Polsby and Popper's 4 pi A / P^2 (Yale Law and Policy Review 9, 1991).
    """
    return 4 * math.pi * area_m2 / perimeter_m**2 if perimeter_m > 0 else math.nan


def repaired(shape: BaseGeometry) -> Repair:
    """Return an outline that may be measured, and what was done: parts that cross are taken apart, lines dropped."""
    if shapely.is_valid(shape):
        return Repair(shape, "", 0.0)
    reason = str(shapely.is_valid_reason(shape)).split("[", maxsplit=1)[0]
    parts = shapely.get_parts(shapely.make_valid(shape))
    areas = parts[shapely.get_dimensions(parts) == 2]
    if not len(areas):
        raise InputError(N_("The outline has no area, however it is repaired."))
    made = shapely.union_all(areas)
    return Repair(made, reason, (made.area - shape.area) / 1e4)


def metrics(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return what each zone's outline measures, in the order of the frame; zones without an outline have no figures.

    Parameters
    ----------
    frame
        Zones in a projected CRS, metres: for this region VN-2000.

    Returns
    -------
    area_measured_ha, perimeter_km, compactness, holes, parts, vertices, valid, reason, repair_ha (how much a repair
    changes the area), published_diff_pct (measured against `area_ha`, where that is known).

    Raises
    ------
    InputError
        The frame is not in metres.
    """
    if frame.crs is None or not frame.crs.is_projected:
        raise InputError(N_("Areas are measured in a projected coordinate system only."))
    shapes = frame.geometry.to_numpy()
    areal = shapely.get_dimensions(shapes) == 2
    rows = pd.DataFrame(index=frame.index)
    valid = shapely.is_valid(shapes)
    fixed = [repaired(shape) if is_area else None for shape, is_area in zip(shapes, areal, strict=True)]
    clean = np.array([one.shape if one else None for one in fixed], dtype=object)
    area, perimeter = shapely.area(clean), shapely.length(clean)
    rows["area_measured_ha"] = np.where(areal, area / 1e4, np.nan)
    rows["perimeter_km"] = np.where(areal, perimeter / 1e3, np.nan)
    rows["compactness"] = [
        compactness(a, p) if is_area else np.nan for a, p, is_area in zip(area, perimeter, areal, strict=True)
    ]
    rows["parts"] = pd.array(np.where(areal, shapely.get_num_geometries(shapes), 0), dtype="Int64")
    rows["vertices"] = pd.array(np.where(areal, shapely.get_num_coordinates(shapes), 0), dtype="Int64")
    rows["valid"] = valid | ~areal
    rows["reason"] = [one.reason if one else "" for one in fixed]
    rows["repair_ha"] = [one.changed_ha if one else 0.0 for one in fixed]
    published = pd.to_numeric(frame["area_ha"], errors="coerce") if "area_ha" in frame else np.nan
    rows["published_diff_pct"] = 100.0 * (rows["area_measured_ha"] - published) / published
    return rows


def overlaps(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return which zones claim the same ground, largest first: first, second, area_ha, share_pct of the smaller one.

    A zone inside another one (a park in a city) is one of them; overlaps below `OVERLAP_M2` are left out.
    """
    shapes = frame.geometry.to_numpy()
    areas = np.flatnonzero(shapely.get_dimensions(shapes) == 2)
    clean = np.array([repaired(shapes[at]).shape for at in areas], dtype=object)
    left, right = shapely.STRtree(clean).query(clean, predicate="intersects") if len(clean) else (areas, areas)
    once = left < right
    left, right = left[once], right[once]
    common = shapely.intersection(clean[left], clean[right])
    size = shapely.area(common)
    smaller = np.minimum(shapely.area(clean[left]), shapely.area(clean[right]))
    ids = frame["id"].astype(str).to_numpy()[areas]
    kept = size > OVERLAP_M2
    table = gpd.GeoDataFrame(
        {
            "first": ids[left[kept]],
            "second": ids[right[kept]],
            "area_ha": size[kept] / 1e4,
            "share_pct": 100.0 * size[kept] / smaller[kept],
        },
        geometry=common[kept],
        crs=frame.crs,
    )
    return table.sort_values(["area_ha", "first", "second"], ascending=[False, True, True], ignore_index=True)
