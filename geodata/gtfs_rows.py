"""Check the rows of a timetable's tables: columns that must be there, texts, times, and counts of what is dropped."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from zoning.errors import BadFileError
from zoning.result import Note
from zoning.text import N_


class Drops:
    """Count what is dropped, by sentence."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}

    def keep(self, frame: pd.DataFrame, usable: Any, sentence: str) -> pd.DataFrame:  # noqa: ANN401 - a mask
        """Return the usable rows, and count the others under the sentence."""
        mask = np.asarray(pd.Series(usable).fillna(value=False), dtype=bool)
        lost = int((~mask).sum())
        if lost:
            self.counts[sentence] = self.counts.get(sentence, 0) + lost
        return frame[mask]

    @property
    def notes(self) -> tuple[Note, ...]:
        """The sentences with their counts."""
        return tuple(Note(sentence, {"count": count}) for sentence, count in self.counts.items())


def column(frame: pd.DataFrame, table: str, name: str) -> pd.Series:
    """Return a column of a table; BadFileError where there is none."""
    if name not in frame:
        raise BadFileError(N_("This is no GTFS timetable: {table}.txt has no column {column}."),
                           table=table, column=name)  # fmt: skip
    return frame[name]


def texts(frame: pd.DataFrame, table: str, name: str) -> pd.Series:
    """Return a column as texts without blanks at their ends."""
    return column(frame, table, name).astype("string").str.strip()


def seconds_of(texts: pd.Series) -> pd.Series:
    """Return times such as 25:10:00 as seconds of the service day; NaN where there is none, -1 where unreadable."""
    codes, unique = pd.factorize(texts.astype("string").str.strip())
    parts = pd.Series(unique, dtype="string").str.extract(r"^(\d{1,3}):([0-5]\d):([0-5]\d)$").astype("Float64")
    seconds = (parts[0] * 3600 + parts[1] * 60 + parts[2]).to_numpy(dtype=float, na_value=-1.0)
    found = np.append(seconds, np.nan)[codes]
    return pd.Series(found, index=texts.index)
