"""Tell administrative units of different dates apart, and find the wards that an old name means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from zoning.names import Entry, search
from zoning.overlap import common_area, named_pairs

if TYPE_CHECKING:
    import datetime as dt

    import geopandas as gpd

    from zoning.overlap import BoolArray

UNIT_LAYERS = ("wards_2025", "communes_until_2025", "districts_until_2025")
TEXTS = ("name_vi", "name_en", "level", "valid_from", "valid_to", "decree")
SLIVER = 0.01  # share of a unit's area below which two drawings only miss each other


def in_force(units: gpd.GeoDataFrame, on: dt.date) -> gpd.GeoDataFrame:
    """Return the units that are valid on a day, both days of `valid_from` and `valid_to` included; empty is open."""
    day = pd.Timestamp(on)
    start, end = (pd.to_datetime(units[column], errors="coerce") for column in ("valid_from", "valid_to"))
    return units[(start.isna() | (start <= day)) & (end.isna() | (day <= end))]


@dataclass(frozen=True)
class Unit:
    """A unit that a name means: what it is, when it is valid, and the wards of today that have its land.

    `wards` are ids of `wards_2025`; those of which other units have a part too are also in `shared`.
    """

    layer: str
    id: str
    name_vi: str
    name_en: str
    level: str
    valid_from: str
    valid_to: str
    decree: str
    wards: tuple[str, ...]
    shared: tuple[str, ...] = ()


def find(
    query: str, wards: gpd.GeoDataFrame, communes: gpd.GeoDataFrame, districts: gpd.GeoDataFrame, *, limit: int = 20
) -> list[Unit]:
    """Return the units that a name means, of today and of before, each with the wards of today.

    One name may be several things: "Thủ Dầu Một" was a city of 14 wards until 30 June 2025 and is one ward since. All
    of them are returned, best match first, today's before yesterday's; their dates tell them apart.

    Parameters
    ----------
    query
        As typed: with or without diacritics, short forms (`tp thu dau mot`, `h. bau bang`).
    wards, communes, districts
        Layers `wards_2025`, `communes_until_2025` (with parent_id, merged_into) and `districts_until_2025`.
    limit
        At most so many.
    """
    frames = dict(zip(UNIT_LAYERS, (wards, communes, districts), strict=True))
    rows = {(layer, str(row["id"])): row for layer, frame in frames.items() for _, row in frame.iterrows()}
    entries = [Entry(layer, one, (str(row["name_vi"]), str(row["name_en"]))) for (layer, one), row in rows.items()]
    successors = _successors(communes, wards)
    ids = wards["id"].astype(str).to_numpy()
    found = []
    for entry in search(entries, query, limit=limit):
        if entry.layer == "wards_2025":
            into, shared = ids == entry.id, np.zeros(len(ids), dtype=bool)
        else:
            key = "id" if entry.layer == "communes_until_2025" else "parent_id"
            own = communes[key].astype(str).to_numpy() == entry.id
            into = successors[own].any(axis=0)
            shared = into & successors[~own].any(axis=0)
        text = {column: _text(rows[entry.layer, entry.id].get(column)) for column in TEXTS}
        found.append(Unit(entry.layer, entry.id, wards=tuple(ids[into]), shared=tuple(ids[shared]), **text))
    return found


def _successors(communes: gpd.GeoDataFrame, wards: gpd.GeoDataFrame) -> BoolArray:
    """Return which wards have land of which communes: by decree, by outline where it is silent."""
    named = named_pairs(communes, wards)
    silent = ~named.any(axis=1)
    if silent.any():
        areas = common_area(communes[silent], wards)
        named[silent] = areas > SLIVER * areas.sum(axis=1, keepdims=True)
    return named


def _text(value: object) -> str:
    """Return a cell as text, empty where there is none; a day without its hour."""
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return ""
    return value.date().isoformat() if isinstance(value, pd.Timestamp) else str(value)
