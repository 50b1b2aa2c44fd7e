"""Speeds follow the law, signs, published speeds and road classes, and say which."""

import numpy as np
import pandas as pd
import pytest

from zoning.errors import InputError
from zoning.reach import MODES
from zoning.reach.clock import check_day, check_hour
from zoning.reach.modes import travel_costs
from zoning.reach.speeds import SPEED_SOURCES, class_cap_kmh, congestion_factor, legal_limit_kmh, speed_table

NAN = float("nan")


def edge(**known):
    row = {
        "length_m": 1000.0,
        "highway": "secondary",
        "maxspeed_kmh": NAN,
        "free_kmh": NAN,
        "divided": False,
        "built_up": True,
    }
    return pd.DataFrame([row | known])


def speed(mode, **known):
    row = travel_costs(edge(**known), MODES[mode]).iloc[0]
    return row.speed_kmh, row.speed_source


# Circular 38/2024/TT-BGTVT as tabled in facts/travel.md: built-up divided, built-up single, then the same outside
LAW = {
    "car": (60, 50, 90, 80),
    "truck_over_3_5_t": (60, 50, 80, 70),
    "bus_over_28_seats": (60, 50, 80, 70),
    "semi_trailer": (60, 50, 70, 60),
    "city_bus": (60, 50, 70, 60),
    "motorcycle": (60, 50, 70, 60),
    "tanker_mixer_towing": (60, 50, 60, 50),
    "moped": (40, 40, 40, 40),
    "four_wheel_passenger": (30, 30, 30, 30),
    "four_wheel_cargo": (50, 50, 50, 50),
}


@pytest.mark.parametrize(("vehicle", "limits"), LAW.items())
def test_the_legal_table_of_2025(vehicle, limits):
    found = legal_limit_kmh(vehicle, built_up=[True, True, False, False], divided=[True, False, True, False])
    assert found.tolist() == list(limits)


def test_no_vehicle_is_missing_and_every_rule_names_its_source():
    assert set(speed_table("legal_speeds").vehicle) == set(LAW)
    for name in ("legal_speeds", "class_speeds", "congestion"):
        assert speed_table(name).source.str.len().gt(5).all()


def test_expressways_allow_120_and_no_motorcycles():
    # TRV-011
    assert float(legal_limit_kmh("car", built_up=False, divided=True, motorway=True)) == 120
    assert float(legal_limit_kmh("truck_over_3_5_t", built_up=True, divided=False, motorway=True)) == 120
    assert np.isnan(legal_limit_kmh("motorcycle", built_up=False, divided=True, motorway=True))
    assert np.isnan(legal_limit_kmh("moped", built_up=False, divided=True, motorway=True))


def test_an_unknown_vehicle_is_refused():
    with pytest.raises(InputError, match="tram"):
        legal_limit_kmh("tram", built_up=True, divided=True)


@pytest.mark.parametrize(
    ("mode", "road", "expected"),
    [
        # the law, where nothing else is known
        ("car", {}, (50, "law")),
        ("car", {"divided": True}, (60, "law")),
        ("car", {"built_up": False, "divided": True}, (90, "law")),
        ("truck", {"built_up": False}, (70, "law")),
        ("motorbike", {"built_up": False}, (60, "law")),
        ("car", {"highway": "motorway"}, (120, "law")),
        # signs: above the built-up limit, never above what the vehicle may do at all
        ("car", {"maxspeed_kmh": 40}, (40, "tag")),
        ("car", {"maxspeed_kmh": 70, "divided": True}, (70, "tag")),
        ("motorbike", {"maxspeed_kmh": 80, "divided": True}, (70, "law")),
        ("truck", {"maxspeed_kmh": 100, "highway": "motorway"}, (100, "tag")),
        ("car", {"maxspeed_kmh": 30, "highway": "residential"}, (30, "tag")),
        ("car", {"maxspeed_kmh": 0}, (50, "law")),
        ("car", {"maxspeed_kmh": float("inf")}, (50, "law")),
        # published speeds, under the limit of the vehicle
        ("car", {"free_kmh": 80, "built_up": False}, (80, "fact")),
        ("truck", {"free_kmh": 80, "built_up": False}, (70, "law")),
        ("car", {"free_kmh": 80, "built_up": True}, (50, "law")),
        ("motorbike", {"free_kmh": 60, "built_up": False, "divided": True}, (60, "fact")),
        ("truck", {"free_kmh": 120, "highway": "motorway"}, (120, "fact")),
        ("car", {"free_kmh": 80, "maxspeed_kmh": 60, "built_up": False}, (60, "tag")),
        # classes, where the law would be absurd
        ("car", {"highway": "residential"}, (30, "class")),
        ("motorbike", {"highway": "alley"}, (15, "class")),
        ("car", {"highway": "alley"}, (10, "class")),
        ("car", {"highway": "unclassified", "built_up": False}, (40, "class")),
        ("car", {"highway": "a class of tomorrow"}, (40, "class")),
        ("truck", {"highway": "motorway"}, (80, "class")),
        # the lattice: the setting of the graph, else the table; always an assumption
        ("car", {"highway": "local", "free_kmh": 35}, (35, "assumption")),
        ("motorbike", {"highway": "local"}, (25, "assumption")),
        ("truck", {"highway": "local", "free_kmh": 90}, (50, "assumption")),
        # people on foot and on bicycles: TRV-072 gives 1.2 m/s
        ("walk", {"maxspeed_kmh": 2}, (4.3, "fact")),
        ("bicycle", {"highway": "primary"}, (12, "assumption")),
    ],
)
def test_speed_and_where_it_comes_from(mode, road, expected):
    assert speed(mode, **road) == expected


