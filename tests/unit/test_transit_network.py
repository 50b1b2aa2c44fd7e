"""Check trips by public transport: minutes worked by hand, laws, another library's shortest paths, and both ways."""

from dataclasses import replace

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely

from tests.data.street_graphs import CRS, EAST, NORTH, graph_of, line_graph, points, random_streets
from zoning.errors import InputError, NetworkError, OffNetworkError
from zoning.reach import TravelNetwork, catchment
from zoning.transit.network import TransitNetwork
from zoning.transit.patterns import Service, timetables
from zoning.transit.settings import TransitSettings
from zoning.transit.supply import Supply, digest, headway_line, no_supply, with_parking
from zoning.transit.walks import footpaths

INF = np.inf
WALK_MIN = 10.0  # from node to node of the street, so that nobody walks where a bus runs


def street(count=10, minutes=WALK_MIN):
    return TravelNetwork.from_graph(line_graph(count=count, step_m=1_000.0, seconds=minutes * 60))


def stops_at(*nodes, off_m=0.0):
    shapes = [shapely.Point(EAST + node * 1_000.0, NORTH + off_m) for node in nodes]
    ids = [f"s{node:g}" for node in nodes]
    return gpd.GeoDataFrame({"id": ids, "name_vi": ids, "name_en": ids, "park": False}, geometry=shapes, crs=CRS)


def supply(stops, *patterns):
    made = Supply(stops, patterns, "hand", digest(*stops["id"], *(one.service.id for one in patterns), len(patterns)))
    return with_parking(made)


def line(name, stops, run_min, headway_min, xy=None, first=0.0, last=24.0, mode="bus"):
    service = Service(name, name, name, mode)
    at = np.arange(len(stops)) if xy is None else xy
    where = np.column_stack([np.asarray(at, float), np.zeros(len(at))]) if np.ndim(at) == 1 else at
    return headway_line(service, stops, where, headway_min=headway_min, run_min=run_min, first_hour=first,
                        last_hour=last)  # fmt: skip


def node(*places):
    return points(*((place * 1_000.0, 0.0) for place in places))


def minutes(network, origin, to, limit=600.0, **options):
    return float(network.minutes_matrix(node(origin), node(to), limit, **options)[0, 0])


NO_CHANGE = TransitSettings(change_min=0.0)


def express(headway_min=10.0, **options):
    """Return a bus from node 1 to node 8 in 6 minutes."""
    stops = stops_at(1, 8)
    return supply(stops, line("x", [0, 1], 6.0, headway_min, xy=[1, 8], **options))


def test_a_trip_is_walk_and_half_the_headway_and_ride_and_walk():
    network = TransitNetwork(street(), express(), TransitSettings())
    # 10 to the stop, 5 of 10 waited, 6 ridden, 10 to node 9
    assert minutes(network, 0, 9) == pytest.approx(31.0)
    assert network.minutes_at(node(9), node(0), 600.0)[0] == pytest.approx(31.0)
    assert network.minutes(node(0), 600.0)[9] == pytest.approx(31.0)


def test_the_share_of_the_headway_is_a_setting():
    for share, expected in ((0.0, 26.0), (0.5, 31.0), (1.0, 36.0)):
        network = TransitNetwork(street(), express(), TransitSettings(wait_share=share))
        assert minutes(network, 0, 9) == pytest.approx(expected)


def test_a_line_runs_in_its_own_direction_alone():
    network = TransitNetwork(street(), express(), TransitSettings())
    assert minutes(network, 9, 0) == pytest.approx(90.0)  # all the way on foot
    assert minutes(network, 0, 9, arrive=True) == pytest.approx(90.0)
    assert minutes(network, 9, 0, arrive=True) == pytest.approx(31.0)


def test_what_is_quicker_on_foot_is_walked():
    network = TransitNetwork(street(), express(), TransitSettings())
    assert minutes(network, 0, 1) == pytest.approx(10.0)
    assert minutes(network, 1, 2) == pytest.approx(10.0)


