"""Give every edge a free speed and say where it comes from: a sign, the law, a road class, a fact or an assumption."""

from __future__ import annotations

import csv
import functools
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from zoning.errors import InputError
from zoning.reach.clock import check_hour, day_kind
from zoning.text import N_

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

SPEED_SOURCES = {
    "tag": N_("speed sign on the map"),
    "law": N_("legal limit of the vehicle"),
    "class": N_("usual speed of the road class"),
    "fact": N_("published speed"),
    "assumption": N_("assumption"),
}
"""What `speed_source` may be, and how to say it."""

_CODE = {name: code for code, name in enumerate(SPEED_SOURCES)}

MOTORWAYS = frozenset({"motorway", "motorway_link"})
MAIN_CLASSES = MOTORWAYS | {
    f"{road_class}{link}" for road_class in ("trunk", "primary", "secondary", "tertiary") for link in ("", "_link")
}
"""Ways whose traffic the observed speeds of the facts describe; all others are minor."""

UNKNOWN_CLASS = "unclassified"  # a way of a class that the tables lack is taken as a minor road


@functools.cache
def speed_table(name: str) -> pd.DataFrame:
    """Return the rules in `zoning/reach/tables/<name>.csv`: legal_speeds, class_speeds or congestion.

    Every row has its `source`; the frame is shared, copy it before changing it.
    """
    file = resources.files("zoning.reach").joinpath("tables", f"{name}.csv")
    table = pd.DataFrame(list(csv.DictReader(file.read_text(encoding="utf-8").splitlines())))
    for column in table.columns:
        if column.endswith(("_kmh", "_hour")) or column == "factor":
            table[column] = pd.to_numeric(table[column])
    return table


@functools.cache
def _legal_limits(vehicle: str) -> dict[tuple[str, str], float]:
    table = speed_table("legal_speeds")
    rows = table[table.vehicle == vehicle]
    if rows.empty:
        raise InputError(
            N_("No legal speed is known for the vehicle {vehicle}: one of {known}."),
            vehicle=vehicle,
            known=", ".join(sorted(set(table.vehicle))),
        )
    return dict(zip(zip(rows.place, rows.carriageway, strict=True), rows.limit_kmh.astype(float), strict=True))


def legal_limit_kmh(
    vehicle: str, *, built_up: ArrayLike, divided: ArrayLike, motorway: ArrayLike = False
) -> NDArray[np.float64]:
    """Return the legal limit where no sign says otherwise, in km/h.

    Parameters
    ----------
    vehicle
        Row of `legal_speeds.csv`: car, truck_over_3_5_t, motorcycle, …
    built_up, divided, motorway
        One bool an edge: in a built-up area; a dual carriageway or one-way with two lanes or more; an expressway.
        They broadcast.

    Returns
    -------
    Array of the inputs' common shape, NaN on expressways closed to the vehicle.

    Raises
    ------
    InputError
        The law has no row for the vehicle.

    Source: Circular 38/2024/TT-BGTVT, TRV-001 to TRV-015 of the facts.
    """
    limits = _legal_limits(vehicle)
    of_road = np.where(
        np.asarray(built_up, dtype=bool),
        np.where(divided, limits["built_up", "divided"], limits["built_up", "single"]),
        np.where(divided, limits["outside", "divided"], limits["outside", "single"]),
    )
    return np.where(motorway, limits.get(("expressway", "divided"), np.nan), of_road)


def class_cap_kmh(mode: str, highway: pd.Series) -> NDArray[np.float64]:
    """Return what `mode` usually makes on roads of a class, in km/h, NaN where the law alone is the rule.

    Classes that no table knows count as `unclassified`.
    """
    caps = _class_caps(mode)
    held = highway.array
    if isinstance(held, pd.Categorical):
        codes, names = held.codes.astype(np.intp), held.categories
    else:
        codes, names = pd.factorize(highway)
    usual = [caps.get(str(name), caps[UNKNOWN_CLASS]) for name in names]
    return np.array([*usual, caps[UNKNOWN_CLASS]])[codes]  # code -1, no class at all, takes the last


@functools.cache
def _class_caps(mode: str) -> dict[str, float]:
    table = speed_table("class_speeds")
    known = dict(zip(table["road_class"], table[f"{mode}_kmh"].astype(float), strict=True))
    return {str(name): known.get(name, np.nan) for name in {*known, *MAIN_CLASSES}}


