"""Rows A1-A8 of the catalogue: hostile and damaged files are refused in a sentence; nothing else is read or called."""

import json
import os
import random
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.gdal import ALLOWED_DRIVERS, ONLY_VARIABLE
from geodata.importing.archive import unpack
from geodata.importing.sniff import KINDS, sniff
from geodata.importing.upload import read_upload
from tests.data import hostile, layers
from tests.faults.reading import ROOT
from zoning.errors import BadFileError, ZoningError

pytestmark = pytest.mark.usefixtures("readers")


def refused(content, match=None):
    with pytest.raises(ZoningError, match=match) as fault:
        read_upload(content, name_hint="x.gpkg")
    text = fault.value.text()
    assert "\n" not in text
    assert not any(word in text for word in ("Traceback", "SELECT", "import-", "Error:"))
    return fault.value


@pytest.fixture(scope="module")
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
        '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Schema name="a" id="a" url="{target}/s.xml"/>'
        "<styleUrl>{target}/s.kml#a</styleUrl></Document></kml>",
        "{target}/a.geojson",
        "/vsicurl/{target}/a.geojson",
        '{{"type":"FeatureCollection","crs":{{"type":"link","properties":{{"href":"{target}/crs"}}}},"features":[]}}',
        '{{"type":"FeatureCollection","crs":{{"type":"\\u006cink","properties":{{"href":"{target}/crs"}}}},"features":[]}}',
        '{{"type":"FeatureCollection","crs":{{"type":"name","properties":{{"name":"{target}/crs"}}}},"features":[]}}',
    ],
)
def test_a1_a_file_that_names_others_is_not_followed(server, template, tmp_path):
    url, hits = server
    secret = tmp_path / "secret.geojson"
    secret.write_bytes(layers.written(layers.areas(), "a.geojson"))
    for target in (url,) if "{{" in template else (url, str(secret)):
        fault = refused(template.format(target=target).encode())
        assert layers.NAMES[0] not in fault.text()
    assert hits == []


def test_a1_a_tab_that_opens_other_tables_is_refused():
    view = b'!table\n!version 300\nOpen Table "../../secret.tab" Hide\nCreate View x As Select * From secret\n'
    refused(layers.zipped({"m.tab": view, "m.dat": b"", "m.map": b"", "m.id": b""}), "refers to other")


@pytest.mark.parametrize("only", [None, *sorted({kind.driver for kind in KINDS.values()})], ids=str)
def test_a1_gdal_has_the_drivers_that_are_allowed_and_no_other(only):
    environment = os.environ | ({} if only is None else {ONLY_VARIABLE: only})
    code = "import geodata, pyogrio; print(','.join(sorted(pyogrio.list_drivers())))"
    found = subprocess.run(
        [sys.executable, "-c", code], check=True, cwd=ROOT, env=environment, capture_output=True, text=True
    )
    wanted = ALLOWED_DRIVERS if only is None else ([only, "MEM"] if only else ["MEM"])
    assert found.stdout.strip().split(",") == sorted(wanted)


def test_a1_gdal_itself_calls_nobody(server):
    import pyogrio

    url, hits = server
    for path in (f"/vsicurl/{url}/a.geojson", f"{url}/a.geojson", f"WFS:{url}", f"/vsicurl_streaming/{url}/a.gpkg"):
        with pytest.raises(pyogrio.errors.DataSourceError):
            pyogrio.read_info(path)
    assert hits == []


_PATHS = st.sampled_from(
    ["/vsizip//", "/vsicurl/http://", "http://127.0.0.1/", "/etc/passwd", "C:\\", "WFS:", "PG:", "../"]
)


@given(_PATHS, st.text(max_size=40))
def test_a2_a_path_or_address_is_only_text(start, rest):
    # what does not begin like a file of a kind is a table at most, and only GDAL's own kinds are given to GDAL
    try:
        assert KINDS[sniff((start + rest).encode("utf-8", "surrogatepass"))].driver == ""
    except BadFileError:
        assert "\x00" in rest


@pytest.mark.parametrize(
    "name", ["/vsicurl/http://127.0.0.1/x", "../../etc/passwd", "C:\\secret\\x.gpkg", "\x00", "x" * 9999]
)
def test_a2_what_a_file_is_called_is_never_a_path(name):
    upload = read_upload(layers.geojson({"type": "Point", "coordinates": [106.6, 11]}), name_hint=name)
    assert len(upload.name_hint) <= 80
    assert not set(upload.name_hint) & set("/\\\x00")


