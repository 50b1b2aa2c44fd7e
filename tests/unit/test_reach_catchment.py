"""Hold the catchment door: exact reach, both directions, errors in words."""

from __future__ import annotations

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely

from tests.data.street_graphs import EAST, NORTH, diamond, graph_of, line_graph, points, random_streets
from tests.data.street_lines import exact, exact_km
from zoning.errors import InputError, NetworkError, OffNetworkError
from zoning.reach import TravelNetwork, catchment
from zoning.reach import rings as module


def test_the_door():
    network = TravelNetwork.from_graph(line_graph(count=12))
    frame = catchment(network, points((0, 10)), minutes=[5, 2.5, 5])
    assert isinstance(frame, gpd.GeoDataFrame)
    assert frame.crs == network.crs
    assert frame["minutes"].tolist() == [2.5, 5.0]
    assert {"area_ha", "reachable_km", "missed_pct", "false_pct", "geometry"} <= set(frame.columns)
    # 100 m a minute along a straight street; widened by 50 m
    assert frame["reachable_km"].tolist() == pytest.approx([0.25, 0.5])
    assert frame["area_ha"].tolist() == pytest.approx(
        [(run * 100 + np.pi * 2500) / 1e4 for run in (250, 500)], rel=0.01
    )


def test_the_diamond_counts_each_street_once():
    # cut at 150 m: 400 m of street from node 0, 500 m from node 1
    network = TravelNetwork.from_graph(diamond())
    for place, km in (((0, 0), 0.4), ((100, 0), 0.5)):
        frame = catchment(network, points(place), minutes=[2.5])
        assert frame["reachable_km"].item() == pytest.approx(km)


def test_inbound_and_outbound_differ_where_streets_are_one_way():
    network = TravelNetwork.from_graph(line_graph(count=12, one_way=True))
    away = catchment(network, points((500, 0)), minutes=[3])
    towards = catchment(network, points((500, 0)), minutes=[3], arrive=True)
    assert away.geometry.item().bounds[0] > EAST + 400
    assert towards.geometry.item().bounds[2] < EAST + 600
    assert away.geometry.item().centroid.x > EAST + 600
    assert towards.geometry.item().centroid.x < EAST + 400


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("own_lattice", [True, False])
def test_random_networks_give_the_exact_reach_widened(seed, own_lattice, monkeypatch):
    if not own_lattice:
        monkeypatch.setattr(module, "LATTICE_POINTS", 1)
    network = TravelNetwork.from_graph(graph_of(*random_streets(seed)))
    origins = gpd.GeoSeries(shapely.points(network.node_xy[[0, 7]]), crs=network.crs)
    limits = [4.0, 8.0, 12.0]
    frame = catchment(network, origins, limits)
    before = None
    for ring, reach in zip(frame.itertuples(), network.street_reach(origins, limits), strict=True):
        truth = exact(network.streets, reach, network.walk_off_m)
        common = ring.geometry.intersection(truth).area
        assert common / ring.geometry.union(truth).area >= (0.98 if own_lattice else 0.97)
        assert abs(ring.missed_pct - 100 * (1 - common / truth.area)) < 0.5
        assert abs(ring.false_pct - 100 * (ring.geometry.area - common) / truth.area) < 0.5
        assert ring.reachable_km == pytest.approx(exact_km(network.streets, reach), rel=1e-4)
        assert before is None or before.difference(ring.geometry).area <= 1e-6
        before = ring.geometry


