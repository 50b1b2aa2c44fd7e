"""Hold the pinned way between VN-2000 and WGS 84."""

from __future__ import annotations

import ast
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import CRS, Geod, Transformer
from shapely.geometry import LineString, Point, Polygon

from geodata.crs import (
    PLANNING_CRS,
    STUDY_ENVELOPE,
    WEB_CRS,
    in_study_area,
    is_vn2000,
    lonlat_to_planning,
    planning_to_lonlat,
    to_planning,
    to_web,
)
from zoning.errors import InputError, ZoningError

# VN-2000 / TM-3 105-45 with the seven parameters of EPSG:6960 in PROJ's position vector signs (epsg.io/4756): a second
# definition of the same thing, which PROJ cannot choose differently from place to place
TOWGS84 = (
    "+proj=tmerc +lat_0=0 +lon_0=105.75 +k=0.9999 +x_0=500000 +y_0=0 +ellps=WGS84 +towgs84=-191.90441429,-39.30318279,"
    "-111.45032835,0.00928836,-0.01975479,0.00427372,0.252906278 +units=m +no_defs"
)


def points(*lonlat, crs=4326):
    return gpd.GeoSeries([Point(*pair) for pair in lonlat], crs=crs)


@pytest.mark.parametrize(
    ("lon", "lat", "east", "north"),
    [
        (106.66, 11.05, 599233.115, 1222137.933),  # EPSG database path, north of the seam
        (106.6519, 10.9804, 598371.182, 1214436.347),  # south of it: PROJ's own choice gives 598370.386
    ],
)
def test_the_two_published_points(lon, lat, east, north):
    moved = to_planning(points((lon, lat)))
    assert moved.crs == PLANNING_CRS == "EPSG:9210"
    assert moved.x[0] == pytest.approx(east, abs=0.0006)
    assert moved.y[0] == pytest.approx(north, abs=0.0006)


def test_no_step_across_the_seam():
    lat = np.linspace(11.0395, 11.0405, 201)
    east, north = lonlat_to_planning(np.full_like(lat, 106.66), lat)
    # neighbours differ by the same amount all along: a change of operation would show as 0.8 m in one of them
    assert np.ptp(np.diff(east)) < 1e-5
    assert np.ptp(np.diff(north)) < 1e-5


def test_round_trip_below_a_millimetre():
    rng = np.random.default_rng(7)
    west, south, east_deg, north_deg = STUDY_ENVELOPE
    lon, lat = rng.uniform(west, east_deg, 2000), rng.uniform(south, north_deg, 2000)
    east, north = lonlat_to_planning(lon, lat)
    lon2, lat2 = planning_to_lonlat(east, north)
    metres = Geod(ellps="WGS84").inv(lon, lat, lon2, lat2)[2]
    assert metres.max() < 0.001


def test_agrees_with_the_seven_parameters_written_out():
    rng = np.random.default_rng(8)
    lon, lat = rng.uniform(106.3, 107.1, 500), rng.uniform(10.4, 11.6, 500)
    east, north = lonlat_to_planning(lon, lat)
    other = Transformer.from_crs("EPSG:4326", TOWGS84, always_xy=True)
    east2, north2 = other.transform(lon, lat)
    assert np.abs(east - east2).max() < 0.001
    assert np.abs(north - north2).max() < 0.001


def test_agrees_with_the_proj_inside_gdal(tmp_path):
    # pyogrio carries a PROJ and database of its own; its GeoJSON writer reprojects by the parameters in the layer's CRS
    lonlat = [(106.66, 11.05), (106.6519, 10.9804), (106.9, 10.4), (106.4, 11.5)]
    planning = to_planning(points(*lonlat))
    frame = gpd.GeoDataFrame({"n": range(4)}, geometry=planning.to_numpy(), crs=CRS(TOWGS84))
    file = tmp_path / "p.geojson"
    frame.to_file(file, driver="GeoJSON", RFC7946="YES", COORDINATE_PRECISION=9)
    back = gpd.read_file(file)
    assert np.abs(back.geometry.x - [p[0] for p in lonlat]).max() < 1e-8
    assert np.abs(back.geometry.y - [p[1] for p in lonlat]).max() < 1e-8


# computed with the EPSG database path, stated in the region's notes on VN-2000 for lon 106.66, lat 11.05
def test_other_zones_are_pinned_too():
    moved = to_planning(points((380706.917, 1222205.050), crs=5899))
    assert (moved.x[0], moved.y[0]) == pytest.approx((599233.115, 1222137.933), abs=0.001)
    moved = to_planning(points((681337.812, 1222011.557), crs=32648))
    assert (moved.x[0], moved.y[0]) == pytest.approx((599233.115, 1222137.933), abs=0.001)


@pytest.mark.parametrize("epsg", [3405, 3406, 5896, 5897, 5898, 5899, *range(9205, 9219), 4756])
def test_every_zone_of_vn2000_takes_the_same_way_on_both_sides_of_the_seam(epsg):
    lonlat = points((106.66, 11.05), (106.6519, 10.9804))
    # within one datum no operation is chosen: only the projection changes
    zone = Transformer.from_crs(9210, epsg, always_xy=True)
    planning = to_planning(lonlat)
    x, y = zone.transform(planning.x.to_numpy(), planning.y.to_numpy())
    back = to_web(gpd.GeoSeries(gpd.points_from_xy(x, y), crs=epsg))
    assert shapely.distance(back.to_numpy(), lonlat.to_numpy()).max() < 1e-8


