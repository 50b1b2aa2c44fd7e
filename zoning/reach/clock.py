"""Read hours and days of the week, as speeds and bans use them."""

from __future__ import annotations

import math

from zoning.errors import InputError
from zoning.text import N_

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEKDAYS = DAYS[:5]
MINUTES_A_DAY = 24 * 60


def check_hour(hour: float | None) -> float | None:
    """Return the hour of the day, 0 up to but not including 24, or None for a trip without an hour.

    Raises
    ------
    InputError
        The hour is not a number from 0 to below 24.
    """
    if hour is None:
        return None
    value = float(hour)
    if not math.isfinite(value) or not 0 <= value < 24:
        raise InputError(N_("The hour must lie between 0 and 24, not {hour}."), hour=hour)
    return value


def check_day(day: str | None) -> str | None:
    """Return the day as one of `DAYS`, or None for an ordinary working day.

    Raises
    ------
    InputError
        The day is not one of mon, tue, wed, thu, fri, sat, sun.
    """
    if day is None:
        return None
    known = str(day).strip().lower()
    if known not in DAYS:
        raise InputError(N_("Unknown day {day}: write one of {days}."), day=day, days=", ".join(DAYS))
    return known


def day_kind(day: str | None) -> str:
    """Return "weekday" or "weekend"; no day means a working day."""
    return "weekend" if check_day(day) in {"sat", "sun"} else "weekday"
