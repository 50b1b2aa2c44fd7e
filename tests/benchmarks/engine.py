"""Measure the travel engine: real streets where the extract is at hand, a generated network anywhere, peers beside."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import psutil
import shapely

from tests.benchmarks.figures import Figure, median_seconds
from zoning.reach import MODES, TravelNetwork, catchment
from zoning.reach.modes import travel_costs

EXTRACT = Path(__file__).resolve().parents[3] / "shared/realdata/osm-hcmc-south-binhduong-2018/hcm_2018.osm.pbf"
BEN_THANH = (106.6981, 10.7721)
DI_AN = (106.7695, 10.9080)
GRID = 447  # squared: 200,000 nodes


def measure() -> Iterator[Figure]:
    """Yield the figures of the engine."""
    if EXTRACT.exists():
        yield from _real()
    else:
        print(f"no extract at {EXTRACT}: real streets are not measured")
    yield from _generated()


def _real() -> Iterator[Figure]:
    from geodata.crs import PLANNING_CRS, lonlat_to_planning
    from geodata.osm import street_graph
    from geodata.osmfile import read_streets
    from geodata.store import open_store

    start = time.perf_counter()
    graph, _ = street_graph(read_streets(EXTRACT), wards=open_store().layer("wards_2025"))
    base = TravelNetwork.from_graph(graph)
    base.surface(50.0)
    modes = {name: _as(base, name) for name in MODES}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "streets.npz"
        base.save(file)
        yield Figure("real streets: 3.8 MB pbf to one graph, five modes, saved", time.perf_counter() - start, "s", 60)
        yield Figure("real streets: memory after that", psutil.Process().memory_info().rss / 1e6, "MB", 2000)
        yield Figure("real streets: load the compiled network with its surface",
                     median_seconds(lambda: TravelNetwork.load(file).surface(50.0), runs=3), "s", 0.5)  # fmt: skip
        yield Figure("real streets: nodes", len(base.node_ids), "")
        yield Figure("real streets: first catchment of a new process, beyond what later ones take",
                     _first_catchment_seconds(file), "s")  # fmt: skip
    car = modes["car"]
    for place, (lon, lat) in (("Ben Thanh", BEN_THANH), ("Di An", DI_AN)):
        east, north = lonlat_to_planning(lon, lat)
        origin = gpd.GeoSeries([shapely.Point(float(east), float(north))], crs=PLANNING_CRS)
        for limits, budget in (((5, 10, 15), 0.05), ((10, 20, 30), 0.15)):
            rings = catchment(car, origin, list(limits))
            worst = rings[["missed_pct", "false_pct"]].max(axis=None)
            yield Figure(f"catchment {limits} min by car from {place}, rings and certificate",
                         median_seconds(lambda o=origin, m=limits: catchment(car, o, list(m)), runs=9, warm=2), "s",
                         budget, peer=f"worst certificate {worst:.2f} %")  # fmt: skip
    ours = median_seconds(lambda: catchment(car, origin, [5, 10, 15]), runs=5)
    recipe = _osmnx_recipe_seconds(graph, car, origin.iloc[0])
    yield Figure("osmnx recipe: ego_graph, buffered edges, one ring of 15 min", recipe, "s")
    yield Figure("ours (three rings) against the osmnx recipe (one)", recipe / ours, "x", at_least=60)
    yield from _against_networkx(car, origin)


def _first_catchment_seconds(file: Path) -> float:
    """Return what the first catchment of a process takes longer than the second: loading machine code, mainly."""
    code = """
import sys, time, shapely
from zoning.reach import TravelNetwork, catchment
network = TravelNetwork.load(sys.argv[1])
network.surface(50.0)
taken = []
for _ in range(2):
    start = time.perf_counter()
    catchment(network, [shapely.Point(network.node_xy[0])], [5])
    taken.append(time.perf_counter() - start)
