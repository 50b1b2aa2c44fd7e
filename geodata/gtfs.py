"""Read a timetable in GTFS with care: a zip of bounded size, every row checked, what is dropped told and counted."""

from __future__ import annotations

import io
import tempfile
import warnings
import zipfile
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geodata.gtfs_rows import Drops, column, seconds_of, texts
from geodata.gtfs_transfers import read_transfers
from geodata.importing.archive import SPOILT
from zoning.errors import BadFileError
from zoning.result import Note
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NEEDED = ("stops", "routes", "trips", "stop_times")
DAYS_IN = ("calendar", "calendar_dates")
USED = (*NEEDED, *DAYS_IN, "agency", "frequencies", "transfers", "feed_info")
"""Tables that trips are timed by; they are kept in the store."""
READ = (*USED, "shapes")
"""Tables that are read when a feed is loaded: the courses of lines become a layer of their own."""
MOST_BYTES = 100_000_000
MOST_UNPACKED = 400_000_000
MOST_MEMBERS = 60
MOST_RATIO = 100
MOST_ROWS = 3_000_000
"""Calls of vehicles at stops: a country's whole timetable has more, a region's does not."""
_STEP = 1 << 20
NO_PASSENGERS = 1
"""pickup_type and drop_off_type of a call where nobody gets on, or off."""


@dataclass(frozen=True)
class Feed:
    """A timetable as read: its tables, clean, and the sentences on what was dropped from the file.

    `stops`: id, name, lon, lat, station (the id of what it is part of). `routes`: id, short, name, type. `trips`: id,
    route, service, shape. `calls`: trip, stop (row in `stops`), order, arrive_s, depart_s (seconds of the service day),
    boards, alights; by trip and order, without gaps. `frequencies`: trip, first_s, last_s, headway_s, exact.
    `transfers`: see `geodata.gtfs_transfers`. `rows`: how many rows each table of the file has.
    """

    stops: pd.DataFrame
    routes: pd.DataFrame
    trips: pd.DataFrame
    calls: pd.DataFrame
    frequencies: pd.DataFrame
    transfers: pd.DataFrame
    agency: str
    valid_from: str
    valid_to: str
    notes: tuple[Note, ...] = ()
    rows: Mapping[str, int] = field(default_factory=dict)
    raw: Any = field(default=None, compare=False, repr=False)
    """The feed as gtfs_kit holds it: for its calendar, and its shapes where they were read."""


def read_feed(content: bytes) -> Feed:
    """Return the timetable in a zip.

    Raises
    ------
    BadFileError
        It is no zip, too large, lacks a table or a column, or nothing in it can be used; the sentence says which.
    """
    with tempfile.TemporaryDirectory() as folder:
        unpack(content, Path(folder), READ)
        raw = _parsed(Path(folder))
    missing = [f"{name}.txt" for name in NEEDED if getattr(raw, name) is None]
    if all(getattr(raw, name) is None for name in DAYS_IN):
        missing.append("calendar.txt")
    if missing:
        raise BadFileError(N_("This is no GTFS timetable: {files} is missing or empty."), files=", ".join(missing))
    return _checked(raw)


def unpack(content: bytes, folder: Path, wanted: Sequence[str] = USED) -> None:
    """Write the wanted tables of a feed into a folder under names of our own; all else stays packed."""
    if len(content) > MOST_BYTES:
        raise BadFileError(N_("The timetable has {size} MB; {most} MB are the most."),
                           size=f"{len(content) / 1e6:.0f}", most=f"{MOST_BYTES / 1e6:.0f}")  # fmt: skip
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            if len(infos) > MOST_MEMBERS:
                raise BadFileError(N_("The timetable's zip holds {count} files; {most} are the most."),
                                   count=len(infos), most=MOST_MEMBERS)  # fmt: skip
            members: dict[str, zipfile.ZipInfo] = {}
            for info in infos:
                path = PurePosixPath(info.filename)
                if path.suffix.lower() == ".txt" and path.stem in wanted and not info.filename.startswith("__MACOSX/"):
                    if path.stem in members:
                        raise BadFileError(N_("The timetable's zip holds {name} twice: pack one feed alone."),
                                           name=path.name[:40])  # fmt: skip
                    members[path.stem] = info
            size = sum(info.file_size for info in members.values())
            packed = sum(info.compress_size for info in members.values())
            if size > MOST_UNPACKED or size > max(packed, 1) * MOST_RATIO + _STEP:
                raise BadFileError(N_("The timetable would unpack to {size} MB, more than is taken in."),
                                   size=f"{size / 1e6:.0f}")  # fmt: skip
            for name, info in members.items():
                _extract(archive, info, folder / f"{name}.txt")
    except (*SPOILT, ValueError, OSError) as error:
        if isinstance(error, BadFileError):
            raise
        raise BadFileError(N_("This is no zip of a GTFS timetable, or it is damaged or locked.")) from error


