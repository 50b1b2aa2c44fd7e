"""Weigh an answer: about how many bytes of memory it holds, so that a cache can be bounded by bytes."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np
import pandas as pd
import shapely

SMALL = 64
"""Bytes of what is not looked into: a number, a short text."""
_A_GEOMETRY, _A_POINT, _DEEPEST = 160, 16, 6


def weight_of(value: object, depth: int = 0) -> int:  # noqa: PLR0911 - one line a kind of thing
    """Return about how many bytes `value` holds: arrays, tables and geometries in mappings, tuples and dataclasses."""
    if depth > _DEEPEST:
        return SMALL
    if isinstance(value, np.ndarray):
        return _of_objects(value) if value.dtype == object else int(value.nbytes)
    if isinstance(value, pd.DataFrame):
        columns = (_of_column(value.iloc[:, at]) for at in range(value.shape[1]))
        return int(value.index.memory_usage()) + sum(columns)
    if isinstance(value, pd.Series):
        return _of_column(value)
    if isinstance(value, shapely.Geometry):
        return _of_objects(np.array([value], dtype=object))
    if isinstance(value, Mapping):
        return SMALL + sum(weight_of(one, depth + 1) for one in value.values())
    if isinstance(value, list | tuple | set | frozenset):
        return SMALL + sum(weight_of(one, depth + 1) for one in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        parts = (getattr(value, part.name) for part in dataclasses.fields(value))
        return SMALL + sum(weight_of(one, depth + 1) for one in parts)
    if isinstance(value, str | bytes):
        return SMALL + len(value)
    return SMALL


def _of_column(column: pd.Series) -> int:
    values = column.array
    if column.dtype.name == "geometry":
        return _of_objects(np.asarray(values, dtype=object))
    if column.dtype == object:
        return _of_objects(np.asarray(values))
    return int(column.memory_usage(index=False, deep=True))


def _of_objects(values: np.ndarray) -> int:
    flat = values.ravel()
    shapes = shapely.is_geometry(flat)
    points = int(shapely.get_num_coordinates(flat[shapes]).sum())
    others = sum(weight_of(one, _DEEPEST) for one in flat[~shapes] if one is not None)
    return int(flat.size * 8 + shapes.sum() * _A_GEOMETRY + points * _A_POINT + others)
