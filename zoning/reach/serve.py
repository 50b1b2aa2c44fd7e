"""Measure how places serve people on a network, searched from the smaller side, a part of the table at a time.

The formulas are those of `zoning.reach.measures`; all but two of them add up over places, so their tables of minutes
are made, used and dropped in parts and memory does not grow with the number of places.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from zoning.errors import InputError
from zoning.reach.check import checked_limit, coordinates
from zoning.reach.measures import (
    balanced_floating_catchment,
    cumulative,
    gravity,
    nearest,
    spatial_availability,
    three_step_floating_catchment,
    two_step_floating_catchment,
)
from zoning.reach.pairs import block_rows
from zoning.reach.snap import find_places
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import geopandas as gpd

    from zoning.reach.decay import DecayFunction
    from zoning.reach.network import TravelNetwork

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
    """Points, and how far each is from its street: `snap_m`, (n,) metres, NaN where it is off the network."""

    points: gpd.GeoSeries
    snap_m: FloatArray

    @property
    def count(self) -> int:
        """How many points there are, on the network or off it."""
        return len(self.points)

    @property
    def on(self) -> NDArray[np.intp]:
        """Which points are on the network."""
        return np.flatnonzero(~np.isnan(self.snap_m))


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
    return Placed(points, np.where(np.isinf(far), np.nan, far))


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
    kept: list[FloatArray] = []
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
        within = np.isfinite(table)
        reached |= within.any(axis=1)
        for rows in block_rows(table.shape):  # a product with all of it at once would copy it as floats
            at[which] += people[rows] @ within[rows]
        if measure == "cumulative":
            value += cumulative(table, capacity[which], limit_min)
        elif measure == "gravity":
            value += gravity(table, capacity[which], decay)
        elif measure in _BY_PART:
            value += _BY_PART[measure](table, capacity[which], people, decay)
        else:
            kept.append(table)
    if kept:
        value = _WHOLE[measure](np.concatenate(kept, axis=1), capacity[places.on], people, decay)
    return Served(value, reached, at)


def tables(
    network: TravelNetwork, homes: Placed, places: Placed, limit_min: float, *, arrive: bool
) -> Iterator[tuple[NDArray[np.intp], FloatArray]]:
    """Yield (which places, minutes from every home to them), inf where out of reach; off the network nothing is."""
    on, here = places.on, homes.on
    from_homes = homes.points.iloc[here]
    step = max(1, PART_PAIRS // max(homes.count, 1))
    for first in range(0, on.size if here.size else 0, step):
        which = on[first : first + step]
        # searches run from the smaller side, whichever it is
        table = network.minutes_matrix(from_homes, places.points.iloc[which], limit_min, arrive=arrive)
        if here.size < homes.count:
            every = np.full((homes.count, which.size), np.inf)
            every[here] = table
            table = every
        yield which, table


def _nearest_minutes(
    network: TravelNetwork, homes: Placed, places: Placed, limit_min: float, *, arrive: bool
) -> FloatArray:
    """Return the minutes to the nearest place by one search from all of them, NaN where out of reach."""
    if not places.on.size:
        return np.full(homes.count, np.nan)
    # the search runs from the places, so a trip from the homes arrives
    minutes = network.minutes_at(homes.points, places.points.iloc[places.on], limit_min, arrive=not arrive)
    return np.where(np.isfinite(minutes), minutes, np.nan)
