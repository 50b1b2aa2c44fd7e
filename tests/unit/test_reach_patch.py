"""Hold networks with added streets to a graph that was built with them from the start."""

from __future__ import annotations

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely

from tests.data.street_graphs import CRS, EAST, NORTH, diamond, graph_of, line_graph, points, random_streets
from zoning.errors import NetworkError
from zoning.reach import TravelNetwork


def roads(*lines, **columns):
    geometry = [shapely.LineString([(EAST + x, NORTH + y) for x, y in line]) for line in lines]
    return gpd.GeoDataFrame({"seconds": [10.0] * len(lines)} | columns, geometry=geometry, crs=CRS)


def all_nodes(network):
    return gpd.GeoSeries(shapely.points(network.node_xy), crs=CRS)


def test_nothing_added_is_the_same_network():
    network = TravelNetwork.from_graph(diamond())
    assert network.extend(roads()) is network


def test_ends_on_nodes_join_them():
    network = TravelNetwork.from_graph(line_graph())
    longer = network.extend(roads([(0, 0), (150, 80), (300.0004, 0)], name=["Ring road"], both_ways=[False]))
    assert longer.edges.tail(1).to_numpy().tolist() == [[0, 3, 0, pytest.approx(340.0, abs=1e-3), 10.0]]
    assert longer.node_ids.tolist() == network.node_ids.tolist()
    np.testing.assert_allclose(longer.minutes(points((0, 0))) * 60, [0, 60, 70, 10])
    assert longer.attributes.tail(1)[["name", "speed_source", "highway"]].to_numpy().tolist() == [
        ["Ring road", "scenario", ""]
    ]
    assert network.edges.shape == (6, 5)


def test_an_end_on_a_street_divides_it_for_every_trip_and_leaves_it_whole():
    network = TravelNetwork.from_graph(line_graph(2))  # 100 m, 60 s either way
    longer = network.extend(roads([(30, 0.5), (30, 200)]))
    assert longer.streets.length_m.tolist() == [100.0, pytest.approx(199.5)]
    assert longer.node_ids.tolist() == [0, 1, -1, -2]
    tip = points((30, 200))
    np.testing.assert_allclose(longer.minutes(tip) * 60, [28, 52, 10, 0])
    np.testing.assert_allclose(longer.minutes(tip, arrive=True) * 60, [28, 52, 10, 0])
    # from inside the divided street, to inside it, and along the new one
    np.testing.assert_allclose(longer.minutes_matrix(points((60, 0)), tip)[0, 0] * 60, 28)
    np.testing.assert_allclose(longer.minutes_matrix(tip, points((60, 0), (10, 0)))[0] * 60, [28, 22])
    np.testing.assert_allclose(longer.minutes_at(points((60, 0), (30, 0)), tip) * 60, [28, 10])
    route = longer.route(points((60, 0)), tip)
    np.testing.assert_allclose(route["leg_min"] * 60, [18, 10])
    through = longer.route(points((0, 0)), points((100, 0)))
    assert through["leg_min"].tolist() == [1.0]  # past the junction is one leg


def test_reach_spreads_both_ways_from_a_junction():
    longer = TravelNetwork.from_graph(line_graph(2)).extend(roads([(30, 0), (30, 200)]))
    (reach,) = longer.street_reach(points((30, 200)), [16 / 60])  # 10 s down, 6 s left: 10 m either way
    assert reach.middles == ((0, pytest.approx(0.2), pytest.approx(0.4)),)
    assert (reach.head[1], reach.tail[1]) == (pytest.approx(0.6), 1.0)


def test_a_junction_closes_with_its_street_and_costs_what_it_costs():
    longer = TravelNetwork.from_graph(line_graph(2)).extend(roads([(30, 0), (30, 200)]))
    seconds = longer.edges["seconds"].to_numpy().copy()
    seconds[:2] = [120.0, np.inf]  # slower one way, closed the other
    np.testing.assert_allclose(longer.recost(seconds).minutes(points((30, 200))) * 60, [np.inf, 94, 10, 0])


@pytest.mark.parametrize("seed", range(6))
def test_an_extended_network_equals_one_compiled_whole(seed):
    xy, streets = random_streets(seed)
    rng = np.random.default_rng(seed)
    graph = graph_of(xy, streets)
    network = TravelNetwork.from_graph(graph)
    chosen = [int(i) for i in rng.choice([i for i, s in enumerate(streets) if s.curved and s.u != s.v], 6, False)]
    new = nx.MultiDiGraph(graph)
    lines, ends = [], []
    for number in range(3):
        pair = chosen[2 * number : 2 * number + 2]
        spots = []
        for which in pair:
            street, share = streets[which], float(rng.uniform(0.1, 0.9))
            spot = street.line.interpolate(share, normalized=True)
            node = ("joint", which)
            new.add_node(node, x=spot.x, y=spot.y)
            for a, b, part, seconds in (
                (street.u, node, share, street.along),
                (node, street.v, 1 - share, street.along),
                (street.v, node, 1 - share, street.against),
                (node, street.u, share, street.against),
            ):
                if seconds is not None:
                    new.add_edge(a, b, length=street.line.length * part, travel_time=seconds * part)
            spots.append(spot)
            ends.append(spot)
        lines.append(shapely.LineString(spots))
        new.add_edge(("joint", pair[0]), ("joint", pair[1]), length=lines[-1].length, travel_time=3.0)
        new.add_edge(("joint", pair[1]), ("joint", pair[0]), length=lines[-1].length, travel_time=7.0)
    frame = gpd.GeoDataFrame({"seconds": [3.0] * 3, "seconds_back": [7.0] * 3}, geometry=lines, crs=CRS)
    extended = network.extend(frame)
    whole = TravelNetwork.from_graph(new)
    assert extended.node_xy.shape == whole.node_xy.shape
    where = all_nodes(whole)
    for arrive in (False, True):
        one = extended.minutes_matrix(where[:10], where, np.inf, arrive)
        np.testing.assert_allclose(one, whole.minutes_matrix(where[:10], where, np.inf, arrive), atol=1e-6)
    twice = network.extend(frame[:1]).extend(frame[1:])
    np.testing.assert_allclose(
        twice.minutes_matrix(where, where, np.inf), extended.minutes_matrix(where, where, np.inf), atol=1e-9
    )
    assert np.isfinite(one).mean() > 0.3


