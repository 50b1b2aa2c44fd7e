"""A click finds what lies under it: points before lines, lines before areas, small areas before large ones."""

import geopandas as gpd
import pytest
from shapely.geometry import LineString, Point, box

from geodata.crs import planning_to_lonlat
from layers.naming import metres_per_px
from layers.pick import pick

CRS = "EPSG:9210"
E, N = 680_000.0, 1_222_000.0


def layer(**shapes):
    return gpd.GeoDataFrame({"id": list(shapes)}, geometry=list(shapes.values()), crs=CRS)


@pytest.fixture
def frames():
    return {
        "zones": layer(city=box(E, N, E + 10_000, N + 10_000), park=box(E + 1_000, N + 1_000, E + 2_000, N + 2_000)),
        "corridors": layer(road=LineString([(E - 5_000, N + 1_500), (E + 20_000, N + 1_500)]), nothing=None),
        "stops": layer(stop=Point(E + 1_500, N + 1_540)),
    }


def click(frames, east, north, zoom=14.0):
    lon, lat = planning_to_lonlat([east], [north])
    found = pick(frames, float(lon[0]), float(lat[0]), zoom)
    return found and (found.layer, found.id)


def test_the_nearest_form_wins(frames):
    assert click(frames, E + 1_500, N + 1_545) == ("stops", "stop")
    assert click(frames, E + 3_000, N + 1_502) == ("corridors", "road")
    assert click(frames, E + 1_200, N + 1_900) == ("zones", "park")
    assert click(frames, E + 9_000, N + 9_000) == ("zones", "city")
    assert click(frames, E - 3_000, N + 9_000) is None


def test_tolerance_is_in_pixels_of_the_screen(frames):
    away_m = 30.0  # 8 px at zoom 15 and 1 px at zoom 12.2: the limit of 12 px lies near zoom 15.9
    assert click(frames, E - 3_000, N + 1_500 + away_m, zoom=15.0) == ("corridors", "road")
    assert click(frames, E - 3_000, N + 1_500 + away_m, zoom=17.0) is None
    assert metres_per_px(15.0) == pytest.approx(
        4.69, abs=0.01
    )  # OpenStreetMap wiki: 4.773 m at the equator, x cos 11.1


def test_of_two_alike_the_later_layer_wins(frames):
    twice = {"under": frames["zones"], "over": frames["zones"]}
    assert click(twice, E + 1_200, N + 1_200) == ("over", "park")


def test_empty_layers_hold_nothing():
    assert click({"zones": layer()}, E, N) is None
