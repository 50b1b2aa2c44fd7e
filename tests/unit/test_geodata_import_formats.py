"""Files of offices, written by GDAL and others here, come in with their places, names and letters."""

import os
import subprocess
import sys
import unicodedata

import geopandas as gpd
import pytest
import shapely

from geodata.importing.upload import read_upload
from tests.data import layers
from tests.unit.test_geodata_importing import tcvn3

pytestmark = pytest.mark.usefixtures("readers")

WRITE = """
import sys, geopandas as gpd
frame = gpd.read_parquet(sys.argv[1])
encoding = {"encoding": sys.argv[4]} if len(sys.argv) > 4 else {}
if sys.argv[3] == "DGN":
    frame = frame[["geometry"]].set_crs(None, allow_override=True)
frame.to_file(sys.argv[2], driver=sys.argv[3], **encoding)
"""


def offices(tmp_path, frame, name, driver, *encoding):
    """Return the files that GDAL writes of a frame; in a process of its own, since ours keeps few drivers."""
    frame.to_parquet(tmp_path / "in.parquet")
    out = tmp_path / "out"
    out.mkdir()
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-c",
        WRITE,
        str(tmp_path / "in.parquet"),
        str(out / name),
        driver,
        *encoding,
    ]
    every = {name: value for name, value in os.environ.items() if name != "GDAL_SKIP"}
    subprocess.run(command, check=True, capture_output=True, env=every)
    return {path.name: path.read_bytes() for path in sorted(out.iterdir())}


def cp1258(text):
    """Return text as Windows 1258 writes it: the tone behind its vowel."""
    tones = set("\u0300\u0301\u0303\u0309\u0323")
    out = b""
    for letter in text:
        parts = unicodedata.normalize("NFD", letter)
        base = unicodedata.normalize("NFC", "".join(part for part in parts if part not in tones))
        out += base.encode("cp1258") + "".join(part for part in parts if part in tones).encode("cp1258")
    return out


def apart(upload, frame):
    return shapely.hausdorff_distance(upload.frame.geometry.to_numpy(), frame.geometry.to_numpy()).max()


@pytest.mark.parametrize(("name", "driver", "kind"), [("l.tab", "MapInfo File", "MapInfo TAB"),
                                                      ("m.mif", "MapInfo File", "MapInfo MIF")])  # fmt: skip
def test_mapinfo_comes_in_under_the_system_of_the_region(tmp_path, name, driver, kind):
    files = offices(tmp_path, layers.planned(), name, driver, "UTF-8")
    upload = read_upload(layers.zipped(files), name_hint="lop.zip")
    assert upload.report.kind == kind
    # MapInfo has no VN-2000: it says WGS 84 with the region's projection, 200 m beside
    assert (upload.proposal.code, upload.proposal.sure) == ("EPSG:9210", False)
    sure = read_upload(layers.zipped(files), name_hint="lop.zip", crs="EPSG:9210")
    assert apart(sure, layers.planned()) < 0.02
    assert sure.frame["so_cho"].tolist() == [10, 20, 30]
    assert sure.frame["name_vi"].tolist() == list(layers.NAMES)


def test_mapinfo_in_degrees_is_read(tmp_path):
    files = offices(tmp_path, layers.areas(), "l.tab", "MapInfo File", "UTF-8")
    upload = read_upload(layers.zipped(files), name_hint="lop.zip", crs="EPSG:4326")
    assert apart(upload, layers.planned()) < 0.05


@pytest.mark.parametrize(("encoding", "write"), [("tcvn3", tcvn3), ("cp1258", cp1258)])
def test_mapinfo_of_old_fonts_gets_its_letters_back(tmp_path, encoding, write):
    frame = layers.planned()
    frame["Ten"] = ["A" * 40, "B" * 40, "C" * 40]
    files = offices(tmp_path, frame, "m.mif", "MapInfo File")
    for letter, name in zip("ABC", layers.NAMES, strict=True):
        files["m.mid"] = files["m.mid"].replace((letter * 40).encode(), write(name))
    files["m.mif"] = files["m.mif"].replace(b'Charset "Neutral"', b'Charset "WindowsLatin1"')
    upload = read_upload(layers.zipped(files), name_hint="lop.zip", crs="EPSG:9210")
    assert upload.report.encoding == encoding
    assert upload.frame["name_vi"].tolist() == list(layers.NAMES)


