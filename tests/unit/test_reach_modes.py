"""Modes go where they may, at their cost."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from zoning.errors import InputError, NetworkError
from zoning.reach import MODES
from zoning.reach.modes import mode_named, travel_costs


def edges(**columns):
    return pd.DataFrame({"length_m": [1000.0]} | {name: [value] for name, value in columns.items()})


def closed(mode, **columns):
    found = travel_costs(edges(**columns), MODES[mode]).iloc[0]
    assert np.isinf(found.seconds) == np.isnan(found.speed_kmh)
    return bool(np.isinf(found.seconds))


def test_the_five_modes_motorbike_first():
    assert list(MODES) == ["motorbike", "car", "truck", "bicycle", "walk"]
    assert all(name == mode.name for name, mode in MODES.items())
    assert len({mode.title for mode in MODES.values()}) == 5


def test_places_may_lie_300_m_from_a_walk_and_1000_m_from_a_vehicle():
    # design, section 3
    assert {name: mode.snap_limit_m for name, mode in MODES.items()} == {
        "motorbike": 1000,
        "car": 1000,
        "truck": 1000,
        "bicycle": 1000,
        "walk": 300,
    }


def test_modes_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        MODES["car"].snap_limit_m = 5
    with pytest.raises(TypeError):
        MODES["tram"] = MODES["car"]


@pytest.mark.parametrize("road_class", ["motorway", "motorway_link"])
@pytest.mark.parametrize("mode", ["motorbike", "bicycle", "walk"])
def test_expressways_are_closed_to_slow_modes_whatever_a_tag_says(road_class, mode):
    assert closed(mode, highway=road_class)
    assert closed(mode, highway=road_class, free_kmh=80.0, maxspeed_kmh=80.0, **{f"allow_{mode}": True})


def test_a_vehicle_without_a_legal_speed_does_not_pass():
    careless = dataclasses.replace(MODES["motorbike"], never=frozenset())
    assert np.isinf(travel_costs(edges(highway="motorway"), careless).seconds[0])


def test_expressways_are_open_to_cars_and_trucks():
    assert not closed("car", highway="motorway")
    assert not closed("truck", highway="motorway")


@pytest.mark.parametrize("mode", list(MODES))
def test_the_edge_decides_for_each_mode(mode):
    assert closed(mode, highway="primary", **{f"allow_{mode}": False})
    assert closed(mode, highway="primary", **{f"allow_{mode}": None})
    assert not closed(mode, highway="primary", **{f"allow_{mode}": True})
    others = {f"allow_{other}": False for other in MODES if other != mode}
    assert not closed(mode, highway="primary", **others)


def test_footways_need_a_word_of_the_edge_for_vehicles():
    assert not closed("walk", highway="footway")
    assert not closed("walk", highway="steps")
    assert closed("motorbike", highway="footway")
    assert not closed("motorbike", highway="footway", allow_motorbike=True)
    assert closed("motorbike", highway="steps", allow_motorbike=True)
    assert closed("truck", highway="path", allow_truck=True)


def test_seconds_are_length_over_speed():
    # 1,000 m at 50 km/h are 72 s; at 4.3 km/h 837.2 s
    assert travel_costs(edges(highway="secondary"), MODES["car"]).seconds[0] == pytest.approx(72.0)
    assert travel_costs(edges(), MODES["walk"]).seconds[0] == pytest.approx(837.209, abs=1e-3)


def test_lengths_of_a_graph_count_as_well_and_the_index_is_kept():
    frame = pd.DataFrame({"length": [500.0, 0.0], "highway": ["secondary"] * 2}, index=[7, 3])
    found = travel_costs(frame, MODES["car"])
    assert found.index.tolist() == [7, 3]
    assert found.seconds.tolist() == pytest.approx([36.0, 0.0])
    assert list(found.columns) == ["seconds", "speed_kmh", "speed_source"]


def test_what_is_not_known_is_a_minor_street_in_town():
    found = travel_costs(edges(), MODES["car"]).iloc[0]
    assert (found.speed_kmh, found.speed_source) == (40, "class")
    assert travel_costs(edges(highway=None), MODES["car"]).speed_kmh[0] == 40
    assert travel_costs(edges(highway="trunk"), MODES["car"]).speed_kmh[0] == 50


@pytest.mark.parametrize("kind", [object, "str", "category"])
def test_road_classes_may_be_texts_or_categories_with_gaps(kind):
    frame = pd.DataFrame({"length_m": 1.0, "highway": pd.Series(["primary", None, "motorway", "primary"], dtype=kind)})
    assert travel_costs(frame, MODES["car"]).speed_kmh.tolist() == [50, 40, 120, 50]
    assert np.isinf(travel_costs(frame, MODES["walk"]).seconds).tolist() == [False, False, True, False]


def test_arguments_are_left_as_they_were():
    frame = edges(highway="primary", allow_car=True)
    before = frame.copy(deep=True)
    travel_costs(frame, MODES["car"], hour=8)
    pd.testing.assert_frame_equal(frame, before)


def test_no_edges_no_costs():
    assert travel_costs(edges(highway="primary")[:0], MODES["motorbike"], hour=8).empty


@pytest.mark.parametrize("length", [float("nan"), -1.0, float("inf"), None, "far"])
def test_lengths_that_are_none_are_refused(length):
    with pytest.raises(NetworkError, match="length: 1"):
        travel_costs(pd.DataFrame({"length_m": [length]}), MODES["car"])


def test_a_table_without_lengths_is_refused():
    with pytest.raises(NetworkError, match="how long"):
        travel_costs(pd.DataFrame({"highway": ["primary"]}), MODES["car"])


def test_modes_by_name():
    assert mode_named(" Motorbike ") is MODES["motorbike"]
    with pytest.raises(InputError, match=r"tram.*motorbike, car, truck, bicycle, walk"):
        mode_named("tram")
