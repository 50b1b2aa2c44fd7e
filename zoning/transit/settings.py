"""Set how trips by public transport are counted: wait, changes, and the departures that are tried."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields

import numpy as np

from zoning.errors import InputError
from zoning.text import N_

WHOLE = ("boardings", "percentile")
RANGES = {
    "wait_share": (0.0, 1.0),
    "change_min": (0.0, 60.0),
    "transfer_m": (0.0, 2_000.0),
    "boardings": (1, 6),
    "window_min": (0.0, 600.0),
    "every_min": (1.0, 60.0),
    "percentile": (1, 99),
}
"""Least and most of every setting, both included."""


@dataclass(frozen=True)
class TransitSettings:
    """How a trip by public transport is counted.

    Attributes
    ----------
    wait_share
        Share of the headway that is waited for a line without a timetable; half is the mean of random arrivals.
    change_min
        Minutes that every change takes beside walk and wait (TRV-075: 2 minutes in a study of HCMC).
    transfer_m
        The farthest walk between two stops, along streets (TRV-073: 400 m in the same study).
    boardings
        The most vehicles of one trip.
    window_min, every_min
        Timetables: departures from the hour on for so many minutes, one every so many minutes, both ends included.
    percentile
        Timetables: the travel time that this share of the departures keeps to, per cent; 50 is the median.
    """

    wait_share: float = 0.5
    change_min: float = 2.0
    transfer_m: float = 400.0
    boardings: int = 3
    window_min: float = 120.0
    every_min: float = 5.0
    percentile: int = 50

    def __post_init__(self) -> None:
        """Refuse what cannot be meant: InputError names the setting."""
        for name, (low, high) in RANGES.items():
            value = getattr(self, name)
            whole = name not in WHOLE or float(value).is_integer()
            if not (low <= value <= high and whole):
                raise InputError(
                    N_("Public transport: {name} must lie between {low:g} and {high:g}; {value} does not."),
                    name=name, low=low, high=high, value=value,
                )  # fmt: skip

    def offsets_s(self, *, timed: bool) -> np.ndarray:
        """Return the departures that are tried, seconds after the hour, (d,): one alone where nothing is timed."""
        if not timed:
            return np.zeros(1)
        return np.arange(0.0, self.window_min + 1e-9, self.every_min) * 60.0

    def text(self) -> str:
        """Return the settings that are not the usual ones, as `parse` reads them: empty where all are."""
        usual = asdict(TransitSettings())
        return ",".join(f"{name}={value:g}" for name, value in asdict(self).items() if value != usual[name])


def parse(text: str) -> TransitSettings:
    """Read settings such as "wait_share=0.5,boardings=2"; what is not named is as usual.

    Raises
    ------
    InputError
        A name is not a setting, a value is not a number, or it is out of range.
    """
    values: dict[str, float | int] = {}
    known = {field.name for field in fields(TransitSettings)}
    for part in filter(None, (one.strip() for one in text.split(","))):
        name, _, value = (one.strip() for one in part.partition("="))
        if name not in known:
            raise InputError(N_("Public transport has no setting “{name}”. There are: {known}."), name=name[:40],
                             known=", ".join(sorted(known)))  # fmt: skip
        try:
            number = float(value)
        except ValueError:
            raise InputError(N_("Public transport: {name} needs a number, not “{value}”."), name=name,
                             value=value[:40]) from None  # fmt: skip
        if not np.isfinite(number):
            raise InputError(N_("Public transport: {name} needs a number, not “{value}”."), name=name, value=value[:40])
        values[name] = int(number) if name in WHOLE and number.is_integer() else number
    return TransitSettings(**values)  # type: ignore[arg-type]


def percentile_of(seconds: np.ndarray, percentile: int, axis: int = -1) -> np.ndarray:
    """Return the time that `percentile` % of the departures keep to: one of the times themselves, inf kept.

    The nearest rank (no mean of two departures, of which one may be infinite), so it never decreases with any time.
    """
    count = seconds.shape[axis]
    if count == 1:
        return np.asarray(np.take(seconds, 0, axis=axis))
    rank = max(int(np.ceil(percentile / 100 * count)) - 1, 0)
    return np.asarray(np.take(np.partition(seconds, rank, axis=axis), rank, axis=axis))
