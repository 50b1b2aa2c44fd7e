"""Frames become escaped, rounded GeoJSON; nothing that cannot be drawn is drawn."""

import json
import re

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.geometry import LineString, Point, Polygon, box

from geodata.crs import planning_to_lonlat
from layers import badges, groups, results, styles
from layers.basemap import base_map
from layers.catalogue import CATALOGUE, draw, layer_info, source_of
from layers.drawing import drawable, features_of
from layers.legend import in_words
from layers.near import near_here
from layers.scene import Focus, scene_payload
from layers.tips import Reader, Source
from tests.unit.test_layers_safe import VECTORS
from zoning.errors import UnknownLayerError

CRS = "EPSG:9210"
E, N = 680_000.0, 1_222_000.0  # somewhere in Thu Dau Mot, m


def zone(zone_id, geometry, **values):
    return {
        "id": zone_id,
        "name_vi": f"Khu công nghiệp {zone_id}",
        "name_en": f"{zone_id} Industrial Park",
        "kind": "industrial_park",
        "status": "operating",
        "area_ha": 100.0,
        "area_basis": "published",
        "geometry_quality": "osm",
        "geometry": geometry,
    } | values


def frame(*rows):
    return gpd.GeoDataFrame(list(rows), geometry="geometry", crs=CRS)


def features(drawing):
    return json.loads(drawing.features)["features"]


@pytest.fixture
def some_zones():
    spot = Point(E + 9_000, N)
    return frame(
        zone("small", box(E, N, E + 1_000, N + 1_000)),
        zone("large", box(E - 2_000, N - 2_000, E + 5_000, N + 5_000), kind="city"),
        zone("guess", box(E + 6_000, N, E + 7_000, N + 1_000), geometry_quality="schematic", status="planned"),
        zone("gate", Point(E, N + 9_000), geometry_quality="surveyed"),
        *(zone(f"near-{i}", spot, geometry_quality="approximate") for i in range(5)),
        zone("nowhere", None, geometry_quality="none"),
        zone("empty", Polygon(), geometry_quality="osm"),
    )


def test_a_zone_without_a_place_is_not_drawn(some_zones):
    drawing = groups.zones(some_zones)
    ids = [one for feature in features(drawing) for one in feature["properties"]["ids"]]
    assert sorted(ids) == sorted(set(some_zones["id"]) - {"nowhere", "empty"})
    assert drawing.count == 5  # three outlines, a gate, and five zones at one place


def test_approximate_zones_are_drawn_once_a_place(some_zones):
    drawing = groups.zones(some_zones)
    near = [f for f in features(drawing) if len(f["properties"]["ids"]) > 1]
    assert len(near) == 1
    assert near[0]["properties"]["ids"] == [f"near-{i}" for i in range(5)]
    assert near[0]["properties"]["t"][0] == "Somewhere near here: 5 zones"
    assert drawing.styles[near[0]["properties"]["s"]].shape == "near"
    assert "Somewhere near here: 5 zones" in [label.text for label in drawing.labels]


def test_two_approximate_places_stay_two():
    two = frame(
        zone("a", Point(E, N), geometry_quality="approximate"),
        zone("b", Point(E, N + 0.2), geometry_quality="approximate"),
        zone("c", Point(E + 50, N), geometry_quality="approximate"),
        zone("d", Point(E, N), geometry_quality="surveyed"),
    )
    assert [place.rows for place in near_here(two)] == [(0, 1), (2,)]


def test_smaller_zones_lie_above_larger_ones(some_zones):
    order = [f["properties"]["ids"][0] for f in features(groups.zones(some_zones))]
    assert order.index("large") < order.index("small")


def test_a_schematic_outline_is_dashed_and_labelled(some_zones):
    drawing = groups.zones(some_zones)
    guess = next(f for f in features(drawing) if f["properties"]["ids"] == ["guess"])
    true = next(f for f in features(drawing) if f["properties"]["ids"] == ["small"])
    assert drawing.styles[guess["properties"]["s"]].dash
    assert not drawing.styles[true["properties"]["s"]].dash
    assert "guess IP (schematic)" in [label.text for label in drawing.labels]
    assert any("schematic" in words for words in in_words(drawing.legend))


def test_status_and_mode_are_told_without_colour():
    dashes = [styles.corridor("road", status, "osm").dash for status in ("operating", "under_construction", "planned")]
    assert len(set(dashes)) == 3
    modes = [styles.corridor(mode, "operating", "osm") for mode in styles.MODE_COLOURS]
    assert len({(style.weight, style.color) for style in modes}) == len(modes)


