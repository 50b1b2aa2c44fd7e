"""Hold the street rules against a real extract of Ho Chi Minh City and south Binh Duong, where it is at hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geodata.osm import street_graph
from geodata.osmfile import read_streets
from geodata.osmstretches import cut_into_stretches, sort_stretches
from geodata.osmtags import street_tags
from geodata.watch import StoppedError, Watch
from zoning.errors import BadFileError, UnreachableError
from zoning.reach import MODES, TravelNetwork
from zoning.reach.modes import travel_costs

WORLD = (-180.0, -90.0, 180.0, 90.0)
# the expressway to Long Thanh leaves the city here; the town of Thủ Đức and its alleys lie beside it
EXPRESSWAY_BOX = (106.74, 10.77, 106.82, 10.83)


@pytest.fixture(scope="module")
def extract(shared):
    path = shared / "realdata" / "osm-hcmc-south-binhduong-2018" / "hcm_2018.osm.pbf"
    if not path.is_file():
        pytest.skip("the real extract is not here")
    return path


@pytest.fixture(scope="module")
def source(extract):
    return read_streets(extract)


@pytest.fixture(scope="module")
def network(source):
    graph, _ = street_graph(source, bbox=EXPRESSWAY_BOX, margin_m=0)
    return TravelNetwork.from_graph(graph)


def test_counts_and_kilometres_are_those_that_others_measured(source):
    assert len(source.ways) == 33_044
    assert source.other_ways == 44_285 - 33_044
    assert source.newest == "2017-12-31"
    stretches, broken = cut_into_stretches(source)
    assert broken == 0
    assert stretches.length_m.sum() / 1000 == pytest.approx(8_723, rel=0.001)
    alley = np.array([way.tags.get("service") == "alley" for way in source.ways])[stretches.way]
    assert stretches.length_m[alley].sum() / 1000 == pytest.approx(1_125, rel=0.02)
    residential = np.array([way.tags["highway"] == "residential" for way in source.ways])[stretches.way]
    assert stretches.length_m[residential].sum() / stretches.length_m.sum() == pytest.approx(0.449, abs=0.002)


def test_our_car_network_is_the_usual_one_and_ours_has_the_alleys_too(source):
    tags = [street_tags(way.tags) for way in source.ways]
    kept, drops = sort_stretches(source, tags, WORLD)
    # the usual "drive" network, as measured by others: no service way at all
    through = ("motorway", "trunk", "primary", "secondary", "tertiary", "unclassified", "residential", "living_street")
    plain = np.array([way.tags["highway"].removesuffix("_link") in (*through, "road") for way in source.ways])[kept.way]
    nodes, row = np.unique(np.concatenate([kept.tail[plain], kept.head[plain]]), return_inverse=True)
    half = len(row) // 2
    links = coo_array((np.ones(half), (row[:half], row[half:])), shape=(len(nodes), len(nodes)))
    _, part = connected_components(links, directed=False)
    assert len(nodes) == pytest.approx(105_946, rel=0.002)
    assert plain.sum() == pytest.approx(118_829, rel=0.002)
    assert np.bincount(part).max() == pytest.approx(100_639, rel=0.002)
    assert kept.length_m[plain].sum() / 1000 == pytest.approx(7_007, rel=0.002)
    motorbike = np.array([not isinstance(t, str) and (t.forward.allow[2] or t.backward.allow[2]) for t in tags])
    ours = kept.length_m[motorbike[kept.way]].sum() / 1000
    assert ours == pytest.approx(8_447, rel=0.02)  # with alleys; less the expressways that motorbikes may not use
    total = kept.length_m.sum() / 1000 + sum(drop.km for drop in drops)
    assert total == pytest.approx(8_723, rel=0.001)


def test_no_motorbike_route_meets_an_expressway(source, network):
    """1,000 random pairs, checked against the classes that the unfiltered file gives each way."""
    classes = {str(way.id): way.tags["highway"] for way in source.ways}
    motorroad = {str(way.id) for way in source.ways if way.tags.get("motorroad") == "yes"}
    edges = network.attributes.assign(length_m=network.edges["length_m"])
    bike = network.recost(travel_costs(edges, MODES["motorbike"])["seconds"].to_numpy(), mode="motorbike")
    usable = np.isfinite(bike.edges["seconds"].to_numpy())
    ways = network.attributes["source_id"].astype(str)
    fast = ways.map(lambda ids: any(classes[way].startswith("motorway") for way in ids.split(";")))
    assert fast.sum() > 30  # there are expressways that a route could take by mistake
    assert not (fast & usable).any()
    assert not (ways.map(lambda ids: bool(motorroad & set(ids.split(";")))) & usable).any()
    car = np.isfinite(travel_costs(edges, MODES["car"])["seconds"].to_numpy())
    assert (fast & car).sum() == fast.sum()
    rng = np.random.default_rng(20)
    # any junction of the extract but those out on the expressway, too far from every street to start from
    place = np.flatnonzero(shapely.dwithin(*_near(network, usable), 1_000))
    found = 0
    for origin, destination in rng.choice(place, (1_000, 2)):
        ends = [shapely.Point(network.node_xy[node]) for node in (origin, destination)]
        route = route_or_none(bike, *ends)
        if route is None:
            continue
        found += 1
        taken = {way for ids in ways.iloc[route["edge"]] for way in ids.split(";")}
        assert not any(classes[way].startswith("motorway") for way in taken)
        assert not taken & motorroad
    assert found > 500


def _near(network, usable):
    lines = shapely.MultiPoint(network.node_xy[np.isin(network.node_ids, network.edges["u"][usable])])
    shapely.prepare(lines)
    return shapely.points(network.node_xy), lines


def route_or_none(network, start, end):
    try:
        return network.route(start, end)
    except UnreachableError:  # one of the ends is on an island
        return None


def test_every_attribute_is_one_value(network):
    known = network.attributes
    assert len(known) == len(network.edges)
    assert set(known["kind"]) == {"street"}
    assert known["source_id"].astype(str).str.fullmatch(r"\d+(;\d+)*").all()
    assert pd.api.types.is_float_dtype(known["maxspeed_kmh"])
    assert known["allow_walk"].mean() > 0.9


def test_another_city_needs_its_own_system(shared):
    path = shared / "realdata" / "osm-crosscheck-cities" / "poa_osm.pbf"
    if not path.is_file():
        pytest.skip("Porto Alegre is not here")
    source = read_streets(path)
    with pytest.raises(BadFileError, match="no streets in the study area"):
        street_graph(source)
    graph, report = street_graph(source, crs="EPSG:32722", bbox=(-51.235, -30.045, -51.215, -30.03), margin_m=300)
    assert report.nodes > 300
    x = [data["x"] for _, data in graph.nodes(data=True)]
    assert 470_000 < min(x) < max(x) < 490_000


def test_the_real_extract_cut_short_is_refused_and_can_be_stopped(extract, tmp_path):
    data = extract.read_bytes()
    for share in (0.1, 0.5, 0.999):
        cut = tmp_path / "cut.osm.pbf"
        cut.write_bytes(data[: int(len(data) * share)])
        with pytest.raises(BadFileError):
            read_streets(cut)
    steps = []
    with pytest.raises(StoppedError):
        read_streets(extract, watch=Watch(lambda step, share: steps.append(share), lambda: len(steps) > 60))
    assert steps[-1] < 0.9
