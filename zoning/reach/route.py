"""Follow the quickest way between two places, edge by edge."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.ops import substring

from zoning.errors import UnreachableError
from zoning.reach.links import StreetSeconds, direct, links, stretch
from zoning.reach.search import Seeds, search_tree
from zoning.text import N_

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zoning.reach.costs import Costs
    from zoning.reach.layout import Layout
    from zoning.reach.snap import Places

UNKNOWN_SOURCE = "graph"  # the speed is whatever the street graph said, and it did not say why


class Leg(NamedTuple):
    """A stretch of an edge, from one share of it to another."""

    edge: int
    start: float
    end: float


def route_legs(costs: Costs, starts: Places, ends: Places) -> list[Leg]:
    """Return the quickest way between two points, each given by its places; UnreachableError if there is none."""
    layout = costs.layout
    pattern, weights, seconds = costs.side(arrive=False)
    out = _links_by_place(layout, starts, seconds)
    into = _links_by_place(layout, ends, seconds.swapped())
    node_seconds, before = search_tree(pattern, weights, Seeds(np.zeros_like(out.run), out.node, out.seconds))
    ways = node_seconds[into.node] + into.seconds
    here, there, within = direct(_by_place(starts), _by_place(ends), seconds)
    if min(ways.min(initial=np.inf), within.min(initial=np.inf)) == np.inf:
        raise UnreachableError(
            N_("No open way leads from one point to the other on this network, in this mode and direction.")
        )
    if within.min(initial=np.inf) <= ways.min(initial=np.inf):
        best = int(np.argmin(within))
        street = int(starts.street[here[best]])
        return _along_street(layout, street, float(starts.share[here[best]]), float(ends.share[there[best]]))

    last = int(np.argmin(ways))
    nodes = [int(into.node[last])]
    while before[nodes[-1]] != pattern.node_count:
        nodes.append(int(before[nodes[-1]]))
    nodes.reverse()
    choices = np.flatnonzero(out.node == nodes[0])
    first = int(choices[np.argmin(out.seconds[choices])])
    legs: list[Leg] = []
    if starts.node[out.run[first]] < 0:
        street, share, target = _stretch_to(layout, starts, int(out.run[first]), nodes[0], seconds)
        legs += _along_street(layout, street, share, target)
    for one, other in pairwise(nodes):
        arc = pattern.cheapest_arc(one, other, costs.arc_seconds)
        begin = float(layout.arcs.start_share[arc])
        legs.append(Leg(int(layout.arcs.edge[arc]), begin, begin + float(layout.arcs.span[arc])))
    if ends.node[into.run[last]] < 0:
        street, share, target = _stretch_to(layout, ends, int(into.run[last]), nodes[-1], seconds.swapped())
        legs += _along_street(layout, street, target, share)
    return _joined(legs)


def route_frame(costs: Costs, attributes: pd.DataFrame, starts: Places, ends: Places) -> gpd.GeoDataFrame:
    """Return the quickest way as a frame, one row an edge; see `TravelNetwork.route`."""
    legs = route_legs(costs, starts, ends)
    edges = np.array([leg.edge for leg in legs], dtype=np.intp)
    span = np.array([leg.end - leg.start for leg in legs], dtype=np.float64)
    leg_s = costs.edge_seconds[edges] * span
    length_m = costs.layout.length_m[edges] * span
    speed = np.divide(length_m, leg_s, out=np.full(edges.size, np.nan), where=leg_s > 0) * 3.6
    source = _texts(attributes, "speed_source", edges)
    return gpd.GeoDataFrame(
        {
            "minutes": np.concatenate([[0.0], np.cumsum(leg_s)])[: edges.size] / 60,
            "leg_min": leg_s / 60,
            "length_m": length_m,
            "speed_kmh": speed,
            "speed_source": [text or UNKNOWN_SOURCE for text in source],
            "road_class": _texts(attributes, "highway", edges),
            "name": _texts(attributes, "name", edges),
            "edge": edges,
        },
        geometry=[leg_line(costs.layout, leg) for leg in legs],
        crs=costs.layout.crs,
    )


def leg_line(layout: Layout, leg: Leg) -> shapely.LineString:
    """Return the line of a leg, in the direction of travel."""
    streets = layout.streets
    street = streets.street_of_edge[leg.edge]
    xy = streets.xy[streets.offsets[street] : streets.offsets[street + 1]]
    line = shapely.LineString(xy[::-1] if streets.reversed_edge[leg.edge] else xy)
    if (leg.start, leg.end) == (0.0, 1.0) or line.length == 0:
        return line
    part = substring(line, leg.start, leg.end, normalized=True)
    # a stretch of no length comes back as a point
    return part if part.geom_type == "LineString" else shapely.LineString([part.coords[0]] * 2)


def _by_place(places: Places) -> Places:
    """Return the places counted as points of their own: the places of one point stay apart."""
    return type(places)(np.arange(places.point.size), places.node, places.street, places.share, places.snap_m)


def _links_by_place(layout: Layout, places: Places, seconds: StreetSeconds) -> Seeds:
    """Return the links of one point, `run` being the row of the place that each belongs to."""
    return links(layout, _by_place(places), seconds)


def _stretch_to(
    layout: Layout, places: Places, row: int, node: int, seconds: StreetSeconds
) -> tuple[int, float, float]:
    """Return street and share of a place inside a street, and the share at which `node` lies on it."""
    street, share = int(places.street[row]), float(places.share[row])
    inside = np.flatnonzero(layout.junctions.street == street)
    stops = [(0.0, layout.first_node[street]), (1.0, layout.last_node[street])]
    stops += zip(layout.junctions.share[inside], layout.junctions.node[inside], strict=True)
    # a loop has one node at both ends: take the one that is quicker to reach
    shares = np.array([stop for stop, at in stops if at == node])
    cost = stretch(seconds, np.full(shares.size, street), shares - share)
    return street, share, float(shares[np.argmin(cost)])


def _along_street(layout: Layout, street: int, start: float, end: float) -> list[Leg]:
    if start == end:
        return []
    if end > start:
        return [Leg(int(layout.forward_edge[street]), start, end)]
    return [Leg(int(layout.backward_edge[street]), 1 - start, 1 - end)]


def _joined(legs: list[Leg]) -> list[Leg]:
    """Join legs that follow one another on the same edge: a junction passed straight on is no new leg."""
    joined: list[Leg] = []
    for leg in legs:
        if joined and joined[-1].edge == leg.edge and abs(joined[-1].end - leg.start) < 1e-9:
            joined[-1] = Leg(leg.edge, joined[-1].start, leg.end)
        else:
            joined.append(leg)
    return joined


def _texts(attributes: pd.DataFrame, name: str, edges: NDArray[np.intp]) -> list[str]:
    if name not in attributes:
        return [""] * edges.size
    return ["" if pd.isna(value) else str(value) for value in attributes[name].iloc[edges]]
