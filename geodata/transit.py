"""Read what runs from the embedded table of lines: those with a headway and known stops, and those left out."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np

from geodata.source_tables import read_source
from zoning.reach.clock import check_day
from zoning.text import N_
from zoning.transit.patterns import Service
from zoning.transit.supply import LeftOut, Supply, digest, headway_line, with_parking

if TYPE_CHECKING:
    import geopandas as gpd

    from geodata.store import Store
    from zoning.transit.patterns import Pattern

TABLE, FEEDS = "transit_lines", "transit_feeds"
SOURCE = "Becamex Tokyu (Kaze), 2017-2018"
AGED = N_(
    "The headways of the Kaze buses are those of {year}, median of a working day in one direction; today's are not "
    "published. The order of stops and the run between them are derived."
)


def supply_mark(store: Store) -> str:
    """Return a hash of all that public transport is computed from in a store, whatever the day."""
    feeds = store.fingerprint(FEEDS) if FEEDS in store.names() else ""
    return digest(_table_mark(), store.fingerprint("stops"), feeds)


def supply_of(store: Store, day: str | None = None) -> Supply:
    """Return what runs on a day (None: a working day): by the timetables loaded, else by the headways known."""
    from geodata.feeds import supply_from_feeds  # pandas alone; the reader of feeds is imported when it is needed

    return supply_from_feeds(store, day) or headway_supply(store.layer("stops"), day)


@cache
def _table_mark() -> str:
    return digest(read_source(TABLE).to_csv(index=False))


def headway_supply(stops: gpd.GeoDataFrame, day: str | None = None) -> Supply:
    """Return the lines of the embedded table that run on a day.

    Parameters
    ----------
    stops
        The layer `stops` (id, names, points in a projected CRS): lines name their stops by id.
    day
        mon … sun; None is a working day.
    """
    weekday = check_day(day) or "mon"
    table = read_source(TABLE)
    stops = stops[stops.geometry.notna()]
    left_out: dict[str, LeftOut] = {}
    chosen = []
    for row in (SimpleNamespace(**{str(key): value for key, value in one.items()}) for one in table.to_dict("records")):
        reason = row.reason or ("" if row.status == "operating" else "planned")
        if not reason and weekday not in row.days.split():
            reason = "day_unknown"
        if not reason and not set(row.stops.split()) <= set(stops["id"]):
            reason = "stops_unknown"
        if reason:
            left_out[row.id] = LeftOut(row.id, row.short, reason)
        else:
            chosen.append(row)
    used = stops[stops["id"].isin({stop for row in chosen for stop in row.stops.split()})].reset_index(drop=True)
    at = {stop: place for place, stop in enumerate(used["id"])}
    frame = used[["id", "name_vi", "name_en", "geometry"]].assign(park=False)
    xy = np.column_stack([frame.geometry.x, frame.geometry.y])
    patterns: list[Pattern] = [
        headway_line(
            Service(row.id, row.name_vi, row.name_en, row.mode, row.short),
            [at[stop] for stop in row.stops.split()],
            xy,
            headway_min=float(row.headway_min),
            run_min=float(row.run_min),
            first_hour=float(row.first_hour),
            last_hour=float(row.last_hour),
        )
        for row in chosen
    ]
    years = sorted({row.basis_year for row in chosen})
    mark = digest(table.to_csv(index=False), *frame["id"], xy.tobytes().hex(), weekday)
    notes = ((AGED, {"year": ", ".join(years)}),) if years else ()
    return with_parking(Supply(frame, tuple(patterns), SOURCE if chosen else "", mark, tuple(left_out.values()), notes))
