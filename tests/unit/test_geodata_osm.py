"""Test geodata.osm: the town's street graph, edge by edge, and against osmnx's own reader."""

from __future__ import annotations

import math

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely
from pyproj import CRS, Geod

from geodata.crs import PLANNING_CRS, lonlat_to_planning
from geodata.osm import street_graph
from geodata.osmfile import read_streets
from geodata.osmreport import StreetReport
from geodata.osmtags import MODES
from geodata.watch import StoppedError, Watch
from tests.data.osm_town import LAT, LON, STEP, WAYS, node_id, places, write_town
from zoning.errors import BadFileError, InputError

SCHEMA = {
    "length": float, "travel_time": float, "highway": str, "name": str, "kind": str, "maxspeed_kmh": float,
    "free_kmh": float, "lanes": float, "divided": bool, "built_up": bool, "source_id": str,
    **dict.fromkeys((f"allow_{mode}" for mode in MODES), bool),
}  # fmt: skip


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return read_streets(write_town(tmp_path_factory.mktemp("town") / "town.osm"))


@pytest.fixture(scope="module")
def built(source):
    return street_graph(source)


@pytest.fixture(scope="module")
def graph(built):
    return built[0]


def edges(graph, way):
    """Return the edges made of a way, {(u, v): attributes}."""
    return {(u, v): d for u, v, d in graph.edges(data=True) if str(way) in d["source_id"].split(";")}


def modes(data):
    return "".join(mode[0] for mode in MODES if data[f"allow_{mode}"])


def usable(graph, mode):
    """Return the part of the graph that a mode may use."""
    return graph.edge_subgraph([e for e in graph.edges(keys=True) if graph.edges[e][f"allow_{mode}"]])


def test_schema(graph):
    assert CRS(graph.graph["crs"]) == PLANNING_CRS
    assert graph.graph["name"] == "streets"
    assert graph.graph["walk_off_m"] == 50
    for _, _, data in graph.edges(data=True):
        assert set(data) - {"geometry"} == set(SCHEMA)
        for name, kind in SCHEMA.items():
            assert type(data[name]) is kind, name
        assert data["kind"] == "street"
        assert any(data[f"allow_{mode}"] for mode in MODES)


def test_nodes_are_placed_by_the_pinned_operation(graph):
    where = places()
    for node, data in graph.nodes(data=True):
        east, north = lonlat_to_planning(*where[node])
        assert (data["x"], data["y"]) == (pytest.approx(float(east)), pytest.approx(float(north)))


def test_only_junctions_ends_and_changes_are_nodes(graph):
    assert node_id(1.2, 0.4) not in graph  # a bend
    assert node_id(0.2, 5) not in graph  # only in an area
    assert node_id(2, 1) in graph  # a junction of two ways of equal tags
    assert node_id(2, 3.5) not in graph
    assert node_id(8.2, 8) not in graph


def test_lengths_are_geodesic_and_lines_run_from_u_to_v(graph):
    geod = Geod(ellps="WGS84")
    where = places()
    for u, v, data in graph.edges(data=True):
        ends = [shapely.Point(graph.nodes[n]["x"], graph.nodes[n]["y"]) for n in (u, v)]
        line = data.get("geometry", shapely.LineString(ends))
        assert line.boundary.is_empty or shapely.Point(line.coords[0]).distance(ends[0]) < 1e-6
        assert shapely.Point(line.coords[-1]).distance(ends[1]) < 1e-6
        # a sphere of the mean radius against the ellipsoid: at most half a per cent
        assert line.length == pytest.approx(data["length"], rel=6e-3)
        if "geometry" not in data:
            assert data["length"] == pytest.approx(geod.inv(*where[u], *where[v])[2], rel=6e-3)


