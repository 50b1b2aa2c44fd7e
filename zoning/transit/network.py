"""Travel on foot (or by motorbike to a station) and by public transport: the doors of a network, other times."""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from zoning.errors import NetworkError, OffNetworkError
from zoning.reach import TravelNetwork
from zoning.reach.check import checked_limit, coordinates
from zoning.reach.cut import cut_streets
from zoning.reach.links import links
from zoning.reach.matrix import matrix_minutes
from zoning.reach.search import Seeds, clipped, search
from zoning.reach.snap import Places, off_network_error
from zoning.text import N_
from zoning.transit.journey import journey
from zoning.transit.raptor import earliest, ride_rounds
from zoning.transit.settings import TransitSettings, percentile_of
from zoning.transit.spread import Feeder, arrive_at, sources, spread, union, walk_m_per_s
from zoning.transit.walks import footpaths, stop_places

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from zoning.reach.check import Points
    from zoning.reach.streets import StreetReach
    from zoning.transit.patterns import Pattern
    from zoning.transit.raptor import Footpaths
    from zoning.transit.supply import Supply

FloatArray: TypeAlias = NDArray[np.float64]

Solved: TypeAlias = "tuple[FloatArray, list[tuple[Feeder, Places | None, FloatArray]]]"

FIRST_HOUR = 7.0
"""Timetables are asked from this hour on where the question has none: the morning peak."""
CELLS = 4_000_000  # stops x runs, or walks x runs, held at once: 32 MB


