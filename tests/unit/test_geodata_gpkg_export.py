"""A GeoPackage taken home holds what went in, in VN-2000, and the style that QGIS looks for."""

import sqlite3
from contextlib import closing
from xml.etree import ElementTree as ET

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from geodata.gpkg_export import gpkg_bytes
from geodata.styles import default_style
from geodata.values import attributes
from tests.data.features import HOSTILE, hostile, rings, zones
from zoning.errors import ExportError

PROVENANCE = {"layer": "zones", "title_vi": "Khu chức năng", "licence": "ODbL 1.0", "date": "2026-11-21"}


def saved(frame, tmp_path, name="out.gpkg", **more):
    ids = frame["id"].tolist() if "id" in frame else [str(n) for n in range(len(frame))]
    path = tmp_path / name
    path.write_bytes(gpkg_bytes(frame, ids, provenance=PROVENANCE, style=default_style(frame), **more))
    return path


def tables(path):
    """Return every table's rows as SQLite has them, without the time of change that GDAL writes down."""
    with closing(sqlite3.connect(path)) as connection:
        names = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")
        ]
        rows = {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}
    rows["gpkg_contents"] = [row[:4] + row[5:] for row in rows["gpkg_contents"]]
    rows["gpkg_metadata_reference"] = [row[:4] + row[5:] for row in rows["gpkg_metadata_reference"]]
    return rows


def test_what_went_in_comes_out_in_the_planning_system(tmp_path):
    again = pyogrio.read_dataframe(saved(zones(), tmp_path), layer="zones")
    assert again.crs.to_epsg() == 9210
    assert again["id"].tolist() == zones()["id"].tolist()
    assert (again.geometry[:4].to_numpy() == zones().geometry[:4].to_numpy()).all()  # to the last bit
    assert again.geometry[4] is None
    assert again["open_year"].fillna(0).tolist() == [2012, 0, 1999, 2007, 0]
    assert again["units"].tolist()[0] == "Phú Lợi; Chánh Hiệp"
    assert again["checked"].tolist() == [True, False, True, False, False]


def test_it_is_a_geopackage_by_its_first_bytes_and_its_own_check(tmp_path):
    path = saved(zones(), tmp_path)
    head = path.read_bytes()[:100]
    assert head.startswith(b"SQLite format 3\x00")
    assert head[68:72] == b"GPKG"
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA quick_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        contents = dict(connection.execute("SELECT table_name, data_type FROM gpkg_contents"))
    assert contents == {"zones": "features", "layer_styles": "attributes"}


def test_the_style_is_where_qgis_looks_for_it(tmp_path):
    # the query of QgsOgrProvider: empty schema (not null), the table's and the geometry column's own names
    query = """SELECT styleQML, styleSLD, useAsDefault FROM layer_styles WHERE f_table_schema = '' AND f_table_name = ?
               AND f_geometry_column = (SELECT column_name FROM gpkg_geometry_columns WHERE table_name = ?)"""
    with closing(sqlite3.connect(saved(zones(), tmp_path))) as connection:
        [(qml, sld, default)] = connection.execute(query, ("zones", "zones")).fetchall()
    assert default == 1
    root = ET.fromstring(qml)  # noqa: S314 - our own
    assert root.tag == "qgis"
    assert root.find("layerGeometryType") is None  # QGIS refuses a style of another type than the layer's
    assert root.findtext("previewExpression") == '"name_vi"'
    assert "LayerConfiguration" in root.get("styleCategories")  # of which the name of a feature is a part
    rules = root.findall("renderer-v2/rules/rule")
    symbols = {symbol.get("name"): symbol for symbol in root.findall("renderer-v2/symbols/symbol")}
    assert {rule.get("symbol") for rule in rules} == set(symbols)
    dashed = [r.get("label") for r in rules if "outline_style" in (pens := pen(symbols[r.get("symbol")]))
              and pens["outline_style"] == "dash"]  # fmt: skip
    assert dashed == ["Industrial park (schematic)"]
    assert {symbol.get("type") for symbol in symbols.values()} == {"fill", "marker"}
    namespaces = {"se": "http://www.opengis.net/se"}
    assert len(ET.fromstring(sld).findall(".//se:Rule", namespaces)) == len(rules)  # noqa: S314
    assert sld.count("stroke-dasharray") == 1


def pen(symbol):
    return {option.get("name"): option.get("value") for option in symbol.findall("layer/Option/Option")}