def test_alleys_are_for_feet_and_two_wheels(graph):
    pair = edges(graph, 20)
    assert set(pair) == {(node_id(1, 0), node_id(1, 1)), (node_id(1, 1), node_id(1, 0))}
    for data in pair.values():
        assert (data["highway"], data["name"], modes(data)) == ("alley", "Hẻm 5", "wbm")
        assert math.isinf(data["travel_time"])
        assert len(data["geometry"].coords) == 4
    assert [modes(data) for data in edges(graph, 21).values()] == ["wbmc", "wbmc"]


def test_one_way_streets_are_open_backwards_to_walkers(graph):
    along = {4: [(0, 2), (1, 2)], 5: [(3, 3), (2, 3)], 6: [(1, 3), (0, 3)]}
    for way, (start, end) in along.items():
        u, v = node_id(*start), node_id(*end)
        found = edges(graph, way)
        assert modes(found[u, v]) == "wbmct", way
        assert modes(found[v, u]) == "w", way
        assert math.isfinite(found[u, v]["travel_time"])
        assert math.isinf(found[v, u]["travel_time"])


def test_one_way_streets_drawn_head_on_are_not_joined(tmp_path):
    ways = {
        1: ([(0, 0), (1, 0), (2, 0)], {"highway": "residential", "oneway": "yes"}),
        2: ([(4, 0), (3, 0), (2, 0)], {"highway": "residential", "oneway": "yes"}),  # both run into (2, 0)
        3: ([(4, 0), (5, 0), (6, 0)], {"highway": "residential", "oneway": "yes"}),  # 2 and 3 both leave (4, 0)
        4: ([(6, 0), (7, 0), (8, 0)], {"highway": "residential", "oneway": "yes"}),
        5: ([(9, 0), (8, 0)], {"highway": "residential", "oneway": "-1"}),  # goes on from 4
    }
    graph, _ = street_graph(read_streets(write_town(tmp_path / "one.osm", ways=ways)))
    assert set(graph) == {node_id(x, 0) for x in (0, 2, 4, 9)}
    cars = usable(graph, "car")
    assert {(u, v) for u, v in cars.edges()} == {
        (node_id(0, 0), node_id(2, 0)),
        (node_id(4, 0), node_id(2, 0)),
        (node_id(4, 0), node_id(9, 0)),
    }
    assert edges(graph, 3)[node_id(4, 0), node_id(9, 0)]["source_id"] == "3;4;5"
    assert usable(graph, "walk").number_of_edges() == 6


def test_expressways_take_cars_and_trucks_only_in_one_direction(graph):
    found = edges(graph, 31)
    assert all(modes(data) == "ct" for data in found.values())
    assert (node_id(6, -2.2), node_id(-2, -2.2)) in found
    assert (node_id(-2, -2.2), node_id(6, -2.2)) not in found
    assert all(modes(data) == "ct" for data in edges(graph, 34).values())
    assert all(modes(data) == "mct" for data in edges(graph, 35).values())


def test_no_motorbike_walker_or_bicycle_ever_meets_a_motorway(graph):
    for mode in ("walk", "bicycle", "motorbike"):
        ways = {way for _, _, data in usable(graph, mode).edges(data=True) for way in data["source_id"].split(";")}
        assert not any(WAYS[int(way)][1]["highway"].startswith("motorway") for way in ways)
        assert ways  # the check had something to look at


def test_the_river_is_crossed_on_its_bridge_only(graph):
    north, south = node_id(4, 4), node_id(4, 3)
    for mode in ("walk", "motorbike", "car"):
        part = usable(graph, mode)
        assert nx.has_path(part, south, north)
        without = part.edge_subgraph(
            [e for e in part.edges(keys=True) if "9" not in part.edges[e]["source_id"].split(";")]
        )
        assert not nx.has_path(without, south, north)