def test_coordinates_are_in_degrees_with_six_decimals():
    drawing = groups.zones(frame(zone("a", Point(E + 1 / 3, N + 1 / 3), geometry_quality="osm")))
    lon, lat = features(drawing)[0]["geometry"]["coordinates"]
    east, north = planning_to_lonlat(np.array([E + 1 / 3]), np.array([N + 1 / 3]))
    assert lon == pytest.approx(east[0], abs=6e-7)
    assert lat == pytest.approx(north[0], abs=6e-7)
    assert re.fullmatch(r"\d+\.\d{1,6}", str(lon))


@pytest.mark.parametrize("text", VECTORS)
def test_no_text_of_any_layer_leaves_unescaped(text):
    rows = frame(
        zone(text, box(E, N, E + 1_000, N + 1_000), name_vi=text, name_en=text, kind=text, status=text, level=text,
             mode=text, capacity=text, routes=text, status_note=text, geometry_quality="osm", area_km2=1.0),
        zone(text + "2", Point(E, N), name_vi=text, name_en=text, kind=text, status=text, mode=text, routes=text,
             geometry_quality="approximate"),
        zone(text + "3", LineString([(E, N), (E + 9_000, N)]), name_vi=text, mode="road", kind=text, status=text),
    )  # fmt: skip
    source, reader = Source(text, text), Reader(lambda words: words, "vi")
    drawings = [info.draw(rows, reader, source) for info in CATALOGUE]
    drawings += [
        groups.zones(rows, reader, source, name=text, title=text),
        results.shaded(rows.assign(value=[1.0, 2.0, np.nan]), "value", reader, title=text, unit=text),
        results.selected(rows),
        results.positions(gpd.GeoSeries([Point(E, N)], crs=CRS), reader, title=text),
        results.route(rows.iloc[2:], reader, title=text),
    ]
    braced = text.replace("{", "{{").replace("}", "}}")  # translations are templates
    hostile = Reader(lambda words: f"{words} {braced}", "vi")
    payload = scene_payload(drawings, focus=Focus((106.0, 11.0, 107.0, 12.0), text), translate=hostile.translate)
    ground = base_map(rows.iloc[:1], rows.iloc[2:], hostile, wards_source=source, corridors_source=source)
    for sent in (payload, ground.payload):
        json.loads(sent)
        assert not set(sent) & set("<>'`$\\")
        assert "{{" not in sent
        assert "{%" not in sent
        assert "{#" not in sent


def test_empty_frames_draw_nothing_and_raise_nothing(some_zones):
    columns = some_zones.assign(mode="road", population=1, area_km2=1.0, routes="").iloc[:0]
    for info in CATALOGUE:
        drawing = draw(info.name, columns, Reader())
        assert drawing.count == 0
        assert features(drawing) == []
        json.loads(drawing.payload)
    json.loads(base_map(columns, columns).payload)
    json.loads(results.selected(columns).payload)
    json.loads(results.shaded(columns, "population", title="People").payload)


def test_rows_that_cannot_be_drawn_are_left_out():
    odd = frame(
        zone("none", None),
        zone("empty", Polygon()),
        zone("endless", Point(np.inf, N)),
        zone("height", Point(E, N, 12.0)),
        zone("lines", shapely.MultiLineString([[(E, N), (E, N + 1)]])),
    )
    assert drawable(odd) == [3, 4]
    sent = json.loads(features_of(odd, layer="x", style_of=[0] * 5, tips=[[]] * 5))
    assert [f["properties"]["ids"] for f in sent["features"]] == [["height"], ["lines"]]
    assert len(sent["features"][0]["geometry"]["coordinates"]) == 2


def test_missing_values_are_left_out_of_tooltips():
    row = zone("a", Point(E, N), area_ha=pd.NA, kind=pd.NA, status=None, name_en=np.nan, geometry_quality="osm")
    tip = features(groups.zones(frame(row)))[0]["properties"]["t"]
    assert tip == ["Khu công nghiệp a", "Drawing: from OpenStreetMap"]


