"""Check what runs today, what a scenario adds to it, and that every job answers with the same trips."""

import csv
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geodata.embedded import build_layers
from geodata.source_tables import read_source
from geodata.transit import headway_supply
from tests.data.street_graphs import CRS, EAST, NORTH, line_graph
from tests.data.toy_region import frame
from zoning.difference import compare
from zoning.errors import InputError, UnreachableError
from zoning.jobs import access, catchment, gates, route
from zoning.names import fold
from zoning.reach import TravelNetwork
from zoning.scenarios.model import AddLine, AddStop, Scenario
from zoning.scenarios.region import ScenarioRegion
from zoning.transit.changes import changed_supply
from zoning.transit.modes import EVERY_MODE, TRANSIT_MODES, transit_network
from zoning.transit.patterns import Service, timetables
from zoning.transit.settings import TransitSettings, parse
from zoning.transit.split import split_reach
from zoning.transit.supply import Supply, digest, no_supply

WALK_S = 600.0


def at(node, off_m=0.0):
    return shapely.Point(EAST + node * 1_000, NORTH + off_m)


class Street:
    """A street of ten nodes, 10 minutes apart on foot and one by motorbike; nothing runs unless told."""

    def __init__(self, supply=None):
        self.graph = {mode: line_graph(10, 1_000.0, s) for mode, s in (("walk", WALK_S), ("motorbike", 60.0))}
        self.nets = {mode: TravelNetwork.from_graph(graph) for mode, graph in self.graph.items()}
        self.supply = supply or no_supply(self.nets["walk"].crs)
        whole = [shapely.box(EAST - 500, NORTH - 500, EAST + 9_500, NORTH + 500)]
        names = [{"id": "w", "name_vi": "Phường", "name_en": "Ward", "population": 1_000.0}]
        place = {"name_vi": ["Nơi"], "name_en": ["Place"], "kind": ["hospital"], "status": ["operating"],
                 "geometry_quality": ["osm"]}  # fmt: skip
        self.layers = {
            "wards_2025": frame(names, whole),
            "communes_until_2025": frame(names, whole),
            "facilities": frame({"id": ["h9"]} | place, [at(9)]),
            "zones": frame({"id": ["z9"]} | place | {"place": ["centre"]}, [at(9)]),
            "logistics": frame({"id": ["g9"]} | place | {"kind": ["seaport"]}, [at(9)]),
            "population": frame([{"id": "p"}], [None]),
            "corridors": frame({"id": ["c"], "name_vi": ["c"], "name_en": ["c"], "mode": ["road"]}, [at(0)]),
            "stops": frame({"id": ["s"], "name_vi": ["s"], "name_en": ["s"], "routes": [""]}, [at(0)]),
        }

    def layer(self, name):
        return self.layers[name]

    def network(self, mode, *, hour=None, day=None, name="strategic", transit=""):
        if mode in TRANSIT_MODES:
            return transit_network(self, mode, hour=hour, day=day, name=name, transit=transit)
        return self.nets[mode if mode in self.nets else "motorbike"]

    def transit(self, day=None):
        return self.supply

    def network_for(self, points):
        return "strategic"

    def demand(self, name):
        people = pd.array([100.0] * 10, dtype="Float64")
        return frame({"node": range(10), "unit_id": ["w"] * 10, "people": people}, [at(n) for n in range(10)])

    def points(self, lonlat):
        return gpd.GeoSeries([at(lon, lat) for lon, lat in lonlat], crs=CRS)  # a toy's degrees are its nodes

    def fingerprint(self, name):
        return self.supply.fingerprint if name == "transit" else f"print of {name}"


LINE = AddLine(id="bus", stops=((1.0, 0.0), (8.0, 0.0)), headway_min=10.0, speed_kmh=70.0, first_hour=6.0,
               last_hour=20.0, name_vi="Xe buýt", name_en="Bus")  # fmt: skip
SCENARIO = Scenario(id="s", title_en="s", modifications=(LINE,))
TRIP = 10.0 + 5.0 + 6.0 + 10.0  # walk, half of ten, 7 km at 70 km/h, walk


def ask(mode="transit", **more):
    return catchment.CatchmentRequest(at=((0.0, 0.0),), minutes=(25.0, 40.0), mode=mode, hour=9.0, **more)


