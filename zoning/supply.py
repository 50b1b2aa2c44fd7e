"""Choose the facilities of a question: which of a layer count, how much each offers, which were left out and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from zoning.doors import ends
from zoning.errors import InputError, UnknownLayerError
from zoning.parkjobs import PARK_JOBS, job_places
from zoning.places import travel_points
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zoning.doors import Ends
    from zoning.reach.serve import Placed
    from zoning.region import Region

MOST_PLACES = 100_000
NOT_OPEN = ("planned", "under_construction", "removed")
NO_LAYERS = ("streets",)
REASONS: Mapping[str, str] = {
    "not_open": N_("not in operation"),
    "no_place": N_("place not known"),
    "approximate": N_("known only by its commune or gate: not timed"),
    "line": N_("a line, not a place"),
    "no_capacity": N_("capacity missing"),
    "bad_capacity": N_("capacity negative or not a number"),
    "off_network": N_("too far from a street that is open to this mode"),
}
"""Why a facility is left out; the first that applies counts."""
SENTENCES: Mapping[str, str] = {
    "not_open": N_("{count} of {total} places left out: not in operation."),
    "no_place": N_("{count} of {total} places left out: nobody knows where they are."),
    "approximate": N_("{count} of {total} places left out: known only by their commune or gate, which is not timed."),
    "line": N_("{count} of {total} places left out: they are lines."),
    "no_capacity": N_("{count} of {total} places left out: their capacity is missing."),
    "bad_capacity": N_("{count} of {total} places left out: their capacity is negative or not a number."),
    "off_network": N_("{count} of {total} places left out: too far from a street that is open to this mode."),
}
"""The same, told with counts."""


def split(to: str) -> tuple[str, str]:
    """Return (layer, kind) of `layer` or `layer:kind`; the kind is empty where all are meant."""
    layer, _, kind = to.strip().partition(":")
    return layer.strip(), kind.strip()


def supply(region: Region, to: str, capacity: str = "", *, planned: bool = False) -> gpd.GeoDataFrame:
    """Return the facilities of a layer, each with the point a trip to it ends at.

    Parameters
    ----------
    region
        Where the layer is; a planner's own layers count like any other.
    to
        `layer` or `layer:kind`.
    capacity
        Column of what each offers; empty: each counts 1.
    planned
        Also count what is not in operation yet.

    Returns
    -------
    id, name_vi, name_en, kind, capacity (NaN where left out for it), reason (a key of `REASONS`, empty where it
    counts), geometry: a point, None where it may not be timed. Layer order.

    Raises
    ------
    UnknownLayerError
        There is no such layer.
    InputError
        The layer has no place, no such kind or no such column, or more than `MOST_PLACES` features.
    """
    layer, kind = split(to)
    frame = places_of(region, layer)
    if layer == PARK_JOBS and "jobs" in frame:
        capacity = capacity or "jobs"
    if not isinstance(frame, gpd.GeoDataFrame) or layer in NO_LAYERS:
        raise InputError(N_("The layer {layer} is no layer of places: nothing can be reached there."), layer=layer)
    if kind:
        frame = _of_kind(frame, layer, kind)
    if not len(frame):
        raise InputError(N_("The layer {layer} is empty: there is nothing to reach."), layer=layer)
    if len(frame) > MOST_PLACES:
        raise InputError(
            N_("{layer} has {count} places; at most {most} can be timed. Take a part of them."),
            layer=to,
            count=f"{len(frame):,}",
            most=f"{MOST_PLACES:,}",
        )
    frame = frame.reset_index(drop=True)
    qualities = frame.get("geometry_quality", pd.Series("edited", index=frame.index)).fillna("edited")
    points = travel_points(frame.assign(geometry_quality=qualities))
    amounts, lacking = _capacities(frame, layer, capacity)
    lines = frame.geom_type.fillna("").str.contains("Line").to_numpy()
    closed = frame.get("status", pd.Series("", index=frame.index)).isin(NOT_OPEN).to_numpy()
    missing = points.isna().to_numpy()
    tests = {
        "not_open": closed & (not planned),
        "approximate": missing & qualities.eq("approximate").to_numpy(),
        "no_place": missing,
        "line": lines,
        "no_capacity": lacking,
        "bad_capacity": np.isnan(amounts),
    }
    reason = np.select(list(tests.values()), list(tests), default="")
    texts = {name: _texts(frame, name) for name in ("name_vi", "name_en", "kind")}
    ids = frame["id"].astype(str) if "id" in frame else pd.Series([f"{layer}-{at + 1}" for at in range(len(frame))])
    return gpd.GeoDataFrame(
        {"id": ids.to_numpy(), **texts, "capacity": amounts, "reason": reason},
        geometry=points.to_numpy(),
        crs=frame.crs,
    )


def places_of(region: Region, layer: str) -> gpd.GeoDataFrame:
    """Return a layer of the region, or the parks with their jobs; UnknownLayerError where there is no such layer."""
    try:
        return region.layer(layer)
    except UnknownLayerError:
        if layer != PARK_JOBS:
            raise
        return job_places(region)


def layers_of(region: Region, layer: str) -> tuple[str, ...]:
    """Return the layers of the region that the places of a layer are read from."""
    return tuple(one for one in (layer, "zones", "indicators") if _has(region, one)) if layer == PARK_JOBS else (layer,)


def _has(region: Region, layer: str) -> bool:
    try:
        region.layer(layer)
    except UnknownLayerError:
        return False
    return True


def ends_of(region: Region, to: str, chosen: gpd.GeoDataFrame) -> Ends:
    """Return where trips to the facilities of `supply` end: a large green space is entered at its edge."""
    layer, kind = split(to)
    frame = places_of(region, layer)
    frame = (_of_kind(frame, layer, kind) if kind else frame).reset_index(drop=True)
    quality = frame.get("geometry_quality", pd.Series("edited", index=frame.index)).fillna("edited")
    return ends(frame.geometry, chosen.geometry, chosen["kind"], layer, quality)


def on_network(chosen: gpd.GeoDataFrame, found: Placed) -> gpd.GeoDataFrame:
    """Return the facilities with `snap_m`, those that a mode cannot reach from the street marked; `found` is of those
    that counted so far, in order.
    """
    counts = chosen["reason"].eq("").to_numpy()
    snap_m = np.full(len(chosen), np.nan)
    snap_m[counts] = found.snap_m
    off = counts & np.isnan(snap_m)
    return chosen.assign(snap_m=snap_m, reason=np.where(off, "off_network", chosen["reason"].to_numpy()))


def left_out(chosen: gpd.GeoDataFrame) -> dict[str, int]:
    """Return how many facilities were left out for each reason, in the order of `REASONS`."""
    counts = chosen["reason"].value_counts()
    return {reason: int(counts[reason]) for reason in REASONS if reason in counts}


def none_left(chosen: gpd.GeoDataFrame, to: str) -> InputError:
    """Return the fault of a question that no facility is left for, with counts."""
    counts = left_out(chosen)
    return InputError(
        N_("None of the {count} places of {to} can be used: {closed} not in operation, {nowhere} without a place that"
           " may be timed, {capacity} without a usable capacity, {off} too far from a street."),
        count=len(chosen),
        to=to,
        closed=counts.get("not_open", 0),
        nowhere=sum(counts.get(reason, 0) for reason in ("no_place", "approximate", "line")),
        capacity=counts.get("no_capacity", 0) + counts.get("bad_capacity", 0),
        off=counts.get("off_network", 0),
    )  # fmt: skip


def _of_kind(frame: gpd.GeoDataFrame, layer: str, kind: str) -> gpd.GeoDataFrame:
    kinds = frame["kind"].dropna().astype(str) if "kind" in frame else pd.Series([], dtype=str)
    if kind not in set(kinds):
        known = sorted(set(kinds))
        raise InputError(
            N_("The layer {layer} has nothing of the kind “{kind}”. Its kinds: {kinds}."),
            layer=layer,
            kind=kind[:60],
            kinds=", ".join(known[:30]) or "–",
        )
    return frame[frame["kind"].astype(str).eq(kind)]


def _capacities(frame: gpd.GeoDataFrame, layer: str, column: str) -> tuple[np.ndarray, np.ndarray]:
    """Return amounts, NaN where unusable, and which are missing."""
    if not column:
        return np.ones(len(frame)), np.zeros(len(frame), dtype=bool)
    if column not in frame.columns or column == frame.geometry.name:
        fit = [name for name in frame.columns if pd.api.types.is_numeric_dtype(frame[name])]
        raise InputError(
            N_("The layer {layer} has no column “{column}” of capacities. Its columns of numbers: {columns}."),
            layer=layer,
            column=column[:60],
            columns=", ".join(fit) or "–",
        )
    # what a source says in words has its number, where there is one, in a column beside it
    values = frame.get(f"{column}_value", frame[column])
    blank = values.isna() | values.astype(str).str.strip().eq("")
    amounts = pd.to_numeric(values, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    usable = np.isfinite(amounts) & (amounts >= 0)
    return np.where(usable, amounts, np.nan), blank.to_numpy()


def _texts(frame: gpd.GeoDataFrame, column: str) -> np.ndarray:
    fallback = frame["name_vi"] if column == "name_en" and "name_vi" in frame else None
    values = frame[column] if column in frame else pd.Series(None, index=frame.index, dtype=object)
    values = values.astype(object).where(values.notna(), fallback)
    return values.astype(object).where(values.notna(), "").to_numpy()
