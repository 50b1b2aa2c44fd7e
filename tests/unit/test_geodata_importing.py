"""Planners' layers of every kind come in as they are, and the report says what was done to them."""

import subprocess

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geodata.export import export_layer
from geodata.importing.encodings import _TCVN3, decode, detect
from geodata.importing.systems import propose
from geodata.importing.upload import check_free, keep, read_upload
from tests.data import layers
from zoning.errors import BadFileError, InputError

pytestmark = pytest.mark.usefixtures("readers")

TCVN3 = {letter: byte for byte, letter in _TCVN3.items()}


def tcvn3(text):
    return bytes(TCVN3.get(letter, ord(letter) if ord(letter) < 128 else 63) for letter in text)


def read(content, **options):
    return read_upload(content, name_hint="lớp.x", **options)


KINDS = {
    "GeoPackage": lambda: layers.written(layers.areas(), "a.gpkg"),
    "GeoJSON": lambda: layers.written(layers.areas(), "a.geojson"),
    "Shapefile": lambda: layers.shapefile(layers.planned()),
    "KML": lambda: layers.written(layers.areas(), "a.kml", driver="KML"),
    "GeoParquet": lambda: layers.parquet(layers.planned()),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_gives_the_same_places_and_names(kind):
    upload = read(KINDS[kind]())
    assert upload.report.kind == kind
    assert upload.proposal.sure
    assert upload.frame["name_vi"].tolist() == list(layers.NAMES)
    assert upload.frame["so_cho"].astype(int).tolist() == [10, 20, 30]
    assert upload.frame["id"].is_unique
    assert set(upload.frame["geometry_quality"]) == {"edited"}
    # the places are those of the pinned operation, south and north of the seam
    apart = shapely.hausdorff_distance(upload.frame.geometry.to_numpy(), layers.planned().geometry.to_numpy())
    assert apart.max() < 0.01


def test_a_drawing_needs_a_system_and_its_closed_lines_are_areas():
    upload = read(layers.DXF)
    assert not upload.proposal.sure
    assert upload.proposal.code == "EPSG:9210"
    assert upload.frame.geometry.iloc[0].area == pytest.approx(1_000_000)
    assert upload.frame["Text"].iloc[1] == "Thu Dau Mot"


def test_mapinfo_that_describes_its_system_by_numbers_is_only_a_proposal():
    upload = read(layers.mapinfo("mif"))
    assert upload.report.kind == "MapInfo MIF"
    assert not upload.proposal.sure  # the datum there is WGS 84, 200 m beside VN-2000
    assert upload.proposal.code == "EPSG:9210"
    assert upload.frame["name_vi"].tolist() == ["Khu A"]


def test_a_table_of_surveyors_has_x_north():
    table = "Tên;X (bắc);Y (đông);Số chỗ\nTrường A;1.214.436,3;598.371,2;007\nTrường B;chưa đo;1;008\n"
    upload = read(table.encode(), crs="EPSG:9210")
    point = upload.frame.geometry.iloc[0]
    assert (point.x, point.y) == pytest.approx((598371.2, 1214436.3))
    assert upload.frame["Số chỗ"].tolist() == ["007"]  # a code, not a number
    assert any("1 rows" in line for line in upload.report.sentences())
    assert read(table.encode()).proposal.code == "EPSG:9210+swapped"


def test_a_shapefile_without_prj_is_proposed_never_assumed():
    bare = layers.shapefile(layers.planned(), without=(".prj",))
    proposal = read(bare).proposal
    assert (proposal.code, proposal.sure) == ("EPSG:9210", False)
    assert read(bare, crs="EPSG:9210").proposal.sure
    with pytest.raises(InputError, match="does not lie in the study area"):
        read(bare, crs="EPSG:4326")


@pytest.mark.parametrize(
    ("epsg", "swap"), [(9210, False), (9210, True), (4326, True), (3405, False), (5899, False), (3857, False)]
)
def test_candidates_hold_the_system_that_was_used(epsg, swap):
    points = gpd.GeoSeries(gpd.points_from_xy([106.6, 106.7], [11.0, 11.2]), crs=4326)
    from pyproj import Transformer

    x, y = Transformer.from_crs(4326, epsg, always_xy=True).transform(points.x.to_numpy(), points.y.to_numpy())
    shapes = shapely.points(y, x) if swap else shapely.points(x, y)
    proposal = propose(shapes, None, None)
    assert not proposal.sure
    assert f"EPSG:{epsg}{'+swapped' if swap else ''}" in (proposal.code, *proposal.others)


def test_a_geojson_in_metres_is_found_out():
    metres = layers.geojson({"type": "Point", "coordinates": [598371.2, 1214436.3]})
    proposal = read(metres).proposal
    assert (proposal.code, proposal.sure, proposal.declared) == ("EPSG:9210", False, "EPSG:4326")


def test_a_layer_elsewhere_is_refused():
    hanoi = layers.geojson({"type": "Point", "coordinates": [105.85, 21.03]})
    upload = read(hanoi)
    assert upload.proposal.code == ""
    assert upload.frame.geometry.isna().all()


# encodings


def test_tcvn3_is_the_table_of_iconv():
    for byte, letter in _TCVN3.items():
        try:
            said = subprocess.run(
                ["iconv", "-f", "TCVN5712-1", "-t", "UTF-8"], check=False, input=bytes([byte]), capture_output=True
            )
        except FileNotFoundError:
            pytest.skip("iconv is not here")
        if said.returncode:
            pytest.skip("this iconv does not know TCVN")
        assert said.stdout.decode() == letter, hex(byte)


@pytest.mark.parametrize("text", layers.NAMES)
def test_encodings_are_found_out(text):
    import unicodedata

    tones = dict.fromkeys(map(ord, "\u0300\u0301\u0303\u0309\u0323"))
    cp1258 = b""
    for letter in text:  # CP1258 writes the tone behind its vowel
        parts = unicodedata.normalize("NFD", letter)
        tone = "".join(part for part in parts if ord(part) in tones)
        base = unicodedata.normalize("NFC", "".join(part for part in parts if ord(part) not in tones))
        cp1258 += base.encode("cp1258") + tone.encode("cp1258")
    for name, raw in (("utf-8", text.encode()), ("cp1258", cp1258), ("tcvn3", tcvn3(text))):
        assert detect([raw]) == name
        assert decode(raw, name) == text
    assert detect([b"plain"]) is None


def test_a_shapefile_of_abc_fonts_gets_its_letters_back():
    frame = layers.planned()
    frame["Ten"] = ["A" * 40, "B" * 40, "C" * 40]
    texts = {(letter * 40).encode(): tcvn3(name) for letter, name in zip("ABC", layers.NAMES, strict=True)}
    upload = read(layers.shapefile(frame, texts=texts))
    assert upload.report.encoding == "tcvn3"
    assert upload.frame["name_vi"].tolist() == list(layers.NAMES)
    assert read(layers.shapefile(frame, texts=texts), encoding="cp1252").frame["name_vi"].tolist() != list(layers.NAMES)


def test_a_csv_of_abc_fonts_gets_its_letters_back():
    table = tcvn3("name,lon,lat\nTrường tiểu học Định Hòa,106.65,10.98\n")
    assert read(table).frame["name_vi"].tolist() == [layers.NAMES[1]]


def test_an_unknown_encoding_is_refused():
    with pytest.raises(InputError, match="utf-16x"):
        read(b"x", encoding="utf-16x")


# geometry

BOW = layers.polygon((106.60, 11.0), (106.61, 11.01), (106.61, 11.0), (106.60, 11.01))
SPIKE = {
    "type": "Polygon",
    "coordinates": [[[106.6, 11], [106.61, 11], [106.61, 11.01], [106.62, 11.02], [106.61, 11.01], [106.6, 11.01],
                     [106.6, 11]]],
}  # fmt: skip


def test_what_cannot_be_drawn_is_left_out_and_counted():
    square = layers.polygon((106.6, 11), (106.61, 11), (106.61, 11.01))
    mixed = {"type": "GeometryCollection", "geometries": [square, {"type": "Point", "coordinates": [106.6, 11, 9]}]}
    upload = read(layers.geojson(None, {"type": "MultiPoint", "coordinates": []}, mixed, square))
    assert upload.frame.geom_type.tolist() == ["Polygon", "Point", "Polygon"]
    assert not upload.frame.has_z.any()
    assert upload.report.features_in_file == 4
    lines = upload.report.sentences()
    assert any("2 features without geometry" in line for line in lines)
    assert any("Feature 3" in line and "2 features" in line for line in lines)
    assert upload.frame["id"].is_unique


def test_a_repair_that_changes_little_is_made_and_told():
    upload = read(layers.geojson(SPIKE))
    assert upload.frame.geometry.is_valid.all()
    assert not upload.report.grave
    assert len(upload.report.changes) == 1


def test_a_bow_tie_is_refused_unless_confirmed(store):
    upload = read(layers.geojson(BOW))
    assert [change.feature for change in upload.report.grave] == [1]
    with pytest.raises(InputError, match="feature 1"):
        keep(upload, store, "khu_moi")
    assert "khu_moi" not in store.names()
    keep(upload, store, "khu_moi", confirmed=True)
    assert store.layer("khu_moi").geometry.is_valid.all()


# columns


def test_columns_and_ids_are_made_fit(store):
    rows = [{"fid": 5, "ID": "a", "Tên": "Một", "tên": "x", 'x"; DROP TABLE zones;--\n': 1, "\u202eabc": 2}] * 2
    content = layers.geojson(
        {"type": "Point", "coordinates": [106.6, 11]}, {"type": "Point", "coordinates": [106.7, 11]}, properties=rows[0]
    )
    upload = read(content)
    columns = [column.casefold() for column in upload.frame.columns]
    assert len(set(columns)) == len(columns)
    assert "fid" not in columns
    assert not any(set(column) & set('"\n;\u202e') for column in columns)
    assert upload.frame["id"].tolist() == ["a", "a-2"]
    keep(upload, store, "lop")
    assert store.layer("lop")["name_vi"].tolist() == ["Một", "Một"]
    assert "zones" in store.names()


def test_a_kept_layer_is_a_full_citizen(store):
    keep(read(KINDS["GeoPackage"]()), store, "khu_moi", title="Khu mới", date="2026-11-22")
    row = store.layers().set_index("name").loc["khu_moi"]
    assert (row["title_vi"], row["source"], row["date"], row["crs"]) == ("Khu mới", "lớp.x", "2026-11-22", "EPSG:9210")
    for kind in ("geojson", "gpkg", "csv", "kml"):
        assert export_layer(store, "khu_moi", kind).count == 3
    again = read(export_layer(store, "khu_moi", "gpkg").data)
    assert np.allclose(again.frame.area, store.layer("khu_moi").area, rtol=1e-6)
    assert again.frame["id"].tolist() == store.layer("khu_moi")["id"].tolist()


@pytest.mark.parametrize("name", ["zones", "wards_2025", "streets", "bans", "scenario"])
def test_the_applications_own_layers_cannot_be_replaced(name):
    with pytest.raises(InputError, match=name):
        check_free(name)


def test_a_layer_of_a_file_is_chosen_by_its_name(tmp_path):
    path = tmp_path / "two.gpkg"
    layers.areas().to_file(path, layer="một")
    layers.areas().iloc[:1].to_file(path, layer="hai'; --")
    content = path.read_bytes()
    assert read(content).report.layers == ("một", "hai'; --")
    assert len(read(content, layer="hai'; --").frame) == 1
    with pytest.raises(BadFileError, match="ba"):
        read(content, layer="ba")
