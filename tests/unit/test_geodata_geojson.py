"""Exported GeoJSON obeys RFC 7946, lies where the zone lies, and does not pass its check when tampered with."""

import io
import json
import re

import geopandas as gpd
import jsonschema
import numpy as np
import pyogrio
import pytest
import shapely
from pyproj import Geod

from geodata.crs import to_planning, to_web
from geodata.geojson import geojson_bytes, verify_geojson
from tests.data.features import HOSTILE, NORTH_LONLAT, SOUTH_LONLAT, hostile, rings, zones
from zoning.errors import ExportError

# RFC 7946 as a JSON schema, written from the text: sections 1.4, 3, 3.1, 3.2, 3.3, 5; no crs member (section 4)
POSITION = {"type": "array", "minItems": 2, "maxItems": 2, "items": {"type": "number"}}
LINE = {"type": "array", "minItems": 2, "items": POSITION}
RING = {"type": "array", "minItems": 4, "items": POSITION}
POLYGON = {"type": "array", "minItems": 1, "items": RING}
BBOX = {"type": "array", "minItems": 4, "maxItems": 4, "items": {"type": "number"}}


def many(items):
    return {"type": "array", "items": items}


def shape(kind, coordinates):
    return {
        "type": "object",
        "required": ["type", "coordinates"],
        "properties": {"type": {"const": kind}, "coordinates": coordinates, "bbox": BBOX},
        "not": {"anyOf": [{"required": [word]} for word in ("geometry", "properties", "features", "geometries")]},
    }


GEOMETRY = {
    "oneOf": [
        shape("Point", POSITION), shape("MultiPoint", many(POSITION)), shape("LineString", LINE),
        shape("MultiLineString", many(LINE)), shape("Polygon", POLYGON), shape("MultiPolygon", many(POLYGON)),
    ]
}  # fmt: skip
FEATURE = {
    "type": "object",
    "required": ["type", "id", "geometry", "properties"],
    "properties": {
        "type": {"const": "Feature"},
        "id": {"type": "string", "minLength": 1},
        "geometry": {"oneOf": [{"type": "null"}, GEOMETRY]},
        "properties": {"type": "object"},
        "bbox": BBOX,
    },
    "not": {"anyOf": [{"required": [word]} for word in ("coordinates", "features", "geometries", "crs")]},
}
COLLECTION = {
    "type": "object",
    "required": ["type", "features", "provenance"],
    "properties": {"type": {"const": "FeatureCollection"}, "features": many(FEATURE), "bbox": BBOX},
    "not": {"anyOf": [{"required": [word]} for word in ("coordinates", "geometry", "properties", "geometries", "crs")]},
}
PROVENANCE = {"layer": "zones", "licence": "ODbL 1.0"}


def written(frame, **more):
    ids = frame["id"].tolist() if "id" in frame else [str(n) for n in range(len(frame))]
    return geojson_bytes(frame, ids, provenance=PROVENANCE, **more)


def back(data):
    return pyogrio.read_dataframe(io.BytesIO(data))


@pytest.mark.parametrize(
    "frame",
    [zones(), rings(), hostile(), zones().iloc[[4]], zones().iloc[[]]],
    ids=["zones", "rings", "hostile", "nowhere", "none"],
)
def test_the_structure_is_that_of_the_rfc(frame):
    collection = json.loads(written(frame))
    jsonschema.validate(collection, COLLECTION)
    assert len(collection["features"]) == len(frame)


def test_rings_are_closed_and_turn_by_the_right_hand_rule():
    polygons = 0
    for feature in json.loads(written(zones()))["features"]:
        geometry = feature["geometry"] or {"type": "none"}
        parts = {"Polygon": lambda g: [g["coordinates"]], "MultiPolygon": lambda g: g["coordinates"]}
        for polygon in parts.get(geometry["type"], lambda _: [])(geometry):
            polygons += 1
            for place, ring in enumerate(polygon):
                assert ring[0] == ring[-1]
                (x, y) = np.array(ring).T  # the shoelace formula: positive is counter-clockwise
                signed = np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])
                assert signed > 0 if place == 0 else signed < 0
    assert polygons == 4


def test_coordinates_are_longitude_first_with_seven_decimals_at_most():
    text = written(zones()).decode()
    pairs = re.findall(r"\[(-?[\d.]+), (-?[\d.]+)\]", text)
    assert len(pairs) > 20
    for lon, lat in pairs:
        assert 106 < float(lon) < 107
        assert 10 < float(lat) < 12
        assert max(len(lon.partition(".")[2]), len(lat.partition(".")[2])) <= 7
    assert "e-" not in text


def test_boxes_enclose_what_they_belong_to():
    collection = json.loads(written(zones()))
    boxes = []
    for feature in collection["features"]:
        if feature["geometry"] is None:
            assert "bbox" not in feature
            continue
        assert feature["bbox"] == list(shapely.geometry.shape(feature["geometry"]).bounds)
        boxes.append(feature["bbox"])
    west, south, east, north = np.array(boxes).T
    assert collection["bbox"] == [west.min(), south.min(), east.max(), north.max()]
    assert "bbox" not in json.loads(written(zones().iloc[[4]]))


def test_the_seam_at_11_04_bends_nothing():
    frame = zones().iloc[[0]]
    again = back(written(frame))
    assert again.total_bounds[1] < 11.04 < again.total_bounds[3]
    lonlat = shapely.get_coordinates(again.geometry.to_numpy()).tolist()
    assert list(SOUTH_LONLAT) in lonlat  # the published points of the pinned operation, on either side
    assert list(NORTH_LONLAT) in lonlat
    metres = to_planning(again.geometry).to_numpy()[0]
    assert shapely.hausdorff_distance(metres, frame.geometry.iloc[0]) < 0.02
    assert shapely.area(metres) == pytest.approx(frame.geometry.iloc[0].area, rel=1e-5)