def unused(content: bytes) -> tuple[str, ...]:
    """Return the names of the files in a feed's zip that are not read."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = [PurePosixPath(info.filename) for info in archive.infolist() if not info.is_dir()]
    return tuple(sorted({path.name[:40] for path in files if path.stem not in READ or path.suffix.lower() != ".txt"}))


def packed(content: bytes) -> bytes:
    """Return a feed's zip with the tables that are used alone: same content, same bytes."""
    with tempfile.TemporaryDirectory() as folder:
        unpack(content, Path(folder))
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(Path(folder).iterdir()):
                archive.writestr(zipfile.ZipInfo(path.name), path.read_bytes(), zipfile.ZIP_DEFLATED, 9)
        return out.getvalue()


def _extract(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    written = 0
    with archive.open(member) as source, target.open("wb") as out:
        while block := source.read(_STEP):
            written += len(block)
            if written > member.file_size:  # its header lies
                raise BadFileError(N_("This is no zip of a GTFS timetable, or it is damaged or locked."))
            out.write(block)


def _parsed(folder: Path) -> Any:  # noqa: ANN401 - a class of gtfs_kit, which is slow to import
    import gtfs_kit  # type: ignore[import-untyped]

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of mixed columns: they are checked below
            return gtfs_kit.read_feed(folder, dist_units="km")
    except (ValueError, KeyError, TypeError, OverflowError, pd.errors.ParserError) as error:
        reason = " ".join(str(error).split())[:120]
        raise BadFileError(N_("A table of the timetable cannot be read: {reason}"), reason=reason) from error


def _checked(raw: Any) -> Feed:  # noqa: ANN401 - as above
    drops = Drops()
    stops = _stops(raw.stops, drops)
    routes = _routes(raw.routes, drops)
    trips = pd.DataFrame({name: texts(raw.trips, "trips", f"{name}_id") for name in ("trip", "route", "service")})
    trips = trips.rename(columns={"trip": "id"})
    trips["shape"] = texts(raw.trips, "trips", "shape_id").fillna("") if "shape_id" in raw.trips else ""
    trips = drops.keep(trips, trips["id"].notna() & ~trips["id"].duplicated(), N_("Trips without an id of their own: "
                       "{count}."))  # fmt: skip
    trips = drops.keep(
        trips, trips["route"].isin(routes["id"]), N_("Trips of a line that is not in the file: {count}.")
    )
    calls = _calls(raw.stop_times, trips, stops, drops)
    trips = trips[trips["id"].isin(calls["trip"])].reset_index(drop=True)
    if trips.empty:
        raise BadFileError(N_("No trip of the timetable can be used: none has two calls at known stops with times."))
    dates = sorted(raw.get_dates())
    if not dates:
        raise BadFileError(N_("The timetable runs on no day: its calendar is empty."))
    agency = "" if raw.agency is None else str(raw.agency.get("agency_name", pd.Series([""])).iloc[0])
    often = _frequencies(raw.frequencies, trips, drops)
    valid = _iso(dates[0]), _iso(dates[-1])
    changes = read_transfers(raw.transfers, stops, drops)
    rows = {name: len(table) for name in READ if (table := getattr(raw, name)) is not None}
    return Feed(stops, routes, trips, calls, often, changes, agency[:80], *valid, drops.notes, rows, raw)


def within(feed: Feed, bounds: tuple[float, float, float, float]) -> Feed:
    """Return the feed with its stops inside west, south, east, north alone; trips go on from there to there."""
    west, south, east, north = bounds
    inside = (feed.stops["lon"].between(west, east) & feed.stops["lat"].between(south, north)).to_numpy()
    if inside.all():
        return feed
    place = np.cumsum(inside) - 1
    calls = feed.calls[inside[feed.calls["stop"].to_numpy()]]
    calls = calls.assign(stop=place[calls["stop"].to_numpy()])
    calls = calls[calls.groupby("trip", sort=False)["trip"].transform("size") > 1].reset_index(drop=True)
    if calls.empty:
        raise BadFileError(N_("No trip of the timetable has two stops in the study area."))
    trips = feed.trips[feed.trips["id"].isin(calls["trip"])].reset_index(drop=True)
    often = feed.frequencies[feed.frequencies["trip"].isin(trips["id"])].reset_index(drop=True)
    note = Note(N_("Stops outside the study area: {count}."), {"count": int((~inside).sum())})
    stops = feed.stops[inside].reset_index(drop=True)
    ends = [feed.transfers[side].to_numpy(dtype=np.intp) for side in ("start", "end")]
    kept = inside[ends[0]] & inside[ends[1]]
    changes = feed.transfers[kept].assign(start=place[ends[0][kept]], end=place[ends[1][kept]]).reset_index(drop=True)
    return replace(feed, stops=stops, trips=trips, calls=calls, frequencies=often, transfers=changes,
                   notes=(*feed.notes, note))  # fmt: skip


def _stops(table: pd.DataFrame, drops: Drops) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "id": texts(table, "stops", "stop_id"),
            "name": table["stop_name"].astype("string") if "stop_name" in table else pd.NA,
            "lon": pd.to_numeric(column(table, "stops", "stop_lon"), errors="coerce"),
            "lat": pd.to_numeric(column(table, "stops", "stop_lat"), errors="coerce"),
        }
    )
    frame["station"] = texts(table, "stops", "parent_station").fillna("") if "parent_station" in table else ""
    kind = pd.to_numeric(table["location_type"], errors="coerce").fillna(0) if "location_type" in table else 0
    frame = frame[np.asarray(pd.Series(kind, index=frame.index) == 0)]  # stations and their doors are no stops
    placed = (
        frame["lon"].between(-180, 180) & frame["lat"].between(-90, 90) & ~(frame["lon"].eq(0) & frame["lat"].eq(0))
    )
    frame = drops.keep(frame, placed & frame["id"].notna(), N_("Stops without a usable place: {count}."))
    frame = drops.keep(frame, ~frame["id"].duplicated(), N_("Stops whose id stands twice: {count}."))
    frame["name"] = frame["name"].fillna(frame["id"])
    return frame.astype({"lon": float, "lat": float}).reset_index(drop=True)


