"""Make empty tables and layers for what a role asks for, which come back through the importer in one step."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from geodata.crs import PLANNING_CRS
from geodata.importing.roles import OWN, ROLES, role
from geodata.templates import Column, empty_csv, empty_workbook
from zoning.errors import InputError
from zoning.text import N_

if TYPE_CHECKING:
    from geodata.importing.roles import Role

KINDS = {"xlsx": "XLSX", "csv": "CSV", "gpkg": "GeoPackage"}
"""Kinds of empty files, with what people call them."""
BLANKS = tuple(name for name in ROLES if name != OWN)
"""Roles that have one."""
_SYSTEM = "VN-2000, kinh tuyến trục 105°45', múi 3°"
_AREAS = ("green_spaces", "buildings", "parking", "playgrounds")
"""Roles of any geometry whose places are best drawn as areas."""


def columns(chosen: str) -> tuple[Column, ...]:
    """Return the columns of a role's empty table: its fields, then where each row lies."""
    one = role(chosen)
    fields = tuple(
        Column(field.name, field.header, _what(field.what, field.required), field.example) for field in one.fields
    )
    return fields + _where(one)


def empty(chosen: str, kind: str) -> bytes:
    """Return the empty table or layer of a role; InputError for another kind than `KINDS`."""
    one = role(chosen)
    if kind not in KINDS:
        raise InputError(N_("Unknown format “{kind}”. There are: {formats}."), kind=kind[:30], formats=", ".join(KINDS))
    if kind == "csv":
        return empty_csv(columns(chosen))
    if kind == "xlsx":
        return empty_workbook(one.title_vi, columns(chosen))
    return _layer(one)


def file_name(chosen: str, kind: str) -> str:
    """Return what the file is called: the importer knows the role by it, too."""
    return f"mau_{role(chosen).name}.{kind}"


def _what(what: str, required: bool) -> str:  # noqa: FBT001 - of a field
    return "; ".join(part for part in (what, "bắt buộc" if required else "") if part)


def _where(one: Role) -> tuple[Column, ...]:
    if one.name == "population":
        note = "Một điểm trong phường, xã; điền một trong hai cách"
    elif one.shape == "any":
        note = "Điền một trong hai cách: X, Y hoặc kinh độ, vĩ độ"
    else:
        note = "Dạng WKT, ví dụ POLYGON ((598000 1214000, 599000 1214000, 599000 1215000, 598000 1214000)), y = bắc"
        if one.shape == "line":
            note = "Dạng WKT, ví dụ LINESTRING (598000 1214000, 599000 1215000), x = đông, y = bắc"
        return (Column("wkt", f"Hình (WKT, {_SYSTEM})", note),)
    return (
        Column("north", f"X bắc (m, {_SYSTEM})", note, "1214436,3"),
        Column("east", f"Y đông (m, {_SYSTEM})", note, "598371,2"),
        Column("lat", "Vĩ độ", note, "10.9804"),
        Column("lon", "Kinh độ", note, "106.6519"),
    )


def _layer(one: Role) -> bytes:
    """Return an empty GeoPackage layer in VN-2000 whose columns have the fields' headers and types."""
    import pyogrio

    kinds = {"number": float, "whole": "Int64"}
    table = pd.DataFrame(
        {field.header: pd.Series(dtype=kinds.get(field.kind, object)) for field in one.fields}  # type: ignore[call-overload]
    )
    shape = "MultiLineString" if one.shape in ("line", "way") else "Point"
    if one.shape == "area" or one.name in _AREAS:
        shape = "MultiPolygon"
    frame = gpd.GeoDataFrame(table, geometry=gpd.GeoSeries([], crs=PLANNING_CRS))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mau.gpkg"
        pyogrio.write_dataframe(frame, path, layer=one.name, driver="GPKG", geometry_type=shape)
        return path.read_bytes()
