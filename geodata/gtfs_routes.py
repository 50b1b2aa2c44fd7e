"""Keep the courses of a timetable's lines as the layer `bus_routes`, which the checks by the planning code read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.crs import PLANNING_CRS, STUDY_ENVELOPE, lonlat_to_planning
from geodata.gtfs_service import mode_of
from zoning.result import Note
from zoning.text import N_

if TYPE_CHECKING:
    from geodata.gtfs import Feed
    from geodata.store import Store

LAYER = "bus_routes"
MODES = ("bus", "tram", "metro")
"""What counts as public transport of a town by the code; railways and ferries do not."""
DRAWN, STRAIGHT = "official_generalised", "schematic"
"""Geometry quality of a course that the timetable draws, and of one that goes straight from stop to stop."""
_SIMPLER_M = 1.0
INFO = {
    "title_en": "Bus routes",
    "title_vi": "Tuyến xe buýt",
    "method": "Lines of timetables (GTFS): of each line the course with the most trips, one direction; where the feed "
    "draws none, straight from stop to stop",
}
COLUMNS = (
    "id",
    "name_vi",
    "name_en",
    "mode",
    "status",
    "feed",
    "valid_from",
    "valid_to",
    "geometry_quality",
    "sources",
)


def route_lines(feed: Feed, name: str, source: str) -> gpd.GeoDataFrame:
    """Return the lines of a feed that is cut to the study area, each with the course of most of its trips.

    Both directions of a line run along the same streets, traced a little apart: one of them is enough, and does not
    count a street twice.

    Returns
    -------
    GeoDataFrame
        `COLUMNS` and geometry (in the planning CRS), by line.
    """
    shapes = _shapes(feed.raw.shapes)
    trips = feed.trips.assign(shape=feed.trips["shape"].where(feed.trips["shape"].isin(set(shapes)), ""))
    columns = (feed.routes[name].tolist() for name in ("id", "short", "name", "type"))
    kinds = {line: (short, long, mode_of(int(kind))) for line, short, long, kind in zip(*columns, strict=True)}
    rows, courses = [], []
    for line, own in trips.groupby("route", sort=True):
        short, long, mode = kinds[line]
        if mode not in MODES:
            continue
        drawn = own[own["shape"].ne("")]
        lonlat = shapes[drawn["shape"].mode().iloc[0]] if len(drawn) else _stops_of(feed, own["id"])
        course = _course(lonlat)
        if course is None:
            continue
        label = " ".join(dict.fromkeys(one for one in (short, long) if one)) or str(line)
        quality = DRAWN if len(drawn) else STRAIGHT
        valid = feed.valid_from, feed.valid_to
        rows.append((f"{name}:{line}", label, label, mode, "operating", name, *valid, quality, source))
        courses.append(course)
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=list(COLUMNS)), geometry=courses, crs=PLANNING_CRS)


def keep_routes(store: Store, name: str, lines: gpd.GeoDataFrame) -> Note:
    """Put the lines of a feed into the layer, in place of those it had there; return what a planner should know.

    A layer that planners have brought in is theirs: it stays as it is.
    """
    theirs = _of_planners(store)
    if theirs:
        return Note(
            N_("The layer of bus routes is a planner's own ({count} lines) and stays as it is: the checks read it, not "
               "the lines of the timetable."),
            {"count": theirs},
        )  # fmt: skip
    _change(store, name, lines)
    straight = int(lines["geometry_quality"].eq(STRAIGHT).sum())
    return Note(
        N_("The courses of {count} lines are kept as the layer of bus routes, {straight} of them straight from stop to "
           "stop: the checks of route density and spacing take them for all lines there are. Lines that are missing "
           "can be added to the layer."),
        {"count": len(lines), "straight": straight},
    )  # fmt: skip


def drop_routes(store: Store, name: str) -> None:
    """Take the lines of a feed out of the layer."""
    if LAYER in store.names() and not _of_planners(store):
        _change(store, name, None)


def _change(store: Store, name: str, lines: gpd.GeoDataFrame | None) -> None:
    def change(table: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
        # lines that planners have added to those of timetables have no feed, and stay
        known = [] if table is None else [one for one in (*COLUMNS, "geometry") if one in table]
        parts = [] if table is None or "feed" not in table else [table.loc[table["feed"].fillna("") != name, known]]
        parts += [] if lines is None else [lines]
        parts = [
            part.fillna(dict.fromkeys(COLUMNS, "")) for part in parts if len(part)
        ]  # a database takes no empty column
        if not parts:
            return gpd.GeoDataFrame(columns=[*COLUMNS, "geometry"], geometry="geometry", crs=PLANNING_CRS)
        return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=PLANNING_CRS)

    told: dict[str, str] = {}
    if lines is not None and len(lines):
        told = {"source": str(lines["sources"].iloc[0]), "date": str(lines["valid_to"].iloc[0])}
    store.change_layer(LAYER, change, {**INFO, **told})


def _of_planners(store: Store) -> int:
    """Return how many lines the layer has where none of them comes from a timetable: planners have brought it in."""
    if LAYER not in store.names():
        return 0
    table = store.raw_layer(LAYER)
    return 0 if "feed" in table and table["feed"].fillna("").ne("").any() else len(table)


def _shapes(table: pd.DataFrame | None) -> dict[str, np.ndarray]:
    """Return the courses that a feed draws, (n, 2) of longitude and latitude by id; those of one point are none."""
    names = ("shape_pt_lon", "shape_pt_lat", "shape_pt_sequence")
    if table is None or not {"shape_id", *names} <= set(table.columns):
        return {}
    points = pd.DataFrame({name: pd.to_numeric(table[name], errors="coerce").astype(float) for name in names})
    points["id"] = table["shape_id"].astype("string").str.strip()
    usable = points[names[0]].between(-180, 180) & points[names[1]].between(-90, 90)
    points = points[usable].dropna().sort_values(["id", names[2]], kind="stable")
    return {str(one): rows[[*names[:2]]].to_numpy() for one, rows in points.groupby("id", sort=False) if len(rows) > 1}


def _stops_of(feed: Feed, trips: pd.Series) -> np.ndarray:
    """Return the places of the stops of the course that most of some trips take, (n, 2) degrees."""
    calls = feed.calls[feed.calls["trip"].isin(trips)]
    course = calls.groupby("trip", sort=False)["stop"].agg(tuple).mode().iloc[0]
    return feed.stops[["lon", "lat"]].to_numpy()[list(course)]


def _course(lonlat: np.ndarray) -> shapely.Geometry | None:
    """Return a course inside the study area, in the planning CRS; None where nothing of it is there."""
    inside = shapely.intersection(shapely.LineString(lonlat), shapely.box(*STUDY_ENVELOPE))
    lines = [one for one in shapely.get_parts(inside) if one.geom_type == "LineString"]
    if not lines:
        return None
    drawn = [shapely.LineString(np.column_stack(lonlat_to_planning(*shapely.get_coordinates(one).T))) for one in lines]
    made = shapely.simplify(shapely.union_all(drawn) if len(drawn) > 1 else drawn[0], _SIMPLER_M)
    return made if made.length > 0 else None