print(taken[0] - taken[1])
"""
    done = subprocess.run([sys.executable, "-c", code, str(file)], check=True, capture_output=True, text=True)
    return float(done.stdout)


def _generated() -> Iterator[Figure]:
    network = TravelNetwork.from_graph(_grid(GRID))
    centre = gpd.GeoSeries([shapely.Point(GRID * 50.0, GRID * 50.0)], crs=network.crs)
    network.surface(50.0)
    yield Figure(f"generated network of {GRID * GRID:,} nodes: catchment 5/10/15 min",
                 median_seconds(lambda: catchment(network, centre, [5, 10, 15])), "s")  # fmt: skip
    yield Figure(f"generated network of {GRID * GRID:,} nodes: minutes to every node",
                 median_seconds(lambda: network.minutes(centre, 240)), "s")  # fmt: skip
    yield from _against_networkx(network, centre)


def _as(base: TravelNetwork, name: str) -> TravelNetwork:
    costs = travel_costs(base.attributes.assign(length_m=base.edges["length_m"]), MODES[name])
    return base.recost(costs["seconds"], speed_source=costs["speed_source"], mode=name,
                       snap_limit_m=MODES[name].snap_limit_m)  # fmt: skip


def _osmnx_recipe_seconds(graph: nx.MultiDiGraph, car: TravelNetwork, at: shapely.Point) -> float:
    """Time the usual way: a subgraph within the limit, its edges buffered and joined."""
    open_graph = nx.MultiDiGraph(**graph.graph)
    open_graph.add_nodes_from(graph.nodes(data=True))
    for (u, v, key, data), seconds in zip(graph.edges(keys=True, data=True), car.edges["seconds"], strict=True):
        if np.isfinite(seconds):
            open_graph.add_edge(u, v, key, **{**data, "travel_time": seconds})
    import osmnx

    def recipe() -> shapely.Geometry:
        node = osmnx.distance.nearest_nodes(open_graph, at.x, at.y)
        reached = nx.ego_graph(open_graph, node, radius=15 * 60, distance="travel_time")
        edges = osmnx.graph_to_gdfs(reached, nodes=False, fill_edge_geometry=True)
        return edges.geometry.buffer(50).union_all()

    return median_seconds(recipe, runs=1, warm=0)


def _against_networkx(network: TravelNetwork, origin: gpd.GeoSeries) -> Iterator[Figure]:
    edges = network.edges
    edges = edges[np.isfinite(edges["seconds"])]
    plain = nx.DiGraph()
    plain.add_weighted_edges_from(
        edges.sort_values("seconds", ascending=False)[["u", "v", "seconds"]].itertuples(index=False)
    )
    source = network.locate(origin)["edge"].iloc[0]
    node = network.edges["u"].iloc[source]
    peer = median_seconds(
        lambda: nx.single_source_dijkstra_path_length(plain, node, cutoff=900, weight="weight"), runs=3, warm=0
    )
    ours = median_seconds(lambda: network.minutes(origin, 15))
    size = f"{len(network.node_ids):,} nodes"
    yield Figure(f"one search of 15 min, {size}", ours, "s", peer=f"networkx {peer:.3f} s, {peer / ours:.0f} x")


def _grid(side: int) -> nx.MultiDiGraph:
    """Return a two-way grid of 100 m blocks, 30 km/h, its nodes moved a little so that no distances are equal."""
    rng = np.random.default_rng(20261121)
    xy = np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1).reshape(-1, 2) * 100.0
    xy += rng.uniform(-20, 20, xy.shape)
    graph = nx.MultiDiGraph(crs="EPSG:32648", name="generated")
    graph.add_nodes_from((i, {"x": x, "y": y}) for i, (x, y) in enumerate(xy))
    ids = np.arange(side * side).reshape(side, side)
    pairs = np.concatenate([np.stack([ids[:, :-1], ids[:, 1:]], -1).reshape(-1, 2),
                            np.stack([ids[:-1], ids[1:]], -1).reshape(-1, 2)])  # fmt: skip
    lengths = np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T)
    for (u, v), length in zip(pairs.tolist(), lengths.tolist(), strict=True):
        graph.add_edge(u, v, length=length, travel_time=length / 30 * 3.6)
        graph.add_edge(v, u, length=length, travel_time=length / 30 * 3.6)
    return graph
