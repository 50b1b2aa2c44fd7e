"""Keep edits of zones in a layer of their own, each with author and date; the last one of a zone can be undone."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast
from uuid import uuid4

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.crs import PLANNING_CRS, STUDY_ENVELOPE, in_study_area, lonlat_to_planning, planning_to_lonlat
from geodata.store import EDITED, EDITS
from zoning.edits import (
    ZoneEdit,
    checked_attributes,
    checked_author,
    checked_id,
    checked_rings,
    checked_shape,
    edited_zones,
    proposed_id,
    rings_of,
)
from zoning.errors import ConflictError, InputError
from zoning.shapes import overlaps
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from geodata.store import Store
    from zoning.edits import Outline, What

_log = logging.getLogger(__name__)

COLUMNS = ("id", "zone_id", "what", "content", "geometry_quality", "author", "date", "undone_by", "undone_date")
TITLES = {
    "title_en": "Edits of zones",
    "title_vi": "Các lần sửa khu",
    "source": "entered by planners; each edit names its author and date",
    "licence": "own data",
    "attribution": "",
    "date": "",
    "method": "typed or drawn on the Code checks page; laid over the zones, which stay as they were",
}


def edits_of(store: Store, zone_id: str | None = None) -> gpd.GeoDataFrame:
    """Return all edits, or those of one zone, oldest first; also the undone ones (`undone_date` is then not empty)."""
    table = _filled(store.raw_layer(EDITS)) if EDITS in store.names() else _none()
    return table if zone_id is None else table[table["zone_id"].eq(zone_id)].reset_index(drop=True)


def last_edit(table: gpd.GeoDataFrame, zone_id: str) -> str:
    """Return the id of the last edit in force of a zone, empty where there is none."""
    mine = table[table["zone_id"].eq(zone_id) & table["undone_date"].eq("")]
    return "" if mine.empty else str(mine["id"].iloc[-1])


def with_edits(zones: gpd.GeoDataFrame, table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the zones with the edits in force laid over them; what `Store.layer` shows."""
    rows = _filled(table)
    edits = [_edit(row) for row in rows[rows["undone_date"].eq("")].to_dict("records")]
    return edited_zones(zones, [edit for edit in edits if edit is not None])


def outline_of(*rings: Sequence[tuple[float, float]]) -> Outline:
    """Return the outline, in the planning CRS, of one ring of corners in degrees (lon, lat), or of several.

    Raises
    ------
    InputError
        It cannot be a zone's: see `zoning.edits.checked_rings`; or it leaves the study area.
    """
    placed = []
    for corners in rings:
        for lon, lat in corners:
            _check_inside(lon, lat)
        lon_lat = np.asarray(corners, dtype=float).reshape(-1, 2)
        east, north = lonlat_to_planning(lon_lat[:, 0], lon_lat[:, 1])
        placed.append(list(zip(east.tolist(), north.tolist(), strict=True)))
    return checked_rings(placed)


def overlapped(zones: gpd.GeoDataFrame, outline: Outline, zone_id: str = "") -> gpd.GeoDataFrame:
    """Return which zones an outline shares ground with, the largest share first: id, area_ha, share_pct of the outline.

    To be looked at before it is kept; the zone itself is left out, and shares below `zoning.shapes.OVERLAP_M2`.
    """
    new = gpd.GeoDataFrame({"id": ["new outline"]}, geometry=[outline], crs=zones.crs)
    others = zones[zones["id"].astype(str).ne(zone_id) & zones.geometry.notna()]
    areas = others[others.geom_type.isin(["Polygon", "MultiPolygon"])][["id", "geometry"]]
    near = areas[areas.intersects(outline)]
    table = overlaps(gpd.GeoDataFrame(pd.concat([near, new], ignore_index=True), crs=zones.crs))
    mine = table[table["second"].eq("new outline")]
    found = mine.assign(id=mine["first"], share_pct=100.0 * mine["area_ha"] * 1e4 / outline.area)
    return found[["id", "area_ha", "share_pct", "geometry"]].reset_index(drop=True)


