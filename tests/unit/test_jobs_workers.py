"""Shifts of a park, housing and kindergartens: every demand is assigned or unmet, by a rule that can be checked."""

import itertools
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.data.toy_region import ToyRegion, at, box, frame
from zoning.assign import assign
from zoning.errors import InputError, UnknownLayerError
from zoning.jobs.workers import WorkersRequest, run
from zoning.replay import replay


def region(**layers):
    zones = frame(
        [{"id": "park", "name_vi": "Khu", "name_en": "Park"}, {"id": "rough", "name_vi": "Đâu đó", "name_en": "Rough"}],
        [box(5, 5), at(5)],
    ).assign(geometry_quality=["schematic", "approximate"], kind="industrial_park")
    homes = frame(
        [{"id": i, "name_vi": f"Nhà {i}", "beds": beds} for i, beds in (("2", 50), ("4", 30), ("bad", -1))],
        [at(2), at(4), at(5)],
    )
    kindergartens = frame([{"id": "2", "name_vi": "Mầm non", "places": 60}], [at(3)])
    return ToyRegion(zones=zones, homes=homes, kindergartens=kindergartens, **layers)


ASK = {
    "park": "park",
    "shifts": ((6.0, 60), (14.0, 40)),
    "housing": "homes",
    "housing_field": "beds",
    "minutes": 10.0,
    "shared": False,
}


def ask(**fields):
    return run(WorkersRequest(**(ASK | fields)), region())


def test_beds_are_given_out_and_the_rest_is_unmet():
    found = ask()
    shifts = found.frames["shifts"].query("need == 'housing'")
    assert shifts["demand"].tolist() == [60, 40]
    assert shifts["assigned"].sum() == 80  # 50 + 30 beds; the third place has a negative number
    assert (shifts["assigned"] + shifts["unmet"] == shifts["demand"]).all()
    assert found.figures["housing"] == {"demand": 100, "assigned": 80, "unmet": 20}
    places = found.frames["places"].set_index("id")
    assert places.loc["housing-4", "minutes"] == 1.0
    assert places.loc["housing-bad", "reason"] == "bad_capacity"
    assert places["left"].dropna().tolist() == [0, 0]
    assert found.frames["assigned"]["assigned"].sum() == 80


def test_minutes_end_the_search():
    assert ask(minutes=1.0).figures["housing"] == {"demand": 100, "assigned": 30, "unmet": 70}
    assert ask(minutes=0.5).figures["housing"]["assigned"] == 0


def test_a_missing_layer_is_not_a_shortage():
    found = ask()
    shifts = found.frames["shifts"].query("need == 'kindergarten'")
    assert shifts["demand"].tolist() == [3, 2]  # 50 per 1,000
    assert shifts["unmet"].isna().all()
    assert found.figures["kindergarten"]["unmet"] is None
    assert "No layer of kindergartens" in " ".join(note.text() for note in found.notes)


def test_residents_take_their_share_of_a_kindergarten():
    asked = {"kindergartens": "kindergartens", "kindergarten_field": "places", "children_per_1000": 100.0}
    alone, shared = ask(**asked), ask(**asked, shared=True)
    assert alone.frames["places"].set_index("id").loc["kindergarten-2", "room"] == 60
    # 10 children of the park, 90 of the 900 residents within reach: a tenth of 60 places
    assert shared.frames["places"].set_index("id").loc["kindergarten-2", "room"] == 6
    assert shared.figures["kindergarten"] == {"demand": 10, "assigned": 6, "unmet": 4}


def test_shares_of_many_small_places_are_not_lost_to_rounding():
    asked = {"kindergartens": "small", "kindergarten_field": "places", "children_per_1000": 100.0, "shared": True}
    small = frame([{"id": str(i), "places": 4} for i in range(50)], [at(3)] * 50)
    found = run(WorkersRequest(**(ASK | asked)), region(small=small))
    # a tenth of 200 places, although no place has a whole one to give; the park needs 10
    assert found.frames["places"].query("need == 'kindergarten'")["room"].sum() == 20
    assert found.figures["kindergarten"] == {"demand": 10, "assigned": 10, "unmet": 0}