def test_a_line_of_a_scenario_changes_every_answer():
    base = Street()
    region = ScenarioRegion(base, SCENARIO)
    before, after = (catchment.run(ask(), one) for one in (base, region))
    assert before.frames["places"]["minutes"].isna().all()
    assert after.frames["places"].set_index("id").loc["h9", "minutes"] == pytest.approx(TRIP)
    assert after.frames["rings"]["people"].tolist() == [400, 800]
    assert before.frames["rings"]["people"].tolist() == [300, 500]
    assert after.frames["rings"]["reachable_km"].tolist() == pytest.approx([2.5 + 0.8, 4.0 + 2.9])
    found = access.run(access.AccessRequest(to="facilities:hospital", mode="transit", hour=9.0, minutes=45), region)
    # arriving at 09:00 is as good as leaving then, in the middle of the service
    assert found.frames["points"]["value"].tolist()[:2] == pytest.approx([TRIP, TRIP - 10])
    timed = gates.run(gates.GatesRequest(((0.0, 0.0),), "transit", hour=9.0), region)
    assert timed.frames["gates"]["minutes"].tolist() == pytest.approx([TRIP])
    assert not any("Driving" in note.text() for note in timed.notes)
    way = route.run(route.RouteRequest((0.0, 0.0), (9.0, 0.0), "transit", 9.0), region)
    legs = way.frames["legs"]
    assert legs["leg"].tolist() == ["walk", "wait", "ride", "walk"]
    assert legs["leg_min"].tolist() == pytest.approx([10, 5, 6, 10])
    assert legs["name"].tolist()[2] == "Xe buýt"
    assert way.figures["minutes"] == pytest.approx(TRIP)
    assert legs.geometry.isna().tolist() == [False, True, False, False]  # who waits stands still
    assert legs.geometry.dropna().is_valid.all()


def test_the_record_says_method_data_and_settings():
    region = ScenarioRegion(Street(), SCENARIO)
    result = catchment.run(ask(transit="wait_share=0.25"), region)
    told = result.run["transit"]
    assert told["method"] == "headway"
    assert told["settings"]["wait_share"] == 0.25
    assert (told["settings"]["every_min"], told["settings"]["percentile"]) == (5.0, 50)
    assert told["lines"] == ["scenario:bus"]
    assert result.run["data"]["transit"] != Street().fingerprint("transit")
    assert any("25 % of the headway" in note.text() for note in result.notes)
    walked = catchment.run(ask(mode="walk"), region)
    assert "transit" not in walked.run
    assert not any("headway" in note.text() for note in walked.notes)
    empty = catchment.run(ask(), Street())
    assert empty.run["transit"]["method"] == "none"
    assert any("on foot" in note.text() for note in empty.notes)


def test_before_and_after_keep_the_laws():
    for mode in TRANSIT_MODES:
        made = compare(catchment, ask(mode=mode), Street(), ScenarioRegion(Street(), SCENARIO))
        assert made.way == "faster"
        assert made.broken == ()
        assert made.wards["gain"].sum() > 0
        same = compare(catchment, ask(mode=mode), Street(), ScenarioRegion(Street(), Scenario(id="e")))
        assert same.way == "same"
        assert same.broken == ()


def test_a_stop_along_a_line_is_called_at_and_delays_nobody():
    stop = AddStop(id="half", at=(4.0, 100.0), name_vi="Giữa", name_en="Half")
    far = AddStop(id="far", at=(4.0, 400.0))
    before = ScenarioRegion(Street(), SCENARIO)
    after = ScenarioRegion(Street(), Scenario(id="s", modifications=(LINE, stop)))
    beside = ScenarioRegion(Street(), Scenario(id="s", modifications=(LINE, far)))

    def minutes(region, to):
        place = region.points([(0.0, 0.0), (to, 0.0)])
        return float(
            region.network("transit", hour=9.0, name="strategic").minutes_matrix(place[:1], place[1:], 999)[0, 0]
        )

    assert minutes(before, 9.0) == minutes(after, 9.0) == pytest.approx(TRIP)
    assert minutes(before, 4.0) == pytest.approx(40.0)
    assert minutes(after, 4.0) == pytest.approx(10 + 5 + 6 * 3 / 7)
    assert minutes(after, 5.0) == pytest.approx(10 + 5 + 6 * 3 / 7 + 10)
    assert minutes(beside, 4.0) == pytest.approx(40.0)


def test_a_stop_is_called_at_by_timetable_too():
    stops = gpd.GeoDataFrame({"id": ["a", "b"], "name_vi": ["a", "b"], "name_en": ["a", "b"], "park": False},
                             geometry=[at(1), at(8)], crs=CRS)  # fmt: skip
    times = np.array([[480.0, 494.0], [500.0, 514.0]]) * 60
    made = Supply(stops, tuple(timetables(Service("t", "t", "t"), np.array([0, 1]), times, times)), "", digest("t"))
    changed = changed_supply(made, (AddStop(id="x", at=(4.5, 0.0)),), lambda rows: np.array([at(*rows[0]).coords[0]]))
    assert changed.patterns[0].arrive_s.tolist() == (np.array([[480, 487, 494], [500, 507, 514]]) * 60.0).tolist()
    assert changed.fingerprint != made.fingerprint
    assert changed_supply(made, (), None) is made


