"""Hold the store: what it gives back, who may save, and what it refuses."""

from __future__ import annotations

import filecmp
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from shapely.geometry import Point

from geodata import filestore, gpkg, postgis
from geodata.crs import PLANNING_CRS, to_web
from geodata.edits import edit_attributes, undo_edit
from geodata.embedded import build_layers
from geodata.gpkg import fingerprint
from geodata.layer_table import INFO_COLUMNS
from geodata.store import Store, open_store, store_path
from zoning.errors import ConflictError, InputError, StoreError, UnknownLayerError

NAMES = [
    "zones", "wards_2025", "communes_until_2025", "districts_until_2025", "corridors", "logistics", "facilities",
    "stops", "population", "indicators",
]  # fmt: skip


@pytest.fixture(scope="module")
def built(new_place):
    """Return a store that tests may read but not change: in a file, and in a database."""
    return open_store(new_place())


@pytest.fixture
def store(own_store):
    """Return a store of one's own: in a file, and in a database."""
    return own_store


@pytest.fixture(scope="module")
def built_file(tmp_path_factory):
    return open_store(tmp_path_factory.mktemp("built") / "region.gpkg")


@pytest.fixture
def file_store(built_file, tmp_path):
    return open_store(shutil.copyfile(built_file.path, tmp_path / "region.gpkg"))


def again(store):
    """Return another store at the same place."""
    return open_store(store.backend.address)


def some_points(count=3, start=0):
    xy = [(600_000 + start + i, 1_220_000) for i in range(count)]
    return gpd.GeoDataFrame(
        {"id": [f"p{start + i}" for i in range(count)], "beds": range(count), "note": None},
        geometry=[Point(*p) for p in xy],
        crs=9210,
    )


def test_the_store_holds_the_embedded_region(built):
    assert built.names() == NAMES
    for name, frame in build_layers().items():
        kept = built.layer(name)
        plain = frame.drop(columns="geometry", errors="ignore")
        pd.testing.assert_frame_equal(pd.DataFrame(kept[plain.columns]), pd.DataFrame(plain))
        if isinstance(frame, gpd.GeoDataFrame):
            assert kept.crs == PLANNING_CRS
            assert kept.geometry.to_wkb().equals(frame.geometry.to_wkb())


def test_two_builds_are_equal_byte_by_byte(built_file, tmp_path):
    time.sleep(0.01)
    other = open_store(tmp_path / "other.gpkg")
    assert [other.fingerprint(name) for name in NAMES] == [built_file.fingerprint(name) for name in NAMES]
    assert filecmp.cmp(built_file.path, other.path, shallow=False)


def test_the_table_of_layers(built):
    table = built.layers().set_index("name")
    assert list(table.index) == NAMES
    assert table.loc["zones", ["count", "crs"]].tolist() == [69, "EPSG:9210"]
    assert table.loc["wards_2025", ["count", "geometry"]].tolist() == [36, "Polygon"]
    assert table.loc["indicators", ["count", "geometry", "crs"]].tolist() == [76, "", ""]
    assert table[list(INFO_COLUMNS)].map(lambda text: isinstance(text, str)).all(axis=None)
    assert "(c) OpenStreetMap contributors, ODbL 1.0" in table.loc["corridors", "attribution"]


def test_the_heads_of_layers_are_those_that_gdal_reads(file_store):
    odd = {"with heights": (Point(6e5, 1.2e6, 8), "EPSG:9210"), "elsewhere": (Point(106, 11), "ESRI:54009"),
           'a "quoted" name': (Point(6e5, 1.2e6), "EPSG:32648")}  # fmt: skip
    for name, (shape, crs) in odd.items():
        gpd.GeoDataFrame({"id": ["a"]}, geometry=[shape], crs=crs).to_file(file_store.path, layer=name)
    names = [name for name, _ in pyogrio.list_layers(file_store.path)]
    read = [pyogrio.read_info(file_store.path, layer=name, force_feature_count=True) for name in names]
    expected = [(one["features"], one["geometry_type"] or "", one["crs"] or "") for one in read]
    assert {one[1] for one in expected} >= {"", "Point", "Polygon", "Unknown"}
    assert gpkg.heads(file_store.path, names) == expected