def test_the_service_hours_bind():
    def at(hour, arrive=False):
        network = TransitNetwork(street(), express(first=6.0, last=20.0), TransitSettings(), hour=hour)
        return minutes(network, *((9, 0) if arrive else (0, 9)), arrive=arrive)

    assert at(None) == pytest.approx(31.0)
    assert at(12.0) == pytest.approx(31.0)
    # at the stop at 05:40, the first bus leaves at 06:00: 30 + 6 + 10
    assert at(5.5) == pytest.approx(46.0)
    # at the stop at 19:55, the wait ends at 20:00; five minutes later none comes any more
    assert at(19.75) == pytest.approx(31.0)
    assert at(19.8) == pytest.approx(90.0)
    # arriving: on foot alone before the first bus can have come, 06:00 + 6 + 10
    assert at(12.0, arrive=True) == pytest.approx(31.0)
    assert at(6.2, arrive=True) == pytest.approx(90.0)
    # to be there at 21:00 the last bus is taken, whose passengers were at the stop at 19:55
    assert at(21.0, arrive=True) == pytest.approx(60.0 + 5.0 + 10.0)


def test_a_change_costs_its_walk_its_own_wait_and_the_change_itself():
    stops = stops_at(1, 4, 4.3, 8)
    lines = line("a", [0, 1], 3.0, 10.0, xy=[1, 4, 4.3, 8]), line("b", [2, 3], 4.0, 20.0, xy=[1, 4, 4.3, 8])
    network = TransitNetwork(street(), supply(stops, *lines), TransitSettings())
    # 10 walk, 5 wait, 3 ride; 3 walk and 2 to change; 10 wait, 4 ride; 10 walk
    assert minutes(network, 0, 9) == pytest.approx(10 + 5 + 3 + 3 + 2 + 10 + 4 + 10)
    one = TransitNetwork(street(), supply(stops, *lines), TransitSettings(boardings=1))
    # line a to node 4, then on foot; or to the stop of b on foot: 10 + 5 + 3 + 50 against 43 + 10 + 4 + 10
    assert minutes(one, 0, 9) == pytest.approx(67.0)
    near = TransitNetwork(street(), supply(stops, *lines), TransitSettings(transfer_m=200.0))
    assert minutes(near, 0, 9) == pytest.approx(67.0)


def test_a_change_at_the_same_stop_needs_no_walk():
    stops = stops_at(1, 4, 8)
    lines = line("a", [0, 1], 3.0, 10.0, xy=[1, 4, 8]), line("b", [1, 2], 4.0, 20.0, xy=[1, 4, 8])
    network = TransitNetwork(street(), supply(stops, *lines), NO_CHANGE)
    assert minutes(network, 0, 9) == pytest.approx(10 + 5 + 3 + 10 + 4 + 10)


def test_stops_inside_a_street_are_reached_and_left_both_ways():
    stops = stops_at(0.5, 8.5)
    network = TransitNetwork(street(), supply(stops, line("x", [0, 1], 6.0, 10.0, xy=[0, 8])), TransitSettings())
    assert minutes(network, 0.2, 8.7) == pytest.approx(3.0 + 5.0 + 6.0 + 2.0)
    assert minutes(network, 0.8, 8.3) == pytest.approx(3.0 + 5.0 + 6.0 + 2.0)
    reach = network.street_reach(node(0.5), [12.0])[0]
    # a minute is left at the stop inside the last street: a tenth of it either way, and twelve tenths at the origin
    pieces = {(one, round(low, 6), round(high, 6)) for one, low, high in reach.middles}
    assert (8, 0.4, 0.6) in pieces
    assert float(reach.head[1]) == pytest.approx(0.7)


