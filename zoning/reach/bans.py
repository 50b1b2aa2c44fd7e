"""Keep trucks out of areas and roads at the hours that a decree bans them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from zoning.errors import InputError
from zoning.reach.week import WeekTimes, days_of, minutes_of_week
from zoning.text import N_

if TYPE_CHECKING:
    from numpy.typing import NDArray

KINDS = {"area": ("Polygon", "MultiPolygon"), "road": ("LineString", "MultiLineString")}
COLUMNS = {
    "id": N_("Identifier"),
    "kind": N_("Area or road"),
    "name": N_("Name"),
    "weight_over_t": N_("Banned above (t)"),
    "weight_upto_t": N_("Banned up to (t)"),
    "days": N_("Days"),
    "hours": N_("Hours"),
    "decree": N_("Decree of the ban"),
    "source": N_("Source"),
}
"""Columns of the bans layer beside geometry, and their titles.

`weight_over_t` (not included) and `weight_upto_t` (included) are total mass in tonnes, null for no bound. `days` is
"mon-sat" or "mon,wed,sat-sun", `hours` is "6-9;16:30-20" or "22-5" (over midnight); both may be empty: always. The
facts hold no ban, so the layer starts empty.
"""

TRUCK_MASS_T = 10.0  # what the mode truck weighs in all where nobody says: a two-axle lorry, well above the law's 3.5 t
ROAD_WITHIN_M = 15.0  # a drawn ban follows its road within the width of a dual carriageway
AREA_EDGE_M = 25.0  # the streets that bound a banned area stay open, though it is drawn along their middle


def empty_bans(crs: str) -> gpd.GeoDataFrame:
    """Return the layer of bans with no ban in it."""
    return gpd.GeoDataFrame({name: pd.Series(dtype=object) for name in COLUMNS}, geometry=gpd.GeoSeries([], crs=crs))


def check_bans(bans: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the bans as they are, once every row can be applied.

    Raises
    ------
    InputError
        A column is missing, an id empty or used twice, a kind unknown or not the kind of its shape, days, hours or
        weights cannot be read, or a ban has no decree or no source: a planner must see whose rule it is.
    """
    for column in (*COLUMNS, "geometry"):
        if column not in bans:
            raise InputError(N_("The bans layer has no column {column}."), column=column)
    ids = bans["id"].map(_text)
    if ids.duplicated().any() or (ids == "").any():
        raise InputError(N_("Every ban needs an identifier of its own."))
    for row in bans.itertuples(index=False):
        if row.kind not in KINDS:
            raise InputError(N_("Ban {id}: the kind is area or road, not {kind}."), id=row.id, kind=row.kind)
        if row.geometry is None or row.geometry.is_empty or row.geometry.geom_type not in KINDS[row.kind]:
            raise InputError(N_("Ban {id}: an area needs a polygon and a road needs a line."), id=row.id)
        if not _text(row.decree) or not _text(row.source):
            raise InputError(N_("Ban {id}: the decree and the source must be named."), id=row.id)
    for rule in _rules(bans):
        if not 0 <= rule.over_t < rule.upto_t:
            raise InputError(N_("Ban {id}: the weights must be tonnes, the lower bound first."), id=rule.id)
    return bans


def bans_in_force(bans: gpd.GeoDataFrame, *, hour: float | None, day: str | None, weight_t: float) -> NDArray[np.bool_]:
    """Return which bans hold for a truck at an hour.

    Without an hour only the bans that hold all day do; without a day it is a working day, and a ban holds if it does on
    any day from Monday to Friday.

    Parameters
    ----------
    bans
        Bans layer.
    hour, day
        0 up to 24, mon … sun, or None.
    weight_t
        Total mass of the truck, tonnes.
    """
    rules = _rules(bans)
    if hour is None:
        held = [any(rule.times.holds_all_day(each) for each in days_of(day)) for rule in rules]
    else:
        starts = minutes_of_week(hour, day)
        held = [any(rule.times.holds(start) for start in starts) for rule in rules]
    return np.array([holds and rule.concerns(weight_t) for holds, rule in zip(held, rules, strict=True)], dtype=bool)


def edges_under(bans: gpd.GeoDataFrame, lines: gpd.GeoSeries) -> NDArray[np.bool_]:
    """Return which edges each ban covers, whatever its hours, (bans, edges).

    An area covers every edge that goes farther inside than 25 m; an area too small for that covers what touches its
    inside. A road ban covers an edge of which more than half runs within 15 m of the line.

    Parameters
    ----------
    bans
        Bans layer, in the CRS of the lines.
    lines
        Geometry of the edges in a projected CRS.

    Raises
    ------
    InputError
        The two have different coordinate systems.
    """
    if len(bans) and bans.crs != lines.crs:
        raise InputError(N_("The bans layer and the network have different coordinate systems."))
    covered = np.zeros((len(bans), len(lines)), dtype=bool)
    if not len(bans) or not len(lines):
        return covered
    drawn = bans.geometry.to_numpy()
    is_area = (bans["kind"] == "area").to_numpy()
    inner = shapely.buffer(drawn, -AREA_EDGE_M)
    inner = np.where(shapely.is_empty(inner), drawn, inner)
    shapes = np.where(is_area, inner, shapely.buffer(drawn, ROAD_WITHIN_M, cap_style="flat"))
    edges = lines.to_numpy()
    ban, edge = shapely.STRtree(edges).query(shapes, predicate="intersects")
    inside_m = shapely.length(shapely.intersection(edges[edge], shapes[ban]))
    covered[ban, edge] = inside_m > np.where(is_area[ban], 0.0, shapely.length(edges[edge]) / 2)
    return covered


