"""Test geodata.osmareas and geodata.osmoutlines: the right outline by name, kind and place, or none and the reason."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

from geodata.crs import PLANNING_CRS, lonlat_to_planning
from geodata.osmareas import read_areas
from geodata.osmoutlines import STATUSES, load_outlines, match_outlines, with_outlines
from geodata.store import open_store
from geodata.watch import StoppedError, Watch
from tests.data.osm_town import LAT, LON, STEP, write_town
from zoning.errors import BadFileError


def square(x, y, size=1.0):
    return [(x, y), (x + size, y), (x + size, y + size), (x, y + size), (x, y)]


WAYS = {
    1: (square(0, 0, 4), {"landuse": "industrial", "name": "KCN Sông Con"}),
    2: (square(6, 0, 4), {"landuse": "industrial", "name": "KCN Sông Con 2"}),
    3: (square(0, 6), {"amenity": "hospital", "name": "Bệnh viện Đa khoa Thị xã Phố Núi"}),
    4: (square(3, 6), {"amenity": "school", "name": "Hoa Sen"}),
    5: (square(5, 6), {"leisure": "park", "name": "Công viên Đôi"}),
    6: (square(7, 6), {"leisure": "park", "name": "Công viên Đôi"}),
    7: (square(12, 0, 2), {"landuse": "industrial", "name": "VSIP III"}),
    8: (square(-2, 10, 20), {"natural": "water", "water": "river"}),
    9: (square(9, 6), {"amenity": "university", "name": "ĐH Núi Xanh"}),
    10: (square(3, 3.9, 0.2), {"amenity": "school"}),  # nameless
    11: ([(0, 9), (1, 9)], {"leisure": "park", "name": "Đường thẳng"}),  # no area
    12: (square(11, 6), {"leisure": "park", "highway": "pedestrian", "name": "Công viên Tre"}),
}


def point(x, y):
    return shapely.Point(*(float(v) for v in lonlat_to_planning(LON + x * STEP, LAT + y * STEP)))


def features(*rows):
    columns = ("id", "name_vi", "kind", "geometry_quality", "area_ha", "geometry")
    table = [dict(zip(columns, row, strict=True)) for row in rows]
    return gpd.GeoDataFrame(table, geometry="geometry", crs=PLANNING_CRS)


@pytest.fixture(scope="module")
def areas(tmp_path_factory):
    return read_areas(write_town(tmp_path_factory.mktemp("areas") / "areas.osm.pbf", ways=WAYS))


def status(areas, name, kind, quality, place, area_ha=np.nan):
    found = match_outlines(features(("x", name, kind, quality, area_ha, place)), areas).iloc[0]
    assert found.status in STATUSES
    return found.status, found.osm_id


def test_named_outlines_and_rivers_are_read(areas):
    assert areas.crs == PLANNING_CRS
    kinds = dict(zip(areas.osm_id, areas.kind, strict=True))
    assert kinds == {
        "w1": "industrial", "w2": "industrial", "w3": "hospital", "w4": "school", "w5": "park", "w6": "park",
        "w7": "industrial", "w8": "river", "w9": "university", "w12": "park",
    }  # fmt: skip
    assert areas.geometry.is_valid.all()
    # 4 steps of 109.3 m by 110.6 m
    assert areas.set_index("osm_id").area["w1"] == pytest.approx(4 * 109.3 * 4 * 110.6, rel=0.005)


@pytest.mark.parametrize(
    ("name", "kind", "quality", "place", "expected"),
    [
        ("Khu công nghiệp Sông Con 1", "industrial_park", "schematic", point(2, 2), ("matched", "w1")),
        ("Khu công nghiệp Sông Con", "industrial_park", "schematic", point(2, 2), ("matched", "w1")),
        ("Khu công nghiệp Sông Con II", "industrial_park", "schematic", point(8, 2), ("matched", "w2")),
        ("KCN Sông Con 3", "industrial_park", "schematic", point(8, 2), ("absent", "")),
        ("Bệnh viện Đa khoa Phố Núi", "hospital", "osm", point(0.5, 6.5), ("matched", "w3")),
        ("BV phố núi", "hospital", "gazetteer", point(2, 8), ("matched", "w3")),
        ("Khu công nghiệp Rồng (VSIP III)", "industrial_park", "approximate", point(-10, -20), ("outside", "")),
        ("Khu công nghiệp Rồng (VSIP III)", "industrial_park", "approximate", point(0, 0), ("matched", "w7")),
        ("Khu công nghiệp VSIP III", "industrial_park", "none", None, ("matched", "w7")),
        ("Đại học Hoa Sen", "university", "osm", point(3, 6), ("other_kind", "")),
        ("Trường Đại học Núi Xanh", "university", "osm", point(9, 6), ("matched", "w9")),
        ("Đại học Núi Xanh", "university_campus", "none", None, ("matched", "w9")),
        ("Công viên Đôi", "park", "approximate", point(6.5, 8), ("several", "")),
        ("Công viên Đôi", "park", "surveyed", point(7.5, 6.5), ("matched", "w6")),
        ("Công viên Đôi", "park", "none", None, ("absent", "")),  # one word alone is too little
        ("Công viên Đá", "park", "none", None, ("absent", "")),
    ],
)
def test_matching(areas, name, kind, quality, place, expected):
    assert status(areas, name, kind, quality, place) == expected


def test_an_outline_far_from_a_known_place_is_another_thing(tmp_path):
    ways = {**WAYS, 90: (square(60, 0), {"leisure": "park", "name": "Xa"})}
    wide = read_areas(write_town(tmp_path / "wide.osm", ways=ways))
    name = "Khu công nghiệp Sông Con 2"
    assert status(wide, name, "industrial_park", "surveyed", point(40, 2))[0] == "far"
    assert status(wide, name, "industrial_park", "approximate", point(40, 2)) == ("matched", "w2")


def test_another_size_than_published_is_not_taken(areas):
    name, place = "Khu công nghiệp Sông Con 1", point(2, 2)
    assert status(areas, name, "industrial_park", "schematic", place, 19.3)[0] == "matched"
    assert status(areas, name, "industrial_park", "schematic", place, 60.0) == ("other_size", "w1")
    assert status(areas, name, "industrial_park", "schematic", place, 5.0) == ("other_size", "w1")


def test_features_with_their_outlines(areas):
    given = features(
        ("a", "KCN Sông Con 2", "industrial_park", "schematic", np.nan, point(8, 2)),
        ("b", "KCN Không Đâu", "industrial_park", "approximate", np.nan, point(8, 2)),
        ("c", "Chùa", "culture", "surveyed", np.nan, point(1, 1)),
    )
    before = given.copy()
    matches = match_outlines(given, areas)
    assert list(matches.id) == ["a", "b"]  # a pagoda has no kind of outline
    shown = with_outlines(given, matches, areas)
    assert list(shown.geometry_quality) == ["osm", "approximate", "surveyed"]
    assert shown.geometry.iloc[0].area == pytest.approx(matches.area_ha.iloc[0] * 10_000)
    assert shown.geometry.iloc[1:].geom_equals(given.geometry.iloc[1:]).all()
    assert given.equals(before)


def test_bad_files_and_stopping(tmp_path):
    bad = tmp_path / "bad.osm"
    bad.write_text("<html><body>Log in</body></html>")
    with pytest.raises(BadFileError):
        read_areas(bad)
    good = write_town(tmp_path / "good.osm", ways=WAYS)
    with pytest.raises(StoppedError):
        read_areas(good, watch=Watch(cancelled=lambda: True))
    empty = read_areas(write_town(tmp_path / "none.osm", ways={11: WAYS[11]}))
    assert empty.empty
    assert list(match_outlines(features(("a", "KCN A B", "industrial_park", "none", 1, None)), empty).status) == [
        "absent"
    ]


def test_the_store_keeps_outlines_and_reasons(store, tmp_path):
    zones, before = store.raw_layer("zones"), store.fingerprint("zones")
    matches = load_outlines(store, write_town(tmp_path / "areas.osm", ways=WAYS))
    kept = store.layer("outlines")
    assert len(kept) == 10
    assert (kept.geometry_quality == "osm").all()
    assert_geodataframe_equal(store.raw_layer("zones"), zones)
    assert store.fingerprint("zones") != before  # what is shown has other outlines now, if only of a facility
    table = store.layer("outline_matches")
    assert len(table) == len(matches) > 50
    assert set(table.layer) == {"zones", "facilities"}
    assert store.layers().set_index("name").loc["outlines", "licence"] == "ODbL 1.0"


def test_zones_are_shown_with_their_outlines(store, tmp_path):
    matches = load_outlines(store, write_town(tmp_path / "areas.osm", ways=WAYS))
    found = set(matches[(matches.status == "matched") & (matches.layer == "zones")].id)
    shown, kept = (layer.set_index("id") for layer in (store.layer("zones"), store.raw_layer("zones")))
    assert set(shown.index[shown.geometry_quality == "osm"]) - set(kept.index[kept.geometry_quality == "osm"]) == found
    others = [each for each in kept.index if each not in found]
    assert shown.loc[others].geometry.equals(kept.loc[others].geometry)
    assert_geodataframe_equal(open_store(store.path).layer("zones"), store.layer("zones"))


def test_real_outlines_have_the_areas_that_others_measured(shared):
    path = shared / "realdata" / "osm-hcmc-south-binhduong-2018" / "hcm_2018.osm.pbf"
    if not path.is_file():
        pytest.skip("the real extract is not here")
    from geodata.embedded import build_layers

    zones = build_layers()["zones"]
    matches = match_outlines(zones, read_areas(path))
    found = matches[matches.status == "matched"].set_index("id")
    assert {"vsip-1", "song-than-1", "song-than-2", "dong-an-1", "viet-huong-1", "binh-duong-ip"} <= set(found.index)
    measured = zones.set_index("id").loc[found.index, "area_osm_ha"].astype(float)
    assert found.area_ha.to_numpy() == pytest.approx(measured.to_numpy(), rel=0.01)