def test_ring_of_a_line_is_the_walks_from_its_stops():
    network = TransitNetwork(street(), express(), TransitSettings())
    rings = catchment(network, node(0), [25.0], walk_off_m=50.0)
    walked = catchment(street(), node(0), [25.0], walk_off_m=50.0)
    # at node 8 after 21 minutes: 4 minutes on, 400 m, either way
    assert rings["reachable_km"][0] == pytest.approx(2.5 + 0.8)
    assert walked["reachable_km"][0] == pytest.approx(2.5)
    assert rings["missed_pct"][0] < 2
    assert rings["false_pct"][0] < 2
    assert rings.geometry[0].geom_type == "MultiPolygon"


def test_reach_and_minutes_agree():
    network = TransitNetwork(street(), express(), TransitSettings(), hour=9.0)
    for arrive in (False, True):
        origin, ends = node(0.4), np.linspace(0, 9, 37)
        there = network.minutes_at(node(*ends), origin, 60.0, arrive)
        [reach] = network.street_reach(origin, [40.0], arrive)
        for place, minute in zip(ends, there, strict=True):
            if abs(minute - 40.0) > 1e-6 and place % 1:
                at, share = int(place), place % 1
                inside = share <= reach.head[at] or 1 - share <= reach.tail[at]
                inside |= any(one == at and low <= share <= high for one, low, high in reach.middles)
                assert inside == (minute <= 40.0), (arrive, place, minute)


def hand_timetable(stops, *trips):
    times = np.array(trips, dtype=float) * 60.0
    return timetables(Service("t", "t", "t"), np.arange(len(stops)), times, times)


def test_a_timetable_waits_for_the_next_departure():
    stops = stops_at(1, 8)
    trips = hand_timetable(stops, [430, 436], [440, 446], [450, 462])
    every = TransitSettings(window_min=0.0, every_min=1.0)
    made = supply(stops, *trips)
    for hour, expected in ((7.0, 10 + 0 + 6 + 10), (421 / 60, 9 + 10 + 6 + 10), (431 / 60, 9 + 10 + 12 + 10)):
        network = TransitNetwork(street(), made, every, hour=hour)
        assert minutes(network, 0, 9) == pytest.approx(expected)
    gone = TransitNetwork(street(), made, every, hour=441 / 60)
    assert minutes(gone, 0, 9) == pytest.approx(90.0)
    # to be at node 9 at 07:46: the second bus, at its stop at 07:20, from node 0 at 07:10
    backwards = TransitNetwork(street(), made, every, hour=466 / 60)
    assert minutes(backwards, 9, 0, arrive=True) == pytest.approx(36.0)


def test_percentiles_are_those_of_the_departures():
    stops = stops_at(1, 8)
    made = supply(stops, *hand_timetable(stops, [430, 436], [460, 466]))
    # departures 07:00 to 07:20, one a minute: one waits 0 minutes, then 29, 28, …, 10
    waits = [0, *range(29, 9, -1)]
    for share in (25, 50, 75):
        settings = TransitSettings(window_min=20.0, every_min=1.0, percentile=share)
        network = TransitNetwork(street(), made, settings, hour=7.0)
        rank = int(np.ceil(share / 100 * 21)) - 1
        assert minutes(network, 0, 9) == pytest.approx(26 + sorted(waits)[rank])
        assert network.minutes(node(0), 600.0)[9] == pytest.approx(26 + sorted(waits)[rank])


def test_a_trip_that_overtakes_is_caught():
    stops = stops_at(1, 8)
    made = hand_timetable(stops, [430, 460], [435, 441])
    assert len(made) == 2
    network = TransitNetwork(street(), supply(stops, *made), TransitSettings(window_min=0.0), hour=7.0)
    assert minutes(network, 0, 9) == pytest.approx(441 - 420 + 10)


