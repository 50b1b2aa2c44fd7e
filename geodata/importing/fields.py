"""Turn a planner's layer into what its role needs, by which column is which field; refuse what cannot be one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.importing.cells import amount, cell_text, compact, shapes_of
from geodata.importing.guess import columns_of
from geodata.importing.roles import BASICS, SHAPES
from geodata.importing.words import meaning
from zoning.errors import InputError
from zoning.names import fold
from zoning.result import Note
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geodata.importing.roles import Field, Role

_NAMED = 8
"""So many rows are named in a sentence."""


@dataclass(frozen=True)
class FieldMap:
    """Which column is which field.

    Parameters
    ----------
    columns
        Field -> column of the file.
    constants
        Field -> value that holds for the whole layer.
    meanings
        Field -> (value in the file -> what it means), where the planner says it.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    meanings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Mapped:
    """A layer as its role needs it, what was said of it, and what the planner calls each of its rows."""

    frame: gpd.GeoDataFrame
    notes: tuple[Note, ...]
    rows: tuple[int, ...]


def checked_mapping(frame: gpd.GeoDataFrame, role: Role, mapping: FieldMap) -> FieldMap:
    """Return a mapping whose fields and columns exist, and that has what the role needs; InputError otherwise."""
    known = columns_of(frame)
    for name in (*mapping.columns, *mapping.constants, *mapping.meanings):
        role.field(name)
    for name, column in mapping.columns.items():
        if column not in known:
            near = [one for one in known if compact(one) == compact(column)]
            if not near:
                raise InputError(
                    N_("The file has no column “{column}” for {field}. Its columns: {columns}."),
                    column=column[:40], field=name, columns=", ".join(one[:30] for one in known[:20]),
                )  # fmt: skip
    columns = {name: column if column in known else next(one for one in known if compact(one) == compact(column))
               for name, column in mapping.columns.items()}  # fmt: skip
    lacking = [one for one in role.fields if one.required and one.name not in (*columns, *mapping.constants)]
    if lacking:
        raise InputError(
            N_("“{role}” needs {fields}: say which column it is (--map {first}=COLUMN) or one value for all (--set "
               "{first}=VALUE). The file has: {columns}."),
            role=role.name, fields=", ".join(one.name for one in lacking), first=lacking[0].name,
            columns=", ".join(one[:30] for one in known[:20]),
        )  # fmt: skip
    return FieldMap(columns, dict(mapping.constants), dict(mapping.meanings))


def map_fields(frame: gpd.GeoDataFrame, role: Role, mapping: FieldMap, *, rows: Sequence[int] = ()) -> Mapped:
    """Return a layer with the fields of its role.

    Parameters
    ----------
    frame
        As it was read (`Upload.frame`).
    role, mapping
        What the layer is and which column is which field; see `checked_mapping`.
    rows
        What the planner calls each row: its number in the file; else counted from 1.

    Returns
    -------
    Mapped
        `BASICS`, the role's fields that were mapped, and every other column as it was; where a field has the name of a
        column that is not its own, that column gets another name.

    Raises
    ------
    InputError
        A field or column does not exist or lacks, values are no numbers or none of the choices (with their rows), or
        the geometry is not what the role needs.
    """
    mapping = checked_mapping(frame, role, mapping)
    numbers = np.asarray(rows if len(rows) else range(1, len(frame) + 1))
    frame, numbers, notes = _of_shape(frame, role, numbers)
    made: dict[str, Any] = {}
    for one in role.fields:
        if one.name in mapping.columns:
            made[one.name] = _column(frame[mapping.columns[one.name]], one, mapping, numbers, notes)
        elif one.name in mapping.constants:
            said = pd.Series([mapping.constants[one.name]] * len(frame), index=frame.index, dtype=object)
            made[one.name] = _column(said, one, mapping, numbers[:1], notes)
    if "name_vi" in made:  # a feature without a name keeps the one that it got when it was read
        made["name_vi"] = made["name_vi"].where(made["name_vi"].ne(""), frame["name_vi"])
        if "name_en" not in made and frame["name_en"].equals(frame["name_vi"]):
            made["name_en"] = made["name_vi"]
    if "sources" in made:
        made["sources"] = made["sources"].where(made["sources"].ne(""), frame["sources"])
    if role.name == "green_spaces" and "capacity" not in made and shapes_of(frame) == ["Polygon"]:
        made["capacity"] = frame.geometry.area.round(1)
        notes.append(Note(N_("The area of each green space is that of its outline.")))
    return Mapped(_joined(frame, made, mapping, role), tuple(notes), tuple(int(one) for one in numbers))


def _joined(frame: gpd.GeoDataFrame, made: Mapping[str, Any], mapping: FieldMap, role: Role) -> gpd.GeoDataFrame:
    """Return the basics, the fields and all other columns; a column that became a field of numbers or text is gone."""
    kinds = {one.name: one.kind for one in role.fields}
    gone = {column for name, column in mapping.columns.items()
            if kinds[name] not in ("choice", "flag") and column not in BASICS}  # fmt: skip
    parts: dict[str, Any] = {name: made.get(name, frame[name]) for name in ("id", "name_vi", "name_en")}
    parts |= {name: values for name, values in made.items() if name not in BASICS}
    taken = {name.casefold() for name in parts} | {one.casefold() for one in BASICS}
    for column in frame.columns:
        if column in BASICS or column in gone:
            continue
        name, number = str(column), 1
        while name.casefold() in taken:
            number += 1
            name = f"{column}_{number}"
        taken.add(name.casefold())
        parts[name] = frame[column]
    parts["geometry_quality"] = frame["geometry_quality"]
    parts["sources"] = made.get("sources", frame["sources"])
    table = pd.DataFrame(parts, index=frame.index).reset_index(drop=True)
    return gpd.GeoDataFrame(table, geometry=frame.geometry.reset_index(drop=True), crs=frame.crs)


