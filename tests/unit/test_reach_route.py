"""Hold routes to the matrix: the same minutes, along edges that join."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from tests.data.street_graphs import CRS, diamond, graph_of, line_graph, points, random_streets
from zoning.errors import OffNetworkError, UnreachableError
from zoning.reach import TravelNetwork


def places(streets, seed, count):
    rng = np.random.default_rng(seed)
    curved = [street.line for street in streets if street.curved]
    lines = [curved[i] for i in rng.integers(0, len(curved), count)]
    return gpd.GeoSeries(shapely.line_interpolate_point(lines, rng.random(count), normalized=True), crs=CRS)


@pytest.mark.parametrize("arrive", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_legs_add_up_to_the_matrix_and_join(seed, arrive):
    xy, streets = random_streets(seed)
    network = TravelNetwork.from_graph(graph_of(xy, streets))
    ends = places(streets, seed, 8)
    matrix = network.minutes_matrix(ends[:4], ends[4:], np.inf, arrive)
    found = 0
    for i in range(4):
        for j in range(4):
            one, other = ends.iloc[i], ends.iloc[4 + j]
            if np.isinf(matrix[i, j]):
                with pytest.raises(UnreachableError):
                    network.route(one, other, arrive)
                continue
            route = network.route(one, other, arrive)
            found += 1
            assert route["leg_min"].sum() == pytest.approx(matrix[i, j], abs=1e-6)
            np.testing.assert_allclose(route["minutes"], np.cumsum(route["leg_min"]) - route["leg_min"], atol=1e-9)
            start, end = (other, one) if arrive else (one, other)
            corners = [(line.coords[0], line.coords[-1]) for line in route.geometry]
            chain = [start.coords[0], *(xy for pair in corners for xy in pair), end.coords[0]]
            np.testing.assert_allclose(chain[0::2], chain[1::2], atol=1e-6)
            np.testing.assert_allclose(route.geometry.length, route["length_m"], atol=1e-6)
            assert np.isfinite(network.edges["seconds"].iloc[route["edge"]]).all()
    assert found >= 4


def test_a_route_says_what_it_runs_on():
    network = TravelNetwork.from_graph(line_graph())
    network = network.recost(network.edges["seconds"], speed_source=["tag", "tag", "law", "law", "class", "class"])
    route = network.route(points((50, 10)), points((250, -10)))
    assert route.crs == network.crs
    assert route["minutes"].tolist() == [0.0, 0.5, 1.5]
    assert route["length_m"].tolist() == [50.0, 100.0, 50.0]
    np.testing.assert_allclose(route["speed_kmh"], 6.0)
    assert route["road_class"].tolist() == ["residential"] * 3
    assert route["name"].tolist() == ["Street 0", "Street 1", "Street 2"]
    edges = network.edges.iloc[route["edge"]]
    assert list(zip(edges["u"], edges["v"], strict=True)) == [(0, 1), (1, 2), (2, 3)]
    assert route["speed_source"].tolist() == ["tag", "law", "class"]


def test_a_speed_without_a_source_is_the_graphs():
    route = TravelNetwork.from_graph(diamond()).route(points((0, 0)), points((100, 100)))
    assert route["speed_source"].tolist() == ["graph", "graph"]
    assert route["road_class"].tolist() == ["", ""]


def test_a_route_along_one_street_stays_on_it():
    network = TravelNetwork.from_graph(line_graph(2))
    route = network.route(points((80, 0)), points((20, 0)))
    assert route["leg_min"].tolist() == pytest.approx([0.6])
    assert network.edges.loc[route["edge"].item(), ["u", "v"]].tolist() == [1, 0]
    np.testing.assert_allclose(
        shapely.get_coordinates(route.geometry) - shapely.get_coordinates(points((0, 0))), [[80, 0], [20, 0]]
    )


def test_of_parallel_edges_the_quickest_is_taken():
    graph = line_graph(2)
    graph.add_edge(0, 1, length=150.0, travel_time=30.0, name="short cut")
    route = TravelNetwork.from_graph(graph).route(points((0, 0)), points((100, 0)))
    assert route[["name", "leg_min", "length_m"]].to_numpy().tolist() == [["short cut", 0.5, 150.0]]


def test_one_place_needs_no_way_and_an_unreachable_one_has_none():
    network = TravelNetwork.from_graph(line_graph(3, one_way=True))
    assert len(network.route(points((50, 0)), points((50, 0)))) == 0
    with pytest.raises(UnreachableError, match="No open way"):
        network.route(points((150, 0)), points((50, 0)))
    assert network.route(points((150, 0)), points((50, 0)), arrive=True)["leg_min"].sum() == pytest.approx(1.0)
    with pytest.raises(OffNetworkError):
        network.route(points((0, 9000)), points((50, 0)))


def test_an_edge_that_costs_nothing_has_no_speed():
    route = TravelNetwork.from_graph(line_graph(2, seconds=0.0)).route(points((0, 0)), points((100, 0)))
    assert route["leg_min"].tolist() == [0.0]
    assert route["speed_kmh"].isna().all()