def test_other_programs_can_read_it(built_file):
    assert pyogrio.read_info(built_file.path, layer="zones")["crs"] == "EPSG:9210"
    assert len(gpd.read_file(built_file.path, layer="stops")) == 296


def test_whole_numbers_stay_whole_and_empty(built):
    years = built.layer("corridors").set_index("id")["open_year"]
    assert str(years.dtype) == "Int64"
    assert years["mptv-south"] == 2015
    assert years.isna().any()


def test_a_frame_handed_out_is_ones_own(built):
    zones = built.layer("zones")
    zones["name_en"] = "changed"
    zones.loc[0, "kind"] = "changed"
    again = built.layer("zones")
    assert not again["name_en"].eq("changed").any()
    assert not again["kind"].eq("changed").any()


def test_an_unknown_layer_names_those_that_exist(built):
    for call in (built.layer, built.fingerprint):
        with pytest.raises(UnknownLayerError) as caught:
            call("zoness'; DROP TABLE zones; --")
        assert "zones, wards_2025" in str(caught.value)


def test_saving_and_reading_back(store):
    info = {"title_en": "Beds", "title_vi": "Giường bệnh", "source": "a survey", "licence": "own", "date": "2026-11-21"}
    mark = store.write_layer("beds", to_web(some_points()), info)
    kept = store.layer("beds")
    assert kept.crs == PLANNING_CRS
    assert kept["id"].tolist() == ["p0", "p1", "p2"]
    assert shapely.distance(kept.geometry.to_numpy(), some_points().geometry.to_numpy()).max() < 0.001
    assert store.fingerprint("beds") == mark
    row = store.layers().set_index("name").loc["beds"]
    assert row[["title_vi", "source", "origin", "attribution"]].tolist() == ["Giường bệnh", "a survey", "user", ""]
    assert store.names() == [*NAMES, "beds"]
    # another reader sees it, and the embedded layers are as they were
    assert again(store).layer("beds")["beds"].tolist() == [0, 1, 2]
    assert len(Store(store.backend).layer("zones")) == 69


def test_saving_again_keeps_provenance_and_changes_the_fingerprint(store):
    first = store.write_layer("beds", some_points(3), {"source": "a survey"})
    second = store.write_layer("beds", some_points(4))
    assert first != second
    assert store.layers().set_index("name").loc["beds", ["count", "source"]].tolist() == [4, "a survey"]
    assert store.write_layer("beds", some_points(3)) == first


def test_a_reader_notices_what_another_has_saved(store):
    reader = again(store)
    before = reader.fingerprint("zones")
    frame = store.layer("zones")
    frame.loc[frame["id"] == "vsip-1", "developer"] = "somebody else"
    store.write_layer("zones", frame)
    assert reader.fingerprint("zones") != before
    assert reader.layer("zones").set_index("id").loc["vsip-1", "developer"] == "somebody else"
    assert reader.fingerprint("wards_2025") == again(store).fingerprint("wards_2025")


def test_the_second_of_two_savers_is_told(store):
    mark = store.write_layer("beds", some_points(3), expect="")
    store.write_layer("beds", some_points(4), expect=mark)
    with pytest.raises(ConflictError) as caught:
        store.write_layer("beds", some_points(5), expect=mark)
    assert "Somebody else has saved the layer beds" in str(caught.value)
    assert isinstance(caught.value, StoreError)
    with pytest.raises(ConflictError):
        store.write_layer("beds", some_points(5), expect="")
    assert len(store.layer("beds")) == 4


def test_changing_a_layer_sees_its_state_of_now(store):
    store.write_layer("beds", some_points(2))
    stale = again(store)
    stale.layer("beds")
    store.change_layer("beds", lambda now: pd.concat([now, some_points(2, start=10)]))
    stale.change_layer("beds", lambda now: pd.concat([now, some_points(1, start=20)]))
    assert store.layer("beds")["id"].tolist() == ["p0", "p1", "p10", "p11", "p20"]


