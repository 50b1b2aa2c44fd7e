"""Hold equity figures to published numbers, to PySAL, and to the laws that define them."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from zoning.errors import InputError
from zoning.reach.equity import (
    concentration_index,
    foster_greer_thorbecke,
    gini,
    left_out,
    palma,
    theil,
)

NAN = math.nan
UNITS = st.lists(st.tuples(st.integers(0, 1000), st.integers(1, 500), st.integers(0, 5)), min_size=1, max_size=15)


def columns(units):
    """Return values, people and ranks as arrays."""
    return (np.array(column, dtype=float) for column in zip(*units, strict=True))


def mexico():
    """Return the incomes of 32 Mexican states, 1940 to 2000, and their regions, as PySAL's documentation reads them."""
    libpysal = pytest.importorskip("libpysal")
    frame = pd.read_csv(libpysal.examples.get_path("mexico.csv"))
    return [frame[f"pcgdp{year}"].to_numpy() for year in range(1940, 2010, 10)], frame["hanson98"].to_numpy()


# published numbers and outside implementations


def test_theil_prints_the_numbers_of_pysal():
    """Documentation of PySAL inequality: `Theil`, `TheilD` of Mexican state incomes 1940-2000 by Hanson's regions."""
    total = [0.20894344, 0.15222451, 0.10472941, 0.10194725, 0.09560113, 0.10511256, 0.10660832]
    between = [0.0345889, 0.02816853, 0.05260921, 0.05931219, 0.03205257, 0.02963731, 0.03635872]
    within = [0.17435454, 0.12405598, 0.0521202, 0.04263506, 0.06354856, 0.07547525, 0.0702496]
    decades, regions = mexico()
    ours = [theil(incomes, np.ones(32), regions) for incomes in decades]
    assert [one.total for one in ours] == pytest.approx(total, abs=6e-9)
    assert [one.between for one in ours] == pytest.approx(between, abs=6e-9)
    assert [one.within for one in ours] == pytest.approx(within, abs=6e-9)


def test_gini_equals_pysal():
    inequality = pytest.importorskip("inequality.gini")
    decades, _ = mexico()
    for incomes in decades:
        assert gini(incomes, np.ones(32)) == pytest.approx(inequality.Gini(incomes).g, rel=1e-12)


@given(UNITS)
@settings(derandomize=True, max_examples=60)
def test_weighted_figures_are_those_of_as_many_people(units):
    """PySAL has no weights; a unit of w people is w units of one person."""
    gini_of = pytest.importorskip("inequality.gini").Gini
    theil_of = pytest.importorskip("inequality.theil").TheilD
    values, people, groups = columns(units)
    assume(values.sum() > 0)
    persons, their_group = np.repeat(values, people.astype(int)), np.repeat(groups, people.astype(int))
    assert gini(values, people) == pytest.approx(gini_of(persons).g, abs=1e-9)
    theirs = theil_of(persons, their_group)
    assert theil(values, people, groups) == pytest.approx(tuple(np.ravel([theirs.T, *theirs.bg, *theirs.wg])), abs=1e-9)


def test_theil_of_one_who_has_all_is_the_logarithm_of_n():
    """Theil (1967): the maximum is ln n; what has nothing adds the limit of x ln x, 0."""
    assert theil([0, 0, 0, 8], [1, 1, 1, 1]).total == pytest.approx(math.log(4))
    assert gini([0, 0, 0, 8], [1, 1, 1, 1]) == pytest.approx(3 / 4)


def test_concentration_index_equals_the_area_under_the_curve():
    """Wagstaff's formula for grouped data, C = Σ (p_t L_t+1 - p_t+1 L_t), on the example printed with it, -0.1694.

    Deaths under five by wealth in India, 1982-92: O'Donnell, van Doorslaer, Wagstaff and Lindelow (2008), Analyzing
    Health Equity Using Household Survey Data, World Bank, chapter 8.
    """
    rates, births = np.array([154.7, 152.9, 119.5, 86.9, 54.3]), np.array([29939, 28776, 26528, 24689, 19739])
    p = np.cumsum(births) / births.sum()
    curve = np.cumsum(births * rates) / (births * rates).sum()
    area = sum(p[t] * curve[t + 1] - p[t + 1] * curve[t] for t in range(4))
    assert concentration_index(rates, [1, 2, 3, 4, 5], births) == pytest.approx(area, rel=1e-12)
    assert area == pytest.approx(-0.1694, abs=5e-5)