def test_dgn_of_version_7_is_read(tmp_path):
    files = offices(tmp_path, layers.planned(), "l.dgn", "DGN")
    upload = read_upload(files["l.dgn"], name_hint="l.dgn")
    assert upload.report.kind == "DGN"
    assert (upload.proposal.code, upload.proposal.sure) == ("EPSG:9210", False)
    upload = read_upload(files["l.dgn"], name_hint="l.dgn", crs="EPSG:9210")
    drawn = gpd.GeoDataFrame(geometry=layers.planned().geometry.reset_index(drop=True), crs=9210)
    assert len(upload.frame) == 3
    # DGN keeps whole units of its own, here metres over a thousand
    assert apart(upload, drawn) < 1.5


def test_kmz_is_kml_with_what_it_shows():
    kml = layers.written(layers.areas(), "doc.kml", driver="KML")
    upload = read_upload(layers.zipped({"doc.kml": kml, "files/icon.png": b"\x89PNG"}), name_hint="khu.kmz")
    assert upload.report.kind == "KML"
    assert upload.proposal.sure
    assert upload.frame["name_vi"].tolist() == list(layers.NAMES)
    assert apart(upload, layers.planned()) < 0.05


def test_geoparquet_keeps_its_system_and_types():
    frame = layers.planned().assign(co=[True, False, None], le=[1.5, 2.5, None])
    upload = read_upload(layers.parquet(frame), name_hint="a.parquet")
    assert upload.proposal.sure
    assert upload.frame["so_cho"].tolist() == [10, 20, 30]
    assert upload.frame["le"].fillna(-1).tolist() == [1.5, 2.5, -1]
    assert apart(upload, layers.planned()) < 1e-6


def test_a_shapefile_with_north_first_is_proposed_swapped_and_kept_right():
    swapped = layers.planned()
    swapped["geometry"] = shapely.transform(swapped.geometry.to_numpy(), lambda xy: xy[:, ::-1])
    content = layers.shapefile(swapped, without=(".prj",))
    upload = read_upload(content, name_hint="a.zip")
    assert (upload.proposal.code, upload.proposal.sure) == ("EPSG:9210+swapped", False)
    assert apart(read_upload(content, name_hint="a.zip", crs="EPSG:9210+swapped"), layers.planned()) < 1e-3


@pytest.mark.parametrize("heads", ["N,E", "X (bắc),Y (đông)", "Y,X"])
def test_north_and_east_of_surveyors_in_any_order(heads):
    first, second = ("598371.2", "1214436.3") if heads == "Y,X" else ("1214436.3", "598371.2")
    table = f"Tên,{heads}\nMốc 1,{first},{second}\n".replace("N,E", "north,east")
    point = read_upload(table.encode(), name_hint="a.csv", crs="EPSG:9210").frame.geometry.iloc[0]
    assert (point.x, point.y) == pytest.approx((598371.2, 1214436.3))


def test_a_drawing_of_autocad_is_read_with_its_letters():
    head = b"0\nSECTION\n2\nHEADER\n9\n$ACADVER\n1\n%s\n9\n$DWGCODEPAGE\n3\nANSI_1252\n0\nENDSEC\n"
    for version, text in ((b"AC1024", "Thủ Dầu Một".encode()), (b"AC1015", rb"Th\U+1EE7 D\U+1EA7u M\U+1ED9t")):
        content = (head % version) + layers.DXF.replace(b"Thu Dau Mot", text)
        upload = read_upload(content, name_hint="a.dxf", crs="EPSG:9210")
        assert upload.frame["Text"].iloc[1] == "Thủ Dầu Một"
        assert upload.frame["name_vi"].iloc[1] == "Thủ Dầu Một"
