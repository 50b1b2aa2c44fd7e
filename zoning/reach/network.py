"""Travel on a street network: minutes, matrices, reach and routes from places on its edges."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from zoning.reach.attributes import source_column
from zoning.reach.check import checked_limit, coordinates
from zoning.reach.costs import Costs
from zoning.reach.cut import cut_streets
from zoning.reach.islands import islands
from zoning.reach.layout import Layout
from zoning.reach.links import arrivals, direct, links
from zoning.reach.matrix import matrix_minutes
from zoning.reach.netfile import load_network, save_network
from zoning.reach.patch import add_edges
from zoning.reach.route import route_frame
from zoning.reach.search import clipped, search_near
from zoning.reach.snap import Places, find_places, off_network_error
from zoning.reach.table import checked_seconds, compile_graph

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import geopandas as gpd
    import networkx as nx
    from numpy.typing import ArrayLike, NDArray
    from pyproj import CRS

    from zoning.reach.attributes import Texts
    from zoning.reach.check import Points
    from zoning.reach.streets import StreetReach, Streets
    from zoning.reach.surface import Surface

WALK_OFF_M = 50.0  # how far from a reached street the area counts as reached, where the graph does not say
SNAP_LIMIT_M = 1_000.0  # how far a vehicle's origin may be from its street
SNAP_LIMIT_WALK_M = 300.0


class TravelNetwork:
    """A street network as one mode travels it; immutable, so that sessions and threads share it.

    Nodes keep the graph's node order and edges its edge order; every per-node and per-edge array follows these.
    Places lie on edges: a trip pays for the stretch between its ends and the nodes beside them, and walking to the
    street is not timed. Limits include their bound. A place that cannot be reached has infinite minutes.

    Make one with `from_graph` or `load`; variants with `recost` and `extend`, which share what did not change.
    """

    def __init__(
        self,
        costs: Costs,
        *,
        mode: str = "",
        snap_limit_m: float = SNAP_LIMIT_M,
        speed_source: pd.Categorical | None = None,
    ) -> None:
        self.costs = costs
        self.layout = costs.layout
        self.mode = mode
        """Name of the mode whose costs these are, empty where the graph did not say."""
        self.snap_limit_m = snap_limit_m
        """The farthest that a point may be from its street, in metres."""
        self.speed_source = speed_source
        """Where these costs have each edge's speed from; None: as the attributes say."""

    @classmethod
    def from_graph(cls, graph: nx.MultiDiGraph) -> TravelNetwork:
        """Compile a projected osmnx street graph: what its edges cost is what is used.

        Parameters
        ----------
        graph
            `graph["crs"]` projected in metres; nodes with x, y; edges with length (m), travel_time (s, inf = closed),
            geometry where curved. Optional: `graph["name"]`, `["walk_off_m"]` (default 50), `["mode"]`,
            `["snap_limit_m"]` (default 300 for mode walk, else 1,000), and the attributes of
            `zoning.reach.attributes`.

        Raises
        ------
        NetworkError
            If there is no projected CRS, no edge, or a coordinate, length or travel time is missing or impossible.
        """
        table = compile_graph(graph)
        about = graph.graph
        layout = Layout.from_table(table, str(about.get("name", "")), float(about.get("walk_off_m", WALK_OFF_M)))
        mode = str(about.get("mode", ""))
        usual_m = SNAP_LIMIT_WALK_M if mode == "walk" else SNAP_LIMIT_M
        limit_m = float(about.get("snap_limit_m", usual_m))
        return cls(Costs(layout, table.seconds), mode=mode, snap_limit_m=limit_m)

    def __repr__(self) -> str:
        """Say what network this is."""
        return (
            f"<TravelNetwork {self.name!r} mode={self.mode!r} nodes={self.layout.node_count} "
            f"edges={self.layout.u.size} crs={self.crs.to_string()}>"
        )

    @property
    def crs(self) -> CRS:
        """The projected CRS of the network, its inputs and its results."""
        return self.layout.crs

    @property
    def name(self) -> str:
        """Name of the network: strategic, streets, …"""
        return self.layout.name

    @property
    def walk_off_m(self) -> float:
        """How far from a reached street the area counts as reached, in metres."""
        return self.layout.walk_off_m

    @property
    def node_ids(self) -> NDArray[Any]:
        """Node ids in the order of every per-node array, (n,)."""
        return self.layout.node_ids

    @property
    def node_xy(self) -> NDArray[np.float64]:
        """Node positions, (n, 2) metres."""
        return self.layout.node_xy

    @property
    def streets(self) -> Streets:
        """The lines of the network, each once."""
        return self.layout.streets

    @property
    def edges(self) -> pd.DataFrame:
        """Edges in the graph's order: u, v, key, length_m, seconds (inf = closed)."""
        return self._edges.copy(deep=False)

    @cached_property
    def _edges(self) -> pd.DataFrame:
        layout, ids = self.layout, self.layout.node_ids
        columns = {"u": ids[layout.u], "v": ids[layout.v], "key": layout.key, "length_m": layout.length_m}
        return pd.DataFrame({**columns, "seconds": self.costs.edge_seconds})

    @property
    def attributes(self) -> pd.DataFrame:
        """What is known of each edge, aligned with `edges`; the names are those of `zoning.reach.attributes`."""
        known = self.layout.attributes
        return known.copy(deep=False) if self.speed_source is None else known.assign(speed_source=self.speed_source)

    def minutes(
        self,
        origins: Points,
        limit_min: float = 30.0,
        arrive: bool = False,  # noqa: FBT001, FBT002 - a door of the design
    ) -> NDArray[np.float64]:
        """Return the minutes from the nearest origin to every node, (n,), inf where not reached.

        Parameters
        ----------
        origins
            GeoSeries of points in the network's CRS.
        limit_min
            The longest trip, in minutes, itself included; infinite for no limit.
        arrive
            Time trips to the origins instead of from them.

        Raises
        ------
        OffNetworkError
            If an origin is farther from an open street than `snap_limit_m`.
        InputError
            If the limit or a point is not usable, or the CRS is another one.
        """
        limit_s = 60 * checked_limit(limit_min)
        return np.asarray(self._node_seconds(self.places(origins), limit_s, arrive=arrive) / 60)

    def minutes_at(
        self,
        points: Points,
        origins: Points,
        limit_min: float = 30.0,
        arrive: bool = False,  # noqa: FBT001, FBT002 - as the doors
    ) -> NDArray[np.float64]:
        """Return the minutes from the nearest origin to each point, (m,), inf where not reached or off the network."""
        limit_s = 60 * checked_limit(limit_min)
        starts = self.places(origins)
        xy = coordinates(points, self.crs, allow_none=True)
        ends = find_places(self.layout, xy, self.snap_limit_m, self.costs.open_streets, self.costs.open_nodes)
        _, _, costs = self.costs.side(arrive=arrive)
        nodes = self._node_seconds(starts, limit_s, arrive=arrive)
        found = np.empty((len(xy), 1))
        arrivals(nodes[:, None], links(self.layout, ends, costs.swapped()), found)
        seconds = found[:, 0]
        _, point, within = direct(starts, ends, costs)
        np.minimum.at(seconds, point, within)
        return clipped(seconds, limit_s) / 60

    def minutes_matrix(
        self,
        origins: Points,
        destinations: Points,
        limit_min: float = 30.0,
        arrive: bool = False,  # noqa: FBT001, FBT002 - a door of the design
    ) -> NDArray[np.float64]:
        """Return the minutes from every origin to every destination, (n, m), inf where not reached.

        With `arrive`, element (i, j) times the trip from destination j to origin i. Either way the searches run from
        the side that has fewer points. Parameters and errors as for `minutes`.
        """
        limit_s = 60 * checked_limit(limit_min)
        near, far = (self.places(points, allow_none=True) for points in (origins, destinations))
        n, m = len(origins), len(destinations)
        if n <= m:
            return matrix_minutes(self.costs, near, far, (m, n), limit_s, arrive=arrive).T
        return matrix_minutes(self.costs, far, near, (n, m), limit_s, arrive=not arrive)

    def street_reach(
        self,
        origins: Points,
        limits_min: Sequence[float],
        arrive: bool = False,  # noqa: FBT001, FBT002 - as the doors
    ) -> list[StreetReach]:
        """Return what of the streets is reached within each limit: one search to the largest, one cut a limit.

        Edges are followed from both ends, and from origins inside them; with `arrive`, against their direction.
        """
        limits_s = [60 * checked_limit(limit, finite=True) for limit in limits_min]
        starts = self.places(origins)
        nodes = self._node_seconds(starts, max(limits_s, default=0.0), arrive=arrive)
        _, _, costs = self.costs.side(arrive=arrive)
        return cut_streets(self.layout, costs, nodes, starts, limits_s)

    def locate(self, points: Points, limit_m: float | None = None) -> pd.DataFrame:
        """Return where points are on the network: the nearest edge that is open, with the index of `points`.

        Parameters
        ----------
        points
            GeoSeries of points in the network's CRS.
        limit_m
            The farthest that a point may be from its street, in metres; None for the mode's own limit.

        Returns
        -------
        pandas.DataFrame
            edge (row of `edges`), share (of its length, from u), snap_m (distance to the street).

        Raises
        ------
        OffNetworkError
            If a point is farther off.
        """
        places = self.places(points, limit_m, allow_none=True)
        # a point has further places only for the laws of scenarios; the nearest is where it is
        order = np.lexsort((places.snap_m, places.point))
        nearest = places.take(order[np.unique(places.point[order], return_index=True)[1]])
        edge, share = self.costs.edge_places(nearest)
        index = getattr(points, "index", None) if hasattr(points, "crs") else None
        return pd.DataFrame({"edge": edge, "share": share, "snap_m": nearest.snap_m}, index=index)

    def route(
        self,
        origin: Points,
        destination: Points,
        arrive: bool = False,  # noqa: FBT001, FBT002 - a door of the design
    ) -> gpd.GeoDataFrame:
        """Return the quickest way between two points, one row an edge in order of travel.

        Parameters
        ----------
        origin, destination
            A point, or a GeoSeries of one, in the network's CRS.
        arrive
            Travel from the destination to the origin.

        Returns
        -------
        geopandas.GeoDataFrame
            minutes (at the start of the edge), leg_min, length_m, speed_kmh, speed_source, road_class, name, edge,
            geometry (cut at both ends of the trip). `leg_min` adds up to `minutes_matrix`. No rows where both points
            are one place.

        Raises
        ------
        UnreachableError
            If no open way leads there.
        OffNetworkError, InputError
            As for `minutes`.
        """
        ends = (destination, origin) if arrive else (origin, destination)
        start, end = (self.places([p] if isinstance(p, shapely.Geometry) else p) for p in ends)
        return route_frame(self.costs, self.attributes, start, end)

    def recost(
        self,
        seconds_by_edge: ArrayLike,
        *,
        speed_source: Texts | None = None,
        mode: str | None = None,
        snap_limit_m: float | None = None,
        keep_snaps: bool = False,
    ) -> TravelNetwork:
        """Return the network at other costs; everything but the costs is shared.

        Parameters
        ----------
        seconds_by_edge
            One travel time in seconds an edge, in the order of `edges`; infinite closes the edge.
        speed_source
            Where each edge's speed came from: tag, law, class, fact or assumption; None keeps what is known.
        mode, snap_limit_m
            The mode of these costs and how far its points may be from a street; None keeps the present ones.
        keep_snaps
            Snap points to the streets that are open now, even if these costs close them: for a scenario's closures,
            which would otherwise move an origin to another, perhaps faster, street.

        Raises
        ------
        NetworkError
            If there is not one number an edge, or any is negative or missing.
        """
        seconds = checked_seconds(seconds_by_edge, self.layout.u.size)
        kept_open = self.costs.open_streets if keep_snaps else None
        return TravelNetwork(
            Costs(self.layout, seconds, kept_open),
            mode=self.mode if mode is None else mode,
            snap_limit_m=self.snap_limit_m if snap_limit_m is None else checked_limit(snap_limit_m),
            speed_source=self.speed_source if speed_source is None else source_column(speed_source, seconds.size),
        )

    def extend(self, edges: pd.DataFrame, *, join_m: float = 1.0) -> TravelNetwork:
        """Return the network with new streets beside the old ones; `zoning.reach.patch` says what the columns are."""
        if len(edges) == 0:
            return self
        costs, speed_source = add_edges(self.costs, self.speed_source, edges, checked_limit(join_m))
        return TravelNetwork(costs, mode=self.mode, snap_limit_m=self.snap_limit_m, speed_source=speed_source)

    def surface(self, walk_off_m: float | None = None) -> Surface:
        """Return the surface that polygons are drawn on, built at first use and shared by all recosts."""
        return self.layout.surface(float(self.walk_off_m if walk_off_m is None else walk_off_m))

    def islands(self) -> pd.DataFrame:
        """Return the parts of the network that no open street joins, largest first: nodes, street_km, share_pct, x, y.

        The first row is the mainland; x and y are those of a node of the part.
        """
        return islands(self.costs)

    def save(self, path: str | Path) -> None:
        """Write the network to a file, whole or not at all: same network, same bytes."""
        save_network(self.costs, self.mode, self.snap_limit_m, self.speed_source, path)

    @classmethod
    def load(cls, path: str | Path) -> TravelNetwork:
        """Read a network that `save` wrote; NetworkError if the file is missing, damaged or of another version."""
        costs, mode, snap_limit_m, speed_source = load_network(path)
        return cls(costs, mode=mode, snap_limit_m=snap_limit_m, speed_source=speed_source)

    def places(self, points: Points, limit_m: float | None = None, *, allow_none: bool = False) -> Places:
        """Return the places of points on the network; OffNetworkError if any is beyond the limit."""
        limit_m = self.snap_limit_m if limit_m is None else checked_limit(limit_m)
        xy = coordinates(points, self.crs, allow_none=allow_none)
        places = find_places(self.layout, xy, limit_m, self.costs.open_streets, self.costs.open_nodes)
        off = np.flatnonzero(np.bincount(places.point, minlength=len(xy)) == 0)
        if off.size:
            raise off_network_error(self.layout, xy[off], limit_m, self.costs.open_streets)
        return places

    def _node_seconds(self, starts: Places, limit_s: float, *, arrive: bool) -> NDArray[np.float64]:
        """Return the seconds from the nearest start to every node, (n,)."""
        pattern, weights, costs = self.costs.side(arrive=arrive)
        return search_near(pattern, weights, links(self.layout, starts, costs), limit_s)
