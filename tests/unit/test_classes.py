"""Class bounds: equal numbers, or least spread, checked against every possible classing."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zoning.classes import CLASSES, bounds, natural, quantiles
from zoning.errors import InputError


def spread(values, edges):
    classes = np.searchsorted(edges, values, side="left")
    return sum(((values[classes == c] - values[classes == c].mean()) ** 2).sum() for c in np.unique(classes))


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=12), st.integers(2, 4))
def test_natural_breaks_have_the_least_spread_of_all(numbers, classes):
    values = np.array(numbers, dtype=float)
    found = natural(values, classes)
    levels = np.unique(values)
    assert len(found) == min(classes, len(levels)) - 1
    every = itertools.combinations(levels[:-1], len(found))
    assert spread(values, found) == pytest.approx(min(spread(values, np.array(edges)) for edges in every), abs=1e-9)


def test_fifths_hold_a_fifth_each():
    values = np.random.default_rng(2).permutation(np.arange(100.0))
    assert np.bincount(np.searchsorted(quantiles(values), values, side="left")).tolist() == [20] * 5


@pytest.mark.parametrize("method", ["quantiles", "natural"])
def test_equal_figures_share_a_class_and_missing_ones_have_none(method):
    values = [0.0] * 50 + [1.0, 2.0, np.nan]
    edges = bounds(values, method)
    assert edges[0] == 0.0
    assert edges[-1] < 2.0
    assert len(edges) <= CLASSES - 1
    assert bounds([np.nan], method).size == bounds([3.0, 3.0], method).size == 0


def test_natural_breaks_of_many_values_end():
    assert natural(np.random.default_rng(1).exponential(size=20_000)).size == CLASSES - 1


def test_unknown_methods_are_refused():
    with pytest.raises(InputError, match="equal"):
        bounds([1.0], "equal")
