"""Hold the report of islands to networkx and to a map made by hand."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

from tests.data.street_graphs import EAST, NORTH, graph_of, line_graph, random_streets
from zoning.reach import TravelNetwork
from zoning.reach.islands import island_of_node


def test_an_island_is_a_row_of_its_own():
    graph = line_graph(4)
    for node, x in ((10, 0), (11, 200)):
        graph.add_node(node, x=EAST + x, y=NORTH + 900)
    graph.add_edge(10, 11, length=200.0, travel_time=60.0)
    graph.add_node(20, x=EAST, y=NORTH + 2000)  # a node that no street meets is no island
    network = TravelNetwork.from_graph(graph)
    found = network.islands()
    assert found["nodes"].tolist() == [4, 2]
    assert found["street_km"].tolist() == pytest.approx([0.3, 0.2])
    assert found["share_pct"].tolist() == pytest.approx([60, 40])
    assert found[["x", "y"]].to_numpy().tolist() == [[EAST, NORTH], [EAST, NORTH + 900]]
    assert island_of_node(network.costs).tolist() == [0, 0, 0, 0, 1, 1, -1]


def test_a_closed_bridge_makes_an_island():
    network = TravelNetwork.from_graph(line_graph(5))
    seconds = network.edges["seconds"].to_numpy().copy()
    bridge = network.edges[["u", "v"]].isin([1, 2]).all(axis=1).to_numpy()
    assert network.recost(np.where(bridge, np.inf, seconds)).islands()["nodes"].tolist() == [3, 2]
    assert len(network.recost(np.full(seconds.size, np.inf)).islands()) == 0


@pytest.mark.parametrize("seed", range(5))
def test_islands_are_the_weak_components_of_networkx(seed):
    xy, streets = random_streets(seed, nodes=60, streets=45)
    graph = graph_of(xy, streets)
    graph.remove_edges_from([e for e in graph.edges(keys=True) if not np.isfinite(graph.edges[e]["travel_time"])])
    sizes = sorted((len(part) for part in nx.weakly_connected_components(graph)), reverse=True)
    found = TravelNetwork.from_graph(graph_of(xy, streets)).islands()
    # single nodes count where a loop gives them a street
    assert found["nodes"].tolist()[: sum(size > 1 for size in sizes)] == [size for size in sizes if size > 1]
    assert found["street_km"].sum() == pytest.approx(sum(s.line.length for s in streets) / 1000)
