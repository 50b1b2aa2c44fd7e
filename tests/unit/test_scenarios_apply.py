"""A scenario changes a network as it says, keeps the laws of travel, and leaves the network behind it as it was."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely

from tests.data.random_changes import random_changes
from tests.data.street_graphs import CRS, EAST, NORTH, line_graph, points
from zoning import laws
from zoning.errors import InputError
from zoning.reach import MODES, TravelNetwork
from zoning.reach.modes import travel_costs
from zoning.scenarios.apply import plan
from zoning.scenarios.model import (
    KINDS,
    AddRoad,
    Close,
    Interchange,
    Scenario,
    SetLanes,
    SetModes,
    SetSpeed,
)

CAR = MODES["car"]


def place(lonlat):
    """Take hundreds of metres for degrees, as a toy's scenario is written."""
    return np.array([(EAST + 100 * x, NORTH + 100 * y) for x, y in lonlat])


def as_travelled(graph, mode="car"):
    """Return the network of a graph at the costs of a mode."""
    network = TravelNetwork.from_graph(graph)
    edges = network.attributes.assign(length_m=network.edges["length_m"])
    costs = travel_costs(edges, MODES[mode])
    return network.recost(costs["seconds"], speed_source=costs["speed_source"], mode=mode)


def street(count=4, highway="residential", **known):
    """Return a straight street of nodes 100 m apart, 50 km/h as signed unless `known` says otherwise."""
    graph = line_graph(count=count)
    for _, _, edge in graph.edges(data=True):
        edge.update({"highway": highway, "maxspeed_kmh": 50.0, "source_id": "old-road", "name": "Đường Cũ"} | known)
    return graph


def after(network, *changes, mode="car"):
    made = plan(network, Scenario("test", modifications=changes), place)
    assert not made.faults, [str(fault) for fault in made.faults]
    return made.travel(network, MODES[mode])


def test_an_empty_scenario_hands_the_network_through():
    network = as_travelled(street())
    assert after(network) is network


def test_a_road_joins_at_its_ends_and_takes_its_signed_speed():
    network = as_travelled(street())
    bridge = AddRoad("bridge", line=((0, 0), (1.5, 1), (3, 0)), speed_kmh=50.0, joins="ends")
    shortcut = AddRoad("tunnel", line=((0, 0.1), (3, 0.1)), speed_kmh=90.0, road_class="trunk", joins="ends")
    base_s = network.minutes(points((0, 0)))[3] * 60
    assert base_s == pytest.approx(300 / 50 * 3.6)
    assert after(network, bridge).minutes(points((0, 0)))[3] * 60 == pytest.approx(base_s)  # longer: of no use
    faster = after(network, shortcut)
    assert faster.minutes(points((0, 0)))[3] * 60 == pytest.approx((300 + 20) / 90 * 3.6, rel=1e-3)
    assert set(faster.attributes["speed_source"].iloc[6:]) == {"scenario"}


def test_a_road_crosses_streets_or_passes_over_them():
    network = as_travelled(street())
    road = AddRoad("road", line=((1.5, -1), (1.5, 1)), speed_kmh=50.0)
    end = points((150, 100))
    joined = after(network, road)
    assert joined.minutes_matrix(points((0, 0)), end, np.inf)[0, 0] * 60 == pytest.approx(250 / 50 * 3.6)
    made = plan(network, Scenario("s", modifications=(AddRoad("road", line=road.line, joins="ends"),)), place)
    assert "meets no street" in str(made.faults[0])  # a bridge between two empty fields is no road
    assert made.travel(network, CAR) is network


def test_new_roads_may_hang_on_one_another():
    network = as_travelled(street())
    first = AddRoad("first", line=((1, 0), (1, 5)), speed_kmh=50.0)
    second = AddRoad("second", line=((0, 4), (2, 4)), speed_kmh=50.0)
    both = after(network, second, first)
    assert both.minutes_matrix(points((100, 0)), points((200, 400)), np.inf)[0, 0] * 60 == pytest.approx(500 / 50 * 3.6)