def test_speeds_lanes_and_names(graph):
    primary = next(iter(edges(graph, 1).values()))
    assert (primary["name"], primary["lanes"], primary["divided"]) == ("Đường Số 1", 4, False)
    assert math.isnan(primary["maxspeed_kmh"])
    secondary = edges(graph, 4)[node_id(0, 2), node_id(1, 2)]
    assert (secondary["maxspeed_kmh"], secondary["divided"]) == (50, True)
    assert secondary["travel_time"] == pytest.approx(secondary["length"] / 50 * 3.6)
    assert all(data["divided"] for data in edges(graph, 31).values())


def test_the_same_graph_as_osmnx_makes_of_the_walkable_ways(tmp_path):
    """osmnx reads its own XML; told to take every way as two-way, it must find the same nodes and lengths."""
    import osmnx as ox

    ways = {n: way for n, way in WAYS.items() if n in range(1, 12) or n in (20, 21, 22, 40, 41, 42, 43, 44, 60)}
    path = write_town(tmp_path / "walk.osm", ways=ways)
    ours, _ = street_graph(read_streets(path))
    theirs = ox.simplify_graph(
        ox.graph_from_xml(path, bidirectional=True, simplify=False, retain_all=True),
        edge_attrs_differ=["highway", "name", "maxspeed", "lanes", "oneway", "bridge"],
    )
    walk = usable(ours, "walk")
    # "bridge" is no attribute of ours, and oneway=-1 against yes is the same street to us
    assert set(walk) <= set(theirs)
    assert set(theirs) - set(walk) <= {node_id(2, 3)}
    for component in nx.weakly_connected_components(theirs):
        both = [sum(d["length"] for *_, d in g.subgraph(component).edges(data=True)) for g in (walk, theirs)]
        assert both[0] == pytest.approx(both[1], rel=1e-9)


def test_built_up_follows_wards_unless_a_tag_says(tmp_path):
    ways = {
        1: ([(0, 0), (1, 0), (2, 0), (3, 0)], {"highway": "primary"}),
        2: ([(0, 1), (3, 1)], {"highway": "primary", "source:maxspeed": "VN:rural"}),
        3: ([(2, 2), (3, 2)], {"highway": "primary", "maxspeed": "VN:urban"}),
    }
    east, north = lonlat_to_planning([LON - STEP, LON + 1.5 * STEP, LON + 9 * STEP], [LAT - STEP, LAT, LAT + 9 * STEP])
    wards = gpd.GeoDataFrame(
        {"name_vi": ["Phường Một", "Xã Hai"]},
        geometry=[shapely.box(east[0], north[0], east[1], north[2]), shapely.box(east[1], north[0], east[2], north[2])],
        crs=PLANNING_CRS,
    )
    source = read_streets(write_town(tmp_path / "wards.osm", ways=ways))
    graph, _ = street_graph(source, wards=wards)
    found = {(u, v): d["built_up"] for (u, v), d in edges(graph, 1).items()}
    # the middle stretch lies half in each ward, and its middle on their border: there phường counts
    first, second = (node_id(0, 0), node_id(2, 0)), (node_id(2, 0), node_id(3, 0))
    assert (found[first], found[second]) == (True, False)
    assert not any(d["built_up"] for d in edges(graph, 2).values())
    assert all(d["built_up"] for d in edges(graph, 3).values())
    everywhere, _ = street_graph(source)
    assert all(d["built_up"] for d in edges(everywhere, 1).values())


def test_report_counts_every_way_and_kilometre(built, source):
    graph, report = built
    dropped = {drop.reason: drop.ways for drop in report.dropped}
    assert dropped == {"unbuilt": 1, "not_street": 1, "area": 1, "closed": 2}
    assert report.kept_ways + sum(dropped.values()) == report.ways == len(source.ways)
    assert (report.nodes, report.edges) == (graph.number_of_nodes(), graph.number_of_edges())
    geod = Geod(ellps="WGS84")
    km = {
        way: geod.line_length(*zip(*(places()[node_id(x, y)] for x, y in line), strict=True)) / 1000
        for way, (line, tags) in WAYS.items()
        if "highway" in tags
    }
    assert report.kept_km + sum(drop.km for drop in report.dropped) == pytest.approx(sum(km.values()), rel=6e-3)
    assert report.kept_km == pytest.approx(sum(km for _, km in report.km_by_class))
    assert report.islands == 1
    assert report.island_nodes == 2
    assert report.alley_km == pytest.approx(km[20] + km[21], rel=6e-3)


