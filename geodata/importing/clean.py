"""Make a planner's layer fit for the store: whole geometries, clean columns, ids; and say what was done to each."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.values import printable_text
from zoning.names import fold
from zoning.result import Note
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

MOST_CHANGE_PCT = 1.0
"""A repair that changes a feature's area by more is kept only if the planner confirms it."""
QUALITIES = ("surveyed", "osm", "official_generalised", "gazetteer", "approximate", "schematic", "edited")
_LONGEST_NAME = 60
_GIVEN_NAMES = {
    "name_vi": ("name_vi", "ten", "ten_vi", "name", "ten goi", "ten khu", "ho ten", "title", "label", "text"),
    "name_en": ("name_en", "ten_en", "name en", "ten tieng anh", "english name"),
}
_IDS = ("id", "ma", "ma so", "code")
_OWN = {"fid", "ogc_fid", "geom", "geometry"}


@dataclass(frozen=True)
class Change:
    """What was done to one feature: its place in the file (from 1) and name, what, and by how much its area changed."""

    feature: int
    name: str
    what: Note
    change_pct: float = 0.0


def clean_shapes(shapes: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.intp], list[Change], list[Note]]:
    """Return whole geometries, the row of each, changes by feature, and notes.

    None and empty geometries are left out, collections are taken apart by kind, invalid ones are repaired by
    `make_valid(method="structure")`, which keeps areas areas.
    """
    usable = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    rows = np.flatnonzero(usable)
    notes = []
    if left_out := int((~usable).sum()):
        notes.append(Note(N_("{count} features without geometry were left out."), {"count": left_out}))
    changes: list[Change] = []
    kept: list[shapely.Geometry] = []
    kept_rows: list[int] = []
    for row in rows.tolist():
        whole, change = _repaired(shapes[row], row)
        parts = _by_kind(whole)
        changes += change
        if not parts:
            changes.append(Change(row + 1, "", Note(N_("nothing was left after the repair: left out")), 100.0))
        if len(parts) > 1:
            count = {"count": len(parts)}
            changes.append(Change(row + 1, "", Note(N_("a collection, taken apart into {count} features"), count)))
        kept += parts
        kept_rows += [row] * len(parts)
    out = np.empty(len(kept), dtype=object)
    out[:] = kept
    return out, np.asarray(kept_rows, dtype=np.intp), changes, notes


def clean_columns(table: pd.DataFrame) -> tuple[pd.DataFrame, list[Note]]:
    """Return the columns under names that every format takes, with `name_vi` and `name_en` where there are names."""
    notes, taken, columns = [], set(_OWN), {}
    for place, label in enumerate(table.columns):
        name = _column_name(str(label), place, taken)
        if name != label:
            both = {"old": _short(str(label)), "new": name}
            notes.append(Note(N_("The column “{old}” is called “{new}” here."), both))
        columns[name] = table.iloc[:, place]
    clean = pd.DataFrame(columns, index=table.index)
    folded = {fold(name): name for name in reversed(list(clean.columns))}
    for wanted, given in _GIVEN_NAMES.items():
        found = next((folded[fold(one)] for one in given if fold(one) in folded), None)
        if found is not None and wanted not in clean.columns:
            clean[wanted] = clean[found].map(lambda one: None if pd.isna(one) else str(one))
            notes.append(Note(N_("Names are taken from the column “{column}”."), {"column": found}))
    return clean, notes


def with_basics(table: pd.DataFrame, sources: str) -> tuple[pd.DataFrame, list[Note]]:
    """Return the table with what every feature of the store has: id, names, geometry_quality, sources."""
    notes = []
    column = next((one for one in table.columns if fold(one) in _IDS), None)
    given = [""] * len(table) if column is None else [_text(one) for one in table[column].tolist()]
    ids, renamed = _unique_ids(given)
    if column is None:
        notes.append(Note(N_("The layer has no ids: its features are numbered.")))
    elif renamed:
        notes.append(Note(N_("{count} features had no id of their own: they got one."), {"count": renamed}))
    names = [_text(one) for one in table.get("name_vi", pd.Series(ids)).tolist()]
    english = [_text(one) for one in table.get("name_en", pd.Series([""] * len(table))).tolist()]
    quality = [_text(one) for one in table.get("geometry_quality", pd.Series(["edited"] * len(table))).tolist()]
    given_sources = [_text(one) for one in table.get("sources", pd.Series([""] * len(table))).tolist()]
    rest = table.drop(columns=[c for c in ("id", "name_vi", "name_en", "geometry_quality", "sources") if c in table])
    basics = pd.DataFrame(
        {
            "id": ids,
            "name_vi": [name or one for name, one in zip(names, ids, strict=True)],
            "name_en": [two or name or one for two, name, one in zip(english, names, ids, strict=True)],
        }
    )
    ends = pd.DataFrame(
        {
            "geometry_quality": [one if one in QUALITIES else "edited" for one in quality],
            "sources": [one or sources for one in given_sources],
        }
    )
    return pd.concat([basics, rest.reset_index(drop=True), ends], axis=1), notes


