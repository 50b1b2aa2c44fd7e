"""Hold what a timetable says of changing: between which stops, with how much time, and where it is not possible."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from zoning.transit.raptor import Footpaths
from zoning.transit.walks import walks_between

if TYPE_CHECKING:
    from zoning.reach import TravelNetwork

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.intp]

USUAL, TIMED, LEAST_TIME, IMPOSSIBLE = range(4)
FARTHEST_M = 2_000.0
"""The farthest walk of a change that a timetable names; without its word people walk as far as the settings say."""


def _none() -> IntArray:
    return np.empty(0, dtype=np.intp)


@dataclass(frozen=True, eq=False)
class Transfers:
    """Changes from stop `start[i]` to stop `end[i]` (or within one), each pair once, as GTFS has them in `kind`.

    USUAL: people may change here, also farther apart than they walk otherwise. TIMED: the next vehicle waits; here a
    change costs no time beside the walk, and no vehicle is held. LEAST_TIME: it takes `seconds` from arrival to
    departure, in place of walk and change. IMPOSSIBLE: nobody changes.
    """

    start: IntArray = field(default_factory=_none)
    end: IntArray = field(default_factory=_none)
    kind: IntArray = field(default_factory=_none)
    seconds: FloatArray = field(default_factory=lambda: np.empty(0))

    @cached_property
    def _known(self) -> dict[tuple[int, int], tuple[int, float]]:
        rows = zip(*(one.tolist() for one in (self.start, self.end, self.kind, self.seconds)), strict=True)
        return {(start, end): (kind, seconds) for start, end, kind, seconds in rows}

    def change_s(self, start: int, end: int, usual_s: float) -> tuple[float, bool]:
        """Return the seconds that a change takes beside its walk, and whether they are the walk as well."""
        kind, seconds = self._known.get((start, end), (USUAL, np.nan))
        if kind == LEAST_TIME:
            return seconds, True
        return (0.0 if kind == TIMED else usual_s), False

    def applied(
        self, walks: Footpaths, network: TravelNetwork, xy: FloatArray, change_s: float, m_per_s: float
    ) -> Footpaths:
        """Return the walks between the stops at `xy` as the timetable has them.

        A change adds `change_s` to every walk: what takes another time has the difference in its walk.
        """
        if not self.start.size:
            return walks
        count = len(xy)
        apart = self.start != self.end
        stay = np.zeros(count)
        same = ~apart
        stay[self.start[same]] = self._beside(same, np.zeros(int(same.sum())), change_s)

        pairs = walks.start * count + walks.end
        named = self.start[apart] * count + self.end[apart]
        at = np.searchsorted(np.sort(pairs), named)
        order = np.argsort(pairs, kind="stable")
        there = np.zeros(named.size, dtype=bool)
        inside = at < pairs.size
        there[inside] = pairs[order[at[inside]]] == named[inside]
        seconds = np.full(named.size, np.inf)
        seconds[there] = walks.seconds[order[at[there]]]
        far = ~there & np.isin(self.kind[apart], (USUAL, TIMED))
        if far.any():
            ends = self.start[apart][far], self.end[apart][far]
            seconds[far] = walks_between(network, xy, *ends, FARTHEST_M / m_per_s)
        seconds = self._beside(apart, seconds, change_s)
        others = ~np.isin(pairs, named)
        made = Footpaths.build(
            np.concatenate([walks.start[others], self.start[apart]]),
            np.concatenate([walks.end[others], self.end[apart]]),
            np.concatenate([walks.seconds[others], seconds]),
        )
        return replace(made, stay=stay if stay.any() else None)

    def _beside(self, rows: NDArray[np.bool_], walked: FloatArray, change_s: float) -> FloatArray:
        kind = self.kind[rows]
        return np.select(
            [kind == IMPOSSIBLE, kind == LEAST_TIME, kind == TIMED],
            [np.full(kind.size, np.inf), self.seconds[rows] - change_s, walked - change_s],
            walked,
        )