def test_report_speaks(built):
    _, report = built
    assert isinstance(report, StreetReport)
    said = report.sentences()
    assert len(said) == len(report.dropped) + 5
    assert "2021-02-03" in said[-1]
    assert all("{" not in sentence for sentence in said)
    table = report.table(lambda text: text.upper())
    assert list(table.columns) == ["reason", "ways", "km"]
    assert table.reason.str.isupper().all()


def test_streets_far_from_the_study_area_are_cut_and_counted(source):
    box = (LON - STEP, LAT - STEP, LON + 5 * STEP, LAT + 5.5 * STEP)
    graph, report = street_graph(source, bbox=box, margin_m=20)
    dropped = {drop.reason: drop for drop in report.dropped}
    assert dropped["outside"].ways >= 3  # both expressways and the island
    assert node_id(8, 8) not in graph
    assert node_id(0, -2) in graph  # a stretch with one end inside is kept whole
    assert not any(data["highway"] == "motorway" for *_, data in graph.edges(data=True))
    whole, _ = street_graph(source, bbox=box, margin_m=2_000)
    assert node_id(8, 8) in whole


def test_another_region_is_refused_unless_its_own_system_is_named(tmp_path):
    path = write_town(tmp_path / "poa.osm", lon=-51.2, lat=-30.03)
    with pytest.raises(BadFileError, match=r"no streets in the study area.*-51.198"):
        street_graph(read_streets(path))
    graph, _ = street_graph(read_streets(path), crs="EPSG:32722")
    assert CRS(graph.graph["crs"]).to_epsg() == 32722
    x = np.array([data["x"] for _, data in graph.nodes(data=True)])
    assert ((x > 400_000) & (x < 500_000)).all()


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:3405", "EPSG:2264"])
def test_systems_that_are_not_plane_metres_are_refused(source, crs):
    with pytest.raises(InputError, match="projected system in metres"):
        street_graph(source, crs=crs)


@pytest.mark.parametrize(
    "box", [(106.8, 10.8, 106.5, 11.2), (10.8, 106.5, 11.2, 106.8), (math.nan, 0, 1, 1), (0, 0, 0, 0)]
)
def test_boxes_that_are_none_are_refused(source, box):
    with pytest.raises(InputError, match="west, south, east, north"):
        street_graph(source, bbox=box)


def test_missing_points_break_a_way_and_are_reported(tmp_path):
    path = write_town(tmp_path / "gap.osm", leave_out={node_id(1, 4)})
    graph, report = street_graph(read_streets(path))
    assert {drop.reason: drop.ways for drop in report.dropped}["broken"] == 2
    assert edges(graph, 10)
    assert not any({node_id(0, 4), node_id(2, 4)} == {u, v} for u, v in graph.edges())
    nothing = write_town(tmp_path / "none.osm", leave_out=set(places()))
    with pytest.raises(BadFileError, match="none of their points"):
        street_graph(read_streets(nothing))


def test_equal_input_equal_graph(source, graph):
    again, _ = street_graph(source)
    assert list(again.nodes(data=True)) == list(graph.nodes(data=True))
    for one, other in zip(graph.edges(keys=True, data=True), again.edges(keys=True, data=True), strict=True):
        assert one[:3] == other[:3]
        assert str(one[3]) == str(other[3])


def test_progress_and_stopping(source):
    shares = []
    street_graph(source, watch=Watch(lambda step, share: shares.append(share)))
    assert shares == sorted(shares)
    assert shares[-1] == 1
    with pytest.raises(StoppedError):
        street_graph(source, watch=Watch(cancelled=lambda: True))
