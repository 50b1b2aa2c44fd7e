"""Measure how places serve people on a network, searched from the smaller side, a part of the table at a time.

The formulas are those of `zoning.reach.measures`; all but two of them add up over places, so their tables of minutes
are made, used and dropped in parts and memory does not grow with the number of places.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray

from zoning.errors import InputError
from zoning.reach.check import checked_limit, coordinates
from zoning.reach.matrix import matrix_minutes, minute_blocks
from zoning.reach.measures import (
    balanced_floating_catchment,
    gravity,
    nearest,
    spatial_availability,
    three_step_floating_catchment,
    two_step_floating_catchment,
)
from zoning.reach.network import TravelNetwork
from zoning.reach.pairs import OPPORTUNITIES, block_rows, checked_amounts
from zoning.reach.snap import find_places
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import geopandas as gpd

    from zoning.reach.decay import DecayFunction
    from zoning.reach.snap import Places

FloatArray: TypeAlias = NDArray[np.float64]

PART_PAIRS = 16_000_000  # pairs of homes and places timed together: 128 MB
MOST_PAIRS = 30_000_000  # pairs that a measure may need at once: 240 MB
_WHOLE: dict[str, Callable[..., FloatArray]] = {
    "3sfca": three_step_floating_catchment,
    "balanced": balanced_floating_catchment,
}
"""Measures that compare all places of a home with each other: they need the whole table."""
_BY_PART: dict[str, Callable[..., FloatArray]] = {
    "2sfca": two_step_floating_catchment,
    "e2sfca": two_step_floating_catchment,
    "spatial_availability": spatial_availability,
}


@dataclass(frozen=True)
class Placed:
    """Points, and how far each is from its street: `snap_m`, (n,) metres, NaN where it is off the network.

    `where` are their places on the network `of`; those off it have none.
    """

    points: gpd.GeoSeries
    snap_m: FloatArray
    where: Places
    of: TravelNetwork

    @property
    def count(self) -> int:
        """How many points there are, on the network or off it."""
        return len(self.points)

    @property
    def on(self) -> NDArray[np.intp]:
        """Which points are on the network."""
        return np.flatnonzero(~np.isnan(self.snap_m))

    def targets(self, which: NDArray[np.intp]) -> tuple[gpd.GeoSeries, NDArray[np.intp]]:
        """Return the points that trips to some places end at, and the number in `which` of the place of each."""
        return self.points.iloc[which], np.arange(which.size, dtype=np.intp)

    def places(self, network: TravelNetwork, which: NDArray[np.intp] | None = None) -> Places:
        """Return the places of some points (all of them), numbered in the order of `which`, on a network."""
        found = (self if network is self.of else placed(network, self.points)).where
        if which is None:
            return found
        number = np.full(self.count, -1, dtype=np.intp)
        number[which] = np.arange(which.size)
        rows = np.flatnonzero(number[found.point] >= 0)
        mine = replace(found.take(rows), point=number[found.point[rows]])
        return mine.take(np.argsort(mine.point, kind="stable"))


@dataclass(frozen=True)
class Entered(Placed):
    """Places that are entered at any of several points: the nearest of them counts.

    `ends` are the points that trips end at, `owner` says which place each is of; `points` are the places' own.
    """

    ends: gpd.GeoSeries
    owner: NDArray[np.intp]

    def places(self, network: TravelNetwork, which: NDArray[np.intp] | None = None) -> Places:
        """Return where some places (all of them) are on a network, numbered in the order of `which`."""
        if network is self.of:
            return super().places(network, which)
        return entered(network, self.points, self.ends, self.owner).places(network, which)

    def targets(self, which: NDArray[np.intp]) -> tuple[gpd.GeoSeries, NDArray[np.intp]]:
        """Return the points that trips to some places end at, and the number in `which` of the place of each."""
        number = np.full(self.count, -1, dtype=np.intp)
        number[which] = np.arange(which.size)
        mine = np.flatnonzero(number[self.owner] >= 0)
        mine = mine[np.argsort(number[self.owner[mine]], kind="stable")]
        return self.ends.iloc[mine], number[self.owner[mine]]


@dataclass(frozen=True)
class Served:
    """What a measure found.

    Parameters
    ----------
    value
        (n,) of each home, as the function of `zoning.reach.measures` returns it.
    reached
        (n,) whether a home reaches any place (for the nearest, k of them) within the limit.
    people_at
        (m,) people who reach each place within the limit; NaN for the nearest, which does not time all pairs.
    """

    value: FloatArray
    reached: NDArray[np.bool_]
    people_at: FloatArray


def placed(network: TravelNetwork, points: gpd.GeoSeries) -> Placed:
    """Find points on a network; those beyond the mode's snap limit are left off, not refused."""
    xy = coordinates(points, network.crs, allow_none=True)
    costs = network.costs
    found = find_places(network.layout, xy, network.snap_limit_m, costs.open_streets, costs.open_nodes)
    far = np.full(len(xy), np.inf)
    np.minimum.at(far, found.point, found.snap_m)
    return Placed(points, np.where(np.isinf(far), np.nan, far), found, network)


