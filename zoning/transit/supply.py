"""Hold what runs: stops, services, where they are known from, and what had to be left out."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from zoning.transit.patterns import Headway, Service, Timetable, hops
from zoning.transit.transfers import Transfers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pyproj import CRS

    from zoning.transit.patterns import Pattern

HEADWAY, TIMETABLE, NONE = "headway", "timetable", "none"
PARKING_MODES = ("metro", "brt", "rail", "tram", "ferry")
"""Lines at whose stops a motorbike can be left; of a bus line, at its two ends alone. An assumption: no list of
parking places at stops is published for the region."""


@dataclass(frozen=True)
class LeftOut:
    """A line that is not used, and why."""

    id: str
    short: str
    """Its number or proper name, the same in every language."""
    reason: str
    """A key of `zoning.transit.notes.REASONS`."""


@dataclass(frozen=True, eq=False)
class Supply:
    """Stops and services of one day.

    `stops` has id, name_vi, name_en, park (whether a motorbike can be left there) and geometry in a projected CRS;
    patterns name stops by their position in it.
    """

    stops: gpd.GeoDataFrame
    patterns: tuple[Pattern, ...]
    source: str
    """Where the services are known from, for the reader."""
    fingerprint: str
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[tuple[str, Mapping[str, object]], ...] = field(default=())
    """Sentences about the data that belong to every result: template and values."""
    transfers: Transfers = field(default_factory=Transfers)
    """What the timetables say of changing."""

    @property
    def timed(self) -> bool:
        """Whether anything runs by timetable."""
        return any(isinstance(one, Timetable) for one in self.patterns)

    @property
    def method(self) -> str:
        """How trips are timed: headway, timetable or none."""
        if not self.patterns:
            return NONE
        return TIMETABLE if self.timed else HEADWAY

    @property
    def services(self) -> tuple[Service, ...]:
        """The lines that run, each once, in order of their ids."""
        return tuple(sorted({one.service for one in self.patterns}, key=lambda one: one.id))

    @property
    def xy(self) -> np.ndarray:
        """Positions of the stops, (n, 2)."""
        return np.asarray(shapely.get_coordinates(self.stops.geometry.to_numpy()))


def no_supply(crs: CRS) -> Supply:
    """Return that nothing runs."""
    empty = {name: pd.Series(dtype="object") for name in ("id", "name_vi", "name_en")}
    stops = gpd.GeoDataFrame({**empty, "park": pd.Series(dtype=bool)}, geometry=gpd.GeoSeries([], crs=crs))
    return Supply(stops, (), "", digest("nothing"))


def headway_line(
    service: Service,
    stops: Sequence[int],
    xy: np.ndarray,
    *,
    headway_min: float,
    run_min: float,
    first_hour: float = 0.0,
    last_hour: float = 24.0,
) -> Headway:
    """Return a line in one direction that takes `run_min` from end to end, spread over its hops by their length.

    `stops` are positions in `xy`, in order of travel; the hours are those of the departures from the first stop.
    """
    at = np.asarray(stops, dtype=np.intp)
    lengths = np.hypot(*np.diff(xy[at], axis=0).T)
    when = hops(lengths.tolist(), run_min * 60)
    return Headway(service, at, when, when, headway_min * 60, first_hour * 3600, last_hour * 3600)


def with_parking(supply: Supply) -> Supply:
    """Return the supply with `park` filled in: stations, and the ends of bus lines."""
    park = np.zeros(len(supply.stops), dtype=bool)
    for pattern in supply.patterns:
        if pattern.service.mode in PARKING_MODES:
            park[pattern.stops] = True
        else:
            park[pattern.stops[[0, -1]]] = True
    return replace(supply, stops=supply.stops.assign(park=park))


def digest(*parts: object) -> str:
    """Return a hash of what a supply is made of."""
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()[:32]
