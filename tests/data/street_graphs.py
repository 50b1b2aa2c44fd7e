"""Build small street graphs in code: random ones with every oddity, and a diamond that can be done by hand."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import geopandas as gpd
import networkx as nx
import numpy as np
import shapely

CRS = "EPSG:9210"
EAST, NORTH = 600_000.0, 1_220_000.0


@dataclass(frozen=True)
class Street:
    """One street of a random graph: its nodes, line and the seconds of either direction (None = no such edge)."""

    u: int
    v: int
    line: shapely.LineString
    curved: bool
    along: float | None
    against: float | None


def points(*xy):
    return gpd.GeoSeries([shapely.Point(EAST + x, NORTH + y) for x, y in xy], crs=CRS)


def diamond(seconds=100.0):
    """Return nodes 0 to 3, edges 0-1, 0-2, 1-2, 1-3, 2-3, each stating 100 m and mapped both ways."""
    graph = nx.MultiDiGraph(crs=CRS)
    for node, (x, y) in enumerate([(0, 0), (100, 0), (0, 100), (100, 100)]):
        graph.add_node(node, x=EAST + x, y=NORTH + y)
    for u, v in [(0, 1), (0, 2), (1, 2), (1, 3), (2, 3)]:
        graph.add_edge(u, v, length=100.0, travel_time=seconds)
        graph.add_edge(v, u, length=100.0, travel_time=seconds)
    return graph


def line_graph(count=4, step_m=100.0, seconds=60.0, one_way=False):
    """Return nodes 0, 1, … on a straight line, a minute apart."""
    graph = nx.MultiDiGraph(crs=CRS)
    for node in range(count):
        graph.add_node(node, x=EAST + node * step_m, y=NORTH)
    for node in range(count - 1):
        graph.add_edge(node, node + 1, length=step_m, travel_time=seconds, highway="residential", name=f"Street {node}")
        if not one_way:
            graph.add_edge(node + 1, node, length=step_m, travel_time=seconds, highway="residential")
    return graph


def random_streets(seed, nodes=40, streets=110):
    """Return node positions and streets: curved, parallel, one-way, closed, free of cost, and loops."""
    rng = np.random.default_rng(seed)
    xy = np.column_stack([EAST + rng.uniform(0, 2000, nodes), NORTH + rng.uniform(0, 2000, nodes)])
    found = []
    for number in range(streets):
        # the first few repeat a pair of nodes, so that parallel streets are sure
        u, v = (int(n) for n in (rng.integers(0, nodes, 2) if number >= 6 else (number // 3, number // 3 + 1)))
        curved = bool(u == v or rng.random() < 0.7)
        middle = xy[[u]] + rng.uniform(-300, 300, (int(rng.integers(2, 5)), 2)) if curved else np.empty((0, 2))
        line = shapely.LineString(np.vstack([xy[[u]], middle, xy[[v]]]))
        along = float(rng.choice([0.0, rng.uniform(5, 200)], p=[0.1, 0.9]))
        against = float(rng.choice([along, rng.uniform(5, 200), np.inf], p=[0.5, 0.3, 0.2]))
        kind = rng.random()
        found.append(Street(u, v, line, curved, along, None if kind < 0.3 else against))
    return xy, found


def graph_of(xy, streets):
    """Return the MultiDiGraph of such streets."""
    graph = nx.MultiDiGraph(crs=CRS)
    for node, (x, y) in enumerate(xy):
        graph.add_node(node, x=x, y=y)
    for street in streets:
        geometry = {"geometry": street.line} if street.curved else {}
        back = {"geometry": street.line.reverse()} if street.curved else {}
        graph.add_edge(street.u, street.v, length=street.line.length, travel_time=street.along, **geometry)
        if street.against is not None:
            graph.add_edge(street.v, street.u, length=street.line.length, travel_time=street.against, **back)
    return graph


def split_graph(xy, streets, places):
    """Return a plain DiGraph for networkx in which every place (street number, share) is a node ("place", i)."""
    graph = nx.DiGraph()
    graph.add_nodes_from(range(len(xy)))

    def add(a, b, seconds):
        if seconds is not None and np.isfinite(seconds):
            known = graph.get_edge_data(a, b, {"weight": np.inf})["weight"]
            graph.add_edge(a, b, weight=min(seconds, known))

    for number, street in enumerate(streets):
        stops = sorted(
            [(0.0, street.u), (1.0, street.v)] + [(p, ("place", i)) for i, (s, p) in enumerate(places) if s == number],
            key=lambda stop: stop[0],
        )
        for (low, a), (high, b) in pairwise(stops):
            add(a, b, None if street.along is None else street.along * (high - low))
            add(b, a, None if street.against is None else street.against * (high - low))
    return graph