def entered(network: TravelNetwork, points: gpd.GeoSeries, ends: gpd.GeoSeries, owner: NDArray[np.intp]) -> Entered:
    """Find places on a network by the points that they may be entered at.

    Of the points of a place those count that lie within the network's walk-off of a street, or the nearest one where
    none does: an edge far from all streets is no way in. A place none of whose points has a street is off the network.

    Parameters
    ----------
    points
        (n,) the places' own points, for maps and order.
    ends, owner
        Points to enter at, and which place each is of.
    """
    found = placed(network, ends)
    least = np.full(len(points), np.inf)
    np.fmin.at(least, owner, found.snap_m)
    usable = np.flatnonzero(found.snap_m <= np.maximum(least[owner], network.walk_off_m))
    kept = found.places(network, usable)
    where = replace(kept, point=owner[usable][kept.point])
    where = where.take(np.argsort(where.point, kind="stable"))
    snap_m = np.where(np.isinf(least), np.nan, least)
    return Entered(points, snap_m, where, network, ends.iloc[usable].reset_index(drop=True), owner[usable])


def serve(  # noqa: PLR0913 - a measure has that many parts, all named
    network: TravelNetwork,
    homes: Placed,
    people: FloatArray,
    places: Placed,
    capacity: FloatArray,
    measure: str,
    *,
    limit_min: float,
    decay: DecayFunction,
    k: int = 1,
    arrive: bool = False,
) -> Served:
    """Measure how `places` serve `homes`.

    Parameters
    ----------
    network
        As the mode travels it.
    homes, people
        n homes and the people of each, 0 or more.
    places, capacity
        m places and how much each offers, 0 or more.
    measure
        A name in `zoning.reach.menu.MEASURES`.
    limit_min
        The longest trip that counts, in minutes, itself included, whatever the decay says beyond.
    decay
        Weight of a trip by its minutes, for the measures that have one.
    k
        Which nearest place, counted from 1.
    arrive
        Time trips from the places to the homes (an ambulance, a delivery) instead of from the homes.

    Raises
    ------
    InputError
        The limit or k is unusable, or a measure that needs all pairs at once would have too many (counted).
    """
    limit_min = checked_limit(limit_min)
    nobody = np.full(places.count, np.nan)
    if measure == "nearest" and k == 1:
        minutes = _nearest_minutes(network, homes, places, limit_min, arrive=arrive)
        return Served(minutes, ~np.isnan(minutes), nobody)
    if measure == "nearest":
        best = np.full((homes.count, k), np.inf)
        for _, table in tables(network, homes, places, limit_min, arrive=arrive):
            best = np.partition(np.concatenate([best, table], axis=1), k - 1, axis=1)[:, :k]
        minutes = nearest(best, k)
        return Served(minutes, ~np.isnan(minutes), nobody)

    reached, at = np.zeros(homes.count, dtype=bool), np.zeros(places.count)
    value = np.zeros(homes.count)
    if measure == "cumulative":
        checked_amounts(OPPORTUNITIES, capacity, places.count)
    kept, order = list[FloatArray](), list[NDArray[np.intp]]()
    if measure in _WHOLE and homes.count * places.count > MOST_PAIRS:
        raise InputError(
            N_("This measure compares all places with each other: {homes} homes and {places} places are {pairs} pairs,"
               " at most {most} can be held. Take 2SFCA, which has no such limit, or fewer places."),
            homes=homes.count,
            places=places.count,
            pairs=f"{homes.count * places.count:,}",
            most=f"{MOST_PAIRS:,}",
        )  # fmt: skip
    for which, table in tables(network, homes, places, limit_min, arrive=arrive):
        offered = capacity[which]
        for rows in block_rows(table.shape):  # a part that fits into the cache, gone through once for all figures
            within = np.isfinite(table[rows])
            reached[rows] |= within.any(axis=1)
            counts = within.astype(np.float64)
            at[which] += people[rows] @ counts
            if measure == "cumulative":
                value[rows] += counts @ offered  # what is beyond the limit is infinite already
        if measure == "gravity":
            value += gravity(table, offered, decay)
        elif measure in _BY_PART:
            value += _BY_PART[measure](table, offered, people, decay)
        elif measure in _WHOLE:
            order.append(which)
            kept.append(table.copy())
    if kept:
        value = _WHOLE[measure](np.concatenate(kept, axis=1), capacity[np.concatenate(order)], people, decay)
    return Served(value, reached, at)


