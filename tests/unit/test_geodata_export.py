"""Features go home in four formats with their provenance, and a wrong choice is a clear sentence."""

import errno
import io
import json
import pickle
import types
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from geodata.crs import to_planning
from geodata.export import FORMATS, Export, export_frame, export_layer, export_result
from geodata.provenance import provenance_record
from tests.data.features import INFO, rings, zones
from zoning.errors import ExportError, InputError, StoreError, UnknownLayerError


@pytest.fixture(scope="module")
def store(new_store):
    return new_store()


def features(export):
    return json.loads(export.data)["features"]


@pytest.mark.parametrize("kind", FORMATS)
def test_chosen_features_in_each_format(kind):
    export = export_frame(zones(), INFO, kind, ids=["parts", "seam"])
    assert export.count == 2
    assert export.filename == f"zones_selection.{kind}"
    assert len(export.data) > 300
    assert "/" in export.mime


def test_features_keep_the_order_of_the_layer_and_come_once():
    assert [f["id"] for f in features(export_frame(zones(), INFO, ids=["parts", "seam", "parts"]))] == ["seam", "parts"]
    assert [f["id"] for f in features(export_frame(zones(), INFO))] == zones()["id"].tolist()


def test_provenance_goes_with_the_features():
    collection = json.loads(export_frame(zones(), INFO).data)
    provenance = collection["provenance"]
    assert provenance["layer"] == "zones"
    assert provenance["attribution"] == "(c) OpenStreetMap contributors, ODbL 1.0"
    assert provenance["geometry_quality"] == {
        "approximate": 1, "none": 1, "official_generalised": 1, "osm": 1, "schematic": 1,
    }  # fmt: skip
    assert "run" not in collection


@pytest.mark.parametrize(
    "info", [INFO, pd.Series(INFO), types.SimpleNamespace(**INFO)], ids=["dict", "series", "object"]
)
def test_provenance_is_read_from_any_record(info):
    assert provenance_record(info, pd.DataFrame())["licence"] == "ODbL 1.0"


def test_rings_without_ids_are_numbered_and_carry_their_run():
    export = export_frame(rings(), {"name": "rings"}, run={"id": "abc", "job": "catchment"})
    collection = json.loads(export.data)
    assert [f["id"] for f in collection["features"]] == ["rings-1", "rings-2", "rings-3"]
    assert collection["run"]["job"] == "catchment"
    assert [f["properties"]["minutes"] for f in collection["features"]] == [5, 7.5, 10]


@pytest.mark.parametrize("kind", ["geojson", "csv", "kml"])
def test_equal_input_gives_equal_bytes(kind):
    assert export_frame(zones(), INFO, kind).data == export_frame(zones(), INFO, kind).data


def test_an_unknown_id_is_named():
    with pytest.raises(UnknownLayerError) as fault:
        export_frame(zones(), INFO, ids=["seam", "nope", "x" * 500])
    assert "nope" in str(fault.value)
    assert "seam" not in str(fault.value)
    assert len(str(fault.value)) < 200
    assert isinstance(fault.value, LookupError)


@pytest.mark.parametrize("frame", [zones().iloc[[]], zones().iloc[[]].drop(columns="geometry")])
def test_nothing_is_not_exported(frame):
    with pytest.raises(ExportError, match="Nothing to export"):
        export_frame(frame, INFO)
    with pytest.raises(ExportError, match="Nothing to export"):
        export_frame(zones(), INFO, ids=[])


def test_two_features_with_one_id_are_refused():
    with pytest.raises(ExportError, match=r"share an id or have none \(seam\)"):
        export_frame(zones().assign(id=["seam", "seam", "c", "d", "e"]), INFO)
    with pytest.raises(ExportError, match="share an id or have none"):
        export_frame(zones().assign(id=["a", None, "c", "d", "e"]), INFO)


def test_an_unknown_format_is_refused():
    with pytest.raises(InputError, match="Unknown format “shp”"):
        export_frame(zones(), INFO, "shp")


def test_a_table_without_places_has_no_map():
    frame = pd.DataFrame({"id": ["p1"], "value": [1.5]})
    assert features(export_frame(frame, INFO)) == [
        {"type": "Feature", "id": "p1", "geometry": None, "properties": {"value": 1.5}}
    ]
    with pytest.raises(ExportError, match="without places"):
        export_frame(frame, INFO, "kml")


@pytest.mark.parametrize(
    ("name", "ids", "filename"),
    [
        ("zones", ["seam"], "zones_seam.geojson"),
        ("../../etc/passwd", None, "etc_passwd.geojson"),
        ("Khu \u202eđô thị\n<b>", None, "khu_do_thi_b.geojson"),
        ("…", None, "export.geojson"),
        ("x" * 300, None, "x" * 60 + ".geojson"),
    ],
)
def test_file_names_are_safe_everywhere(name, ids, filename):
    assert export_frame(zones(), INFO | {"name": name}, ids=ids).filename == filename


def test_numbers_of_the_wrong_kind_do_not_change_the_frame():
    frame = zones()
    before = pickle.dumps(frame)
    for kind in FORMATS:
        export_frame(frame, INFO, kind)
    assert pickle.dumps(frame) == before


