"""Find when stops are reached by public transport, boarding by boarding, for many trips at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zoning.transit.patterns import Pattern

FloatArray: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Footpaths:
    """Walks between different stops, sorted by `end`: from `start[i]` to `end[i]` in `seconds[i]`."""

    start: NDArray[np.intp]
    end: NDArray[np.intp]
    seconds: FloatArray
    stay: FloatArray | None = None
    """Seconds that a change within each stop takes more than any other (less: below 0); None for none."""

    @classmethod
    def build(cls, start: NDArray[np.intp], end: NDArray[np.intp], seconds: FloatArray) -> Footpaths:
        """Sort walks; those that never arrive, or lead back to their own stop, are left out."""
        usable = np.isfinite(seconds) & (start != end)
        start, end, seconds = start[usable], end[usable], seconds[usable]
        order = np.lexsort((start, end))
        return cls(start[order], end[order], seconds[order])

    def reversed(self) -> Footpaths:
        """Return the walks the other way round."""
        return replace(Footpaths.build(self.end, self.start, self.seconds), stay=self.stay)

    def walked(self, at_s: FloatArray) -> FloatArray:
        """Return when each stop is reached on foot from the stops that are reached at `at_s`, (stops, runs), or there
        already.
        """
        found = at_s.copy() if self.stay is None else at_s + self.stay[:, None]
        if self.start.size:
            ends, first = np.unique(self.end, return_index=True)
            best = np.minimum.reduceat(at_s[self.start] + self.seconds[:, None], first, axis=0)
            found[ends] = np.minimum(found[ends], best)
        return found


def ride_rounds(
    patterns: Sequence[Pattern],
    footpaths: Footpaths,
    access_s: FloatArray,
    *,
    boardings: int,
    wait_share: float,
    change_s: float,
    latest_s: FloatArray | float = np.inf,
) -> list[FloatArray]:
    """Return when each stop is reached by vehicle with one boarding, two, … at most.

    Rounds as in RAPTOR (Delling, Pajor, Werneck: Round-based public transit routing, 2012), each pattern ridden for
    all runs together.

    Parameters
    ----------
    patterns
        The services.
    footpaths
        Walks between stops for those who change.
    access_s
        When a passenger can first be at each stop, seconds of the day, (stops, runs); inf for never.
    boardings
        The most vehicles of a trip, 1 or more.
    wait_share
        Share of the headway that is waited for lines without a timetable.
    change_s
        What every change takes beside walk and wait.
    latest_s
        When arrivals no longer matter, (runs,) or one for all.

    Returns
    -------
    list of arrays
        For each round (stops, runs): arrivals by exactly so many boardings that are earlier than with fewer, else inf.
    """
    best = np.full(access_s.shape, np.inf)
    at = access_s
    found: list[FloatArray] = []
    for boarding in range(boardings):
        rode = np.full(access_s.shape, np.inf)
        for pattern in patterns:
            here = at[pattern.stops]
            if not np.isfinite(here).any():
                continue
            there = pattern.rides(here, wait_share)
            np.minimum.at(rode, pattern.stops, there)
        rode[(rode >= best) | (rode > latest_s)] = np.inf
        if not np.isfinite(rode).any():
            break
        found.append(rode)
        best = np.minimum(best, rode)
        if boarding + 1 < boardings:
            at = footpaths.walked(rode + change_s)
    return found


def earliest(rounds: Sequence[FloatArray], shape: tuple[int, ...]) -> FloatArray:
    """Return when each stop is reached by vehicle, by however many boardings; inf for never."""
    best = np.full(shape, np.inf)
    for one in rounds:
        best = np.minimum(best, one)
    return best