def test_fgt_of_four_incomes_by_hand():
    """Line 100: 50 and 80 are below, by 1/2 and 1/5 of it; 100 is not below."""
    below = foster_greer_thorbecke([50, 80, 100, 300], 100, [1, 1, 1, 1])
    assert below == pytest.approx((2 / 4, (0.5 + 0.2) / 4, (0.25 + 0.04) / 4))
    assert foster_greer_thorbecke([0, 100], 100, [3, 1]) == (0.75, 0.75, 0.75)


def test_palma_by_hand():
    """Ten equal units: the four poorest have 1, 2, 3, 4, the richest 10."""
    assert palma(np.arange(1, 11), np.arange(10), np.full(10, 7)) == 10 / 2.5
    assert palma([5] * 10, range(10), [1] * 10) == 1


def test_palma_takes_units_whole():
    ranks, values = [1, 2, 3, 4], [1, 2, 3, 8]
    # the unit astride 40 % is among the poorest, that astride 90 % not among the richest
    assert palma(values, ranks, [30, 30, 31, 9]) == 8 / ((1 * 30 + 2 * 30) / 60)
    assert math.isnan(palma(values, ranks, [30, 30, 20, 20]))
    # 40 people of 100 are the poorest 40 %, nobody more
    assert palma(values, ranks, [40, 30, 20, 10]) == 8


def test_palma_of_equal_ranks_goes_together():
    assert palma([2, 4, 1, 9], [1, 1, 2, 3], [20, 20, 50, 10]) == pytest.approx(9 / 3)
    assert palma([2, 4, 1, 9], [1, 1, 1, 3], [20, 20, 50, 10]) == pytest.approx(
        9 / np.average([2, 4, 1], weights=[20, 20, 50])
    )


def test_palma_without_a_tail_or_with_nothing_below():
    assert math.isnan(palma([5], [1], [100]))
    assert palma([0, 5], [1, 2], [95, 5]) == math.inf
    assert math.isnan(palma([0, 0], [1, 2], [95, 5]))


# laws


@given(UNITS, st.sampled_from([0.25, 3, 1000]), st.sampled_from([0.001, 7]))
@settings(derandomize=True, max_examples=60)
def test_units_of_measurement_do_not_matter(units, of_values, of_people):
    values, people, ranks = columns(units)
    for figure in (
        gini,
        lambda x, w: theil(x, w, ranks),
        lambda x, w: palma(x, ranks, w),
        lambda x, w: concentration_index(x, ranks, w),
        lambda x, w: concentration_index(x, ranks, w, corrected=True),
    ):
        assert figure(values * of_values, people * of_people) == pytest.approx(
            figure(values, people), abs=1e-9, nan_ok=True
        )


@given(UNITS, st.randoms(use_true_random=False))
@settings(derandomize=True, max_examples=60)
def test_order_of_units_does_not_matter(units, random):
    mixed = list(units)
    random.shuffle(mixed)
    (values, people, ranks), (values_2, people_2, ranks_2) = columns(units), columns(mixed)
    assert gini(values, people) == pytest.approx(gini(values_2, people_2), abs=1e-12)
    assert theil(values, people, ranks) == pytest.approx(theil(values_2, people_2, ranks_2), abs=1e-12)
    assert palma(values, ranks, people) == pytest.approx(palma(values_2, ranks_2, people_2), nan_ok=True)
    assert concentration_index(values, ranks, people) == pytest.approx(
        concentration_index(values_2, ranks_2, people_2), abs=1e-12
    )


@given(UNITS)
@settings(derandomize=True, max_examples=100)
def test_figures_stay_in_their_ranges_and_add_up(units):
    values, people, ranks = columns(units)
    assert 0 <= gini(values, people) < 1
    parts = theil(values, people, ranks)
    assert parts.total == pytest.approx(parts.between + parts.within)
    assert parts.total == pytest.approx(theil(values, people).total, abs=1e-12)
    assert min(parts) >= 0
    index = concentration_index(values, ranks, people)
    assert abs(index) <= gini(values, people) + 1e-12
    # ranked by itself the concentration index is the Gini index
    assert concentration_index(values, values, people) == pytest.approx(gini(values, people), abs=1e-12)
    fgt = foster_greer_thorbecke(values, 500, people)
    assert 1 >= fgt.fgt0 >= fgt.fgt1 >= fgt.fgt2 >= 0


@given(UNITS)
@settings(derandomize=True, max_examples=60)
def test_erreygers_is_the_rescaled_index(units):
    values, people, ranks = columns(units)
    assume(np.ptp(values) > 0)
    expected = 4 * np.average(values, weights=people) / np.ptp(values) * concentration_index(values, ranks, people)
    assert concentration_index(values, ranks, people, corrected=True) == pytest.approx(expected, abs=1e-12)


