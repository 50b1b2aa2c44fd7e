"""Count every street once: both directions of a line are one, and nothing else is."""

from __future__ import annotations

import networkx as nx
import numpy as np
import shapely

from tests.data.street_graphs import CRS, EAST, NORTH, graph_of, random_streets
from zoning.reach import TravelNetwork

CURVE = shapely.LineString([(EAST, NORTH), (EAST + 40, NORTH + 30), (EAST + 100, NORTH)])
OTHER = shapely.LineString([(EAST, NORTH), (EAST + 40, NORTH - 30), (EAST + 100, NORTH)])


def network(*edges):
    graph = nx.MultiDiGraph(crs=CRS)
    graph.add_node(0, x=EAST, y=NORTH)
    graph.add_node(1, x=EAST + 100, y=NORTH)
    for u, v, length, geometry in edges:
        known = {} if geometry is None else {"geometry": geometry}
        graph.add_edge(u, v, length=length, travel_time=60.0, **known)
    return TravelNetwork.from_graph(graph)


def streets_of(*edges):
    return network(*edges).streets.street_of_edge.tolist()


def test_both_directions_of_a_line_are_one_street():
    found = network((0, 1, 100.0, CURVE), (1, 0, 100.0, CURVE.reverse())).streets
    assert found.street_of_edge.tolist() == [0, 0]
    assert found.reversed_edge.tolist() == [False, True]
    np.testing.assert_array_equal(found.xy, shapely.get_coordinates(CURVE))
    assert streets_of((0, 1, 100.0, None), (1, 0, 100.0, None)) == [0, 0]


def test_other_lines_other_lengths_and_the_same_direction_are_other_streets():
    assert streets_of((0, 1, 100.0, CURVE), (1, 0, 100.0, OTHER.reverse())) == [0, 1]
    assert streets_of((0, 1, 100.0, None), (1, 0, 120.0, None)) == [0, 1]
    assert streets_of((0, 1, 100.0, CURVE), (0, 1, 100.0, CURVE)) == [0, 1]


def test_parallel_streets_pair_by_their_lines_and_lengths():
    # the order of a MultiDiGraph: both edges from 0, then both from 1
    edges = [(0, 1, 100.0, CURVE), (0, 1, 100.0, OTHER), (1, 0, 100.0, OTHER.reverse()), (1, 0, 100.0, CURVE.reverse())]
    assert streets_of(*edges) == [0, 1, 1, 0]
    straight = [(0, 1, 100.0, None), (0, 1, 130.0, None), (0, 1, 160.0, None), (1, 0, 130.0, None), (1, 0, 160.0, None)]
    assert streets_of(*straight) == [0, 1, 2, 1, 2]


def test_a_loop_is_one_street_in_both_directions():
    loop = shapely.LineString([(EAST, NORTH), (EAST + 50, NORTH), (EAST + 50, NORTH + 50), (EAST, NORTH)])
    assert streets_of((0, 0, 150.0, loop), (0, 0, 150.0, loop.reverse())) == [0, 0]


def test_directions_that_differ_by_rounding_are_one_street():
    shifted = shapely.transform(CURVE.reverse(), lambda xy: xy + 1e-7)
    assert streets_of((0, 1, 100.0, CURVE), (1, 0, 100.0000001, shifted)) == [0, 0]


def test_random_graphs_have_the_streets_they_were_made_of():
    for seed in range(10):
        xy, streets = random_streets(seed)
        found = TravelNetwork.from_graph(graph_of(xy, streets)).streets
        assert found.length_m.size == len(streets)
        np.testing.assert_allclose(np.sort(found.length_m), sorted(s.line.length for s in streets))
        assert sum(len(s.line.coords) for s in streets) == len(found.xy)
