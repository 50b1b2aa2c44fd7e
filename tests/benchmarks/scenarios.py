"""Measure scenarios: applied to a large network, a catchment before and after, access of everybody before and after."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import networkx as nx
import numpy as np
import shapely

from tests.benchmarks.figures import Figure, median_seconds
from zoning.reach import MODES, TravelNetwork, catchment
from zoning.reach.measures import cumulative
from zoning.reach.modes import travel_costs
from zoning.scenarios.apply import plan
from zoning.scenarios.model import AddRoad, Close, Scenario, SetLanes, SetSpeed

SIDE = 228  # squared: 52,000 nodes
STEP_M = 100.0
EAST, NORTH = 600_000.0, 1_210_000.0
CAR = MODES["car"]


def measure() -> Iterator[Figure]:
    """Yield the figures of scenarios."""
    network = _network()
    network.surface(50.0)
    scenario = _twenty()
    plan(network, scenario, _place)  # the trees over the streets are made once, at the first point that is looked up
    counts = plan(network, scenario, _place)
    assert not counts.faults, counts.faults
    yield Figure("scenario: nodes", len(network.node_ids), "")
    taken = median_seconds(lambda: plan(network, scenario, _place).travel(network, CAR))
    yield Figure("scenario: 20 modifications applied to 52,000 nodes", taken, "s", at_most=0.1)
    middle = gpd.GeoSeries([shapely.Point(EAST + SIDE * STEP_M / 2 + 3, NORTH + SIDE * STEP_M / 2 + 3)], crs=9210)

    def rings() -> None:
        after = plan(network, scenario, _place).travel(network, CAR)
        for net in (network, after):
            catchment(net, middle, [10, 20, 30])

    yield Figure("scenario: catchment 10/20/30 min before and after", median_seconds(rings, runs=3), "s", at_most=0.4)
    rng = np.random.default_rng(1)
    chosen = rng.choice(len(network.node_ids), 500, replace=False)
    homes = gpd.GeoSeries(shapely.points(network.node_xy), crs=9210)
    places = homes.iloc[chosen]
    worth = np.ones(500)

    def access() -> None:
        after = plan(network, scenario, _place).travel(network, CAR)
        for net in (network, after):
            cumulative(net.minutes_matrix(homes, places, 15.0), worth, 15.0)

    yield Figure("scenario: cumulative, 500 facilities, all nodes, before and after",
                 median_seconds(access, runs=3), "s", at_most=2.5)  # fmt: skip


def _place(lonlat: object) -> np.ndarray:
    """Take metres for degrees: what is measured is the engine, not PROJ."""
    return np.array(lonlat, dtype=float)


def _network() -> TravelNetwork:
    graph = nx.MultiDiGraph(crs="EPSG:9210", name="streets", walk_off_m=50.0)
    rng = np.random.default_rng(0)
    shift = rng.uniform(-20, 20, (SIDE * SIDE, 2))
    for node in range(SIDE * SIDE):
        x, y = node % SIDE * STEP_M, node // SIDE * STEP_M
        graph.add_node(node, x=EAST + x + shift[node, 0], y=NORTH + y + shift[node, 1])
    for node in range(SIDE * SIDE):
        for other in ((node + 1) if (node + 1) % SIDE else None, node + SIDE if node + SIDE < SIDE * SIDE else None):
            # a fifth of the streets is missing, as in a town with blocks of all sizes
            if other is not None and rng.random() > 0.2:
                length = float(np.hypot(*(np.array([graph.nodes[node][k] - graph.nodes[other][k] for k in "xy"]))))
                about = {"length": length, "travel_time": 10.0, "highway": "residential", "maxspeed_kmh": 40.0}
                graph.add_edge(node, other, **about)
                graph.add_edge(other, node, **about)
    base = TravelNetwork.from_graph(graph)
    costs = travel_costs(base.attributes.assign(length_m=base.edges["length_m"]), CAR)
    return base.recost(costs["seconds"].to_numpy(), speed_source=costs["speed_source"], mode="car", snap_limit_m=1000.0)


def _twenty() -> Scenario:
    rng = np.random.default_rng(2)
    changes: list[object] = []
    for number in range(5):
        x, y = EAST + rng.uniform(3_000, 18_000), NORTH + rng.uniform(3_000, 18_000)
        line = ((x, y), (x + 900, y + 700))
        old = ((x, y + 1_000), (x + 2_000, y + 1_000))
        changes += [
            AddRoad(f"road-{number}", line=line, speed_kmh=60.0),
            Close(f"close-{number}", line=old, within_m=60.0),
            SetSpeed(f"speed-{number}", line=tuple((a, b + 1_500) for a, b in old), within_m=60.0, speed_kmh=60.0),
            SetLanes(f"lanes-{number}", line=tuple((a, b + 2_500) for a, b in old), within_m=60.0, lanes=4.0),
        ]
    return Scenario("twenty", modifications=tuple(changes))  # type: ignore[arg-type]