def random_supply(seed, xy, count=12, lines=6):
    rng = np.random.default_rng(seed)
    spots = rng.choice(len(xy), count, replace=False)
    ids = [f"s{at}" for at in range(count)]
    stops = gpd.GeoDataFrame({"id": ids, "name_vi": ids, "name_en": ids},
                             geometry=gpd.points_from_xy(*xy[spots].T), crs=CRS)  # fmt: skip
    patterns = []
    for number in range(lines):
        calls = rng.choice(count, int(rng.integers(2, 6)), replace=False)
        often, quick = float(rng.uniform(0.5, 4)), float(rng.uniform(0.05, 0.5))
        service = Service(f"l{number}", "", "")
        patterns.append(headway_line(service, calls.tolist(), xy[spots], headway_min=often, run_min=quick))
    return supply(stops, *patterns)


def by_networkx(graph, made, settings, origin):
    """Return minutes to all nodes by Dijkstra on a graph with a node for each stop of each line and boarding."""
    whole = nx.DiGraph()
    for u, v, data in graph.edges(data=True):
        if np.isfinite(data["travel_time"]):
            old = whole.get_edge_data(("walk", u), ("walk", v), {"w": INF})["w"]
            whole.add_edge(("walk", u), ("walk", v), w=min(old, data["travel_time"]))
    spot = {tuple(np.round([d["x"], d["y"]], 3)): n for n, d in graph.nodes(data=True)}
    where = [spot[tuple(np.round(one, 3))] for one in made.xy]
    for one, pattern in enumerate(made.patterns):
        for at, stop in enumerate(pattern.stops):
            ride, board = (one, at), pattern.headway_s * settings.wait_share
            whole.add_edge(("walk", where[stop]), ride, w=board)
            whole.add_edge(ride, ("walk", where[stop]), w=0.0)
            if at:
                whole.add_edge((one, at - 1), ride, w=pattern.arrive_s[at] - pattern.arrive_s[at - 1])
    return nx.single_source_dijkstra_path_length(whole, ("walk", origin), weight="w")


@pytest.mark.parametrize("seed", range(6))
def test_networkx_finds_the_same_times_on_the_expanded_graph(seed):
    xy, streets = random_streets(seed)
    graph = graph_of(xy, streets)
    walk = TravelNetwork.from_graph(graph)
    made = random_supply(seed, xy)
    # changes of any length and number: what a plain graph can say
    settings = TransitSettings(change_min=0.0, transfer_m=2_000.0, boardings=6)
    network = TransitNetwork(walk, made, settings)
    network._footpaths = footpaths(walk, made.xy, 1e9, made.fingerprint)
    ids = list(walk.node_ids)
    for origin in (ids[0], ids[7]):
        expected = by_networkx(graph, made, settings, origin)
        start = gpd.GeoSeries([shapely.Point(*xy[origin])], crs=CRS)
        found = network.minutes(start, INF) * 60
        wanted = np.array([expected.get(("walk", one), INF) for one in ids])
        np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_laws_of_lines(seed):
    xy, streets = random_streets(seed)
    walk = TravelNetwork.from_graph(graph_of(xy, streets))
    made = random_supply(seed, xy)
    origin = gpd.GeoSeries([shapely.Point(*xy[7])], crs=CRS)
    sooner = 0

    def nodes(patterns, arrive=False, **options):
        some = Supply(made.stops, tuple(patterns), "", digest("laws", seed))
        return TransitNetwork(walk, some, TransitSettings(**options), hour=8.0).minutes(origin, INF, arrive)

    for arrive in (False, True):
        before = walk.minutes(origin, INF, arrive)
        for count in range(len(made.patterns) + 1):  # each line added to the ones before: never longer
            after = nodes(made.patterns[:count], arrive)
            assert (after <= before + 1e-9).all()
            before = after
        often = [replace(one, headway_s=one.headway_s / 2) for one in made.patterns]
        assert (nodes(often, arrive) <= before + 1e-9).all()
        assert (nodes(made.patterns, arrive, boardings=4) <= before + 1e-9).all()
        assert (nodes(made.patterns, arrive, transfer_m=800.0) <= before + 1e-9).all()
        assert (nodes(made.patterns, arrive, change_min=0.0) <= before + 1e-9).all()
        sooner += int((nodes(often, arrive) < before - 1e-6).sum())
    assert sooner