def test_a_fault_in_a_change_leaves_everything_as_it_was(store):
    before = [store.backend.seen(), *map(store.fingerprint, store.names())]

    def broken(now):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.change_layer("beds", broken)
    with pytest.raises(InputError):  # swapped axes
        store.write_layer("beds", gpd.GeoDataFrame({"id": ["a"]}, geometry=[Point(10.98, 106.65)], crs=4326))
    with pytest.raises(InputError):  # no coordinate system
        store.write_layer("beds", gpd.GeoDataFrame({"id": ["a"]}, geometry=[Point(10.98, 106.65)]))
    with pytest.raises(StoreError):  # two columns that GeoPackage takes for one
        store.write_layer("beds", some_points().assign(NOTE="x"))
    assert [store.backend.seen(), *map(store.fingerprint, store.names())] == before
    if not store.address:
        assert [file.name for file in store.path.parent.iterdir() if file.suffix == ".gpkg"] == ["region.gpkg"]


@pytest.mark.parametrize("name", ["", "Zones", "a b", "1st", "layer_info", "gpkg_contents", "x" * 61, "a';--", "đường"])
def test_bad_names_for_layers(store, name):
    with pytest.raises(InputError):
        store.write_layer(name, some_points())


def test_odd_contents_come_back(store):
    odd = gpd.GeoDataFrame(
        {
            "id": ["a", "b", "c"],
            "fid": [7, 8, 9],
            "text": ["Thủ Dầu Một", "", None],
            "count": pd.array([1, None, 3], dtype="Int64"),
            "share": [0.5, np.nan, np.inf],
            "open": [True, False, True],
        },
        geometry=[Point(600_000, 1_220_000), None, shapely.box(600_000, 1_220_000, 600_010, 1_220_010)],
        crs=9210,
    )
    mark = store.write_layer("odd", odd)
    kept = store.layer("odd")
    assert kept["text"].isna().tolist() == [False, False, True]
    assert kept["count"].tolist() == [1, pd.NA, 3]
    assert kept["open"].tolist() == [True, False, True]
    assert kept.geometry[1] is None
    assert kept.geom_type[2] == "Polygon"
    assert fingerprint(kept) == mark
    empty = store.write_layer("nothing", odd.head(0))
    assert len(store.layer("nothing")) == 0
    assert empty != mark


def test_equal_data_have_equal_fingerprints_and_others_not():
    one = some_points()
    assert fingerprint(one) == fingerprint(one[["note", "geometry", "beds", "id"]])
    for other in (
        one.assign(beds=[0, 1, 3]),
        one.assign(note=""),
        one.assign(id=["p0", "p1", "p3"]),
        one.rename(columns={"beds": "bed"}),
        one.iloc[::-1],
        one.set_geometry(one.translate(0.001, 0)),
        one.set_crs(5899, allow_override=True),
    ):
        assert fingerprint(other) != fingerprint(one)


def test_layers_added_or_edited_by_another_program(file_store):
    to_web(some_points(5)).to_file(file_store.path, layer="from_qgis", driver="GPKG")
    edited = file_store.layer("stops").head(10)
    before = file_store.fingerprint("stops")
    edited.to_file(file_store.path, layer="stops", driver="GPKG")
    with sqlite3.connect(file_store.path) as connection:  # a view over 20 million rows is no layer
        connection.execute(
            "CREATE VIEW bomb AS WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < 20000000) "
            "SELECT i FROM r"
        )
        connection.execute("INSERT INTO gpkg_contents (table_name, data_type) VALUES ('bomb', 'attributes')")
    connection.close()
    again = open_store(file_store.path)
    assert again.names() == [*NAMES, "from_qgis"]
    assert len(again.layer("from_qgis")) == 5
    assert again.layer("from_qgis").crs == PLANNING_CRS
    assert again.fingerprint("stops") != before
    assert len(again.layer("stops")) == 10
    assert again.layers().set_index("name").loc["stops", "title_en"] == "Bus stops"


