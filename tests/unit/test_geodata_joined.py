"""Test geodata.coverage, geodata.joints and geodata.joined on a made-up grid of streets with roads that leave it."""

from __future__ import annotations

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely

from geodata.coverage import CELL_M, street_coverage
from geodata.crs import PLANNING_CRS, lonlat_to_planning
from geodata.joined import FIRST_ID, joined_graph
from geodata.joints import JOIN_M
from geodata.osm import street_graph
from geodata.osmfile import read_streets
from geodata.osmtags import MODES
from geodata.streetlayer import streets_layer
from tests.data.osm_town import LAT, LON, STEP, write_town
from zoning.errors import NetworkError
from zoning.reach import TravelNetwork

SIZE = 20  # the grid of streets has SIZE steps of about 110 m a side
MIDDLE = SIZE // 2


def at(x, y):
    """Return the metres of a place on the town's grid."""
    east, north = lonlat_to_planning(LON + x * STEP, LAT + y * STEP)
    return float(east), float(north)


def grid_ways(main=("primary", {})):
    """Return a grid of residential streets with one main road through the middle, west to east."""
    ways = {}
    for line in range(0, SIZE + 1, 2):
        ways[100 + line] = ([(x, line) for x in range(0, SIZE + 1, 2)], {"highway": "residential"})
        ways[200 + line] = ([(line, y) for y in range(0, SIZE + 1, 2)], {"highway": "residential"})
    highway, tags = main
    ways[1] = ([(x, MIDDLE) for x in range(0, SIZE + 1, 2)], {"highway": highway, "name": "Đại lộ", **tags})
    del ways[100 + MIDDLE]
    return ways


def streets(tmp_path, ways):
    return streets_layer(street_graph(read_streets(write_town(tmp_path / "grid.osm", ways=ways)))[0])


def strategic(lines, *, cut=4.0):
    """Return a strategic graph of straight roads [(start, end, kind, highway)] on the grid, cut every `cut` steps."""
    graph = nx.MultiDiGraph(crs="EPSG:9210", name="strategic", walk_off_m=300.0)
    numbers: dict[tuple[float, float], int] = {}
    for start, end, kind, highway in lines:
        count = max(round(np.hypot(end[0] - start[0], end[1] - start[1]) / cut), 1)
        places = [tuple(np.round(np.add(start, np.subtract(end, start) * i / count), 6)) for i in range(count + 1)]
        nodes = [numbers.setdefault(place, -1 - len(numbers)) for place in places]
        graph.add_nodes_from(
            (n, dict(zip("xy", at(*place), strict=True))) for n, place in zip(nodes, places, strict=True)
        )
        for u, v in zip(nodes, nodes[1:], strict=False):
            length = float(np.hypot(*(graph.nodes[u][way] - graph.nodes[v][way] for way in "xy")))
            data = {
                "length": length, "travel_time": length / 50 * 3.6, "highway": highway, "name": "Quốc lộ", "kind": kind,
                "maxspeed_kmh": np.nan, "free_kmh": 50.0, "lanes": np.nan, "divided": False, "built_up": True,
                "source_id": "corridor", **{f"allow_{mode}": True for mode in MODES},
            }  # fmt: skip
            graph.add_edge(u, v, **data)
            graph.add_edge(v, u, **data)
    return graph


@pytest.fixture
def grid(tmp_path):
    return streets(tmp_path, grid_ways())


@pytest.fixture
def through():
    """A corridor beside the main road, 60 m off as a generalised one is, from far west to far east."""
    return strategic([((-30, MIDDLE + 0.5), (SIZE + 30, MIDDLE + 0.5), "corridor", "primary")])


def area_of(frame):
    return street_coverage(frame.geometry.to_numpy())


def seconds(graph, start, end):
    network = TravelNetwork.from_graph(graph)
    ends = [
        gpd.GeoSeries([shapely.Point(graph.nodes[n]["x"], graph.nodes[n]["y"])], crs=PLANNING_CRS) for n in (start, end)
    ]
    return network.minutes_matrix(*ends, limit_min=120)[0, 0] * 60


def outermost(graph, *, west):
    corridor = [n for n in graph if -FIRST_ID < n < 0]
    return (min if west else max)(corridor, key=lambda n: graph.nodes[n]["x"])