def _of_shape(frame: gpd.GeoDataFrame, role: Role, numbers: Any) -> tuple[gpd.GeoDataFrame, Any, list[Note]]:  # noqa: ANN401 - an array
    fits = frame.geom_type.fillna("").str.removeprefix("Multi").isin(SHAPES[role.shape]).to_numpy()
    if fits.all():
        return frame, numbers, []
    wrong = numbers[~fits]
    values = {"count": len(wrong), "total": len(frame), "rows": _listed(wrong), "role": role.name}
    template = (
        N_("“{role}” needs lines: {count} of {total} features are none (feature {rows}).")
        if role.shape == "line"
        else N_("“{role}” needs areas: {count} of {total} features are none (feature {rows}).")
        if role.shape == "area"
        else N_("“{role}” needs lines or areas: {count} of {total} features are none (feature {rows}).")
    )
    if not fits.any():
        raise InputError(template, **values)
    return frame[fits], numbers[fits], [Note(template, values), Note(N_("Those are left out."))]


def _column(values: pd.Series, one: Field, mapping: FieldMap, numbers: Any, notes: list[Note]) -> pd.Series:  # noqa: ANN401 - an array
    """Return a field's values; notes get what was not understood and kept as it is."""
    texts = values.map(cell_text)
    if one.kind == "text":
        return texts
    if one.kind in ("choice", "flag"):
        return _choices(texts, one, mapping.meanings.get(one.name, {}), numbers, notes)
    amounts = (
        pd.to_numeric(values, errors="coerce").astype(float)
        if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
        else texts.map(lambda text: amount(text, one.units, decimal=one.decimal))
    )
    given = texts.ne("").to_numpy()
    bad = given & ~(np.isfinite(amounts.to_numpy(float)) & (amounts.to_numpy(float) >= 0))
    if bad.any():
        at = np.flatnonzero(bad)
        shown = [f"{numbers[min(i, len(numbers) - 1)]} “{texts.iloc[i][:20]}”" for i in at[:_NAMED]]
        raise InputError(
            N_("{field}: {count} of {total} values are no numbers of 0 or more: row {rows}. Correct them, or leave "
               "this field out."),
            field=one.name, count=len(at), total=int(given.sum()),
            rows=", ".join(shown) + (" …" if len(at) > _NAMED else ""),
        )  # fmt: skip
    if one.kind == "whole":
        return amounts.round().astype("Int64")
    return amounts


def _choices(texts: pd.Series, one: Field, said: Mapping[str, str], numbers: Any, notes: list[Note]) -> pd.Series:  # noqa: ANN401
    means = {value: _said(value, one, said) for value in texts.unique()}
    unknown = [value for value, key in means.items() if value and not key]
    if unknown and (one.closed or one.kind == "flag"):
        at = np.flatnonzero(texts.isin(unknown))
        raise InputError(
            N_("{field}: what {values} mean is not known (row {rows}). Known are: {known}. Say it with --value "
               "“{first}={example}”, or on the page."),
            field=one.name, values=", ".join(f"“{value[:30]}”" for value in unknown[:5]),
            rows=_listed([numbers[min(i, len(numbers) - 1)] for i in at]), known=", ".join(one.choices),
            first=unknown[0][:30], example=next(iter(one.choices)),
        )  # fmt: skip
    if (empty := int(texts.eq("").sum())) and one.closed and one.required:
        at = np.flatnonzero(texts.eq(""))
        raise InputError(
            N_("{field} is empty in {count} rows: row {rows}."), field=one.name, count=empty,
            rows=_listed([numbers[min(i, len(numbers) - 1)] for i in at]),
        )  # fmt: skip
    if unknown:
        count = int(texts.isin(unknown).sum())
        notes.append(Note(N_("{field}: {count} features have values that nobody here knows ({values}); they are kept "
                             "as they are."),
                          {"field": one.name, "count": count,
                           "values": ", ".join(f"“{value[:30]}”" for value in unknown[:8])}))  # fmt: skip
    result = texts.map(lambda value: means[value] or value)
    return result.eq("true") if one.kind == "flag" else result


def _said(value: str, one: Field, said: Mapping[str, str]) -> str:
    """Return what a value means: what the planner says of it, else its own words."""
    for given, key in said.items():
        if given == value or fold(given) == fold(value):
            if key in one.choices or not one.closed:
                return key
            raise InputError(
                N_("“{value}” is no value of {field}. Known are: {known}."),
                value=key[:40], field=one.name, known=", ".join(one.choices),
            )  # fmt: skip
    return meaning(value, one.choices)


def _listed(numbers: Sequence[Any]) -> str:
    return ", ".join(str(one) for one in numbers[:_NAMED]) + (" …" if len(numbers) > _NAMED else "")
