"""Split what several origins reach by public transport between them: each piece of street to the quickest one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zoning.errors import InputError
from zoning.pace import checkpoint
from zoning.reach.check import checked_limit
from zoning.reach.links import arrivals, direct, links
from zoning.reach.snap import Places
from zoning.reach.split import NOBODY, Claims, Sources, divided, tied
from zoning.text import N_
from zoning.transit.settings import percentile_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from zoning.reach.streets import StreetReach
    from zoning.transit.network import TransitNetwork
    from zoning.transit.spread import Feeder


def split_reach(
    network: TransitNetwork, origins: gpd.GeoSeries, limits_min: Sequence[float], *, arrive: bool = False
) -> Iterator[tuple[int, list[StreetReach]]]:
    """Yield each origin that is quickest anywhere, with what of the streets is its own within each limit.

    The time from an origin is that which the percentile of all its departures keeps to: people are taken to belong to
    one origin, not to another one with every departure. Streets are divided as `zoning.reach.split` divides them; of
    origins equally quick the first counts. Parts do not overlap.

    Raises
    ------
    InputError
        Trips may end by motorbike: motorbikes to stops, towards the origins.
    """
    check_split(network.ride is not None, arrive=arrive)
    limits_s = [60 * checked_limit(limit, finite=True) for limit in limits_min]
    longest = max(limits_s, default=0.0)
    share = network.settings.percentile
    nodes = Claims(np.full(len(network.node_ids), np.inf), np.full(len(network.node_ids), NOBODY, np.intp))
    stops = Claims(np.full(len(network.supply.stops), np.inf), np.full(len(network.supply.stops), NOBODY, np.intp))
    begun: list[Places] = []
    for origin in range(len(origins)):
        checkpoint()
        offsets, [(feeder, places, found)] = network.from_nearest(origins.iloc[[origin]], longest, arrive=arrive)
        assert places is not None  # noqa: S101 - the last way of a trip is on foot, which may be all of it
        _claim(nodes, percentile_of(found, share, axis=0), origin)
        _claim(stops, percentile_of(offsets, share), origin)
        begun.append(
            Places(np.full_like(places.point, origin), places.node, places.street, places.share, places.snap_m)
        )
    sources = _first(feeder, begun, stops, nodes, arrive=arrive)
    yield from divided(feeder.network, sources, nodes, limits_s, arrive=arrive)


def check_split(by_motorbike: bool, *, arrive: bool) -> None:  # noqa: FBT001 - one of two
    """Raise InputError where a catchment of public transport cannot be split."""
    if by_motorbike and arrive:
        raise InputError(
            N_("Towards the origins, streets cannot be split where a motorbike is taken to the stop: two ways to travel"
               " meet on every street. Choose walk and public transport, the other direction, or the merged catchment.")
        )  # fmt: skip


def _claim(claims: Claims, seconds: NDArray[np.float64], origin: int) -> None:
    """Give an origin what it reaches sooner than those before it, by more than rounding."""
    sooner = tied(seconds) < claims.seconds
    claims.origin[sooner] = origin
    np.minimum(claims.seconds, seconds, out=claims.seconds)


def _first(feeder: Feeder, begun: list[Places], stops: Claims, nodes: Claims, *, arrive: bool) -> Sources:
    """Return the origins, and the stops that a vehicle reaches sooner than anybody does along the streets."""
    layout = feeder.network.layout
    _, _, costs = feeder.network.costs.side(arrive=arrive)
    here = feeder.places.take(np.flatnonzero(np.isfinite(stops.seconds[feeder.places.point])))
    starts = _joined([*begun, here])
    at_start = np.concatenate([np.zeros(len(starts.point) - len(here.point)), stops.seconds[here.point]])
    owner = np.concatenate([*(one.point for one in begun), stops.origin[here.point]])
    numbered = Places(np.arange(len(starts.point)), starts.node, starts.street, starts.share, starts.snap_m)
    along = np.full((len(starts.point), 1), np.inf)
    arrivals(nodes.seconds[:, None], links(layout, numbered, costs.swapped()), along)
    beaten = along[:, 0] <= at_start
    one, other, within = direct(numbered, numbered, costs)
    sooner = at_start[one] + within - at_start[other]
    beaten[other[(sooner < 0) | ((sooner == 0) & (one < other))]] = True
    kept = np.flatnonzero((at_start == 0) | ~beaten)
    return Sources(starts.take(kept), at_start[kept], owner[kept].astype(np.intp))


def _joined(places: list[Places]) -> Places:
    fields = (np.concatenate([getattr(one, name) for one in places]) for name in Places.__dataclass_fields__)
    return Places(*fields)
