"""Count a planner's own figures of people before the published ones, ward by ward, at points or for whole wards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from zoning.names import expand, fold

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

LAYER = "people"
"""The layer of own figures: people, and unit (a ward's id or name) or a place."""
_GENERIC = ("phuong ", "xa ", "thi tran ")


def is_people(layer: pd.DataFrame) -> bool:
    """Say whether a layer of that name holds figures of people: any layer may be called so."""
    return "people" in layer and pd.api.types.is_numeric_dtype(layer["people"])


def ward_of_name(name: str, wards: pd.DataFrame) -> str:
    """Return the id of the ward that is called so, with or without its kind and diacritics; empty for none."""
    plain = _plain(name)
    for column in ("id", "name_vi", "name_en"):
        found = [str(one) for one, text in zip(wards["id"], wards[column], strict=True) if _plain(str(text)) == plain]
        if len(found) == 1:
            return found[0]
    return ""


def own_totals(own: gpd.GeoDataFrame, wards: gpd.GeoDataFrame) -> tuple[pd.Series, NDArray[np.bool_]]:
    """Return the people of the wards that rows name as their unit, and which rows those are; the latest year counts."""
    units = own["unit"].fillna("").astype(str) if "unit" in own else pd.Series("", index=own.index)
    ids = units.map({one: ward_of_name(one, wards) if one else "" for one in units.unique()})
    named = ids.ne("").to_numpy()
    rows = pd.DataFrame({"ward": ids[named], "people": own["people"].astype(float)[named]})
    rows["year"] = pd.to_numeric(own["year"], errors="coerce")[named] if "year" in own else np.nan
    latest = rows.groupby("ward")["year"].transform("max")
    rows = rows[rows["year"].eq(latest) | latest.isna()]
    return rows.groupby("ward")["people"].sum(min_count=1), named


def with_own_people(demand: gpd.GeoDataFrame, own: gpd.GeoDataFrame, wards: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the people at points of a network, those of a planner's layer instead of the published ones.

    A row that names its ward gives the ward's total, divided as the published one was. Rows with a place count at the
    point of their ward nearest to it (an area: at the points of the ward inside it, alike); a ward that any such row
    lies in has only these people. Wards that the layer does not touch stay as they are. Sums of the layer are kept.

    Parameters
    ----------
    demand
        node, unit_id, people, geometry, as `geodata.demand.spread_people` returns them.
    own
        people; unit, year where known; geometry in the CRS of `demand`.
    wards
        Layer `wards_2025`.
    """
    if not is_people(own) or not len(demand):
        return demand
    totals, named = own_totals(own, wards)
    unit = demand["unit_id"].astype(str).to_numpy()
    people = demand["people"].to_numpy(dtype=float, na_value=np.nan).copy()
    for ward, total in totals.items():
        here = np.flatnonzero(unit == ward)
        if here.size:
            weight = np.where(np.isfinite(people[here]), people[here], 0.0)
            weight = weight if weight.sum() > 0 else np.ones(here.size)
            people[here] = total * weight / weight.sum()
    shapes = own.geometry.to_numpy()
    amounts = own["people"].to_numpy(dtype=float, na_value=np.nan)
    placed = ~named & np.isfinite(amounts) & ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    if not placed.any():
        return demand.assign(people=people)
    points = demand.geometry.to_numpy()
    outlines, ids = wards.geometry.to_numpy(), wards["id"].astype(str).to_numpy()
    centres = shapely.point_on_surface(shapes[placed])
    row, at = shapely.STRtree(outlines).query(centres, predicate="intersects")
    ward_of = pd.Series(at, index=row).groupby(level=0).min()  # on a border: the first of them
    added = np.zeros(len(people))
    touched = {ids[one] for one in ward_of.unique()} & set(unit)
    by_ward = {ward: np.flatnonzero(unit == ward) for ward in touched}
    for place, ward_at in ward_of.items():
        here = by_ward.get(ids[ward_at], np.empty(0, dtype=np.intp))
        if not here.size:
            continue
        shape = shapes[placed][place]
        inside = here[shapely.intersects(points[here], shape)] if shapely.get_dimensions(shape) == 2 else here[:0]
        if not inside.size:
            inside = here[[int(np.argmin(shapely.distance(points[here], centres[place])))]]
        added[inside] += amounts[placed][place] / inside.size
    counted = np.isin(unit, list(touched))
    return demand.assign(people=np.where(counted, added, people))


def _plain(name: str) -> str:
    text = expand(fold(name))
    for word in _GENERIC:
        text = text.removeprefix(word)
    return text
