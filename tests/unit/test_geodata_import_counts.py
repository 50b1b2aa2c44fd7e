"""What a drawing draws and what columns a text has is counted as its reader would, without reading it."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.importing.drawing import objects_drawn
from geodata.importing.members import geojson_exceeds, too_many_columns
from geodata.importing.upload import read_upload
from tests.data import hostile, layers

MOST = 500_000


def test_blocks_in_blocks_are_multiplied(readers):
    upload = read_upload(hostile.drawing_bomb(3), name_hint="a.dxf", crs="EPSG:9210")
    points = sum(len(one.geoms) for one in upload.frame.geometry)
    assert points == 1000  # as GDAL draws them
    assert objects_drawn(hostile.drawing_bomb(3), MOST) == 1000 + 1 + 10 + 100 + 1000  # with each insertion
    assert objects_drawn(hostile.drawing_bomb(12), MOST) > 1e12
    assert objects_drawn(hostile.drawing_bomb(400), MOST) == float("inf")


def test_a_drawing_counts_what_it_shows_and_no_more():
    assert objects_drawn(layers.DXF, MOST) == layers.DXF.count(b"\n0\nLWPOLYLINE") + layers.DXF.count(b"\n0\nTEXT")
    crlf = layers.DXF.replace(b"\n", b"\r\n")
    assert objects_drawn(crlf, MOST) == objects_drawn(layers.DXF, MOST)
    # blocks that nothing inserts are not drawn; one that holds itself is not followed without end
    unused = hostile.drawing_bomb(12).replace(b"ENTITIES\n0\nINSERT", b"ENTITIES\n0\nPOINT")
    assert objects_drawn(unused, MOST) == 1
    round_ = hostile.drawing_bomb(1).replace(b"POINT", b"INSERT\n2\nB1")
    assert objects_drawn(round_, MOST) < 50
    assert objects_drawn(b"0\nINSERT\n" * 2000, 1000) == 1001  # more are not counted


_VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=6) | st.sampled_from(['"a":', "{", "}", "\\", '"properties":{']),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3), max_leaves=5,
)  # fmt: skip
_FEATURES = st.lists(st.dictionaries(st.text(max_size=4), _VALUES, max_size=5), max_size=5)


@settings(max_examples=150, derandomize=True, deadline=None)
@given(_FEATURES, st.sampled_from([None, 1]), st.booleans())
def test_columns_are_those_of_a_parser(many, indent, ascii_):
    features = [{"type": "Feature", "properties": one, "geometry": {"type": "Point", "a": {"b": 1}}} for one in many]
    content = {"type": "FeatureCollection", "features": features}
    text = json.dumps(content, indent=indent, ensure_ascii=ascii_).encode("utf-8", "surrogatepass")
    columns = {json.dumps(name, ensure_ascii=ascii_) for one in many for name in one}
    most = max(len(columns), 5)  # the members of the collection and of its features are five
    assert not geojson_exceeds(text, most)
    if len(columns) > 5:
        assert geojson_exceeds(text, len(columns) - 1)


def test_columns_of_a_million_letters_are_counted_in_steps():
    rows = [{"type": "Feature", "properties": {f"c{at}": "x" * 9000}, "geometry": None} for at in range(400)]
    text = json.dumps({"type": "FeatureCollection", "features": rows}).encode()
    assert len(text) > 3 << 20
    assert geojson_exceeds(text, 399)
    assert not geojson_exceeds(text, 400)


@pytest.mark.parametrize("text", [b'"', b'"\\' * 300_000, b"{" * 300_000, b'"a' + b" " * 300_000, b'":' * 300_000])
def test_what_is_no_json_has_no_columns(text):
    assert not too_many_columns("geojson", text, 200)


def test_columns_of_kml_and_mif_are_those_that_they_declare():
    kml = hostile.many_fields(50)
    assert too_many_columns("kml", kml, 49)
    assert not too_many_columns("kml", kml * 2, 50)
    assert too_many_columns("mif", b"Version 300\nColumns 201\n", 200)
    assert not too_many_columns("mif", b"Version 300\ncolumns 200\n", 200)
