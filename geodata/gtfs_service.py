"""Turn a timetable into what runs on one day: trips by line and course, and lines by headway where it says so."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from zoning.errors import InputError
from zoning.reach.clock import DAYS, WEEKDAYS, check_day
from zoning.text import N_
from zoning.transit.patterns import Headway, Pattern, Service, timetables
from zoning.transit.supply import Supply, digest, with_parking

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pyproj import CRS

    from geodata.gtfs import Feed
    from zoning.transit.patterns import FloatArray

TYPES = {
    0: "tram",
    1: "metro",
    2: "rail",
    3: "bus",
    4: "ferry",
    5: "tram",
    6: "metro",
    7: "metro",
    11: "bus",
    12: "metro",
}
"""What runs, by route_type; types from 100 on by their hundred: 100 rail, 200 coach, 400 metro, 700 bus, 900 tram, …"""
_HUNDREDS = {
    1: "rail",
    2: "bus",
    3: "rail",
    4: "metro",
    5: "metro",
    6: "metro",
    7: "bus",
    8: "bus",
    9: "tram",
    10: "ferry",
    12: "ferry",
}
DATED = N_("Timetable of {title}: valid from {first} to {last}, shown as on {date}.")


def service_date(feed: Feed, day: str | None = None) -> str:
    """Return the date (ISO) on which a day of the week is taken from: that with the most trips, the first of equals.

    `day` is mon … sun; None is any working day.

    Raises
    ------
    InputError
        Nothing runs on that day of the week.
    """
    wanted = {check_day(day)} if day else set(WEEKDAYS)
    counts = feed.trips["service"].value_counts()
    best, most = "", 0
    for date in sorted(feed.raw.get_dates()):
        when = dt.datetime.strptime(date, "%Y%m%d")  # noqa: DTZ007 - a day, no moment
        if DAYS[when.weekday()] in wanted:
            trips = int(counts.reindex(feed.raw.get_active_services(date)).fillna(0).sum())
            if trips > most:
                best, most = when.date().isoformat(), trips
    if not best:
        raise InputError(N_("By the timetable nothing runs on this day of the week ({day})."), day=day or "mon-fri")
    return best


def feed_supply(
    feeds: Sequence[tuple[str, Feed, str]],
    place: Callable[[np.ndarray, np.ndarray], tuple[FloatArray, FloatArray]],
    crs: CRS | str,
    mark: str,
) -> Supply:
    """Return what runs on a day, of several feeds together.

    Parameters
    ----------
    feeds
        Title, feed and the date (ISO) that is taken of it.
    place, crs
        Turns longitudes and latitudes into positions in the CRS of the network.
    mark
        A hash of the feeds.
    """
    parts, patterns, notes = [], list[Pattern](), []
    count = 0
    for number, (title, feed, date) in enumerate(feeds):
        x, y = place(feed.stops["lon"].to_numpy(), feed.stops["lat"].to_numpy())
        parts.append(
            gpd.GeoDataFrame(
                {
                    "id": [f"{number}:{one}" for one in feed.stops["id"]],
                    "name_vi": feed.stops["name"].astype(str),
                    "name_en": feed.stops["name"].astype(str),
                    "park": False,
                },
                geometry=gpd.points_from_xy(x, y),
                crs=crs,
            )
        )
        patterns += day_patterns(feed, date, offset=count, prefix=f"{number}:")
        count += len(feed.stops)
        notes.append((DATED, {"title": title, "first": feed.valid_from, "last": feed.valid_to, "date": date}))
    stops = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=crs)
    source = "; ".join(title for title, _, _ in feeds)
    made = digest(mark, *(date for _, _, date in feeds))
    return with_parking(Supply(stops, tuple(patterns), source, made, (), tuple(notes)))


def day_patterns(feed: Feed, date: str, *, offset: int = 0, prefix: str = "") -> list[Pattern]:
    """Return the services of one date (ISO); stops are counted from `offset`.

    Trips of `frequencies.txt` run by headway (their wait is a share of it), or, where it says that its times are exact,
    at these times.
    """
    active = set(feed.raw.get_active_services(date.replace("-", "")))
    trips = feed.trips[feed.trips["service"].isin(active)]
    calls = feed.calls[feed.calls["trip"].isin(trips["id"])]
    if calls.empty:
        return []
    route = dict(zip(trips["id"], trips["route"], strict=True))
    services = _services(feed.routes, prefix)
    often = {str(name): rows for name, rows in feed.frequencies.groupby("trip", sort=False)}
    groups: dict[tuple[str, bytes, bytes, bytes], list[tuple[FloatArray, FloatArray]]] = {}
    patterns: list[Pattern] = []
    every = calls["trip"].to_numpy()
    bounds = np.flatnonzero(np.r_[True, every[1:] != every[:-1]])
    stop = calls["stop"].to_numpy(dtype=np.intp)
    arrive, depart = (calls[name].to_numpy(dtype=np.float64) for name in ("arrive_s", "depart_s"))
    boards, alights = (calls[name].to_numpy(dtype=bool) for name in ("boards", "alights"))
    for low, high in zip(bounds.tolist(), [*bounds[1:].tolist(), len(calls)], strict=True):
        rows, name = slice(low, high), str(every[low])
        line = route[name]
        run = arrive[rows] - depart[low], depart[rows] - depart[low]
        starts = [float(depart[low])]
        if name in often:
            windows = often[name]
            exact, begin, end, every_s = (
                windows[column].to_numpy() for column in ("exact", "first_s", "last_s", "headway_s")
            )
            patterns += [
                Headway(services[line], stop[rows] + offset, *run, float(every_s[at]), float(begin[at]), float(end[at]),
                        boards[rows], alights[rows])
                for at in np.flatnonzero(~exact.astype(bool))
            ]  # fmt: skip
            starts = [
                float(one)
                for at in np.flatnonzero(exact.astype(bool))
                for one in np.arange(begin[at], end[at], every_s[at])
            ]
        key = (line, stop[rows].tobytes(), boards[rows].tobytes(), alights[rows].tobytes())
        groups.setdefault(key, []).extend((run[0] + one, run[1] + one) for one in starts)
    for (line, places, gets_on, gets_off), times in groups.items():
        if times:
            at_stops = np.frombuffer(places, dtype=np.intp) + offset
            masks = [np.frombuffer(mask, dtype=bool) for mask in (gets_on, gets_off)]
            patterns += timetables(services[line], at_stops, np.array([one for one, _ in times]),
                                   np.array([one for _, one in times]), *masks)  # fmt: skip
    return patterns


def _services(routes: pd.DataFrame, prefix: str) -> dict[str, Service]:
    columns = (routes[name].tolist() for name in ("id", "short", "name", "type"))
    made = {}
    for line, short, name, kind in zip(*columns, strict=True):
        label = short or name or line
        made[line] = Service(prefix + line, label, label, mode_of(int(kind)), label)
    return made


def mode_of(route_type: int) -> str:
    """Return what runs on a line of a route type: bus, metro, rail, tram or ferry; bus where it is not known."""
    return TYPES.get(route_type) or _HUNDREDS.get(route_type // 100, "bus")
