"""Several origins, each street to the one that is there first: against networkx, by hand, and the merged reach."""

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
from zoning.reach import TravelNetwork, catchment, catchment_split
from zoning.reach import split as module
from zoning.reach.pieces import covered
from zoning.reach.split import NOBODY, nearest_origin, split_reach

SAMPLES = (0.07, 0.23, 0.41, 0.59, 0.77, 0.93)  # shares of every curved street


def series(streets, places):
    return gpd.GeoSeries([streets[s].line.interpolate(p, normalized=True) for s, p in places], crs=CRS)


def random_origins(seed, streets, inside=4):
    """Return places inside streets, two of them on one street."""
    rng = np.random.default_rng(seed)
    curved = [number for number, street in enumerate(streets) if street.curved]
    places = [(int(rng.choice(curved)), float(rng.uniform(0.05, 0.95))) for _ in range(inside)]
    places.append((places[0][0], 1 - places[0][1]))
    return places, curved


def pieces_of(reach, street):
    found = [(0.0, reach.head[street]), (1 - reach.tail[street], 1.0)]
    return found + [(low, high) for at, low, high in reach.middles if at == street]


@pytest.mark.parametrize("arrive", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_every_sample_belongs_to_the_origin_that_networkx_finds_first(seed, arrive):
    xy, streets = random_streets(seed)
    places, curved = random_origins(seed, streets)
    samples = [(street, share) for street in curved for share in SAMPLES]
    reference = split_graph(xy, streets, places + samples)
    if arrive:
        reference = reference.reverse()
    seconds = np.full((len(places), len(samples)), np.inf)
    for origin in range(len(places)):
        for node, time in nx.single_source_dijkstra_path_length(reference, ("place", origin)).items():
            if isinstance(node, tuple) and node[1] >= len(places):
                seconds[origin, node[1] - len(places)] = time
    least = seconds.min(axis=0)
    first = np.argmax(seconds <= least + 1e-7, axis=0)

    network = TravelNetwork.from_graph(graph_of(xy, streets))
    origins = series(streets, places)
    limits = [2.0, 4.0, 6.0]
    minutes, nearest = nearest_origin(network, series(streets, samples), origins, limits[-1], arrive)
    np.testing.assert_allclose(minutes, np.where(least <= 360, least / 60, np.inf), atol=1e-6)
    np.testing.assert_array_equal(nearest, np.where(least <= 360, first, NOBODY))

    at = network.locate(series(streets, samples))
    on, back = (column[at["edge"]] for column in (network.streets.street_of_edge, network.streets.reversed_edge))
    spots = list(zip(on, np.where(back, 1 - at["share"], at["share"]), strict=True))
    found = dict(split_reach(network, origins, limits, arrive))
    checked = 0
    for number, limit in enumerate(limits):
        for sample, (street, share) in enumerate(spots):
            runners_up = np.delete(seconds[:, sample], first[sample])
            if abs(least[sample] - 60 * limit) < 1e-6 or runners_up.min() < least[sample] + 1e-3 < np.inf:
                continue  # on an edge between two
            owners = [
                origin
                for origin, reaches in found.items()
                for low, high in pieces_of(reaches[number], street)
                if low < share < high
            ]
            assert set(owners) == ({first[sample]} if least[sample] < 60 * limit else set())
            checked += 1
    assert checked > 500
    assert len(set(first[least <= 360])) > 2


@pytest.mark.parametrize("arrive", [False, True])
@pytest.mark.parametrize("seed", range(8))
def test_the_parts_make_up_the_merged_reach(seed, arrive):
    xy, streets = random_streets(seed)
    network = TravelNetwork.from_graph(graph_of(xy, streets))
    places, _ = random_origins(seed, streets)
    at_nodes = gpd.GeoSeries(shapely.points(network.node_xy[[0, 7, 7, 21]]), crs=CRS)
    origins = gpd.GeoSeries([*series(streets, places), *at_nodes], crs=CRS)
    new = shapely.LineString([streets[3].line.interpolate(0.4, normalized=True), (EAST + 1000, NORTH + 900),
                              streets[20].line.interpolate(0.6, normalized=True)])  # fmt: skip
    longer = network.extend(gpd.GeoDataFrame({"seconds": [30.0]}, geometry=[new], crs=CRS))
    for net in (network, longer):
        limits = [1.0, 3.0, 5.0]
        merged = net.street_reach(origins, limits, arrive)
        parts = dict(split_reach(net, origins, limits, arrive))
        assert 7 not in parts  # stands where origin 6 does
        for at, whole in enumerate(merged):
            together = np.sum([covered(reaches[at]) for reaches in parts.values()], axis=0)
            np.testing.assert_allclose(together, covered(whole), atol=1e-9)
    assert longer.layout.junctions.node.size


def test_one_origin_has_all():
    network = TravelNetwork.from_graph(graph_of(*random_streets(4)))
    origins = gpd.GeoSeries(shapely.points(network.node_xy[[5]]), crs=CRS)
    split, merged = (one(network, origins, [3, 6]) for one in (catchment_split, catchment))
    assert split["origin"].tolist() == [0, 0]
    assert split.drop(columns="origin").equals(merged)
    assert split.crs == merged.crs


def test_two_meet_halfway_along_a_street_of_equal_speed():
    network = TravelNetwork.from_graph(line_graph(count=12))  # 100 m a minute, 1,100 m long
    frame = catchment_split(network, points((0, 0), (530, 0)), [2, 10]).set_index(["origin", "minutes"])
    assert frame["reachable_km"].to_dict() == pytest.approx(
        {(0, 2.0): 0.2, (0, 10.0): 0.265, (1, 2.0): 0.4, (1, 10.0): 1.1 - 0.265}
    )
    assert frame.loc[(0, 10.0), "geometry"].bounds[2] == pytest.approx(EAST + 265 + 50, abs=1)
    # the streets are divided, the ground round them is not
    ground = frame.loc[(0, 10.0), "geometry"].intersection(frame.loc[(1, 10.0), "geometry"])
    assert 0 < ground.area < np.pi * 51**2


def test_where_one_way_is_slower_they_meet_nearer_to_its_end():
    graph = line_graph(count=2)  # a minute of 100 m from node 0, three minutes from node 1
    graph[1][0][0]["travel_time"] = 180.0
    network = TravelNetwork.from_graph(graph)
    for arrive, metres in ((False, 75.0), (True, 25.0)):
        frame = catchment_split(network, points((0, 0), (100, 0)), [3], arrive)
        assert (1000 * frame["reachable_km"]).tolist() == pytest.approx([metres, 100 - metres])


def test_where_only_one_may_go_it_has_the_street():
    network = TravelNetwork.from_graph(line_graph(count=2, one_way=True))
    frame = catchment_split(network, points((0, 0), (100, 0)), [1])
    assert frame["origin"].tolist() == [0]
    assert frame["reachable_km"].tolist() == pytest.approx([0.1])


def test_what_is_equally_far_belongs_to_the_one_named_first():
    # from nodes 1 and 2 of the diamond all that lies behind node 3 is equally far
    graph = diamond()
    graph.add_node(4, x=EAST + 300, y=NORTH + 300)
    for u, v in ((3, 4), (4, 3)):
        graph.add_edge(u, v, length=100.0, travel_time=100.0)
    network = TravelNetwork.from_graph(graph)
    for pair in (((100, 0), (0, 100)), ((0, 100), (100, 0))):
        frame = catchment_split(network, points(*pair), [5])
        assert frame["reachable_km"].tolist() == pytest.approx([0.35, 0.25])


def test_the_second_of_two_at_one_place_has_no_row():
    network = TravelNetwork.from_graph(line_graph())
    for place in ((100, 0), (150, 0)):
        frame = catchment_split(network, points(place, place, (300, 0)), [1, 2])
        assert frame["origin"].tolist() == [0, 0, 2, 2]


def test_origins_are_searched_in_any_number(monkeypatch):
    network = TravelNetwork.from_graph(graph_of(*random_streets(2)))
    origins = gpd.GeoSeries(shapely.points(network.node_xy[::3]), crs=CRS)
    expected = catchment_split(network, origins, [4])
    for together in (1, 3, 100):
        monkeypatch.setattr(module, "_TOGETHER", together)
        assert catchment_split(network, origins, [4]).equals(expected)


def test_points_off_the_network_or_out_of_time_are_nobody_s():
    network = TravelNetwork.from_graph(line_graph())
    minutes, origin = nearest_origin(network, points((50, 20), (290, 0), (50, 90_000)), points((0, 0), (100, 0)), 1.0)
    np.testing.assert_array_equal(minutes, [0.5, np.inf, np.inf])
    np.testing.assert_array_equal(origin, [0, NOBODY, NOBODY])


def test_bad_input_gets_a_sentence():
    network = TravelNetwork.from_graph(line_graph(one_way=True))
    with pytest.raises(InputError):
        catchment_split(network, points((0, 0)), [])
    with pytest.raises(InputError):
        catchment_split(network, points((0, 0)), [5], walk_off_m=1)
    with pytest.raises(OffNetworkError):
        catchment_split(network, points((0, 0), (0, 5000)), [5])
    with pytest.raises(NetworkError, match="No street"):
        catchment_split(network, points((300, 0), (300, 0)), [5])