_CUT = {name: make() for name, make in {
    "empty": lambda: b"", "blank": lambda: b"   \n", "zeros": lambda: b"\x00" * 500,
    "text as gpkg": lambda: "Kính gửi Ban quản lý các khu công nghiệp\n".encode() * 20,
    "sqlite": lambda: b"SQLite format 3\x00" + bytes(200), "zip": lambda: b"PK\x03\x04" + bytes(200),
    "parquet": lambda: b"PAR1" + bytes(50), "dwg": lambda: b"AC1032" + bytes(200),
    "xls": lambda: b"\xd0\xcf\x11\xe0" + bytes(200), "json": lambda: b"{", "table": lambda: b"not,a,layer\n1,2,3\n",
    "dgn": lambda: b"\x08\x09\xfe\x02" + bytes(40), "binary dxf": lambda: b"AutoCAD Binary DXF\r\n\x1a\x00" + bytes(90),
    "dxf": lambda: layers.DXF[:40], "kml": lambda: b"<?xml version='1.0'?><kml><Document><Placemark>",
}.items()}  # fmt: skip


@pytest.mark.parametrize("name", _CUT)
def test_a3_what_is_no_layer_is_named(name):
    refused(_CUT[name])


def test_a3_a_database_that_is_no_geopackage_is_named(tmp_path):
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(tmp_path / "a.gpkg")) as db:
        db.execute("CREATE TABLE real (fid INTEGER PRIMARY KEY, geom BLOB)")
    refused((tmp_path / "a.gpkg").read_bytes(), "not a GeoPackage")


def test_a3_a_drawing_of_autocad_gets_the_advice():
    assert "DXF" in refused(b"AC1027" + bytes(100), "DWG").text()


@pytest.mark.parametrize("share", [0.02, 0.3, 0.5, 0.8, 0.99])
def test_a3_cut_geopackages_are_refused(share):
    whole = layers.written(layers.areas(), "a.gpkg")
    refused(whole[: int(len(whole) * share)])


def test_a4_damaged_pages_are_refused_or_harm_nothing():
    whole = layers.written(layers.areas(), "a.gpkg")
    flipped = bytearray(whole)
    flipped[4096 * 2 : 4096 * 2 + 64] = bytes(64)  # GDAL may read it without a word
    refused(bytes(flipped))
    chance = random.Random(4)
    outcomes = []
    for _ in range(12):
        at = 4096 * chance.randrange(1, len(whole) // 4096) + chance.choice(
            (0, 0, 0, 2048)
        )  # heads of pages, or inside
        flipped = bytearray(whole)
        flipped[at : at + 40] = chance.randbytes(40)
        try:
            outcomes.append(len(read_upload(bytes(flipped), name_hint="x").frame))
        except ZoningError as fault:
            outcomes.append(type(fault).__name__)
    assert outcomes.count("BadFileError") >= 4  # some pages are free, and what is inside others may be text
    assert set(outcomes) <= {"BadFileError", 3}


