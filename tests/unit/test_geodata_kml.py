"""KML holds every feature in the right place, whatever its texts try."""

from xml.etree import ElementTree as ET

import pyogrio
import pytest
import shapely

from geodata.crs import to_planning
from geodata.kml import NAMESPACE, kml_bytes
from geodata.styles import default_style
from tests.data.features import HOSTILE, hostile, zones
from zoning.errors import ExportError

PROVENANCE = {"layer": "zones", "title_vi": "Khu chức năng", "attribution": "(c) OpenStreetMap contributors"}
K = f"{{{NAMESPACE}}}"


def written(frame, **more):
    style = default_style(frame)
    return kml_bytes(frame, frame["id"].tolist(), provenance=PROVENANCE, style=style, **more)


def test_gdal_reads_every_feature_in_its_place(tmp_path):
    path = tmp_path / "zones.kml"
    path.write_bytes(written(zones()))
    again = pyogrio.read_dataframe(path)
    assert again["id"].tolist() == zones()["id"].tolist()
    assert again["Name"].tolist() == zones()["name_vi"].tolist()
    placed = again.geometry.notna()
    assert placed.tolist() == [True] * 4 + [False]
    metres = to_planning(again.geometry[placed]).to_numpy()
    assert shapely.hausdorff_distance(metres, zones().geometry.to_numpy()[:4]).max() < 0.02
    assert metres[1].interiors  # the hole is one


def test_hostile_texts_stay_text():
    root = ET.fromstring(written(hostile()))  # noqa: S314 - our own bytes
    names = [mark.find(f"{K}name").text for mark in root.iter(f"{K}Placemark")]
    assert names[0] == HOSTILE["script"]
    assert names[list(HOSTILE).index("cdata")] == "]]><b/>"
    assert not list(root.iter("script"))
    assert not list(root.iter(f"{K}script"))
    known = """kml Document name description Style IconStyle LineStyle PolyStyle color width ExtendedData Data value
               Placemark styleUrl Point coordinates"""
    assert {element.tag for element in root.iter()} <= {K + tag for tag in known.split()}


def test_schematic_outlines_are_not_filled():
    root = ET.fromstring(written(zones()))  # noqa: S314
    styles = {f"#{s.get('id')}": s for s in root.iter(f"{K}Style")}
    by_id = {mark.find(f"{K}ExtendedData/{K}Data/{K}value").text: styles[mark.find(f"{K}styleUrl").text]
             for mark in root.iter(f"{K}Placemark")}  # fmt: skip
    assert by_id["holed"].find(f"{K}PolyStyle/{K}color").text == "00a65b7d"  # alpha, blue, green, red of #7d5ba6
    assert by_id["seam"].find(f"{K}PolyStyle/{K}color").text == "66a65b7d"


def test_the_document_says_where_it_comes_from_and_how_it_was_run():
    root = ET.fromstring(written(zones(), run={"id": "abc", "minutes": (5, 10)}))  # noqa: S314
    data = {d.get("name"): d.find(f"{K}value").text for d in root.findall(f"{K}Document/{K}ExtendedData/{K}Data")}
    assert data == PROVENANCE | {"run": '{"id": "abc", "minutes": [5, 10]}'}


def test_equal_input_gives_equal_bytes():
    assert written(zones()) == written(zones())


def test_an_outline_that_is_not_valid_is_refused():
    frame = zones().iloc[[0]].copy()
    frame.geometry = [shapely.Polygon([(6e5, 1.2e6), (6.1e5, 1.21e6), (6.1e5, 1.2e6), (6e5, 1.21e6)])]
    with pytest.raises(ExportError, match="seam is not valid"):
        written(frame)
