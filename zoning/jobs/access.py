"""Answer who reaches what, by ward, old commune or grid cell, and how evenly it is spread."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from zoning.doors import CENTRE, EDGE, LEAST_HA, METHOD
from zoning.errors import InputError
from zoning.gather import BY, UNIT_LAYERS, units
from zoning.parkjobs import PARK_JOBS, places_notes
from zoning.reach.demand import SHAPES
from zoning.reach.equity import concentration_index, foster_greer_thorbecke, gini, left_out, palma, theil
from zoning.reach.menu import ADDED_UP, MEASURES, PER_PEOPLE, PER_PEOPLE_UNIT, decay_of
from zoning.reach.serve import entered, placed, serve
from zoning.result import Note, Result, run_record
from zoning.supply import SENTENCES, ends_of, layers_of, none_left, on_network, split, supply
from zoning.supply import left_out as facilities_left_out
from zoning.text import N_
from zoning.transit.modes import EVERY_MODE, travelled
from zoning.transit.notes import layers_used, run_part, transit_notes
from zoning.transit.settings import parse

if TYPE_CHECKING:
    from zoning.gather import Units
    from zoning.reach import TravelNetwork
    from zoning.reach.serve import Placed, Served
    from zoning.region import Region

FloatArray: TypeAlias = NDArray[np.float64]

NETWORKS = ("strategic", "streets")
LONGEST_MIN = 1_440.0


@dataclass(frozen=True)
class AccessRequest:
    """The question, and its run record.

    Attributes
    ----------
    to
        Where people go: `layer` or `layer:kind`, a planner's own layers too; `park_jobs` are the parks, and offer
        their jobs: `people_reached` of a park is then who can work there.
    measure
        A name in `zoning.reach.menu.MEASURES`.
    minutes
        The longest trip that counts, itself included; None: the usual one of the measure.
    decay
        As `zoning.reach.decay.parse` reads it; empty: the usual one of the measure over the minutes.
    capacity
        Column that says how much each place offers; empty: each counts 1.
    k
        Which nearest place, counted from 1.
    mode, hour, day
        How and when people travel; without an hour on an empty road.
    arrive
        Time trips from the places to the people.
    network
        "strategic" or "streets"; None takes the most detailed one that covers every place.
    by, cell_m, shape
        Units of the answer: wards, communes (until June 2025) or grid, with the size and shape of its cells.
    line
        The least that people should have (for the nearest: the longest that they should travel); None for no line.
    planned
        Also count places that are not in operation yet.
    transit
        Settings of public transport (`zoning.transit.settings.parse`), empty for the usual ones.
    """

    to: str
    measure: str = "nearest"
    minutes: float | None = None
    decay: str = ""
    capacity: str = ""
    k: int = 1
    mode: str = "motorbike"
    hour: float | None = None
    day: str | None = None
    arrive: bool = False
    network: str | None = None
    by: str = "wards"
    cell_m: float = 1_000.0
    shape: str = "hexagon"
    line: float | None = None
    planned: bool = False
    transit: str = ""

    def __post_init__(self) -> None:
        """Hold numbers as numbers with a point: a record read from JSON is then the same question."""
        for name in ("minutes", "hour", "cell_m", "line"):
            value = getattr(self, name)
            if isinstance(value, int) and not isinstance(value, bool):
                object.__setattr__(self, name, float(value))


def run(request: AccessRequest, region: Region) -> Result:
    """Return who reaches what.

    Returns
    -------
    Result
        `frames["units"]`, one row a ward, commune or cell: id, names, value (see `figures["unit"]`; null where nobody
        is served or nothing is known), people (null where unknown), people_known, people_reached, reached_pct, points,
        weighted_by, measure, mode, network, dates and decree of administrative units, geometry.
        `frames["facilities"]`: id, names, kind, capacity, timed_to, used, reason, snap_m, people_reached, geometry.
        `frames["points"]`: value and people where they live, unit_id: what the figures are computed from.
        `figures`: equity (see `zoning.reach.menu.EQUITY`), counts of what was left out, the network and the decay.

    Raises
    ------
    UnknownLayerError, InputError
        What was asked for is not there or cannot be used; the sentence counts it.
    """
    limit_min = validate(request)
    decay = decay_of(request.measure, limit_min, request.decay)
    chosen = supply(region, request.to, request.capacity, planned=request.planned)
    counts = chosen["reason"].eq("")
    if not counts.any():
        raise none_left(chosen, request.to)
    name = request.network or region.network_for(chosen.geometry[counts])
    network = travelled(region, request, name)
    found, edged = _places(network, region, request.to, chosen, counts.to_numpy())
    chosen["timed_to"] = np.where(edged, EDGE, CENTRE)
    chosen = on_network(chosen, found)
    if not chosen["reason"].eq("").any():
        raise none_left(chosen, request.to)

    demand = region.demand(name)
    people = demand["people"].to_numpy(dtype=float, na_value=np.nan)
    homes = placed(network, demand.geometry)
    # an unknown number of people competes with nobody; a note says so
    living = np.where(np.isnan(people), 0.0, people)
    served = serve(
        network,
        homes,
        living,
        found,
        chosen.loc[counts, "capacity"].to_numpy(dtype=float),
        request.measure,
        limit_min=limit_min,
        decay=decay,
        k=request.k,
        arrive=request.arrive,
    )
    kind = MEASURES[request.measure]
    value = served.value * (PER_PEOPLE if kind.unit == PER_PEOPLE_UNIT else 1)
    layout = units(region, demand, request.by, cell_m=request.cell_m, shape=request.shape)
    by_unit = _by_unit(request, layout, value, people, served)
    each = value
    if request.measure == "spatial_availability":  # a total: what is compared between people is what each has
        each = np.divide(value, living, out=np.full(value.size, np.nan), where=living > 0) * PER_PEOPLE
    each = np.where(np.isnan(homes.snap_m), np.nan, each)

    chosen["used"] = chosen["reason"].eq("")
    chosen["people_reached"] = np.nan
    chosen.loc[counts, "people_reached"] = served.people_at
    off = np.isnan(homes.snap_m)
    layer = split(request.to)[0]
    used = tuple(
        dict.fromkeys((*layers_of(region, layer), "population", *UNIT_LAYERS.values(), name, *layers_used(network)))
    )
    return Result(
        frames={
            "units": by_unit.assign(measure=request.measure, mode=request.mode, network=name),
            "facilities": chosen,
            "points": gpd.GeoDataFrame(
                {"value": each, "people": people, "unit_id": layout.frame["id"].to_numpy()[layout.unit_of]},
                geometry=demand.geometry.to_numpy(),
                crs=demand.crs,
            ),
        },
        figures={
            "network": name,
            "minutes": limit_min,
            "decay": decay.formula if kind.decays else "",
            "unit": kind.unit,
            "places": len(chosen),
            "places_used": int(chosen["used"].sum()),
            "places_left_out": facilities_left_out(chosen),
            "capacity_used": float(chosen.loc[chosen["used"], "capacity"].sum()),
            "people": math.fsum(living),
            "people_reached": math.fsum(living[served.reached]),
            "people_off_network": math.fsum(living[off]),
            "points_off_network": int(off.sum()),
            "units": len(by_unit),
            "units_without_people": int(by_unit["people"].isna().sum()),
            "units_without_value": int(by_unit["value"].isna().sum()),
            "equity": _equity(request, each, living, layout, demand, region),
        },
        notes=(
            *_notes(request, limit_min, chosen, demand, layout, served, off),
            *_edge_notes(int(edged.sum())),
            *(places_notes(region) if layer == PARK_JOBS else ()),
            *transit_notes(network),
        ),
        run=run_record("access", request, region, used, METHOD if edged.any() else "") | run_part(network),
    )


def validate(request: AccessRequest) -> float:
    """Return the limit in minutes, or raise InputError for what cannot be asked."""
    if request.measure not in MEASURES:
        raise InputError(
            N_("There is no measure “{measure}”. Measures: {measures}."),
            measure=request.measure,
            measures=", ".join(MEASURES),
        )
    if request.mode not in EVERY_MODE:
        raise InputError(
            N_("There is no mode “{mode}”. Modes: {modes}."), mode=request.mode, modes=", ".join(EVERY_MODE)
        )
    parse(request.transit)
    if request.network not in (None, *NETWORKS):
        raise InputError(
            N_("There is no network “{network}”. Networks: {networks}."),
            network=request.network,
            networks=", ".join(NETWORKS),
        )
    if request.by not in BY:
        raise InputError(N_("Results are by {known}, not by “{by}”."), known=", ".join(BY), by=request.by)
    if request.shape not in SHAPES:
        raise InputError(N_("Cells are hexagons or squares, not “{shape}”."), shape=request.shape)
    limit = MEASURES[request.measure].usual_min if request.minutes is None else request.minutes
    if not 0 < limit <= LONGEST_MIN:
        raise InputError(N_("The minutes must lie above 0 and within a day; {minutes} does not."), minutes=limit)
    if isinstance(request.k, bool) or not isinstance(request.k, int) or not 1 <= request.k <= 100:
        raise InputError(
            N_("Which nearest place is wanted must be a whole number from 1 to 100, not {k}."), k=request.k
        )
    if request.line is not None and not 0 < request.line < math.inf:
        raise InputError(
            N_("The least that people should have must be a number above 0, not {line}."), line=request.line
        )
    return float(limit)


def _places(
    network: TravelNetwork, region: Region, to: str, chosen: gpd.GeoDataFrame, counts: NDArray[np.bool_]
) -> tuple[Placed, NDArray[np.bool_]]:
    """Return the facilities that count on a network, and which of all are entered at their edge."""
    ways = ends_of(region, to, chosen)
    edged = ways.edged & counts
    if not edged.any():
        return placed(network, chosen.geometry[counts]), edged
    number = np.cumsum(counts) - 1
    mine = np.flatnonzero(counts[ways.of])
    return entered(network, chosen.geometry[counts], ways.points.iloc[mine], number[ways.of[mine]]), edged


def _edge_notes(count: int) -> tuple[Note, ...]:
    if not count:
        return ()
    words = N_("{count} green spaces of {least} ha and more are timed to the nearest point of their edge that streets"
               " come near, not to their centre.")  # fmt: skip
    return (Note(words, {"count": count, "least": f"{LEAST_HA:g}"}),)


def _by_unit(
    request: AccessRequest, layout: Units, value: FloatArray, people: FloatArray, served: Served
) -> gpd.GeoDataFrame:
    # nobody within reach has 0 places, but no minutes: the mean of a unit is that of those who reach one
    table = layout.gather(value, people, total=request.measure in ADDED_UP)
    known = np.where(np.isnan(people), 0.0, people)
    reached = layout.gather(np.where(served.reached, known, 0.0), people, total=True)["value"].to_numpy()
    living = table["people_known"].to_numpy()
    share = np.divide(100 * reached, living, out=np.full(living.size, np.nan), where=living > 0)
    known_any = living > 0
    frame = layout.frame.join(table)
    frame["people_reached"] = np.where(known_any, reached, np.nan)
    frame["reached_pct"] = np.minimum(share, 100.0)
    first = ["id", "name_vi", "name_en", "value", "people", "people_known", "people_reached", "reached_pct"]
    rest = [name for name in frame.columns if name not in (*first, "geometry")]
    return frame[[*first, *rest, "geometry"]]


def _equity(
    request: AccessRequest,
    value: FloatArray,
    people: FloatArray,
    layout: Units,
    demand: gpd.GeoDataFrame,
    region: Region,
) -> dict[str, Any]:
    """Return how evenly people are served, computed where they live; NaN where it is not defined."""
    wards = region.layer(UNIT_LAYERS["wards"])
    living = wards["population"].to_numpy(dtype=float, na_value=np.nan)
    dense = dict(zip(wards["id"].astype(str), living / wards.geometry.area.to_numpy(), strict=True))
    density = demand["unit_id"].astype(str).map(dense).to_numpy(dtype=float)
    parts = theil(value, people, layout.unit_of)
    figures: dict[str, Any] = {
        "gini": gini(value, people),
        "palma": palma(value, value, people),
        "theil": parts.total,
        "theil_between": parts.between,
        "theil_within": parts.within,
        "concentration": concentration_index(value, density, people),
        "line": request.line,
        "left_out_people": left_out(value, people).people,
        "left_out_points": left_out(value, people).units,
    }
    if request.line is None:
        return figures
    if MEASURES[request.measure].less_is_better:
        # who reaches none at all within the limit is beyond any shorter line
        beyond = math.fsum(people[np.isnan(value) | (value > request.line)])
        return figures | {"beyond_people": beyond, "beyond_pct": 100 * beyond / max(math.fsum(people), 1e-12)}
    poverty = foster_greer_thorbecke(value, request.line, people)
    return figures | dict(zip(("fgt0", "fgt1", "fgt2"), poverty, strict=True))


def _notes(
    request: AccessRequest,
    limit_min: float,
    chosen: gpd.GeoDataFrame,
    demand: gpd.GeoDataFrame,
    layout: Units,
    served: Served,
    off: NDArray[np.bool_],
) -> tuple[Note, ...]:
    notes = [
        Note(SENTENCES[reason], {"count": count, "total": len(chosen)})
        for reason, count in facilities_left_out(chosen).items()
    ]
    people = demand["people"].to_numpy(dtype=float, na_value=np.nan)
    if not served.reached.any():
        notes.append(Note(N_("No place is reached from anywhere within {minutes} minutes."), {"minutes": limit_min}))
    unknown = demand.loc[np.isnan(people), "unit_id"].nunique()
    if unknown:
        notes.append(
            Note(
                N_("The population of {count} of {total} wards is not known: they have a value (each point of the "
                   "network counting the same) and no people, and nobody there competes with others."),
                {"count": int(unknown), "total": int(demand["unit_id"].nunique())},
            )
        )  # fmt: skip
    if off.any():
        notes.append(
            Note(
                N_("{points} points with {people} people are too far from a street that is open to this mode; they are"
                   " counted as reaching nothing and left out of the equity figures."),
                {"points": int(off.sum()), "people": f"{np.nansum(people[off]):,.0f}"},
            )
        )  # fmt: skip
    if layout.moved:
        notes.append(
            Note(
                N_("{count} points lie in a gap between outlines and count in the nearest commune: nobody is lost."),
                {"count": layout.moved},
            )
        )
    if request.measure == "nearest":
        notes.append(
            Note(
                N_("A mean of minutes is that of the people who reach a place within {minutes} minutes."),
                {"minutes": f"{limit_min:g}"},
            )
        )
    notes.append(
        Note(
            N_("People of a ward stand evenly on its points of the network; who lives outside the former province is "
               "not counted and presses on nothing.")
        )
    )  # fmt: skip
    return tuple(notes)
