"""The strategic network is what the facts say: the operating corridors, and local connectors inside the province."""

import itertools

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely

from geodata.corridor_lines import corridors as embedded_corridors
from geodata.corridor_parts import lane_count
from geodata.crs import lonlat_to_planning
from geodata.outlines import population as embedded_population
from geodata.outlines import wards_2025
from geodata.strategic import (
    SETTING_REASONS,
    StrategicSettings,
    corridor_graph,
    known_units,
    lattice_demand,
    lattice_graph,
    strategic_graph,
)
from zoning.errors import InputError, NetworkError
from zoning.reach import MODES
from zoning.reach.modes import travel_costs

CRS = "EPSG:9210"
UNCUT = StrategicSettings(cut_m=1e6)

# network_check.md 1.3, waypoints of corridors.csv (latitude, longitude)
LAI_UYEN = (11.31778, 106.63231)
GO_DAU = (10.97272, 106.67166)
TDM_BUS_STATION = (10.96517, 106.66846)
HIKARI = (11.05801, 106.68375)
BINH_TRIEU = (10.82589, 106.71412)
CAT_LAI = (10.76240, 106.78401)
CAI_MEP = (10.54000, 107.02500)


@pytest.fixture(scope="module")
def corridors():
    return embedded_corridors()


@pytest.fixture(scope="module")
def wards():
    return wards_2025()


@pytest.fixture(scope="module")
def graph(corridors, wards):
    return strategic_graph(corridors, wards)


@pytest.fixture(scope="module")
def roads(corridors, wards):
    return corridor_graph(corridors, wards, UNCUT)


def streets(graph):
    rows = [(u, v, *data.values()) for u, v, data in graph.edges(data=True)]
    return pd.DataFrame(rows, columns=["u", "v", *next(iter(graph.edges(data=True)))[2]])


def node_at(graph, place):
    x, y = (float(value[0]) for value in lonlat_to_planning(np.array([place[1]]), np.array([place[0]])))
    distance, node = min((np.hypot(data["x"] - x, data["y"] - y), node) for node, data in graph.nodes(data=True))
    assert distance < 1, f"no vertex at {place}"
    return node


def kilometres(graph, start, end):
    return nx.shortest_path_length(graph, node_at(graph, start), node_at(graph, end), weight="length") / 1000


# the corridors of the region -----------------------------------------------------------------------------------------


def test_the_operating_roads_are_one_network_of_474_nodes_523_edges_825_km(roads):
    # network_check.md 1.2, after
    assert roads.number_of_nodes() == 474
    assert roads.number_of_edges() == 2 * 523
    assert sum(nx.get_edge_attributes(roads, "length").values()) / 2000 == pytest.approx(825, abs=0.5)
    assert nx.number_weakly_connected_components(roads) == 1


@pytest.mark.parametrize(
    ("start", "end", "expected_km"),
    [
        (LAI_UYEN, GO_DAU, 41.8),
        (LAI_UYEN, BINH_TRIEU, 62.3),
        (TDM_BUS_STATION, CAT_LAI, 36.6),
        (HIKARI, CAT_LAI, 45.2),
        (LAI_UYEN, CAT_LAI, 76.2),
        (CAT_LAI, CAI_MEP, 56.8),
        (LAI_UYEN, CAI_MEP, 116.8),
        (TDM_BUS_STATION, CAI_MEP, 80.6),
    ],
)
def test_distances_along_the_corridors(roads, start, end, expected_km):
    # network_check.md 1.3; the check measured in UTM, which is up to 0.1 % longer here
    assert kilometres(roads, start, end) == pytest.approx(expected_km, rel=0.01)


def test_the_southern_my_phuoc_tan_van_road_is_22_5_km_along_its_waypoints(roads):
    edges = streets(roads)
    assert edges.length[edges.source_id == "mptv-south"].sum() / 2000 == pytest.approx(22.5, abs=0.05)


