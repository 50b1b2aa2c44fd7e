"""Hold measures of access to published numbers, to PySAL, and to what must be true of any of them."""

from __future__ import annotations

import math
import tracemalloc
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from zoning.errors import InputError
from zoning.reach import measures, pairs
from zoning.reach.decay import binary, exponential, gaussian, logistic, power, stepped
from zoning.reach.measures import (
    balanced_floating_catchment,
    cumulative,
    gravity,
    nearest,
    passive,
    spatial_availability,
    three_step_floating_catchment,
    two_step_floating_catchment,
)

INF = math.inf
FLOATING = [
    two_step_floating_catchment,
    three_step_floating_catchment,
    balanced_floating_catchment,
    spatial_availability,
]
# Shen (1998), Environment and Planning B 25(3), p. 349: three places, three job centres, exp(-0.1 t)
SHEN_MINUTES = np.array([[15, 30, 100], [30, 15, 100], [100, 100, 15]], dtype=float)
SHEN_JOBS = np.array([100_000, 100_000, 10_000])
SHEN_PEOPLE = np.array([50_000, 150_000, 10_000])


@st.composite
def systems(draw):
    n, m = draw(st.integers(1, 7)), draw(st.integers(1, 6))
    times = hnp.arrays(float, (n, m), elements=st.one_of(st.integers(0, 60).map(float), st.just(INF)))
    amounts = st.integers(0, 1000).map(float)
    return draw(times), draw(hnp.arrays(float, m, elements=amounts)), draw(hnp.arrays(float, n, elements=amounts))


# published numbers and outside implementations


def test_spatial_availability_prints_the_numbers_of_the_paper():
    """Soukhov et al. (2023) on Shen's example, as the R package accessibility tests it: 66833, 133203, 9963."""
    available = spatial_availability(SHEN_MINUTES, SHEN_JOBS, SHEN_PEOPLE, exponential(0.1))
    assert np.round(available).tolist() == [66833, 133203, 9963]
    assert available.sum() == pytest.approx(210_000, rel=1e-12)


def test_two_steps_print_the_numbers_of_shen():
    """Shen's accessibility is the two-step measure: available jobs a person, 1.337, 0.888 and 0.996."""
    shared = two_step_floating_catchment(SHEN_MINUTES, SHEN_JOBS, SHEN_PEOPLE, exponential(0.1))
    assert np.round(shared, 3).tolist() == [1.337, 0.888, 0.996]


HOSPITAL_COSTS = {  # PySAL access, test_hospital_example.py: minutes within, inbound, outbound, across the city
    "gridlock": (1, 40, 40, 80),
    "fast in": (1, 20, 40, 80),
    "fast out": (1, 40, 20, 80),
    "fast": (1, 20, 20, 40),
}


@pytest.mark.filterwarnings("ignore:The inplace keyword")  # PySAL access 1.1.10 on pandas 3.1
@pytest.mark.parametrize("scenario", HOSPITAL_COSTS)
def test_hospital_example_of_pysal(scenario):
    """Three places (100, 50, 10 people; 15, 20, 100 doctors), weight 1/t up to 60 minutes, against PySAL access."""
    access = pytest.importorskip("access")
    own, inbound, outbound, across = HOSPITAL_COSTS[scenario]
    minutes = np.array([[own, across, inbound], [across, own, inbound], [outbound, outbound, own]], dtype=float)
    places = pd.DataFrame({"geoid": [1, 2, 3], "pop": [100, 50, 10], "doc": [15, 20, 100]})
    costs = pd.DataFrame([{"origin": i + 1, "dest": j + 1, "cost": minutes[i, j]} for i in range(3) for j in range(3)])
    costs = costs[costs["cost"] <= 60]
    theirs = access.Access(
        demand_df=places,
        demand_index="geoid",
        demand_value="pop",
        supply_df=places,
        supply_index="geoid",
        supply_value="doc",
        cost_df=costs,
        cost_origin="origin",
        cost_dest="dest",
        cost_name="cost",
    )
    weight = access.weights.gravity(1, -1)
    theirs.two_stage_fca(name="two", weight_fn=weight, max_cost=60)
    theirs.three_stage_fca(name="three", weight_fn=weight, max_cost=60)
    expected = theirs.access_df.sort_index()

    def decay(t):
        return np.where(t <= 60, 1 / t, 0)

    ours = two_step_floating_catchment(minutes, places["doc"], places["pop"], decay)
    assert ours == pytest.approx(expected["two_doc"].to_numpy(), rel=1e-12)
    ours = three_step_floating_catchment(minutes, places["doc"], places["pop"], decay)
    assert ours == pytest.approx(expected["three_doc"].to_numpy(), rel=1e-12)


