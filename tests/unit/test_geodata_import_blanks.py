"""An empty table that was filled comes back in one step: role, fields and places are known from it."""

import csv
import io

import geopandas as gpd
import openpyxl
import pyogrio
import pytest
import shapely

from geodata.importing.blanks import BLANKS, KINDS, columns, empty, file_name
from geodata.importing.fields import FieldMap
from geodata.importing.guess import propose_fields, propose_role
from geodata.importing.roles import role
from geodata.importing.take import Wish, mapped, take_in
from geodata.importing.upload import read_upload
from geodata.store import open_store
from geodata.templates import TEMPLATES
from tests.data import layers
from zoning.errors import InputError
from zoning.standards.inputs import CHECK_LAYERS

pytestmark = pytest.mark.usefixtures("readers")

WKT = {
    "area": "POLYGON ((598000 1214000, 599000 1214000, 599000 1215000, 598000 1215000, 598000 1214000))",
    "line": "LINESTRING (598000 1214000, 599000 1215000)",
    "way": "LINESTRING (598000 1214000, 599000 1215000)",
}


def filled(name):
    """Return a row under the headers of a role's table: the examples, and one way to say where."""
    one = role(name)
    cells = {}
    for column in columns(name):
        field = next((field for field in one.fields if field.name == column.name), None)
        value = column.example or ("Phường Thủ Dầu Một" if column.name == "unit" else "")
        if field and field.kind in ("number", "whole") and not value:
            value = "12"
        if column.name in ("lat", "lon"):
            value = ""
        cells[column.header] = WKT[one.shape] if column.name == "wkt" else value
    return cells


def check(upload, name):
    assert upload.proposal.sure, upload.proposal.reason
    assert propose_role(upload.frame, upload.report.layer, upload.name_hint) == name
    found = propose_fields(upload.frame, role(name))
    assert {one.name for one in role(name).fields if one.required} <= set(found)
    done = mapped(upload, name, FieldMap(found))
    assert len(done.frame) == 1
    for one in role(name).fields:
        if one.kind == "number" and one.name in found:
            assert done.frame[one.name].iloc[0] >= 0
    return found


@pytest.mark.parametrize("name", BLANKS)
def test_a_filled_csv_comes_back_in_one_step(name):
    heads = next(csv.reader(io.StringIO(empty(name, "csv").decode("utf-8-sig"))))
    cells = filled(name)
    assert heads == list(cells)
    out = io.StringIO()
    csv.writer(out).writerows([heads, cells.values()])
    check(read_upload(out.getvalue().encode(), name_hint=file_name(name, "csv")), name)


@pytest.mark.parametrize("name", ["lots", "power_lines", "schools", "flood_levels"])
def test_a_filled_workbook_comes_back_in_one_step(name):
    book = openpyxl.load_workbook(io.BytesIO(empty(name, "xlsx")))
    sheet, guide = book.worksheets
    heads = [cell.value for cell in sheet[1]]
    assert heads == [column.header for column in columns(name)]
    assert guide.max_row == len(heads) + 1
    assert sheet.max_row == 1  # empty
    cells = filled(name)
    sheet.append([float(v.replace(",", ".")) if v.replace(",", "").isdigit() else v for v in cells.values()])
    out = io.BytesIO()
    book.save(out)
    check(read_upload(out.getvalue(), name_hint=file_name(name, "xlsx")), name)


@pytest.mark.parametrize("name", BLANKS)
def test_a_filled_layer_comes_back_in_one_step(name, tmp_path):
    path = tmp_path / "mau.gpkg"
    path.write_bytes(empty(name, "gpkg"))
    info = pyogrio.read_info(path)
    one = role(name)
    assert info["layer_name"] == name
    assert info["crs"] == "EPSG:9210"
    assert list(info["fields"]) == [field.header for field in one.fields]
    drawn = {
        "Point": shapely.Point(598371.2, 1214436.3),
        "MultiPolygon": shapely.MultiPolygon([shapely.from_wkt(WKT["area"])]),
        "MultiLineString": shapely.MultiLineString([shapely.from_wkt(WKT["line"])]),
    }[info["geometry_type"]]
    cells = {head: value for head, value in filled(name).items() if head in info["fields"]}
    numbers = {field.header for field in one.fields if field.kind in ("number", "whole")}
    row = {head: [float(v.replace(",", ".")) if head in numbers else v] for head, v in cells.items()}
    frame = gpd.GeoDataFrame(row, geometry=[drawn], crs=9210)
    frame.to_file(path, layer=name, mode="a")
    check(read_upload(path.read_bytes(), name_hint="đã điền.gpkg"), name)


def test_what_checks_and_accessibility_lack_has_a_table():
    assert {*CHECK_LAYERS} <= set(BLANKS)
    assert {*TEMPLATES} <= set(BLANKS)
    for name in BLANKS:
        heads = [column.header for column in columns(name)]
        assert len(set(heads)) == len(heads)
        for kind in KINDS:
            assert empty(name, kind)


def test_other_formats_are_refused():
    with pytest.raises(InputError, match="pdf"):
        empty("lots", "pdf")


def test_degrees_and_metres_are_two_ways_to_fill_a_table(tmp_path):
    cells = filled("hospital_beds")
    heads = list(cells)
    lat, lon = (next(head for head in heads if head.startswith(word)) for word in ("Vĩ", "Kinh"))
    north, east = (next(head for head in heads if head.startswith(word)) for word in ("X", "Y"))
    degrees = cells | {lat: "10.98", lon: "106.65", north: "", east: ""}
    for row, code in ((cells, "EPSG:9210"), (degrees, "EPSG:4326")):
        out = io.StringIO()
        csv.writer(out).writerows([heads, row.values()])
        upload = read_upload(out.getvalue().encode(), name_hint="mau_hospital_beds.csv")
        assert upload.proposal.code == code
        assert upload.frame.geometry.notna().all()
        assert not {"Vĩ độ", "Kinh độ"} & set(upload.frame.columns)
    store = open_store(tmp_path / "r.gpkg")
    mapping = FieldMap(propose_fields(upload.frame, role("hospital_beds")))
    assert take_in(upload, store, "", Wish("hospital_beds", mapping)).layer == "hospital_beds"
    assert store.layer("hospital_beds")["capacity"].tolist() == [250]


def test_an_outline_too_long_for_a_cell_is_refused_not_cut():
    ring = shapely.Point(598000, 1214000).buffer(500, quad_segs=600)
    table = f"Tên;WKT\nKhu;{ring.wkt}\nKhu 2;{WKT['area']}\n"
    upload = read_upload(table.encode(), name_hint="a.csv", crs="EPSG:9210")
    assert len(upload.frame) == 1
    assert any("1 rows" in note for note in upload.report.sentences())
    short = shapely.Point(598000, 1214000).buffer(500, quad_segs=60)
    table = f"Tên;WKT\nKhu;{short.wkt}\n"
    kept = read_upload(table.encode(), name_hint="a.csv", crs="EPSG:9210").frame
    assert kept.area.iloc[0] == pytest.approx(short.area)


def test_tables_of_older_files_are_read_as_before():
    assert layers.NAMES
    upload = read_upload("Tên,lon,lat\nA,106.65,10.98\n".encode(), name_hint="a.csv")
    assert upload.proposal.code == "EPSG:4326"