def test_areas_agree_with_the_ellipsoid():
    geod = Geod(ellps="WGS84")  # neither our projection nor our code
    for row, ring in zip(back(written(zones())).itertuples(), zones().geometry, strict=True):
        if ring is not None and ring.area > 0:
            # TM-3 of this zone is 0.02 % small near its central meridian
            assert abs(geod.geometry_area_perimeter(row.geometry)[0]) == pytest.approx(ring.area, rel=4e-4)


def test_gdal_reads_what_was_written():
    frame, again = zones(), back(written(zones()))
    assert again.crs.to_epsg() == 4326
    assert again["id"].tolist() == frame["id"].tolist()
    assert again["name_vi"].tolist() == frame["name_vi"].tolist()
    assert again["open_year"].fillna(0).tolist() == [2012, 0, 1999, 2007, 0]
    assert again.geometry.is_empty.tolist() == [False] * 4 + [False]
    assert again.geometry.isna().tolist() == [False] * 4 + [True]


def test_properties_say_null_numbers_and_lists_as_they_are():
    seam, holed, *_, nowhere = (f["properties"] for f in json.loads(written(zones()))["features"])
    assert seam["open_year"] == 2012
    assert isinstance(seam["open_year"], int)
    assert seam["units"] == ["Phú Lợi", "Chánh Hiệp"]
    assert seam["changed"] == "2026-11-21T08:30:00"
    assert seam["checked"] is True
    assert (holed["area_ha"], holed["open_year"], holed["changed"], holed["units"]) == (None, None, None, None)
    assert nowhere["name_vi"] == "Thủ Dầu Một"
    assert "id" not in seam
    assert "geometry" not in seam


def test_hostile_texts_come_back_whole():
    features = json.loads(written(hostile()))["features"]
    for feature in features:
        expected = HOSTILE[feature["id"]]
        if feature["id"] == "surrogate":
            expected = "half ? letter"
        elif feature["id"] == "decomposed":
            expected = "Thủ Dầu Một"
        assert feature["properties"]["name_vi"] == expected
    assert list(features[0]["properties"]) == ["name_vi", 'col "x"; --', "<b>&"]


def test_foreign_members_are_kept_and_nothing_else_is_there():
    run = {"id": "abc", "request": {"minutes": (5, 10.0), "hour": float("nan")}}
    collection = json.loads(written(zones(), run=run))
    assert list(collection) == ["type", "bbox", "provenance", "run", "features"]
    assert collection["provenance"] == PROVENANCE
    assert collection["run"] == {"id": "abc", "request": {"minutes": [5, 10], "hour": None}}


def test_equal_input_gives_equal_bytes():
    assert written(zones()) == written(zones())
    assert written(to_web(zones())) == written(zones())  # whatever system it came in


def test_a_layer_of_another_country_is_written_too():
    frame = gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.box(478000, 6676000, 479000, 6677000)], crs="EPSG:31982")
    west, south, _, _ = json.loads(written(frame))["bbox"]  # SIRGAS 2000 / UTM 22S: Porto Alegre
    assert (west, south) == pytest.approx((-51.2275, -30.0473), abs=0.01)


def ring_of(collection, feature=0, ring=0):
    return collection["features"][feature]["geometry"]["coordinates"][ring]


def move(collection):
    for position in ring_of(collection):
        position[0] = round(position[0] + 5e-7, 7)  # 5 cm
    feature = collection["features"][0]
    feature["bbox"] = [round(value + 5e-7 * (n % 2 == 0), 7) for n, value in enumerate(feature["bbox"])]


def swap_ids(collection):
    first, second, *_ = collection["features"]
    first["id"], second["id"] = second["id"], first["id"]


def cross(collection):
    ring = ring_of(collection)
    ring[1], ring[2] = ring[2], ring[1]


def sharpen(collection):
    ring_of(collection)[1][0] += 1e-9


def widen(box, by):
    box[2] += by


TAMPERING = {
    "turned": lambda c: ring_of(c).reverse(),
    "hole turned": lambda c: ring_of(c, 1, 1).reverse(),
    "hole filled": lambda c: c["features"][1]["geometry"]["coordinates"].pop(),
    "moved": move,
    "dropped": lambda c: c["features"].pop(),
    "ids swapped": swap_ids,
    "axes swapped": lambda c: [position.reverse() for position in ring_of(c)],
    "crossed": cross,
    "more digits": sharpen,
    "crs": lambda c: c.update(crs={"type": "name", "properties": {"name": "EPSG:9210"}}),
    "box": lambda c: widen(c["bbox"], 1),
    "box of a feature": lambda c: widen(c["features"][0]["bbox"], 1),
    "not a number": lambda c: c["features"][0]["properties"].update(area_ha=float("nan")),
    "place lost": lambda c: c["features"][0].update(geometry=None),
    "place invented": lambda c: c["features"][4].update(geometry={"type": "Point", "coordinates": [106.6, 11.0]}),
    "no list": lambda c: c.update(features={}),
}


@pytest.mark.parametrize("name", TAMPERING)
def test_the_check_refuses_what_was_tampered_with(name):
    frame = zones()
    data = written(frame)
    verify_geojson(data, frame, frame["id"].tolist())
    collection = json.loads(data)
    TAMPERING[name](collection)
    with pytest.raises(ExportError):
        verify_geojson(json.dumps(collection, ensure_ascii=False).encode(), frame, frame["id"].tolist())


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff\xfe", b'{"features": [{}]}'])
def test_the_check_refuses_what_is_not_geojson(data):
    with pytest.raises(ExportError):
        verify_geojson(data, zones(), ["a"])
