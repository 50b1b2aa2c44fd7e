"""Bring a planner's areas in among the zones: each as an edit with author and date, that can be undone by itself."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import geopandas as gpd
import pandas as pd
import shapely

from geodata.crs import PLANNING_CRS, in_study_area, planning_to_lonlat
from geodata.edits import COLUMNS, TITLES, edits_of
from geodata.importing.cells import cell_text
from geodata.store import EDITED, EDITS
from zoning.edits import ATTRIBUTES, LEAST_HA, TEXTS, checked_attributes, checked_author, checked_shape, proposed_id
from zoning.errors import InputError, ZoningError
from zoning.names import fold
from zoning.result import Note
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geodata.store import Store
    from zoning.edits import Outline

_SAME_SHARE = 0.99
"""Two outlines that share so much of their union are one."""
_OWN = {"id", "name_vi", "name_en", "geometry", "geometry_quality", "sources"}


def add_zones(
    store: Store, frame: gpd.GeoDataFrame, *, author: str, rows: Sequence[int] = (), date: str | None = None
) -> tuple[list[str], list[Note]]:
    """Add areas as new zones in one save; return their ids, and what was left out and why.

    Parameters
    ----------
    frame
        As `map_fields` makes it for the role `zones`, in the planning CRS. Columns that zones do not have go into the
        notes of each.
    author
        Who brings them in.
    rows
        What the planner calls each row; else counted from 1.
    date
        ISO 8601, UTC; None for now.

    Raises
    ------
    InputError
        No author, or none of the areas can be a zone: the first reason is told.
    ConflictError, StoreError
        As in `Store.change_layer`; nothing is written then.
    """
    who = checked_author(author)
    when = date or datetime.now(UTC).isoformat(timespec="seconds")
    numbers = list(rows) or list(range(1, len(frame) + 1))
    wards = store.layer("wards_2025")
    asked: list[tuple[dict[str, object], Outline]] = []
    notes: list[Note] = []
    for number, row, shape in zip(numbers, frame.to_dict("records"), frame.geometry, strict=True):
        words = {str(name): value for name, value in row.items()}
        try:
            asked.append((_attributes(words, shape, wards), _outline(shape)))
        except ZoningError as fault:
            notes.append(
                Note(
                    N_("Feature {row} is left out: {reason}"),
                    {"row": number, "reason": Note(fault.template, fault.values)},
                )
            )
    ids: list[str] = []

    def change(_: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
        table = edits_of(store)
        zones = store.layer(EDITED)
        taken = {*zones["id"].astype(str), *table["zone_id"]}
        made: list[dict[str, object]] = []
        shapes: list[Outline] = []
        known = [(fold(str(name)), shape) for name, shape in zip(zones["name_vi"], zones.geometry, strict=True)]
        for values, outline in asked:
            if _there(str(values["name_vi"]), outline, known):
                notes.append(Note(N_("“{name}” is among the zones already: left out."), {"name": values["name_vi"]}))
                continue
            zone_id = proposed_id(str(values["name_vi"]), taken)
            taken.add(zone_id)
            ids.append(zone_id)
            made.append({
                "id": f"edit-{uuid4().hex[:12]}", "zone_id": zone_id, "what": "new", "author": who, "date": when,
                "content": json.dumps(values, ensure_ascii=False, sort_keys=True), "geometry_quality": "edited",
                "undone_by": "", "undone_date": "",
            })  # fmt: skip
            shapes.append(outline)
        if not made:
            raise InputError(
                N_("None of the {count} areas can be added as a zone. {reason}"), count=len(frame),
                reason=notes[0] if notes else "",
            )  # fmt: skip
        cells = pd.DataFrame([*table.drop(columns="geometry").to_dict("records"), *made], columns=list(COLUMNS))
        return gpd.GeoDataFrame(cells, geometry=gpd.GeoSeries([*table.geometry, *shapes], crs=PLANNING_CRS))

    store.change_layer(EDITS, change, TITLES)
    return ids, notes


def _attributes(row: Mapping[str, Any], shape: shapely.Geometry, wards: gpd.GeoDataFrame) -> dict[str, object]:
    """Return a zone's attributes as they are kept: what zones have no column for stands in the notes."""
    values: dict[str, object] = {"status": "unknown"}
    for name in ATTRIBUTES:
        cell = row.get(name)
        if isinstance(cell, str) or (cell is not None and not pd.isna(cell)):
            values[name] = cell if name == "area_ha" else cell_text(cell)
    values["status"] = values.get("status") or "unknown"
    more = [f"{name}: {cell_text(value)}" for name, value in row.items()
            if name not in (*ATTRIBUTES, *_OWN) and cell_text(value)]  # fmt: skip
    notes = "; ".join([*([str(values["notes"])] if values.get("notes") else []), *more])
    if notes:
        values["notes"] = notes[: TEXTS["notes"]]
    for name, most in TEXTS.items():
        if name in values:
            values[name] = str(values[name])[:most]
    if not values.get("unit_post2025"):
        inside = wards[wards.geometry.covers(shapely.point_on_surface(shape))]
        values["unit_post2025"] = "" if inside.empty else str(inside["name_vi"].iloc[0])
    values["name_en"] = values.get("name_en") or values.get("name_vi", "")
    return checked_attributes(values)


def _outline(shape: shapely.Geometry) -> Outline:
    """Return an area as a zone's outline; slivers of rings that are no larger than the least zone are left out."""
    least_m2 = LEAST_HA * 1e4
    parts = [
        shapely.Polygon(part.exterior, [ring for ring in part.interiors if shapely.Polygon(ring).area > least_m2])
        for part in shapely.get_parts(shape)
        if part.area > least_m2
    ]
    outline = checked_shape(shapely.MultiPolygon(parts) if len(parts) > 1 else parts[0] if parts else shape)
    lon, lat = planning_to_lonlat(*shapely.get_coordinates(outline.envelope).T)
    if not all(in_study_area(x, y) for x, y in zip(lon.tolist(), lat.tolist(), strict=True)):
        raise InputError(N_("It leaves the study area."))
    return outline


def _there(name: str, outline: Outline, known: Sequence[tuple[str, Any]]) -> bool:
    """Say whether a zone of that name and outline is there already: the file was brought in before."""
    for other, shape in known:
        if (
            other == fold(name)
            and shape is not None
            and shape.geom_type.endswith("Polygon")
            and shape.intersects(outline)
        ):
            shared = shapely.intersection(shape, outline).area / shapely.union(shape, outline).area
            if shared >= _SAME_SHARE:
                return True
    return False
