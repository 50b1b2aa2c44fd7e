"""Follow one trip by public transport leg by leg: walk, wait, ride, walk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from zoning.errors import UnreachableError
from zoning.reach.check import coordinates
from zoning.text import N_
from zoning.transit.patterns import SLACK_S, Timetable
from zoning.transit.raptor import ride_rounds
from zoning.transit.walks import stop_places

if TYPE_CHECKING:
    from zoning.reach import TravelNetwork
    from zoning.reach.check import Points
    from zoning.transit.network import TransitNetwork
    from zoning.transit.patterns import FloatArray, Pattern

WALK, WAIT, RIDE, CHANGE = "walk", "wait", "ride", "change"
LEGS = {WALK: N_("Walk"), WAIT: N_("Wait"), RIDE: N_("Ride"), CHANGE: N_("Change"), "motorbike": N_("Motorbike")}
EPSILON_S = 1e-3  # the same moment, found twice


@dataclass(frozen=True)
class Boarding:
    """One ride: where it begins and ends in the pattern, and when the passenger is at the stop, leaves and arrives."""

    pattern: Pattern
    start: int
    end: int
    at_s: float
    leave_s: float
    arrive_s: float


def journey(network: TransitNetwork, origin: Points, destination: Points) -> gpd.GeoDataFrame:
    """Return the quickest trip that begins at the hour, one row a leg of street, wait or ride.

    By timetable it is that of the first departure tried: the time of a window is a percentile of many such trips.

    Parameters
    ----------
    network
        What people travel by.
    origin, destination
        One point each, in its CRS.

    Returns
    -------
    geopandas.GeoDataFrame
        The columns of `TravelNetwork.route`, and `leg` (a key of LEGS), `line` and `stop` (names; empty on foot).

    Raises
    ------
    UnreachableError
        No way leads there.
    """
    begin = float(network.departures_s[0])
    access = network.access_s(origin)
    egress = _egress(network, destination)
    direct = 60 * float(network.walk.minutes_matrix(origin, destination, np.inf)[0, 0])
    patterns, walks = network.forwards
    settings = network.settings
    rounds = ride_rounds(
        patterns, walks, access[:, None] + begin, boardings=settings.boardings, wait_share=settings.wait_share,
        change_s=60 * settings.change_min,
    )  # fmt: skip
    ends = [one[:, 0] + egress - begin for one in rounds]
    best = min((float(one.min(initial=np.inf)) for one in ends), default=np.inf)
    if not np.isfinite(min(best, direct)):
        raise UnreachableError(
            N_("No open way leads from one point to the other on this network, in this mode and direction.")
        )
    if direct <= best:
        return _timed([_street(network.walk, origin, destination, WALK)], network)
    number = next(at for at, one in enumerate(ends) if one.min(initial=np.inf) <= best + SLACK_S)
    stop = int(np.argmin(ends[number]))
    rides = _boardings(network, rounds, access + begin, number, stop)
    return _timed(_legs(network, origin, destination, rides, access), network)


def _egress(network: TransitNetwork, destination: Points) -> FloatArray:
    stops = network.supply.stops.geometry
    if not len(stops):
        return np.empty(0)
    found = np.full(len(stops), np.inf)
    placed = np.unique(stop_places(network.walk, coordinates(stops, network.crs)).point)
    if placed.size:
        found[placed] = 60 * network.walk.minutes_matrix(stops.iloc[placed], destination, np.inf)[:, 0]
    return found


def _boardings(
    network: TransitNetwork, rounds: list[FloatArray], access_at_s: FloatArray, number: int, stop: int
) -> list[Boarding]:
    """Return the rides that lead to a stop, by looking which ride of which pattern arrives when the search says."""
    patterns, walks = network.forwards
    settings = network.settings
    rides: list[Boarding] = []
    for one in range(number, -1, -1):
        arrival = float(rounds[one][stop, 0])
        at = access_at_s if one == 0 else walks.walked(rounds[one - 1] + 60 * settings.change_min)[:, 0]
        rides.append(_ride_to(patterns, at, arrival, stop, settings.wait_share))
        if one:
            stop = _walked_from(network, rounds[one - 1][:, 0], rides[-1])
    return rides[::-1]


def _ride_to(patterns: tuple[Pattern, ...], at: FloatArray, arrival: float, stop: int, share: float) -> Boarding:
    for pattern in patterns:
        for end in np.flatnonzero(pattern.stops == stop).tolist():
            here = at[pattern.stops]
            for start in range(end - 1, -1, -1):  # the latest boarding that still is in time
                alone = np.full((pattern.stops.size, 1), np.inf)
                alone[start] = here[start]
                there = float(pattern.rides(alone, share)[end, 0]) if np.isfinite(here[start]) else np.inf
                if abs(there - arrival) <= EPSILON_S:
                    return Boarding(
                        pattern, start, end, float(here[start]), _leaving(pattern, start, end, there), there
                    )
    raise UnreachableError(N_("No ride of any line leads there."))


def _leaving(pattern: Pattern, start: int, end: int, arrive: float) -> float:
    """Return when the vehicle that arrives then has left the stop where it was boarded."""
    if isinstance(pattern, Timetable):
        trip = int(np.flatnonzero(np.abs(pattern.arrive_s[:, end] - arrive) <= EPSILON_S)[-1])
        return float(pattern.depart_s[trip, start])
    return arrive - float(pattern.arrive_s[end] - pattern.depart_s[start])


def _walked_from(network: TransitNetwork, arrived: FloatArray, ride: Boarding) -> int:
    """Return the stop of the ride before, from which the boarding stop is reached when it is."""
    _, walks = network.forwards
    stop, change = int(ride.pattern.stops[ride.start]), 60 * network.settings.change_min
    stay = 0.0 if walks.stay is None else float(walks.stay[stop])
    if abs(arrived[stop] + stay + change - ride.at_s) <= EPSILON_S:
        return stop
    rows = np.flatnonzero(walks.end == stop)
    late = np.abs(arrived[walks.start[rows]] + walks.seconds[rows] + change - ride.at_s)
    return int(walks.start[rows[np.argmin(late)]])


def _legs(
    network: TransitNetwork,
    origin: Points,
    destination: Points,
    rides: list[Boarding],
    access: FloatArray,
) -> list[gpd.GeoDataFrame]:
    stops = network.supply.stops
    legs: list[gpd.GeoDataFrame] = []
    here = origin
    for number, ride in enumerate(rides):
        start, end = int(ride.pattern.stops[ride.start]), int(ride.pattern.stops[ride.end])
        there = stops.geometry.iloc[[start]]
        if number == 0:
            feeder, name = network.feeder_to(start, origin, float(access[start]))
            legs.append(_street(feeder, here, there, name))
        else:
            before = int(rides[number - 1].pattern.stops[rides[number - 1].end])
            change_s, walked = network.supply.transfers.change_s(before, start, 60 * network.settings.change_min)
            if before != start and not walked:
                legs.append(_street(network.walk, here, there, WALK))
            if change_s:
                way = shapely.LineString(network.supply.xy[[before, start]]) if walked and before != start else None
                legs.append(
                    _row(network, CHANGE, ride, change_s, way if way is not None and way.length else None, start)
                )
        if ride.leave_s - ride.at_s > EPSILON_S:
            legs.append(_standing(network, ride, WAIT, ride.leave_s - ride.at_s, start))
        legs.append(_riding(network, ride))
        here = stops.geometry.iloc[[end]]
    legs.append(_street(network.walk, here, destination, WALK))
    return legs


def _street(network: TravelNetwork, origin: Points, destination: Points, leg: str) -> gpd.GeoDataFrame:
    legs = network.route(origin, destination).assign(leg=leg, line="", stop="")
    return legs[legs.geometry.length > 0]  # a step of no length is none


def _standing(network: TransitNetwork, ride: Boarding, leg: str, seconds: float, stop: int) -> gpd.GeoDataFrame:
    return _row(network, leg, ride, seconds, None, stop)


def _riding(network: TransitNetwork, ride: Boarding) -> gpd.GeoDataFrame:
    calls = network.supply.xy[ride.pattern.stops[ride.start : ride.end + 1]]
    line = shapely.LineString(calls)
    stop = int(ride.pattern.stops[ride.end])
    return _row(network, RIDE, ride, ride.arrive_s - ride.leave_s, line if line.length else None, stop)


def _row(
    network: TransitNetwork,
    leg: str,
    ride: Boarding,
    seconds: float,
    line: shapely.LineString | None,
    stop: int,
) -> gpd.GeoDataFrame:
    """Return a leg as a row; who stands still has no line."""
    length_m = 0.0 if line is None else line.length
    service, at = ride.pattern.service, network.supply.stops.iloc[stop]
    return gpd.GeoDataFrame(
        {
            "leg_min": [seconds / 60],
            "length_m": [length_m],
            "speed_kmh": [length_m / seconds * 3.6 if seconds > 0 and length_m else np.nan],
            "speed_source": ["timetable" if isinstance(ride.pattern, Timetable) else "headway"],
            "road_class": [""],
            "name": [service.name_vi],
            "edge": [-1],
            "leg": [leg],
            "line": [service.id],
            "stop": [str(at["name_vi"])],
        },
        geometry=[line],
        crs=network.crs,
    )


def _timed(legs: list[gpd.GeoDataFrame], network: TransitNetwork) -> gpd.GeoDataFrame:
    some = [leg for leg in legs if len(leg)] or legs[:1]
    frame = gpd.GeoDataFrame(pd.concat(some, ignore_index=True), crs=network.crs)
    spent = frame["leg_min"].to_numpy(dtype=float)
    frame["minutes"] = np.concatenate([[0.0], np.cumsum(spent)])[: len(frame)]
    first = ["minutes", "leg", "leg_min", "line", "stop"]
    return frame[[*first, *(name for name in frame.columns if name not in (*first, "geometry")), "geometry"]]
