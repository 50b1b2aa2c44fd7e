"""Hold the region that jobs run on: networks by mode, their cache, and the people on them."""

from __future__ import annotations

import logging
import shutil
import threading

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import geodata.region as region_module
from geodata import compiling
from geodata.crs import PLANNING_CRS
from geodata.region import StoreRegion
from geodata.store import Store, open_store
from tests.data.osm_town import write_town
from zoning.errors import InputError, NetworkError, UnknownLayerError
from zoning.reach import MODES

TDM = (106.6519, 10.9804)  # E 598371.182, N 1214436.347


@pytest.fixture(scope="module")
def own(new_store):
    """A region whose network is compiled here, and not copied from what other tests have compiled."""
    store = new_store()
    shutil.rmtree(store.networks_dir, ignore_errors=True)
    made = StoreRegion(store)
    made.prepare()
    return made


def test_layers_come_from_the_store(region):
    assert len(region.layer("zones")) == 69
    assert region.fingerprint("zones") == region.store.fingerprint("zones")
    with pytest.raises(UnknownLayerError):
        region.layer("nothing")


def test_points_are_checked_and_projected(region):
    points = region.points([TDM])
    assert points.crs == PLANNING_CRS
    assert (points.x[0], points.y[0]) == pytest.approx((598371.182, 1214436.347), abs=0.001)
    assert len(region.points([])) == 0
    for bad in ((10.9804, 106.6519), (105.85, 21.03), (float("nan"), 10.98), (106.65, float("inf"))):
        with pytest.raises(InputError, match="outside the study area"):
            region.points([TDM, bad])


def test_the_strategic_network_as_each_mode_travels_it(own):
    networks = {mode: own.network(mode, name="strategic") for mode in MODES}
    car = networks["car"]
    assert car.crs == PLANNING_CRS
    assert car.name == "strategic"
    assert car.walk_off_m == 300
    for mode, network in networks.items():
        assert network.mode == mode
        assert network.snap_limit_m == MODES[mode].snap_limit_m
        assert len(network.edges) == len(car.edges)
        assert network.streets is car.streets  # shared, not made again
    motorway = car.attributes["highway"].eq("motorway").to_numpy()
    assert motorway.any()
    assert np.isfinite(car.edges["seconds"][motorway]).all()
    assert np.isinf(networks["motorbike"].edges["seconds"][motorway]).all()  # never on expressways
    length, seconds = networks["walk"].edges["length_m"], networks["walk"].edges["seconds"]
    assert (length / seconds * 3.6).max() <= 6  # km/h on foot


def test_hours_have_their_price(own):
    free, peak = (own.network("car", hour=hour, day="mon", name="strategic") for hour in (3.0, 7.5))
    origin = own.points([TDM])
    assert (peak.minutes(origin, 60) >= free.minutes(origin, 60) - 1e-9).all()
    assert peak.edges["seconds"].sum() > free.edges["seconds"].sum()


def test_what_is_in_memory_is_used_again_and_bounded(own, monkeypatch):
    first = own.network("walk", name="strategic")
    assert own.network("walk", name="strategic") is first
    for hour in range(region_module._KEPT_RECOSTS):
        own.network("truck", hour=float(hour), name="strategic")
    assert len(own._recosts) == region_module._KEPT_RECOSTS
    assert own.network("walk", name="strategic") is not first


def test_the_compiled_network_is_kept_beside_the_store(own, monkeypatch):
    files = list(own.store.networks_dir.iterdir())
    assert len(files) == 1
    assert files[0].name.startswith(f"strategic-{own.fingerprint('strategic')}-")

    def never(*_args):
        raise AssertionError("compiled again")

    again = StoreRegion(own.store)
    monkeypatch.setattr(StoreRegion, "_graph", never)
    one, other = again.network("car", name="strategic"), own.network("car", name="strategic")
    pd.testing.assert_frame_equal(one.edges, other.edges)
    origin = again.points([TDM])
    assert np.array_equal(one.minutes(origin, 30), other.minutes(origin, 30))


