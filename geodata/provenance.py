"""Say in an export where its layer comes from and how it may be used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from geodata.values import plain_value

if TYPE_CHECKING:
    from geodata.values import Plain

FIELDS = ("title_vi", "title_en", "source", "licence", "attribution", "date", "method")
"""What is known of a layer, in the order in which exports write it."""


def provenance_record(info: object, frame: pd.DataFrame) -> dict[str, Plain]:
    """Return what an export says of its layer.

    Parameters
    ----------
    info
        A row of `Store.layers()`, a mapping or an object with the attributes `name` (or `layer`) and `FIELDS`.
    frame
        The features that are exported: how well their places are known is counted.

    Returns
    -------
    dict
        layer, `FIELDS` (None where unknown) and, where features say it, the count of each geometry quality. No clock:
        equal input gives equal exports.
    """
    record: dict[str, Plain] = {"layer": layer_name(info)}
    record |= {field: plain_value(_get(info, field)) for field in FIELDS}
    if "geometry_quality" in frame.columns:
        counts = frame["geometry_quality"].dropna().astype(str).value_counts().sort_index()
        record["geometry_quality"] = {str(quality): int(count) for quality, count in counts.items()}
    return record


def layer_name(info: object) -> str:
    """Return the name of the layer that `info` describes."""
    return str(_get(info, "name") or _get(info, "layer") or "layer")


def _get(info: object, field: str) -> object:
    if isinstance(info, (Mapping, pd.Series)):
        return info.get(field)
    return getattr(info, field, None)
