"""Keep timetables (GTFS) in the store as one table, each with its dates, its source and the day that is taken of it."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import re
from functools import lru_cache
from typing import TYPE_CHECKING

import pandas as pd

from geodata.crs import PLANNING_CRS, STUDY_ENVELOPE, lonlat_to_planning
from geodata.gtfs import packed, read_feed, unused, within
from geodata.gtfs_routes import drop_routes, keep_routes, route_lines
from geodata.gtfs_service import feed_supply, service_date
from geodata.importing.apart import read_apart
from zoning.errors import BadFileError, InputError
from zoning.result import Note
from zoning.text import N_

if TYPE_CHECKING:
    from geodata.gtfs import Feed
    from geodata.store import Store
    from zoning.transit.supply import Supply

LAYER = "transit_feeds"
INFO = {
    "title_en": "Timetables (GTFS)",
    "title_vi": "Biểu đồ giờ (GTFS)",
    "method": "Tables of the feed that trips are timed by; rows that could not be used were told when it was loaded",
}
IN_USE, REMOVED = "in_use", "removed"
COLUMNS = ("id", "title", "agency", "valid_from", "valid_to", "service_date", "lines", "trips", "stops_inside",
           "status", "sources", "content")  # fmt: skip
MOST_STORED = 30_000_000
"""Bytes of a feed once packed with the tables alone that are used."""
_SMALL = 100_000
"""A feed of fewer bytes unpacks to 11 MB at most, and is read at once; a larger one by another process first."""
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


def add_feed(store: Store, content: bytes, name: str, *, title: str = "", date: str = "") -> tuple[Note, ...]:
    """Keep a timetable in the store, in place of the one of that name; return what a planner should know of it.

    The courses of its lines become the layer `bus_routes` of the checks (`geodata.gtfs_routes`).

    Parameters
    ----------
    store
        Where it is kept.
    content
        A GTFS zip.
    name
        Its name: small letters, digits and _.
    title
        What results call it; empty for the agency's name.
    date
        The day (2026-05-13) whose service is taken for every day asked; empty for the busiest of each kind.

    Raises
    ------
    BadFileError
        It cannot be read, has nothing in the study area, or nothing on that day.
    InputError
        The name or the date is none.
    StoreError
        The store cannot be written.
    """
    if not _NAME.fullmatch(name):
        raise InputError(N_("A timetable's name has small letters, digits and _, begins with a letter, and is at most "
                            "40 long; “{name}” is not."), name=name[:60])  # fmt: skip
    if len(content) > _SMALL:
        with read_apart(content, {"task": "feed"}):
            pass  # it can be read within a reader's memory and time
    feed = within(read_feed(content), STUDY_ENVELOPE)
    if date:
        _check_date(feed, date)
    else:
        service_date(feed)  # InputError where nothing runs on any working day
    kept = packed(content)
    if len(kept) > MOST_STORED:
        raise BadFileError(N_("The timetable has {size} MB; {most} MB are the most."),
                           size=f"{len(kept) / 1e6:.0f}", most=f"{MOST_STORED / 1e6:.0f}")  # fmt: skip
    row = {
        "id": name,
        "title": " ".join((title or feed.agency or name).split())[:80],
        "agency": feed.agency,
        "valid_from": feed.valid_from,
        "valid_to": feed.valid_to,
        "service_date": date,
        "lines": int(feed.trips["route"].nunique()),
        "trips": len(feed.trips),
        "stops_inside": int(feed.calls["stop"].nunique()),
        "status": IN_USE,
        "sources": feed.agency or title or name,
        "content": base64.b64encode(kept).decode(),
    }

    def change(table: pd.DataFrame | None) -> pd.DataFrame:
        rest = pd.DataFrame(columns=list(COLUMNS)) if table is None else pd.DataFrame(table)[list(COLUMNS)]
        new = pd.DataFrame([row], columns=list(COLUMNS))
        rest = rest[rest["id"] != name]
        return new if rest.empty else pd.concat([rest, new], ignore_index=True)

    store.change_layer(LAYER, change, {**INFO, "source": str(row["sources"]), "date": feed.valid_to})
    told = Note(
        N_("Kept as {name}: {lines} lines, {trips} trips, {stops} stops in the study area, valid from {first} to "
           "{last}."),
        {"name": name, "lines": row["lines"], "trips": row["trips"], "stops": row["stops_inside"],
         "first": feed.valid_from, "last": feed.valid_to},
    )  # fmt: skip
    lines = route_lines(feed, name, f"{row['title']} (GTFS, {feed.valid_from} – {feed.valid_to})")
    routes = (keep_routes(store, name, lines),) if len(lines) else ()
    return (told, *_contents(feed, content), *routes, *feed.notes)


def remove_feed(store: Store, name: str) -> None:
    """Take a timetable out of use and drop its tables; its row stays, and says so. InputError if there is none."""
    if name not in set(listed(store)["id"]):
        raise InputError(N_("There is no timetable called {name}."), name=name[:60])

    def change(table: pd.DataFrame | None) -> pd.DataFrame:
        left = pd.DataFrame(table)[list(COLUMNS)].copy()
        left.loc[left["id"] == name, ["status", "content"]] = [REMOVED, ""]
        return left

    store.change_layer(LAYER, change, INFO)
    drop_routes(store, name)


def listed(store: Store) -> pd.DataFrame:
    """Return the timetables in use, without their content."""
    if LAYER not in store.names():
        return pd.DataFrame(columns=list(COLUMNS[:-1]))
    table = pd.DataFrame(store.raw_layer(LAYER))
    return table[table["status"] == IN_USE].drop(columns="content").reset_index(drop=True)


def supply_from_feeds(store: Store, day: str | None = None) -> Supply | None:
    """Return what runs on a day by the timetables in use; None where there is none.

    Raises
    ------
    InputError
        By none of them anything runs on that day.
    """
    if LAYER not in store.names():
        return None
    table = pd.DataFrame(store.raw_layer(LAYER))
    rows = table[table["status"] == IN_USE].sort_values("id")
    if rows.empty:
        return None
    feeds, fault = [], None
    for title, date, content in zip(rows["title"], rows["service_date"], rows["content"], strict=True):
        feed = _feed(str(content))
        try:
            feeds.append((str(title), feed, str(date) if isinstance(date, str) and date else service_date(feed, day)))
        except InputError as error:
            fault = error
    if not feeds and fault is not None:
        raise fault
    return feed_supply(feeds, lonlat_to_planning, PLANNING_CRS, store.fingerprint(LAYER))


@lru_cache(maxsize=4)
def _feed(content: str) -> Feed:
    try:
        return within(read_feed(base64.b64decode(content, validate=True)), STUDY_ENVELOPE)
    except binascii.Error as error:
        raise BadFileError(N_("A timetable in the store is damaged: load it again.")) from error


def _contents(feed: Feed, content: bytes) -> tuple[Note, ...]:
    """Return what of a feed's zip is read, with the rows of each table, and what is not."""
    read = ", ".join(f"{name} ({count})" for name, count in feed.rows.items())
    notes = [Note(N_("Read, with the rows of each table: {tables}."), {"tables": read})]
    if rest := unused(content):
        notes.append(Note(N_("In the file, but not used: {tables}."), {"tables": ", ".join(rest)[:300]}))
    if "transfers" in feed.rows:
        kinds = feed.transfers["kind"].value_counts()
        notes.append(
            Note(
                N_("Changes between stops by the timetable's word: {least} with a least time, {timed} where the next "
                   "vehicle waits (none is held here, but the change costs no minutes), {usual} as usual, {never} not "
                   "possible."),
                {name: int(kinds.get(kind, 0)) for kind, name in enumerate(("usual", "timed", "least", "never"))},
            )
        )  # fmt: skip
    return tuple(notes)


def _check_date(feed: Feed, date: str) -> None:
    try:
        day = dt.date.fromisoformat(date)
    except ValueError:
        raise InputError(N_("“{date}” is not a date such as 2026-05-13."), date=date[:20]) from None
    active = set(feed.raw.get_active_services(day.strftime("%Y%m%d")))
    if not feed.trips["service"].isin(active).any():
        raise InputError(N_("On {date} nothing runs: the timetable is valid from {first} to {last}."),
                         date=date, first=feed.valid_from, last=feed.valid_to)  # fmt: skip