@pytest.mark.parametrize("own_lattice", [True, False])
def test_a_scenario_s_new_street_widens_the_catchment_without_compiling_anew(own_lattice, monkeypatch):
    if not own_lattice:
        monkeypatch.setattr(module, "LATTICE_POINTS", 1)
    base = TravelNetwork.from_graph(line_graph(count=12))
    line = shapely.LineString([(EAST + 300, NORTH), (EAST + 300, NORTH + 400), (EAST + 700, NORTH + 500)])
    new = gpd.GeoDataFrame({"seconds": [240.0]}, geometry=[line], crs=base.crs)
    network = base.extend(new)
    origins = points((0, 0))
    assert network.surface().cells is base.surface().cells
    for limits in ([4.0, 6.0], [20.0]):
        frame = catchment(network, origins, limits)
        for ring, reach in zip(frame.itertuples(), network.street_reach(origins, limits), strict=True):
            truth = exact(network.streets, reach, 50.0)
            common = ring.geometry.intersection(truth).area
            assert common / ring.geometry.union(truth).area >= (0.98 if own_lattice else 0.96)
            assert ring.missed_pct <= (1 if own_lattice else 4)
    assert frame.geometry.item().contains(shapely.Point(EAST + 690, NORTH + 500))
    assert not catchment(base, origins, [20.0]).geometry.item().contains(shapely.Point(EAST + 690, NORTH + 500))


def test_a_saved_network_keeps_its_surface_and_gives_the_same_rings(tmp_path):
    network = TravelNetwork.from_graph(graph_of(*random_streets(4)))
    origins = gpd.GeoSeries(shapely.points(network.node_xy[[3]]), crs=network.crs)
    first = catchment(network, origins, [5, 10])
    network.save(tmp_path / "network.npz")
    again = TravelNetwork.load(tmp_path / "network.npz")
    assert again.layout.surfaces
    second = catchment(again, origins, [5, 10])
    assert first.geometry.to_wkb().tolist() == second.geometry.to_wkb().tolist()
    assert first.drop(columns="geometry").equals(second.drop(columns="geometry"))


def test_the_walk_off_is_the_network_s_own_unless_given():
    graph = line_graph(count=12)
    graph.graph["walk_off_m"] = 300.0
    network = TravelNetwork.from_graph(graph)
    wide, narrow = (catchment(network, points((0, 0)), [5], walk_off_m=given) for given in (None, 20))
    assert wide["area_ha"].item() == pytest.approx((500 * 600 + np.pi * 300**2) / 1e4, rel=0.01)
    assert narrow["area_ha"].item() == pytest.approx((500 * 40 + np.pi * 20**2) / 1e4, rel=0.01)


@pytest.mark.parametrize(
    "minutes", [[], [0], [-5], [float("nan")], [float("inf")], [600], [5, 0], ["5"], [True], [None], "5"]
)
def test_bad_minutes_are_a_sentence(minutes):
    network = TravelNetwork.from_graph(diamond())
    with pytest.raises(InputError) as caught:
        catchment(network, points((0, 0)), minutes)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize("walk_off", [0, -1, float("nan"), 19.9, 1001, "50", True])
def test_a_bad_walk_off_is_a_sentence(walk_off):
    network = TravelNetwork.from_graph(diamond())
    with pytest.raises(InputError, match="walk-off"):
        catchment(network, points((0, 0)), [5], walk_off_m=walk_off)


def test_too_many_rings_are_refused():
    with pytest.raises(InputError, match="rings"):
        catchment(TravelNetwork.from_graph(diamond()), points((0, 0)), range(1, 40))


def test_one_limit_may_be_a_plain_number():
    assert len(catchment(TravelNetwork.from_graph(diamond()), points((0, 0)), np.float64(3))) == 1


def test_no_network_under_the_origin_is_an_error():
    network = TravelNetwork.from_graph(diamond())
    with pytest.raises(OffNetworkError):
        catchment(network, points((90_000, 0)), [5])
    with pytest.raises(InputError):
        catchment(network, points(), [5])


def test_a_place_that_leads_nowhere_is_an_error_and_not_a_disc():
    graph = nx.MultiDiGraph(crs="EPSG:9210")
    graph.add_node(0, x=EAST, y=NORTH)
    graph.add_node(1, x=EAST + 100, y=NORTH)
    graph.add_edge(0, 1, length=100.0, travel_time=60.0)
    # one way, and we stand at its end
    with pytest.raises(NetworkError):
        catchment(TravelNetwork.from_graph(graph), points((100, 0)), [5])
