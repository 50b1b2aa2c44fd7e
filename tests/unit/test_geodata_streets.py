"""Test geodata.streets: the layer holds the whole street graph, and a failed load leaves the store as it was."""

from __future__ import annotations

import math

import geopandas as gpd
import pytest
import shapely

from geodata.crs import PLANNING_CRS
from geodata.osm import street_graph
from geodata.osmfile import read_streets
from geodata.overpass import OverpassSettings
from geodata.region import StoreRegion
from geodata.streetlayer import layer_graph, streets_layer
from geodata.streets import ATTRIBUTION, LAYER, load_streets, streets_area, streets_graph
from geodata.watch import StoppedError, Watch
from tests.data.osm_town import WAYS, node_id, write_town
from zoning.errors import BadFileError, InputError, UnknownLayerError


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    return write_town(tmp_path_factory.mktemp("town") / "town.osm.pbf")


@pytest.fixture(scope="module")
def graph(town):
    return street_graph(read_streets(town))[0]


@pytest.fixture(scope="module")
def loaded(town, new_store):
    store = new_store()
    report = load_streets(store, town)
    return store, report


def plain(data):
    """Return the attributes of an edge to compare them: NaN as None, lines as text, numbers to nine places."""
    values = {k: v for k, v in data.items() if not isinstance(v, float)}
    values |= {k: None if math.isnan(v) else float(f"{v:.9g}") for k, v in data.items() if isinstance(v, float)}
    line = values.pop("geometry", None)
    return dict(sorted(values.items())), None if line is None else line.wkt


def test_layer_and_graph_are_inverse(graph):
    back = layer_graph(streets_layer(graph))
    assert dict(back.nodes(data=True)) == dict(graph.nodes(data=True))
    assert set(back.edges(keys=True)) == set(graph.edges(keys=True))
    for u, v, key, data in graph.edges(keys=True, data=True):
        assert plain(back.edges[u, v, key]) == plain(data)


def test_each_street_is_in_the_layer_once(graph):
    layer = streets_layer(graph)
    assert layer.id.is_unique
    assert layer.crs == PLANNING_CRS
    assert len(layer) + layer.open_back.sum() == graph.number_of_edges()
    shapes = shapely.normalize(layer.geometry.to_numpy())
    assert len(set(shapely.to_wkb(shapes))) == len(layer)
    motorway = layer[layer.highway == "motorway"]
    assert not motorway.open_back.any()
    assert not layer[layer.source_id == "4"].allow_car_back.any()
    assert layer[layer.source_id == "4"].allow_walk_back.all()


def test_streets_along_one_line_keep_their_own_ways_back(tmp_path):
    ways = {
        1: ([(0, 0), (1, 1), (2, 0)], {"highway": "residential"}),
        2: ([(0, 0), (1, 1), (2, 0)], {"highway": "residential", "oneway": "yes"}),
        3: ([(2, 0), (1, 1), (0, 0)], {"highway": "footway"}),
        4: ([(2, 0), (3, 0), (3, 1), (2, 0)], {"highway": "residential"}),
        5: ([(0, 0), (-1, 0), (-1, 1), (0, 0)], {"highway": "motorway"}),
    }
    graph, _ = street_graph(read_streets(write_town(tmp_path / "twins.osm", ways=ways)))
    back = layer_graph(streets_layer(graph))
    assert sorted(str(plain(d)) for *_, d in back.edges(data=True)) == sorted(
        str(plain(d)) for *_, d in graph.edges(data=True)
    )


def test_the_store_gives_back_what_was_loaded(loaded, graph):
    store, report = loaded
    row = store.layers().set_index("name").loc[LAYER]
    assert row["attribution"] == ATTRIBUTION
    assert row["licence"] == "ODbL 1.0"
    assert row["date"] == "2021-02-03"
    assert "kept" in row["method"]
    assert row["count"] == len(streets_layer(graph))
    assert report.nodes == graph.number_of_nodes()
    back = streets_graph(store)
    assert set(back.nodes) == set(graph.nodes)
    for u, v, key, data in graph.edges(keys=True, data=True):
        found = back.edges[u, v, key]
        # built_up comes from the wards of the store, and with it the time of a car
        for name in set(data) - {"built_up", "travel_time", "geometry"}:
            assert plain({name: found[name]}) == plain({name: data[name]})


def test_the_network_of_the_store_travels(loaded):
    store, _ = loaded
    region = StoreRegion(store)
    back = streets_graph(store)
    places = [back.nodes[node_id(*at)] for at in ((0, 0), (4, 4))]
    ends = [gpd.GeoSeries([shapely.Point(place["x"], place["y"])], crs=PLANNING_CRS) for place in places]
    for mode in ("walk", "motorbike", "car"):
        network = region.network(mode, name="streets")
        minutes = network.minutes_matrix(ends[0], ends[1], limit_min=60)
        assert 0 < minutes[0, 0] < 60
        route = network.route(ends[0], ends[1])
        assert "motorway" not in set(route.road_class)
    # over the bridge, nothing else crosses the river
    assert "Cầu Nhỏ" in set(route.name)


def test_loading_again_replaces_and_equal_data_have_equal_marks(town, loaded, new_store, tmp_path, monkeypatch):
    store, _ = loaded
    other = new_store()
    monkeypatch.setattr("geodata.streets.compile_streets", lambda *_: None)  # `loaded` is, and both have one mark
    load_streets(other, town)
    assert other.fingerprint(LAYER) == store.fingerprint(LAYER)
    assert StoreRegion(other).fingerprint("streets") == StoreRegion(store).fingerprint("streets")
    small = write_town(tmp_path / "small.osm", ways={n: WAYS[n] for n in (1, 2, 7, 8, 9, 10)})
    load_streets(other, small)
    assert len(other.layer(LAYER)) < len(store.layer(LAYER))
    assert other.fingerprint(LAYER) != store.fingerprint(LAYER)


@pytest.mark.parametrize("harm", ["cut", "far", "stop early", "stop late"])
def test_a_load_that_fails_leaves_the_store_as_it_was(town, store, tmp_path, harm):
    before = store.path.read_bytes()
    watch, file, error = Watch(), tmp_path / "bad.osm", BadFileError
    if harm == "cut":
        file.write_bytes(town.read_bytes()[:-20])
    elif harm == "far":
        write_town(file, lon=-51.2, lat=-30.0)
    else:
        file, error = town, StoppedError
        seen = []
        last = {"stop early": 0.1, "stop late": 0.85}[harm]
        watch = Watch(lambda step, share: seen.append(share), lambda: bool(seen) and seen[-1] >= last - 0.06)
    with pytest.raises(error):
        load_streets(store, file, watch=watch)
    assert store.path.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    with pytest.raises(UnknownLayerError):
        streets_graph(store)


def test_one_source_must_be_named(loaded, town):
    store, _ = loaded
    for options in ({}, {"file": town, "overpass": OverpassSettings()}):
        with pytest.raises(InputError, match="either an OpenStreetMap file or an Overpass"):
            load_streets(store, **options)


def test_the_area_of_the_streets_holds_the_town_and_not_its_motorway(loaded, graph):
    store, _ = loaded
    area = streets_area(store.layer(LAYER))
    place = {n: shapely.Point(graph.nodes[n]["x"], graph.nodes[n]["y"]) for n in graph}
    assert area.contains(place[node_id(0, 0)])
    assert area.contains(place[node_id(4, 4)])
