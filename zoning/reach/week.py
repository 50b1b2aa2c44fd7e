"""Read the days and hours of a rule, and say when it holds and when it begins."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoning.errors import InputError
from zoning.reach.clock import DAYS, MINUTES_A_DAY, WEEKDAYS, check_day, check_hour
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Iterable

MINUTES_A_WEEK = 7 * MINUTES_A_DAY

_WINDOW = re.compile(r"(\d{1,2})(?::([0-5]\d))?\s*[-–]\s*(\d{1,2})(?::([0-5]\d))?")


@dataclass(frozen=True)
class WeekTimes:
    """Times of the week at which a rule holds: windows (first minute, length in minutes) counted from Monday 0:00."""

    windows: tuple[tuple[int, int], ...]

    @classmethod
    def read(cls, days: str, hours: str) -> WeekTimes:
        """Return the times that two texts state.

        Parameters
        ----------
        days
            "mon-sat", "mon,wed,sat-sun"; empty is every day.
        hours
            "6-9;16:30-20"; "22-5" runs over midnight and belongs to the day on which it starts; empty is all day.

        Raises
        ------
        InputError
            A text cannot be read.
        """
        daily = [_window(part, hours) for part in hours.split(";")] if hours.strip() else [(0, MINUTES_A_DAY)]
        starts = [DAYS.index(day) * MINUTES_A_DAY for day in read_days(days)]
        return cls(tuple((start + first, length) for start in starts for first, length in daily))

    def holds(self, minute_of_week: float) -> bool:
        """Return whether the rule holds at a minute; a window holds from its first minute up to, not at, its end."""
        return any((minute_of_week - first) % MINUTES_A_WEEK < length for first, length in self.windows)

    def holds_all_day(self, day: str) -> bool:
        """Return whether the rule holds from midnight to midnight of a day."""
        return (DAYS.index(day) * MINUTES_A_DAY, MINUTES_A_DAY) in self.windows

    def begins_in(self, minute_of_week: float, duration_min: float) -> float | None:
        """Return in how many minutes the rule begins to hold, None if not within the duration.

        A window that follows another without a gap is no beginning.
        """
        waits = (
            wait
            for first, _ in self.windows
            if 0 < (wait := (first - minute_of_week) % MINUTES_A_WEEK) <= duration_min and not self.holds(first - 1e-6)
        )
        return min(waits, default=None)


def minutes_of_week(hour: float, day: str | None) -> list[float]:
    """Return the minute of the week of an hour on a day, from Monday 0:00; five of them for any working day.

    Raises
    ------
    InputError
        The hour or the day is not one.
    """
    check_hour(hour)
    return [DAYS.index(each) * MINUTES_A_DAY + hour * 60 for each in days_of(day)]


def days_of(day: str | None) -> tuple[str, ...]:
    """Return the day itself, or the working days where none is given."""
    known = check_day(day)
    return WEEKDAYS if known is None else (known,)


def read_days(text: str) -> list[str]:
    """Return the days that a text like "mon-sat" or "mon,wed,sat-sun" names, in the order of the week.

    Raises
    ------
    InputError
        A name is no day.
    """
    if not text.strip():
        return list(DAYS)
    named: set[int] = set()
    for part in text.lower().split(","):
        first, _, last = (name.strip() for name in part.partition("-"))
        if first not in DAYS or (last or first) not in DAYS:
            raise InputError(N_("The days {text} cannot be read: write them like mon-sat or mon,wed,fri."), text=text)
        start, end = DAYS.index(first), DAYS.index(last or first)
        named.update(_circle(start, end))
    return [DAYS[number] for number in sorted(named)]


def _circle(start: int, end: int) -> Iterable[int]:
    """Return the numbers of the days from one to another, over the weekend if need be."""
    return (number % 7 for number in range(start, end + 1 if end >= start else end + 8))


def _window(part: str, whole: str) -> tuple[int, int]:
    """Return the first minute of the day and the length of "6-9" or "16:30-20"."""
    found = _WINDOW.fullmatch(part.strip())
    if found:
        hour, minute, end_hour, end_minute = (int(number or 0) for number in found.groups())
        start, end = hour * 60 + minute, end_hour * 60 + end_minute
        if start < MINUTES_A_DAY and end <= MINUTES_A_DAY and start != end:
            return start, (end - start) % MINUTES_A_DAY or MINUTES_A_DAY
    raise InputError(
        N_("The hours {text} cannot be read: write them like 6-9;16:30-20, or 22-5 over midnight."), text=whole
    )