class TransitNetwork(TravelNetwork):
    """A street network as people travel it on foot and by what runs: the doors of `TravelNetwork`, with other times.

    Whatever is quicker on foot is walked. Searches towards places (`arrive`) run with time backwards: they answer for
    arrivals at the hour, or in the window from the hour on, where others answer for departures.

    Parameters
    ----------
    walk
        The streets on foot.
    supply
        What runs on the day.
    settings
        How trips are counted.
    hour
        Hour of departure (or arrival); None takes lines as running, and timetables from 07:00 on.
    ride
        The streets by motorbike, where one may be taken to a stop that has room for it; None for walk and transit.
    """

    def __init__(
        self,
        walk: TravelNetwork,
        supply: Supply,
        settings: TransitSettings,
        *,
        hour: float | None = None,
        ride: TravelNetwork | None = None,
        mode: str = "transit",
    ) -> None:
        super().__init__(walk.costs, mode=mode, snap_limit_m=walk.snap_limit_m, speed_source=walk.speed_source)
        if len(supply.stops) and supply.stops.crs != walk.crs:
            raise NetworkError(
                N_("The stops are in {given}, the network is in {expected}: convert them first."),
                given=supply.stops.crs.name if supply.stops.crs else "?", expected=walk.crs.name,
            )  # fmt: skip
        self.walk, self.ride, self.supply, self.settings, self.hour = walk, ride, supply, settings, hour
        self._kept: tuple[tuple[bytes, float, bool], Solved] | None = None

    @property
    def parts(self) -> tuple[TravelNetwork, ...]:
        """The street networks that it is made of."""
        return (self.walk,) if self.ride is None else (self.walk, self.ride)

    @cached_property
    def _on_foot(self) -> Feeder:
        return Feeder.to(self.walk, self.supply.xy)

    @cached_property
    def _home_side(self) -> tuple[Feeder, ...]:
        """The ways to stops from where a trip begins."""
        if self.ride is None:
            return (self._on_foot,)
        park = self.supply.stops["park"].to_numpy(dtype=bool)
        return self._on_foot, Feeder.to(self.ride, self.supply.xy, park)

    @cached_property
    def _footpaths(self) -> Footpaths:
        speed, xy = walk_m_per_s(self.walk), self.supply.xy
        walks = footpaths(self.walk, xy, self.settings.transfer_m / speed, self.supply.fingerprint)
        return self.supply.transfers.applied(walks, self.walk, xy, 60 * self.settings.change_min, speed)

    @cached_property
    def departures_s(self) -> FloatArray:
        """The departures (or arrivals) that are tried, seconds of the day."""
        hour = FIRST_HOUR if self.hour is None else self.hour
        return hour * 3600 + self.settings.offsets_s(timed=self.supply.timed)

    # -- the doors ---------------------------------------------------------------------------------------------------

    def minutes_at(
        self,
        points: Points,
        origins: Points,
        limit_min: float = 30.0,
        arrive: bool = False,  # noqa: FBT001, FBT002 - as the doors
    ) -> FloatArray:
        """Return the minutes from the nearest origin to each point, (m,), inf where not reached or off the network."""
        limit_s = 60 * checked_limit(limit_min)
        xy = coordinates(points, self.crs, allow_none=True)
        offsets, parts = self.from_nearest(origins, limit_s, arrive=arrive)
        found = np.full((len(xy), offsets.shape[1]), np.inf)
        for feeder, begun, nodes in parts:
            ends = stop_places(feeder.network, xy)
            arrive_at(feeder, nodes, ends, offsets, begun, found, arrive=arrive)
        return np.asarray(percentile_of(clipped(found, limit_s), self.settings.percentile) / 60)

    def minutes_matrix(
        self,
        origins: Points,
        destinations: Points,
        limit_min: float = 30.0,
        arrive: bool = False,  # noqa: FBT001, FBT002 - a door of the design
    ) -> FloatArray:
        """Return the minutes from every origin to every destination, (n, m), inf where not reached.

        The searches run from the side that has fewer points: where these are the destinations, trips are timed by
        their arrival.
        """
        if len(origins) > len(destinations):
            return self.minutes_matrix(destinations, origins, limit_min, not arrive).T
        limit_s = 60 * checked_limit(limit_min)
        xy = coordinates(destinations, self.crs, allow_none=True)
        table = np.full((len(origins), len(xy)), np.inf)
        runs = self.departures_s.size
        ends = [stop_places(feeder.network, xy) for feeder in self._last(arrive=arrive)]
        for low, starts in self._origin_blocks(origins, arrive=arrive):
            count = int(max((one.point.max(initial=-1) for one in starts), default=-1)) + 1
            if not count:
                continue
            access = self._access(starts, limit_s, count, arrive=arrive)
            offsets = self._rides(access, limit_s, arrive=arrive)
            found = np.full((len(xy), offsets.shape[1]), np.inf)
            pairs = zip(self._last(arrive=arrive), self._begun(starts, arrive=arrive), ends, strict=True)
            for feeder, begun, at in pairs:
                nodes = spread(feeder, offsets, begun, limit_s, arrive=arrive, each=runs)
                arrive_at(feeder, nodes, at, offsets, begun, found, arrive=arrive, each=runs)
            seconds = clipped(found, limit_s).reshape(len(xy), count, runs)
            table[low : low + count] = percentile_of(seconds, self.settings.percentile).T / 60
        return table

    def street_reach(
        self,
        origins: Points,
        limits_min: Sequence[float],
        arrive: bool = False,  # noqa: FBT001, FBT002 - as the doors
    ) -> list[StreetReach]:
        """Return what of the streets is reached within each limit: from the origins, and from every stop with what
        time is left there.

        Of several departures the percentile is taken at every node and stop, and followed along the streets.
        """
        limits_s = [60 * checked_limit(limit, finite=True) for limit in limits_min]
        longest = max(limits_s, default=0.0)
        offsets, parts = self.from_nearest(origins, longest, arrive=arrive)
        at_stops = percentile_of(offsets, self.settings.percentile)
        reached: list[list[StreetReach]] = []
        for feeder, begun, nodes in parts:
            places, begin_s = sources(feeder, at_stops, begun)
            costs = feeder.network.costs.side(arrive=arrive)[2]
            node_s = percentile_of(nodes, self.settings.percentile, axis=0)
            reached.append(cut_streets(feeder.network.layout, costs, node_s, places, limits_s, begin_s))
        return [union(reaches) for reaches in zip(*reached, strict=True)]

    def minutes(
        self,
        origins: Points,
        limit_min: float = 30.0,
        arrive: bool = False,  # noqa: FBT001, FBT002 - a door of the design
    ) -> FloatArray:
        """Return the minutes from the nearest origin to every node, (n,), inf where not reached."""
        limit_s = 60 * checked_limit(limit_min)
        offsets, parts = self.from_nearest(origins, limit_s, arrive=arrive)
        found = np.full((offsets.shape[1], self.layout.node_count), np.inf)
        for _, _, nodes in parts:
            found = np.minimum(found, nodes)
        return np.asarray(percentile_of(found, self.settings.percentile, axis=0) / 60)

    def locate(self, points: Points, limit_m: float | None = None) -> pd.DataFrame:
        """Return where points are on the network; with a motorbike on the way, on its streets where none is walked."""
        try:
            return super().locate(points, limit_m)
        except OffNetworkError:
            if self.ride is None:
                raise
            return self.ride.locate(points, limit_m)

    def recost(self, *_: object, **__: object) -> TravelNetwork:
        """Refuse: what trips cost is that of the networks this one is made of."""
        raise NetworkError(N_("A network with public transport has no costs of its own: change those of its streets."))

    def extend(self, *_: object, **__: object) -> TravelNetwork:
        """Refuse, as `recost`."""
        return self.recost()

    def route(
        self,
        origin: Points,
        destination: Points,
        arrive: bool = False,  # noqa: FBT001, FBT002 - a door of the design
    ) -> gpd.GeoDataFrame:
        """Return the quickest trip leg by leg (see `zoning.transit.journey`); with `arrive` the other way round."""
        ends = (destination, origin) if arrive else (origin, destination)
        start, end = (
            gpd.GeoSeries(gpd.points_from_xy(*coordinates(_series(one), self.crs).T), crs=self.crs) for one in ends
        )
        return journey(self, start, end)

    def access_s(self, origin: Points) -> FloatArray:
        """Return the seconds from a point to every stop, (stops,), by the quickest way there."""
        starts = self._starts(origin, arrive=False)
        return self._access(starts, np.inf, 1, arrive=False)[:, 0]

    def feeder_to(self, stop: int, origin: Points, seconds: float) -> tuple[TravelNetwork, str]:
        """Return the network, and the name of its leg, by which a stop is reached in these seconds."""
        if self.ride is None:
            return self.walk, "walk"
        at = self.supply.stops.geometry.iloc[[stop]]
        foot = np.inf
        with suppress(OffNetworkError):
            foot = 60 * float(self.walk.minutes_matrix(origin, at, np.inf)[0, 0])
        return (self.walk, "walk") if foot <= seconds + 1e-3 else (self.ride, self.ride.mode or "motorbike")

    # -- how they are answered ---------------------------------------------------------------------------------------

    def _first(self, *, arrive: bool) -> tuple[Feeder, ...]:
        return (self._on_foot,) if arrive else self._home_side

    def _last(self, *, arrive: bool) -> tuple[Feeder, ...]:
        return self._home_side if arrive else (self._on_foot,)

    def from_nearest(self, origins: Points, limit_s: float, *, arrive: bool) -> Solved:
        """Return when stops are reached from the nearest origin, and nodes on each network that a trip ends on.

        The last answer is kept: rings, people and places of one question stand on the same search.
        """
        key = coordinates(origins, self.crs).tobytes(), limit_s, arrive
        kept = self._kept
        if kept is None or kept[0] != key:
            starts = self._starts(origins, arrive=arrive)
            offsets = self._stop_offsets(starts, limit_s, arrive=arrive)
            ways = zip(self._last(arrive=arrive), self._begun(starts, arrive=arrive), strict=True)
            parts = [(feeder, begun, spread(feeder, offsets, begun, limit_s, arrive=arrive)) for feeder, begun in ways]
            kept = self._kept = key, (offsets, parts)
        return kept[1]

    def _starts(self, origins: Points, *, arrive: bool) -> list[Places]:
        """Return the places of origins on each network that a search begins on; OffNetworkError where one has none."""
        xy = coordinates(origins, self.crs)
        starts = [stop_places(feeder.network, xy) for feeder in self._first(arrive=arrive)]
        off = np.setdiff1d(np.arange(len(xy)), np.concatenate([one.point for one in starts]))
        if off.size:
            network = self._first(arrive=arrive)[-1].network
            raise off_network_error(self.layout, xy[off], network.snap_limit_m, network.costs.open_streets)
        return starts

    def _begun(self, starts: list[Places], *, arrive: bool) -> list[Places | None]:
        """Return where the last networks are also entered without any ride: on foot from the origins themselves."""
        return [starts[0] if feeder is self._on_foot else None for feeder in self._last(arrive=arrive)]

    def _origin_blocks(self, origins: Points, *, arrive: bool) -> Iterator[tuple[int, list[Places]]]:
        """Yield the origins some at a time: as many as fit in memory with all their departures."""
        wide = max(len(self.supply.stops), self._footpaths.start.size, 1) * self.departures_s.size
        step = max(1, min(64, CELLS // wide))
        starts = self._starts(origins, arrive=arrive)
        for low in range(0, len(origins), step):
            block = []
            for one in starts:
                rows = one.take(np.flatnonzero((one.point >= low) & (one.point < low + step)))
                block.append(Places(rows.point - low, rows.node, rows.street, rows.share, rows.snap_m))
            yield low, block

    def _access(self, starts: list[Places], limit_s: float, count: int, *, arrive: bool) -> FloatArray:
        """Return the seconds from each origin to each stop, (stops, origins)."""
        found = np.full((len(self.supply.stops), count), np.inf)
        if not len(self.supply.stops):
            return found
        for feeder, places in zip(self._first(arrive=arrive), starts, strict=True):
            seconds = 60 * matrix_minutes(
                feeder.network.costs, places, feeder.places, found.shape, limit_s, arrive=arrive
            )
            found = np.minimum(found, seconds)
        return found

    def _stop_offsets(self, starts: list[Places], limit_s: float, *, arrive: bool) -> FloatArray:
        """Return the seconds from the nearest origin to each stop by vehicle, (stops, departures)."""
        found = np.full((len(self.supply.stops), 1), np.inf)
        for feeder, places in zip(self._first(arrive=arrive), starts, strict=True):
            pattern, weights, costs = feeder.network.costs.side(arrive=arrive)
            seeds = links(feeder.network.layout, places, costs)
            seeds = Seeds(np.zeros_like(seeds.run), seeds.node, seeds.seconds)
            nodes = search(pattern, weights, seeds, 1, limit_s)
            together = Places(np.zeros_like(places.point), places.node, places.street, places.share, places.snap_m)
            seconds = np.full(found.shape, np.inf)
            arrive_at(feeder, nodes, feeder.places, np.empty((0, 1)), together, seconds, arrive=arrive)
            found = np.minimum(found, seconds)
        return self._rides(found, limit_s, arrive=arrive)

    def _rides(self, access_s: FloatArray, limit_s: float, *, arrive: bool) -> FloatArray:
        """Return the seconds to stops by vehicle, (stops, origins x departures), for each origin all its departures."""
        begin = self.departures_s
        if arrive:
            begin = -begin[::-1]
        runs = np.tile(begin, access_s.shape[1])
        at = np.repeat(access_s, begin.size, axis=1) + runs
        patterns, walks = self._services(arrive=arrive)
        rounds = ride_rounds(
            patterns,
            walks,
            at,
            boardings=self.settings.boardings,
            wait_share=self.settings.wait_share,
            change_s=60 * self.settings.change_min,
            latest_s=runs + limit_s,
        )
        return np.asarray(earliest(rounds, at.shape) - runs)

    def _services(self, *, arrive: bool) -> tuple[tuple[Pattern, ...], Footpaths]:
        return self._backwards if arrive else self.forwards

    @cached_property
    def forwards(self) -> tuple[tuple[Pattern, ...], Footpaths]:
        """What can be ridden at the hour, and the walks between stops."""
        patterns = self.supply.patterns
        return (tuple(one.always() for one in patterns) if self.hour is None else patterns), self._footpaths

    @cached_property
    def _backwards(self) -> tuple[tuple[Pattern, ...], Footpaths]:
        patterns, walks = self.forwards
        return tuple(one.reversed() for one in patterns), walks.reversed()


def _series(point: Points) -> Points:
    return [point] if isinstance(point, shapely.Geometry) else point
