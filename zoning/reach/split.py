"""Split what several origins reach between them: every piece of street belongs to the one that is there first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from zoning.errors import NetworkError
from zoning.reach.catchment import checked_minutes, checked_walk_off, ring_frame
from zoning.reach.check import checked_limit, coordinates
from zoning.reach.cut import shares
from zoning.reach.links import direct, links
from zoning.reach.rings import rings
from zoning.reach.search import ROUNDING_S, Seeds, clipped, search
from zoning.reach.snap import find_places
from zoning.reach.streets import StreetReach
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from zoning.reach.check import Points
    from zoning.reach.network import TravelNetwork
    from zoning.reach.snap import Places

NOBODY = -1
_TOGETHER = 8  # origins searched at once: more would hold more arrays of all nodes
_LEAST = 1e-12  # a share of a street below this is rounding where two origins meet, not a piece


@dataclass(frozen=True)
class Claims:
    """Which origin is at each node first, and after how many seconds; NOBODY and inf where none is in time."""

    seconds: NDArray[np.float64]
    origin: NDArray[np.intp]


@dataclass(frozen=True)
class Sources:
    """Places, some of them inside streets, that travel begins from: after how many seconds, and for which origin."""

    places: Places
    seconds: NDArray[np.float64]
    origin: NDArray[np.intp]


@dataclass(frozen=True)
class Stretches:
    """Parts of streets, from share `start` to `end`, without an origin or a node inside them.

    At both ends stands who is there first and when; `along` and `against` are the seconds from one end to the other.
    """

    street: NDArray[np.intp]
    start: NDArray[np.float64]
    end: NDArray[np.float64]
    first_s: NDArray[np.float64]
    first_of: NDArray[np.intp]
    last_s: NDArray[np.float64]
    last_of: NDArray[np.intp]
    along: NDArray[np.float64]
    against: NDArray[np.float64]


def catchment_split(
    network: TravelNetwork,
    origins: Points,
    minutes: Iterable[float] | float,
    arrive: bool = False,  # noqa: FBT001, FBT002 - as `catchment`
    walk_off_m: float | None = None,
    *,
    parts: Iterable[tuple[int, list[StreetReach]]] | None = None,
) -> gpd.GeoDataFrame:
    """Return the catchments of several points, each place of a street in that of the point it is reached from first.

    Together the points reach what `catchment` says they do: the street kilometres of a limit add up to it. Two origins
    part where both are equally far; what is equally far all along belongs to the one named first. It is the streets
    that are divided: each ring is drawn round its own, so that the areas of neighbours overlap where their streets lie
    within twice the walk-off of each other, and do not add up.

    Parameters
    ----------
    network, origins, minutes, walk_off_m
        As for `catchment`.
    arrive
        Each place belongs to the point that it reaches first.
    parts
        What each origin reaches within each limit, where that is known already; None: `split_reach` says.

    Returns
    -------
    geopandas.GeoDataFrame
        In the network's CRS, one row an origin and limit: origin (its position in `origins`, from 0), and the columns
        of `catchment`. An origin whose streets are all reached sooner from others, such as the second of two at one
        place, has no row.

    Raises
    ------
    InputError, OffNetworkError, NetworkError
        As `catchment`; nothing reached from any origin is an error.
    """
    limits = checked_minutes(minutes)
    walk_off = checked_walk_off(network.walk_off_m if walk_off_m is None else walk_off_m)
    frames = []
    surface = network.surface(walk_off).opened(network.costs.passable)
    for origin, reaches in split_reach(network, origins, limits, arrive) if parts is None else parts:
        # a reach holds the one before it: only the first ones can be empty
        some = [(limit, one) for limit, one in zip(limits, reaches, strict=True) if _any(one)]
        if some:
            drawn = rings(surface, [reach for _, reach in some])
            frame = ring_frame([limit for limit, _ in some], drawn, walk_off, network.crs)
            frame.insert(0, "origin", origin)
            frames.append(frame)
    if not frames:
        raise NetworkError(N_("No street can be reached from here within the limit."))
    return gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=network.crs)


def split_reach(
    network: TravelNetwork,
    origins: Points,
    limits_min: Sequence[float],
    arrive: bool = False,  # noqa: FBT001, FBT002 - as `catchment`
) -> Iterator[tuple[int, list[StreetReach]]]:
    """Yield each origin that is first anywhere, with what of the streets is its own within each limit.

    The parts of all origins do not overlap, and make up `network.street_reach` of them all.
    """
    limits_s = [60 * checked_limit(limit, finite=True) for limit in limits_min]
    starts = network.places(origins)
    claims = _claims(network, starts, max(limits_s, default=0.0), arrive=arrive)
    yield from divided(
        network, Sources(starts, np.zeros(starts.point.size), starts.point), claims, limits_s, arrive=arrive
    )


def divided(
    network: TravelNetwork, sources: Sources, claims: Claims, limits_s: Sequence[float], *, arrive: bool
) -> Iterator[tuple[int, list[StreetReach]]]:
    """Yield each origin that is first anywhere, as `split_reach` does, where it is known who is at nodes and sources.

    No source may be reached along the streets sooner than it says.
    """
    parts = _stretches(network, sources, claims, arrive=arrive)
    from_first, from_last = _caps(parts)
    ahead = [np.minimum(one, from_first) for one in shares(parts.first_s, parts.along, limits_s)]
    back = [np.minimum(one, from_last) for one in shares(parts.last_s, parts.against, limits_s)]
    known = np.unique(np.concatenate((parts.first_of, parts.last_of)))
    for origin in known[known != NOBODY].tolist():
        first, last = np.flatnonzero(parts.first_of == origin), np.flatnonzero(parts.last_of == origin)
        own = [
            _reach(parts, network.layout.street_count, first, one[first], last, other[last])
            for one, other in zip(ahead, back, strict=True)
        ]
        yield origin, own


def nearest_origin(
    network: TravelNetwork,
    points: Points,
    origins: Points,
    limit_min: float = 30.0,
    arrive: bool = False,  # noqa: FBT001, FBT002 - as the doors
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return the minutes from the nearest origin to each point, and which origin that is; inf and NOBODY for none.

    The minutes are those of `network.minutes_at`; of origins equally near the first counts.
    """
    limit_s = 60 * checked_limit(limit_min)
    starts = network.places(origins)
    claims = _claims(network, starts, limit_s, arrive=arrive)
    xy = coordinates(points, network.crs, allow_none=True)
    open_streets, open_nodes = network.costs.open_streets, network.costs.open_nodes
    ends = find_places(network.layout, xy, network.snap_limit_m, open_streets, open_nodes)
    _, _, costs = network.costs.side(arrive=arrive)
    ways = links(network.layout, ends, costs.swapped())
    origin, point, within = direct(starts, ends, costs)
    point = np.concatenate((ways.run, point))
    origin = np.concatenate((claims.origin[ways.node], origin))
    times = np.concatenate((claims.seconds[ways.node] + ways.seconds, within))
    seconds = np.full(len(xy), np.inf)
    np.minimum.at(seconds, point, times)
    near = np.isfinite(times) & (times <= tied(seconds[point]))
    first = np.full(len(xy), np.iinfo(np.intp).max)
    np.minimum.at(first, point[near], origin[near])
    seconds = clipped(seconds, limit_s)
    return seconds / 60, np.where(np.isfinite(seconds), first, NOBODY)