def test_the_service_hours_of_a_line_hold():
    region = ScenarioRegion(Street(), SCENARIO)
    late = catchment.CatchmentRequest(at=((0.0, 0.0),), minutes=(40.0,), mode="transit", hour=21.0)
    assert catchment.run(late, region).frames["rings"]["people"].tolist() == [500]


def test_a_line_past_midnight_runs_after_it():
    night = AddLine(id="n", stops=LINE.stops, headway_min=10.0, speed_kmh=70.0, first_hour=20.0, last_hour=2.0)
    region = ScenarioRegion(Street(), Scenario(id="s", modifications=(night,)))
    ends = region.points([(0.0, 0.0), (9.0, 0.0)])
    by_hour = {}
    for hour in (1.0, 3.0, 21.0):
        network = region.network("transit", hour=hour, name="strategic")
        by_hour[hour] = float(network.minutes_at(ends[1:], ends[:1], 999)[0])
    assert by_hour == pytest.approx({1.0: TRIP, 3.0: 90.0, 21.0: TRIP})


def test_the_nearest_of_several_origins_is_told():
    region = ScenarioRegion(Street(), SCENARIO)
    both = catchment.CatchmentRequest(at=((5.0, 0.0), (0.0, 0.0)), minutes=(40.0,), mode="transit", hour=9.0)
    places = catchment.run(both, region).frames["places"].set_index("id")
    assert places.loc["h9", "minutes"] == pytest.approx(TRIP)
    assert places.loc["h9", "origin"] == 2
    with pytest.raises(InputError, match="cannot be split"):
        catchment.run(replace(both, mode="motorbike_ride", split=True, arrive=True), region)


def test_streets_people_and_places_are_split_between_origins_by_the_quickest_trip():
    """By bus from node 0 the far end is quicker reached than on foot from node 5: the street is cut in three."""
    region = ScenarioRegion(Street(), SCENARIO)
    both = catchment.CatchmentRequest(at=((5.0, 0.0), (0.0, 0.0)), minutes=(20.0, 40.0), mode="transit", hour=9.0,
                                      split=True)  # fmt: skip
    found = catchment.run(both, region)
    rings = found.frames["rings"].set_index(["origin", "minutes"])["reachable_km"]
    # on foot 2 km either way in 20 minutes; by bus stop 8 is there after 21, and 40 minutes later 1.9 km round it
    there = 10 + 5 + 6.0
    assert rings[1, 20.0] == pytest.approx(4.0)
    assert rings[2, 20.0] == pytest.approx(2.0)
    meet = (8 - (5 + (there - 0) / 10)) / 2  # east of node 5 both walk towards each other, who is first has it
    east = 8 - meet
    west = 2.5
    assert rings[1, 40.0] == pytest.approx(east - west)
    assert rings[2, 40.0] == pytest.approx(west + 9 - east)
    curve = found.frames["curve"].set_index("minutes")["reachable_km"]
    for limit in (20.0, 40.0):
        assert curve[limit] == pytest.approx(rings[:, limit].sum())
    merged = catchment.run(replace(both, split=False), region)
    np.testing.assert_allclose(curve, merged.frames["curve"].set_index("minutes")["reachable_km"])
    whole = merged.frames["rings"].set_index("minutes")["people"]
    people = found.frames["rings"].groupby("minutes")["people"].sum()
    assert people.to_dict() == whole.to_dict()
    assert found.frames["places"].set_index("id").loc["h9", "origin"] == 2
    assert any("shortest time over the whole window" in note.text() for note in found.notes)