def edit_attributes(
    store: Store, zone_id: str, values: Mapping[str, object], *, author: str, seen: str | None = None,
    date: str | None = None,
) -> str:  # fmt: skip
    """Keep new attributes of a zone; return the edit's id.

    Parameters
    ----------
    zone_id
        A zone as `Store.layer` shows it.
    values
        Attributes of `zoning.edits.ATTRIBUTES`; what is as it was is left out.
    author
        Who edits.
    seen
        Id of the zone's last edit when it was read (`last_edit`); if there is another one by now, nothing is written.
        None saves in any case.
    date
        ISO 8601, UTC; None for now.

    Raises
    ------
    InputError
        No such zone, no author, nothing changed, or a value that cannot be kept.
    ConflictError
        Somebody else has edited the zone since.
    StoreError
        The store cannot be written; it is as it was before.
    """
    asked = checked_attributes(values)

    def made(zones: gpd.GeoDataFrame, _: gpd.GeoDataFrame) -> tuple[str, dict[str, object]]:
        row = _zone(zones, zone_id)
        changed = {name: value for name, value in asked.items() if not _same(value, row.get(name))}
        if not changed:
            raise InputError(N_("Nothing has changed, so there is nothing to keep."))
        return zone_id, changed

    return _added(store, "attributes", made, None, author=author, seen=seen, date=date)[0]


def replace_outline(
    store: Store, zone_id: str, outline: Outline, *, author: str, seen: str | None = None,
    date: str | None = None,
) -> str:  # fmt: skip
    """Keep a new outline (planning CRS) of a zone; return the edit's id. Otherwise as `edit_attributes`."""
    shape = _checked(outline)

    def made(zones: gpd.GeoDataFrame, _: gpd.GeoDataFrame) -> tuple[str, dict[str, object]]:
        before = _zone(zones, zone_id)["geometry"]
        if isinstance(before, shapely.Polygon | shapely.MultiPolygon) and shapely.equals_exact(
            shapely.normalize(before), shapely.normalize(shape), 0.01
        ):
            raise InputError(N_("Nothing has changed, so there is nothing to keep."))
        return zone_id, {}

    return _added(store, "outline", made, shape, author=author, seen=seen, date=date)[0]


def add_zone(
    store: Store, values: Mapping[str, object], outline: Outline, *, author: str, zone_id: str = "",
    date: str | None = None,
) -> str:  # fmt: skip
    """Keep a new zone; return its id, made of its Vietnamese name where none is given.

    The ward is the one that the zone lies in, unless it is given. Faults as in `edit_attributes`.
    """
    asked = checked_attributes({"name_vi": "", "kind": "", "status": "unknown"} | dict(values))
    shape = _checked(outline)
    if not asked.get("unit_post2025"):
        wards = store.layer("wards_2025")
        inside = wards[wards.geometry.covers(shape.representative_point())]
        asked["unit_post2025"] = "" if inside.empty else str(inside["name_vi"].iloc[0])
    asked["name_en"] = asked.get("name_en") or asked["name_vi"]

    def made(zones: gpd.GeoDataFrame, table: gpd.GeoDataFrame) -> tuple[str, dict[str, object]]:
        # the id of a new zone that was undone is not given again: its history is its own
        taken = {*zones["id"].astype(str), *table["zone_id"]}
        name = str(asked["name_vi"])
        return checked_id(zone_id, taken) if zone_id else proposed_id(name, taken), asked

    return _added(store, "new", made, shape, author=author, seen=None, date=date)[1]