def test_coverage_holds_the_streets_and_not_the_ends_that_stick_out():
    block = [shapely.LineString([(0, y), (5_000, y)]) for y in range(0, 5_001, 500)]
    tail = shapely.LineString([(5_000, 2_500), (25_000, 2_500)])
    area = street_coverage(np.array([*block, tail]))
    assert area.geom_type == "Polygon"
    assert shapely.box(300, 300, 4_700, 4_700).within(area)
    assert area.within(shapely.box(-CELL_M, -CELL_M, 5_000 + 6 * CELL_M, 5_000 + 2 * CELL_M))
    only_tail = street_coverage(np.array([tail]))
    assert tail.within(only_tail.buffer(1e-6))
    assert street_coverage(np.array([], dtype=object)).is_empty


def test_coverage_spans_a_river_and_not_a_lake():
    lines = [shapely.LineString([(0, y), (10_000, y)]) for y in (*range(0, 3_001, 250), *range(4_500, 8_001, 250))]
    river = street_coverage(np.array(lines))
    assert river.contains(shapely.Point(5_000, 3_750))
    lines = [shapely.LineString([(0, y), (10_000, y)]) for y in (*range(0, 3_001, 250), *range(6_500, 9_001, 250))]
    assert not street_coverage(np.array(lines)).contains(shapely.Point(5_000, 4_750))


def test_a_corridor_goes_on_where_the_streets_end(grid, through):
    graph, report = joined_graph(grid, through, area_of(grid))
    assert (report.cut, report.ends, report.joined, report.newer) == (2, 2, 2, 0)
    assert report.replaced > 0
    west, east = outermost(graph, west=True), outermost(graph, west=False)
    straight = seconds(through, outermost(through, west=True), outermost(through, west=False))
    assert set(through) > {n for n in graph if -FIRST_ID < n < 0} > {west, east}
    for start, end in ((west, east), (east, west)):
        assert straight * 0.98 < seconds(graph, start, end) < straight * 1.2


def test_inside_there_are_only_streets(grid, through):
    area = area_of(grid)
    graph, _ = joined_graph(grid, through, area)
    for u, v, data in graph.edges(data=True):
        line = shapely.LineString([(graph.nodes[n]["x"], graph.nodes[n]["y"]) for n in (u, v)])
        if data["kind"] == "corridor" and max(u, v) < 0 and min(u, v) > -2 * FIRST_ID:
            assert not line.buffer(-1e-6).intersects(area.buffer(-1)), (u, v)
    kinds = {data["kind"] for *_, data in graph.edges(data=True)}
    assert kinds == {"street", "corridor"}
    assert graph.graph["name"] == "streets"
    assert graph.graph["walk_off_m"] == 50


def test_a_street_that_is_joined_keeps_its_length_and_shape(grid, through):
    graph, _ = joined_graph(grid, through, area_of(grid))
    before = grid.set_index("source_id").geometry.length
    for way in ("1", "100"):
        rows = grid[grid.source_id == way]
        total = sum(data["length"] for *_, data in graph.edges(data=True) if data["source_id"] == way)
        assert total == pytest.approx(2 * rows["length"].sum())
    assert before.notna().all()
    for *_, data in graph.edges(data=True):
        assert data["length"] > 0
        assert data["travel_time"] >= 0


def test_on_a_one_way_pair_one_arrives_on_one_side_and_leaves_from_the_other(tmp_path, through):
    ways = grid_ways()
    del ways[1]
    eastwards, westwards = [(x, MIDDLE) for x in range(SIZE + 1)], [(x, MIDDLE + 0.3) for x in range(SIZE, -1, -1)]
    ways[1] = (eastwards, {"highway": "trunk", "oneway": "yes"})
    ways[2] = (westwards, {"highway": "trunk", "oneway": "yes"})
    # the carriageways meet in the middle only: their ends are blind
    ways[3] = ([(MIDDLE, MIDDLE), (MIDDLE, MIDDLE + 0.3)], {"highway": "tertiary"})
    frame = streets(tmp_path, ways)
    main = frame[frame.highway.isin(["trunk", "tertiary"]) | (frame.source_id == str(200 + MIDDLE))]
    frame = frame[frame.index.isin(main.index) | ~frame.source_id.str.startswith("2")].reset_index(drop=True)
    graph, report = joined_graph(frame, through, area_of(frame))
    assert report.joined == 2
    west, east = outermost(graph, west=True), outermost(graph, west=False)
    assert np.isfinite(seconds(graph, west, east))
    assert np.isfinite(seconds(graph, east, west))
    for border in (n for n in graph if -2 * FIRST_ID < n <= -FIRST_ID):
        street = [
            n for n in (*graph.successors(border), *graph.predecessors(border)) if n not in range(-FIRST_ID + 1, 0)
        ]
        arriving = {n for n in graph.successors(border) if n in street}
        leaving = {n for n in graph.predecessors(border) if n in street}
        assert arriving
        assert leaving
        assert arriving != leaving


