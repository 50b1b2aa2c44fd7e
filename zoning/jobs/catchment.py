"""Answer what can be reached within minutes: rings, people, zones and facilities by network time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from zoning.errors import InputError
from zoning.places import destinations
from zoning.reach import catchment, catchment_split
from zoning.reach.catchment import checked_minutes
from zoning.reach.pieces import covered
from zoning.reach.split import NOBODY, nearest_origin
from zoning.result import Note, Result, run_record
from zoning.text import N_
from zoning.transit.modes import EVERY_MODE, TRANSIT_MODES, travelled
from zoning.transit.network import TransitNetwork
from zoning.transit.notes import layers_used as transit_used
from zoning.transit.notes import run_part, transit_notes
from zoning.transit.settings import parse
from zoning.transit.split import check_split, split_reach
from zoning.truckbans import ban_notes, layers_used

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    from numpy.typing import NDArray

    from zoning.reach import TravelNetwork
    from zoning.reach.streets import StreetReach
    from zoning.region import Region

DIRECTIONS = ("outbound", "inbound")
NETWORKS = ("strategic", "streets")
LAYERS_USED = ("zones", "facilities", "logistics", "corridors", "population", "wards_2025")
CURVE_POINTS = 30
"""At most so many limits between the origin and the longest one make the curve of people and street by minute."""
MOST_SPLIT = 30
"""At most so many origins can be told apart on a map; merged there may be any number."""


@dataclass(frozen=True)
class CatchmentRequest:
    """The question, and its run record.

    Attributes
    ----------
    at
        Origins (or, inbound, destinations) as (longitude, latitude) in degrees; the nearest one counts.
    minutes
        Limits of the rings, each included; more than 0.
    mode
        A name in `zoning.transit.modes.EVERY_MODE`.
    arrive
        True for inbound: from where the points can be reached.
    hour, day
        Time of travel for the congestion factors, hour in 0..24, day such as "mon"; None for an empty road.
    network
        "strategic" or "streets"; None takes the most detailed one that covers every origin.
    split
        Give each street, person and place to the nearest origin, instead of one catchment of them all.
    transit
        Settings of public transport (`zoning.transit.settings.parse`), empty for the usual ones.
    """

    at: tuple[tuple[float, float], ...]
    minutes: tuple[float, ...] = (5.0, 10.0, 15.0)
    mode: str = "motorbike"
    arrive: bool = False
    hour: float | None = None
    day: str | None = None
    network: str | None = None
    split: bool = False
    transit: str = ""

    def __post_init__(self) -> None:
        """Hold whole minutes as numbers with a point: a record read from JSON is then the same question."""
        minutes = tuple(float(one) if isinstance(one, int) else one for one in self.minutes)
        object.__setattr__(self, "minutes", minutes)


def run(request: CatchmentRequest, region: Region) -> Result:
    """Return the catchment of the request's origins.

    Returns
    -------
    Result
        `frames["rings"]`: minutes, area_ha, reachable_km, missed_pct, false_pct, people, mode, direction, network,
        geometry (network's CRS), smallest ring first. `frames["places"]`: zones, facilities and gates with the
        `minutes` to each, null where it is not reached in time or its place is not known well enough to be timed.
        `frames["origins"]`: the points and how far each was snapped (`snap_m`). `frames["curve"]`: people and
        reachable_km within each minute up to the longest limit.

        Split, rings have one row an origin and limit, none for an origin that is first nowhere; rings and origins have
        an `origin`, counted from 1 in the order of the request, and so have places where there are 2 to 30 of them,
        split or not. People and kilometres of the origins add up to those of the curve, which stays that of them all.

    Raises
    ------
    InputError
        For a mode, network, hour or limit that cannot be used, or a point outside the study area.
    OffNetworkError
        For a point farther from the network than the mode's snap limit.
    """
    validate(request)
    points = region.points(request.at)
    name = request.network or region.network_for(points)
    network = travelled(region, request, name)
    limits = checked_minutes(request.minutes)
    longest = limits[-1]
    steps = _steps(longest)
    street_km: list[float] | None = None
    if request.split and isinstance(network, TransitNetwork):
        rings, street_km = _split_by_transit(network, points, limits, steps, arrive=request.arrive)
    else:
        draw = catchment_split if request.split else catchment
        rings = draw(network, points, minutes=limits, arrive=request.arrive)

    demand = region.demand(name)
    people_minutes, nearest = _minutes_to(network, demand.geometry, points, longest, request)
    people = demand["people"].to_numpy(float)
    if request.split:
        shared = _people_by_origin(people, people_minutes, nearest, limits, len(points))
        rings["people"] = shared[rings["origin"], np.searchsorted(limits, rings["minutes"])]
        rings["origin"] += 1
    else:
        rings["people"] = [_people(people, people_minutes, limit) for limit in limits]
    rings["mode"] = request.mode
    rings["direction"] = DIRECTIONS[request.arrive]
    rings["network"] = name

    places = destinations(region)
    placed = places.geometry.notna()
    # of a few origins each place is told which is the nearest, split or merged: its way begins there
    told = replace(request, split=request.split or 1 < len(points) <= MOST_SPLIT)
    minutes, first = _minutes_to(network, places.geometry[placed], points, longest, told)
    places["minutes"] = pd.Series(np.where(np.isfinite(minutes), minutes, np.nan), placed.index[placed])
    if told.split:
        reached = pd.Series(first + 1, placed.index[placed], "Int64").where(first != NOBODY)
        places["origin"] = reached.reindex(places.index)
    places = places.sort_values(["minutes", "layer", "id"], na_position="last", ignore_index=True)

    if street_km is None:
        reaches = network.street_reach(points, steps, arrive=request.arrive)
        street_km = [_street_km(network, reach) for reach in reaches]
    curve = pd.DataFrame(
        {
            "minutes": steps,
            "people": [_people(people, people_minutes, step) for step in steps],
            "reachable_km": street_km,
        }
    )

    origins = network.locate(points).drop(columns="share")
    origins = points.to_frame("geometry").join(origins[["snap_m"]])
    if request.split:
        origins["origin"] = np.arange(1, len(origins) + 1)
    return Result(
        frames={"rings": rings, "places": places, "origins": origins, "curve": curve},
        figures={
            "network": name,
            "walk_off_m": network.walk_off_m,
            "reached": int(places["minutes"].notna().sum()),
            "snap_m": float(origins["snap_m"].max()),
        },
        notes=(
            *_network_notes(name),
            *(_split_notes(rings, len(points)) if request.split else ()),
            *(ONE_ORIGIN if request.split and isinstance(network, TransitNetwork) else ()),
            *_people_notes(region, demand, name),
            *transit_notes(network),
            *ban_notes(region, request.mode, request.hour, request.day, longest),
        ),
        run=run_record(
            "catchment",
            request,
            region,
            (*LAYERS_USED, name, *transit_used(network), *layers_used(region, request.mode)),
        )
        | run_part(network),
    )


ONE_ORIGIN = (
    Note(
        N_(
            "By public transport each place belongs to the origin with the shortest time over the whole window, not to "
            "another one with every departure."
        )
    ),
)


def validate(request: CatchmentRequest) -> None:
    """Raise InputError for what no network could answer; limits are checked by `checked_minutes`."""
    if not request.at:
        raise InputError(N_("Choose a point first: click on the map, pick a place, or type coordinates."))
    if request.mode not in EVERY_MODE:
        raise InputError(
            N_("There is no mode “{mode}”. Modes: {modes}."), mode=request.mode, modes=", ".join(EVERY_MODE)
        )
    parse(request.transit)
    if request.split and request.mode in TRANSIT_MODES:
        check_split(bool(TRANSIT_MODES[request.mode].ride), arrive=request.arrive)
    if request.network not in (None, *NETWORKS):
        raise InputError(
            N_("There is no network “{network}”. Networks: {networks}."),
            network=request.network,
            networks=", ".join(NETWORKS),
        )
    if request.split and len(request.at) > MOST_SPLIT:
        raise InputError(
            N_("At most {most} origins can be told apart; {count} were given. Merged there may be more."),
            most=MOST_SPLIT,
            count=len(request.at),
        )
    if request.hour is not None and not 0 <= request.hour <= 24:
        raise InputError(N_("The hour must lie between 0 and 24; {hour} does not."), hour=request.hour)


def _split_by_transit(
    network: TransitNetwork, points: gpd.GeoSeries, limits: list[float], steps: list[float], *, arrive: bool
) -> tuple[gpd.GeoDataFrame, list[float]]:
    """Return the rings of each origin, and the kilometres of street that they all have at each step of the curve."""
    every = sorted({*limits, *steps})
    total = np.zeros(len(every))

    def counted() -> Iterator[tuple[int, list[StreetReach]]]:
        for origin, reaches in split_reach(network, points, every, arrive=arrive):
            total[:] += [_street_km(network, reach) for reach in reaches]
            yield origin, [reaches[every.index(limit)] for limit in limits]

    rings = catchment_split(network, points, limits, arrive, parts=counted())
    return rings, [float(total[every.index(step)]) for step in steps]


def _street_km(network: TravelNetwork, reach: StreetReach) -> float:
    return float(covered(reach) @ network.streets.length_m) / 1000


def _steps(longest: float) -> list[float]:
    """Return whole minutes up to the longest limit, fewer where there would be too many, and the limit itself."""
    stride = max(1, int(np.ceil(longest / CURVE_POINTS)))
    return [*(float(minute) for minute in range(stride, int(np.ceil(longest)), stride)), longest]


def _people(people: NDArray[np.float64], minutes: NDArray[np.float64], limit: float) -> int:
    """Return the known people at points reached within `limit`, to the nearest whole person."""
    return round(float(np.nansum(people[minutes <= limit])))


def _people_by_origin(
    people: NDArray[np.float64],
    minutes: NDArray[np.float64],
    nearest: NDArray[np.intp],
    limits: list[float],
    count: int,
) -> NDArray[np.intp]:
    """Return the people of each origin within each limit, (count, limits): whole, rising, and adding up to all."""
    known = np.nan_to_num(people)
    total = np.zeros((count, len(limits)), np.intp)
    before, low = 0, -1.0
    for number, limit in enumerate(limits):
        band = (minutes > low) & (minutes <= limit)
        weights = np.cumsum(np.bincount(nearest[band], known[band], minlength=count))
        everyone = _people(people, minutes, limit)
        # the ends of the parts are rounded, not the parts: those add up then
        share = weights * ((everyone - before) / weights[-1]) if weights[-1] > 0 else weights
        total[:, number] = np.diff(np.rint(share), prepend=0.0)
        before, low = everyone, limit
    return np.cumsum(total, axis=1)


def _minutes_to(
    network: TravelNetwork, targets: gpd.GeoSeries, points: gpd.GeoSeries, limit_min: float, request: CatchmentRequest
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return the minutes to each target, inf beyond the limit, and the nearest origin: one for all if not split."""
    if request.split and request.mode in TRANSIT_MODES:
        table = network.minutes_matrix(points, targets, limit_min, request.arrive)
        nearest = table.argmin(axis=0) if len(points) else np.zeros(len(targets), np.intp)
        found = table.min(axis=0)
        return found, np.where(np.isfinite(found), nearest, NOBODY)
    if request.split:
        return nearest_origin(network, targets, points, limit_min, request.arrive)
    minutes = network.minutes_at(targets, points, limit_min=limit_min, arrive=request.arrive)
    return minutes, np.zeros(len(targets), np.intp)


def _network_notes(name: str) -> tuple[Note, ...]:
    if name != "strategic":
        return ()
    return (
        Note(
            N_(
                "Computed on the strategic network: the corridors in operation, and a schematic lattice of local "
                "connectors in place of streets. Good for comparing places, not for counting alleys; load "
                "OpenStreetMap streets for detail."
            )
        ),
    )


def _split_notes(rings: gpd.GeoDataFrame, count: int) -> tuple[Note, ...]:
    note = Note(
        N_(
            "Each street, person and place belongs to the nearest origin in time, and is counted once. The areas drawn "
            "round the streets of two origins overlap where these lie close together; they do not add up."
        )
    )
    idle = sorted(set(range(1, count + 1)) - set(rings["origin"]))
    if not idle:
        return (note,)
    return (
        note,
        Note(
            N_("Nearest to nothing, because others are there sooner: origin {numbers}."),
            {"numbers": ", ".join(map(str, idle))},
        ),
    )


def _people_notes(region: Region, demand: gpd.GeoDataFrame, network: str) -> tuple[Note, ...]:
    wards = region.layer("wards_2025")
    values = {"known": int(wards["population"].notna().sum()), "total": len(wards)}
    evenly = N_(
        "People of each ward (2025) are spread evenly over its points of the network; known for {known} of {total} "
        "wards, and only inside the former province."
    )
    by_street = N_(
        "People of each ward (2025) are spread along its streets, in proportion to the length that may be walked; "
        "known for {known} of {total} wards, and only inside the former province."
    )
    return (Note(evenly if network == "strategic" else by_street, values),) if len(demand) else ()
