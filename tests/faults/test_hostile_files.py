"""Hostile and damaged files are refused in a sentence: nothing else is read, and nobody is called."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geodata.importing import apart
from geodata.importing.upload import keep, read_upload
from geodata.store import open_store
from tests.data import layers
from zoning.errors import BadFileError, ZoningError


def refused(content, match=None):
    with pytest.raises(ZoningError, match=match) as fault:
        read_upload(content, name_hint="x.gpkg")
    text = fault.value.text()
    assert "\n" not in text
    assert "Traceback" not in text
    return fault.value


@pytest.fixture
def server():
    """A server on loopback that counts who calls it."""
    hits = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            hits.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"type":"FeatureCollection","features":[]}')

        do_POST = do_HEAD = do_GET  # noqa: N815 - the names that http.server calls

        def log_message(self, *args):
            pass

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}", hits
    httpd.shutdown()
    httpd.server_close()
    thread.join()


@pytest.mark.parametrize(
    "template",
    [
        "<OGRVRTDataSource><OGRVRTLayer name='a'><SrcDataSource>{target}</SrcDataSource></OGRVRTLayer>",
        "<?xml version='1.0'?><OGRWFSDataSource><URL>{target}/wfs</URL></OGRWFSDataSource>",
        "<?xml version='1.0'?><wfs:FeatureCollection xmlns:wfs='x' schema='{target}/a.xsd'/>",
        "<?xml version='1.0'?><!DOCTYPE kml [<!ENTITY x SYSTEM '{target}/x'>]><kml><name>&x;</name></kml>",
        "<kml><NetworkLink><Link><href>{target}/a.kml</href></Link></NetworkLink></kml>",
        "{target}/a.geojson",
        "/vsicurl/{target}/a.geojson",
        '{{"type":"FeatureCollection","crs":{{"type":"link","properties":{{"href":"{target}/crs"}}}},"features":[]}}',
        '{{"type":"FeatureCollection","crs":{{"type":"\\u006cink","properties":{{"href":"{target}/crs"}}}},"features":[]}}',
    ],
)
def test_a_file_that_names_others_is_not_followed(server, template, tmp_path):
    url, hits = server
    secret = tmp_path / "secret.geojson"
    secret.write_bytes(layers.written(layers.areas(), "a.geojson"))
    for target in (url,) if "{{" in template else (url, str(secret)):
        fault = refused(template.format(target=target).encode())
        assert layers.NAMES[0] not in fault.text()
    assert hits == []


def test_a_tab_that_opens_other_tables_is_refused():
    view = b'!table\n!version 300\nOpen Table "../../secret.tab" Hide\nCreate View x As Select * From secret\n'
    refused(layers.zipped({"m.tab": view, "m.dat": b"", "m.map": b"", "m.id": b""}), "refers to other")


@pytest.mark.parametrize(
    "content",
    [
        b"", b"   \n", b"\x00" * 500, b"SQLite format 3\x00" + bytes(200), b"PK\x03\x04" + bytes(200),
        b"PAR1" + bytes(50), b"AC1032" + bytes(200), b"\xd0\xcf\x11\xe0" + bytes(200), b"{", b"not,a,layer\n1,2,3\n",
        b"\x08\x09\xfe\x02" + bytes(40),
    ],
    ids=["empty", "blank", "zeros", "sqlite", "zip", "parquet", "dwg", "xls", "json", "table", "dgn"],
)  # fmt: skip
def test_what_is_no_layer_is_named(content):
    refused(content)


def test_a_drawing_of_autocad_gets_the_advice():
    assert "DXF" in refused(b"AC1027" + bytes(100), "DWG").text()


def test_cut_and_damaged_geopackages_are_refused():
    whole = layers.written(layers.areas(), "a.gpkg")
    assert len(read_upload(whole, name_hint="x").frame) == 3
    refused(whole[: len(whole) // 2])
    # a page of the middle overwritten: GDAL may read it without a word
    flipped = bytearray(whole)
    root = 4096 * 2
    flipped[root : root + 64] = bytes(64)
    refused(bytes(flipped))


def test_a_view_of_twenty_million_rows_is_not_read():
    refused(layers.view_bomb(), "views are not read")


def test_zip_bombs_are_refused_before_they_grow():
    refused(layers.zipped({"a.geojson": bytes(60_000_000)}), "unpack to")
    refused(layers.zipped({f"{at}.txt": b"x" for at in range(51)}), "51 files")
    refused(layers.zipped({"a.shp": b"x", "inner.zip": layers.zipped({"b.shp": b"x"})}), "another archive")
    refused(layers.zipped({"readme.txt": b"x"}), "no layer")


@pytest.mark.parametrize("folder", ["../../../", "/", "C:\\", "a/../../"])
def test_names_in_a_zip_are_never_paths(folder, tmp_path):
    upload = read_upload(layers.shapefile(layers.planned(), folder_name=folder), name_hint="../../x")
    assert len(upload.frame) == 3
    assert set(upload.frame["sources"]) == {"x"}


def test_an_incomplete_shapefile_says_what_is_missing():
    fault = refused(layers.shapefile(layers.planned(), without=(".shx", ".dbf")))
    assert ".shx, .dbf" in fault.text()


@pytest.mark.parametrize("xy", [[1e308, 1e308], [1e12, 1], [float("inf"), 1], [float("nan"), 11], [-180, 95]], ids=str)
def test_coordinates_of_no_map_are_not_kept(xy, tmp_path):
    content = layers.geojson({"type": "Point", "coordinates": xy})
    try:
        upload = read_upload(content, name_hint="x")
    except ZoningError:
        return
    with pytest.raises(ZoningError):
        keep(upload, open_store(tmp_path / "s.gpkg"), "lop")


def test_brackets_without_end_are_refused():
    refused(b'{"type":"FeatureCollection","features":' + b"[" * 200_000)
    refused(b'{"type":"Polygon","coordinates":' + b"[" * 100_000 + b"]" * 100_000 + b"}")


def test_too_many_vertices_columns_and_letters_are_named():
    angles = np.linspace(0, 2 * np.pi, 2_100_000)
    ring = shapely.linestrings(106.6 + 0.1 * np.cos(angles), 11 + 0.1 * np.sin(angles))
    huge = gpd.GeoDataFrame(geometry=[ring], crs=4326)
    refused(layers.written(huge, "a.gpkg"), "vertices")
    point = {"type": "Point", "coordinates": [106.6, 11]}
    refused(layers.geojson(point, properties={f"c{at}": at for at in range(300)}), "300 columns")
    refused(layers.geojson(point, properties={"c": "x" * 20_000}), "column “c”")
    refused(b"{" + b" " * 50_000_001, "MB")


def test_hostile_names_are_kept_harmless(tmp_path):
    names = [
        "<img src=x onerror=alert(1)>",
        "'; DROP TABLE zones; --",
        "=cmd|' /C calc'!A0",
        "${alert(1)}",
        "\u202e\x00",
    ]
    point = {"type": "Point", "coordinates": [106.6, 11]}
    content = json.loads(layers.geojson(*[point] * len(names)))
    for feature, name in zip(content["features"], names, strict=True):
        feature["properties"] = {"name": name, name: 1}
    upload = read_upload(json.dumps(content).encode(), name_hint="<b>../x\n.geojson")
    store = open_store(tmp_path / "s.gpkg")
    keep(upload, store, "lop")
    assert store.layer("lop")["name_vi"].tolist()[:4] == names[:4]  # text is data: escaped where it is shown
    assert not any(set(column) & set("<>'\"`$={}\n\x00") for column in store.layer("lop").columns)
    assert len(store.layer("zones")) > 0


def test_a_reader_that_dies_or_hangs_is_a_sentence(monkeypatch):
    monkeypatch.setattr(apart, "DEADLINE_S", 0.01)
    with pytest.raises(BadFileError, match="memory or time"):
        read_upload(layers.DXF, name_hint="x")