def free_speeds(edges: pd.DataFrame, mode: str, vehicle: str) -> tuple[NDArray[np.float64], pd.Categorical[str]]:
    """Return the speed of a motor vehicle on empty roads, in km/h, and its source, one of `SPEED_SOURCES`.

    The first of these that is known holds on each edge:

    1. a sign (`maxspeed_kmh`): it stands above the general limits of an area, but no vehicle exceeds what the law
       grants it outside built-up areas (then the source is the law);
    2. a published speed (`free_kmh`), under the legal limit of the vehicle;
    3. the legal limit, or the usual speed of the class where the limit would be absurd (an alley, a ramp, a track).

    On the lattice of local connectors (`highway` = local) the speed is the setting that the graph carries in
    `free_kmh`, and always an assumption.

    Parameters
    ----------
    edges
        Columns highway, maxspeed_kmh, free_kmh, divided, built_up: the network schema, none missing.
    mode, vehicle
        Column of `class_speeds.csv` and row of `legal_speeds.csv`.
    """
    highway = edges["highway"]
    motorway = highway.isin(MOTORWAYS).to_numpy()
    divided = edges["divided"].to_numpy(dtype=bool)
    legal = legal_limit_kmh(vehicle, built_up=edges["built_up"], divided=divided, motorway=motorway)
    ceiling = legal_limit_kmh(vehicle, built_up=False, divided=divided, motorway=motorway)
    cap = class_cap_kmh(mode, highway)
    sign = _positive(edges["maxspeed_kmh"])
    published = _positive(edges["free_kmh"])
    local = highway.eq("local").to_numpy()

    # the class fills what the law leaves open, and caps what it allows too freely
    speed = np.fmin(legal, cap)
    source = np.where(cap < np.where(np.isnan(legal), np.inf, legal), _CODE["class"], _CODE["law"])

    known = ~np.isnan(published) & ~local
    speed = np.where(known, np.fmin(published, legal), speed)
    source = np.where(known, np.where(published > legal, _CODE["law"], _CODE["fact"]), source)

    signed = ~np.isnan(sign) & ~local
    speed = np.where(signed, np.fmin(sign, ceiling), speed)
    source = np.where(signed, np.where(sign > ceiling, _CODE["law"], _CODE["tag"]), source)

    speed = np.where(local, np.fmin(np.where(np.isnan(published), cap, published), legal), speed)
    source = np.where(local, _CODE["assumption"], source)
    return speed, pd.Categorical.from_codes(source.astype(np.int8), categories=pd.Index(list(SPEED_SOURCES)))


def congestion_factor(
    mode: str, highway: pd.Series, built_up: ArrayLike, *, hour: float | None = None, day: str | None = None
) -> NDArray[np.float64]:
    """Return the share of its free speed that a mode keeps at an hour, 0 < factor <= 1, one value an edge.

    Parameters
    ----------
    mode
        Name in `congestion.csv`; a mode without rows there (walk, bicycle) keeps its speed.
    highway, built_up
        Road class and whether the edge lies in a built-up area.
    hour
        Hour of the day, 7.5 is half past seven; None is free flow. A period of the table holds from its first hour up
        to, not including, its last.
    day
        mon … sun; None is a working day.

    Source: reasoned from TRV-016 to TRV-023 and TRV-072 of the facts, row by row in the table.
    """
    factor = np.ones(len(highway))
    kind = day_kind(day)
    at = check_hour(hour)
    if at is None:
        return factor
    table = speed_table("congestion")
    rows = table[(table["mode"] == mode) & (table.days == kind) & (table.from_hour <= at) & (table.to_hour > at)]
    main = highway.isin(MAIN_CLASSES).to_numpy()
    inside = np.asarray(built_up, dtype=bool)
    ways = {"main_built_up": main & inside, "main_outside": main & ~inside, "minor": ~main}
    for name, value in zip(rows.ways, rows.factor, strict=True):
        factor[ways[name]] = value
    return factor


def _positive(values: pd.Series) -> NDArray[np.float64]:
    """Return numbers above zero and finite, else NaN: a speed of 0 in a source is a gap, not a speed."""
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    return np.where(np.isfinite(numbers) & (numbers > 0), numbers, np.nan)