def test_a_prj_file_without_a_code_is_recognised():
    lonlat = points((106.6519, 10.9804))
    planning = to_planning(lonlat)
    for wkt in (CRS(9210).to_wkt("WKT1_ESRI"), CRS(9210).to_wkt("WKT1_ESRI").replace("D_Vietnam_2000", "VN_2000")):
        crs = CRS(wkt)
        assert is_vn2000(crs)
        again = to_web(gpd.GeoSeries(planning.to_numpy(), crs=crs))
        assert shapely.distance(again.to_numpy(), lonlat.to_numpy()).max() < 1e-8


def test_frames_keep_what_they_are():
    frame = gpd.GeoDataFrame(
        {"id": ["a", "b"], "geom": [Point(106.65, 10.98), None], "last": [1, 2]},
        geometry="geom",
        crs=4326,
        index=[7, 3],
    )
    before = frame.copy(deep=True)
    moved = to_planning(frame)
    assert list(moved.columns) == ["id", "geom", "last"]
    assert list(moved.index) == [7, 3]
    assert moved.geometry.name == "geom"
    assert moved.geometry[3] is None
    assert frame.crs == WEB_CRS
    pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(before))
    back = to_web(moved)
    assert isinstance(back, gpd.GeoDataFrame)
    assert back.crs == "EPSG:4326"
    assert back.geometry[7].distance(Point(106.65, 10.98)) < 1e-9


def test_empty_frames_and_shapes_with_holes():
    empty = to_planning(gpd.GeoDataFrame({"id": []}, geometry=[], crs=4326))
    assert len(empty) == 0
    assert empty.crs == PLANNING_CRS
    ring = Polygon(
        [(106.6, 11), (106.7, 11), (106.7, 11.1), (106.6, 11.1)], [[(106.62, 11.02), (106.64, 11.04), (106.64, 11.02)]]
    )
    moved = to_planning(gpd.GeoSeries([ring, LineString([(106.6, 11, 5), (106.7, 11, 5)])], crs=4326))
    assert len(moved[0].interiors) == 1
    assert not moved.has_z.any()
    # 0.1 degree x 0.1 degree at 11.05 N on the ellipsoid, less the hole; the planning CRS is right to 0.02 %
    area, _ = Geod(ellps="WGS84").geometry_area_perimeter(ring)
    assert moved[0].area == pytest.approx(abs(area), rel=2e-4)


def test_moving_twice_changes_nothing():
    once = to_planning(points((106.65, 10.98)))
    assert to_planning(once)[0].equals(once[0])


@pytest.mark.parametrize(
    "bad",
    [
        gpd.GeoSeries([Point(106.65, 10.98)]),  # no CRS
        points((10.98, 106.65)),  # latitude first
        points((float("inf"), 10.98)),
        points((1214436.3, 598371.2), crs=9210),  # north first
        points((106.65, 10.98), crs=9210),  # degrees called metres
        points((598371.2, 1214436.3)),  # metres called degrees
        points((24.94, 60.17)),  # Helsinki
        points((1e30, 1e30), crs=32648),
    ],
)
def test_wrong_coordinates_are_refused_in_words(bad):
    with pytest.raises(ZoningError) as caught:
        to_planning(bad)
    assert isinstance(caught.value, InputError)
    assert "{" not in str(caught.value)


def test_swapped_vn2000_is_refused_on_the_way_to_the_web_too():
    with pytest.raises(InputError):
        to_web(points((1214436.3, 598371.2), crs=9210))


def test_other_places_of_the_world_may_still_be_shown():
    shown = to_web(points((385000.0, 6672000.0), crs=32635))  # Helsinki in UTM 35N
    assert shown.x[0] == pytest.approx(24.93, abs=0.01)


def test_arrays_are_checked():
    with pytest.raises(InputError):
        lonlat_to_planning([106.65, np.nan], [10.98, 10.98])
    with pytest.raises(InputError):
        planning_to_lonlat([0.0], [0.0])


def test_threads_share_the_operation():
    lon = np.linspace(106.3, 107.1, 5000)
    lat = np.linspace(10.4, 11.6, 5000)
    expected = lonlat_to_planning(lon, lat)
    with ThreadPoolExecutor(4) as pool:
        for east, north in pool.map(lambda _: lonlat_to_planning(lon, lat), range(16)):
            assert np.array_equal(east, expected[0])
            assert np.array_equal(north, expected[1])


def test_study_area_holds_the_ports():
    assert in_study_area(106.795, 10.757)  # Cat Lai
    assert in_study_area(107.025, 10.54)  # Cai Mep
    assert not in_study_area(105.85, 21.03)  # Hanoi


def test_no_other_module_changes_coordinate_systems():
    root = Path(__file__).resolve().parents[2]
    files = [root / "app.py", *(f for d in ("zoning", "geodata", "layers", "pages") for f in (root / d).rglob("*.py"))]
    for file in files:
        if not file.exists() or file == root / "geodata" / "crs.py":
            continue
        calls = [n.attr for n in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(n, ast.Attribute)]
        assert "to_crs" not in calls, file
