"""Hold how typed positions are read."""

from __future__ import annotations

import pytest

from geodata.positions import parse_position, read_position
from zoning.errors import InputError

TDM = (106.6519, 10.9804)  # E 598371.182, N 1214436.347 by EPSG:6960


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("106.6519, 10.9804", "lon_lat"),
        ("106.6519,10.9804", "lon_lat"),
        ("  106.6519   10.9804 ", "lon_lat"),
        ("10.9804, 106.6519", "lat_lon"),
        ("10.9804; 106.6519", "lat_lon"),
        ("106,6519; 10,9804", "lon_lat"),
        ("106,6519 10,9804", "lon_lat"),
        ("106,6519,10,9804", "lon_lat"),
        ("106.6519°E 10.9804°N", "lon_lat"),
        ("lat: 10.9804 lon: 106.6519", "lat_lon"),
        ("vĩ độ 10.9804, kinh độ 106.6519", "lat_lon"),
        ("10°58'49.44\"N 106°39'6.84\"E", "lat_lon"),
        ("106°39,114' 10°58,824'", "lon_lat"),
        ("1214436.347 598371.182", "north_east"),
        ("X = 1214436.347, Y = 598371.182", "north_east"),
        ("X 1214436.347 m; Y 598371.182 m", "north_east"),
        ("X: 1214436,347 Y: 598371,182", "north_east"),
        ("X 1.214.436,347 Y 598.371,182", "north_east"),
        ("598371.182, 1214436.347", "east_north"),
        ("E 598371.182 N 1214436.347", "east_north"),
    ],
)
def test_the_same_place_in_every_spelling(text, written):
    position = read_position(text)
    assert position.written == written
    assert (position.lon, position.lat) == pytest.approx(TDM, abs=1e-7)
    assert parse_position(text) == (position.lon, position.lat)


def test_whole_degrees_and_one_group_of_three_digits():
    assert parse_position("106.651,11") == (106.651, 11.0)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "Thủ Dầu Một",
        "nan, nan",
        "inf 10.9",
        "106.65",
        "106.65, 10.98, 5",
        "106.65 W 10.98",
        "1e400, 10",
        "0, 0",
        "105.85, 21.03",
        "-106.65, 10.98",
        "106.65, 10.98; drop",
        "106,65",
        "1214436 1214436",
        "<b>1</b>, 2",
    ],
)
def test_everything_else_is_refused_in_words(text):
    with pytest.raises(InputError) as caught:
        read_position(text)
    assert "106.65" in str(caught.value)  # the sentence shows how to write it


def test_the_neighbouring_zone_is_named():
    # lon 106.66, lat 11.05 in EPSG:5899 (107-45)
    with pytest.raises(InputError, match="107°45′"):
        read_position("X 1222205.05 Y 380706.92")


def test_the_far_corners_of_the_study_area():
    assert parse_position("107.2, 11.7") == (107.2, 11.7)
    with pytest.raises(InputError):
        parse_position("107.2001, 11.7")
