"""Hold travel on networks to networkx, to hand-made cases and to its own laws."""

from __future__ import annotations

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely

from tests.data.street_graphs import (
    CRS,
    EAST,
    NORTH,
    diamond,
    graph_of,
    line_graph,
    points,
    random_streets,
    split_graph,
)
from zoning.errors import InputError, NetworkError, OffNetworkError
from zoning.reach import TravelNetwork


def reached_m(network, origins, minutes, arrive=False):
    """Return the metres of street reached, pieces that overlap counted once."""
    reach = network.street_reach(origins, [minutes], arrive)[0]
    total = 0.0
    for street, length_m in enumerate(network.streets.length_m):
        pieces = [(0.0, reach.head[street]), (1 - reach.tail[street], 1.0)]
        pieces += [(low, high) for at, low, high in reach.middles if at == street]
        end = 0.0
        for low, high in sorted(pieces):
            total += max(0.0, high - max(low, end)) * length_m
            end = max(end, high)
    return total


def places_inside(rng, streets, count):
    """Return random places (street, share) inside curved streets, where no other street has the same line."""
    usable = [i for i, s in enumerate(streets) if s.curved]
    return [(int(rng.choice(usable)), float(rng.uniform(0.02, 0.98))) for _ in range(count)]


def series(streets, places):
    lines = [streets[s].line.interpolate(p, normalized=True) for s, p in places]
    return gpd.GeoSeries(lines, crs=CRS)


def all_nodes(network):
    return gpd.GeoSeries(shapely.points(network.node_xy), crs=CRS)


@pytest.mark.parametrize("arrive", [False, True])
@pytest.mark.parametrize("seed", range(12))
def test_minutes_equal_networkx_with_origins_inside_edges(seed, arrive):
    xy, streets = random_streets(seed)
    rng = np.random.default_rng(1000 + seed)
    places = places_inside(rng, streets, 3)
    network = TravelNetwork.from_graph(graph_of(xy, streets))
    reference = split_graph(xy, streets, places)
    if arrive:
        reference = reference.reverse()
    expected = np.full(len(xy), np.inf)
    sources = {("place", i) for i in range(3)}
    for node, seconds in nx.multi_source_dijkstra_path_length(reference, sources, cutoff=300).items():
        if not isinstance(node, tuple):
            expected[node] = seconds / 60
    np.testing.assert_allclose(network.minutes(series(streets, places), 5, arrive), expected, atol=1e-6)
    assert np.isfinite(expected).sum() > 5


@pytest.mark.parametrize("arrive", [False, True])
@pytest.mark.parametrize("seed", range(8))
def test_matrix_equals_networkx_from_either_side(seed, arrive):
    xy, streets = random_streets(seed)
    rng = np.random.default_rng(2000 + seed)
    places = places_inside(rng, streets, 9)
    places[8] = (places[0][0], 1 - places[0][1])  # two places on one street
    reference = split_graph(xy, streets, places)
    network = TravelNetwork.from_graph(graph_of(xy, streets))
    origins, destinations = list(range(3)), list(range(3, 9))
    expected = np.full((3, 6), np.inf)
    for i, one in enumerate(origins):
        for j, other in enumerate(destinations):
            ends = (("place", other), ("place", one)) if arrive else (("place", one), ("place", other))
            if nx.has_path(reference, *ends):
                expected[i, j] = nx.dijkstra_path_length(reference, *ends) / 60
    few, many = series(streets, places[:3]), series(streets, places[3:])
    np.testing.assert_allclose(network.minutes_matrix(few, many, np.inf, arrive), expected, atol=1e-6)
    np.testing.assert_allclose(network.minutes_matrix(many, few, np.inf, not arrive), expected.T, atol=1e-6)
    limited = network.minutes_matrix(few, many, 3.0, arrive)
    np.testing.assert_allclose(limited, np.where(expected <= 3.0, expected, np.inf), atol=1e-6)