def test_shares_are_whole_people_that_add_up():
    shifts = ask(shifts=((6.0, 33), (14.0, 33), (22.0, 33)), housing_pct=50.0).frames["shifts"]
    assert shifts.query("need == 'housing'")["demand"].tolist() in ([17, 17, 16], [17, 16, 17])  # 49.5 in all


@pytest.mark.parametrize(
    ("fields", "kind", "said"),
    [
        ({"park": "nowhere"}, UnknownLayerError, "no zone nowhere"),
        ({"park": "rough"}, InputError, "known only roughly"),
        ({"shifts": ()}, InputError, "1 to 6 shifts, not 0"),
        ({"shifts": ((25.0, 10),)}, InputError, "from 0 to 24"),
        ({"shifts": ((6.0, -1),)}, InputError, "whole number of workers"),
        ({"minutes": 0}, InputError, "more than 0"),
        ({"mode": "rocket"}, InputError, "no mode"),
        ({"housing_pct": 120}, InputError, "between 0 and 100"),
        ({"housing": "houses"}, UnknownLayerError, "no layer houses"),
    ],
)
def test_what_cannot_be_asked_is_a_sentence(fields, kind, said):
    with pytest.raises(kind) as fault:
        ask(**fields)
    assert said in str(fault.value)


def test_a_park_of_rough_place_takes_typed_coordinates():
    assert ask(park="rough", at=(5, 0)).figures["housing"]["assigned"] == 80


def test_a_record_is_the_same_question_again():
    one = ask()
    again, name = replay(json.loads(json.dumps(one.run)), region())
    assert name == "places"
    assert again.run == one.run


def most_and_least(minutes, demand, capacity):
    """Try everything: the most that can be assigned, and the least minutes for that."""
    n, m = minutes.shape
    cells = [
        range(min(demand[i], capacity[j]) + 1 if np.isfinite(minutes[i, j]) else 1) for i in range(n) for j in range(m)
    ]
    best = (0, 0.0)
    for flat in itertools.product(*cells):
        x = np.array(flat).reshape(n, m)
        if (x.sum(axis=1) <= demand).all() and (x.sum(axis=0) <= capacity).all():
            best = max(best, (x.sum(), -float((x * np.where(np.isfinite(minutes), minutes, 0)).sum())))
    return best


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.data())
def test_the_assignment_is_the_best_of_all(data):
    whole = st.integers(0, 3)
    minutes = np.array(
        data.draw(
            st.lists(
                st.lists(st.sampled_from([1.0, 2.0, 5.0, 9.0, np.inf]), min_size=2, max_size=2), min_size=2, max_size=2
            )
        )
    )
    demand, capacity = (np.array(data.draw(st.lists(whole, min_size=2, max_size=2))) for _ in range(2))
    found = assign(minutes, demand, capacity)
    assert (found >= 0).all()
    assert (found.sum(axis=1) <= demand).all()
    assert (found.sum(axis=0) <= capacity).all()
    assert (found[~np.isfinite(minutes)] == 0).all()
    total, cost = most_and_least(minutes, demand, capacity)
    assert found.sum() == total
    assert (found * np.where(np.isfinite(minutes), minutes, 0)).sum() == pytest.approx(-cost)


def test_nobody_is_left_out_for_a_shorter_way_of_another():
    # group 0 reaches both places, group 1 only the first, to which group 0 is nearer
    assert assign([[1.0, 50.0], [60.0, np.inf]], [10, 10], [10, 10]).tolist() == [[0, 10], [10, 0]]


def test_large_numbers_stay_whole():
    rng = np.random.default_rng(3)
    minutes = np.where(rng.random((3, 400)) < 0.3, np.inf, rng.uniform(1, 60, (3, 400)))
    demand, capacity = np.array([120_000, 90_000, 33_333]), rng.integers(0, 900, 400)
    found = assign(minutes, demand, capacity)
    assert (found.sum(axis=0) <= capacity).all()
    assert found.sum() == min(demand.sum(), capacity[np.isfinite(minutes).any(axis=0)].sum())


@pytest.mark.parametrize(("demand", "capacity"), [([1.5], [1]), ([-1], [1]), ([1], [np.nan]), ([1, 2], [1])])
def test_people_and_places_are_whole_numbers(demand, capacity):
    with pytest.raises(InputError):
        assign([[1.0]], demand, capacity)
