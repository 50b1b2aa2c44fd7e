"""Say how many people work in each park: a planner's own figure, a published one, else an estimate by its area."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from zoning.errors import UnknownLayerError
from zoning.result import Note
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from zoning.region import Region

PARK_KINDS = ("industrial_park", "science_technology_park")
PARK_JOBS = "park_jobs"
"""What questions call the parks with their jobs, where no layer of that name has been brought in."""
WORKERS_A_HA = 100.0
"""Workers a hectare where a park's own number is not known: 1.2 million in 28 operating parks on 11,962 ha (2024)."""
OWN_COLUMNS = ("jobs", "workers")
"""Columns of the zones' layer that hold a planner's own figures."""
PUBLISHED = {
    "p057": ("tan-binh",),
    "p056": ("cay-truong-ip",),
    "p058": ("dat-cuoc-new",),
    "p054": ("vsip-1", "vsip-2", "vsip-2a", "vsip-3"),
}
"""Rows of the layer `indicators` that count the workers of parks, and whose they are; one for several parks is shared
among them by area."""
OUTLINES = ("surveyed", "osm", "official_generalised", "schematic", "edited")
LAYERS_USED = ("zones", "indicators")


def park_jobs(region: Region) -> gpd.GeoDataFrame:
    """Return the parks with their jobs.

    Returns
    -------
    GeoDataFrame
        id, name_vi, name_en, status, area_ha, jobs (null where neither a figure nor an area is known), basis (own,
        published, estimated, unknown) and the outline; null where there is none that may be measured.
    """
    zones = region.layer("zones")
    kinds = zones["kind"].isin(PARK_KINDS)
    if "status" in zones:
        kinds &= ~zones["status"].eq("removed")
    parks = zones[kinds].reset_index(drop=True)
    area_ha = pd.to_numeric(parks["area_ha"], errors="coerce") if "area_ha" in parks else pd.Series(np.nan, parks.index)
    jobs = (WORKERS_A_HA * area_ha.where(area_ha > 0)).astype(float)
    basis = pd.Series(np.where(jobs.notna(), "estimated", "unknown"), parks.index, dtype=object)
    for ids, total in _published(region).items():
        rows = parks.index[parks["id"].isin(ids)]
        shares = area_ha[rows]
        if len(rows) < len(ids) or (len(rows) > 1 and shares.isna().any()):
            continue  # part of a sum is not known from the sum
        jobs[rows] = total * (shares / shares.sum() if len(rows) > 1 else 1.0)
        basis[rows] = "published"
    for column in OWN_COLUMNS:
        if column in parks:
            own = pd.to_numeric(parks[column], errors="coerce")
            jobs, basis = jobs.where(own.isna(), own), basis.where(own.isna(), "own")
    known = parks["geometry_quality"].isin(OUTLINES) & parks.geometry.geom_type.isin(["Polygon", "MultiPolygon"])
    return gpd.GeoDataFrame(
        {
            **{name: parks[name] for name in ("id", "name_vi", "name_en")},
            "status": parks.get("status", ""),
            "area_ha": area_ha,
            "jobs": jobs,
            "basis": basis,
        },
        geometry=parks.geometry.where(known),
        crs=parks.crs,
    )


def job_places(region: Region) -> gpd.GeoDataFrame:
    """Return the parks as the layer of zones has them, with their jobs (null where not known) and what they rest on."""
    zones = region.layer("zones")
    parks = park_jobs(region).set_index("id")
    mine = zones[zones["id"].isin(parks.index)].drop(columns=[one for one in ("jobs", "basis") if one in zones])
    jobs = parks.loc[mine["id"], ["jobs", "basis"]]
    return mine.assign(jobs=jobs["jobs"].to_numpy(), basis=jobs["basis"].to_numpy())


def places_notes(region: Region) -> tuple[Note, ...]:
    """Return what the jobs that people travel to stand on, and what is missing."""
    parks = park_jobs(region)
    parks = parks[parks["status"].isin(["", "operating"])]
    return (
        Note(
            N_(
                "Jobs are those of {total} parks in operation, all at the park's point: {published} have a published "
                "or own figure, the others are estimated at {rate:g} a hectare. Jobs outside the parks are missing. "
                "People are all residents, not the workers among them."
            ),
            {
                "total": len(parks),
                "published": int(parks["basis"].isin(["published", "own"]).sum()),
                "rate": WORKERS_A_HA,
            },
        ),
    )


def jobs_inside(parks: gpd.GeoDataFrame, areas: Sequence[shapely.Geometry | None]) -> tuple[NDArray[np.float64], ...]:
    """Return the jobs inside each area, and how many of them are estimated: a park counts by the share of its outline.

    Parameters
    ----------
    parks
        As from `park_jobs`; those in operation count, the others would be jobs of another year.
    areas
        (n,) polygons in the parks' CRS, None for no area.

    Returns
    -------
    (n,) jobs and (n,) estimated jobs among them.
    """
    counted = parks[parks.geometry.notna() & parks["jobs"].notna() & parks["status"].isin(["", "operating"])]
    outlines = np.asarray(shapely.make_valid(counted.geometry.to_numpy()), dtype=object)
    each = counted["jobs"].to_numpy(dtype=float)
    guessed = np.where(counted["basis"] == "estimated", each, 0.0)
    whole = np.maximum(shapely.area(outlines), 1e-9)
    total, estimated = np.zeros(len(areas)), np.zeros(len(areas))
    for at, area in enumerate(areas):
        if area is None or not outlines.size:
            continue
        share = shapely.area(shapely.intersection(outlines, shapely.make_valid(area))) / whole
        total[at], estimated[at] = share @ each, share @ guessed
    return total, estimated


def notes_of(parks: gpd.GeoDataFrame) -> list[Note]:
    """Return what these jobs stand on, and what is missing."""
    working = parks[parks["status"].isin(["", "operating"])]
    nowhere = int((working.geometry.isna() | working["jobs"].isna()).sum())
    return [
        Note(
            N_(
                "Jobs are those of parks in operation, by the share of a park that lies inside: of {total} parks "
                "{published} have a published or own figure, the others are estimated at {rate:g} a hectare; {nowhere} "
                "have no outline or area and are not counted."
            ),
            {
                "total": len(working),
                "published": int(working["basis"].isin(["published", "own"]).sum()),
                "nowhere": nowhere,
                "rate": WORKERS_A_HA,
            },
        ),
        Note(
            N_(
                "Jobs outside the parks are missing: no layer of offices, shops and schools with their workers is "
                "loaded. A column “jobs” in the layer of zones replaces the estimates."
            )
        ),
    ]


def _published(region: Region) -> dict[tuple[str, ...], float]:
    try:
        rows = region.layer("indicators")
    except UnknownLayerError:
        return {}
    values = pd.to_numeric(rows.set_index("id")["value"], errors="coerce")
    return {ids: float(values[row]) for row, ids in PUBLISHED.items() if row in values and values[row] > 0}
