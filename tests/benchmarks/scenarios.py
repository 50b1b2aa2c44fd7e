"""Measure scenarios: applied to a large network, a catchment before and after, access of everybody before and after."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import shapely

from tests.benchmarks.engine import _grid
from tests.benchmarks.figures import Figure, median_seconds
from zoning.reach import MODES, TravelNetwork, catchment
from zoning.reach.decay import binary
from zoning.reach.measures import cumulative
from zoning.reach.serve import placed, serve
from zoning.scenarios.apply import plan
from zoning.scenarios.model import AddRoad, Close, Scenario, SetLanes, SetSpeed

SIDE = 230  # squared: 52,900 nodes
STEP_M = 100.0
CAR = MODES["car"]


def measure() -> Iterator[Figure]:
    """Yield the figures of scenarios."""
    network = TravelNetwork.from_graph(_grid(SIDE))
    network.surface(50.0)
    scenario = _twenty()
    plan(network, scenario, _place)  # the trees over the streets are made once, at the first point that is looked up
    counts = plan(network, scenario, _place)
    assert not counts.faults, counts.faults
    yield Figure("scenario: nodes", len(network.node_ids), "")
    taken = median_seconds(lambda: plan(network, scenario, _place).travel(network, CAR))
    yield Figure("scenario: 20 modifications applied to 52,900 nodes", taken, "s", at_most=0.1)
    middle = gpd.GeoSeries([shapely.Point(SIDE * STEP_M / 2 + 3, SIDE * STEP_M / 2 + 3)], crs=network.crs)

    def rings() -> None:
        after = plan(network, scenario, _place).travel(network, CAR)
        for net in (network, after):
            catchment(net, middle, [10, 20, 30])

    yield Figure("scenario: catchment 10/20/30 min before and after", median_seconds(rings, runs=3), "s", at_most=0.4)
    rng = np.random.default_rng(1)
    chosen = rng.choice(len(network.node_ids), 500, replace=False)
    homes = gpd.GeoSeries(shapely.points(network.node_xy), crs=network.crs)
    places = homes.iloc[chosen]
    worth = np.ones(500)

    one, decay = np.ones(len(homes)), binary(15.0)

    def access() -> None:
        after = plan(network, scenario, _place).travel(network, CAR)
        for net in (network, after):
            serve(net, placed(net, homes), one, placed(net, places), worth, "cumulative", limit_min=15.0, decay=decay)

    yield Figure("scenario: cumulative, 500 facilities, all nodes, before and after, as the job does it",
                 median_seconds(access, runs=3), "s", at_most=2.5)  # fmt: skip

    def whole() -> None:
        after = plan(network, scenario, _place).travel(network, CAR)
        for net in (network, after):
            cumulative(net.minutes_matrix(homes, places, 15.0), worth, 15.0)

    yield Figure("the same by way of whole tables of minutes", median_seconds(whole, runs=3), "s", at_most=2.5)


def _place(lonlat: object) -> np.ndarray:
    """Take metres for degrees: what is measured is the engine, not PROJ."""
    return np.array(lonlat, dtype=float)


def _twenty() -> Scenario:
    rng = np.random.default_rng(2)
    changes: list[object] = []
    for number in range(5):
        x, y = rng.uniform(3_000, 18_000), rng.uniform(3_000, 18_000)
        line = ((x, y), (x + 900, y + 700))
        old = ((x, y + 1_000), (x + 2_000, y + 1_000))
        changes += [
            AddRoad(f"road-{number}", line=line, speed_kmh=60.0),
            Close(f"close-{number}", line=old, within_m=60.0),
            SetSpeed(f"speed-{number}", line=tuple((a, b + 1_500) for a, b in old), within_m=60.0, speed_kmh=60.0),
            SetLanes(f"lanes-{number}", line=tuple((a, b + 2_500) for a, b in old), within_m=60.0, lanes=4.0),
        ]
    return Scenario("twenty", modifications=tuple(changes))  # type: ignore[arg-type]
