"""Answer which way a trip takes: its legs, minutes, speeds, and where each speed came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoning.jobs.catchment import CatchmentRequest, validate
from zoning.result import Result, run_record
from zoning.transit.modes import travelled
from zoning.transit.notes import layers_used as transit_used
from zoning.transit.notes import run_part, transit_notes
from zoning.truckbans import ban_notes, layers_used

if TYPE_CHECKING:
    from zoning.region import Region


@dataclass(frozen=True)
class RouteRequest:
    """The question, and its run record; fields as in `CatchmentRequest`, the way runs from `origin` to `to`."""

    origin: tuple[float, float]
    to: tuple[float, float]
    mode: str = "motorbike"
    hour: float | None = None
    day: str | None = None
    network: str | None = None
    transit: str = ""


def run(request: RouteRequest, region: Region) -> Result:
    """Return the fastest way as `frames["legs"]`, one row an edge in order (see `TravelNetwork.route`).

    By public transport the rows also say `leg`: walk, wait, ride, change (see `zoning.transit.journey`).

    `figures` holds the whole trip's minutes, km and network. Raises as the catchment job does, and
    UnreachableError where no way leads there.
    """
    ends = (request.origin, request.to)
    validate(CatchmentRequest(at=ends, mode=request.mode, hour=request.hour, network=request.network,
                              transit=request.transit))  # fmt: skip
    points = region.points(ends)
    name = request.network or region.network_for(points)
    network = travelled(region, request, name)
    legs = network.route(points.iloc[0], points.iloc[1])
    minutes = float(legs["leg_min"].sum())
    return Result(
        frames={"legs": legs},
        figures={
            "network": name,
            "minutes": minutes,
            "length_km": float(legs["length_m"].sum() / 1000),
        },
        notes=(*transit_notes(network), *ban_notes(region, request.mode, request.hour, request.day, minutes)),
        run=run_record("route", request, region, (name, *transit_used(network), *layers_used(region, request.mode)))
        | run_part(network),
    )