def _claims(network: TravelNetwork, starts: Places, limit_s: float, *, arrive: bool) -> Claims:
    """Search from all origins, some at a time; the first of those that are at a node at the same time has it."""
    pattern, weights, costs = network.costs.side(arrive=arrive)
    seeds = links(network.layout, starts, costs)
    best = np.full(network.layout.node_count, np.inf)
    owner = np.full(network.layout.node_count, NOBODY, np.intp)
    count = int(starts.point.max(initial=NOBODY)) + 1
    for first in range(0, count, _TOGETHER):
        runs = min(_TOGETHER, count - first)
        of = (seeds.run >= first) & (seeds.run < first + runs)
        some = Seeds(seeds.run[of] - first, seeds.node[of], seeds.seconds[of])
        for run, seconds in enumerate(search(pattern, weights, some, runs, limit_s)):
            sooner = tied(seconds) < best  # by more than rounding
            owner[sooner] = first + run
            np.minimum(best, seconds, out=best)
    return Claims(best, owner)


def tied(seconds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the latest seconds that are the same time as these but for rounding."""
    return seconds + ROUNDING_S * np.maximum(1.0, seconds)


def _stretches(network: TravelNetwork, sources: Sources, claims: Claims, *, arrive: bool) -> Stretches:
    """Cut the streets that are reached at the sources and nodes inside them: no time passes one of these but by it."""
    starts = sources.places
    layout = network.layout
    _, _, costs = network.costs.side(arrive=arrive)
    inside = layout.junctions
    rows = np.flatnonzero(starts.street >= 0)
    cut = np.unique(np.concatenate((starts.street[rows], inside.street)))
    whole = np.ones(layout.street_count, bool)
    whole[cut] = False
    reached = np.isfinite(claims.seconds)
    streets = np.flatnonzero(whole & (reached[layout.first_node] | reached[layout.last_node]))
    # the ends of all stretches: of whole streets their nodes, of the others also the places inside, in order
    at = np.isin(inside.street, cut)
    nodes = np.concatenate((layout.first_node[cut], inside.node[at], layout.last_node[cut]))
    street = np.concatenate((cut, inside.street[at], cut, starts.street[rows]))
    share = np.concatenate((np.zeros(cut.size), inside.share[at], np.ones(cut.size), starts.share[rows]))
    seconds = np.concatenate((claims.seconds[nodes], sources.seconds[rows]))
    origin = np.concatenate((claims.origin[nodes], sources.origin[rows]))
    order = np.lexsort((origin, seconds, share, street))
    fresh = np.ones(order.size, bool)  # of two at one place the one that is there first, then the one named first
    fresh[1:] = (np.diff(street[order]) > 0) | (np.diff(share[order]) > 0)
    order = order[fresh]
    one, other = order[:-1], order[1:]
    same = street[one] == street[other]
    one, other = one[same], other[same]
    width = share[other] - share[one]
    first, last = layout.first_node[streets], layout.last_node[streets]
    return Stretches(
        np.concatenate((streets, street[one])),
        np.concatenate((np.zeros(streets.size), share[one])),
        np.concatenate((np.ones(streets.size), share[other])),
        np.concatenate((claims.seconds[first], seconds[one])),
        np.concatenate((claims.origin[first], origin[one])),
        np.concatenate((claims.seconds[last], seconds[other])),
        np.concatenate((claims.origin[last], origin[other])),
        np.concatenate((costs.along[streets], costs.along[street[one]] * width)),
        np.concatenate((costs.against[streets], costs.against[street[one]] * width)),
    )


def _caps(parts: Stretches) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the shares of stretches that those at their first and last ends may have: up to where both are at once."""
    both = parts.along + parts.against
    with np.errstate(invalid="ignore", divide="ignore"):
        meet = np.clip((parts.last_s + parts.against - parts.first_s) / both, 0.0, 1.0)
    free = np.where((parts.first_of < parts.last_of) & (parts.first_of != NOBODY), 1.0, 0.0)  # no time at all passes
    meet = np.where(both == 0, free, meet)
    # who cannot come from one end leaves all to the other
    meet = np.where(np.isinf(parts.against) | np.isinf(parts.last_s), 1.0, meet)
    meet = np.where(np.isinf(parts.along) | np.isinf(parts.first_s), 0.0, meet)
    alone = parts.first_of == parts.last_of  # reached from both ends up to the limit: nothing is to be divided
    return np.where(alone, 1.0, meet), np.where(alone, 1.0, 1.0 - meet)


def _reach(
    parts: Stretches,
    streets: int,
    first: NDArray[np.intp],
    ahead: NDArray[np.float64],
    last: NDArray[np.intp],
    back: NDArray[np.float64],
) -> StreetReach:
    """Return what one origin reaches: from the first ends of some stretches on, and from the last ends of some back."""
    head, tail = np.zeros(streets), np.zeros(streets)
    first, ahead = first[ahead > _LEAST], ahead[ahead > _LEAST]
    last, back = last[back > _LEAST], back[back > _LEAST]
    width = parts.end - parts.start
    from_end = parts.start[first] == 0
    head[parts.street[first[from_end]]] = (ahead * width[first])[from_end]
    to_end = parts.end[last] == 1
    tail[parts.street[last[to_end]]] = (back * width[last])[to_end]
    on, off = first[~from_end], last[~to_end]
    middles = [
        *zip(parts.street[on], parts.start[on], (parts.start[first] + ahead * width[first])[~from_end], strict=True),
        *zip(parts.street[off], (parts.end[last] - back * width[last])[~to_end], parts.end[off], strict=True),
    ]
    return StreetReach(head, tail, tuple(sorted((int(one), float(low), float(high)) for one, low, high in middles)))


def _any(reach: StreetReach) -> bool:
    return bool(reach.head.any() or reach.tail.any() or reach.middles)
