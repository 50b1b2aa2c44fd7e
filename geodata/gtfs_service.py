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
from zoning.transit.transfers import Transfers

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
DAY_S = 86_400.0
NIGHT_S = 6 * 3600.0
"""Of the next day so much is in the night after the last trips of a day."""
DATED = N_("Timetable of {title}: valid from {first} to {last}, shown as on {date}.")


def service_date(feed: Feed, day: str | None = None) -> str:
    """Return the date (ISO) on which a day of the week is taken from: that with the most trips.

    Of equals it is the one with the most trips from the evening before that run past midnight (the first day of a
    timetable has none), then the first. `day` is mon … sun; None is any working day.

    Raises
    ------
    InputError
        Nothing runs on that day of the week.
    """
    wanted = {check_day(day)} if day else set(WEEKDAYS)
    counts = feed.trips["service"].value_counts()
    at_night = feed.trips[feed.trips["id"].isin(_past_midnight(feed))]["service"].value_counts()
    best, most, before = "", (0, 0), 0
    for date in _days(feed):
        active = feed.raw.get_active_services(date.strftime("%Y%m%d"))
        trips, nightly = (int(some.reindex(active).fillna(0).sum()) for some in (counts, at_night))
        if DAYS[date.weekday()] in wanted and trips and (trips, before) > most:
            best, most = date.isoformat(), (trips, before)
        before = nightly
    if not best:
        raise InputError(N_("By the timetable nothing runs on this day of the week ({day})."), day=day or "mon-fri")
    return best


def _days(feed: Feed) -> list[dt.date]:
    """Return every day from the first to the last of a timetable."""
    first, last = (dt.date.fromisoformat(one) for one in (feed.valid_from, feed.valid_to))
    return [first + dt.timedelta(days=one) for one in range((last - first).days + 1)]


def _past_midnight(feed: Feed) -> set[str]:
    """Return the trips that are still under way at midnight, or begin after it."""
    late = set(feed.calls.loc[feed.calls["arrive_s"] >= DAY_S, "trip"])
    return late | set(feed.frequencies.loc[feed.frequencies["last_s"] > DAY_S, "trip"])


def _early(feed: Feed) -> set[str]:
    """Return the trips that begin before 06:00."""
    early = set(feed.calls.loc[feed.calls["depart_s"] < NIGHT_S, "trip"])
    return early | set(feed.frequencies.loc[feed.frequencies["first_s"] < NIGHT_S, "trip"])


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
    parts, patterns, notes, changes = [], list[Pattern](), [], []
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
        patterns += day_patterns(feed, date, offset=count, prefix=f"{number}:", nights=True)
        changes.append(feed.transfers.assign(start=feed.transfers["start"] + count, end=feed.transfers["end"] + count))
        count += len(feed.stops)
        notes.append((DATED, {"title": title, "first": feed.valid_from, "last": feed.valid_to, "date": date}))
    stops = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=crs)
    source = "; ".join(title for title, _, _ in feeds)
    made = digest(mark, *(date for _, _, date in feeds))
    told = pd.concat(changes, ignore_index=True)
    transfers = Transfers(*(told[name].to_numpy() for name in ("start", "end", "kind", "seconds")))
    return with_parking(Supply(stops, tuple(patterns), source, made, (), tuple(notes), transfers))


def day_patterns(feed: Feed, date: str, *, offset: int = 0, prefix: str = "", nights: bool = False) -> list[Pattern]:
    """Return the services of one date (ISO); stops are counted from `offset`.

    Trips of `frequencies.txt` run by headway (their wait is a share of it), or, where it says that its times are exact,
    at these times. A day of service ends when its last trip does: with `nights` what of the day before runs past
    midnight is in the morning of the date as well, and the next day's trips until 06:00 after its end.
    """
    lines = _Lines(_services(feed.routes, prefix), offset)
    day = dt.date.fromisoformat(date)
    for shift in (-1, 0, 1) if nights else (0,):
        active = set(feed.raw.get_active_services((day + dt.timedelta(days=shift)).strftime("%Y%m%d")))
        trips = feed.trips[feed.trips["service"].isin(active)]
        if shift:
            trips = trips[trips["id"].isin(_past_midnight(feed) if shift < 0 else _early(feed))]
        lines.add(feed, trips, shift * DAY_S)
    return lines.patterns()


class _Lines:
    """Gather runs by line and course; what runs by headway is a pattern at once."""

    def __init__(self, services: dict[str, Service], offset: int) -> None:
        self.services, self.offset = services, offset
        self.often: list[Pattern] = []
        self.groups: dict[tuple[str, bytes, bytes, bytes], list[tuple[FloatArray, FloatArray]]] = {}

    def add(self, feed: Feed, trips: pd.DataFrame, shift_s: float) -> None:
        """Add the runs of trips, their day of service beginning at `shift_s`, that are of use to the day itself."""
        calls = feed.calls[feed.calls["trip"].isin(trips["id"])]
        if calls.empty:
            return
        route = dict(zip(trips["id"], trips["route"], strict=True))
        often = {str(name): rows for name, rows in feed.frequencies.groupby("trip", sort=False)}
        every = calls["trip"].to_numpy()
        bounds = np.flatnonzero(np.r_[True, every[1:] != every[:-1]])
        stop = calls["stop"].to_numpy(dtype=np.intp)
        arrive, depart = (calls[name].to_numpy(dtype=np.float64) for name in ("arrive_s", "depart_s"))
        boards, alights = (calls[name].to_numpy(dtype=bool) for name in ("boards", "alights"))

        def of_use(first_s: float, last_s: float) -> bool:
            return not shift_s or (last_s >= 0 if shift_s < 0 else first_s < DAY_S + NIGHT_S)

        for low, high in zip(bounds.tolist(), [*bounds[1:].tolist(), len(calls)], strict=True):
            rows, name = slice(low, high), str(every[low])
            line = route[name]
            run = arrive[rows] - depart[low], depart[rows] - depart[low]
            starts = [float(depart[low])]
            if name in often:
                columns = (often[name][one].tolist() for one in ("exact", "first_s", "last_s", "headway_s"))
                starts = []
                for exact, first, last, headway in zip(*columns, strict=True):
                    if exact:
                        starts += np.arange(first, last, headway).tolist()
                    elif of_use(first + shift_s, last + shift_s + run[0][-1]):
                        self.often.append(
                            Headway(self.services[line], stop[rows] + self.offset, *run, float(headway),
                                    first + shift_s, last + shift_s, boards[rows], alights[rows])
                        )  # fmt: skip
            key = (line, stop[rows].tobytes(), boards[rows].tobytes(), alights[rows].tobytes())
            self.groups.setdefault(key, []).extend(
                (run[0] + one, run[1] + one)
                for one in (start + shift_s for start in starts)
                if of_use(one, one + float(run[0][-1]))
            )

    def patterns(self) -> list[Pattern]:
        """Return what runs: by headway first, then by timetable."""
        found = list(self.often)
        for (line, places, gets_on, gets_off), times in self.groups.items():
            if times:
                at_stops = np.frombuffer(places, dtype=np.intp) + self.offset
                masks = [np.frombuffer(mask, dtype=bool) for mask in (gets_on, gets_off)]
                found += timetables(self.services[line], at_stops, np.array([one for one, _ in times]),
                                    np.array([one for _, one in times]), *masks)  # fmt: skip
        return found


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
