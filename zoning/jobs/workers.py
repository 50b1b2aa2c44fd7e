"""Answer where the workers of a park find housing and their children a kindergarten, shift by shift."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from zoning import parkjobs
from zoning.assign import assign
from zoning.errors import InputError, UnknownLayerError
from zoning.places import travel_points
from zoning.reach.decay import binary
from zoning.reach.serve import placed, serve
from zoning.result import Note, Result, run_record
from zoning.supply import SENTENCES, left_out, none_left, on_network, split, supply
from zoning.text import N_
from zoning.transit.modes import EVERY_MODE, TRANSIT_MODES
from zoning.transit.network import TransitNetwork
from zoning.transit.notes import layers_used, run_part, transit_notes
from zoning.transit.settings import parse

if TYPE_CHECKING:
    from zoning.reach import TravelNetwork
    from zoning.region import Region

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]

HOUSING, KINDERGARTEN = "housing", "kindergarten"
NEEDS = {HOUSING: N_("Worker housing"), KINDERGARTEN: N_("Kindergarten places")}
WORKERS_A_HA = parkjobs.WORKERS_A_HA
USUAL_TRANSIT = "window_min=30"
"""By timetable workers arrive in the half hour before their shift begins."""
CHILDREN_PER_1000 = 50.0
"""Kindergarten places per 1,000 people by QCVN 01:2021/BXD, table 2.4."""
MOST_SHIFTS, MOST_WORKERS, LONGEST_MIN = 6, 1_000_000, 240.0


@dataclass(frozen=True)
class WorkersRequest:
    """The question, and its run record.

    Attributes
    ----------
    park
        Id of a zone; its name is in the answer.
    at
        (longitude, latitude) of its gate, needed where the zone is known only roughly.
    shifts
        (hour at which it begins, workers) of each shift.
    mode, day, network
        How workers travel; each shift at its own hour. By public transport they arrive by then: by timetable at any
        moment of the window before it, by headway at the hour itself.
    minutes, kindergarten_minutes
        The longest way to the park from home, and from a kindergarten, itself included.
    housing, housing_field, kindergartens, kindergarten_field
        Layers (`layer` or `layer:kind`) and the column of places in them; an empty layer is not asked about.
    housing_pct
        Share of the workers who need a place in housing for workers, in %.
    children_per_1000
        Children of kindergarten age per 1,000 workers, and per 1,000 residents where they compete.
    shared
        Residents within reach of a kindergarten take their share of its places.
    transit
        Settings of public transport (`zoning.transit.settings.parse`).
    """

    park: str
    at: tuple[float, float] | None = None
    shifts: tuple[tuple[float, int], ...] = ((6.0, 1_000), (14.0, 1_000), (22.0, 1_000))
    mode: str = "motorbike"
    day: str | None = None
    network: str | None = None
    minutes: float = 30.0
    kindergarten_minutes: float = 15.0
    housing: str = ""
    housing_field: str = ""
    kindergartens: str = ""
    kindergarten_field: str = ""
    housing_pct: float = 100.0
    children_per_1000: float = CHILDREN_PER_1000
    shared: bool = True
    transit: str = USUAL_TRANSIT

    def __post_init__(self) -> None:
        """Hold numbers as numbers with a point: a record read from JSON is then the same question."""
        for name in ("minutes", "kindergarten_minutes", "housing_pct", "children_per_1000"):
            object.__setattr__(self, name, float(getattr(self, name)))
        object.__setattr__(self, "shifts", tuple((float(hour), workers) for hour, workers in self.shifts))


def run(request: WorkersRequest, region: Region) -> Result:
    """Return what each shift needs, gets and lacks.

    The rule: places go to as many people as can be served within the minutes, all shifts together, and of all ways to
    do that to the one with the least travel in sum (`zoning.assign`). Where `shared`, a kindergarten first gives its
    residents their share, R_j = C_j D / (D + residents' children within reach): the first step of the two-step floating
    catchment (Luo and Wang 2003) with the park as one demand place among the others.

    Returns
    -------
    Result
        `frames["shifts"]`: need, hour, workers, demand, assigned, unmet; assigned + unmet = demand exactly, null where
        there is no layer to serve them. `frames["places"]`: need, id, names, capacity, room, minutes, assigned, left,
        reason, geometry. `frames["assigned"]`: need, hour, id, minutes, assigned. `frames["park"]`: the point.
        `figures`: demand, assigned and unmet of each need, the network.

    Raises
    ------
    UnknownLayerError, InputError, OffNetworkError
        What was asked for is not there or cannot be used.
    """
    validate(request)
    zone, gate = _park(request, region)
    name = request.network or region.network_for(gate.geometry)
    workers = np.array([count for _, count in request.shifts], dtype=np.int64)
    demand = {
        HOUSING: _parts(workers * request.housing_pct / 100),
        KINDERGARTEN: _parts(workers * request.children_per_1000 / 1000),
    }
    asked = {
        HOUSING: (request.housing, request.housing_field, request.minutes),
        KINDERGARTEN: (request.kindergartens, request.kindergarten_field, request.kindergarten_minutes),
    }
    shifts, places, pairs, notes, figures = [], [], [], [], {}
    for need, (layer, column, limit_min) in asked.items():
        hours = [hour for hour, _ in request.shifts]
        about = pd.DataFrame({"need": need, "hour": hours, "workers": workers, "demand": demand[need]})
        if not layer:
            notes.append(Note(MISSING[need]))
            given = None
        else:
            chosen, table = _times(request, region, layer, column, name, gate, limit_min)
            room = np.floor(chosen["capacity"].fillna(0).to_numpy()).astype(np.int64)
            if need == KINDERGARTEN and request.shared:
                room = _shared(request, region, name, chosen, room, int(demand[need].sum()))
            given = assign(table, demand[need], room)
            places.append(_places(need, chosen, room, table, given))
            pairs.append(_pairs(need, hours, chosen, table, given))
            notes += [
                Note(SENTENCES[reason], {"count": count, "total": len(chosen)})
                for reason, count in left_out(chosen).items()
            ]
        met = pd.Series([pd.NA] * len(hours) if given is None else given.sum(axis=1).tolist(), dtype="Int64")
        shifts.append(about.assign(assigned=met, unmet=about["demand"].astype("Int64") - met))
        figures[need] = {
            "demand": int(demand[need].sum()),
            "assigned": None if given is None else int(given.sum()),
            "unmet": None if given is None else int(demand[need].sum() - given.sum()),
        }
    if request.shared and request.kindergartens:
        notes.append(
            Note(
                N_("Residents take their share of each kindergarten first; those of them who work in the park are "
                   "counted on both sides, so the shortage is rather too large than too small.")
            )
        )  # fmt: skip
    used_too: tuple[str, ...] = ()
    told = {}
    if request.mode in TRANSIT_MODES:
        first = _network(request, region, request.shifts[0][0], name)
        window = {"window": parse(request.transit).window_min}
        notes += [Note(BY_TRANSIT, window), *transit_notes(first)]
        used_too, told = layers_used(first), run_part(first)
    layers = [split(layer)[0] for layer, _, _ in asked.values() if layer]
    used = tuple(dict.fromkeys(("zones", *layers, "population", "wards_2025", name, *used_too)))
    return Result(
        frames={
            "shifts": pd.concat(shifts, ignore_index=True),
            "places": _joined(places, gate),
            "assigned": pd.concat(pairs, ignore_index=True) if pairs else pd.DataFrame(columns=PAIRS),
            "park": gate,
        },
        figures={
            "network": name,
            "park_vi": str(zone["name_vi"]),
            "park_en": str(zone["name_en"]),
            "workers": int(workers.sum()),
            **figures,
        },
        notes=tuple(notes),
        run=run_record("workers", request, region, used) | told,
    )


PLACES = ["need", "id", "name_vi", "name_en", "kind", "capacity", "room", "minutes", "assigned", "left", "reason"]
PAIRS = ["need", "hour", "id", "name_vi", "name_en", "minutes", "assigned"]
MISSING = {
    HOUSING: N_("No layer of housing for workers: what is unmet is not known. Fill the template and take it in."),
    KINDERGARTEN: N_("No layer of kindergartens: what is unmet is not known. Fill the template and take it in."),
}


BY_TRANSIT = N_(
    "Workers who come by public transport arrive before their shift begins: by timetable at any moment of the "
    "{window:g} minutes before it, by headway at the hour."
)


def validate(request: WorkersRequest) -> None:
    """Raise InputError for what cannot be asked."""
    if request.mode not in EVERY_MODE:
        raise InputError(
            N_("There is no mode “{mode}”. Modes: {modes}."), mode=request.mode, modes=", ".join(EVERY_MODE)
        )
    parse(request.transit)
    if not 1 <= len(request.shifts) <= MOST_SHIFTS:
        raise InputError(N_("A park has 1 to {most} shifts, not {count}."), most=MOST_SHIFTS, count=len(request.shifts))
    for hour, workers in request.shifts:
        whole = isinstance(workers, int) and not isinstance(workers, bool) and 0 <= workers <= MOST_WORKERS
        if not 0 <= hour <= 24 or not whole:
            raise InputError(
                N_("A shift begins at an hour from 0 to 24 and has a whole number of workers up to {most}; {hour} h "
                   "with {workers} is none."),
                most=f"{MOST_WORKERS:,}",
                hour=hour,
                workers=workers,
            )  # fmt: skip
    for minutes in (request.minutes, request.kindergarten_minutes):
        if not 0 < minutes <= LONGEST_MIN:
            raise InputError(
                N_("A way to work takes more than 0 and at most {most} minutes, not {minutes}."),
                most=f"{LONGEST_MIN:g}",
                minutes=minutes,
            )
    if not (0 <= request.housing_pct <= 100 and 0 <= request.children_per_1000 <= 1000):
        raise InputError(N_("Shares of workers lie between 0 and 100 %, and children between 0 and 1,000 per 1,000."))


def _park(request: WorkersRequest, region: Region) -> tuple[pd.Series, gpd.GeoDataFrame]:
    zones = region.layer("zones")
    rows = zones[zones["id"].astype(str) == request.park]
    if rows.empty:
        raise UnknownLayerError(N_("There is no zone {id}."), id=request.park[:60])
    zone = rows.iloc[0]
    point = travel_points(rows).iloc[0]
    if request.at is not None:
        point = region.points((request.at,)).iloc[0]
    if point is None:
        raise InputError(
            N_("{name} is known only roughly, or not at all: type the coordinates of its gate."), name=zone["name_vi"]
        )
    known = {key: [zone[key]] for key in ("id", "name_vi", "name_en")}
    return zone, gpd.GeoDataFrame(known, geometry=[point], crs=zones.crs)


def _parts(exact: FloatArray) -> IntArray:
    """Return numbers as whole ones with the same sum, rounded: the largest remainders go up, the others down.

    Rounding each by itself would lose the shares of many small places.
    """
    parts = np.floor(exact + 1e-9).astype(np.int64)
    lacking = math.floor(float(exact.sum()) + 0.5) - int(parts.sum())
    parts[np.argsort(parts - exact, kind="stable")[: max(lacking, 0)]] += 1
    return np.asarray(parts, dtype=np.int64)


def _times(
    request: WorkersRequest,
    region: Region,
    layer: str,
    column: str,
    name: str,
    gate: gpd.GeoDataFrame,
    limit_min: float,
) -> tuple[gpd.GeoDataFrame, NDArray[np.float64]]:
    """Return the places of a layer, and the minutes from each to the park for each shift, inf where out of reach."""
    chosen = supply(region, layer, column)
    counts = np.flatnonzero(chosen["reason"].eq(""))
    if not counts.size:
        raise none_left(chosen, layer)
    table = np.full((len(request.shifts), len(chosen)), np.inf)
    for at, (hour, _) in enumerate(request.shifts):
        network = _network(request, region, hour, name)
        if at == 0:
            chosen = on_network(chosen, placed(network, chosen.geometry.iloc[counts]))
        on = np.flatnonzero(chosen["reason"].eq(""))
        if on.size:
            homes = chosen.geometry.iloc[on]
            if isinstance(network, TransitNetwork):  # timed by the arrival, however few homes there are
                table[at, on] = network.minutes_matrix(gate.geometry, homes, limit_min, arrive=True)[0]
            else:
                table[at, on] = network.minutes_matrix(homes, gate.geometry, limit_min)[:, 0]
    return chosen, table


def _network(request: WorkersRequest, region: Region, hour: float, name: str) -> TravelNetwork:
    """Return the network as workers of the shift that begins at an hour travel it."""
    if request.mode not in TRANSIT_MODES:
        return region.network(request.mode, hour=hour, day=request.day, name=name)
    network = region.network(request.mode, hour=hour, day=request.day, name=name, transit=request.transit)
    if not (isinstance(network, TransitNetwork) and network.supply.timed):
        return network
    begin = hour - network.settings.window_min / 60  # the window ends when the shift begins
    begin += 24 if begin < 0 else 0
    return region.network(request.mode, hour=begin, day=request.day, name=name, transit=request.transit)


def _shared(
    request: WorkersRequest, region: Region, name: str, chosen: gpd.GeoDataFrame, room: IntArray, children: int
) -> IntArray:
    """Return what is left of each kindergarten when residents within reach have had their share."""
    on = np.flatnonzero(chosen["reason"].eq(""))
    network = _network(request, region, request.shifts[0][0], name)
    people = region.demand(name)
    living = np.nan_to_num(people["people"].to_numpy(dtype=float, na_value=np.nan))
    limit_min = request.kindergarten_minutes
    served = serve(
        network,
        placed(network, people.geometry),
        living,
        placed(network, chosen.geometry.iloc[on]),
        room[on].astype(float),
        "cumulative",
        limit_min=limit_min,
        decay=binary(limit_min),
    )
    others = served.people_at * request.children_per_1000 / 1000
    left = room.copy()
    # all children of the park and its neighbours have the same claim
    left[on] = _parts(room[on] * children / np.maximum(children + others, 1e-12))
    return left


def _places(
    need: str, chosen: gpd.GeoDataFrame, room: IntArray, table: NDArray[np.float64], given: IntArray
) -> gpd.GeoDataFrame:
    least = table.min(axis=0)
    counts = chosen["reason"].eq("")
    room_here = pd.Series(room, dtype="Int64").where(counts)
    taken = pd.Series(given.sum(axis=0), dtype="Int64")
    return chosen.assign(
        need=need,
        id=need + "-" + chosen["id"].astype(str),  # two layers may use the same ids
        room=room_here,
        minutes=np.where(np.isfinite(least), least, np.nan),
        assigned=taken,
        left=room_here - taken,
    )[[*PLACES, "geometry"]]


def _pairs(
    need: str, hours: list[float], chosen: gpd.GeoDataFrame, table: NDArray[np.float64], given: IntArray
) -> pd.DataFrame:
    shift, place = np.nonzero(given)
    columns = {name: chosen[name].to_numpy()[place] for name in ("id", "name_vi", "name_en")}
    columns |= {"hour": np.array(hours)[shift], "minutes": table[shift, place], "assigned": given[shift, place]}
    return pd.DataFrame({"need": need, **columns}, columns=PAIRS)


def _joined(places: list[gpd.GeoDataFrame], gate: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    if not places:
        return gpd.GeoDataFrame({"id": []}, geometry=[], crs=gate.crs)
    return gpd.GeoDataFrame(pd.concat(places, ignore_index=True), crs=gate.crs)