def test_names_follow_the_language_and_figures_too(some_zones):
    vi = features(groups.zones(some_zones, Reader(lambda words: words, "vi")))[1]["properties"]["t"]
    assert vi[0].startswith("Khu công nghiệp")
    big = frame(zone("a", box(E, N, E + 9, N + 9), area_ha=1234.5))
    tip = features(groups.zones(big, Reader(lambda words: words, "vi")))[0]["properties"]["t"]
    assert "Area: 1.234,5 ha" in tip
    assert "Area: 1,234.5 ha" in features(groups.zones(big))[0]["properties"]["t"]


def test_neighbours_share_their_border_after_simplification():
    wave = [(E + 1_000 + 2 * np.sin(i), N + 10 * i) for i in range(200)]
    west = Polygon([(E, N), *wave, (E, N + 1_990)])
    east = Polygon([(E + 2_000, N), *wave, (E + 2_000, N + 1_990)])
    drawn = groups.wards(frame(zone("w", west), zone("e", east)))
    shapes = [shapely.from_geojson(json.dumps(f["geometry"])) for f in features(drawn)]
    assert shapely.get_num_coordinates(shapes[0]) < 100  # it was simplified
    assert shapes[0].intersection(shapes[1]).area == 0
    assert shapely.union_all(shapes).area == pytest.approx(sum(shape.area for shape in shapes), rel=1e-9)


def rings(*minutes):
    centre = Point(E, N)
    rows = [{"minutes": float(m), "area_ha": 1.0, "geometry": centre.buffer(m * 300)} for m in minutes]
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=CRS)


def test_rings_are_cut_out_of_each_other_and_the_smallest_is_darkest():
    drawing = results.rings(rings(5, 15, 10))
    bands = [shapely.from_geojson(json.dumps(f["geometry"])) for f in features(drawing)]
    assert [f["properties"]["ids"] for f in features(drawing)] == [["15"], ["10"], ["5"]]
    for at, band in enumerate(bands):
        for other in bands[at + 1 :]:
            assert band.intersection(other).area < 1e-12
    assert [drawing.styles[f["properties"]["s"]].fill for f in features(drawing)] == [
        styles.RING_COLOURS[2], styles.RING_COLOURS[1], styles.RING_COLOURS[0],
    ]  # fmt: skip
    assert in_words(drawing.legend) == ["5 minutes", "10 minutes", "15 minutes"]


def test_shaded_classes_hold_their_upper_bound_and_unknown_is_apart():
    areas = frame(
        *(zone(str(i), box(E + 9 * i, N, E + 9 * i + 9, N + 9), people=v) for i, v in enumerate([1, 2, 3, None]))
    )
    drawing = results.shaded(areas, "people", title="People", bounds=[1, 2])
    fills = [drawing.styles[f["properties"]["s"]].fill for f in features(drawing)]
    assert fills == [styles.SHADE_COLOURS[0], styles.SHADE_COLOURS[2], styles.SHADE_COLOURS[4], styles.NO_DATA.fill]
    assert in_words(drawing.legend) == ["≤ 1", "≤ 2", "> 2", "no data"]


def test_one_figure_for_all_makes_one_class():
    areas = frame(*(zone(str(i), box(E + 9 * i, N, E + 9 * i + 9, N + 9), people=7.0) for i in range(3)))
    drawing = results.shaded(areas, "people", title="People")
    assert {f["properties"]["s"] for f in features(drawing)} == {0}


def test_badges_differ_by_sign_not_by_colour_alone():
    rows = frame(
        *(zone(kind, Point(E, N + 99 * i), kind=kind) for i, kind in enumerate(["hospital", "university", "park"]))
    )
    drawing = badges.facilities(rows)
    assert len({style.sign for style in drawing.styles}) == 3


def test_drawings_are_the_same_each_time_and_input_is_not_changed(some_zones):
    before = some_zones.copy(deep=True)
    first = groups.zones(some_zones)
    assert first == groups.zones(some_zones)
    assert first.payload == groups.zones(some_zones).payload
    assert some_zones.equals(before)


def test_source_goes_with_the_layer():
    provenance = pd.DataFrame({"name": ["zones"], "attribution": ["(c) A | (c) B"], "date": [None]})
    source = source_of("zones", provenance)
    assert source == Source("(c) A | (c) B", "")
    assert source_of("other", provenance) == Source()
    drawing = groups.zones(frame(zone("a", Point(E, N))), source=source)
    assert json.loads(drawing.payload)["attribution"] == ["© A", "© B"]


def test_an_unknown_layer_is_named():
    with pytest.raises(UnknownLayerError, match="no map layer named pipes"):
        layer_info("pipes")
