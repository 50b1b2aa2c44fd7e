"""Hold searches by way of the core to plain ones: the same times, for every graph and limit."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from tests.data.street_graphs import CRS, EAST, NORTH, graph_of, random_streets
from zoning.reach import TravelNetwork, matrix
from zoning.reach.core import Core
from zoning.reach.search import Pattern, Seeds, clipped, search


@pytest.mark.parametrize("limit", [60.0, 400.0, np.inf])
@pytest.mark.parametrize("seed", range(10))
def test_the_core_finds_what_a_plain_search_finds(seed, limit):
    rng = np.random.default_rng(seed)
    nodes = 200
    start = rng.integers(0, nodes, 520)
    # mostly neighbours by number, as in streets, so that there is something to take out
    end = np.where(rng.random(520) < 0.4, (start + rng.integers(-2, 3, 520)) % nodes, rng.integers(0, nodes, 520))
    seconds = rng.choice([0.0, np.inf, 1.0], 520, p=[0.1, 0.05, 0.85])
    seconds[seconds == 1.0] = rng.uniform(1, 60, (seconds == 1.0).sum())
    pattern = Pattern.build(start, end, nodes)
    weights = pattern.weights(seconds)
    core = Core.build(pattern, weights)
    assert 0 < core.nodes.size < 0.8 * nodes
    assert sum(taken.nodes.size for taken in core.rounds) + core.nodes.size == nodes

    run = np.repeat(np.arange(20), 3)
    seeds = Seeds(run, rng.integers(0, nodes, 60), rng.uniform(0, 30, 60))
    seeds.node[3:5] = seeds.node[5]  # three ways to begin at one node
    found = clipped(core.search(seeds, 20, limit), limit)
    np.testing.assert_allclose(found, search(pattern, weights, seeds, 20, limit).T, atol=1e-9)
    assert np.isfinite(found).mean() > 0.02


def test_a_graph_that_is_all_taken_out_still_gives_times():
    start, end = np.arange(0, 5), np.arange(1, 6)
    pattern = Pattern.build(start, end, 6)
    core = Core.build(pattern, pattern.weights(np.full(5, 10.0)))
    found = core.search(Seeds(np.array([0]), np.array([1]), np.array([0.5])), 1, np.inf)
    assert found[:, 0].tolist() == [np.inf, 0.5, 10.5, 20.5, 30.5, 40.5]


@pytest.mark.parametrize("arrive", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_matrices_are_the_same_by_way_of_the_core(seed, arrive, monkeypatch):
    xy, streets = random_streets(seed, nodes=80, streets=160)
    network = TravelNetwork.from_graph(graph_of(xy, streets))
    rng = np.random.default_rng(seed)
    where = gpd.GeoSeries(shapely.points(rng.uniform(0, 2000, (30, 2)) + np.array([EAST, NORTH])), crs=CRS)
    others = gpd.GeoSeries(shapely.points(xy), crs=CRS)
    plain = network.minutes_matrix(where, others, 6.0, arrive)
    monkeypatch.setattr(matrix, "CORE_RUNS", 1)
    monkeypatch.setattr(matrix, "BLOCK_RUNS", 7)
    for turned in (False, True):
        one, other = (others, where) if turned else (where, others)
        found = network.minutes_matrix(one, other, 6.0, arrive != turned)
        np.testing.assert_allclose(found.T if turned else found, plain, atol=1e-9)
    assert np.isfinite(plain).any()
    assert np.isinf(plain).any()