def test_cutting_keeps_every_length_and_makes_no_piece_longer_than_400_m(corridors, wards, roads):
    cut = streets(corridor_graph(corridors, wards))
    assert cut.length.max() <= 400 + 1e-6
    before, after = (edges.groupby("source_id").length.sum() for edges in (streets(roads), cut))
    pd.testing.assert_series_equal(before, after)


def test_only_roads_in_operation_are_in_the_network(graph):
    used = set(";".join(streets(graph).source_id.unique()).split(";")) - {""}
    assert not used & {"rr3", "rr3-thu-duc", "rr4", "ct-expressway", "hcm-road"}  # works, network_check.md 1.1
    assert not used & {"bd-metro-1", "hcmc-metro-1", "brt", "rail-ns", "river-saigon", "kaze-39-70"}
    assert {"nr13", "dt746-north", "rr4-open", "rr3-nhon-trach", "ct-hlt"} <= used
    assert len(used) == 49  # network_check.md 1.1: 49 operating road rows


def test_roads_that_cross_without_a_vertex_in_common_do_not_meet(roads, corridors):
    # network_check.md 1.2: DT749 and Hung Vuong (Ben Cat) at 11.1538, 106.5908
    lines = corridors.set_index("id").geometry
    assert lines["dt749"].crosses(lines["hung-vuong-ben-cat"])
    edges = streets(roads)
    of = {name: set(edges.u[edges.source_id == name]) for name in ("dt749", "hung-vuong-ben-cat")}
    assert not of["dt749"] & of["hung-vuong-ben-cat"]


def test_expressways_are_entered_only_at_shared_vertices(graph):
    # network_check.md 1.1: ct-hlt meets Mai Chi Tho, Vo Chi Cong, NR51 (and Ring Road 3 at Nhon Trach, an expressway)
    edges = streets(graph)
    motorway = edges[edges.highway == "motorway"]
    others = edges[edges.highway != "motorway"]
    entrances = set(motorway.u) & set(others.u)
    assert set(others[others.u.isin(entrances)].source_id) == {"mai-chi-tho", "vo-chi-cong", "nr51"}
    assert len(entrances) == 3


def test_carriageways_lanes_and_speeds_of_known_roads(roads):
    edges = streets(roads).drop_duplicates("source_id").set_index("source_id")
    assert edges.lanes["nr13"] == 6
    assert edges.free_kmh[["nr13", "dt745", "ct-hlt", "nr51"]].tolist() == [60, 50, 120, 80]
    # a free speed of 60 is the limit of a built-up dual carriageway (network_check.md 1.5): DT741 has one
    assert edges.divided[["nr13", "dt741", "dt745", "dt748", "nr51"]].tolist() == [True, True, False, False, True]
    assert edges.name["nr13"] == "Quốc lộ 13 (Đại lộ Bình Dương)"
    assert edges.kind.unique().tolist() == ["corridor"]
    assert edges.maxspeed_kmh.isna().all()


def test_built_up_is_inside_a_ward_and_in_the_city_but_not_in_communes(roads):
    def at(u, v):
        return next(iter(roads[node_at(roads, u)][node_at(roads, v)].values()))["built_up"]

    assert at((10.97272, 106.67166), (10.97540, 106.66970))  # Go Dau, phường Thủ Dầu Một
    assert not at((11.28565, 106.63239), (11.30425, 106.63036))  # NR13 in xã Bàu Bàng
    assert at((10.82589, 106.71412), (10.83707, 106.71390))  # Bình Triệu, outside the province
    nr51 = streets(roads)[lambda edges: edges.source_id == "nr51"]
    assert not nr51.built_up.any()


# the whole network ---------------------------------------------------------------------------------------------------


def test_the_network_is_one_piece_and_says_what_it_is(graph):
    assert nx.number_weakly_connected_components(graph) == 1
    assert nx.is_strongly_connected(graph)
    assert graph.graph["name"] == "strategic"
    assert graph.graph["walk_off_m"] == 300
    assert graph.graph["crs"] == CRS
    assert graph.graph["left_out_nodes"] <= 5