def test_a_damaged_cache_is_made_again(own, caplog):
    file = next(own.store.networks_dir.iterdir())
    good = file.read_bytes()
    file.write_bytes(good[: len(good) // 3])
    with caplog.at_level(logging.WARNING):
        StoreRegion(own.store).network("car", name="strategic")
    assert "compiling network strategic again" in caplog.text
    assert file.read_bytes() == good  # same network, same bytes


def test_an_unwritable_cache_only_costs_time(own, tmp_path, caplog):
    shutil.copyfile(own.store.path, tmp_path / "region.gpkg")
    (tmp_path / "region.gpkg.networks").write_text("a file where the folder should be")
    region = StoreRegion(open_store(tmp_path / "region.gpkg"))
    assert len(region.network("car", name="strategic").edges) == len(own.network("car", name="strategic").edges)
    assert "is not kept" in caplog.text


def test_where_no_process_can_be_started_the_network_is_compiled_here(own, tmp_path, monkeypatch, caplog):
    def refuse(*_args, **_kwargs):
        raise OSError("no processes left")

    monkeypatch.setattr(compiling.subprocess, "Popen", refuse)
    monkeypatch.setattr(Store, "networks_dir", tmp_path / "elsewhere")
    StoreRegion(own.store).prepare()
    assert "was not compiled aside" in caplog.text
    kept = [file.name for file in (tmp_path / "elsewhere").iterdir()]
    monkeypatch.undo()
    assert kept == [file.name for file in own.store.networks_dir.iterdir()]


def test_the_network_changes_with_its_layers_and_no_others(store):
    region = StoreRegion(store)
    before = region.fingerprint("strategic")
    region.store.write_layer("zones", region.layer("zones").head(10))
    assert region.fingerprint("strategic") == before
    corridors = region.layer("corridors")
    region.store.write_layer("corridors", corridors[corridors["id"] != "nr13"])
    assert region.fingerprint("strategic") != before


def test_people_stand_on_the_lattice_and_none_is_lost(own):
    demand = own.demand("strategic")
    assert demand.crs == PLANNING_CRS
    assert demand["people"].sum() == pytest.approx(2_626_670)  # p041
    of_wards = demand.groupby("unit_id")["people"].sum(min_count=1)
    printed = own.layer("population").set_index("unit")["people"].astype(float)
    assert len(of_wards) == 36
    assert of_wards[printed.index].fillna(-1).tolist() == pytest.approx(printed.fillna(-1).tolist())
    # a third of a lattice cell at most from the network itself
    network = own.network("car", name="strategic")
    assert network.locate(demand.geometry).loc[:, "snap_m"].max() < 1e-6
    assert own.demand("strategic")["people"].equals(demand["people"])


def test_what_there_is_not_is_said(own):
    with pytest.raises(NetworkError, match="No streets have been loaded"):
        own.network("car", name="streets")
    with pytest.raises(NetworkError, match="no network roads"):
        own.network("car", name="roads")
    with pytest.raises(InputError, match="no way to travel called spaceship"):
        own.network("spaceship", name="strategic")
    with pytest.raises(InputError):
        own.network("car", hour=25.0, name="strategic")
    with pytest.raises(NetworkError):
        own.demand("streets")
    assert own.network_for(own.points([TDM])) == "strategic"


def test_streets_are_taken_where_they_cover_the_ground(own, tmp_path):
    streets = pytest.importorskip("geodata.streets")
    shutil.copyfile(own.store.path, tmp_path / "region.gpkg")
    region = StoreRegion(open_store(tmp_path / "region.gpkg"))
    inside, outside = (106.652, 10.981), (106.622, 11.290)  # the made-up town lies at 106.65, 10.98; Lai Uyên
    assert region.network_for(region.points([inside])) == "strategic"
    before = region.fingerprint("strategic")
    streets.load_streets(region.store, write_town(tmp_path / "town.osm"))
    assert region.network_for(region.points([inside])) == "streets"
    assert region.network_for(region.points([outside])) == "strategic"
    assert region.network_for(region.points([inside, outside])) == "strategic"
    assert region.fingerprint("strategic") == before
    network = region.network("car", name="streets")
    assert network.name == "streets"
    assert network.walk_off_m == 50
    # one network: from the town's streets over the corridors to the other end of the region
    trip = network.minutes_matrix(region.points([inside]), region.points([outside]), np.inf)[0, 0]
    assert 20 < trip < 120
    demand = region.demand("streets")
    assert demand["people"].sum() == pytest.approx(2_626_670)


def test_threads_share_one_compiled_network(own):
    region = StoreRegion(own.store)
    got, faults = [], []

    def ask(mode):
        try:
            got.append(region.network(mode, name="strategic").streets)
        except Exception as error:  # noqa: BLE001 - the test shall see it
            faults.append(error)

    threads = [threading.Thread(target=ask, args=(mode,)) for mode in ("car", "walk", "truck", "bicycle")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == []
    assert len(got) == 4
    assert all(streets is got[0] for streets in got)


def test_people_stand_along_streets_in_proportion_to_their_length():
    from geodata.demand import spread_people

    ward = gpd.GeoDataFrame({"id": ["n-1"]}, geometry=[shapely.box(0, 0, 100, 100)], crs="EPSG:9210")
    points = gpd.GeoDataFrame(
        {"node": [1, 2, 3], "weight": [300.0, 100.0, 0.0]},
        geometry=gpd.points_from_xy([10, 20, 30], [10, 20, 30]),
        crs=9210,
    )
    people = pd.DataFrame({"unit": ["n-1"], "people": [1000.0], "year": [2025]})
    spread = spread_people(points, ward, people, elsewhere=points).set_index("node")["people"]
    assert spread.to_dict() == {1: 750.0, 2: 250.0, 3: 0.0}
