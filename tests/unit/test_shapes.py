"""Zones are measured in metres: known figures of squares and circles, repairs and overlaps with their size."""

import math

import geopandas as gpd
import pytest
import shapely

from zoning.errors import InputError
from zoning.shapes import compactness, metrics, overlaps, repaired, widened

CRS = "EPSG:9210"
X, Y = 600_000.0, 1_220_000.0


def frame(*shapes, **columns):
    return gpd.GeoDataFrame({"id": [f"z{at}" for at in range(len(shapes))], **columns}, geometry=list(shapes), crs=CRS)


def box(x0, y0, x1, y1):
    return shapely.box(X + x0, Y + y0, X + x1, Y + y1)


def test_a_square_of_100_m_widened_by_300_m_has_412_743_m2():
    area = widened(box(0, 0, 100, 100), 300).area
    assert area == pytest.approx(412_743, rel=1e-3)
    assert area == pytest.approx(100**2 + 4 * 100 * 300 + math.pi * 300**2, rel=1e-4)


def test_a_circle_is_most_compact():
    assert compactness(math.pi, 2 * math.pi) == pytest.approx(1)
    assert compactness(100, 40) == pytest.approx(math.pi / 4)
    assert math.isnan(compactness(0, 0))


def test_metrics_of_a_rectangle_and_of_a_point():
    found = metrics(frame(box(0, 0, 200, 100), shapely.Point(X, Y), None, area_ha=[1.0, 5.0, None]))
    first = found.iloc[0]
    assert first["area_measured_ha"] == 2
    assert first["perimeter_km"] == pytest.approx(0.6)
    assert first["published_diff_pct"] == pytest.approx(100)
    assert first["valid"]
    assert found["area_measured_ha"].isna().tolist() == [False, True, True]


def test_a_crossed_outline_is_repaired_and_says_by_how_much():
    bowtie = shapely.Polygon([(X, Y), (X + 100, Y + 100), (X + 100, Y), (X, Y + 100)])
    found = metrics(frame(bowtie)).iloc[0]
    assert not found["valid"]
    assert "Self-intersection" in found["reason"]
    assert found["area_measured_ha"] == pytest.approx(0.5)
    assert repaired(box(0, 0, 1, 1)).reason == ""
    with pytest.raises(InputError):
        repaired(shapely.Polygon([(X, Y), (X + 1, Y), (X + 2, Y)]))


def test_degrees_are_refused():
    with pytest.raises(InputError):
        metrics(frame(box(0, 0, 1, 1)).set_crs("EPSG:4326", allow_override=True))


def test_overlaps_are_counted_once_with_their_share_of_the_smaller():
    found = overlaps(frame(box(0, 0, 100, 100), box(50, 0, 250, 100), box(100, 0, 120, 20), box(300, 0, 301, 1)))
    assert found[["first", "second"]].to_numpy().tolist() == [["z0", "z1"], ["z1", "z2"]]
    assert found["area_ha"].tolist() == [0.5, 0.04]
    assert found["share_pct"].tolist() == [50, 100]
    assert overlaps(frame(shapely.Point(X, Y))).empty