def test_no_mode_is_faster_than_the_law_on_any_road():
    classes = sorted({*speed_table("class_speeds").road_class, "trunk", "primary", "secondary", "tertiary"})
    roads = pd.DataFrame(
        [
            {"length_m": 1.0, "highway": c, "maxspeed_kmh": s, "free_kmh": f, "divided": d, "built_up": b}
            for c in classes
            for s in (NAN, 20.0, 300.0)
            for f in (NAN, 60.0, 300.0)
            for d in (False, True)
            for b in (False, True)
        ]
    )
    ceiling = np.where(roads.highway.str.startswith("motorway"), 120, np.where(roads.divided, 90, 80))
    for mode in MODES.values():
        found = travel_costs(roads, mode)
        open_ = np.isfinite(found.seconds)
        assert (found.speed_kmh[open_] <= ceiling[open_]).all()
        assert (found.speed_kmh[open_] > 0).all()
        assert set(found.speed_source) <= set(SPEED_SOURCES)


def test_classes_without_a_cap_leave_the_law_alone():
    caps = class_cap_kmh("car", pd.Series(["primary", "residential", None, "motorway"]))
    assert np.isnan(caps[[0, 3]]).all()
    assert caps[[1, 2]].tolist() == [30, 40]


@pytest.mark.parametrize("mode", ["car", "truck", "motorbike"])
def test_congestion_slows_and_never_speeds_up(mode):
    highway = pd.Series(["primary", "primary", "residential"])
    inside = [True, False, True]
    for day in (None, "mon", "sat"):
        for hour in np.arange(0, 24, 0.5):
            factor = congestion_factor(mode, highway, inside, hour=hour, day=day)
            assert ((factor > 0.3) & (factor <= 1)).all()
    assert congestion_factor(mode, highway, inside).tolist() == [1, 1, 1]
    assert congestion_factor(mode, highway, inside, hour=3).tolist() == [1, 1, 1]


def test_the_peak_lies_in_the_band_seen_in_the_city():
    # TRV-016 to TRV-023: 18 to 35.3 km/h in the centre and the east
    for divided in (True, False):
        peak = travel_costs(edge(divided=divided), MODES["car"], hour=7.5).speed_kmh[0]
        assert 18 <= peak <= 35.3
    by_day = travel_costs(edge(divided=True), MODES["car"], hour=12).speed_kmh[0]
    assert by_day == pytest.approx(39, abs=0.5)  # TRV-020: 39.2 in the north
    motorbike = travel_costs(edge(divided=True), MODES["motorbike"], hour=7.5).speed_kmh[0]
    assert motorbike == pytest.approx(60 * (1 - 0.45 / 2))  # half of the loss of cars


def test_periods_hold_from_their_first_hour_up_to_their_last():
    at = lambda hour, day="tue": congestion_factor("car", pd.Series(["primary"]), True, hour=hour, day=day)[0]  # noqa: E731
    assert at(6.99) == at(9) == 0.65
    assert at(7) == at(8.99) == at(17) == 0.55
    assert at(21) == 1
    assert at(8, "sun") == 0.65
    assert at(8, None) == 0.55


def test_periods_of_a_kind_never_overlap():
    table = speed_table("congestion").sort_values("from_hour")
    for _, rows in table.groupby(["mode", "days", "ways"]):
        assert (rows.from_hour.to_numpy()[1:] >= rows.to_hour.to_numpy()[:-1]).all()
        assert (rows.to_hour > rows.from_hour).all()


def test_traffic_does_not_slow_walkers_and_cyclists():
    for mode in ("walk", "bicycle"):
        free = travel_costs(edge(), MODES[mode])
        pd.testing.assert_frame_equal(travel_costs(edge(), MODES[mode], hour=7.5, day="mon"), free)


def test_hours_and_days_are_checked():
    for hour in (-0.1, 24, NAN, float("inf")):
        with pytest.raises(InputError, match="hour"):
            check_hour(hour)
    assert check_hour(0) == 0
    with pytest.raises(InputError, match="Monday"):
        check_day("Monday")
    assert check_day(" SUN ") == "sun"