def _routes(table: pd.DataFrame, drops: Drops) -> pd.DataFrame:
    frame = pd.DataFrame({"id": texts(table, "routes", "route_id")})
    for name, header in (("short", "route_short_name"), ("name", "route_long_name")):
        frame[name] = table[header].astype("string").fillna("") if header in table else ""
    frame["type"] = pd.to_numeric(table["route_type"], errors="coerce") if "route_type" in table else 3
    frame["type"] = frame["type"].fillna(3).astype(int)
    usable = frame["id"].notna() & ~frame["id"].duplicated()
    return drops.keep(frame, usable, N_("Lines whose id is missing or stands twice: {count}.")).reset_index(drop=True)


def _calls(table: pd.DataFrame, trips: pd.DataFrame, stops: pd.DataFrame, drops: Drops) -> pd.DataFrame:
    if len(table) > MOST_ROWS:
        raise BadFileError(N_("The timetable has {count} calls at stops; {most} are the most: cut it to the region."),
                           count=f"{len(table):,}", most=f"{MOST_ROWS:,}")  # fmt: skip
    place = pd.Series(range(len(stops)), index=stops["id"])
    frame = pd.DataFrame(
        {
            "trip": texts(table, "stop_times", "trip_id"),
            "stop": texts(table, "stop_times", "stop_id").map(place),
            "order": pd.to_numeric(column(table, "stop_times", "stop_sequence"), errors="coerce"),
            "arrive_s": seconds_of(column(table, "stop_times", "arrival_time")),
            "depart_s": seconds_of(column(table, "stop_times", "departure_time")),
        }
    )
    for name, header in (("boards", "pickup_type"), ("alights", "drop_off_type")):
        kinds = pd.to_numeric(table[header], errors="coerce").fillna(0) if header in table else 0
        frame[name] = np.asarray(pd.Series(kinds, index=frame.index) != NO_PASSENGERS, dtype=bool)
    unreadable = frame["arrive_s"].eq(-1) | frame["depart_s"].eq(-1)
    bad = frame.loc[unreadable, "trip"].unique()
    frame = drops.keep(frame, frame["trip"].isin(trips["id"]), N_("Calls of a trip that is not in the file: {count}."))
    frame = drops.keep(frame, frame["stop"].notna() & frame["order"].notna(),
                       N_("Calls at a stop that is not in the file or has no place: {count}."))  # fmt: skip
    frame = frame.sort_values(["trip", "order"], kind="stable")
    frame = drops.keep(frame, ~frame.duplicated(["trip", "order"]), N_("Calls that stand twice: {count}."))
    frame["arrive_s"] = frame["arrive_s"].fillna(frame["depart_s"])
    frame["depart_s"] = frame["depart_s"].fillna(frame["arrive_s"])
    frame["stop"] = frame["stop"].astype(np.intp)
    ends = frame.groupby("trip", sort=False)["arrive_s"]
    timed = ends.nth(0).notna().to_numpy() & ends.nth(-1).notna().to_numpy() & (ends.size() > 1).to_numpy()
    good = pd.Index(ends.size().index[timed]).difference(bad)
    frame = _whole_trips(frame, good, drops, N_("Trips without two calls, or without a time at an end that can be "
                                                "read: {count}."))  # fmt: skip
    if frame.empty:
        return frame.reset_index(drop=True)
    frame = _between(frame, stops)
    same = frame["trip"].eq(frame["trip"].shift())
    back = (frame["arrive_s"] < frame["depart_s"].shift()) & same | (frame["depart_s"] < frame["arrive_s"])
    good = pd.Index(frame["trip"].unique()).difference(frame.loc[back, "trip"].unique())
    return _whole_trips(frame, good, drops, N_("Trips that go back in time: {count}.")).reset_index(drop=True)