def test_all_zones_of_the_region_as_geojson(store):
    export = export_layer(store, "zones")
    collection = json.loads(export.data)
    assert export.count == len(collection["features"]) == 69  # issue 2: all 69 zones
    city = next(f for f in collection["features"] if f["id"] == "thu-dau-mot-city")
    assert city["properties"]["area_ha"] == 11891  # published: 118.91 km2
    assert city["properties"]["area_drawn_ha"] == pytest.approx(11100, rel=0.01)  # outline of its communes: 111.0 km2
    again = pyogrio.read_dataframe(io.BytesIO(export.data))
    drawn = to_planning(again[again["id"] == "thu-dau-mot-city"].geometry).area.iloc[0] / 10_000
    assert drawn == pytest.approx(city["properties"]["area_drawn_ha"], rel=1e-5)
    assert "OpenStreetMap" in collection["provenance"]["attribution"]


@pytest.mark.parametrize("layer", ["zones", "wards_2025", "communes_until_2025", "districts_until_2025", "corridors",
                                   "logistics", "facilities", "stops", "population", "indicators"])  # fmt: skip
def test_every_layer_of_the_region_passes_its_checks(store, layer):
    count = len(store.layer(layer))
    for kind in ("geojson", "gpkg", "csv", *(["kml"] if layer != "indicators" else [])):
        assert export_layer(store, layer, kind).count == count
    if layer != "indicators":
        assert export_layer(store, layer, "dxf").count == store.layer(layer).geometry.notna().sum()


def test_an_unknown_layer_is_named(store):
    with pytest.raises(UnknownLayerError, match="nolayer"):
        export_layer(store, "nolayer")


def test_a_result_names_the_layers_it_stands_on(store):
    result = types.SimpleNamespace(
        broken=(),
        frames={"rings": rings()},
        run={"id": "abc", "job": "catchment", "data": {"strategic": "f1", "facilities": "f2"}},
    )
    collection = json.loads(export_result(result, "rings", store).data)
    assert collection["run"]["id"] == "abc"
    assert "OpenStreetMap" in collection["provenance"]["attribution"]
    assert "thanglequoc/vietnamese-provinces-database" in collection["provenance"]["attribution"]  # the lattice's wards
    assert collection["provenance"]["layer"] == "rings"
    assert collection["provenance"]["attribution"].count("OpenStreetMap contributors") == 1  # each is named once
    assert collection["provenance"]["licence"].split("; ").count("outlines MIT") == 1


def export():
    return Export(b"new", "zones.csv", "text/csv", 1)


def test_a_file_is_written_whole(tmp_path):
    path = tmp_path / "zones.csv"
    path.write_bytes(b"old")
    export().write(path)
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("step", ["write_bytes", "replace"])
def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch, step):
    path = tmp_path / "zones.csv"
    path.write_bytes(b"old")

    def full(self, *_):
        self.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, step, full)
    with pytest.raises(StoreError, match="could not be written"):
        export().write(path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_where_nothing_can_be_written_it_says_so(tmp_path):
    with pytest.raises(StoreError, match="does not exist"):
        export().write(tmp_path / "none" / "zones.csv")
    with pytest.raises(StoreError, match="is a folder"):
        export().write(tmp_path)
    with pytest.raises(StoreError, match="could not be written"):
        export().write(tmp_path / ("x" * 300))


def test_an_index_of_any_kind_is_no_matter():
    frame = zones().set_index(pd.Index([5, 5, 1, 0, 9]))
    assert export_frame(frame, INFO).data == export_frame(zones(), INFO).data
    assert export_frame(frame, INFO, "csv").data == export_frame(zones(), INFO, "csv").data
    assert isinstance(frame, gpd.GeoDataFrame)


ODD = {
    "collection": "GEOMETRYCOLLECTION (POINT (600000 1220000), LINESTRING (600000 1220000, 600100 1220000))",
    "points": "MULTIPOINT ((600000 1220000), (600000 1230000))",
    "closed line": "LINEARRING (600000 1220000, 610000 1220000, 600000 1230000, 600000 1220000)",
    "lines": "MULTILINESTRING ((600000 1220000, 600000 1230000))",
    "heights": "POLYGON Z ((600000 1220000 3, 610000 1220000 4, 600000 1230000 5, 600000 1220000 3))",
    "measures": "POINT ZM (600000 1220000 7 8)",
    "empty": "POINT EMPTY",
    "nested": "GEOMETRYCOLLECTION (GEOMETRYCOLLECTION (POINT (600000 1220000)))",
}  # fmt: skip


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("name", ODD)
def test_odd_shapes_are_written_in_each_format(name, kind):
    frame = gpd.GeoDataFrame({"id": [name]}, geometry=[shapely.from_wkt(ODD[name])], crs="EPSG:9210")
    if (name, kind) == ("empty", "dxf"):
        with pytest.raises(ExportError, match="known place"):
            export_frame(frame, {"name": "odd"}, kind)
        return
    export = export_frame(frame, {"name": "odd"}, kind)
    assert export.count == 1
    if kind == "geojson":
        written = features(export)[0]["geometry"]
        assert (written is None) == (name == "empty")
        if written:
            assert not shapely.geometry.shape(written).has_z


@pytest.mark.parametrize("kind", FORMATS)
def test_all_odd_shapes_together(kind):
    frame = gpd.GeoDataFrame({"id": list(ODD)}, geometry=shapely.from_wkt(list(ODD.values())), crs="EPSG:9210")
    placed = len(ODD) - (kind == "dxf")  # a drawing cannot hold what has no place
    assert export_frame(frame, {"name": "odd"}, kind).count == placed
