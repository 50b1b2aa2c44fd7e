"""Answer who lives and works along each corridor, and how many more do as corridors open year by year."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from zoning.corridors import checked_radii, open_in
from zoning.errors import InputError
from zoning.pace import checkpoint
from zoning.parkjobs import LAYERS_USED, jobs_inside, notes_of, park_jobs
from zoning.places import destinations
from zoning.result import Note, Result, run_record
from zoning.text import N_

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zoning.region import Region

NETWORKS = ("strategic", "streets")
FIRST_YEAR, LAST_YEAR = 2015, 2040
MOST_CORRIDORS = 500


@dataclass(frozen=True)
class AlongRequest:
    """The question, and its run record.

    Attributes
    ----------
    corridors
        Ids of corridors; none for all that are drawn.
    radii_m
        How far from the line, metres in a straight line, each included.
    years
        First and last year of the table by year.
    network
        Whose points the people stand on: "strategic" or "streets".
    operating
        Only corridors in operation, and those that a scenario adds: what is planned is then not counted twice.
    """

    corridors: tuple[str, ...] = ()
    radii_m: tuple[float, ...] = (500.0, 1_000.0)
    years: tuple[int, int] = (2025, 2035)
    network: str = "strategic"
    operating: bool = False

    def __post_init__(self) -> None:
        """Hold whole metres as numbers with a point: a record read from JSON is then the same question."""
        object.__setattr__(self, "radii_m", tuple(float(one) if isinstance(one, int) else one for one in self.radii_m))


def run(request: AlongRequest, region: Region) -> Result:
    """Return what lies along corridors.

    Returns
    -------
    Result
        `frames["along"]`: one row a corridor and radius: id, corridor, names, mode, status, open_year, radius_m,
        people, jobs, jobs_estimated, zones (whose place is known), geometry quality and geometry (the strip).
        `frames["years"]`: one row a year, mode and radius: the corridors open by then, and the people, jobs and zones
        within the radius of any of them, each counted once; "all" is every mode together.

    Raises
    ------
    InputError
        No such corridor or network, a radius that is none, or years in the wrong order.
    """
    radii = validate(request)
    lines = _lines(request, region)
    demand = region.demand(request.network)
    people = np.nan_to_num(demand["people"].to_numpy(dtype=float, na_value=np.nan))
    homes = shapely.STRtree(demand.geometry.to_numpy())
    zones = destinations(region, ("zones",))
    places = shapely.STRtree(zones.geometry[zones.geometry.notna()].to_numpy())
    parks = park_jobs(region)

    def inside(shapes: NDArray[np.object_]) -> dict[str, Any]:
        total, guessed = jobs_inside(parks, list(shapes))
        counted = [homes.query(shape, predicate="intersects") for shape in shapes]
        return {
            "people": [round(float(people[at].sum())) for at in counted],
            "jobs": np.round(total),
            "jobs_estimated": np.round(guessed),
            "zones": [int(places.query(shape, predicate="intersects").size) for shape in shapes],
        }

    parts = []
    strips: dict[float, NDArray[np.object_]] = {}
    for radius in radii:
        checkpoint()
        strips[radius] = np.asarray(shapely.buffer(lines.geometry.to_numpy(), radius), dtype=object)
        about = lines[["name_vi", "name_en", "mode", "status", "open_year", "geometry_quality"]]
        rows = about.assign(corridor=lines["id"], id=[f"{one}-{radius:g}" for one in lines["id"]], radius_m=radius)
        parts.append(gpd.GeoDataFrame(rows.assign(**inside(strips[radius])), geometry=strips[radius], crs=lines.crs))
    along = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=lines.crs)
    years: list[dict[str, Any]] = []
    told: dict[tuple[bytes, float], dict[str, float]] = {}  # most years open nothing
    for year in range(request.years[0], request.years[1] + 1):
        checkpoint()
        is_open = lines["id"].isin(open_in(lines, year)[0]["id"]).to_numpy()
        for mode in ("all", *sorted(set(lines["mode"]))):
            which = is_open if mode == "all" else is_open & (lines["mode"] == mode).to_numpy()
            for radius in radii:
                key = which.tobytes(), radius
                if key not in told:
                    whole = np.array([shapely.union_all(strips[radius][which])], dtype=object)
                    told[key] = {name: float(values[0]) for name, values in inside(whole).items()}
                years.append({"year": year, "mode": mode, "radius_m": radius, "open": int(which.sum())} | told[key])
    used = ("corridors", *LAYERS_USED, "population", "wards_2025", request.network)
    return Result(
        frames={"along": along, "years": pd.DataFrame(years)},
        figures={"network": request.network, "corridors": len(lines)},
        notes=tuple(_notes(lines, parks)),
        run=run_record("along", request, region, tuple(name for name in used if _has(region, name))),
    )


def validate(request: AlongRequest) -> list[float]:
    """Return the radii in rising order, each once; InputError for what cannot be asked."""
    if request.network not in NETWORKS:
        raise InputError(
            N_("There is no network “{network}”. Networks: {networks}."),
            network=request.network,
            networks=", ".join(NETWORKS),
        )
    if not FIRST_YEAR <= request.years[0] <= request.years[1] <= LAST_YEAR:
        raise InputError(N_("The years must rise and lie from {first} to {last}."), first=FIRST_YEAR, last=LAST_YEAR)
    return checked_radii(request.radii_m)


def _lines(request: AlongRequest, region: Region) -> gpd.GeoDataFrame:
    every = region.layer("corridors")
    drawn = every[every.geometry.notna()]
    if request.operating:
        drawn = drawn[drawn["status"].eq("operating")]
    if request.corridors:
        if lost := sorted(set(request.corridors) - set(drawn["id"])):
            raise InputError(N_("No corridor with known points is called {ids}."), ids=", ".join(lost)[:200])
        drawn = drawn[drawn["id"].isin(request.corridors)]
    if not len(drawn):
        raise InputError(N_("There is no corridor with known points."))
    return drawn.reset_index(drop=True)


def _has(region: Region, name: str) -> bool:
    try:
        region.fingerprint(name)
    except LookupError:
        return False
    return True


def _notes(lines: gpd.GeoDataFrame, parks: gpd.GeoDataFrame) -> list[Note]:
    notes = [
        Note(
            N_(
                "Along a corridor is measured in a straight line from its drawn course: who lives beside an expressway "
                "is counted, whether or not there is a way onto it."
            )
        )
    ]
    rough = int(lines["geometry_quality"].isin(("schematic", "approximate")).sum())
    if rough:
        notes.append(
            Note(
                N_("Of {count} of {total} corridors the course is known only roughly."),
                {"count": rough, "total": len(lines)},
            )
        )
    without = int((lines["open_year"].isna() & ~lines["status"].eq("operating")).sum())
    if without:
        notes.append(
            Note(
                N_("{count} corridors that are not in operation have no published year and are never open here."),
                {"count": without},
            )
        )
    return [*notes, *notes_of(parks)]
