"""Define how people and goods travel, and what every edge of a network costs them."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from zoning.errors import InputError, NetworkError
from zoning.reach.clock import check_day, check_hour
from zoning.reach.speeds import MOTORWAYS, SPEED_SOURCES, UNKNOWN_CLASS, congestion_factor, free_speeds
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

FOOT_CLASSES = frozenset({"footway", "path", "steps", "pedestrian", "bridleway", "corridor", "cycleway"})


@dataclass(frozen=True)
class Mode:
    """A way to travel: where it may go, how fast, and how far a place may lie from its network."""

    name: str
    title: str
    """English title, marked for translation."""
    never: frozenset[str]
    """Road classes (`highway`) that the mode never uses, whatever the edge allows."""
    snap_limit_m: float
    """Greatest distance from a place to the network; beyond it the place is off the network."""
    vehicle: str | None = None
    """Row of the legal speed table; None where no speed law binds."""
    cruise_kmh: float | None = None
    """Speed on every edge, for modes that roads and traffic do not slow."""
    cruise_source: str = ""
    """Where the cruise speed comes from."""
    cruise_kind: str = "assumption"
    """`speed_source` of the cruise speed."""
    closed_unless_tagged: frozenset[str] = frozenset()
    """Road classes that are open only where the network has its own `allow` column and says so."""

    @property
    def allow(self) -> str:
        """Name of the edge column that opens an edge to this mode."""
        return f"allow_{self.name}"


MOTORBIKE = Mode(
    "motorbike",
    N_("Motorbike"),
    # TRV-011: motorcycles are not allowed on expressways
    never=MOTORWAYS | {"steps"},
    snap_limit_m=1000.0,
    vehicle="motorcycle",
    closed_unless_tagged=FOOT_CLASSES,
)
CAR = Mode(
    "car",
    N_("Car"),
    never=frozenset({"steps"}),
    snap_limit_m=1000.0,
    vehicle="car",
    closed_unless_tagged=FOOT_CLASSES,
)
TRUCK = Mode(
    "truck",
    N_("Truck over 3.5 t"),
    never=frozenset({"steps", "footway", "path"}),
    snap_limit_m=1000.0,
    vehicle="truck_over_3_5_t",
    closed_unless_tagged=FOOT_CLASSES,
)
BICYCLE = Mode(
    "bicycle",
    N_("Bicycle"),
    never=MOTORWAYS | {"steps"},
    snap_limit_m=1000.0,
    cruise_kmh=12.0,
    # no cycling speed was measured in the region; 12 km/h is also what r5py takes where nothing is known
    cruise_source="assumption: the default of r5py (speed_cycling), no measurement in Binh Duong",
)
WALK = Mode(
    "walk",
    N_("Walk"),
    never=MOTORWAYS,
    snap_limit_m=300.0,
    cruise_kmh=4.3,
    # 1.2 m/s is 4.32 km/h, given as 4.3 in the proposed defaults of the facts
    cruise_source="TRV-072: 1.2 m/s, https://github.com/anninhn/hcmc-transit-accessibility",
    cruise_kind="fact",
)

MODES: Mapping[str, Mode] = MappingProxyType({mode.name: mode for mode in (MOTORBIKE, CAR, TRUCK, BICYCLE, WALK)})
"""Every mode by its name, the region's first mode first."""


def mode_named(name: str) -> Mode:
    """Return the mode called `name`.

    Raises
    ------
    InputError
        No mode has that name.
    """
    mode = MODES.get(str(name).strip().lower())
    if mode is None:
        raise InputError(N_("Unknown mode {mode}: one of {known}."), mode=name, known=", ".join(MODES))
    return mode


