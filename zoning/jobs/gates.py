"""Answer how long a trip to each gate takes: sea ports, depots, river ports, stations and airports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from zoning.jobs.catchment import CatchmentRequest, validate
from zoning.result import Note, Result, run_record
from zoning.text import N_
from zoning.transit.modes import TRANSIT_MODES, travelled
from zoning.transit.notes import layers_used as transit_used
from zoning.transit.notes import run_part, transit_notes
from zoning.truckbans import ban_notes, layers_used

if TYPE_CHECKING:
    import geopandas as gpd

    from zoning.region import Region

GATE_KINDS = ("seaport", "icd", "river_port", "rail_station", "airport", "metro_station", "logistics_centre", "depot")
LONGEST_MIN = 240.0
DRIVING = Note(
    N_(
        "Driving time alone, as the law and the network allow: no queue at the gate, no loading. Firms "
        "report far longer trips from door to door."
    )
)
REASONS = {
    "timed": N_("timed"),
    "approximate": N_("timed to an approximate point, up to 2 km off"),
    "off_network": N_("not on this network"),
    "unknown": N_("place not known"),
}


@dataclass(frozen=True)
class GatesRequest:
    """The question, and its run record; fields as in `CatchmentRequest`, `arrive` asks for the way from the gates."""

    at: tuple[tuple[float, float], ...]
    mode: str = "truck"
    arrive: bool = False
    hour: float | None = None
    day: str | None = None
    network: str | None = None
    transit: str = ""


def run(request: GatesRequest, region: Region) -> Result:
    """Return `frames["gates"]`: every gate with its minutes, null with a reason where it cannot be timed.

    A gate farther from the network than the mode's snap limit, or that no way leads to, is "not on this network". Gates
    known only roughly (Cái Mép, for example) are timed, and say so. Raises as the catchment job does.
    """
    validate(CatchmentRequest(at=request.at, mode=request.mode, hour=request.hour, network=request.network,
                              transit=request.transit))  # fmt: skip
    points = region.points(request.at)
    name = request.network or region.network_for(points)
    network = travelled(region, request, name)
    every = region.layer("logistics")
    gates = every[every["kind"].isin(GATE_KINDS)].reset_index(drop=True)
    gates = gates[["id", "name_vi", "name_en", "kind", "status", "geometry_quality", "geometry"]].copy()
    placed = gates.geometry.notna().to_numpy()
    minutes = np.full(len(gates), np.nan)
    found = network.minutes_at(gates.geometry[placed], points, limit_min=LONGEST_MIN, arrive=request.arrive)
    minutes[placed] = np.where(np.isfinite(found), found, np.nan)
    gates["minutes"] = minutes
    gates["reason"] = _reasons(gates)
    gates = gates.sort_values(["minutes", "id"], na_position="last", ignore_index=True)
    return Result(
        frames={"gates": gates},
        figures={"network": name, "timed": int(gates["minutes"].notna().sum())},
        notes=(
            *((DRIVING,) if request.mode not in TRANSIT_MODES else ()),
            *transit_notes(network),
            *ban_notes(region, request.mode, request.hour, request.day, _longest(gates)),
        ),
        run=run_record(
            "gates",
            request,
            region,
            ("logistics", "corridors", name, *transit_used(network), *layers_used(region, request.mode)),
        )
        | run_part(network),
    )


def _longest(gates: gpd.GeoDataFrame) -> float:
    """Return the longest trip, minutes; 0 where no gate was reached."""
    return float(gates["minutes"].max()) if gates["minutes"].notna().any() else 0.0


def _reasons(gates: gpd.GeoDataFrame) -> list[str]:
    reasons = []
    for point, minutes, quality in zip(gates.geometry, gates["minutes"], gates["geometry_quality"], strict=True):
        if point is None:
            reasons.append("unknown")
        elif np.isnan(minutes):
            reasons.append("off_network")
        else:
            reasons.append("approximate" if quality == "approximate" else "timed")
    return reasons