def test_enhanced_two_steps_equal_pysal_on_a_larger_case():
    access = pytest.importorskip("access")
    rng = np.random.default_rng(4)
    minutes = rng.uniform(0, 60, (40, 12)).round(1)
    supply, demand = rng.integers(1, 50, 12), rng.integers(1, 900, 40)
    costs = pd.DataFrame(
        [(i, j, minutes[i, j]) for i in range(40) for j in range(12) if minutes[i, j] <= 30],
        columns=["origin", "dest", "cost"],
    )
    theirs = access.fca.two_stage_fca(
        pd.DataFrame({"geoid": range(40), "pop": demand}).set_index("geoid", drop=False).rename_axis(None),
        pd.DataFrame({"geoid": range(12), "doc": supply}).set_index("geoid", drop=False).rename_axis(None),
        costs,
        max_cost=30,
        demand_name="pop",
        supply_name="doc",
        # Luo and Qi (2009): weights 1, 0.68, 0.22 in the zones of 10, 20 and 30 minutes
        weight_fn=lambda t: 1 if t < 10 else 0.68 if t < 20 else 0.22,
    )
    ours = two_step_floating_catchment(
        minutes, supply, demand, stepped([10, 20, np.nextafter(30, 31)], [0.68, 0.22, 0])
    )
    assert ours == pytest.approx(theirs.reindex(range(40)).fillna(0).to_numpy(), rel=1e-12)


def test_balanced_catchment_in_exact_fractions():
    """Two places, two clinics, place 2 reaches only clinic 2; people 6 and 4, doctors 3 and 7, all weights 1.

    By hand after Paez et al. (2019): place 1 sends 3 to each clinic, place 2 sends 4 to clinic 2, so 3 and 7 people are
    served; both clinics give 1 doctor a person; clinic 2's service is split between two places.
    """
    balanced = balanced_floating_catchment([[5, 10], [INF, 5]], [3, 7], [6, 4], binary(15))
    assert balanced.tolist() == [1 + Fraction(1, 2), Fraction(1, 2)]


# what every measure must hold


@given(systems())
@settings(derandomize=True, max_examples=60)
def test_supply_within_reach_is_kept(system):
    minutes, supply, demand = system
    decay = binary(30)
    reached = (demand[:, None] * (minutes <= 30)).sum(axis=0) > 0
    for measure in (two_step_floating_catchment, three_step_floating_catchment):
        assert demand @ measure(minutes, supply, demand, decay) == pytest.approx(supply[reached].sum())
    assert spatial_availability(minutes, supply, demand, decay).sum() == pytest.approx(supply[reached].sum())


@given(systems())
@settings(derandomize=True, max_examples=60)
def test_balanced_catchment_keeps_people_and_service(system):
    """The definition as matrices: rows and columns of the weights each standardised to 1."""
    minutes, supply, demand = system
    weights = np.where(np.isfinite(minutes), np.exp(-np.where(np.isfinite(minutes), minutes, 0) / 20), 0)
    with np.errstate(invalid="ignore"):
        by_row = np.nan_to_num(weights / weights.sum(axis=1, keepdims=True))
        by_column = np.nan_to_num(weights / weights.sum(axis=0, keepdims=True))
    served = demand @ by_row
    assert served.sum() == pytest.approx(demand[np.isfinite(minutes).any(axis=1)].sum())
    service = np.array([s / d if d else 0 for s, d in zip(supply, served, strict=True)])
    balanced = balanced_floating_catchment(minutes, supply, demand, exponential(1 / 20))
    assert balanced == pytest.approx(by_column @ service)
    assert balanced.sum() == pytest.approx(service.sum())


@given(systems(), st.randoms(use_true_random=False))
@settings(derandomize=True, max_examples=40)
def test_permuting_inputs_permutes_outputs(system, random):
    minutes, supply, demand = system
    rows, columns = list(range(len(demand))), list(range(len(supply)))
    random.shuffle(rows)
    random.shuffle(columns)
    shuffled = minutes[np.ix_(rows, columns)]
    for measure in FLOATING:
        there = measure(minutes, supply, demand, gaussian(15))
        assert measure(shuffled, supply[columns], demand[rows], gaussian(15)) == pytest.approx(there[rows])
    assert cumulative(shuffled, supply[columns], 30).tolist() == cumulative(minutes, supply, 30)[rows].tolist()
    assert gravity(shuffled, supply[columns], power(1)) == pytest.approx(gravity(minutes, supply, power(1))[rows])
    assert nearest(shuffled, 2) == pytest.approx(nearest(minutes, 2)[rows], nan_ok=True)


