"""Carry what a street graph knows of its edges: class, name, lanes, who may use them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from zoning.errors import InputError
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from numpy.typing import NDArray

    Texts: TypeAlias = Sequence[str] | NDArray[Any] | pd.Series | pd.Categorical

TEXTS = ("highway", "name", "kind", "source_id", "speed_source")
NUMBERS = ("maxspeed_kmh", "free_kmh", "lanes")
FLAGS = (
    "divided",
    "built_up",
    "allow_walk",
    "allow_bicycle",
    "allow_motorbike",
    "allow_car",
    "allow_truck",
)
KNOWN = (*TEXTS, *NUMBERS, *FLAGS)


def attribute_frame(edges: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Collect the known attributes of edges, one row an edge; attributes that no edge has are left out.

    osmnx holds a list where merged ways differ: of classes and numbers the first counts, names are joined by " / ".
    """
    columns: dict[str, object] = {}
    for name in KNOWN:
        values = [edge.get(name) for edge in edges]
        if any(value is not None for value in values):
            columns[name] = column(name, values)
    return pd.DataFrame(columns, index=pd.RangeIndex(len(edges)))


def column(name: str, values: Sequence[object]) -> pd.Categorical | NDArray[Any]:
    """Return `values` of attribute `name` as a column of its kind: categories, floats or truth values."""
    if name in TEXTS:
        return categorical([_text(name, value) for value in values])
    if name in NUMBERS:
        return np.array([_number(value) for value in values], dtype=np.float64)
    # where a graph says who may use a street, silence on one edge forbids nothing
    default = name.startswith("allow_")
    return np.array([default if _missing(value) else bool(value) for value in values], dtype=bool)


def categorical(values: Texts) -> pd.Categorical:
    """Hold texts as categories of plain strings, whatever pandas makes of them elsewhere: only equal kinds join."""
    if isinstance(values, list) and all(type(value) is str for value in values):  # no need to ask pandas what they are
        names = sorted(set(values))
        number = {name: at for at, name in enumerate(names)}
        codes = np.fromiter((number[value] for value in values), dtype=np.intp, count=len(values))
        return pd.Categorical.from_codes(codes, categories=pd.Index(names, dtype=object))
    held = values if isinstance(values, pd.Series | pd.Categorical) else np.asarray(values, dtype=object)
    found: pd.Categorical = pd.Categorical(cast("pd.Series", held))
    texts = pd.Index([str(text) for text in found.categories], dtype=object)
    return pd.Categorical.from_codes(found.codes, categories=texts)


def source_column(values: Texts, count: int) -> pd.Categorical:
    """Return where speeds came from as categories; InputError if there is not one an edge."""
    sources = categorical(values)
    if len(sources) != count:
        raise InputError(
            N_("Speed sources must be one an edge: {found} were given for {count} edges."),
            found=len(sources),
            count=count,
        )
    return sources


def joined(upper: pd.DataFrame, lower: pd.DataFrame) -> pd.DataFrame:
    """Append the rows of `lower`; an attribute that one of them lacks is filled as silence is."""
    columns: dict[str, object] = {}
    for name in (name for name in KNOWN if name in upper or name in lower):
        halves = [
            frame[name] if name in frame else pd.Series(column(name, [None] * len(frame)), index=frame.index)
            for frame in (upper, lower)
        ]
        if name in TEXTS:
            columns[name] = pd.api.types.union_categoricals(halves, sort_categories=True)
        else:
            columns[name] = np.concatenate([half.to_numpy() for half in halves])
    return pd.DataFrame(columns, index=pd.RangeIndex(len(upper) + len(lower)))


def _missing(value: object) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value))


def _text(name: str, value: object) -> str:
    if isinstance(value, list | tuple | set):
        parts = [str(part) for part in value]
        return " / ".join(parts) if name in {"name", "source_id"} else (parts[0] if parts else "")
    return "" if _missing(value) else str(value)


def _number(value: object) -> float:
    if isinstance(value, list | tuple) and value:
        value = value[0]
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return math.nan
