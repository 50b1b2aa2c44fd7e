"""Change what runs as a scenario would: lines that it adds, and stops along lines."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from zoning.scenarios.model import AddLine, AddStop
from zoning.text import N_
from zoning.transit.patterns import Headway, Service, Timetable
from zoning.transit.supply import digest, headway_line, with_parking

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from zoning.scenarios.model import Modification
    from zoning.transit.patterns import FloatArray, Pattern
    from zoning.transit.supply import Supply

OWN = N_("Lines of the scenario run at the headways and speeds that it says: {lines}.")
CALLS_WITHIN_M = 150.0
"""A new stop so near to the course of a line is called at: the course is drawn straight from stop to stop."""


def transit_changes(changes: Sequence[Modification]) -> tuple[Modification, ...]:
    """Return the modifications that bear on public transport."""
    return tuple(one for one in changes if isinstance(one, AddLine | AddStop))


def changed_supply(supply: Supply, changes: Sequence[Modification], place: Callable[..., np.ndarray]) -> Supply:
    """Return a supply with the lines and stops of a scenario, both ways along each line.

    A new stop is called at by every line whose course passes within 150 m of it. It costs the line no time (its
    published or assumed speed includes the stops), so that nothing added makes a trip longer. `place` turns longitude
    and latitude into positions in the CRS of the stops.
    """
    changes = transit_changes(changes)
    if not changes:
        return supply
    lines = [one for one in changes if isinstance(one, AddLine)]
    for line in lines:
        supply = _with_line(supply, line, np.asarray(place(line.stops)))
    for stop in changes:
        if isinstance(stop, AddStop) and stop.at is not None:
            supply = _with_stop(supply, stop, np.asarray(place((stop.at,)))[0])
    added = {line.id.rpartition(".")[2] for line in lines}  # of several scenarios, ids are led by their scenario's
    notes = ((OWN, {"lines": ", ".join(line.id for line in lines)}),) if lines else ()
    return with_parking(
        replace(
            supply,
            fingerprint=digest(supply.fingerprint, *map(repr, changes)),
            left_out=tuple(one for one in supply.left_out if one.id not in added),
            notes=(*supply.notes, *notes),
        )
    )


def _with_line(supply: Supply, line: AddLine, xy: np.ndarray) -> Supply:
    count, size = len(supply.stops), len(xy)
    vi, en = line.name_vi or line.name_en or line.id, line.name_en or line.name_vi or line.id
    numbers = range(1, size + 1)
    ids = [f"scenario:{line.id}:{at}" for at in numbers]
    stops = _more_stops(supply, ids, [f"{vi} {at}" for at in numbers], [f"{en} {at}" for at in numbers], xy)
    drawn_km = float(np.hypot(*np.diff(xy, axis=0).T).sum()) / 1000
    run_min = (line.length_km or drawn_km) / line.speed_kmh * 60
    every = np.vstack([supply.xy, xy]) if count else xy
    service = Service(f"scenario:{line.id}", vi, en, line.mode, line.id)
    last_hour = line.last_hour if line.last_hour >= line.first_hour else line.last_hour + 24
    order = list(range(count, count + size))
    nights = (0.0, 24.0) if last_hour > 24 else (0.0,)  # what began before midnight still runs after it
    both = [
        headway_line(service, way, every, headway_min=line.headway_min, run_min=run_min,
                     first_hour=line.first_hour - night, last_hour=last_hour - night)
        for night in nights
        for way in (order, order[::-1])
    ]  # fmt: skip
    return replace(supply, stops=stops, patterns=(*supply.patterns, *both))


def _with_stop(supply: Supply, stop: AddStop, xy: np.ndarray) -> Supply:
    vi, en = stop.name_vi or stop.name_en or stop.id, stop.name_en or stop.name_vi or stop.id
    at = len(supply.stops)
    patterns = tuple(_calling(one, at, xy, supply.xy) for one in supply.patterns)
    stops = _more_stops(supply, [f"scenario:{stop.id}"], [vi], [en], xy[None])
    return replace(supply, stops=stops, patterns=patterns)


def _calling(pattern: Pattern, stop: int, xy: np.ndarray, every: np.ndarray) -> Pattern:
    """Return a service that also calls at a stop, at the time when it passes there; as it was where it does not."""
    calls = every[pattern.stops]
    course = np.atleast_1d(np.asarray(shapely.linestrings(np.stack([calls[:-1], calls[1:]], axis=1))))
    far = np.asarray(shapely.distance(course, shapely.Point(xy)))
    hop = int(np.argmin(far))
    if far[hop] > CALLS_WITHIN_M:
        return pattern
    length = shapely.length(course[hop])
    share = shapely.line_locate_point(course[hop], shapely.Point(xy)) / length if length else 0.0

    def passed(leave: FloatArray, arrive: FloatArray) -> FloatArray:
        return leave[..., hop] + share * (arrive[..., hop + 1] - leave[..., hop])

    when = passed(pattern.depart_s, pattern.arrive_s)
    changed: dict[str, object] = {
        "stops": np.insert(pattern.stops, hop + 1, stop),
        "arrive_s": np.insert(pattern.arrive_s, hop + 1, when, axis=-1),
        "depart_s": np.insert(pattern.depart_s, hop + 1, when, axis=-1),
    }
    for name in ("boards", "alights"):
        mask = getattr(pattern, name)
        changed[name] = None if mask is None else np.insert(mask, hop + 1, values=True)
    if isinstance(pattern, Headway):
        return replace(pattern, **changed)  # type: ignore[arg-type]
    return Timetable(pattern.service, **changed)  # type: ignore[arg-type]


def _more_stops(supply: Supply, ids: list[str], vi: list[str], en: list[str], xy: np.ndarray) -> gpd.GeoDataFrame:
    stops = supply.stops
    new = gpd.GeoDataFrame(
        {"id": ids, "name_vi": vi, "name_en": en, "park": False}, geometry=gpd.points_from_xy(*xy.T), crs=stops.crs
    )
    return new if stops.empty else gpd.GeoDataFrame(pd.concat([stops, new], ignore_index=True), crs=stops.crs)
