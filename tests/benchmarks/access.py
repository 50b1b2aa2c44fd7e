"""Measure accessibility on networks against its budgets, with pandana on the same network in the same run.

The network is a generated one of 52,900 nodes, the size of the real extract, so that the figures can be had anywhere;
where the extract is at hand the engine's own figures are measured on it by the group `engine`.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator
from types import ModuleType

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from tests.benchmarks.engine import _grid
from tests.benchmarks.figures import Figure, median_seconds
from zoning.reach import TravelNetwork
from zoning.reach.decay import binary
from zoning.reach.measures import cumulative, two_step_floating_catchment
from zoning.reach.serve import placed, serve

SIDE = 230  # squared: 52,900 nodes
WITHIN_MIN, PEER_MIN, FARTHEST_MIN = 15.0, 5.0, 60.0
PEER_SIDE = 100
"""pandana asks forward from every node: it gets a smaller network and a shorter limit."""


def measure() -> Iterator[Figure]:
    """Yield the figures of accessibility."""
    network = TravelNetwork.from_graph(_grid(SIDE))
    rng = np.random.default_rng(4)
    nodes = gpd.GeoSeries(shapely.points(network.node_xy), crs=network.crs)
    chosen = rng.choice(len(nodes), 500, replace=False)
    facilities, offered = nodes.iloc[chosen], rng.integers(1, 500, 500).astype(float)
    every = placed(network, nodes)

    def reached(limit_min: float) -> np.ndarray:
        return cumulative(network.minutes_matrix(nodes, facilities, limit_min), offered, limit_min)

    def job() -> np.ndarray:
        found = placed(network, facilities)
        one = np.ones(len(nodes))
        decay = binary(WITHIN_MIN)
        return serve(network, every, one, found, offered, "cumulative", limit_min=WITHIN_MIN, decay=decay).value

    yield Figure(
        "cumulative opportunities, 500 facilities to all nodes, 15 min",
        median_seconds(lambda: reached(WITHIN_MIN), runs=3),
        "s",
        1.0,
    )
    yield Figure("the same as the access job does it", median_seconds(job, runs=3), "s", 1.0)
    some = facilities.iloc[:200]
    seconds = median_seconds(lambda: network.minutes(some, FARTHEST_MIN, arrive=True))
    yield Figure("nearest of 200 facilities for all nodes", seconds, "s", 0.05)

    homes = nodes.iloc[rng.choice(len(nodes), 5_000, replace=False)]
    people = rng.integers(1, 900, 5_000).astype(float)

    def shared() -> np.ndarray:
        minutes = network.minutes_matrix(homes, facilities, WITHIN_MIN)
        return two_step_floating_catchment(minutes, offered, people, binary(WITHIN_MIN))

    seconds = median_seconds(shared, runs=3)
    yield Figure("2SFCA, 5,000 demand cells and 500 facilities, 15 min, with its minutes", seconds, "s", 3.0)
    yield from _against_pandana()
    yield from _job()


def _job() -> Iterator[Figure]:
    """Yield the access job on the embedded region, and what 100,000 places cost it."""
    from geodata.region import StoreRegion
    from geodata.store import open_store
    from zoning.jobs.access import AccessRequest, run

    region = StoreRegion(open_store())
    region.network("motorbike", name="strategic")
    hospitals = AccessRequest("facilities:hospital")
    yield Figure("access job: minutes to the nearest hospital by ward, strategic network",
                 median_seconds(lambda: run(hospitals, region), runs=3), "s", 1.0)  # fmt: skip
    west, south, east, north = region.layer("wards_2025").total_bounds
    rng = np.random.default_rng(5)
    many = gpd.GeoSeries(
        shapely.points(rng.uniform(west, east, 100_000), rng.uniform(south, north, 100_000)),
        crs=region.layer("wards_2025").crs,
    )
    network = region.network("walk", name="strategic")
    demand = region.demand("strategic")
    people = demand["people"].fillna(0).to_numpy(dtype=float)
    start = time.perf_counter()
    serve(network, placed(network, demand.geometry), people, placed(network, many), np.ones(len(many)), "nearest",
          limit_min=15.0, decay=binary(15.0))  # fmt: skip
    yield Figure("nearest of 100,000 places on foot, found on the network and timed", time.perf_counter() - start, "s")


def _against_pandana() -> Iterator[Figure]:
    """Yield ours and pandana's seconds for the same two questions on the same small network, and whether they agree."""
    pandana = _imported()
    if pandana is None:
        return
    network = TravelNetwork.from_graph(_grid(PEER_SIDE))
    nodes = gpd.GeoSeries(shapely.points(network.node_xy), crs=network.crs)
    chosen = np.random.default_rng(6).choice(len(nodes), 200, replace=False)
    places, offered = nodes.iloc[chosen], np.arange(1.0, 201.0)
    x, y = (pd.Series(network.node_xy[:, axis], index=network.node_ids) for axis in (0, 1))
    edges = network.edges
    cost = pd.DataFrame({"minutes": edges["seconds"] / 60})
    peer = pandana.Network(x, y, edges["u"], edges["v"], cost, twoway=False)
    peer.set(pd.Series(network.node_ids[chosen]), variable=pd.Series(offered), name="offered")
    at = network.node_xy[chosen]
    peer.set_pois("near", FARTHEST_MIN, 1, pd.Series(at[:, 0]), pd.Series(at[:, 1]))

    start = time.perf_counter()
    total = peer.aggregate(PEER_MIN, type="sum", decay="flat", imp_name="minutes", name="offered")
    theirs = time.perf_counter() - start

    def reached() -> np.ndarray:
        return cumulative(network.minutes_matrix(nodes, places, PEER_MIN), offered, PEER_MIN)

    # pandana holds minutes as whole thousandths and adds them up: near the limit a place may fall either way
    apart = 100 * abs(reached().sum() / total.sum() - 1)
    what = f"200 facilities, {PEER_SIDE**2:,} nodes"
    yield Figure(f"cumulative opportunities, {what}, {PEER_MIN:g} min", median_seconds(reached, runs=3), "s",
                 peer=f"pandana {theirs:.3f} s; sums over all nodes {apart:.3f} % apart")  # fmt: skip
    start = time.perf_counter()
    near = peer.nearest_pois(FARTHEST_MIN, "near", num_pois=1)
    theirs = time.perf_counter() - start
    ours = network.minutes(places, FARTHEST_MIN, arrive=True)
    apart = np.abs(ours - near[1].reindex(network.node_ids).to_numpy()).max()
    yield Figure(f"nearest, {what}", median_seconds(lambda: network.minutes(places, FARTHEST_MIN, arrive=True)), "s",
                 peer=f"pandana {theirs:.3f} s; farthest apart {apart:.4f} min")  # fmt: skip


def _imported() -> ModuleType | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pandana
    except ImportError as error:
        print(f"pandana is not here ({error}): measured without a peer")
        return None
    return pandana
