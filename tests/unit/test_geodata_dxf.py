"""Drawings for CAD offices hold every feature, its attributes and its layer, in VN-2000 metres, read by others too."""

import io
import json
import subprocess
import sys

import ezdxf
import geopandas as gpd
import numpy as np
import pytest
import shapely

from geodata.crs import to_web
from geodata.dxf import APPLICATION, LABEL_M, dxf_bytes, read_features
from geodata.export import export_frame, export_layer
from geodata.importing.upload import read_upload
from geodata.styles import default_style
from pages.ui.text import translator
from zoning.errors import ExportError

RING = shapely.Polygon([(592000, 1216000), (593000, 1216000), (593000, 1217000), (592000, 1217000)],
                       [[(592400, 1216400), (592400, 1216600), (592600, 1216600), (592600, 1216400)]])  # fmt: skip


def mixed():
    shapes = [RING, shapely.LineString([(592000, 1216000), (592500.1234, 1216500)]), shapely.Point(592100, 1216100),
              shapely.MultiPolygon([shapely.box(0, 0, 9, 9), shapely.box(20, 0, 29, 9)]), None]  # fmt: skip
    shapes[3] = shapely.transform(shapes[3], lambda xy: xy + [592000, 1216000])
    table = {"id": list("abcde"), "name_vi": ["Khu đô thị Thủ Dầu Một", "Đường", "Ẩm", "Hai mảnh", "Không rõ"],
             "kind": ["urban_area", "x", "industrial_park", "urban_area", "x"],
             "dài": ["ẵ" * 300, "", "a=b", "+c", "d"],
             "số": [1.5, 2, 3, 4, 5]}  # fmt: skip
    return gpd.GeoDataFrame(table, geometry=shapes, crs=9210)


INFO = {"name": "khu", "source": "Sở", "licence": "own data", "attribution": "© A"}


def drawing(frame=None, **options):
    return export_frame(mixed() if frame is None else frame, INFO, "dxf", **options)


def test_a_drawing_holds_every_placed_feature_with_its_attributes():
    export = drawing()
    assert export.filename == "khu.dxf"
    found = read_features(export.data.decode())
    assert [about["id"] for *_, about in found] == ["a", "a", "b", "c", "d", "d"]  # a hole is a curve of its own
    _, outer, about = found[0]
    assert np.allclose(outer, shapely.get_coordinates(RING.exterior)[:-1])
    assert about["name_vi"] == "Khu đô thị Thủ Dầu Một"
    assert about["dài"] == "ẵ" * 300
    assert found[3][2]["dài"] == "a=b"
    assert found[4][2]["dài"] == "+c"
    assert found[0][2]["số"] == "1.5"
    assert np.allclose(found[2][1], [(592000, 1216000), (592500.123, 1216500)])


def test_ezdxf_finds_no_fault_and_reads_units_layers_colours_and_names():
    document = ezdxf.read(io.StringIO(drawing().data.decode()))
    assert not document.audit().errors
    assert document.dxfversion == "AC1024"
    assert document.units == 6  # metres
    assert document.header["$MEASUREMENT"] == 1
    names = {one.dxf.name for one in document.layers}
    assert {"khu_urban_area", "khu_urban_area_TEN", "khu_industrial_park", "khu_x"} <= names
    assert document.layers.get("khu_urban_area").rgb == (0xE0, 0x8F, 0x00)
    texts = [one for one in document.modelspace() if one.dxftype() == "TEXT"]
    assert [one.dxf.text for one in texts] == ["Khu đô thị Thủ Dầu Một", "Đường", "Ẩm", "Hai mảnh"]
    assert {one.dxf.height for one in texts} == {LABEL_M}
    assert all(one.dxf.layer.endswith("_TEN") for one in texts)
    custom = dict(document.header.custom_vars.properties)
    assert custom["licence"] == "own data"
    assert "EPSG:9210" in custom["crs"]