def tables(
    network: TravelNetwork, homes: Placed, places: Placed, limit_min: float, *, arrive: bool
) -> Iterator[tuple[NDArray[np.intp], FloatArray]]:
    """Yield (which places, minutes from every home to them), inf where out of reach; off the network nothing is.

    Searches run from the smaller side. The tables are parts of one array that is used again: what is to stay has to be
    copied. Places come neighbours together, for searches from neighbours go through the same streets.
    """
    on, here = places.on, homes.on
    if not (on.size and here.size):
        return
    if type(network).minutes_matrix is not TravelNetwork.minutes_matrix:  # times that are not those of its streets
        yield from _asked(network, homes, places, limit_min, arrive=arrive)
        return
    limit_s = 60 * limit_min
    costs = network.costs
    if here.size > on.size:
        on = on[np.argsort(_along_curve(places.points.iloc[on]), kind="stable")]
        shape = homes.count, on.size
        where, there = homes.places(network), places.places(network, on)
        for block, table in minute_blocks(costs, there, where, shape, limit_s, arrive=not arrive):
            yield on[block], table
        return
    where = homes.places(network)
    step = max(1, PART_PAIRS // homes.count)
    for first in range(0, on.size, step):
        which = on[first : first + step]
        there = places.places(network, which)
        if homes.count <= which.size:
            yield which, matrix_minutes(costs, where, there, (which.size, homes.count), limit_s, arrive=arrive).T
        else:
            yield which, matrix_minutes(costs, there, where, (homes.count, which.size), limit_s, arrive=not arrive)


def _asked(
    network: TravelNetwork, homes: Placed, places: Placed, limit_min: float, *, arrive: bool
) -> Iterator[tuple[NDArray[np.intp], FloatArray]]:
    """Yield what `tables` does by the network's own door: by public transport the streets alone do not tell."""
    on, here = places.on, homes.on
    from_homes = homes.points.iloc[here]
    step = max(1, PART_PAIRS // homes.count)
    for first in range(0, on.size, step):
        which = on[first : first + step]
        targets, number = places.targets(which)
        minutes = network.minutes_matrix(from_homes, targets, limit_min, arrive=arrive)
        table = np.full((homes.count, which.size), np.inf)
        nearest_of = np.full((here.size, which.size), np.inf)
        for column, times in zip(number.tolist(), minutes.T, strict=True):  # a place may have several targets
            np.minimum(nearest_of[:, column], times, out=nearest_of[:, column])
        table[here] = nearest_of
        yield which, table


def _along_curve(points: gpd.GeoSeries) -> NDArray[np.int64]:
    """Return where points lie along a curve that fills the plane (Morton 1966): neighbours there are neighbours."""
    xy = shapely.get_coordinates(points.to_numpy())
    low, high = xy.min(axis=0), xy.max(axis=0)
    cell = ((xy - low) / max(float((high - low).max()), 1e-9) * 1023).astype(np.int64)
    spread = sum((cell >> bit & 1) << 2 * bit for bit in range(10))
    return np.asarray(spread[:, 0] | spread[:, 1] << 1, dtype=np.int64)


def _nearest_minutes(
    network: TravelNetwork, homes: Placed, places: Placed, limit_min: float, *, arrive: bool
) -> FloatArray:
    """Return the minutes to the nearest place by one search from all of them, NaN where out of reach."""
    if not places.on.size:
        return np.full(homes.count, np.nan)
    # the search runs from the places, so a trip from the homes arrives
    minutes = network.minutes_at(homes.points, places.targets(places.on)[0], limit_min, arrive=not arrive)
    return np.where(np.isfinite(minutes), minutes, np.nan)
