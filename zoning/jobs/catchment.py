"""Answer what can be reached within minutes: rings, people, zones and facilities by network time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from zoning.errors import InputError
from zoning.places import destinations
from zoning.reach import MODES, catchment
from zoning.reach.pieces import covered
from zoning.result import Note, Result, run_record
from zoning.text import N_
from zoning.truckbans import ban_notes, layers_used

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from zoning.reach import TravelNetwork
    from zoning.region import Region

DIRECTIONS = ("outbound", "inbound")
NETWORKS = ("strategic", "streets")
LAYERS_USED = ("zones", "facilities", "logistics", "corridors", "population", "wards_2025")
CURVE_POINTS = 30
"""At most so many limits between the origin and the longest one make the curve of people and street by minute."""


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
        A name in `zoning.reach.MODES`.
    arrive
        True for inbound: from where the points can be reached.
    hour, day
        Time of travel for the congestion factors, hour in 0..24, day such as "mon"; None for an empty road.
    network
        "strategic" or "streets"; None takes the most detailed one that covers every origin.
    """

    at: tuple[tuple[float, float], ...]
    minutes: tuple[float, ...] = (5.0, 10.0, 15.0)
    mode: str = "motorbike"
    arrive: bool = False
    hour: float | None = None
    day: str | None = None
    network: str | None = None

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
    network = region.network(request.mode, hour=request.hour, day=request.day, name=name)
    limits = sorted(set(request.minutes))
    rings = catchment(network, points, minutes=limits, arrive=request.arrive)
    longest = limits[-1]

    demand = region.demand(name)
    people_minutes = network.minutes_at(demand.geometry, points, limit_min=longest, arrive=request.arrive)
    people = demand["people"].to_numpy(float)
    rings["people"] = [_people(people, people_minutes, limit) for limit in limits]
    rings["mode"] = request.mode
    rings["direction"] = DIRECTIONS[request.arrive]
    rings["network"] = name

    places = destinations(region)
    places["minutes"] = _minutes_to(network, places.geometry, points, longest, arrive=request.arrive)
    places = places.sort_values(["minutes", "layer", "id"], na_position="last", ignore_index=True)

    steps = _steps(longest)
    reaches = network.street_reach(points, steps, arrive=request.arrive)
    curve = pd.DataFrame(
        {
            "minutes": steps,
            "people": [_people(people, people_minutes, step) for step in steps],
            "reachable_km": [float(covered(reach) @ network.streets.length_m) / 1000 for reach in reaches],
        }
    )

    origins = network.locate(points).drop(columns="share")
    origins = points.to_frame("geometry").join(origins[["snap_m"]])
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
            *_people_notes(region, demand),
            *ban_notes(region, request.mode, request.hour, request.day, longest),
        ),
        run=run_record("catchment", request, region, (*LAYERS_USED, name, *layers_used(region, request.mode))),
    )


def validate(request: CatchmentRequest) -> None:
    """Raise InputError for what no network could answer; limits themselves are checked by the engine."""
    if not request.at:
        raise InputError(N_("Choose a point first: click on the map, pick a place, or type coordinates."))
    if request.mode not in MODES:
        raise InputError(N_("There is no mode “{mode}”. Modes: {modes}."), mode=request.mode, modes=", ".join(MODES))
    if request.network not in (None, *NETWORKS):
        raise InputError(
            N_("There is no network “{network}”. Networks: {networks}."),
            network=request.network,
            networks=", ".join(NETWORKS),
        )
    if request.hour is not None and not 0 <= request.hour <= 24:
        raise InputError(N_("The hour must lie between 0 and 24; {hour} does not."), hour=request.hour)


def _steps(longest: float) -> list[float]:
    """Return whole minutes up to the longest limit, fewer where there would be too many, and the limit itself."""
    stride = max(1, int(np.ceil(longest / CURVE_POINTS)))
    return [*(float(minute) for minute in range(stride, int(np.ceil(longest)), stride)), longest]


def _people(people: NDArray[np.float64], minutes: NDArray[np.float64], limit: float) -> int:
    """Return the known people at points reached within `limit`, to the nearest whole person."""
    return round(float(np.nansum(people[minutes <= limit])))


def _minutes_to(
    network: TravelNetwork, targets: gpd.GeoSeries, points: gpd.GeoSeries, limit_min: float, *, arrive: bool
) -> NDArray[np.float64]:
    """Return the minutes to each target, NaN where it has no point or is not reached within the limit."""
    minutes = np.full(len(targets), np.nan)
    placed = targets.notna().to_numpy()
    found = network.minutes_at(targets[placed], points, limit_min=limit_min, arrive=arrive)
    minutes[placed] = np.where(np.isfinite(found), found, np.nan)
    return minutes


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


def _people_notes(region: Region, demand: gpd.GeoDataFrame) -> tuple[Note, ...]:
    wards = region.layer("wards_2025")
    known = int(wards["population"].notna().sum())
    note = Note(
        N_(
            "People of each ward (2025) are spread evenly over its points of the network; known for {known} of "
            "{total} wards, and only inside the former province."
        ),
        {"known": known, "total": len(wards)},
    )
    return (note,) if len(demand) else ()
