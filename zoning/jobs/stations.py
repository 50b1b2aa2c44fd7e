"""Answer what lies round the stations of a line: people, zones and ground within a walk along the streets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from zoning.corridors import checked_radii
from zoning.errors import InputError
from zoning.pace import checkpoint
from zoning.parkjobs import jobs_inside, notes_of, park_jobs
from zoning.places import destinations
from zoning.reach import MODES, catchment
from zoning.reach.serve import placed
from zoning.result import Note, Result, run_record
from zoning.text import N_

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zoning.reach import TravelNetwork
    from zoning.region import Region

LINE_MODES = ("metro", "brt", "rail")
"""Corridors whose known points are taken as stations; those of bus networks are listed as stops, not as a line."""
NETWORKS = ("strategic", "streets")
ROUGH = ("schematic", "approximate")


@dataclass(frozen=True)
class StationsRequest:
    """The question, and its run record.

    Attributes
    ----------
    corridors
        Ids of lines; none for every metro, BRT and railway line that is drawn.
    radii_m
        How far people walk along the streets, metres, each included.
    network
        "strategic" or "streets"; None takes the most detailed one that covers every station.
    operating
        Only lines in operation, and those that a scenario adds: what is planned is then not counted twice.
    """

    corridors: tuple[str, ...] = ()
    radii_m: tuple[float, ...] = (500.0, 1_000.0)
    network: str | None = None
    operating: bool = False

    def __post_init__(self) -> None:
        """Hold whole metres as numbers with a point: a record read from JSON is then the same question."""
        radii = tuple(float(one) if isinstance(one, int) else one for one in self.radii_m)
        object.__setattr__(self, "radii_m", radii)


def run(request: StationsRequest, region: Region) -> Result:
    """Return the surroundings of the stations.

    Returns
    -------
    Result
        `frames["areas"]`: one row a line and radius: id, corridor, names, mode, status, open_year, radius_m, stations
        (on the network), stations_off, people, zones (whose place is known), jobs of parks and how many of them are
        estimated (`zoning.parkjobs`), area_ha, geometry quality and geometry.
        Who is near two stations of a line counts once in it. `frames["stations"]`: corridor, seq, on_network, snap_m,
        people within the largest radius, geometry.

    Raises
    ------
    InputError
        No such line or network, a line without known points, or a radius that cannot be walked.
    """
    radii = validate(request)
    lines = _lines(request, region)
    stations = _stations(lines)
    name = request.network or region.network_for(stations.geometry)
    network = region.network("walk", name=name)
    found = placed(network, stations.geometry)
    stations["snap_m"] = found.snap_m
    stations["on_network"] = ~np.isnan(found.snap_m)

    demand = region.demand(name)
    people = np.nan_to_num(demand["people"].to_numpy(dtype=float, na_value=np.nan))
    zones = destinations(region, ("zones",))
    zones = zones[zones.geometry.notna()]
    limits = {radius: radius / 1000 / _walk_kmh() * 60 for radius in radii}
    to_people = _walks(network, demand.geometry, stations, max(limits.values()))
    to_zones = _walks(network, zones.geometry, stations, max(limits.values()))
    stations["people"] = np.where(
        stations["on_network"], ((to_people <= limits[radii[-1]]) * people[:, None]).sum(axis=0).round(), np.nan
    )
    parks = park_jobs(region)
    areas: list[dict[str, Any]] = []
    for _, line in lines.iterrows():
        checkpoint()
        own = (stations["corridor"] == line["id"]).to_numpy() & stations["on_network"].to_numpy()
        rings = _rings(network, stations.geometry[own], list(limits.values()))
        for at, (radius, limit) in enumerate(limits.items()):
            near = (to_people[:, own] <= limit).any(axis=1)
            here = (to_zones[:, own] <= limit).any(axis=1)
            areas.append(
                {
                    "id": f"{line['id']}-{radius:g}",
                    "corridor": line["id"],
                    **{column: line[column] for column in ("name_vi", "name_en", "mode", "status", "open_year")},
                    "radius_m": radius,
                    "stations": int(own.sum()),
                    "stations_off": int((stations["corridor"] == line["id"]).sum() - own.sum()),
                    "people": round(float(people[near].sum())),
                    "zones": int(here.sum()),
                    **dict.fromkeys(("jobs", "jobs_estimated"), 0.0),
                    "area_ha": None if rings is None else float(rings["area_ha"].iloc[at]),
                    "geometry_quality": line["geometry_quality"],
                    "geometry": None if rings is None else rings.geometry.iloc[at],
                }
            )
    jobs, guessed = jobs_inside(parks, [area["geometry"] for area in areas])
    for area, total, part in zip(areas, jobs.round().tolist(), guessed.round().tolist(), strict=True):
        area |= {"jobs": total, "jobs_estimated": part}
    used = ("corridors", "zones", "population", "wards_2025", name)
    return Result(
        frames={
            "areas": gpd.GeoDataFrame(areas, geometry="geometry", crs=network.crs).astype({"area_ha": float}),
            "stations": stations,
        },
        figures={"network": name, "stations": len(stations), "on_network": int(stations["on_network"].sum())},
        notes=(*_notes(lines, stations, name, network), *notes_of(parks)),
        run=run_record("stations", request, region, used),
    )


def validate(request: StationsRequest) -> list[float]:
    """Return the radii in rising order, each once; InputError for what cannot be asked."""
    if request.network not in (None, *NETWORKS):
        raise InputError(
            N_("There is no network “{network}”. Networks: {networks}."),
            network=request.network,
            networks=", ".join(NETWORKS),
        )
    return checked_radii(request.radii_m)


def _lines(request: StationsRequest, region: Region) -> gpd.GeoDataFrame:
    every = region.layer("corridors")
    drawn = every[every["mode"].isin(LINE_MODES) & every.geometry.notna()]
    if request.operating:
        drawn = drawn[drawn["status"].eq("operating")]
    if request.corridors:
        lost = sorted(set(request.corridors) - set(drawn["id"]))
        if lost:
            raise InputError(
                N_("No metro, BRT or railway line with known points is called {ids}."), ids=", ".join(lost)[:200]
            )
        drawn = drawn[drawn["id"].isin(request.corridors)]
    if not len(drawn):
        raise InputError(N_("There is no metro, BRT or railway line with known points."))
    return drawn.reset_index(drop=True)


def _stations(lines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    points = [np.array(shapely.points(shapely.get_coordinates(shape)), ndmin=1) for shape in lines.geometry]
    owner = np.repeat(np.arange(len(lines)), [len(one) for one in points])
    seq = np.concatenate([np.arange(1, len(one) + 1) for one in points])
    corridor = lines["id"].to_numpy()[owner]
    return gpd.GeoDataFrame(
        {
            "id": [f"{line}-{number}" for line, number in zip(corridor, seq, strict=True)],
            "corridor": corridor,
            "seq": seq,
            "geometry_quality": lines["geometry_quality"].to_numpy()[owner],
        },
        geometry=np.concatenate(points),
        crs=lines.crs,
    )


def _walk_kmh() -> float:
    speed = MODES["walk"].cruise_kmh
    assert speed is not None  # noqa: S101 - walking has a speed of its own
    return speed


def _walks(
    network: TravelNetwork, points: gpd.GeoSeries, stations: gpd.GeoDataFrame, limit_min: float
) -> NDArray[np.float64]:
    """Return minutes on foot from points to stations, (points, stations), inf beyond the limit or off the network."""
    minutes = np.full((len(points), len(stations)), np.inf)
    on = np.flatnonzero(stations["on_network"])
    near = placed(network, points)
    rows = np.flatnonzero(~np.isnan(near.snap_m))
    if on.size and rows.size:
        minutes[np.ix_(rows, on)] = network.minutes_matrix(
            points.iloc[rows], stations.geometry.iloc[on], limit_min * (1 + 1e-9)
        )
    return minutes


def _rings(network: TravelNetwork, points: gpd.GeoSeries, limits: list[float]) -> gpd.GeoDataFrame | None:
    return catchment(network, points, minutes=limits, arrive=True) if len(points) else None


def _notes(lines: gpd.GeoDataFrame, stations: gpd.GeoDataFrame, name: str, network: TravelNetwork) -> list[Note]:
    notes = []
    rough = int(lines["geometry_quality"].isin(ROUGH).sum())
    if rough:
        notes.append(
            Note(
                N_(
                    "Of {count} of {total} lines the stations are not published: the known points of the line stand in "
                    "for them, and what lies round them is no more than a first look."
                ),
                {"count": rough, "total": len(lines)},
            )
        )
    off = int((~stations["on_network"]).sum())
    if off:
        notes.append(
            Note(
                N_("{count} of {total} stations are too far from a street of this network and left out."),
                {"count": off, "total": len(stations)},
            )
        )
    if name == "strategic":
        notes.append(
            Note(
                N_(
                    "On the strategic network people stand on points 500 m apart and areas are widened by {walk_off:g} "
                    "m: good for comparing lines, not for a single station."
                ),
                {"walk_off": network.walk_off_m},
            )
        )
    return notes
