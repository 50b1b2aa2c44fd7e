"""Hold snapping to distances measured one by one."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from tests.data.street_graphs import CRS, EAST, NORTH, graph_of, line_graph, points, random_streets
from zoning.reach import TravelNetwork
from zoning.reach.snap import NodeIndex, StreetIndex, find_places


def lines_of(network):
    streets = network.streets
    return [shapely.LineString(streets.xy[a:b]) for a, b in zip(streets.offsets[:-1], streets.offsets[1:], strict=True)]


@pytest.mark.parametrize("open_share", [1.0, 0.5, 0.05])
@pytest.mark.parametrize("seed", range(5))
def test_the_nearest_open_street_is_found_however_many_closed_ones_lie_before_it(seed, open_share):
    network = TravelNetwork.from_graph(graph_of(*random_streets(seed)))
    rng = np.random.default_rng(seed)
    is_open = rng.random(network.streets.length_m.size) < open_share
    is_open[0] = True
    xy = rng.uniform(-300, 2300, (80, 2)) + np.array([EAST, NORTH])
    limit_m = 250.0
    no_node = np.zeros(len(network.node_xy), dtype=bool)
    found = find_places(network.layout, xy, limit_m, is_open, no_node)
    distances = np.array([[line.distance(shapely.Point(at)) for line in lines_of(network)] for at in xy])
    distances[:, ~is_open] = np.inf
    near = np.flatnonzero(distances.min(axis=1) <= limit_m)
    np.testing.assert_array_equal(found.point, near)
    np.testing.assert_allclose(found.snap_m, distances.min(axis=1)[near], atol=1e-9)
    inside = found.street >= 0
    np.testing.assert_allclose(distances[near, found.street][inside], found.snap_m[inside], atol=1e-9)
    spots = shapely.line_interpolate_point(
        np.array(lines_of(network))[found.street[inside]], found.share[inside], normalized=True
    )
    np.testing.assert_allclose(
        shapely.distance(spots, shapely.points(xy[near][inside])), found.snap_m[inside], atol=1e-6
    )


def test_a_place_at_the_end_of_a_street_is_its_node():
    network = TravelNetwork.from_graph(line_graph(3))
    found = network.places(points((-20, 0), (100.0004, 30), (250, 0), (100.5, 0)))
    assert found.node.tolist() == [0, 1, 2, -1]
    assert found.snap_m.tolist() == [20.0, pytest.approx(30.0), 50.0, 0.0]


def test_of_nodes_at_one_place_an_open_one_is_taken():
    nodes = NodeIndex(np.array([[0.0, 0.0], [0.0, 0.0], [5.0, 5.0], [0.0, 0.0005]]), 0, 4)
    spots = np.array([[0.0, 0.0], [5.0, 5.0], [9.0, 9.0]])
    assert nodes.at(spots, np.array([True, True, True, True])).tolist() == [0, 2, -1]
    assert nodes.at(spots, np.array([False, False, False, True])).tolist() == [3, -1, -1]


def test_a_street_of_no_length_is_its_node():
    graph = line_graph(2)
    graph.add_node(5, x=EAST, y=NORTH + 500)
    graph.add_node(6, x=EAST, y=NORTH + 500)
    graph.add_edge(5, 6, length=0.0, travel_time=4.0)
    network = TravelNetwork.from_graph(graph)
    assert network.minutes(points((0, 490)))[2:].tolist() == [0.0, pytest.approx(4 / 60)]


def test_the_least_number_wins_a_tie():
    streets = TravelNetwork.from_graph(line_graph(3)).streets
    index = StreetIndex(streets, 0, 2)
    at = np.asarray(shapely.points([[EAST + 100, NORTH + 10]]))
    assert index.nearest(at, np.array([True, True]), 50.0)[0].tolist() == [0]
    assert index.nearest(at, np.array([False, True]), 50.0)[0].tolist() == [1]
    assert index.nearest(at, np.array([False, False]), 50.0)[0].tolist() == [-1]
    assert index.nearest(at, np.array([True, True]), 5.0)[1].tolist() == [np.inf]


def test_many_points_at_once_are_the_same_as_one_by_one():
    network = TravelNetwork.from_graph(graph_of(*random_streets(7)))
    rng = np.random.default_rng(7)
    where = gpd.GeoSeries(shapely.points(rng.uniform(0, 2000, (20, 2)) + np.array([EAST, NORTH])), crs=CRS)
    together = network.locate(where)
    for row in range(20):
        assert network.locate(where.iloc[[row]]).iloc[0].tolist() == together.iloc[row].tolist()
