"""Turn the cells of a frame into plain values and text that every export format can hold."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd
from shapely.geometry.base import BaseGeometry

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

Plain: TypeAlias = "bool | int | float | str | list[Plain] | dict[str, Plain] | None"
"""What JSON can say."""

_EXACT = 2**53
"""Whole numbers below this survive in a 64-bit float."""
_DIGITS = 12
"""Digits kept of a fraction: the rest is noise of the processor, and would differ between machines."""
# what XML 1.0 cannot hold at all, even escaped; tab, line feed and carriage return stay
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def plain_value(value: object) -> Plain:
    """Return `value` as JSON can say it: whole numbers as int, missing and infinite as None, times as ISO 8601.

    Texts are normalised to NFC, sets are sorted, a geometry in a second column becomes its WKT.
    """
    if isinstance(value, np.datetime64):
        value = pd.Timestamp(value)
    elif isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    for kinds, convert in _CONVERSIONS:
        if isinstance(value, kinds):
            return convert(value)
    return plain_text(str(value))


def plain_text(text: str) -> str:
    """Return `text` in NFC, without the lone halves of characters that UTF-8 cannot write."""
    return unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode("utf-8"))


def printable_text(text: str) -> str:
    """Return `text` in NFC without control characters: what XML, file names and cells may hold."""
    return plain_text(_UNPRINTABLE.sub("\ufffd", text))


def one_cell(value: Plain) -> str:
    """Return a plain value as the text of one cell: empty for None, lists joined by semicolons."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "; ".join(one_cell(part) for part in value)
    if isinstance(value, dict):
        return "; ".join(f"{key}: {one_cell(part)}" for key, part in value.items())
    return str(value)


def attributes(frame: pd.DataFrame | gpd.GeoDataFrame) -> dict[str, list[Plain]]:
    """Return the columns of `frame` but its geometry as plain values, names NFC and unique whatever their case."""
    geometry = getattr(frame, "_geometry_column_name", None)
    columns: dict[str, list[Plain]] = {}
    taken: set[str] = set()
    for place, label in enumerate(frame.columns):
        if label == geometry:
            continue
        name = _unique(plain_text(str(label)), taken)
        columns[name] = [plain_value(value) for value in frame.iloc[:, place].tolist()]
    return columns


def with_ids(frame: pd.DataFrame | gpd.GeoDataFrame, ids: Sequence[str]) -> dict[str, list[Plain]]:
    """Return `attributes` with the ids in front, in place of a column `id`."""
    columns = attributes(frame)
    columns.pop("id", None)
    first: dict[str, list[Plain]] = {"id": list(ids)}
    return first | columns


def _unique(name: str, taken: set[str]) -> str:
    """Return `name`, with a number behind it where an earlier column is called alike: readers fold the case."""
    candidate, number = name or "_", 1
    while candidate.casefold() in taken:
        number += 1
        candidate = f"{name}_{number}"
    taken.add(candidate.casefold())
    return candidate


def _number(value: float) -> Plain:
    if not np.isfinite(value):
        return None
    if value.is_integer() and abs(value) < _EXACT:
        return int(value)
    return float(f"{value:.{_DIGITS}g}")


def _mapping(value: Mapping[object, object]) -> Plain:
    return {plain_text(str(key)): plain_value(part) for key, part in value.items()}


# the first kind that fits: bool is an int and text is iterable, so their order matters
_CONVERSIONS: tuple[tuple[tuple[type, ...], Callable[[Any], Plain]], ...] = (
    ((bool,), bool),
    ((int,), int),
    ((float,), _number),
    ((str,), plain_text),
    ((dt.datetime, dt.date, dt.time, pd.Timedelta), lambda value: str(value.isoformat())),
    ((Mapping,), _mapping),
    ((set, frozenset), lambda value: sorted((plain_value(part) for part in value), key=str)),
    ((BaseGeometry,), lambda value: str(value.wkt)),
    ((bytes,), lambda value: str(value.hex())),
    ((Iterable,), lambda value: [plain_value(part) for part in value]),
)