def test_every_street_runs_both_ways_as_the_same_street(graph):
    edges = streets(graph)
    back = edges.rename(columns={"u": "v", "v": "u"})
    columns = ["u", "v", *edges.columns.drop(["u", "v"])]
    pd.testing.assert_frame_equal(
        edges.sort_values(["u", "v"], ignore_index=True)[columns],
        back.sort_values(["u", "v"], ignore_index=True)[columns],
    )


def test_edges_have_the_network_schema(graph):
    edges = streets(graph)
    ends = edges[["u", "v"]].map(lambda node: (graph.nodes[node]["x"], graph.nodes[node]["y"]))
    straight = [np.hypot(a[0] - b[0], a[1] - b[1]) for a, b in ends.itertuples(index=False)]
    np.testing.assert_allclose(edges.length, straight, rtol=1e-9)
    slow = edges[["allow_walk", "allow_bicycle", "allow_motorbike"]]
    assert not slow[edges.highway == "motorway"].any(axis=None)
    assert slow[edges.highway != "motorway"].all(axis=None)
    assert edges[["allow_car", "allow_truck"]].all(axis=None)
    for column in ("allow_walk", "allow_bicycle", "allow_motorbike", "allow_car", "allow_truck", "divided", "built_up"):
        assert edges[column].map(type).eq(bool).all()
    assert set(edges.kind) == {"corridor", "lattice"}
    assert (edges.highway[edges.kind == "lattice"] == "local").all()
    np.testing.assert_allclose(edges.travel_time, travel_costs(edges, MODES["car"]).seconds)
    assert np.isfinite(edges.travel_time).all()


def test_no_local_connector_crosses_the_edge_of_the_province(graph, wards):
    local = streets(graph)[lambda edges: edges.kind == "lattice"]
    ends = [
        [(graph.nodes[node]["x"], graph.nodes[node]["y"]) for node in pair]
        for pair in zip(local.u, local.v, strict=True)
    ]
    lines = shapely.linestrings(np.array(ends))
    province = shapely.union_all(wards.geometry.to_numpy())
    assert shapely.length(shapely.difference(lines, province)).max() == 0


def test_the_lattice_fills_the_province(graph, wards):
    points = np.array([(data["x"], data["y"]) for node, data in graph.nodes(data=True) if node <= -(10**9)])
    # one point for every 25 ha of 2,697.48 km2 (network_check.md 3): 10,790, give or take the rim
    assert len(points) == pytest.approx(2697.48 / 0.25, rel=0.005)
    assert np.array_equal(points % 500, np.zeros_like(points))
    degree = pd.Series(dict(graph.out_degree()))
    assert degree[degree.index <= -(10**9)].median() == 4


def test_expressways_never_join_the_lattice_and_roads_in_the_province_do(graph, wards):
    edges = streets(graph)
    joins = edges[(edges.kind == "lattice") & (edges.u > -(10**9))]
    assert joins.length.max() <= 500
    assert not joins.u.duplicated().any()
    only_motorway = set(edges.u[edges.highway == "motorway"]) - set(edges.u[edges.highway.isin(["trunk", "primary"])])
    assert not only_motorway & set(joins.u)
    # nearly every corridor node in the province has a lattice point in sight
    nodes = sorted(set(edges.u[edges.kind == "corridor"]))
    xy = np.array([(graph.nodes[node]["x"], graph.nodes[node]["y"]) for node in nodes])
    inside = shapely.contains_xy(shapely.union_all(wards.geometry.to_numpy()), xy)
    assert inside.sum() * 0.99 <= len(joins) <= inside.sum()


