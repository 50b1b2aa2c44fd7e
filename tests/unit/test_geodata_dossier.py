"""The dossier's layers have the scheme's names, fields and geometry, in VN-2000, and nothing is drawn by guess."""

import csv
import shutil
import tempfile
from pathlib import Path

import pyogrio
import pytest
import shapely

from geodata.crs import PLANNING_CRS
from geodata.dossier import DATASETS, dossier_classes, dossier_export, dossier_layers
from geodata.store import open_store
from tests.unit.test_jobs_check import box, zones
from zoning.errors import InputError


@pytest.fixture(scope="module")
def store():
    return open_store()


def test_the_scheme_is_that_of_the_facts(shared):
    with (shared / "facts/tt16_layers.csv").open(encoding="utf-8") as handle:
        facts = list(csv.DictReader(handle))
    assert [(one.dataset, one.name, one.geometry) for one in dossier_classes()] == [
        (row["dataset"], row["layer"], row["geometry"]) for row in facts
    ]
    assert len(facts) == 153


@pytest.mark.parametrize("dataset", list(DATASETS))
def test_every_layer_has_exactly_the_fields_of_its_class(store, dataset):
    classes = {one.name: one for one in dossier_classes() if one.dataset == dataset}
    layers = dossier_layers(store, dataset, plan_id="QH-1", dossier_id="HS-2")
    assert len(layers) >= 5
    for name, frame in layers.items():
        one = classes[name]
        assert [*frame.columns] == [*one.fields, "geometry"]
        assert set(frame.geom_type) == {one.geometry}
        assert frame.crs == PLANNING_CRS
        assert (frame["maThongTinQH"] == "QH-1").all()
        assert frame["maDoiTuong"].is_unique
        assert frame["tenDoiTuong"].notna().all()


def test_what_is_there_and_what_is_planned_share_no_feature(store):
    here, planned = (dossier_layers(store, dataset) for dataset in DATASETS)
    for name in {*here, *planned} - {"TenDonViHanhChinh_P", "RanhGioiHanhChinh_L"}:
        if name in here and name in planned:
            assert not set(here[name]["maDoiTuong"]) & set(planned[name]["maDoiTuong"])
    assert len(here["RanhGioiHanhChinh_L"]) == 36


def test_places_known_only_roughly_are_left_out(store):
    rough = store.layer("logistics").query("geometry_quality == 'approximate'")["id"]
    for dataset in DATASETS:
        points = dossier_layers(store, dataset).get("CongTrinhGiaoThong_P")
        if points is not None:
            assert not set(points["maDoiTuong"]) & set(rough)


def test_the_file_holds_every_layer(store):
    export = dossier_export(store, "HienTrang")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.gpkg"
        path.write_bytes(export.data)
        layers = dict(pyogrio.list_layers(path))
        assert set(layers) == set(dossier_layers(store, "HienTrang"))
        road = pyogrio.read_dataframe(path, layer="MangLuoiGiaoThongDuongBo_L")
        assert road["chieuDai"].gt(0).all()
    with pytest.raises(InputError):
        dossier_export(store, "Mars")


def test_layers_of_planners_are_in_it_whatever_shapes_they_hold(store, tmp_path):
    own = open_store(shutil.copy(store.path, tmp_path / "region.gpkg"))
    info = {
        "title_en": "x",
        "title_vi": "x",
        "source": "x",
        "licence": "x",
        "attribution": "",
        "date": "",
        "method": "",
    }
    square, line = box(0, 0, 100, 100), shapely.LineString(box(0, 0, 9, 9).exterior.coords)
    bowtie = shapely.Polygon([(6e5, 1.22e6), (6e5 + 50, 1.22e6 + 50), (6e5 + 50, 1.22e6), (6e5, 1.22e6 + 50)])
    mixed = shapely.GeometryCollection([box(200, 0, 300, 100), line])
    land = zones(square, mixed, bowtie, line, code=["DGT", "ODT", "DKV", "DGT"])
    own.write_layer("land_use", land.assign(name_vi="", name_en=""), info)
    for name in ("drainage", "power_lines", "bus_routes"):
        own.write_layer(name, zones(line, square, name_vi=["", "x"], voltage_kv=[110.0, 1.0]), info)
    layers = dossier_layers(own, "HienTrang")
    found = layers["ChucNangSuDungDat_A"]
    assert found["phanLoai"].tolist() == ["DGT", "ODT", "DKV"]  # a line is no land
    assert set(found.geom_type) == {"MultiPolygon"}
    assert found.geometry.is_valid.all()
    assert found.geometry.area.tolist() == pytest.approx([1e4, 1e4, 1250])
    assert layers["MangLuoiThoatNuocMua_L"]["tenDoiTuong"].tolist() == ["z0"]
    assert layers["MangLuoiPhanPhoiDien_L"]["dienThe"].tolist() == [110]
    assert "z0" in layers["MangLuoiTuyenBus_L"]["maDoiTuong"].tolist()
    assert "MangLuoiThoatNuocMua_L" not in dossier_layers(own, "QuyHoach")
    assert dossier_export(own, "HienTrang").count > dossier_export(store, "HienTrang").count