def test_an_expressway_joins_at_interchanges_only():
    network = as_travelled(street(count=12))
    line = ((0.5, -1), (0.5, 1), (10.5, 1), (10.5, -1))
    alone = AddRoad("fast", line=line, road_class="motorway", speed_kmh=100.0)
    made = plan(network, Scenario("s", modifications=(alone,)), place)
    assert made.new.unused == ("fast",)
    assert made.travel(network, CAR) is network
    joined = AddRoad("fast", line=line, road_class="motorway", speed_kmh=100.0, interchanges=((0.5, 0), (10.5, 0)))
    ring = after(network, joined)
    ends = points((50, 0)), points((1050, 0))
    assert ring.minutes_matrix(*ends, np.inf)[0, 0] * 60 == pytest.approx(1200 / 100 * 3.6, rel=1e-3)
    slow = as_travelled(street(count=12), "motorbike")
    still = after(slow, joined, mode="motorbike")
    np.testing.assert_array_equal(still.minutes_matrix(*ends, np.inf), slow.minutes_matrix(*ends, np.inf))


def test_an_interchange_joins_an_expressway_that_is_there():
    graph = street(count=12)
    for node, x in ((100, -500.0), (101, 2000.0)):
        graph.add_node(node, x=EAST + x, y=NORTH + 80)
    for u, v in ((100, 101), (101, 100)):
        graph.add_edge(u, v, length=2500.0, travel_time=1.0, highway="motorway", maxspeed_kmh=100.0, source_id="fast")
    network = as_travelled(graph)
    assert np.isinf(network.minutes(points((0, 0)))[12:]).all()
    joined = after(network, Interchange("ramp", at=(3, 0.5), radius_m=100.0, speed_kmh=40.0))
    expected = 300 / 50 * 3.6 + 80 / 40 * 3.6 + (1700 / 100) * 3.6
    assert joined.minutes(points((0, 0)))[13] * 60 == pytest.approx(expected, rel=1e-3)


def test_closures_speeds_lanes_and_modes_do_what_they_say():
    network = as_travelled(street())
    trip = points((0, 0)), points((300, 0))
    base_s = network.minutes_matrix(*trip, np.inf)[0, 0] * 60

    def seconds(*changes, back=False):
        ends = trip[::-1] if back else trip
        return after(network, *changes).minutes_matrix(*ends, np.inf)[0, 0] * 60

    assert np.isinf(seconds(Close("c", road="old-road")))
    assert np.isinf(seconds(Close("c", road="duong cu")))  # as one types without diacritics
    assert seconds(Close("c", road="old-road", modes=("truck",))) == base_s
    middle = {"line": ((1, 0.05), (2, 0.05))}
    assert seconds(SetSpeed("s", **middle, speed_kmh=25.0)) == pytest.approx(base_s * 4 / 3)
    assert seconds(SetLanes("o", **middle, one_way=True)) == base_s
    assert np.isinf(seconds(SetLanes("o", **middle, one_way=True), back=True))
    assert np.isinf(seconds(SetModes("m", **middle, closed=("car",))))
    reopened = (Close("c", road="old-road"), SetModes("m", road="old-road", opened=("car",)))
    assert seconds(*reopened) == base_s
    assert seconds(*reversed(reopened)) == np.inf  # the later one holds


def test_lanes_make_a_dual_carriageway_and_the_law_does_the_rest():
    network = as_travelled(street(highway="primary", maxspeed_kmh=np.nan, built_up=True, divided=False))
    wider = after(network, SetLanes("w", road="old-road", lanes=4.0))
    trip = points((0, 0)), points((300, 0))
    before_s, after_s = (one.minutes_matrix(*trip, np.inf)[0, 0] * 60 for one in (network, wider))
    assert after_s / before_s == pytest.approx(50 / 60)  # TRV-001 and TRV-002: built-up 50 single, 60 dual