def test_motorbikes_never_ride_on_expressways(graph):
    edges = streets(graph)
    riding = travel_costs(edges, MODES["motorbike"])
    assert np.isinf(riding.seconds[edges.highway == "motorway"]).all()
    assert np.isfinite(riding.seconds[edges.highway != "motorway"]).all()
    # Cat Lai to Cai Mep: cars take the expressway, motorbikes go round by Tân Vạn and NR51 and are slower
    for mode, expressway in (("car", True), ("truck", True), ("motorbike", False), ("walk", False)):
        cost = travel_costs(edges, MODES[mode]).seconds.to_numpy()
        open_ = np.isfinite(cost)
        travelled = nx.DiGraph()
        travelled.add_weighted_edges_from(zip(edges.u[open_], edges.v[open_], cost[open_], strict=True))
        path = nx.dijkstra_path(travelled, node_at(graph, CAT_LAI), node_at(graph, CAI_MEP))
        classes = {graph.edges[u, v, 0]["highway"] for u, v in itertools.pairwise(path)}
        assert ("motorway" in classes) is expressway, mode


def test_every_place_of_the_province_is_reached_and_none_faster_than_the_law(graph):
    start = node_at(graph, LAI_UYEN)
    times = nx.single_source_dijkstra_path_length(graph, start, weight="travel_time")
    assert len(times) == len(graph)
    x, y = graph.nodes[start]["x"], graph.nodes[start]["y"]
    flight = {node: np.hypot(data["x"] - x, data["y"] - y) for node, data in graph.nodes(data=True)}
    # 120 km/h is the highest limit (TRV-011); the farthest corner lies some 65 km away, at 25 km/h or more by any road
    assert all(seconds >= flight[node] / (120 / 3.6) - 1e-6 for node, seconds in times.items())
    assert max(seconds for node, seconds in times.items() if node <= -(10**9)) < 2.5 * 3600


def test_two_builds_are_equal_and_do_not_depend_on_the_order_of_wards(corridors, wards, graph):
    again = strategic_graph(corridors, wards.iloc[::-1])
    assert list(again.nodes(data=True)) == list(graph.nodes(data=True))
    pd.testing.assert_frame_equal(streets(again), streets(graph))


def test_layers_are_left_as_they_were(corridors, wards):
    before = corridors.copy(deep=True), wards.copy(deep=True)
    strategic_graph(corridors, wards)
    pd.testing.assert_frame_equal(corridors, before[0])
    pd.testing.assert_frame_equal(wards, before[1])


# people --------------------------------------------------------------------------------------------------------------


def test_people_on_the_lattice_add_up_to_the_province(graph, wards):
    demand = lattice_demand(graph, wards, embedded_population(wards))
    assert demand.people.sum() == pytest.approx(2_626_670, rel=1e-9)  # p041, network_check.md 3
    assert known_units(demand) == (34, 36)
    by_ward = demand.groupby("unit_id").people
    # admin_units.csv: Dĩ An 227,817 people; Long Nguyên and Phước Hòa unknown
    assert by_ward.sum()["n-25942"] == pytest.approx(227_817, rel=1e-9)
    assert demand.people[demand.unit_id.isin(["n-25840", "n-25882"])].isna().all()
    assert demand.people[~demand.unit_id.isin(["n-25840", "n-25882"])].gt(0).all()
    assert by_ward.nunique().max() == 1
    assert not demand.node.duplicated().any()
    assert set(demand.node) == {node for node in graph if node <= -(10**9)}
    inside = demand.merge(wards[["id", "geometry"]], left_on="unit_id", right_on="id", suffixes=("", "_ward"))
    assert shapely.intersects(inside.geometry.to_numpy(), inside.geometry_ward.to_numpy()).all()


def test_a_ward_without_a_lattice_point_has_its_people_at_the_nearest_node():
    wards = gpd.GeoDataFrame(
        {"id": ["big", "tiny"], "name_vi": ["Phường A", "Xã B"]},
        geometry=[shapely.box(-100, -100, 2100, 1100), shapely.box(1150, 1100, 1350, 1300)],
        crs=CRS,
    )
    people = pd.DataFrame(
        {"unit": ["tiny", "big", "big", "else"], "people": [7, 30, 10, 99], "year": [2025, 2025, 2019, 2025]}
    )
    graph = lattice_graph(wards)
    demand = lattice_demand(graph, wards, people)
    tiny = demand[demand.unit_id == "tiny"].iloc[0]
    assert (tiny.people, tiny.geometry.x, tiny.geometry.y) == (7, 1000, 1000)
    assert demand.people.sum() == pytest.approx(37)
    assert (demand.unit_id == "big").sum() == 15  # 0 … 2000 by 0 … 1000