def _whole_trips(frame: pd.DataFrame, good: pd.Index, drops: Drops, sentence: str) -> pd.DataFrame:
    every = pd.DataFrame({"trip": frame["trip"].unique()})
    kept = drops.keep(every, every["trip"].isin(good), sentence)
    return frame[frame["trip"].isin(kept["trip"])]


def _between(frame: pd.DataFrame, stops: pd.DataFrame) -> pd.DataFrame:
    """Fill in the times of calls without one, by the distance between the stops before and after."""
    lon, lat = np.radians(stops["lon"].to_numpy()), np.radians(stops["lat"].to_numpy())
    at = frame["stop"].to_numpy()
    step = 6_371_000 * np.hypot(
        np.diff(lon[at], prepend=lon[at[0]]) * np.cos(lat[at]), np.diff(lat[at], prepend=lat[at[0]])
    )
    along = np.cumsum(np.maximum(step, 0.1))  # rises, also where two calls are at one place
    times = frame[["arrive_s", "depart_s"]].to_numpy(dtype=float)
    known = ~np.isnan(times[:, 0])
    # every trip begins and ends with a time: what lies between two of them belongs to one trip
    rows = np.flatnonzero(known)
    before = rows[np.searchsorted(rows, np.arange(len(frame)), side="right") - 1]
    after = rows[np.minimum(np.searchsorted(rows, np.arange(len(frame)), side="left"), rows.size - 1)]
    share = np.divide(
        along - along[before], along[after] - along[before], out=np.zeros(len(frame)), where=after != before
    )
    filled = times[before, 1] + share * (times[after, 0] - times[before, 1])
    out = frame.copy()
    out["arrive_s"] = np.where(known, times[:, 0], filled)
    out["depart_s"] = np.where(known, times[:, 1], filled)
    return out


def _frequencies(table: pd.DataFrame | None, trips: pd.DataFrame, drops: Drops) -> pd.DataFrame:
    names = ["trip", "first_s", "last_s", "headway_s", "exact"]
    if table is None:
        return pd.DataFrame(columns=names)
    exact = table["exact_times"] if "exact_times" in table else pd.Series(0, index=table.index)
    frame = pd.DataFrame(
        {
            "trip": texts(table, "frequencies", "trip_id"),
            "first_s": seconds_of(column(table, "frequencies", "start_time")),
            "last_s": seconds_of(column(table, "frequencies", "end_time")),
            "headway_s": pd.to_numeric(column(table, "frequencies", "headway_secs"), errors="coerce").astype(float),
            "exact": pd.to_numeric(exact, errors="coerce").fillna(0).eq(1).astype(bool),
        }
    )
    usable = (frame["headway_s"] > 0) & (frame["first_s"] >= 0) & (frame["last_s"] > frame["first_s"])
    frame = drops.keep(frame, usable, N_("Headways that cannot be used (none, or no hours): {count}."))
    known = frame["trip"].isin(trips["id"])
    return drops.keep(frame, known, N_("Headways of a trip that is not in the file: {count}.")).reset_index(drop=True)


def _iso(date: str) -> str:
    return f"{date[:4]}-{date[4:6]}-{date[6:]}"