_QUERIES = {
    "a view of twenty million rows": layers.view_bomb,
    "a view without end": lambda: hostile.geopackage(
        f"CREATE VIEW bomb AS {hostile.ENDLESS} SELECT n AS fid, NULL AS geom FROM c", *hostile.renamed("bomb")
    ),
    "a list of layers that is a query": lambda: hostile.geopackage(
        "ALTER TABLE gpkg_contents RENAME TO hidden",
        f"CREATE VIEW gpkg_contents AS {hostile.ENDLESS} SELECT hidden.* FROM hidden, c",
    ),
    "a generated column": lambda: hostile.geopackage(
        "CREATE TABLE big (fid INTEGER PRIMARY KEY, geom BLOB, x TEXT AS (hex(zeroblob(400000000))))",
        "INSERT INTO big (fid, geom) SELECT fid, geom FROM real", *hostile.renamed("big"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", _QUERIES)
def test_a5_queries_in_a_geopackage_are_not_run(name, readers):
    refused(_QUERIES[name](), "views are not read|damaged")
    assert readers.costs[-1].cpu_s < 5


def test_a5_a_query_beside_a_layer_does_not_hinder_it(readers):
    trigger = f"CREATE TRIGGER t AFTER DELETE ON real BEGIN {'INSERT INTO real(fid) VALUES (NULL); '}END"
    view = f"CREATE VIEW gpkg_ogr_contents2 AS {hostile.ENDLESS} SELECT n FROM c"
    other = "INSERT INTO gpkg_contents(table_name, data_type, srs_id) VALUES ('gpkg_ogr_contents2', 'features', 4326)"
    content = hostile.geopackage(trigger, view, other)
    assert len(read_upload(content, name_hint="x").frame) == 3
    assert readers.costs[-1].cpu_s < 5


@pytest.mark.parametrize("module", ["VirtualOGR", "VirtualText", "VirtualShape", "csv"])
def test_a6_virtual_tables_are_not_asked(module, tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_text("lon,lat,ten\n106.6,11.0,secret\n")
    assert "secret" not in refused(hostile.virtual_table(module, str(secret))).text()


def test_a7_zip_bombs_are_refused_before_they_grow(readers):
    refused(layers.zipped({"a.geojson": bytes(60_000_000)}), "unpack to")
    refused(layers.zipped({f"{at}.txt": b"x" for at in range(51)}), "51 files")
    refused(layers.zipped({"a.shp": b"x", "inner.zip": layers.zipped({"b.shp": b"x"})}), "another archive")
    refused(layers.zipped({"readme.txt": b"x"}), "no layer")
    refused(hostile.lying_zip(b"[" * 5_000_000, says=1_000_000), "damaged")
    refused(hostile.lying_zip(b"[" * 50_000, says=4_000_000_000), "unpack to|damaged")
    assert max(cost.cpu_s for cost in readers.costs) < 5


def test_a7_a_hundred_thousand_members_are_counted_and_refused(readers):
    refused(layers.zipped({f"{at}": b"" for at in range(100_000)}), "100000 files")
    assert readers.costs[-1].cpu_s < 5
    assert readers.costs[-1].peak_mb < 500


def test_a7_workbooks_that_grow_are_refused(readers):
    for content in (hostile.sparse_workbook(), hostile.entity_workbook()):
        refused(content)
        assert readers.costs[-1].cpu_s < 5
        assert readers.costs[-1].peak_mb < 500


@pytest.mark.parametrize("folder", ["../../../", "/", "C:\\", "a/../../", "con/"])
def test_a8_names_in_a_zip_are_never_paths(folder, tmp_path):
    inside = tmp_path / "inside"
    inside.mkdir()
    unpack(layers.shapefile(layers.planned(), folder_name=folder), inside)
    assert {path.name for path in tmp_path.iterdir()} == {"inside"}
    assert {path.stem for path in inside.iterdir()} <= {"layer"}
    upload = read_upload(layers.shapefile(layers.planned(), folder_name=folder), name_hint="../../x")
    assert len(upload.frame) == 3
    assert set(upload.frame["sources"]) == {"x"}


def test_a8_links_and_names_that_stand_twice(tmp_path):
    secret = tmp_path / "secret.geojson"
    secret.write_bytes(layers.written(layers.areas(), "a.geojson"))
    refused(hostile.link_zip(str(secret)))
    one = layers.geojson({"type": "Point", "coordinates": [106.6, 11]}, properties={"name": "one"})
    two = layers.geojson({"type": "Point", "coordinates": [106.7, 11]}, properties={"name": "two"})
    upload = read_upload(hostile.twice_zip(one, two), name_hint="x")
    assert upload.frame["name_vi"].tolist() in (["one"], ["two"])


@pytest.mark.parametrize("password", [b"\x01\x00"])
def test_a8_a_locked_zip_says_so(password):
    content = bytearray(layers.zipped({"a.geojson": json.dumps({"type": "FeatureCollection"}).encode()}))
    content[6:8] = password
    at = content.find(b"PK\x01\x02")
    content[at + 8 : at + 10] = password
    refused(bytes(content), "password")


def test_files_are_read_under_names_of_our_own(monkeypatch, readers):
    seen = []
    run = readers.__call__

    def spy(folder: Path):
        seen.append(sorted(path.name for path in folder.iterdir()))
        run(folder)
        seen.append(sorted(path.name for path in folder.iterdir()))

    monkeypatch.setattr("geodata.importing.apart._run", spy)
    read_upload(layers.geojson({"type": "Point", "coordinates": [106.6, 11]}), name_hint="../../x.geojson")
    assert seen[0] == ["ask.json", "given"]
    assert set(seen[1]) == {"ask.json", "layer.geojson", "said.json", "shapes.wkb", "ends.npy", "log", "peak"}