def travel_costs(edges: pd.DataFrame, mode: Mode, *, hour: float | None = None, day: str | None = None) -> pd.DataFrame:
    """Return what each edge costs a mode at an hour.

    Parameters
    ----------
    edges
        Edges of a network with `length_m` (or `length`), metres, and what is known of highway, maxspeed_kmh, free_kmh,
        divided, built_up and the `allow_…` columns. A column that is missing is taken as: minor road, no sign, no
        published speed, single carriageway, built-up, open.
    mode
        One of `MODES`.
    hour
        Hour of the day, 0 up to 24; None is free flow.
    day
        mon … sun; None is a working day.

    Returns
    -------
    Frame with the index of `edges`: seconds (inf where the mode may not go), speed_kmh (NaN there), speed_source
    (a categorical of tag, law, class, fact, assumption; congestion does not change it).

    Raises
    ------
    InputError
        The hour or the day is not one.
    NetworkError
        A length is missing, negative or not a number.
    """
    at, weekday = check_hour(hour), check_day(day)
    length_m = _lengths(edges)
    known = _filled(edges)
    if mode.vehicle is None:
        if mode.cruise_kmh is None:
            raise InputError(N_("The mode {mode} has neither a vehicle nor a speed of its own."), mode=mode.name)
        speed = np.full(len(edges), mode.cruise_kmh)
        kinds = pd.Index(list(SPEED_SOURCES))
        codes = np.full(len(edges), list(kinds).index(mode.cruise_kind), dtype=np.int8)
        source = pd.Categorical.from_codes(codes, categories=kinds)
    else:
        speed, source = free_speeds(known, mode.name, mode.vehicle)
        speed = speed * congestion_factor(mode.name, known["highway"], known["built_up"], hour=at, day=weekday)
    # a speed that is not known closes the edge: motorcycles have no limit on expressways
    passable = open_to(edges.assign(highway=known["highway"]), mode) & (speed > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        seconds = np.where(passable, length_m / speed * 3.6, np.inf)
    return pd.DataFrame(
        {"seconds": seconds, "speed_kmh": np.where(passable, speed, np.nan), "speed_source": source}, index=edges.index
    )


def open_to(edges: pd.DataFrame, mode: Mode) -> NDArray[np.bool_]:
    """Return whether a mode may use each edge: its class rules first, then the edge's own `allow` column."""
    closed = mode.never if mode.allow in edges else mode.never | mode.closed_unless_tagged
    usable: NDArray[np.bool_] = ~_classes(edges).isin(closed).to_numpy()
    if mode.allow in edges:
        usable &= edges[mode.allow].fillna(value=False).to_numpy(dtype=bool)
    return usable


def _classes(edges: pd.DataFrame) -> pd.Series:
    """Return the road class of every edge as a categorical: 150,000 texts are slow to compare one by one."""
    if "highway" not in edges:
        return pd.Series(UNKNOWN_CLASS, index=edges.index, dtype="category")
    if isinstance(edges["highway"].dtype, pd.CategoricalDtype) and edges["highway"].notna().all():
        return edges["highway"]
    codes, found = pd.factorize(edges["highway"])
    names = [str(name) for name in found]
    names += [UNKNOWN_CLASS] * (UNKNOWN_CLASS not in names)
    known = np.where(codes < 0, names.index(UNKNOWN_CLASS), codes).astype(np.intp)
    return pd.Series(pd.Categorical.from_codes(known, categories=pd.Index(names)), index=edges.index)


def _filled(edges: pd.DataFrame) -> pd.DataFrame:
    """Return the columns that speeds need, the missing ones with their stand-in."""
    size = len(edges)

    def flags(name: str, *, missing: bool) -> NDArray[np.bool_]:
        return edges[name].fillna(value=missing).to_numpy(dtype=bool) if name in edges else np.full(size, missing)

    return pd.DataFrame(
        {
            "highway": _classes(edges),
            "maxspeed_kmh": edges.get("maxspeed_kmh", np.nan),
            "free_kmh": edges.get("free_kmh", np.nan),
            "divided": flags("divided", missing=False),
            "built_up": flags("built_up", missing=True),
        },
        index=edges.index,
    )


def _lengths(edges: pd.DataFrame) -> NDArray[np.float64]:
    column = next((name for name in ("length_m", "length") if name in edges), None)
    if column is None:
        raise NetworkError(N_("The network does not say how long its edges are."))
    length_m = pd.to_numeric(edges[column], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    wrong = int(np.count_nonzero(~(np.isfinite(length_m) & (length_m >= 0))))
    if wrong:
        raise NetworkError(N_("Edges of the network without a usable length: {count}."), count=wrong)
    return length_m