def test_gdal_reads_the_same_areas(tmp_path):
    path = tmp_path / "a.dxf"
    path.write_bytes(drawing().data)
    program = (
        "import sys, pyogrio; f = pyogrio.read_dataframe(sys.argv[1]); a = f[f.geom_type == 'Polygon'];"
        "print(round(a.area.sum()), sorted(f.Layer.unique())[0], f.Text.dropna().iloc[0])"
    )
    said = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, check=True, encoding="utf-8",
        env={"DXF_CLOSED_LINE_AS_POLYGON": "TRUE", "DXF_ENCODING": "UTF-8", "PYTHONIOENCODING": "utf-8"},
    ).stdout  # fmt: skip
    assert said.split(maxsplit=2) == [str(1_000_000 + 40_000 + 2 * 81), "khu_industrial_park",
                                      "Khu đô thị Thủ Dầu Một\n"]  # fmt: skip


def test_our_own_importer_takes_the_drawing_back():
    upload = read_upload(drawing().data, name_hint="a.dxf", crs="EPSG:9210")
    assert upload.report.kind == "DXF"
    assert "Khu đô thị Thủ Dầu Một" in set(upload.frame["name_vi"])
    areas = upload.frame[upload.frame.geom_type == "Polygon"]
    assert sorted(areas.area.round()) == [81, 81, 40_000, 1_000_000]


def test_degrees_are_drawn_in_metres_of_vn2000():
    web = mixed().iloc[:1].assign(geometry=to_web(mixed().iloc[:1].geometry)).set_crs(4326, allow_override=True)
    (_, outer, _), _ = read_features(drawing(web).data.decode())
    assert np.allclose(outer, shapely.get_coordinates(RING.exterior)[:-1], atol=0.01)


def test_the_run_record_is_inside():
    run = {"id": "abc", "job": "catchment", "request": {"at": [[106.6, 11.0]], "tên": "ở đâu " * 100}}
    document = ezdxf.read(io.StringIO(drawing(run=run).data.decode()))
    record = document.rootdict[APPLICATION]
    assert json.loads("".join(tag.value for tag in record.tags if tag.code == 1)) == run


def test_equal_input_gives_equal_bytes():
    assert drawing().data == drawing().data


def test_names_of_layers_are_safe():
    frame = mixed().iloc[:2].assign(kind=['a<b>/\\":;?*|=,`', "Trường mầm non"])
    names = {layer for layer, *_ in read_features(drawing(frame).data.decode())}
    assert len(names) == 2
    assert "khu_Truong mam non" in names
    assert not any(set(name) & set('<>/\\":;?*|=,`') for name in names)


def test_much_data_stays_within_what_an_entity_may_carry():
    frame = mixed().iloc[:1].assign(**{f"cột {at}": "ữ" * 400 for at in range(60)})
    _, _, about = read_features(drawing(frame).data.decode())[0]
    assert about["id"] == "a"
    assert sum(len(value.encode()) for value in about.values()) < 16_000


def test_nothing_placed_is_refused_in_both_languages():
    with pytest.raises(ExportError, match="known place") as caught:
        drawing(mixed().iloc[4:])
    assert "bản vẽ" in caught.value.text(translator("vi")).lower()


def test_a_drawing_that_lost_a_feature_is_not_offered(monkeypatch):
    import geodata.dxf as module

    whole = module._entity

    def lossy(space, xy, closed, layer):
        return whole(space, xy[:-1] if closed else xy, closed, layer)

    monkeypatch.setattr(module, "_entity", lossy)
    with pytest.raises(ExportError, match="own check"):
        drawing()


def test_zones_of_the_region_are_drawn(store):
    zones = store.layer("zones")
    placed = zones[zones.geometry.notna()]
    export = export_layer(store, "zones", "dxf")
    assert export.count == len(placed)
    assert {about["id"] for *_, about in read_features(export.data.decode())} == set(placed["id"])
    assert dxf_bytes(placed, placed["id"].tolist(), provenance={}, style=default_style(placed))