@given(systems())
@settings(derandomize=True, max_examples=40)
def test_twice_the_supply_is_twice_the_access(system):
    minutes, supply, demand = system
    for measure in FLOATING:
        once = measure(minutes, supply, demand, gaussian(15))
        assert measure(minutes, 2 * supply, demand, gaussian(15)).tolist() == (2 * once).tolist()


@given(systems())
@settings(derandomize=True, max_examples=60)
def test_nothing_is_ever_nan_and_who_reaches_nothing_has_0(system):
    minutes, supply, demand = system
    cut_off = ~np.isfinite(minutes).any(axis=1)
    for decay in (binary(20), logistic(20, 5), power(2), stepped([10], [0.3]), exponential(50)):
        for measure in FLOATING:
            result = measure(minutes, supply, demand, decay)
            assert np.isfinite(result).all()
            assert (result >= 0).all()
            assert (result[cut_off] == 0).all()
        assert (gravity(minutes, supply, decay)[cut_off] == 0).all()
    assert np.isnan(nearest(minutes)).tolist() == cut_off.tolist()


@given(systems(), st.integers(0, 40), st.integers(0, 30))
@settings(derandomize=True, max_examples=60)
def test_cumulative_interval_is_the_median_of_the_counts(system, start, length):
    minutes, supply, _ = system
    counts = [
        [sum(s for t, s in zip(row, supply, strict=True) if t <= limit) for limit in range(start, start + length + 1)]
        for row in minutes
    ]
    expected = [float(np.median(row)) for row in counts]
    assert cumulative(minutes, supply, (start, start + length)).tolist() == expected


def test_blocks_change_nothing(monkeypatch):
    rng = np.random.default_rng(7)
    minutes = rng.uniform(0, 60, (50, 9))
    minutes[rng.random(minutes.shape) < 0.3] = INF
    supply, demand = rng.integers(0, 9, 9), rng.integers(0, 99, 50)

    def everything():
        return [measure(minutes, supply, demand, gaussian(10)) for measure in FLOATING] + [
            gravity(minutes, supply, gaussian(10)),
            cumulative(minutes, supply, (10, 30)),
            nearest(minutes, 2),
        ]

    at_once = everything()
    monkeypatch.setattr(pairs, "BLOCK_PAIRS", 20)
    for whole, blocks in zip(at_once, everything(), strict=True):
        assert blocks == pytest.approx(whole, rel=1e-12, nan_ok=True)


def test_memory_does_not_grow_with_the_table(monkeypatch):
    monkeypatch.setattr(pairs, "BLOCK_PAIRS", 50_000)
    minutes = np.full((4_000, 500), 10, dtype=np.float32)  # 8 MB; weighed at once it would be 16 MB an array
    tracemalloc.start()
    two_step_floating_catchment(minutes, np.ones(500), np.ones(4_000), gaussian(10))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 6e6


# bounds and edges


def test_the_limit_counts():
    assert cumulative([[15.0, np.nextafter(15, 16)]], [1, 10], 15).tolist() == [1]
    assert cumulative([[0.0, 5.0]], [1, 10], 0).tolist() == [1]
    assert cumulative([[10.0, 20.0, 30.0]], [1, 10, 100], (10, 20)).tolist() == [1]
    assert cumulative([[10.0, 20.0, 30.0]], [1, 10, 100], (20, 20)).tolist() == [11]


def test_an_endless_limit_counts_what_is_reachable_only():
    assert cumulative([[10.0, INF], [INF, INF]], [1, 10], INF).tolist() == [1, 0]


def test_passive_counts_the_people_who_arrive():
    minutes = [[5, INF], [15, 20], [30, 15]]
    assert passive(minutes, [1, 10, 100], 15).tolist() == [11, 100]
    assert (
        passive(minutes, [1, 10, 100], (15, 20)).tolist()
        == cumulative(np.array(minutes).T, [1, 10, 100], (15, 20)).tolist()
    )


def test_nearest_counts_from_one_and_says_nan_beyond():
    minutes = [[3, 1, 2], [INF, 7, INF], [INF, INF, INF]]
    assert nearest(minutes).tolist()[:2] == [1, 7]
    assert math.isnan(nearest(minutes)[2])
    assert nearest(minutes, k=3)[0] == 3
    assert np.isnan(nearest(minutes, k=3)[1:]).all()
    assert np.isnan(nearest(minutes, k=4)).all()


