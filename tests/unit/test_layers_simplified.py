"""A layer of any size fits on the map, its largest and every part of it first; what fits is drawn as it is."""

import json

import geopandas as gpd
import numpy as np
import pytest
import shapely

from layers import groups, own
from layers.drawing import SIMPLIFY_M
from layers.simplified import COARSEST_M, MOST_BYTES, MOST_FEATURES, Fit, within
from pages.ui.text import translator

RNG = np.random.default_rng(20261122)
WEST, SOUTH, SIDE = 580_000.0, 1_200_000.0, 60_000.0


def layer(shapes):
    count = len(shapes)
    columns = {"id": [f"f{at}" for at in range(count)], "name_vi": [f"Thửa đất số {at}" for at in range(count)]}
    return gpd.GeoDataFrame(columns | {"name_en": ""}, geometry=list(shapes), crs="EPSG:9210")


def wiggly(vertices, radius=20_000.0, at=(610_000.0, 1_230_000.0)):
    angle = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
    rough = np.cumsum(RNG.standard_normal(vertices)) / np.sqrt(vertices)
    length = radius * (1 + 0.1 * np.sin(7 * angle) + 0.05 * (rough - np.linspace(0, rough[-1], vertices)))
    return shapely.polygons(np.c_[at[0] + length * np.cos(angle), at[1] + length * np.sin(angle)])


def scattered(count):
    return RNG.uniform((WEST, SOUTH), (WEST + SIDE, SOUTH + SIDE), (count, 2))


def drawn(drawing):
    """Return what the browser would draw, back in the planning CRS."""
    features = json.loads(drawing.payload)["features"]["features"]
    return gpd.GeoDataFrame.from_features(features, crs=4326).to_crs(9210).geometry, features


def test_what_fits_is_drawn_as_it_is():
    frame = layer(shapely.points(scattered(200)))
    drawing = own.draw("mine", frame, title="Mine")
    assert drawing.fit is None
    assert drawing == within(lambda part: own.draw("mine", part, title="Mine"), frame)
    assert len(drawn(drawing)[1]) == 200


def test_two_hundred_thousand_points_fit_and_come_from_every_part():
    xy = scattered(200_000)
    drawing = own.draw("mine", layer(shapely.points(xy)), title="Mine")
    assert drawing.sent_bytes <= MOST_BYTES
    assert drawing.fit.total == 200_000
    assert 2_000 < drawing.fit.drawn <= MOST_FEATURES
    assert drawing.fit.tolerance_m == 0
    shapes, features = drawn(drawing)
    assert len(features) == drawing.fit.drawn == len({one["properties"]["ids"][0] for one in features})
    counts, *_ = np.histogram2d(shapes.x, shapes.y, bins=10, range=[[WEST, WEST + SIDE], [SOUTH, SOUTH + SIDE]])
    assert counts.min() > 0.6 * counts.mean()  # the first thousands of a file may be of one corner


def test_a_polygon_of_a_million_vertices_keeps_its_shape():
    true = wiggly(1_000_000)
    drawing = own.draw("mine", layer([true]), title="Mine")
    assert drawing.sent_bytes <= MOST_BYTES
    assert (drawing.fit.drawn, drawing.fit.total) == (1, 1)
    assert drawing.fit.tolerance_m >= SIMPLIFY_M
    shown = drawn(drawing)[0].iloc[0]
    some = shapely.points(shapely.get_coordinates(true)[::500])
    assert shapely.distance(some, shown.exterior).max() < 2 * drawing.fit.tolerance_m
    assert shown.area == pytest.approx(true.area, rel=0.001)


def test_large_features_come_before_small_ones_of_the_same_place():
    xy = scattered(30_000)
    small = shapely.box(xy[:, 0], xy[:, 1], xy[:, 0] + 20, xy[:, 1] + 20)
    large = [wiggly(40, 2_000.0, at) for at in ((590_000.0, 1_210_000.0), (630_000.0, 1_250_000.0))]
    drawing = own.draw("mine", layer([*small, *large]), title="Mine")
    ids = {one["properties"]["ids"][0] for one in drawn(drawing)[1]}
    assert {"f30000", "f30001"} <= ids
    assert drawing.fit.drawn < drawing.fit.total == 30_002


@pytest.mark.parametrize("count", [300, 5_000])
def test_many_long_outlines_fit(count):
    outlines = [wiggly(400_000 // count, 1_500.0, tuple(at)) for at in scattered(count)]
    drawing = own.draw("mine", layer(outlines), title="Mine")
    assert drawing.sent_bytes <= MOST_BYTES
    assert SIMPLIFY_M <= drawing.fit.tolerance_m <= COARSEST_M
    assert all(not one.is_empty for one in drawn(drawing)[0])


def test_tiny_rings_holes_and_parts_do_not_break_it():
    tiny = [shapely.box(600_000 + at, 1_220_000, 600_000 + at + 0.001, 1_220_000.001) for at in range(20_000)]
    holes = shapely.difference(shapely.box(590_000, 1_210_000, 640_000, 1_250_000), shapely.multipolygons(tiny))
    drawing = own.draw("mine", layer([*tiny, holes, None, shapely.Polygon()]), title="Mine")
    assert drawing.sent_bytes <= MOST_BYTES
    assert drawing.fit.total == 20_001  # what has no shape cannot be drawn, and is not counted


def test_zones_of_the_store_are_fitted_alike():
    frame = layer([wiggly(3_000, 900.0, tuple(at)) for at in scattered(300)])
    frame = frame.assign(kind="industrial_park", status="operating", geometry_quality="surveyed", area_ha=1.0)
    drawing = within(groups.zones, frame)
    assert drawing.sent_bytes <= MOST_BYTES
    assert len({one["properties"]["ids"][0] for one in drawn(drawing)[1]}) == drawing.fit.drawn == 300


def test_the_data_are_not_changed():
    frame = layer([wiggly(100_000)])
    before = frame.to_wkb()
    own.draw("mine", frame, title="Mine")
    assert frame.to_wkb().equals(before)


def test_the_same_layer_gives_the_same_text():
    frame = layer(shapely.points(scattered(20_000)))
    assert own.draw("mine", frame, title="Mine").payload == own.draw("mine", frame.copy(), title="Mine").payload


def test_a_smaller_share_gives_a_lighter_drawing():
    frame = layer(shapely.points(scattered(20_000)))
    assert own.draw("mine", frame, title="Mine", most_bytes=150_000).sent_bytes <= 150_000


def test_the_bytes_are_those_of_a_text_inside_a_message():
    drawing = own.draw("mine", layer(shapely.points(scattered(3))), title="Vùng “mới”")
    assert drawing.sent_bytes == len(json.dumps(drawing.payload).encode()) > len(drawing.payload)


@pytest.mark.parametrize("language", ["en", "vi"])
def test_the_page_says_what_was_left_out(language):
    t = translator(language)
    for fit in (Fit(32.0, 5, 5), Fit(32.0, 5, 9), Fit(0.0, 5, 9)):
        said = fit.sentence("Lots", t, str)
        assert "Lots" in said
        assert ("32.0" in said) == bool(fit.tolerance_m)
        assert ("9" in said) == (fit.drawn < fit.total)