def test_pieces_of_a_split_are_those_of_the_nearest_origin_along_random_lines():
    rng = np.random.default_rng(11)
    lines = tuple(
        AddLine(id=f"l{one}", stops=tuple((float(x), 0.0) for x in sorted(rng.uniform(0, 9, 3))), headway_min=4.0,
                speed_kmh=40.0) for one in range(4)
    )  # fmt: skip
    region = ScenarioRegion(Street(), Scenario(id="s", modifications=lines))
    network = region.network("transit", hour=9.0, name="strategic")
    origins = region.points([(0.2, 0.0), (4.4, 0.0), (8.7, 0.0)])
    limit = 45.0
    shares = (np.arange(400) + 0.5) / 400 * 9
    points = region.points([(float(x), 0.0) for x in shares])
    table = network.minutes_matrix(origins, points, limit)
    mine = np.full(len(points), -1)
    for origin, (reach,) in split_reach(network, origins, [limit]):
        at = network.locate(points)
        street, share = network.streets.street_of_edge[at["edge"]], at["share"].to_numpy()
        share = np.where(network.streets.reversed_edge[at["edge"]], 1 - share, share)
        here = (share <= reach.head[street]) | (1 - share <= reach.tail[street])
        for one, low, high in reach.middles:
            here |= (street == one) & (low <= share) & (share <= high)
        assert (mine[here] == -1).all()
        mine[here] = origin
    nearest = np.where(np.isfinite(table.min(axis=0)), table.argmin(axis=0), -1)
    two = np.sort(table, axis=0)
    clear = ~(np.isfinite(two[0]) & (two[1] - two[0] < 0.3)) & (np.abs(two[0] - limit) > 0.3)
    assert clear.mean() > 0.8
    assert set(mine[clear]) == {0, 1, 2} or set(mine[clear]) == {-1, 0, 1, 2}
    np.testing.assert_array_equal(mine[clear], nearest[clear])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("speed=3", "no setting “speed”"),
        ("boardings=", "needs a number"),
        ("boardings=nan", "needs a number"),
        ("wait_share=3", "must lie between 0 and 1"),
    ],
)
def test_settings_that_cannot_be_read_are_told(text, says):
    with pytest.raises(InputError, match=says):
        catchment.run(ask(transit=text), Street())


def test_settings_are_read_as_they_are_written():
    for made in (TransitSettings(), TransitSettings(wait_share=0.25, boardings=2, percentile=75)):
        assert parse(made.text()) == made
    assert TransitSettings().text() == ""
    assert set(EVERY_MODE) == {"motorbike", "car", "truck", "bicycle", "walk", "transit", "motorbike_ride"}


def test_a_trip_with_a_change_is_told_leg_by_leg():
    first = AddLine(id="a", stops=((1.0, 0.0), (4.0, 0.0)), headway_min=10.0, speed_kmh=60.0)
    second = AddLine(id="b", stops=((4.3, 0.0), (8.0, 0.0)), headway_min=20.0, speed_kmh=55.5)
    region = ScenarioRegion(Street(), Scenario(id="s", modifications=(first, second)))
    way = route.run(route.RouteRequest((0.0, 0.0), (9.0, 0.0), "transit", 9.0), region)
    legs = way.frames["legs"]
    spent = legs.groupby((legs["leg"] != legs["leg"].shift()).cumsum())["leg_min"].sum()
    assert spent.tolist() == pytest.approx([10, 5, 3, 3, 2, 10, 4, 10])
    assert way.figures["minutes"] == pytest.approx(47.0)
    ends = region.points([(0.0, 0.0), (9.0, 0.0)])
    network = region.network("transit", hour=9.0, name="strategic")
    assert network.minutes_matrix(ends[:1], ends[1:], 999)[0, 0] == pytest.approx(47.0)
    bike = route.run(route.RouteRequest((0.0, 0.0), (9.0, 0.0), "motorbike_ride", 9.0), region)
    # to the end of the second line by motorbike: 4.3 minutes, then 10, 4 and 10
    assert bike.frames["legs"]["leg"].iloc[0] == "motorbike"
    assert bike.figures["minutes"] == pytest.approx(4.3 + 10 + 4 + 10)


def test_the_legs_of_a_trip_by_timetable_add_up_to_its_minutes():
    rng = np.random.default_rng(4)
    names = [f"s{one}" for one in range(10)]
    stops = gpd.GeoDataFrame({"id": names, "name_vi": names, "name_en": names, "park": False},
                             geometry=[at(one) for one in range(10)], crs=CRS)  # fmt: skip
    patterns = []
    for number in range(8):
        calls = np.sort(rng.choice(10, 4, replace=False))[:: rng.choice([1, -1])]
        begin = np.arange(420, 600, float(rng.integers(5, 25)))[:, None]
        times = (begin + np.concatenate([[0], np.cumsum(rng.integers(1, 6, 3))])) * 60.0
        patterns += timetables(Service(f"l{number}", "", ""), calls, times, times + 30.0)
    region = Street(Supply(stops, tuple(patterns), "", digest("legs")))
    for origin, to in ((0.3, 9.0), (8.6, 0.2), (2.0, 7.7), (6.4, 1.1)):
        for hour in (7.0, 7.6, 8.2):
            network = region.network("transit", hour=hour, transit="window_min=0")
            ends = region.points([(origin, 0.0), (to, 0.0)])
            minutes = network.minutes_matrix(ends[:1], ends[1:], np.inf)[0, 0]
            legs = network.route(ends[:1], ends[1:])
            assert legs["leg_min"].sum() == pytest.approx(minutes)
            assert legs["minutes"].is_monotonic_increasing