def test_supply_that_nobody_reaches_goes_to_nobody():
    minutes = [[10, INF], [INF, INF]]
    for measure in (two_step_floating_catchment, three_step_floating_catchment, balanced_floating_catchment):
        assert measure(minutes, [5, 7], [10, 3], binary(15)).tolist() == [0.5, 0]
    assert spatial_availability(minutes, [5, 7], [10, 3], binary(15)).tolist() == [5, 0]


def test_nobody_anywhere_and_nothing_anywhere_are_zero():
    for measure in FLOATING:
        assert measure([[5, 5]], [1, 2], [0], binary(15)).tolist() == [0]
        assert measure([[5, 5]], [0, 0], [9], binary(15)).tolist() == [0]


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0, 0)])
def test_no_places_is_a_result_too(shape):
    n, m = shape
    minutes = np.empty(shape)
    for measure in FLOATING:
        assert measure(minutes, np.ones(m), np.ones(n), gaussian(5)).tolist() == [0] * n
    assert gravity(minutes, np.ones(m), gaussian(5)).tolist() == [0] * n
    assert cumulative(minutes, np.ones(m), (5, 9)).tolist() == [0] * n
    assert np.isnan(nearest(minutes)).tolist() == [True] * n
    assert passive(minutes, np.ones(n), 5).tolist() == [0] * m


def test_weights_too_small_to_divide_by_do_not_overflow():
    """exp(-740) is a number that 1/x turns into infinity."""
    for measure in FLOATING:
        assert np.isfinite(measure([[740.0, 1.0]], [1e6, 1.0], [1.0], exponential(1))).all()


def test_a_decay_of_ones_own_may_give_one_weight_for_all():
    assert gravity([[3, INF]], [4, 5], lambda _: 1).tolist() == [4]


def test_missing_columns_of_a_frame_count_as_missing():
    with pytest.raises(InputError, match="1 of 2"):
        gravity([[3, 4]], pd.array([1, None], dtype="Int64"), gaussian(5))


# bad input


@pytest.mark.parametrize("minutes", [[1, 2], [[[1]]], [["a"]], "x", [[1], [1, 2]], [[-1.0, 2.0]], [[math.nan, 2.0]]])
def test_times_that_are_none_are_refused(minutes):
    with pytest.raises(InputError):
        nearest(minutes)


def test_the_message_counts_what_is_wrong():
    with pytest.raises(InputError) as caught:
        two_step_floating_catchment([[1, 2, 3]], [-1, math.nan, 3], [1], gaussian(5))
    assert str(caught.value) == "2 of 3 capacities are negative, missing or infinite."
    with pytest.raises(InputError) as caught:
        two_step_floating_catchment([[1, 2, 3]], [1, 2, 3], [math.inf], gaussian(5))
    assert str(caught.value) == "1 of 1 numbers of people are negative, missing or infinite."
    with pytest.raises(InputError, match="1 of 3 travel times"):
        nearest([[1, -2, 3]])
    with pytest.raises(InputError, match="2 of 3 numbers of opportunities"):
        cumulative([[1, 2, 3]], [-1, -2, 3], 5)


@pytest.mark.parametrize("measure", FLOATING)
def test_shapes_must_fit(measure):
    with pytest.raises(InputError, match="2 places: there are 3"):
        measure([[1, 2, 3], [1, 2, 3]], [1, 2, 3], [1, 2, 3], gaussian(5))
    with pytest.raises(InputError, match=r"3 (facilities|destinations): there are 2"):
        measure([[1, 2, 3], [1, 2, 3]], [1, 2], [1, 2], gaussian(5))


@pytest.mark.parametrize("within", [-1, math.nan, (5,), (9, 5), (-1, 5), (1, 2, 3), (5.2, 5.8), (0, INF), "ten", None])
def test_limits_that_are_none_are_refused(within):
    with pytest.raises(InputError, match="limit"):
        cumulative([[1]], [1], within)


@pytest.mark.parametrize("k", [0, -1, 1.5, True, "2", None])
def test_k_must_count(k):
    with pytest.raises(InputError):
        nearest([[1]], k)


@pytest.mark.parametrize(
    "decay", [15, None, lambda t: -t, lambda t: t / 0, lambda t: t * math.nan, lambda t: t[:1], lambda _: "one"]
)
def test_a_decay_must_give_weights(decay):
    with pytest.raises(InputError):
        gravity([[1.0, 2.0], [3.0, 4.0]], [1, 2], decay)


def test_the_doors_are_all_here():
    doors = {
        "cumulative",
        "nearest",
        "gravity",
        "two_step_floating_catchment",
        "three_step_floating_catchment",
        "balanced_floating_catchment",
        "spatial_availability",
    }
    assert doors <= set(measures.__all__)
