"""Show what a scenario changes in any job's answer: before, after, difference, and who gains and who loses."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from zoning import laws
from zoning.gains import gains
from zoning.result import Note, Result
from zoning.scenarios.model import AddFacility
from zoning.transit.modes import TRANSIT_MODES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zoning.reach import TravelNetwork
    from zoning.region import Region

FloatArray: TypeAlias = NDArray[np.float64]

LONG_MIN = 60.0
"""How far trips of people are counted as reached where the question has no limit."""
KEYS = ("id", "origin", "minutes", "zone_id", "rule_id", "need", "hour")
"""Columns by which the rows before and after belong together; origin and minutes only where there is no id."""
SAID = ("verdict", "found", "reason")
"""Words that are shown before and after as well."""
LIMITS = ("rings", "curve")
"""Frames whose rows are limits in minutes."""


@dataclass(frozen=True)
class Comparison:
    """A job's answer before and after, and the difference.

    `tables` holds, for each frame that both answers have, one row a key: every figure as `x_before`, `x_after` and
    `x_change`, with the names and geometry of the later one; rows that only one side has are kept. `wards` says, where
    the question has an origin, what becomes of the trips of people (see `trips_by_ward`).
    """

    before: Result
    after: Result
    tables: Mapping[str, pd.DataFrame]
    wards: gpd.GeoDataFrame | None
    way: str

    @property
    def broken(self) -> tuple[Note, ...]:
        """The laws of travel that the later answer breaks."""
        return self.after.broken


def compare(
    job: Any,  # noqa: ANN401 - any job's module
    request: Any,  # noqa: ANN401 - and its request
    before: Region,
    after: Region,
    *,
    known: Result | None = None,
) -> Comparison:
    """Ask a job the same question of two regions, and hold the answers against the laws of travel.

    Parameters
    ----------
    job
        A module of `zoning.jobs`.
    request
        Its request.
    before, after
        The region as it is and as a scenario has it, or with two scenarios.
    known
        What the job has answered of the region before, where that was asked already.

    Raises as the job does, and InputError where a scenario cannot be used.
    """
    old = job.run(request, before) if known is None else known
    new = job.run(request, after)
    mode, name = getattr(request, "mode", None), new.figures.get("network")
    way, broken, wards = laws.MIXED, list[Note](), None
    if isinstance(mode, str) and isinstance(name, str) and name == old.figures.get("network"):
        hour, day = getattr(request, "hour", None), getattr(request, "day", None)
        options = {"transit": getattr(request, "transit", "")} if mode in TRANSIT_MODES else {}
        one, other = (region.network(mode, hour=hour, day=day, name=name, **options) for region in (before, after))
        origins = _origins(request)
        points = before.points(origins) if origins else None
        arrive = bool(getattr(request, "arrive", False))
        # two scenarios may both add: only a region without one is a base that the other extends
        if getattr(before, "record", None) is None:
            way = laws.direction(one, other)
            # where a facility goes or moves, some are worse off on the same streets
            broken += laws.of_results(old, new, laws.MIXED if _takes_away(after) else way)
            if points is not None:
                nodes, later = (net.minutes(points, np.inf, arrive)[: len(one.node_ids)] for net in (one, other))
                broken += laws.trips(nodes, later, way)
                broken += laws.elsewhere(nodes, later, laws.touched_parts(one, other))
        if points is not None:
            limit_min = float(np.max(getattr(request, "minutes", None) or LONG_MIN))
            wards = trips_by_ward(before, (one, other), points, limit_min=limit_min, arrive=arrive)
    new = replace(new, broken=tuple(broken))
    shared = [
        one for one in new.frames if one in old.frames and (one in LIMITS or "minutes" not in _keys_of(new.frames[one]))
    ]
    tables = {one: difference(old.frames[one], new.frames[one]) for one in shared}
    return Comparison(old, new, {one: table for one, table in tables.items() if table is not None}, wards, way)


def _takes_away(region: Region) -> bool:
    changes = getattr(getattr(region, "scenario", None), "modifications", ())
    return any(isinstance(one, AddFacility) and bool(one.replaces) for one in changes)


def _origins(request: Any) -> tuple[tuple[float, float], ...]:  # noqa: ANN401 - any job's request
    """Return the points that a question is asked of, degrees; none where it is about the whole region."""
    given = getattr(request, "at", None) or ()
    return (given,) if given and isinstance(given[0], int | float) else tuple(given)


def _keys_of(frame: pd.DataFrame) -> list[str]:
    keys = [key for key in KEYS if key in frame]
    return [key for key in keys if key not in ("origin", "minutes")] or keys


def difference(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame | None:
    """Return two frames of one shape side by side; None where no key is in both, or a key is not unique."""
    keys = [key for key in _keys_of(after) if key in before]
    if not keys or before.duplicated(keys).any() or after.duplicated(keys).any():
        return None
    figures = [
        name
        for name in after.columns
        if name in before
        and name not in (*keys, "geometry")
        and pd.api.types.is_numeric_dtype(after[name].dtype)
        and pd.api.types.is_numeric_dtype(before[name].dtype)
        and not pd.api.types.is_bool_dtype(after[name].dtype)
    ]
    both = [*figures, *(name for name in SAID if name in before and name in after)]
    words = [name for name in after.columns if name not in (*keys, *both)]
    table = pd.DataFrame(before)[[*keys, *both]].merge(
        pd.DataFrame(after)[[*keys, *both]], on=keys, how="outer", suffixes=("_before", "_after"), sort=False
    )
    about = pd.concat([pd.DataFrame(after), pd.DataFrame(before)]).drop_duplicates(keys)[
        [*keys, *[word for word in words if word in after]]
    ]
    table = pd.DataFrame(table.merge(about, on=keys, how="left"))
    for name in figures:
        table[f"{name}_change"] = table[f"{name}_after"] - table[f"{name}_before"]
    if "geometry" in table and isinstance(after, gpd.GeoDataFrame):
        table = gpd.GeoDataFrame(table, geometry="geometry", crs=after.crs)
    return table


def trips_by_ward(
    region: Region, nets: tuple[TravelNetwork, TravelNetwork], points: gpd.GeoSeries, *, limit_min: float, arrive: bool
) -> gpd.GeoDataFrame:
    """Return what becomes of the people's trips from (or to) some points, one row a ward.

    Returns
    -------
    GeoDataFrame
        id, name_vi, name_en, people (null where unknown), people_before and people_after (reached within `limit_min`),
        people_change, gain (people whose trip is at least half a minute shorter, or newly in reach), lose,
        minutes_before and minutes_after (mean over people who are reached both times), minutes_change, geometry.
    """
    demand = region.demand(nets[0].name)
    people = demand["people"].to_numpy(dtype=float, na_value=np.nan)
    # a long look: who gains a minute far beyond the rings gains as well
    far = max(limit_min, 120.0)
    old, new = (net.minutes_at(demand.geometry, points, limit_min=far, arrive=arrive) for net in nets)
    wards = region.layer("wards_2025")
    columns = [column for column in ("id", "name_vi", "name_en", "population") if column in wards]
    ward = pd.Index(wards["id"].astype(str)).get_indexer(demand["unit_id"].astype(str))
    living = np.nan_to_num(people)

    def total(values: FloatArray) -> FloatArray:
        inside = ward >= 0
        return np.bincount(ward[inside], weights=values[inside], minlength=len(wards)).astype(np.float64)

    gain, lose = gains(old, new)
    both = np.isfinite(old) & np.isfinite(new)
    weight = total(np.where(both, living, 0.0))
    table = wards[[*columns, "geometry"]].copy()
    table["people"] = table.pop("population") if "population" in columns else total(living)
    known = table["people"].notna().to_numpy()
    for column, values in (
        ("people_before", np.where(old <= limit_min, living, 0.0)),
        ("people_after", np.where(new <= limit_min, living, 0.0)),
        ("gain", np.where(gain, living, 0.0)),
        ("lose", np.where(lose, living, 0.0)),
    ):
        table[column] = np.where(known, np.round(total(values)), np.nan)
    for column, values in (("minutes_before", old), ("minutes_after", new)):
        sums = total(np.where(both, living * np.where(both, values, 0.0), 0.0))
        table[column] = np.divide(sums, weight, out=np.full(len(wards), np.nan), where=weight > 0)
    table["people_change"] = table["people_after"] - table["people_before"]
    table["minutes_change"] = table["minutes_after"] - table["minutes_before"]
    return gpd.GeoDataFrame(table.reset_index(drop=True), geometry="geometry", crs=wards.crs)
