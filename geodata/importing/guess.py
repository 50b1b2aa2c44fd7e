"""Propose what a planner's layer is to the application, and which of its columns is which field."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geodata.importing.cells import amount, cell_text, compact, shapes_of
from geodata.importing.roles import BASICS, OWN, ROLES, SHAPES
from geodata.importing.words import meaning
from zoning.names import fold

if TYPE_CHECKING:
    import geopandas as gpd

    from geodata.importing.roles import Field, Role

_DBF_NAME = 10
"""Letters of a column's name that a Shapefile keeps."""
_BY_NAME = ("drainage", "bus_routes", "buildings")
"""Roles whose columns other layers have, too: proposed only where the file's layer is called so."""
_ENOUGH = 2
"""A role that needs no field is proposed for a layer that has so many of its own."""
_TELLING = 0.6
"""A column of no known header is proposed where so much of what it holds has a meaning."""

_AREAS_M2 = {"area_ha": 1e4, "area_m2": 1.0}
_FAR_OFF = 50.0
"""A column of areas is in another unit where it is so many times what is drawn."""


def columns_of(frame: gpd.GeoDataFrame) -> list[str]:
    """Return the columns of a read layer that a field may be taken from."""
    return [str(one) for one in frame.columns if one != frame.geometry.name and one not in ("id", "geometry_quality")]


def propose_fields(frame: gpd.GeoDataFrame, role: Role) -> dict[str, str]:
    """Return field -> column, as far as headers and values tell; a column serves one field."""
    free = {one: compact(one) for one in columns_of(frame)}
    found: dict[str, str] = {}
    if "name_vi" in free and any(one.name == "name_vi" for one in role.fields):
        found["name_vi"] = "name_vi"  # found already when the file was read
    tests = (_same, _cut, _holds)
    for test in tests:
        for one in role.fields:
            if one.name in found:
                continue
            wanted = [compact(one.name), compact(one.header), *(compact(name) for name in one.names)]
            fit = [(rank, column) for rank, name in enumerate(wanted) for column, have in free.items()
                   if column not in found.values() and column not in BASICS and test(have, name)
                   and _may_hold(frame[column], one) and _of_size(frame, column, one)]  # fmt: skip
            if fit:
                found[one.name] = min(fit, key=lambda pair: pair[0])[1]
    for one in role.fields:
        if one.kind == "choice" and one.required and one.name not in found:
            shares = {column: _share(frame[column], one) for column in free
                      if column not in found.values() and column not in ("sources", "name_en")}  # fmt: skip
            best = max(shares, key=lambda column: shares[column], default="")
            if best and shares[best] >= _TELLING:
                found[one.name] = best
            elif "name_vi" in frame and _share(frame["name_vi"], one) >= _TELLING:
                found[one.name] = "name_vi"  # Trường mầm non Hoa Mai
    if any(one.name == "name" for one in role.fields) and "name_vi" in free:
        found.setdefault("name", "name_vi")
    return found


def propose_role(frame: gpd.GeoDataFrame, *called: str) -> str:
    """Return the role whose fields a layer has, `own` where none is plain; `called` is what its file and layer are."""
    kinds = set(shapes_of(frame))
    named = {compact(one.rpartition(".")[0] or one).removeprefix("mau") for one in called if one}
    best, most = OWN, 0.0
    for role in ROLES.values():
        needed = [one for one in role.fields if one.required]
        if role.name == OWN or not kinds <= set(SHAPES[role.shape]):
            continue
        said = bool(named & {compact(role.name), compact(role.title_vi), compact(role.layer or role.name)})
        found = propose_fields(frame, role)
        own = [name for name in found if name not in ("name_vi", "name", "status", "sources", "area_ha", "kind")]
        if not said and (role.name in _BY_NAME or any(one.name not in found for one in needed)):
            continue
        if not said and (len(own) < _ENOUGH if not needed else not _telling(frame, role, found)):
            continue
        score = 100.0 * said + 2 * len(own) + len(needed)
        if score > most:
            best, most = role.name, score
    return best


def _telling(frame: gpd.GeoDataFrame, role: Role, found: dict[str, str]) -> bool:
    """Say whether most values of the kinds that a role needs are of those that it knows."""
    coded = [one for one in role.fields if one.required and one.kind == "choice"]
    return all(_share(frame[found[one.name]], one) >= _TELLING for one in coded)


def propose_values(frame: gpd.GeoDataFrame, column: str, one: Field) -> dict[str, str]:
    """Return each value of a column with what it means, empty where nobody knows; the commonest first."""
    counts = frame[column].map(cell_text).value_counts(sort=True)
    return {str(value): meaning(str(value), one.choices) for value in counts.index if value}


def _same(have: str, name: str) -> bool:
    return have == name


def _cut(have: str, name: str) -> bool:
    """Say whether a header is a name cut to the ten letters of a Shapefile."""
    return len(have) == _DBF_NAME and name.startswith(have)


def _holds(have: str, name: str) -> bool:
    return len(name) > 4 and name in have


def _may_hold(values: pd.Series, one: Field) -> bool:
    """Say whether a column can be a field: numbers where it needs them, for the most part."""
    if one.kind not in ("number", "whole") or pd.api.types.is_numeric_dtype(values):
        return True
    texts = [text for text in values.map(cell_text).tolist()[:500] if text]
    return (
        not texts or sum(not np.isnan(amount(text, one.units, decimal=one.decimal)) for text in texts) >= len(texts) / 2
    )


def _of_size(frame: gpd.GeoDataFrame, column: str, one: Field) -> bool:
    """Say whether a column of areas is in the field's unit: by its header, else by the areas that are drawn."""
    unit_m2 = _AREAS_M2.get(one.name, 1.0 if {"m2", "m²"} & set(one.units) else 0.0)
    if not unit_m2:
        return True
    said = fold(column).split()
    if ("ha" in said) != ("m2" in said):
        return ("ha" in said) == (unit_m2 > 1)
    drawn = frame.geometry.area.to_numpy() / unit_m2
    if one.name not in (*_AREAS_M2, "capacity") or not (drawn > 0).any():
        return True
    amounts = frame[column].map(lambda cell: amount(cell_text(cell), one.units, decimal=one.decimal)).to_numpy(float)
    known = np.isfinite(amounts) & (amounts > 0) & (drawn > 0)
    return not known.any() or 1 / _FAR_OFF < float(np.median(amounts[known] / drawn[known])) < _FAR_OFF


def _share(values: pd.Series, one: Field) -> float:
    """Return the share of the values of a column that mean something as a field."""
    if pd.api.types.is_numeric_dtype(values):
        return 0.0
    texts = [text for text in dict.fromkeys(values.map(cell_text).tolist()[:2000]) if text]
    return sum(bool(meaning(text, one.choices)) for text in texts) / len(texts) if texts else 0.0
