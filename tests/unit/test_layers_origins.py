"""Catchments split by origin are drawn in a hue each, with numbered pins of the same hue."""

import json

import geopandas as gpd
import pytest
import shapely

from layers import results, styles

E, N = 600_000.0, 1_220_000.0
CRS = "EPSG:9210"


def circles(*rows):
    """Return rings (origin, minutes) about origins 5 km apart, 100 m a minute."""
    frame = gpd.GeoDataFrame(rows, columns=["origin", "minutes"])
    shapes = [shapely.Point(E + 5_000 * origin, N).buffer(100 * minutes) for origin, minutes in rows]
    return frame.assign(people=1_000).set_geometry(shapes, crs=CRS)


def test_each_origin_has_its_hue_and_the_larger_rings_lie_below():
    drawing = results.rings(circles((1, 10.0), (1, 20.0), (3, 10.0), (3, 20.0)))
    sent = json.loads(drawing.features)["features"]
    assert [one["properties"]["ids"] for one in sent] == [["1", "20"], ["3", "20"], ["1", "10"], ["3", "10"]]
    assert [one["properties"]["t"][0] for one in sent][:2] == ["Origin 1 · 20 minutes", "Origin 3 · 20 minutes"]
    colours = [drawing.styles[one["properties"]["s"]].fill for one in sent]
    assert colours == [styles.origin_colour(number) for number in (1, 3, 1, 3)]
    assert [entry.label for entry in drawing.legend] == ["Origin 1", "Origin 3", "10 minutes", "20 minutes"]
    assert {label.text for label in drawing.labels} == {"10 minutes", "20 minutes"}


def test_each_ring_is_cut_out_of_the_next_one_of_its_own_origin_only():
    sent = json.loads(results.rings(circles((1, 10.0), (1, 60.0), (2, 10.0))).features)["features"]
    shapes = {tuple(one["properties"]["ids"]): shapely.from_geojson(json.dumps(one["geometry"])) for one in sent}
    assert shapes["1", "60"].intersection(shapes["1", "10"]).area == pytest.approx(0, abs=1e-9)
    assert shapes["1", "60"].intersection(shapes["2", "10"]).area > 0  # the ground of neighbours overlaps


def test_an_origin_may_lack_the_smaller_rings():
    drawing = results.rings(circles((1, 10.0), (1, 20.0), (2, 20.0)))
    sent = json.loads(drawing.features)["features"]
    looks = {tuple(one["properties"]["ids"]): drawing.styles[one["properties"]["s"]] for one in sent}
    assert looks["2", "20"].dash == looks["1", "20"].dash != looks["1", "10"].dash


def test_several_pins_are_numbered_and_one_is_not():
    spots = gpd.GeoSeries([shapely.Point(E, N), shapely.Point(E + 900, N)], crs=CRS)
    assert [style.mark for style in results.positions(spots).styles] == [""]
    alike, apart = (results.positions(spots, apart=one) for one in (False, True))
    assert [style.mark for style in alike.styles] == [style.mark for style in apart.styles] == ["1", "2"]
    assert {style.color for style in alike.styles} == {styles.POSITION.color}
    assert [style.color for style in apart.styles] == [styles.origin_colour(1), styles.origin_colour(2)]
    assert [one["properties"]["s"] for one in json.loads(apart.features)["features"]] == [0, 1]
    assert [style.mark for style in results.positions(spots[:1], apart=True).styles] == [""]


def test_hues_of_neighbouring_numbers_differ():
    assert len(set(styles.ORIGIN_COLOURS)) == len(styles.ORIGIN_COLOURS)
    assert styles.origin_colour(1) == styles.origin_colour(1 + len(styles.ORIGIN_COLOURS))