def test_an_expressway_joins_none_but_fast_roads(tmp_path):
    corridor = strategic([((-30, MIDDLE), (SIZE + 30, MIDDLE), "corridor", "motorway")])
    slow = streets(tmp_path, grid_ways(("residential", {})))
    graph, report = joined_graph(slow, corridor, area_of(slow))
    assert report.joined == 0
    assert report.newer > 0  # no street of the grid is that expressway: it stays whole
    fast = streets(tmp_path, grid_ways(("trunk", {})))
    graph, report = joined_graph(fast, corridor, area_of(fast))
    assert (report.joined, report.newer) == (2, 0)
    assert np.isfinite(seconds(graph, outermost(graph, west=True), outermost(graph, west=False)))


def test_a_road_built_since_the_streets_were_mapped_stays_and_is_joined(tmp_path):
    ways = grid_ways()
    frame = streets(tmp_path, ways)
    # it follows the main road into the town, then leaves it southwards where the map knows no main road
    corridor = strategic(
        [
            ((-30, MIDDLE), (6, MIDDLE), "corridor", "primary"),
            ((6, MIDDLE), (6, -30), "corridor", "primary"),
        ]
    )
    graph, report = joined_graph(frame, corridor, area_of(frame))
    assert report.newer > 0
    assert report.joined == report.ends == 2
    end = min((n for n in graph if -FIRST_ID < n < 0), key=lambda n: graph.nodes[n]["y"])
    assert np.isfinite(seconds(graph, outermost(graph, west=True), end))


def test_the_lattice_goes_on_around_the_streets(grid):
    rows = range(-30, SIZE + 31, 5)
    lattice = strategic(
        [((-30, y), (SIZE + 30, y), "lattice", "local") for y in rows]
        + [((x, -30), (x, SIZE + 30), "lattice", "local") for x in rows],
        cut=5,
    )
    area = area_of(grid)
    graph, report = joined_graph(grid, lattice, area)
    assert report.newer == 0
    assert report.joined == report.ends == report.cut > 10
    inside = [
        n
        for n in graph
        if n < 0 and n > -FIRST_ID and area.contains(shapely.Point(graph.nodes[n]["x"], graph.nodes[n]["y"]))
    ]
    assert inside == []
    assert nx.is_strongly_connected(nx.MultiDiGraph(graph.edges()))


def test_nothing_is_joined_beyond_the_limit(grid):
    away = SIZE + (6 * CELL_M + JOIN_M) / 110
    corridor = strategic([((0, away), (SIZE, away), "corridor", "primary")])
    graph, report = joined_graph(grid, corridor, area_of(grid))
    assert (report.replaced, report.cut, report.joined) == (0, 0, 0)
    assert graph.number_of_edges() == len(grid) + grid.open_back.sum() + corridor.number_of_edges()


def test_equal_input_equal_bytes(grid, through, tmp_path):
    for name in ("a", "b"):
        graph, _ = joined_graph(grid, through, area_of(grid))
        TravelNetwork.from_graph(graph).save(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_other_systems_and_empty_coverage_are_refused(grid, through):
    with pytest.raises(NetworkError, match="nothing to join"):
        joined_graph(grid, through, shapely.box(0, 0, 1, 1))
    through.graph["crs"] = "EPSG:32648"
    with pytest.raises(NetworkError, match="one projected coordinate system"):
        joined_graph(grid, through, area_of(grid))
