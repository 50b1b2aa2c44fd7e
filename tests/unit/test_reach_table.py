"""Refuse graphs that cannot be travelled, and compile the odd ones that osmnx makes."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
import shapely

from tests.data.street_graphs import CRS, EAST, NORTH, diamond, line_graph, points
from zoning.errors import NetworkError
from zoning.reach import TravelNetwork


def changed(**values):
    """Return a street graph with an attribute of its second edge changed; None takes it away."""
    graph = line_graph()
    data = graph.edges[1, 0, 0]
    for name, value in values.items():
        data.pop(name, None)
        if value is not None:
            data[name] = value
    return graph


@pytest.mark.parametrize("crs", [None, "EPSG:4326", "no such system", "EPSG:4979", "EPSG:2263"])
def test_a_crs_that_is_not_projected_in_metres_is_refused(crs):
    graph = diamond()
    graph.graph["crs"] = crs
    with pytest.raises(NetworkError):
        TravelNetwork.from_graph(graph)


@pytest.mark.parametrize("what", ["length", "travel_time"])
@pytest.mark.parametrize("value", [None, -1.0, np.nan, "100", [100.0]])
def test_lengths_and_times_that_are_none_are_counted(what, value):
    with pytest.raises(NetworkError, match=rf"{what} is .* in 1 of 6"):
        TravelNetwork.from_graph(changed(**{what: value}))


def test_an_infinite_time_closes_and_an_infinite_length_is_refused():
    network = TravelNetwork.from_graph(changed(travel_time=np.inf))
    np.testing.assert_allclose(network.minutes(points((100, 0))), [np.inf, 0, 1, 2])
    with pytest.raises(NetworkError, match="length"):
        TravelNetwork.from_graph(changed(length=np.inf))


def test_whole_numbers_and_zeros_are_fine():
    network = TravelNetwork.from_graph(changed(length=0, travel_time=0))
    assert network.edges.loc[1, ["length_m", "seconds"]].tolist() == [0.0, 0.0]


def test_nodes_without_a_position_are_refused():
    graph = line_graph()
    del graph.nodes[2]["x"]
    with pytest.raises(NetworkError, match=r"node x is .* in 1 of 4"):
        TravelNetwork.from_graph(graph)


def test_a_graph_of_another_kind_or_without_streets_is_refused():
    empty = nx.MultiDiGraph(crs=CRS)
    with pytest.raises(NetworkError, match="no streets"):
        TravelNetwork.from_graph(empty)
    for other in (nx.DiGraph(line_graph()), nx.MultiGraph(line_graph()), "network.graphml"):
        with pytest.raises(NetworkError, match="MultiDiGraph"):
            TravelNetwork.from_graph(other)


@pytest.mark.parametrize(
    "geometry",
    [shapely.Point(0, 0), shapely.LineString(), "LINESTRING (0 0, 1 1)", shapely.MultiLineString([[(0, 0), (1, 1)]])],
)
def test_geometries_that_are_no_lines_are_refused(geometry):
    with pytest.raises(NetworkError, match="not a line"):
        TravelNetwork.from_graph(changed(geometry=geometry))


def test_a_geometry_that_runs_backwards_is_turned_round():
    curve = shapely.LineString([(EAST, NORTH), (EAST + 50, NORTH + 50), (EAST + 100, NORTH)])
    graph = line_graph(2)
    for u, v in ((0, 1), (1, 0)):
        graph.edges[u, v, 0]["geometry"] = curve  # right for 0-1, backwards for 1-0
    network = TravelNetwork.from_graph(graph)
    assert network.streets.length_m.size == 1
    place = network.recost([np.inf, 60.0]).locate(points((25, 25)))
    assert place[["edge", "share"]].iloc[0].tolist() == [1, pytest.approx(0.75)]


def test_the_graph_is_not_changed():
    graph = diamond()
    before = nx.to_dict_of_dicts(nx.MultiDiGraph(graph))
    TravelNetwork.from_graph(graph)
    assert nx.to_dict_of_dicts(graph) == before


def test_attributes_of_merged_ways_become_one():
    graph = line_graph(2)
    graph.edges[0, 1, 0].update(
        highway=["primary", "trunk"], name=["Quốc lộ 13", "Lê Hồng Phong"], lanes=["4", "2"], maxspeed_kmh=60,
        allow_car=False, built_up=True, geometry=float("nan"))  # fmt: skip
    known = TravelNetwork.from_graph(graph).attributes
    first = known.iloc[0]
    assert first["highway"] == "primary"
    assert first["name"] == "Quốc lộ 13 / Lê Hồng Phong"
    assert (first["lanes"], first["maxspeed_kmh"]) == (4.0, 60.0)
    # silence on the other edge: no class forbidden, nothing claimed
    other = known.iloc[1]
    assert (other["allow_car"], other["built_up"], other["name"]) == (True, False, "")
    assert np.isnan(other["lanes"])
    assert "allow_truck" not in known
