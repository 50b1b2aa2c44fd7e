"""Name the ways to travel that use public transport, beside those of the streets."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from zoning.reach.clock import check_hour
from zoning.reach.modes import MODES
from zoning.text import N_
from zoning.transit.network import TransitNetwork
from zoning.transit.settings import parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zoning.reach import TravelNetwork
    from zoning.region import Region


@dataclass(frozen=True)
class TransitMode:
    """A way to travel by public transport: on foot, and with a vehicle to the stop or without."""

    name: str
    title: str
    """English title, marked for translation."""
    ride: str = ""
    """Mode of the streets that may be taken from home to a stop; empty for on foot alone."""


TRANSIT_MODES: Mapping[str, TransitMode] = MappingProxyType(
    {
        "transit": TransitMode("transit", N_("Walk and public transport")),
        "motorbike_ride": TransitMode("motorbike_ride", N_("Motorbike to a stop, then ride"), ride="motorbike"),
    }
)
EVERY_MODE: Mapping[str, str] = MappingProxyType(
    {name: mode.title for name, mode in MODES.items()} | {name: mode.title for name, mode in TRANSIT_MODES.items()}
)
"""Title of every way to travel by its name, those of the streets first."""


def transit_network(
    region: Region, mode: str, *, hour: float | None, day: str | None, name: str, transit: str = ""
) -> TransitNetwork:
    """Return a network of a region as people travel it with public transport; `transit` holds the settings."""
    settings, at = parse(transit), check_hour(hour)
    ride = TRANSIT_MODES[mode].ride
    return TransitNetwork(
        region.network("walk", name=name),  # no hour slows who walks
        region.transit(day),
        settings,
        hour=at,
        ride=region.network(ride, hour=hour, day=day, name=name) if ride else None,
        mode=mode,
    )


def travelled(region: Region, request: Any, name: str) -> TravelNetwork:  # noqa: ANN401 - any job's request
    """Return network `name` as the mode of a request travels it, at its hour, with its settings."""
    options = {"transit": request.transit} if request.mode in TRANSIT_MODES else {}
    return region.network(request.mode, hour=request.hour, day=request.day, name=name, **options)