def apply_bans(
    costs: pd.DataFrame,
    lines: gpd.GeoSeries,
    bans: gpd.GeoDataFrame,
    *,
    hour: float | None,
    day: str | None,
    weight_t: float,
) -> pd.DataFrame:
    """Return the costs of a truck with the banned edges closed.

    Parameters
    ----------
    costs
        As `travel_costs` gives them: seconds, speed_kmh, speed_source.
    lines
        Geometry of the same edges, in the same order.
    bans
        Checked bans layer (`check_bans`), in the CRS of the lines.
    hour, day, weight_t
        As for `bans_in_force`.

    Returns
    -------
    Copy of `costs` with seconds inf and speed NaN on banned edges, and a column `ban_id` that names the first ban on
    each, empty where there is none.
    """
    if len(costs) != len(lines):
        raise InputError(N_("The costs and the lines of the edges differ in number."))
    active = bans_in_force(bans, hour=hour, day=day, weight_t=weight_t)
    held = bans[active]
    covered = edges_under(held, lines)
    banned = np.asarray(covered.any(axis=0), dtype=bool)
    names = np.full(len(costs), "", dtype=object)
    if len(held):
        first = held["id"].astype(str).to_numpy()[covered.argmax(axis=0)]
        names[banned] = first[banned]
    return costs.assign(
        seconds=np.where(banned, np.inf, costs["seconds"]),
        speed_kmh=np.where(banned, np.nan, costs["speed_kmh"]),
        ban_id=names,
    )


def bans_within(
    bans: gpd.GeoDataFrame,
    hour: float,
    duration_min: float,
    *,
    day: str | None = None,
    weight_t: float | None = None,
) -> pd.DataFrame:
    """Return the bans that begin while a trip is under way, so that a job can flag it.

    Parameters
    ----------
    bans
        Bans layer.
    hour, day
        Start of the trip; no day means that a ban counts if it begins on any working day.
    duration_min
        Length of the trip, minutes; a ban that begins at its very end counts.
    weight_t
        Total mass of the truck, tonnes; None for any truck.

    Returns
    -------
    Frame with id, name, decree and begins_in_min, the soonest beginning of each ban, soonest ban first. A ban that
    holds already at the start is in it only where it ends and begins again: `apply_bans` closed its edges.
    """
    if not np.isfinite(duration_min) or duration_min < 0:
        raise InputError(N_("The duration of a trip cannot be {minutes} minutes."), minutes=duration_min)
    starts = minutes_of_week(hour, day)
    found = []
    for rule in _rules(bans):
        waits = [wait for start in starts if (wait := rule.times.begins_in(start, duration_min)) is not None]
        if waits and (weight_t is None or rule.concerns(weight_t)):
            found.append((rule.id, rule.name, rule.decree, min(waits)))
    table = pd.DataFrame(found, columns=["id", "name", "decree", "begins_in_min"])
    return table.astype({"begins_in_min": float}).sort_values(["begins_in_min", "id"], ignore_index=True)


@dataclass(frozen=True)
class _Rule:
    """A ban without its place."""

    id: str
    name: str
    decree: str
    over_t: float
    upto_t: float
    times: WeekTimes

    def concerns(self, weight_t: float) -> bool:
        return self.over_t < weight_t <= self.upto_t


def _rules(bans: gpd.GeoDataFrame) -> list[_Rule]:
    over = _tonnes(bans["weight_over_t"], unbounded=0.0)
    upto = _tonnes(bans["weight_upto_t"], unbounded=np.inf)
    texts = (bans[column].map(_text) for column in ("id", "name", "decree", "days", "hours"))
    return [
        _Rule(name, title, decree, over_t, upto_t, WeekTimes.read(days, hours))
        for name, title, decree, days, hours, over_t, upto_t in zip(*texts, over, upto, strict=True)
    ]


def _tonnes(cells: pd.Series, *, unbounded: float) -> list[float]:
    """Return weights: the bound where a cell is null or empty, NaN where it is no number."""
    empty = cells.map(_text) == ""
    numbers = pd.to_numeric(cells.where(~empty, unbounded), errors="coerce")
    return [float(number) for number in numbers]


def _text(value: object) -> str:
    """Return a cell as text, nothing where it is null."""
    return "" if pd.isna(value) else str(value).strip()  # type: ignore[call-overload]