def test_no_trip_is_told_where_none_is_possible():
    graph = line_graph(10, 1_000.0, 60.0, one_way=True)
    cut = Street()
    cut.nets["walk"] = TravelNetwork.from_graph(graph)
    ends = cut.points([(0.0, 0.0), (1.0, 0.0)])
    with pytest.raises(UnreachableError, match="No open way"):
        cut.network("transit").route(ends[1:], ends[:1])


@pytest.fixture(scope="module")
def today():
    return headway_supply(build_layers()["stops"])


def test_what_runs_today_is_what_has_a_published_headway(today):
    assert today.method == "headway"
    assert [one.short for one in today.services] == [f"Kaze {n}" for n in (39, 51, 52, 66, 67, 68)]
    reasons = {one.id: one.reason for one in today.left_out}
    assert {"brt", "bd-metro-1", "bd-metro-2", "rail-di-an-bau-bang"} == {
        i for i, r in reasons.items() if r == "planned"
    }
    assert reasons["hcmc-metro-1"] == "headway_unknown"
    assert reasons["hcmc-171"] == "stops_unknown"
    headways = {one.service.short: one.headway_s / 60 for one in today.patterns}
    assert headways == {"Kaze 39": 60, "Kaze 51": 30, "Kaze 52": 30, "Kaze 66": 30, "Kaze 67": 30, "Kaze 68": 60}


def test_nothing_is_claimed_of_weekends(today):
    sunday = headway_supply(build_layers()["stops"], "sun")
    assert sunday.method == "none"
    assert {one.reason for one in sunday.left_out} >= {"day_unknown", "planned"}
    with pytest.raises(InputError, match="Unknown day"):
        headway_supply(build_layers()["stops"], "someday")


def test_speeds_of_lines_are_those_published(today):
    # facts TRV-024 to TRV-054: km over the chain of stops, and km/h with stops; route 51 shares its stop list
    published = {"Kaze 39": (18.87, 25.7), "Kaze 66": (3.88, 16.6), "Kaze 67": (7.31, 19.1), "Kaze 68": (4.72, 23.6)}
    for pattern in today.patterns:
        if pattern.service.short in published:
            km, kmh = published.pop(pattern.service.short)
            chain = np.hypot(*np.diff(today.xy[pattern.stops], axis=0).T).sum() / 1000
            assert chain == pytest.approx(km, rel=0.04)
            assert chain / pattern.arrive_s[-1] * 3600 == pytest.approx(kmh, rel=0.05)
    assert not published


def test_a_line_whose_stop_has_gone_is_left_out():
    stops = build_layers()["stops"]
    less = headway_supply(stops[stops["id"] != "kz110"])
    assert {one.id for one in less.left_out if one.reason == "stops_unknown"} >= {"kaze-39", "kaze-68"}
    assert "Kaze 51" in [one.short for one in less.services]


@pytest.mark.parametrize(("line", "file"), [("kaze-39", "39-0"), ("kaze-51", "51_52_53_55-0"), ("kaze-68", "68-0")])
def test_derived_order_of_stops_is_that_of_the_printed_timetable(shared, line, file):
    path = shared / f"realdata/bus-kaze-binhduong/timetables-csv/{file}.csv"
    if not path.exists():
        pytest.skip("the timetables are not here")
    with path.open(encoding="utf-8") as rows:
        printed = [_plain(row[0]) for row in csv.reader(rows) if row[0]]
    names = build_layers()["stops"].set_index("id")["name_vi"]
    table = read_source("transit_lines")
    stops = table[(table["id"] == line) & (table["direction"] == "outbound")]["stops"].iloc[0].split()
    ours = [_plain(names[one]) for one in stops]
    both = [one for one in ours if one in printed]
    assert len(both) >= 0.9 * len(ours)
    rank = np.array([printed.index(one) for one in both])
    # pairs of stops in the same order: all but a few neighbours
    pairs = [(a, b) for a in range(len(rank)) for b in range(a + 1, len(rank))]
    agree = np.mean([rank[a] < rank[b] for a, b in pairs])
    assert agree > 0.98


def _plain(name):
    return " ".join(fold(name).split())