def test_a_network_that_knows_little_of_its_streets_takes_every_change():
    network = as_travelled(line_graph())  # no speed, lanes or carriageway is known
    changes = (SetLanes("l", road="Street 0", lanes=6.0), SetSpeed("s", road="Street 1", speed_kmh=20.0))
    faster = after(network, changes[0])
    assert faster.minutes(points((0, 0)))[1] <= network.minutes(points((0, 0)))[1]
    assert after(network, *changes).minutes(points((100, 0)))[2] * 60 == pytest.approx(100 / 20 * 3.6)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (Close("x", road="no such road"), "no road “no such road”"),
        (Close("x", line=((50, 50), (51, 50))), "no street of the network lies"),
        (AddRoad("x", line=((50, 50), (51, 50))), "meets no street"),
        (AddRoad("x", line=((0, 0), (1, 1)), road_class="motorway", modes=("motorbike",)), "law keeps motorbike off"),
        (AddRoad("x", line=((0, 0), (9, 9)), road_class="motorway", interchanges=((9, 9),)), "reaches no street"),
        (AddRoad("x", line=((0, 0), (9, 9)), road_class="motorway", interchanges=((9, 0),)), "m off the road"),
        (Interchange("x", at=(0, 0)), "no expressway and street"),
    ],
)
def test_what_the_network_cannot_take_is_refused_and_the_rest_stays(change, said):
    network = as_travelled(street())
    made = plan(network, Scenario("s", modifications=(change, SetSpeed("y", road="old-road", speed_kmh=25.0))), place)
    (fault,) = made.faults
    assert said in str(fault)
    assert "“x”" in str(fault)
    assert made.touched["y"] == 6
    assert made.travel(network, CAR).minutes(points((0, 0)))[1] * 60 == pytest.approx(100 / 25 * 3.6)


def test_the_base_is_as_it_was_and_undo_is_the_base():
    network = as_travelled(street())
    costs, rows = network.costs.edge_seconds.copy(), network.attributes.copy()
    changes = (Close("c", road="old-road"), AddRoad("r", line=((0, 0), (3, 1))))
    after(network, *changes).minutes(points((0, 0)))
    np.testing.assert_array_equal(network.costs.edge_seconds, costs)
    assert network.attributes.equals(rows)
    assert after(network, *changes[:0]) is network


def test_a_change_in_another_part_changes_nothing_here():
    graph = street()
    for node, x in ((100, 5000.0), (101, 6000.0)):
        graph.add_node(node, x=EAST + x, y=NORTH)
    graph.add_edge(100, 101, length=1000.0, travel_time=1.0, highway="primary", source_id="far", maxspeed_kmh=50.0)
    network = as_travelled(graph)
    far = after(network, SetSpeed("s", road="far", speed_kmh=80.0))
    touched = laws.touched_parts(network, far)
    assert touched.tolist() == [False] * 4 + [True] * 2
    before, later = network.minutes(points((0, 0)), np.inf), far.minutes(points((0, 0)), np.inf)
    assert laws.elsewhere(before, later, touched) == ()
    assert laws.elsewhere(before, later + 1, touched) != ()


class Before:
    """What a network gives without a scenario, computed once."""

    def __init__(self, network, where):
        self.network, self.where = network, where
        self.trips = [network.minutes_matrix(where[:3], where, np.inf, arrive) for arrive in (False, True)]
        self.at_nodes = network.minutes(where[:1], np.inf)
        self.reach_m = reach_m(network, where)


def reach_m(network, where):
    (part,) = network.street_reach(where[:1], [10.0])
    return float(((part.head + part.tail).clip(max=1.0) * network.streets.length_m).sum())


def kept(before, scenario, made_place, mode):
    """Apply a scenario and hold minutes between all pairs of places against the laws; return the direction."""
    network, where = before.network, before.where
    made = plan(network, scenario, made_place)
    then = made.travel(network, MODES[mode])
    if then is network:
        return laws.SAME, made
    way = laws.direction(network, then)
    for arrive in (False, True):
        later = then.minutes_matrix(where[:3], where, np.inf, arrive)
        assert laws.trips(before.trips[arrive], later, way) == ()
    at_nodes = then.minutes(where[:1], np.inf)[: len(network.node_ids)]
    assert laws.elsewhere(before.at_nodes, at_nodes, laws.touched_parts(network, then)) == ()
    if way in (laws.FASTER, laws.SLOWER):
        assert (reach_m(then, where) - before.reach_m) * (1 if way == laws.FASTER else -1) >= -1e-3
    return way, made