def undo_edit(store: Store, edit_id: str, *, author: str, date: str | None = None) -> None:
    """Mark the last edit in force of a zone as undone; it stays in the history.

    Raises
    ------
    InputError
        There is no such edit, or no author.
    ConflictError
        It is undone already, or somebody has edited the zone after it.
    """
    who, when = checked_author(author), date or _now()

    def change(now: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
        table = _none() if now is None else _filled(now)
        mine = table["id"].eq(edit_id)
        if not mine.any():
            raise InputError(N_("There is no edit {id}."), id=edit_id[:60])
        if last_edit(table, str(table.loc[mine, "zone_id"].iloc[0])) != edit_id:
            raise _conflict()
        table.loc[mine, ["undone_by", "undone_date"]] = [who, when]
        return table

    if EDITS not in store.names():
        raise InputError(N_("There is no edit {id}."), id=edit_id[:60])
    store.change_layer(EDITS, change, TITLES, author=who)


def _added(
    store: Store,
    what: What,
    made: Callable[[gpd.GeoDataFrame, gpd.GeoDataFrame], tuple[str, dict[str, object]]],
    outline: Outline | None,
    *,
    author: str,
    seen: str | None,
    date: str | None,
) -> tuple[str, str]:
    """Append the edit that `made` returns, of the zones as they are while no one else can save; return both ids."""
    who, when, edit_id, zone_id = checked_author(author), date or _now(), f"edit-{uuid4().hex[:12]}", ""

    def change(now: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
        nonlocal zone_id
        table = _none() if now is None else _filled(now)
        zone_id, content = made(store.layer(EDITED), table)
        if seen is not None and last_edit(table, zone_id) != seen:
            raise _conflict()
        row = {
            "id": edit_id, "zone_id": zone_id, "what": what, "author": who, "date": when,
            "content": json.dumps(content, ensure_ascii=False, sort_keys=True),
            "geometry_quality": "none" if outline is None else "edited", "undone_by": "", "undone_date": "",
        }  # fmt: skip
        rows = [*table.drop(columns="geometry").to_dict("records"), row]
        shapes = gpd.GeoSeries([*table.geometry, outline], crs=PLANNING_CRS)
        return gpd.GeoDataFrame(pd.DataFrame(rows, columns=list(COLUMNS)), geometry=shapes)

    store.change_layer(EDITS, change, TITLES, author=who)
    return edit_id, zone_id


def _edit(row: Mapping[str, object]) -> ZoneEdit | None:
    """Return an edit that can be laid over the zones; one that another program has spoilt is left out."""
    shape = row["geometry"]
    try:
        attributes = checked_attributes(json.loads(str(row["content"])))
    except (ValueError, AttributeError, TypeError) as error:
        _log.warning("edit %s of zone %s is left out: %s", row["id"], row["zone_id"], error)
        return None
    return ZoneEdit(
        zone_id=str(row["zone_id"]),
        what=cast("What", row["what"]),
        author=str(row["author"]),
        date=str(row["date"]),
        attributes=attributes,
        outline=shape if isinstance(shape, shapely.Polygon | shapely.MultiPolygon) else None,
    )


def _checked(outline: Outline) -> Outline:
    """Return an outline in the planning CRS, checked as one made of corners."""
    shape = checked_shape(outline)
    corners = np.array([corner for ring in rings_of(shape) for corner in ring])
    lon, lat = planning_to_lonlat(*corners.T)
    for one in zip(lon.tolist(), lat.tolist(), strict=True):
        _check_inside(*one)
    return shape


def _check_inside(lon: float, lat: float) -> None:
    if not in_study_area(lon, lat):
        west, south, east, north = STUDY_ENVELOPE
        raise InputError(
            N_("The corner {lon:.5f}, {lat:.5f} lies outside the study area (longitude {west} to {east}, latitude "
               "{south} to {north})."),
            lon=lon, lat=lat, west=west, east=east, south=south, north=north,
        )  # fmt: skip


def _zone(zones: gpd.GeoDataFrame, zone_id: str) -> Mapping[str, object]:
    found = zones[zones["id"].eq(zone_id)]
    if found.empty:
        raise InputError(N_("There is no zone {id}."), id=zone_id[:60])
    return cast("Mapping[str, object]", found.iloc[0].to_dict())


def _same(value: object, before: object) -> bool:
    if before is None or (isinstance(before, float) and np.isnan(before)):
        return value in (None, "")
    return value == (" ".join(before.split()) if isinstance(before, str) else before)


def _filled(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the edits with empty texts as such: another program may have left nulls, or columns out."""
    shapes = table.geometry.to_numpy() if isinstance(table, gpd.GeoDataFrame) else [None] * len(table)
    cells = pd.DataFrame(table).reindex(columns=list(COLUMNS)).astype(object)
    texts = cells.where(cells.notna(), "").astype("str").reset_index(drop=True)
    return gpd.GeoDataFrame(texts, geometry=gpd.GeoSeries(shapes, crs=PLANNING_CRS))


def _none() -> gpd.GeoDataFrame:
    empty = pd.DataFrame({name: pd.Series(dtype="str") for name in COLUMNS})
    return gpd.GeoDataFrame(empty, geometry=gpd.GeoSeries([], crs=PLANNING_CRS))


def _conflict() -> ConflictError:
    return ConflictError(
        N_("Somebody else has edited this zone since you opened it. What is shown now is the newest: look at it, then "
           "edit again.")
    )  # fmt: skip


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
