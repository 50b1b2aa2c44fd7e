"""The dossier's layers have the scheme's names, fields and geometry, in VN-2000, and nothing is drawn by guess."""

import csv
import tempfile
from pathlib import Path

import pyogrio
import pytest

from geodata.crs import PLANNING_CRS
from geodata.dossier import DATASETS, dossier_classes, dossier_export, dossier_layers
from geodata.store import open_store
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