def test_a_point_on_the_line_between_two_wards_counts_once():
    halves = gpd.GeoDataFrame(
        {"id": ["west", "east"], "name_vi": ["Phường A", "Phường B"]},
        geometry=[shapely.box(-100, -100, 500, 100), shapely.box(500, -100, 1100, 100)],
        crs=CRS,
    )
    people = pd.DataFrame({"unit": ["west", "east"], "people": [10, 20]})
    demand = lattice_demand(lattice_graph(halves), halves, people)
    assert demand.unit_id.tolist() == ["west", "west", "east"]
    assert demand.people.tolist() == [5, 5, 20]
    assert not demand.node.duplicated().any()


# made-up places ------------------------------------------------------------------------------------------------------


def road(name, xy, **known):
    row = {"id": name, "name_vi": name.upper(), "mode": "road", "status": "operating", "road_class": "secondary"}
    return row | {"free_speed_kmh": 50.0, "lanes": None, "geometry": shapely.LineString(xy)} | known


def layer(*rows):
    return gpd.GeoDataFrame(list(rows), crs=CRS)


def ward(*polygons, names=("Phường A",)):
    ids = [f"w{number}" for number in range(len(polygons))]
    return gpd.GeoDataFrame({"id": ids, "name_vi": list(names)}, geometry=list(polygons), crs=CRS)


FAR = ward(shapely.box(1e5, 1e5, 1.02e5, 1.02e5))


def test_a_stretch_of_two_corridors_is_kept_once_as_the_higher_class():
    shared = [(0, 0), (300, 0)]
    graph = corridor_graph(
        layer(
            road("slow", [*shared, (300, 300)]),
            road("fast", [*shared[::-1], (0, 300)], road_class="primary", free_speed_kmh=60.0),
        ),
        FAR,
    )
    edges = streets(graph)
    assert edges.groupby("source_id").length.sum().to_dict() == {"fast;slow": 600, "slow": 600, "fast": 600}
    both = edges[edges.source_id == "fast;slow"].iloc[0]
    assert (both.highway, both.free_kmh, both["name"]) == ("primary", 60, "FAST")


def test_of_two_corridors_of_one_class_the_faster_is_kept():
    graph = corridor_graph(
        layer(road("a", [(0, 0), (300, 0)]), road("b", [(0, 0), (300, 0)], free_speed_kmh=80.0)), FAR
    )
    assert streets(graph)[["source_id", "free_kmh"]].drop_duplicates().to_numpy().tolist() == [["b;a", 80.0]]


def test_a_corridor_that_repeats_a_vertex_has_no_edge_of_length_zero():
    graph = corridor_graph(layer(road("a", [(0, 0), (0, 0), (300, 0), (300, 0)])), FAR)
    assert streets(graph).length.tolist() == [300, 300]


def test_pieces_are_equal_and_the_longest_that_fit():
    lengths = streets(corridor_graph(layer(road("a", [(0, 0), (1000, 0), (1000, 400)])), FAR)).length
    assert sorted(lengths) == pytest.approx([1000 / 3] * 6 + [400] * 2)


def test_the_status_may_carry_a_note_and_works_are_never_routed():
    drawn = layer(
        road("a", [(0, 0), (300, 0)], status="operating; widening"),
        road("b", [(0, 0), (0, 300)], status="under_construction"),
        road("c", [(0, 0), (0, 300)], status=None),
        road("d", [(0, 0), (0, 300)], mode="rail"),
        road("e", [(0, 0), (0, 300)]) | {"geometry": None},
    )
    assert set(streets(corridor_graph(drawn, FAR)).source_id) == {"a"}
    with pytest.raises(NetworkError, match="No road in operation"):
        corridor_graph(drawn[1:], FAR)