@pytest.mark.parametrize("frame", [zones(), rings(), hostile()], ids=["zones", "rings", "hostile"])
def test_each_feature_falls_into_the_one_rule_that_is_its_class(frame, tmp_path):
    # the expressions are plain enough for SQLite to evaluate them on the very table that they style
    path = saved(frame, tmp_path)
    style = default_style(frame)
    columns = attributes(frame)
    with closing(sqlite3.connect(path)) as connection:
        connection.create_function(
            "to_string", 1, lambda v: None if v is None else f"{v:g}" if isinstance(v, float) else str(v)
        )
        [(qml,)] = connection.execute("SELECT styleQML FROM layer_styles").fetchall()
        taken = {}
        for rule in ET.fromstring(qml).findall("renderer-v2/rules/rule"):  # noqa: S314
            _, _, number = rule.get("key").strip("{}").partition("-")
            for (row,) in connection.execute(f"SELECT fid FROM zones WHERE {rule.get('filter', '1')}"):
                taken.setdefault(row, set()).add(int(number))
    expected = {
        row + 1: {style.class_of({name: cells[row] for name, cells in columns.items()})} for row in range(len(frame))
    }
    placed = frame.geometry.notna().tolist()
    assert {row: numbers for row, numbers in taken.items() if placed[row - 1]} == {
        row: numbers for row, numbers in expected.items() if placed[row - 1]
    }


def test_metadata_say_where_it_comes_from_and_how_it_was_run(tmp_path):
    info = pyogrio.read_info(saved(zones(), tmp_path, run={"id": "abc"}), layer="zones")
    expected = {name.upper(): value for name, value in PROVENANCE.items()} | {"RUN": '{"id": "abc"}'}
    assert info["layer_metadata"] == expected


def test_hostile_names_and_texts_come_back(tmp_path):
    frame = hostile().assign(fid=7, GEOM="x")
    again = pyogrio.read_dataframe(saved(frame, tmp_path), layer="zones")
    assert list(again.columns) == ["id", "name_vi", 'col "x"; --', "<b>&", "fid_", "GEOM_", "geometry"]
    by_id = dict(zip(again["id"], again["name_vi"], strict=True))
    for name in ("script", "quotes", "lines", "right to left", "cdata", "backslash", "long", "formula"):
        assert by_id[name] == HOSTILE[name]
    assert by_id["control"] == "a\ufffdb\ufffdc\ufffdd"


def test_equal_input_gives_equal_tables(tmp_path):
    first, second = (tables(saved(zones(), tmp_path, name, run={"id": "abc"})) for name in ("a.gpkg", "b.gpkg"))
    assert first == second
    assert len(first["zones"]) == 5


def test_a_table_without_places_is_an_attribute_table(tmp_path):
    frame = pd.DataFrame({"id": ["p1"], "value": [2426561.0]})
    path = saved(frame, tmp_path)
    again = pyogrio.read_dataframe(path, layer="zones")
    assert again.to_dict("list") == {"id": ["p1"], "value": [2426561]}
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT data_type FROM gpkg_contents").fetchall() == [("attributes",)]


def test_degrees_are_brought_into_the_planning_system_and_other_countries_are_not(tmp_path):
    degrees = gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.Point(106.6519, 10.9804)], crs="EPSG:4326")
    point = pyogrio.read_dataframe(saved(degrees, tmp_path), layer="zones").geometry.iloc[0]
    assert (point.x, point.y) == pytest.approx((598371.182, 1214436.347), abs=0.001)
    abroad = gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.box(478000, 6676000, 479000, 6677000)], crs="EPSG:31982")
    assert pyogrio.read_dataframe(saved(abroad, tmp_path, "b.gpkg"), layer="zones").crs.to_epsg() == 31982


def test_an_outline_that_is_not_valid_is_refused(tmp_path):
    frame = zones().iloc[[0]].copy()
    frame.geometry = [shapely.Polygon([(6e5, 1.2e6), (6.1e5, 1.21e6), (6.1e5, 1.2e6), (6e5, 1.21e6)])]
    with pytest.raises(ExportError, match="seam is not valid"):
        saved(frame, tmp_path)


def test_a_layer_of_one_kind_of_shape_says_so(tmp_path):
    # else QGIS asks which of two layers is meant
    mixed = saved(zones().iloc[[0, 2]], tmp_path)
    assert pyogrio.read_info(mixed, layer="zones")["geometry_type"] == "MultiPolygon"
    again = pyogrio.read_dataframe(mixed, layer="zones").geometry
    assert again.geom_type.tolist() == ["MultiPolygon"] * 2
    assert again.area.tolist() == zones().geometry.iloc[[0, 2]].area.tolist()
    single = saved(zones().iloc[[0, 1]], tmp_path, "b.gpkg")
    assert pyogrio.read_info(single, layer="zones")["geometry_type"] == "Polygon"
    both = saved(zones(), tmp_path, "c.gpkg")
    assert pyogrio.read_info(both, layer="zones")["geometry_type"] == "Unknown"
    lines = zones().iloc[[0, 2]].set_geometry(zones().iloc[[0, 2]].boundary)
    assert pyogrio.read_info(saved(lines, tmp_path, "d.gpkg"), layer="zones")["geometry_type"] == "MultiLineString"