def test_equal_values_are_equal_exactly():
    values, people = [0.1 + 0.2] * 7, [1, 2, 3, 4, 5, 6, 7]
    assert gini(values, people) == 0
    assert concentration_index(values, range(7), people) == 0
    assert concentration_index(values, range(7), people, corrected=True) == 0
    assert theil(values, people, list("aabbccc")) == pytest.approx((0, 0, 0), abs=1e-15)
    assert foster_greer_thorbecke(values, 0.1, people) == (0, 0, 0)


def test_nothing_for_anyone_is_equal_too():
    assert gini([0, 0], [1, 2]) == 0
    assert theil([0, 0], [1, 2], ["a", "b"]) == (0, 0, 0)
    assert concentration_index([0, 0], [1, 2], [1, 2]) == 0
    assert foster_greer_thorbecke([0, 0], 5, [1, 2]) == (1, 1, 1)


def test_ties_in_rank_share_the_middle_of_their_group():
    """All of one rank: nothing can be concentrated; the order of tied units does not matter."""
    assert concentration_index([1, 5, 9], [2, 2, 2], [10, 20, 30]) == pytest.approx(0, abs=1e-15)
    assert concentration_index([1, 5, 9], [1, 1, 2], [1, 1, 1]) == concentration_index([5, 1, 9], [1, 1, 2], [1, 1, 1])


# what is left out


def test_units_without_people_value_or_rank_are_left_out_and_counted():
    values, people, ranks = [1, 2, NAN, 9, 4], [10, 20, 30, 0, 40], [1, 2, 3, 4, NAN]
    kept = [1, 2], [10, 20]
    assert gini(values[:4], people[:4]) == gini(*kept)
    assert concentration_index(values, ranks, people) == concentration_index([1, 2], [1, 2], [10, 20])
    assert foster_greer_thorbecke(values[:4], 2, people[:4]) == foster_greer_thorbecke(kept[0], 2, kept[1])
    assert left_out(values, people) == (2, 30)
    assert left_out(values, people, ranks) == (3, 70)


def test_a_missing_group_is_left_out_however_it_is_written():
    expected = theil([1, 2], [10, 20], ["a", "b"])
    for missing in (NAN, None, pd.NA):
        assert theil([1, 2, 50], [10, 20, 30], ["a", "b", missing]) == expected
        assert left_out([1, 2, 50], [10, 20, 30], ["a", "b", missing]) == (1, 30)
    assert theil([1, 2, 50], [10, 20, 30], pd.Series(["a", "b", None])) == expected


def test_no_unit_left_is_nan():
    for values, people in (([], []), ([1, 2], [0, 0]), ([NAN], [5])):
        ranks = np.arange(len(values))
        assert math.isnan(gini(values, people))
        assert math.isnan(palma(values, ranks, people))
        assert math.isnan(concentration_index(values, ranks, people))
        assert all(map(math.isnan, theil(values, people, ranks)))
        assert all(map(math.isnan, foster_greer_thorbecke(values, 1, people)))


# bad input


@pytest.mark.parametrize("values", [[-1, 2], [math.inf, 2], ["a", "b"], [[1, 2]], 5])
def test_values_that_are_none_are_refused(values):
    with pytest.raises(InputError):
        gini(values, [1, 1])


@pytest.mark.parametrize("people", [[-1, 2], [NAN, 2], [math.inf, 2], [1], [1, 2, 3], ["a", "b"]])
def test_people_that_are_none_are_refused(people):
    for figure in (
        lambda w: gini([1, 2], w),
        lambda w: theil([1, 2], w),
        lambda w: palma([1, 2], [1, 2], w),
        lambda w: concentration_index([1, 2], [1, 2], w),
        lambda w: foster_greer_thorbecke([1, 2], 1, w),
    ):
        with pytest.raises(InputError):
            figure(people)


def test_ranks_must_fit_and_be_numbers():
    with pytest.raises(InputError, match="2 units: there are 3"):
        palma([1, 2], [1, 2, 3], [1, 1])
    with pytest.raises(InputError, match="ranked"):
        concentration_index([1, 2], ["low", "high"], [1, 1])


@pytest.mark.parametrize("line", [0, -1, NAN, math.inf, "ten", None])
def test_the_line_must_be_above_0(line):
    with pytest.raises(InputError, match="above 0"):
        foster_greer_thorbecke([1, 2], line, [1, 1])