@pytest.mark.parametrize("seed", range(6))
def test_minutes_at_takes_the_nearest_origin(seed):
    xy, streets = random_streets(seed)
    places = places_inside(np.random.default_rng(seed), streets, 12)
    network = TravelNetwork.from_graph(graph_of(xy, streets))
    origins, others = series(streets, places[:4]), series(streets, places[4:])
    for arrive in (False, True):
        matrix = network.minutes_matrix(origins, others, 4.0, arrive)
        np.testing.assert_allclose(network.minutes_at(others, origins, 4.0, arrive), matrix.min(axis=0), atol=1e-9)


def test_minutes_at_points_off_the_network_are_infinite():
    network = TravelNetwork.from_graph(line_graph())
    found = network.minutes_at(points((50, 20), (50, 90_000)), points((0, 0)))
    np.testing.assert_array_equal(found, [0.5, np.inf])


def test_diamond_cut_at_150_m_reaches_400_m_from_node_0_and_500_m_from_node_1():
    network = TravelNetwork.from_graph(diamond())
    assert network.streets.length_m.tolist() == [100.0] * 5
    for arrive in (False, True):
        assert reached_m(network, points((0, 0)), 2.5, arrive) == pytest.approx(400)
        assert reached_m(network, points((100, 0)), 2.5, arrive) == pytest.approx(500)