def _repaired(shape: shapely.Geometry, row: int) -> tuple[shapely.Geometry, list[Change]]:
    if shapely.is_valid(shape):
        return shape, []
    reason = str(shapely.is_valid_reason(shape)).partition("[")[0].strip()
    before = float(shapely.area(shape))
    whole = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    if not shapely.is_valid(whole):  # parts that share an edge may come out of it unjoined
        whole = shapely.union_all(shapely.get_parts(whole))
    after = float(shapely.area(whole))
    change = 100 * abs(after - before) / max(after, before) if max(after, before) > 0 else 0.0
    return whole, [Change(row + 1, "", Note(N_("repaired ({reason})"), {"reason": reason}), change)]


def _by_kind(shape: Any) -> list[Any]:  # noqa: ANN401 - shapely's types are narrower than what it takes
    """Return a geometry itself, or a collection's areas, lines and points, each kind as one."""
    if shape is None or shapely.is_empty(shape):
        return []
    if shapely.get_type_id(shape) != 7:
        return [shape]
    parts = _leaves(shape)
    found = []
    for kind, many in ((3, shapely.multipolygons), (1, shapely.multilinestrings), (0, shapely.multipoints)):
        mine = [part for part in parts if shapely.get_type_id(part) == kind and not shapely.is_empty(part)]
        if mine:
            one = mine[0] if len(mine) == 1 else many(mine)
            found.append(one if shapely.is_valid(one) else shapely.union_all(mine))
    return found


def _leaves(shape: Any) -> list[Any]:  # noqa: ANN401 - as above
    pending, leaves = [shape], []
    while pending:
        one = pending.pop()
        if shapely.get_type_id(one) in (4, 5, 6, 7):
            pending += list(shapely.get_parts(one))[::-1]
        else:
            leaves.append(one if shapely.get_type_id(one) != 2 else shapely.LineString(one))
    return leaves


def _column_name(label: str, place: int, taken: set[str]) -> str:
    name = " ".join(printable_text(unicodedata.normalize("NFC", label)).replace("\ufffd", " ").split())[:_LONGEST_NAME]
    name = "".join(letter for letter in name if letter.isalnum() or letter in " _-./()%²").strip()
    name = name or f"column_{place + 1}"
    lower = {"id", "name_vi", "name_en", "geometry_quality", "sources", "kind", "capacity", "status"}
    if name.lower() in lower:
        name = name.lower()
    candidate, number = name, 1
    while candidate.casefold() in taken:
        number += 1
        candidate = f"{name}_{number}"
    taken.add(candidate.casefold())
    return candidate


def _unique_ids(given: Sequence[str]) -> tuple[list[str], int]:
    """Return an id for each, as it was given to the first that has it; how many are new."""
    taken, ids, renamed = set(), [], 0
    reserved = set(given)
    for at, one in enumerate(given, start=1):
        candidate, number = one[:_LONGEST_NAME] or str(at), 1
        base = candidate
        while candidate in taken or (candidate != one and candidate in reserved):
            number += 1
            candidate = f"{base}-{number}"
        renamed += candidate != one
        taken.add(candidate)
        ids.append(candidate)
    return ids, renamed


def _text(value: Any) -> str:  # noqa: ANN401 - a cell
    if value is None or pd.isna(value):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return " ".join(printable_text(str(value)).split())


def _short(text: str) -> str:
    return printable_text(text)[:40]


def as_frame(table: pd.DataFrame, geometry: gpd.GeoSeries) -> gpd.GeoDataFrame:
    """Return table and geometry as one frame, numbered anew."""
    return gpd.GeoDataFrame(table.reset_index(drop=True), geometry=geometry.reset_index(drop=True), crs=geometry.crs)
