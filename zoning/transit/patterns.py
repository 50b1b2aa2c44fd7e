"""Hold services of public transport as arrays: lines that run by headway, and trips that run by timetable."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence

FloatArray: TypeAlias = NDArray[np.float64]

SLACK_S = 1e-6  # who arrives this much after a departure is in time: sums of floats


@dataclass(frozen=True)
class Service:
    """What is told to people about a line: its id, its names, and what runs on it (bus, brt, metro, rail, …)."""

    id: str
    name_vi: str
    name_en: str
    mode: str = "bus"
    short: str = ""
    """Its number or proper name, the same in every language."""


@dataclass(frozen=True, eq=False)
class Headway:
    """A line in one direction that departs every `headway_s`, at moments that nobody knows.

    `stops` are positions in a table of stops, (k,). A vehicle that begins at s, from `first_s` to `last_s` seconds of
    the day, is at stop i from s + `arrive_s[i]` to s + `depart_s[i]`. A passenger waits for a share of the headway.
    """

    service: Service
    stops: NDArray[np.intp]
    arrive_s: FloatArray
    depart_s: FloatArray
    headway_s: float
    first_s: float = -np.inf
    last_s: float = np.inf
    boards: NDArray[np.bool_] | None = None
    alights: NDArray[np.bool_] | None = None
    backwards: bool = False
    """Time runs backwards: the wait comes after the ride."""

    def rides(self, at_s: FloatArray, wait_share: float) -> FloatArray:
        """Return when each stop is reached by those who are at the stops at `at_s`, both (k, runs); inf for never."""
        wait = wait_share * self.headway_s
        before, after = (0.0, wait) if self.backwards else (wait, 0.0)
        leave, arrive = self.depart_s[:, None], self.arrive_s[:, None]
        begun = np.maximum(at_s + before, self.first_s + leave)
        usable = begun <= self.last_s + leave + SLACK_S
        if self.boards is not None:
            usable &= self.boards[:, None]
        begun = np.minimum.accumulate(np.where(usable, begun - leave, np.inf), axis=0)
        found = np.full(at_s.shape, np.inf)
        found[1:] = begun[:-1] + arrive[1:] + after
        if self.alights is not None:
            found[~self.alights] = np.inf
        return found

    def reversed(self) -> Headway:
        """Return the line as it looks with time running backwards."""
        return replace(
            self,
            stops=self.stops[::-1],
            arrive_s=-self.depart_s[::-1],
            depart_s=-self.arrive_s[::-1],
            first_s=-self.last_s,
            last_s=-self.first_s,
            boards=None if self.alights is None else self.alights[::-1],
            alights=None if self.boards is None else self.boards[::-1],
            backwards=not self.backwards,
        )

    def always(self) -> Headway:
        """Return the line as if it ran round the clock."""
        return replace(self, first_s=-np.inf, last_s=np.inf)


@dataclass(frozen=True, eq=False)
class Timetable:
    """Trips of a line that call at the same stops, none overtaking another: times in seconds of the day, (t, k)."""

    service: Service
    stops: NDArray[np.intp]
    arrive_s: FloatArray
    depart_s: FloatArray
    boards: NDArray[np.bool_] | None = None
    alights: NDArray[np.bool_] | None = None

    @property
    def trips_of_day(self) -> int:
        """How many trips begin on the day itself: nights hold some of the days before and after."""
        begin = self.depart_s[:, 0]
        return int(((begin >= 0) & (begin < 86_400)).sum())

    @cached_property
    def _departures(self) -> tuple[FloatArray, FloatArray]:
        """Departures of all stops end to end, each stop's lifted above those of the stop before: one search for all."""
        width = float(np.ptp(self.depart_s)) + 2.0
        lift = np.arange(self.stops.size) * width
        return np.asarray((self.depart_s + lift).T.ravel()), np.asarray(lift)

    @cached_property
    def _arrivals(self) -> FloatArray:
        return np.vstack([self.arrive_s, np.full(self.stops.size, np.inf)])

    def rides(self, at_s: FloatArray, wait_share: float) -> FloatArray:  # noqa: ARG002 - as Headway; waits are known
        """Return when each stop is reached by those who are at the stops at `at_s`, both (k, runs); inf for never."""
        count, places = self.arrive_s.shape
        flat, lift = self._departures
        at = np.clip(at_s - SLACK_S, self.depart_s.min() - 0.5, self.depart_s.max() + 0.5)  # within the stop's own
        trip = np.searchsorted(flat, at + lift[:, None]) - (np.arange(places) * count)[:, None]
        if self.boards is not None:
            trip[~self.boards] = count
        trip = np.minimum.accumulate(trip, axis=0)
        found = np.full(at_s.shape, np.inf)
        found[1:] = self._arrivals[trip[:-1], np.arange(1, places)[:, None]]
        if self.alights is not None:
            found[~self.alights] = np.inf
        return found

    def reversed(self) -> Timetable:
        """Return the trips as they look with time running backwards."""
        return Timetable(
            self.service,
            self.stops[::-1],
            -self.depart_s[::-1, ::-1],
            -self.arrive_s[::-1, ::-1],
            None if self.alights is None else self.alights[::-1],
            None if self.boards is None else self.boards[::-1],
        )

    def always(self) -> Timetable:
        """Return the trips as they are: a timetable has its hours in it."""
        return self


Pattern: TypeAlias = Headway | Timetable


def timetables(
    service: Service,
    stops: NDArray[np.intp],
    arrive_s: FloatArray,
    depart_s: FloatArray,
    boards: NDArray[np.bool_] | None = None,
    alights: NDArray[np.bool_] | None = None,
) -> list[Timetable]:
    """Return trips that call at the same stops as timetables in which no trip overtakes another.

    `arrive_s` and `depart_s` hold one trip a row. A trip that overtakes goes to a timetable of its own, so that the
    first trip that can be caught is always the best one.
    """
    order = np.lexsort((arrive_s[:, -1], depart_s[:, 0]))
    groups: list[list[int]] = []
    for row in order.tolist():
        for group in groups:
            last = group[-1]
            if (arrive_s[last] <= arrive_s[row]).all() and (depart_s[last] <= depart_s[row]).all():
                group.append(row)
                break
        else:
            groups.append([row])
    return [Timetable(service, stops, arrive_s[rows], depart_s[rows], boards, alights) for rows in groups]


def hops(lengths_m: Sequence[float], total_s: float) -> FloatArray:
    """Return when a vehicle is at each stop, seconds from the first, where the whole trip takes `total_s`."""
    along = np.concatenate([[0.0], np.cumsum(np.asarray(lengths_m, dtype=np.float64))])
    if along[-1] <= 0:
        return np.linspace(0.0, total_s, along.size)
    return np.asarray(along * (total_s / along[-1]))