def test_an_older_store_gets_the_new_embedded_layers_and_keeps_the_users(store, monkeypatch):
    store.write_layer("beds", some_points())
    mine = store.write_layer("stops", store.layer("stops").head(7))

    def newer():
        layers = build_layers()
        layers["zones"] = layers["zones"].head(68)
        return layers

    for module in (filestore, postgis):
        monkeypatch.setattr(module, "build_layers", newer)
        monkeypatch.setattr(module, "embedded_fingerprint", lambda: "newer")
    renewed = again(store)
    assert len(renewed.layer("zones")) == 68
    assert len(renewed.layer("beds")) == 3
    assert renewed.fingerprint("stops") == mine
    assert renewed.history("stops")["rows_after"].tolist() == [296, 7]
    # and once only
    seen = renewed.backend.seen()
    assert again(store).backend.seen() == seen


def test_a_store_of_a_later_version_is_refused(store, monkeypatch):
    for module in (filestore, postgis):
        monkeypatch.setattr(module, "SCHEMA", 1)
    with pytest.raises(StoreError, match="later version"):
        again(store)


def test_several_layers_are_saved_in_one_step(store):
    seen = store.backend.seen()
    marks = store.write_layers({"beds": some_points(), "wards": some_points(4)}, {"beds": {"source": "a survey"}})
    assert marks == {name: store.fingerprint(name) for name in ("beds", "wards")}
    assert store.backend.seen() != seen
    assert store.layers().set_index("name").loc[["beds", "wards"], "source"].tolist() == ["a survey", ""]
    seen = store.backend.seen()
    with pytest.raises(InputError):  # the second has no coordinate system: the first is not saved either
        store.write_layers({"beds": some_points(9), "wards": some_points().set_crs(None, allow_override=True)}, {})
    assert store.backend.seen() == seen
    assert len(store.layer("beds")) == 3


def test_edits_are_laid_over_zones_in_either_store(store):
    before = store.fingerprint("zones")
    edit = edit_attributes(store, "vsip-1", {"developer": "Nhà đầu tư"}, author="Lan")
    assert again(store).layer("zones").set_index("id").loc["vsip-1", "developer"] == "Nhà đầu tư"
    assert store.fingerprint("zones") != before
    undo_edit(store, edit, author="Minh")
    assert store.history("zone_edits")["author"].tolist() == ["Lan", "Minh"]
    assert store.layer("zones").equals(store.raw_layer("zones"))


def test_where_the_store_is(tmp_path, monkeypatch):
    monkeypatch.setenv("INNOVATION_REGION_STORE", str(tmp_path / "named.gpkg"))
    assert store_path() == tmp_path / "named.gpkg"
    assert store_path(tmp_path / "given.gpkg") == tmp_path / "given.gpkg"
    monkeypatch.chdir(tmp_path)
    assert store_path("here.gpkg") == tmp_path / "here.gpkg"
    monkeypatch.setenv("INNOVATION_REGION_STORE", "  ")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert store_path().name == "region.gpkg"
    assert store_path().is_absolute()
    with pytest.raises(StoreError, match="https:// is neither") as caught:
        store_path("https://planner:secret@example/planning")
    assert "secret" not in str(caught.value)
    with pytest.raises(StoreError):
        store_path("a\x00b")


def test_folders_are_made_for_the_store(tmp_path):
    assert open_store(tmp_path / "new" / "deep" / "region.gpkg").names() == NAMES


def test_build_is_quick():
    # no timing here (see tests/benchmarks): what makes it quick is that osmnx and folium stay out
    code = (
        "import sys, geodata.store, geodata.region, geodata.embedded;"
        "print([m for m in ('osmnx', 'folium', 'streamlit', 'networkx', 'scipy', 'psycopg') if m in sys.modules])"
    )
    root = Path(__file__).resolve().parents[2]
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert out.stdout.strip() == "[]"