@pytest.mark.parametrize("arrive", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_reach_is_where_points_along_the_streets_are_in_time(seed, arrive):
    xy, streets = random_streets(seed)
    network = TravelNetwork.from_graph(graph_of(xy, streets))
    origins = series(streets, places_inside(np.random.default_rng(seed), streets, 2))
    limits = [1.0, 2.5]
    reaches = network.street_reach(origins, limits, arrive)
    checked = 0
    for line in (street.line for street in streets if street.curved):
        at = gpd.GeoSeries(line.interpolate(np.linspace(0.04, 0.96, 12), normalized=True), crs=CRS)
        places = network.locate(at)
        number = network.streets.street_of_edge[places["edge"].iloc[0]]
        shares = np.abs(places["share"] - network.streets.reversed_edge[places["edge"]]).to_numpy()
        minutes = network.minutes_at(at, origins, 30, arrive)
        for limit, reach in zip(limits, reaches, strict=True):
            inside = (shares <= reach.head[number]) | (1 - shares <= reach.tail[number])
            for middle, low, high in reach.middles:
                inside |= (middle == number) & (low <= shares) & (shares <= high)
            clear = np.abs(minutes - limit) > 1e-6
            np.testing.assert_array_equal(inside[clear], (minutes <= limit)[clear])
            checked += inside.sum()
    assert checked > 20


def test_reach_grows_with_the_limit_and_with_origins():
    xy, streets = random_streets(3)
    network = TravelNetwork.from_graph(graph_of(xy, streets))
    origins = series(streets, places_inside(np.random.default_rng(3), streets, 3))
    small, large = network.street_reach(origins, [1, 4])
    assert np.all(small.head <= large.head)
    assert np.all(small.tail <= large.tail)
    assert reached_m(network, origins[:1], 2) <= reached_m(network, origins, 2)


def test_an_origin_inside_a_street_reaches_along_it_both_ways():
    network = TravelNetwork.from_graph(line_graph(2))
    (reach,) = network.street_reach(points((50, 5)), [0.2])
    assert (reach.head.tolist(), reach.tail.tolist()) == ([0.0], [0.0])
    assert reach.middles == ((0, pytest.approx(0.3), pytest.approx(0.7)),)


def test_a_one_way_street_is_reached_in_its_direction_only():
    network = TravelNetwork.from_graph(line_graph(3, one_way=True))
    np.testing.assert_allclose(network.minutes(points((150, 0))), [np.inf, np.inf, 0.5])
    np.testing.assert_allclose(network.minutes(points((150, 0)), arrive=True), [1.5, 0.5, np.inf])
    assert reached_m(network, points((150, 0)), 10) == pytest.approx(50)
    assert reached_m(network, points((150, 0)), 10, arrive=True) == pytest.approx(150)
    # back along a one-way street there is no way, although both points are on the same edge
    matrix = network.minutes_matrix(points((120, 0), (180, 0)), points((150, 0)))
    np.testing.assert_allclose(matrix, [[0.3], [np.inf]])


def test_limits_include_their_bound_in_spite_of_rounding():
    network = TravelNetwork.from_graph(line_graph(11, seconds=6.0))  # ten times 0.1 minutes
    minutes = network.minutes(points((0, 0)), 0.7)
    assert np.isfinite(minutes).sum() == 8
    assert minutes[7] <= 0.7
    network = TravelNetwork.from_graph(line_graph(4, seconds=0.1 * 60 / 3))
    assert network.minutes(points((0, 0)), 0.1)[3] <= 0.1
    assert network.minutes_at(points((300, 0)), points((0, 0)), 0.1)[0] <= 0.1


def test_a_point_on_a_node_is_the_node_with_all_its_edges():
    network = TravelNetwork.from_graph(diamond())
    np.testing.assert_allclose(network.minutes(points((0.0005, 0.0))) * 60, [0, 100, 100, 200])
    # beyond the last house of a street: the nearest place is its end
    assert network.minutes(points((-30, -30)))[0] == 0


def test_walking_to_the_street_is_not_timed_but_its_distance_is_told():
    network = TravelNetwork.from_graph(line_graph(2))
    place = network.locate(points((25, 40)))
    assert place.columns.tolist() == ["edge", "share", "snap_m"]
    assert place.iloc[0].tolist() == [0, 0.25, 40.0]
    assert network.minutes(points((25, 40)))[0] == pytest.approx(0.25)


def test_locate_keeps_the_index_and_finds_the_open_direction():
    network = TravelNetwork.from_graph(line_graph(2))
    one_way_back = network.recost([np.inf, 60.0])
    where = gpd.GeoSeries(points((25, 40)).values, index=["gate"], crs=CRS)
    place = one_way_back.locate(where)
    assert place.index.tolist() == ["gate"]
    assert place.loc["gate"].tolist() == [1, 0.75, 40.0]


def test_a_point_is_never_snapped_to_a_street_closed_both_ways():
    graph = line_graph(2)
    graph.add_node(10, x=EAST, y=NORTH + 400)
    graph.add_node(11, x=EAST + 100, y=NORTH + 400)
    graph.add_edge(10, 11, length=100.0, travel_time=60.0)
    network = TravelNetwork.from_graph(graph)
    closed = network.recost(np.where(network.edges["u"].isin([0, 1]), np.inf, 60.0))
    assert network.locate(points((40, 10)))["snap_m"].item() == pytest.approx(10)
    assert closed.locate(points((40, 10)))["snap_m"].item() == pytest.approx(390)
    # nor to a node that only closed streets meet at
    assert closed.locate(points((0, 0)))["snap_m"].item() == pytest.approx(400)
    with pytest.raises(OffNetworkError):
        closed.locate(points((40, 10)), limit_m=300)


def test_points_beyond_the_limit_say_how_many_and_how_far():
    network = TravelNetwork.from_graph(line_graph())
    with pytest.raises(OffNetworkError, match=r"2 of the points.*5,000 m.*1,000 m") as caught:
        network.minutes(points((50, 3000), (50, 5000), (50, 10)))
    assert isinstance(caught.value, ValueError)
    assert caught.value.values["count"] == 2


def test_nothing_is_found_on_a_network_that_is_closed():
    network = TravelNetwork.from_graph(line_graph()).recost(np.full(6, np.inf))
    with pytest.raises(OffNetworkError, match="No street"):
        network.minutes(points((50, 0)))


@pytest.mark.parametrize(
    ("origins", "said"),
    [
        (gpd.GeoSeries([], crs=CRS), "No point"),
        (gpd.GeoSeries([shapely.Point(106.6, 11.0)], crs="EPSG:4326"), "convert"),
        (gpd.GeoSeries([shapely.Point(np.nan, 1.0)], crs=CRS), "1 of the points"),
        (gpd.GeoSeries([shapely.Point()], crs=CRS), "1 of the points"),
        (gpd.GeoSeries([None], crs=CRS), "Only points"),
        (gpd.GeoSeries([shapely.box(0, 0, 1, 1)], crs=CRS), "Only points"),
    ],
)
def test_origins_that_are_none_are_refused(origins, said):
    network = TravelNetwork.from_graph(line_graph())
    with pytest.raises(InputError, match=said):
        network.minutes(origins)


@pytest.mark.parametrize("limit", [-1, np.nan, None, "5", True])
def test_limits_that_are_none_are_refused(limit):
    with pytest.raises(InputError, match="limit"):
        TravelNetwork.from_graph(line_graph()).minutes(points((0, 0)), limit)


def test_a_limit_of_zero_reaches_the_origin_only():
    network = TravelNetwork.from_graph(line_graph())
    assert network.minutes(points((0, 0)), 0).tolist() == [0.0, np.inf, np.inf, np.inf]
    assert reached_m(network, points((50, 0)), 0) == 0
    with pytest.raises(InputError):
        network.street_reach(points((0, 0)), [np.inf])


def test_recost_shares_the_arrays_and_changes_the_times():
    network = TravelNetwork.from_graph(line_graph())
    slower = network.recost(network.edges["seconds"] * 2, mode="truck", snap_limit_m=20, speed_source=["law"] * 6)
    assert slower.streets is network.streets
    assert (slower.mode, slower.snap_limit_m) == ("truck", 20.0)
    assert slower.attributes["speed_source"].tolist() == ["law"] * 6
    assert "speed_source" not in network.attributes
    np.testing.assert_allclose(slower.minutes(points((0, 0))), 2 * network.minutes(points((0, 0))))
    with pytest.raises(OffNetworkError):
        slower.minutes(points((0, 30)))


@pytest.mark.parametrize("seconds", [[1.0], [-1.0] * 6, [np.nan] * 6, ["a"] * 6, [None] * 6])
def test_recost_refuses_what_is_no_time(seconds):
    with pytest.raises(NetworkError):
        TravelNetwork.from_graph(line_graph()).recost(seconds)


def test_recost_refuses_speed_sources_of_another_length():
    with pytest.raises(InputError):
        TravelNetwork.from_graph(line_graph()).recost([60.0] * 6, speed_source=["law"])


@pytest.mark.parametrize("seed", range(6))
def test_closing_never_shortens_a_trip(seed):
    xy, streets = random_streets(seed)
    network = TravelNetwork.from_graph(graph_of(xy, streets))
    rng = np.random.default_rng(seed)
    seconds = network.edges["seconds"].to_numpy().copy()
    seconds[rng.integers(0, seconds.size, 20)] = np.inf
    closed = network.recost(seconds, keep_snaps=True)
    origins = series(streets, places_inside(rng, streets, 4))
    before = network.minutes_matrix(origins, all_nodes(network), np.inf)
    after = closed.minutes_matrix(origins, all_nodes(network), np.inf)
    assert np.all(after >= before - 1e-9)
    assert np.any(after > before)


def test_results_do_not_depend_on_the_order_of_questions():
    xy, streets = random_streets(1)
    places = series(streets, places_inside(np.random.default_rng(1), streets, 5))
    one, other = (TravelNetwork.from_graph(graph_of(xy, streets)) for _ in range(2))
    first = one.minutes_matrix(places, places, np.inf)
    other.minutes(places, arrive=True)
    other.locate(places)
    np.testing.assert_array_equal(other.minutes_matrix(places, places, np.inf), first)
    np.testing.assert_array_equal(np.diag(first), 0)


def test_edges_follow_the_graph_and_cannot_be_changed_from_outside():
    graph = diamond()
    network = TravelNetwork.from_graph(graph)
    frame = network.edges
    assert list(zip(frame["u"], frame["v"], frame["key"], strict=True)) == list(graph.edges(keys=True))
    assert network.node_ids.tolist() == list(graph.nodes)
    frame["seconds"] = 0.0
    known = network.attributes
    known["highway"] = "none"
    assert network.edges["seconds"].tolist() == [100.0] * 10
    assert "highway" not in network.attributes


def test_the_graph_names_the_network():
    graph = line_graph()
    graph.graph |= {"name": "strategic", "walk_off_m": 300, "mode": "walk"}
    network = TravelNetwork.from_graph(graph)
    assert (network.name, network.walk_off_m, network.mode) == ("strategic", 300.0, "walk")
    assert (network.snap_limit_m, TravelNetwork.from_graph(line_graph()).snap_limit_m) == (300.0, 1000.0)
    assert network.crs.to_epsg() == 9210
    assert "strategic" in repr(network)
