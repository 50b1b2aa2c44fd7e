"""Read where people change by a timetable's own word: `transfers.txt`, stations turned into their stops."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geodata.gtfs_rows import texts
from zoning.errors import BadFileError
from zoning.text import N_

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geodata.gtfs_rows import Drops

COLUMNS = ("start", "end", "kind", "seconds")
KINDS = (0, 1, 2, 3)
LEAST_TIME = 2
MOST_PAIRS = 300_000
_OF_TRIPS = ("from_route_id", "to_route_id", "from_trip_id", "to_trip_id")


def read_transfers(table: pd.DataFrame | None, stops: pd.DataFrame, drops: Drops) -> pd.DataFrame:
    """Return the transfers between stops, each pair once, in order of the stops.

    Parameters
    ----------
    table
        `transfers.txt` as read, None where the feed has none.
    stops
        id and station of the stops; transfers name stops, or stations and mean all their stops.
    drops
        Counts what cannot be used: transfers of unknown stops, and those of single lines or trips (kinds 4 and 5, and
        rows that name a line), which say nothing of everybody who changes there.

    Returns
    -------
    DataFrame
        start and end (rows in `stops`), kind (transfer_type: 0 as usual, 1 timed, 2 with a least time, 3 not possible),
        seconds (of kind 2, else NaN). A row that names a stop goes before one that names its station.
    """
    if table is None or not len(table):
        return _frame([])
    if not {"from_stop_id", "to_stop_id"} <= set(table.columns):
        unusable = np.zeros(len(table), dtype=bool)
        drops.keep(table, unusable, N_("Transfers that name no stops: {count}."))
        return _frame([])
    kinds, seconds = (_numbers(table, name) for name in ("transfer_type", "min_transfer_time"))
    frame = pd.DataFrame(
        {
            "start": texts(table, "transfers", "from_stop_id"),
            "end": texts(table, "transfers", "to_stop_id"),
            "kind": np.nan_to_num(kinds),
            "seconds": seconds,
        }
    )
    single = np.zeros(len(table), dtype=bool)
    for name in _OF_TRIPS:
        if name in table:
            single |= (texts(table, "transfers", name).fillna("") != "").to_numpy()
    frame = drops.keep(frame, frame["kind"].isin(KINDS).to_numpy() & ~single,
                       N_("Transfers of single lines or trips, or of kinds that are not known: {count}."))  # fmt: skip
    usable = ~(frame["kind"].eq(LEAST_TIME) & frame["seconds"].lt(0))
    frame = drops.keep(frame, usable, N_("Transfers that take less than no time: {count}."))
    places: dict[str, list[int]] = {}
    for row, (stop, station) in enumerate(zip(stops["id"], stops["station"], strict=True)):
        places.setdefault(str(stop), []).append(row)
        if station:
            places.setdefault(str(station), []).append(row)
    known = frame["start"].isin(places) & frame["end"].isin(places)
    frame = drops.keep(frame, known, N_("Transfers at a stop that is not in the file: {count}."))
    own = set(stops["id"])
    vague = 2 - frame["start"].isin(own).astype(int) - frame["end"].isin(own).astype(int)
    found: dict[tuple[int, int], tuple[int, float]] = {}
    sizes = {name: len(rows) for name, rows in places.items()}
    pairs = int((frame["start"].map(sizes) * frame["end"].map(sizes)).sum())
    if pairs > MOST_PAIRS:
        raise BadFileError(N_("The timetable's transfers join {count} pairs of stops; {most} are the most."),
                           count=f"{pairs:,}", most=f"{MOST_PAIRS:,}")  # fmt: skip
    frame = frame.iloc[np.argsort(-vague.to_numpy(), kind="stable")]
    columns = (frame[name].tolist() for name in ("start", "end", "kind", "seconds"))
    for start, end, told, least in zip(*columns, strict=True):
        # of a time that is missing nothing more is known than that people may change here
        kind = 0 if told == LEAST_TIME and np.isnan(least) else int(told)
        for one in places[start]:
            for other in places[end]:
                found[one, other] = kind, float(least) if kind == LEAST_TIME else np.nan
    return _frame([(*pair, *word) for pair, word in sorted(found.items())])


def _numbers(table: pd.DataFrame, name: str) -> NDArray[np.float64]:
    """Return a column's numbers, NaN where there are none."""
    if name not in table:
        return np.full(len(table), np.nan)
    values = pd.to_numeric(table[name], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(np.isfinite(values), values, np.nan)


def _frame(rows: list[tuple[int, int, int, float]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(
        {"start": np.intp, "end": np.intp, "kind": np.intp, "seconds": np.float64}
    )
