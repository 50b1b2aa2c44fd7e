"""Read the cells and headers of a planner's table: texts, numbers as people write them, headers folded."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pandas as pd

from zoning.names import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

_UNIT = re.compile(r"\(.*?\)|\[.*?\]")
_GROUPED = re.compile(r"\d{1,3}(?:[ .\u00a0]\d{3})+(?:,\d+)?")
_COMMAS = re.compile(r"\d{1,3}(?:,\d{3}){2,}(?:\.\d+)?|\d{1,3}(?:,\d{3})+\.\d+")
_PLAIN = re.compile(r"\d+(?:[.,]\d+)?")


def amount(text: str, units: Sequence[str] = (), *, decimal: bool = False) -> float:
    """Return a number as people write it, with or without a unit behind it: 1.200, 1 200, 2,5 t; NaN for anything else.

    A single point or comma with three digits behind it is a thousands mark, as Vietnamese and English write whole
    numbers, unless the number is `decimal` by its nature (hectares, tonnes); other points and commas are decimal ones.
    """
    plain = text.strip().casefold()
    for unit in sorted(units, key=len, reverse=True):
        plain = plain.removesuffix(unit.casefold()).strip()
    if decimal and _PLAIN.fullmatch(plain):
        return float(plain.replace(",", "."))
    if _GROUPED.fullmatch(plain):
        return float(re.sub(r"[ .\u00a0]", "", plain).replace(",", "."))
    if _COMMAS.fullmatch(plain) or re.fullmatch(r"[1-9]\d{0,2},\d{3}", plain):
        return float(plain.replace(",", ""))
    return float(plain.replace(",", ".")) if _PLAIN.fullmatch(plain) else float("nan")


def compact(name: str) -> str:
    """Return a header without diacritics, spaces and units: Mật độ xây dựng (%) is matdoxaydung."""
    return fold(_UNIT.sub(" ", name)).replace(" ", "")


def shapes_of(frame: gpd.GeoDataFrame) -> list[str]:
    """Return which geometries a layer has: Point, LineString, Polygon."""
    return sorted({str(one).removeprefix("Multi") for one in frame.geom_type.dropna().unique()})


def cell_text(value: Any) -> str:  # noqa: ANN401 - a cell
    """Return a cell as text, whole numbers without a point, empty where nothing stands in it."""
    if value is None or (pd.api.types.is_scalar(value) and pd.isna(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return " ".join(str(value).split())