def held(network, web, made_place, seed, count, mode):
    """Apply `count` random modifications of each kind, one by one, and count what they did."""
    rng = np.random.default_rng(seed)
    lines = network.layout.street_layers[0].lines
    chosen = rng.choice(lines.size, 400, replace=False)
    spots = web(shapely.line_interpolate_point(lines[chosen], rng.random(400), normalized=True))
    streets = [web(shapely.points(shapely.get_coordinates(lines[at]))) for at in chosen]
    xy = network.node_xy[rng.choice(len(network.node_xy), 25, replace=False)]
    where = gpd.GeoSeries(shapely.points(xy), crs=network.crs)
    before = Before(network, where)
    ways, kinds, refused = [], [], 0
    for change in random_changes(seed, spots, streets, count):
        way, made = kept(before, Scenario("s", modifications=(change,)), made_place, mode)
        ways.append(way)
        kinds.append(type(change))
        refused += len(made.faults)
    assert {kind: kinds.count(kind) for kind in KINDS.values()} == dict.fromkeys(KINDS.values(), count)
    return ways, refused


def test_two_hundred_random_modifications_keep_the_laws_on_the_strategic_network(region):
    from geodata.crs import planning_to_lonlat

    network = region.network("car", name="strategic")

    def web(shapes):
        return np.column_stack(planning_to_lonlat(*shapely.get_coordinates(shapes).T))

    def there(lonlat):
        return shapely.get_coordinates(region.points(lonlat).to_numpy())

    ways, refused = held(network, web, there, 1, 20, "car")
    counts = {way: ways.count(way) for way in set(ways)}
    assert counts[laws.FASTER] >= 15
    assert counts[laws.SLOWER] >= 15
    assert refused < 40  # interchanges where there is no expressway


def test_an_expressway_without_interchange_changes_nothing_for_the_roads_that_it_crosses(region):
    def there(lonlat):
        return shapely.get_coordinates(region.points(lonlat).to_numpy())

    line = ((106.58, 11.02), (106.64, 11.05), (106.75, 11.08))  # across National Route 13 and the lattice
    network = region.network("car", name="strategic")
    xy = network.node_xy[np.random.default_rng(4).choice(len(network.node_xy), 40, replace=False)]
    where = gpd.GeoSeries(shapely.points(xy), crs=network.crs)
    before = network.minutes_matrix(where[:5], where, np.inf)
    for interchanges in ((), (line[1],)):
        road = AddRoad("x", line=line, road_class="motorway", speed_kmh=100.0, interchanges=interchanges)
        made = plan(network, Scenario("s", modifications=(road,)), there)
        assert made.new.unused == ("x",)
        then = made.travel(network, MODES["car"])
        assert laws.direction(network, then) == laws.SAME
        assert np.array_equal(then.minutes_matrix(where[:5], where, np.inf), before)
    # the same line as an ordinary road does change trips: the test above can fail
    road = AddRoad("x", line=line, road_class="primary", speed_kmh=60.0)
    then = plan(network, Scenario("s", modifications=(road,)), there).travel(network, MODES["car"])
    assert (then.minutes_matrix(where[:5], where, np.inf) < before - 0.1).any()


def test_random_modifications_keep_the_laws_in_porto_alegre(shared):
    path = shared / "realdata" / "osm-crosscheck-cities" / "poa_osm.pbf"
    if not path.is_file():
        pytest.skip("Porto Alegre is not here")
    from geodata.osm import street_graph
    from geodata.osmfile import read_streets

    box = (-51.235, -30.045, -51.215, -30.03)
    graph, _ = street_graph(read_streets(path), crs="EPSG:32722", bbox=box, margin_m=300)
    network = as_travelled(graph)
    turn = pyproj.Transformer.from_crs(4326, 32722, always_xy=True)

    def web(shapes):
        x, y = shapely.get_coordinates(shapes).T
        return np.column_stack(turn.transform(x, y, direction="INVERSE"))

    def there(lonlat):
        return np.column_stack(turn.transform(*np.array(lonlat).T))

    ways, _ = held(network, web, there, 2, 20, "car")  # ten kinds: two hundred
    assert ways.count(laws.FASTER) >= 10
    assert ways.count(laws.SLOWER) >= 10


def test_a_scenario_for_another_network_is_refused():
    from tests.data.toy_region import ToyRegion
    from zoning.scenarios.region import ScenarioRegion

    region = ScenarioRegion(ToyRegion(), Scenario("s", network="streets", modifications=(Close("c", road="x"),)))
    with pytest.raises(InputError, match="made for the streets network"):
        region.network("car", name="strategic")
    assert region.network_for(None) == "streets"


def test_the_crs_of_a_toy_is_that_of_the_house():
    assert as_travelled(street()).crs.to_string() == CRS