@pytest.mark.parametrize("arrive", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_adding_never_lengthens_a_trip(seed, arrive):
    xy, streets = random_streets(seed)
    rng = np.random.default_rng(seed)
    network = TravelNetwork.from_graph(graph_of(xy, streets))
    curved = [street.line for street in streets if street.curved]
    ends = shapely.line_interpolate_point(rng.choice(curved, (5, 2)), rng.random((5, 2)), normalized=True)
    lines = [shapely.LineString(pair) for pair in ends]
    extended = network.extend(gpd.GeoDataFrame({"seconds": rng.uniform(0, 40, 5)}, geometry=lines, crs=CRS))
    # anywhere at all: some of these are nearest to a new road, and slow to leave it
    where = gpd.GeoSeries(shapely.points(rng.uniform(0, 2000, (60, 2)) + np.array([EAST, NORTH])), crs=CRS)
    before = network.minutes_matrix(where, where, np.inf, arrive)
    after = extended.minutes_matrix(where, where, np.inf, arrive)
    assert np.all(after <= before + 1e-9)
    assert np.any(after < before)


def test_new_streets_meet_one_another():
    network = TravelNetwork.from_graph(line_graph(2))
    frame = roads([(0, 0), (0, 500)], [(300, 500), (0, 500)], [(150, 900), (150, 500.5)])
    longer = network.extend(frame)
    np.testing.assert_allclose(longer.minutes(points((150, 900)))[[0, 1]] * 60, [10 + 5 + 10, 85])
    assert len(longer.node_ids) == 2 + 4  # corner, dead end, junction, dead end


def test_streets_that_cross_pass_over_unless_they_are_told_to_join():
    graph = line_graph(2)
    network = TravelNetwork.from_graph(graph).extend(roads([(50, -300), (50, 300)]))
    assert np.isinf(network.minutes(points((0, 0)))[2:]).all()
    joined = network.extend(roads([(50, 0), (50, 0.2)], from_edge=[0], to_edge=[2], seconds=[20.0]))
    # half the street, the ramp, half the bridge
    np.testing.assert_allclose(joined.minutes(points((0, 0)))[2:4] * 60, 30 + 20 + 5, atol=0.01)
    with pytest.raises(NetworkError, match="to join"):
        network.extend(roads([(50, 0), (50, 0.2)], from_edge=[99]))
    with pytest.raises(NetworkError, match=r"ends 200\.0 m from"):
        network.extend(roads([(50, 200), (50, 0.2)], from_edge=[0]))


def test_a_new_parallel_edge_has_a_key_of_its_own_and_names_stay_apart():
    graph = nx.relabel_nodes(line_graph(2), {0: "a", 1: "new-1"})
    longer = TravelNetwork.from_graph(graph).extend(roads([(0, 0), (100, 0)], [(0, 0), (0, 90)]))
    assert longer.edges["key"].tolist() == [0, 0, 1, 1, 0, 0]
    assert longer.node_ids.tolist() == ["a", "new-1", "new-2"]


def test_speed_sources_of_a_recost_go_on():
    network = TravelNetwork.from_graph(line_graph(2)).recost([60.0, 60.0], speed_source=["law", "tag"])
    assert network.extend(roads([(0, 0), (0, 90)])).attributes["speed_source"].tolist() == [
        "law", "tag", "scenario", "scenario"]  # fmt: skip


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (roads([(0, 0), (1, 1)], seconds=[-1.0]), "travel_time"),
        (roads([(0, 0), (1, 1)]).drop(columns="seconds"), "travel_time"),
        (roads([(0, 0), (1, 1)]).set_crs(3405, allow_override=True), "convert"),
        (roads([(0, 0), (1, 1)]).drop(columns="geometry"), "geometry"),
        (gpd.GeoDataFrame({"seconds": [1.0]}, geometry=[shapely.Point(0, 0)], crs=CRS), "1 of the new"),
        (gpd.GeoDataFrame({"seconds": [1.0]}, geometry=[None], crs=CRS), "1 of the new"),
        (gpd.GeoDataFrame({"seconds": [1.0]}, geometry=[shapely.LineString()], crs=CRS), "1 of the new"),
        (roads([(0, 0), (1, 1)], length_m=[np.nan]), "1 of 1"),
    ],
)
def test_streets_that_are_none_are_refused(frame, said):
    with pytest.raises(NetworkError, match=said):
        TravelNetwork.from_graph(line_graph()).extend(frame)
