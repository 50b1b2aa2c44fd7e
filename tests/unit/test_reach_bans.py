"""Bans close what a decree names, at the hours it names, and say when they begin under way."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from zoning.errors import InputError
from zoning.reach.bans import apply_bans, bans_in_force, bans_within, check_bans, edges_under, empty_bans
from zoning.reach.week import WeekTimes, read_days

CRS = "EPSG:9210"


def ban(**changes):
    row = {
        "id": "a",
        "kind": "area",
        "name": "Trung tâm",
        "weight_over_t": 2.5,
        "weight_upto_t": None,
        "days": "mon-sat",
        "hours": "6-9;16-20",
        "decree": "Quyết định mẫu 1",
        "source": "test",
        "geometry": shapely.box(0, 0, 1000, 1000),
    }
    return row | changes


def layer(*rows):
    return gpd.GeoDataFrame(list(rows) or None, crs=CRS) if rows else empty_bans(CRS)


def streets():
    return gpd.GeoSeries(
        [
            shapely.LineString([(500, 500), (600, 500)]),  # 0 inside
            shapely.LineString([(-500, 500), (500, 500)]),  # 1 half in: a truck that drives it is inside
            shapely.LineString([(10, 0), (10, 1000)]),  # 2 bounds the area, drawn ten metres in
            shapely.LineString([(2000, 0), (2000, 1000)]),  # 3 far away
        ],
        crs=CRS,
        index=list("pqrs"),
    )


def costs():
    index = list("pqrs")
    return pd.DataFrame({"seconds": [10.0, 20, 30, 40], "speed_kmh": 36.0, "speed_source": "law"}, index=index)


def test_no_bans_change_nothing():
    result = apply_bans(costs(), streets(), layer(), hour=7, day="mon", weight_t=10)
    pd.testing.assert_frame_equal(result[["seconds", "speed_kmh", "speed_source"]], costs())
    assert (result.ban_id == "").all()
    assert check_bans(layer()).empty


def test_an_area_closes_what_goes_inside_and_leaves_its_border_open():
    before = costs()
    result = apply_bans(before, streets(), layer(ban()), hour=7, day="mon", weight_t=10)
    assert np.isinf(result.seconds).tolist() == [True, True, False, False]
    assert result.ban_id.tolist() == ["a", "a", "", ""]
    assert np.isnan(result.speed_kmh).tolist() == [True, True, False, False]
    pd.testing.assert_frame_equal(before, costs())


def test_a_road_ban_closes_the_road_and_not_those_that_cross_it():
    road = ban(kind="road", geometry=shapely.LineString([(-500, 505), (700, 505)]))
    assert edges_under(layer(road), streets()).tolist() == [[True, True, False, False]]


def test_an_area_smaller_than_its_border_still_closes_what_runs_through():
    small = ban(geometry=shapely.box(540, 490, 560, 510))
    assert edges_under(layer(small), streets()).tolist() == [[True, False, False, False]]


@pytest.mark.parametrize(
    ("hour", "day", "weight_t", "held"),
    [
        (6, "mon", 10, True),  # the first minute counts
        (8.99, "sat", 10, True),
        (9, "mon", 10, False),  # the last does not
        (7, "sun", 10, False),
        (7, "mon", 2.5, False),  # above 2.5 t, not at it
        (7, None, 10, True),  # a working day
        (None, "mon", 10, False),  # no hour: only what holds all day
    ],
)
def test_hours_days_and_weight(hour, day, weight_t, held):
    assert bans_in_force(layer(ban()), hour=hour, day=day, weight_t=weight_t).tolist() == [held]


def test_a_ban_over_midnight_belongs_to_the_day_it_starts_on():
    night = layer(ban(days="fri", hours="22-5"))
    at = lambda hour, day: bool(bans_in_force(night, hour=hour, day=day, weight_t=10)[0])  # noqa: E731
    assert at(23, "fri")
    assert at(4.5, "sat")
    assert not at(4.5, "fri")
    assert not at(5, "sat")


def test_all_day_bans_hold_without_an_hour():
    always = layer(ban(days="", hours=None, weight_over_t=None))
    assert bans_in_force(always, hour=None, day=None, weight_t=0.1).tolist() == [True]
    sunday = layer(ban(days="sun", hours=""))
    assert bans_in_force(sunday, hour=None, day=None, weight_t=10).tolist() == [False]
    assert bans_in_force(sunday, hour=None, day="sun", weight_t=10).tolist() == [True]


def test_a_trip_is_told_of_the_bans_that_begin_under_way():
    bans = layer(ban(), ban(id="b", hours="17-19", name="Cầu"), ban(id="c", hours="5-22", name="Cấm ngày"))
    begun = bans_within(bans, 15.5, 90, day="tue")
    assert begun.id.tolist() == ["a", "b"]
    assert begun.begins_in_min.tolist() == [30, 90]
    assert bans_within(bans, 15.5, 29.9, day="tue").empty
    assert bans_within(bans, 15.5, 90, day="tue", weight_t=2).empty
    assert bans_within(bans, 16, 30, day="tue").empty  # it holds already


def test_beginnings_are_found_over_midnight_and_over_the_week():
    monday = layer(ban(days="mon", hours="0-6"))
    assert bans_within(monday, 23, 90, day="sun").begins_in_min.tolist() == [60]
    assert bans_within(monday, 23, 90, day="mon").empty
    unbroken = layer(ban(days="", hours=""))  # each midnight follows a day on which it held: nothing begins
    assert bans_within(unbroken, 23, 600, day="mon").empty


def test_days_and_hours_are_read():
    assert read_days("fri-mon") == ["mon", "fri", "sat", "sun"]
    assert read_days(" Mon , wed") == ["mon", "wed"]
    assert WeekTimes.read("tue", "6:30-9; 22–2").windows == ((1440 + 390, 150), (1440 + 1320, 240))
    assert WeekTimes.read("mon", "0-24").holds_all_day("mon")


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"kind": "zone"}, "kind"),
        ({"kind": "road"}, "polygon"),
        ({"geometry": None}, "polygon"),
        ({"decree": " "}, "decree"),
        ({"source": None}, "source"),
        ({"days": "monday"}, "days"),
        ({"hours": "6 to 9"}, "hours"),
        ({"hours": "25-26"}, "hours"),
        ({"hours": "9-9"}, "hours"),
        ({"weight_over_t": "heavy"}, "weights"),
        ({"weight_over_t": 5, "weight_upto_t": 5}, "weights"),
        ({"weight_over_t": -1}, "weights"),
        ({"id": ""}, "identifier"),
    ],
)
def test_a_ban_that_cannot_be_applied_is_refused(change, part):
    with pytest.raises(InputError, match=part):
        check_bans(layer(ban(**change)))


def test_refusals_of_layers_and_trips():
    with pytest.raises(InputError, match="identifier"):
        check_bans(layer(ban(), ban()))
    with pytest.raises(InputError, match="no column decree"):
        check_bans(layer(ban()).drop(columns="decree"))
    with pytest.raises(InputError, match="coordinate systems"):
        edges_under(layer(ban()), streets().set_crs("EPSG:3405", allow_override=True))
    with pytest.raises(InputError, match="number"):
        apply_bans(costs()[:2], streets(), layer(), hour=7, day=None, weight_t=10)
    with pytest.raises(InputError, match="duration"):
        bans_within(layer(ban()), 7, float("nan"))
    with pytest.raises(InputError, match="hour"):
        bans_within(layer(ban()), 24, 10)
    assert check_bans(layer(ban())) is not None