@pytest.mark.parametrize("seed", range(3))
def test_matrix_is_that_of_single_trips_and_of_trips_backwards(seed):
    xy, streets = random_streets(seed)
    walk = TravelNetwork.from_graph(graph_of(xy, streets))
    network = TransitNetwork(walk, random_supply(seed, xy), TransitSettings())
    ends = gpd.GeoSeries(gpd.points_from_xy(*xy[:9].T), crs=CRS)
    table = network.minutes_matrix(ends, ends, INF)
    for row, origin in enumerate(ends):
        alone = network.minutes_at(ends, gpd.GeoSeries([origin], crs=CRS), INF)
        np.testing.assert_allclose(table[row], alone, rtol=1e-9)
    # without hours it is all one which end is searched from
    np.testing.assert_allclose(network.minutes_matrix(ends, ends, INF, arrive=True), table.T, rtol=1e-9, atol=1e-9)
    several = network.minutes_at(ends, ends[2:5], INF)
    np.testing.assert_allclose(several, table[2:5].min(axis=0), rtol=1e-9)
    np.testing.assert_allclose(network.minutes_matrix(ends, ends[:2], INF), table[:, :2], rtol=1e-9, atol=1e-9)


def test_a_motorbike_is_left_where_there_is_room_and_never_taken_along():
    walk, ride = street(), street(minutes=1.0)
    stops = stops_at(1, 4, 8)
    made = supply(stops, line("x", [0, 1, 2], 12.0, 10.0, xy=[1, 4, 8]))
    assert made.stops["park"].tolist() == [True, False, True]  # a bus: its ends alone
    metro = supply(stops, line("m", [0, 1, 2], 12.0, 10.0, xy=[1, 4, 8], mode="metro"))
    assert metro.stops["park"].all()
    both = TransitNetwork(walk, made, TransitSettings(), ride=ride, mode="motorbike_ride")
    assert minutes(both, 0, 9) == pytest.approx(1 + 5 + 12 + 10)
    assert minutes(both, 0, 9) < minutes(TransitNetwork(walk, made, TransitSettings()), 0, 9)
    # it stays where the bus is boarded: nobody rides on from node 4, where 9 minutes by motorbike would be enough
    assert minutes(both, 9, 0) == pytest.approx(8 + 5 + 12 * 3 / 7 + 40)
    assert minutes(both, 9, 0, arrive=True) == pytest.approx(28.0)
    # towards the end of the line: from every place within reach of its stops by motorbike
    [reach] = both.street_reach(node(9), [28.0], arrive=True)
    assert float(reach.tail[0]) == pytest.approx(1.0)
    rings = catchment(both, node(9), [28.0, 29.0], arrive=True, walk_off_m=50.0)
    assert (rings["missed_pct"] < 2).all()
    assert (rings["false_pct"] < 2).all()


def test_nothing_runs_then_people_walk():
    walk = street()
    network = TransitNetwork(walk, no_supply(walk.crs), TransitSettings())
    np.testing.assert_array_equal(network.minutes(node(2), 60.0), walk.minutes(node(2), 60.0))
    assert network.supply.method == "none"


def test_what_cannot_be_asked_is_refused():
    network = TransitNetwork(street(), express(), TransitSettings())
    with pytest.raises(OffNetworkError, match="Too far"):
        network.minutes(points((0.0, 5_000.0)))
    with pytest.raises(NetworkError, match="no costs of its own"):
        network.recost([1.0])
    with pytest.raises(NetworkError, match="stops are in"):
        TransitNetwork(street(), supply(stops_at(1, 8).to_crs("EPSG:32648"), *express().patterns), TransitSettings())
    for bad in ({"wait_share": 2.0}, {"boardings": 0}, {"percentile": 100}, {"every_min": 0.0}, {"boardings": 1.5}):
        with pytest.raises(InputError, match="Public transport"):
            TransitSettings(**bad)
