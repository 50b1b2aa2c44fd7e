"""Who gains and who loses is counted where people live, and a hand can check it."""

import geopandas as gpd
import numpy as np
import pytest

from tests.data.toy_region import ToyRegion, at, frame
from zoning.gains import by_unit, by_zone, felt, gains, paired


def people_at(*rows):
    """Return points as (node, value, people, unit)."""
    nodes, values, people, units = zip(*rows, strict=True)
    return gpd.GeoDataFrame(
        {"value": values, "people": people, "unit_id": units}, geometry=[at(node) for node in nodes], crs=9210
    )


def test_half_a_minute_is_felt_and_being_reached_at_all_is_more():
    better, worse = gains(np.array([5.0, 5.0, np.nan, 5.0, np.inf]), np.array([4.5, 4.6, 50.0, np.nan, np.nan]))
    assert better.tolist() == [True, False, True, False, False]
    assert worse.tolist() == [False, False, False, True, False]


def test_of_what_is_within_reach_one_hundredth_is_felt():
    before, after = np.array([100.0, 100.0, 100.0, 0.0, np.nan]), np.array([101.5, 100.5, 98.0, 0.1, np.nan])
    better, worse = felt(before, after, in_minutes=False)
    assert better.tolist() == [True, False, False, True, False]
    assert worse.tolist() == [False, False, True, False, False]
    more = felt(np.array([5.0]), np.array([9.0]), in_minutes=True)
    assert [side.tolist() for side in more] == [[False], [True]]


def test_people_are_counted_by_unit_and_unknown_ones_count_nobody():
    before = people_at((0, 10.0, 100.0, "a"), (1, 10.0, 50.0, "a"), (2, 10.0, 70.0, "b"), (4, 10.0, None, "c"))
    after = people_at((0, 12.0, 100.0, "a"), (1, 9.0, 50.0, "a"), (2, 10.0, 70.0, "b"), (4, 99.0, None, "c"))
    table = by_unit(before, after, in_minutes=False).set_index("id")
    assert table["gain"].to_dict() == {"a": 100, "b": 0, "c": 0}
    assert table["lose"].to_dict() == {"a": 50, "b": 0, "c": 0}
    turned = by_unit(before, after, in_minutes=True).set_index("id")
    assert turned["gain"].to_dict() == {"a": 50, "b": 0, "c": 0}


def test_people_of_a_scenarios_zone_are_left_out_for_they_have_no_before():
    before = people_at((0, 1.0, 10.0, "a"), (1, 1.0, 10.0, "a"))
    after = people_at((0, 2.0, 10.0, "a"), (1, 2.0, 10.0, "a"), (1, 2.0, 9_999.0, "a"))
    assert [len(one) for one in paired(before, after)] == [2, 2]
    assert by_unit(before, after, in_minutes=False)["gain"].tolist() == [20]
    other = people_at((0, 2.0, 10.0, "a"), (3, 2.0, 10.0, "a"))
    assert [len(one) for one in paired(before, other)] == [1, 1]


@pytest.mark.parametrize(("off_m", "told"), [(0.0, True), (1_900.0, True), (2_100.0, False)])
def test_a_zone_has_the_access_of_the_nearest_point_where_people_live(off_m, told):
    zones = frame(
        [
            {"id": "z", "name_vi": "Khu", "name_en": "Zone", "kind": "urban_area", "geometry_quality": "osm"},
            {"id": "lost", "name_vi": "Mất", "name_en": "Lost", "kind": "urban_area", "geometry_quality": "none"},
        ],
        [at(1, off_m=off_m), None],
    )
    before = people_at((0, 1.0, 10.0, "a"), (1, 5.0, 10.0, "a"))
    after = people_at((0, 1.0, 10.0, "a"), (1, 8.0, 10.0, "a"))
    table = by_zone(ToyRegion(zones=zones), before, after)
    assert table["id"].tolist() == ["z"]
    assert table["change"].dropna().tolist() == ([3.0] if told else [])