def test_connectors_do_not_leap_over_a_notch_of_the_province():
    # two legs 600 m wide with a river of 300 m between them, joined in the south
    horseshoe = shapely.box(-50, -50, 1550, 2050) - shapely.box(600, 600, 900, 3000)
    graph = lattice_graph(ward(horseshoe))
    at = {(data["x"], data["y"]): node for node, data in graph.nodes(data=True)}
    assert graph.has_edge(at[500, 500], at[1000, 500])
    assert not graph.has_edge(at[500, 1000], at[1000, 1000])
    assert nx.shortest_path_length(graph, at[500, 2000], at[1000, 2000], weight="length") == 3500


def test_a_road_on_the_far_bank_is_not_joined():
    banks = ward(shapely.box(-50, -50, 2050, 1050))
    far_bank, bridge = road("far", [(0, 1200), (2000, 1200)]), road("bridge", [(0, 1200), (0, 900)])
    graph = strategic_graph(layer(far_bank, bridge), banks)
    joins = streets(graph)[lambda edges: (edges.kind == "lattice") & (edges.u > -(10**9))]
    assert [graph.nodes[node]["y"] for node in joins.u] == [900]


def test_an_expressway_through_the_lattice_is_joined_only_where_a_road_meets_it():
    field = ward(shapely.box(-50, -50, 4050, 2050))
    fast = road("ct", [(100, 1100), (2000, 1100), (3900, 1100)], mode="expressway", road_class="motorway")
    graph = strategic_graph(layer(fast, road("a", [(2000, 1100), (2000, 400)])), field)
    joins = streets(graph)[lambda edges: (edges.kind == "lattice") & (edges.u > -(10**9))]
    assert {graph.nodes[node]["x"] for node in joins.u} == {2000}


def test_settings_shape_the_network(wards):
    slow = streets(lattice_graph(wards[:1], StrategicSettings(local_kmh=18, local_detour=1.5)))
    assert slow.length.unique() == pytest.approx([750])
    assert slow.travel_time.unique() == pytest.approx([750 / 18 * 3.6])
    assert set(SETTING_REASONS) == set(StrategicSettings.__dataclass_fields__)


def test_a_lattice_wider_than_the_province_leaves_the_corridors_alone(corridors, wards, roads):
    alone = strategic_graph(corridors, wards, StrategicSettings(cut_m=1e6, lattice_m=1e6))
    assert alone.number_of_edges() == roads.number_of_edges()
    with pytest.raises(NetworkError, match="no street"):
        lattice_graph(wards, StrategicSettings(lattice_m=1e6))


@pytest.mark.parametrize(
    "wrong", [{"lattice_m": 0}, {"cut_m": -1}, {"local_kmh": float("nan")}, {"local_detour": 0.9}, {"lattice_m": 10}]
)
def test_settings_that_make_no_sense_are_refused(wrong):
    with pytest.raises(InputError):
        StrategicSettings(**wrong)


def test_layers_must_share_a_projected_crs(corridors, wards):
    with pytest.raises(NetworkError, match="coordinate system"):
        strategic_graph(corridors, wards.set_crs("EPSG:3405", allow_override=True))
    degrees = (frame.set_crs("EPSG:4326", allow_override=True) for frame in (corridors, wards))
    with pytest.raises(NetworkError, match="coordinate system"):
        strategic_graph(*degrees)
    with pytest.raises(NetworkError, match="coordinate system"):
        lattice_graph(gpd.GeoDataFrame(wards.drop(columns="geometry"), geometry=wards.geometry.to_numpy()))


@pytest.mark.parametrize(
    ("text", "lanes"),
    [
        ("6 (8 after widening)", 6),
        ("12–16", 12),
        ("2 (6 planned)", 2),
        (4, 4),
        (None, None),
        ("double track", None),
        (pd.NA, None),
    ],
)
def test_lanes_are_the_first_number_of_the_text(text, lanes):
    found = lane_count(text)
    assert np.isnan(found) if lanes is None else found == lanes
