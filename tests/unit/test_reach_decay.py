"""Hold decay functions to their formulas, their bounds and their behaviour beyond reach."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zoning.errors import InputError
from zoning.reach import decay
from zoning.reach.decay import binary, exponential, gaussian, linear, logistic, power, stepped

ALL = [
    binary(15),
    linear(30),
    exponential(0.1),
    power(1.5),
    gaussian(10),
    logistic(20, 5),
    stepped([10, 20], [0.5, 0.2]),
    exponential(0),
    power(0),
]


def test_binary_counts_its_limit():
    assert binary(15)([0, 15, np.nextafter(15, 16), 16]).tolist() == [1, 1, 0, 0]


def test_linear_falls_to_zero_at_its_limit():
    assert linear(50)([0, 25, 50, 60]).tolist() == [1, 0.5, 0, 0]


def test_exponential_prints_the_numbers_of_the_r_package():
    """Vignette "Decay functions" of the R package accessibility 1.4: decay_exponential(c(0.2, 0.3))(c(10, 15, 20))."""
    assert exponential(0.2)([10, 15, 20]) == pytest.approx([0.13533528, 0.04978707, 0.01831564], abs=5e-9)
    assert exponential(0.3)([10, 15, 20]) == pytest.approx([0.049787068, 0.011108997, 0.002478752], abs=5e-10)


def test_stepped_prints_the_numbers_of_the_r_package():
    """The same vignette: decay_stepped with steps 10, 20, 30 (, 40) at 15, 25, 35, 45."""
    assert stepped([10, 20, 30], [0.67, 0.33, 0])([15, 25, 35, 45]).tolist() == [0.67, 0.33, 0, 0]
    assert stepped([10, 20, 30, 40], [0.75, 0.5, 0.25, 0])([15, 25, 35, 45]).tolist() == [0.75, 0.5, 0.25, 0]


def test_stepped_changes_at_its_bound_not_after_it():
    """The R package's help page: "the values change exactly at each step"."""
    steps = stepped([10, 20, 30, 40], [0.75, 0.5, 0.25, 0])
    assert steps([0, np.nextafter(10, 0), 10, 20, 30, 40]).tolist() == [1, 1, 0.75, 0.5, 0.25, 0]


def test_power_is_one_below_a_minute():
    """The R vignette's own function, 1/t not above 1, at 0, 0.5, 1, 2, 5, 10."""
    assert power(1)([0, 0.5, 1, 2, 5, 10]).tolist() == [1, 1, 1, 0.5, 0.2, 0.1]


def test_gaussian_prints_the_numbers_of_pysal():
    """PySAL access, `weights.gaussian(sigma=20)`: documented at 0, 20, 40, 60."""
    published = [1.0, 0.6065306597126334, 0.1353352832366127, 0.011108996538242306]
    assert gaussian(20)([0, 20, 40, 60]) == pytest.approx(published, rel=1e-15)


def test_logistic_is_one_minus_the_distribution_of_that_mean_and_deviation():
    from scipy.stats import logistic as distribution

    scale = 10 * math.sqrt(3) / math.pi
    assert distribution(loc=50, scale=scale).std() == pytest.approx(10)
    times = np.linspace(0, 120, 49)
    assert logistic(50, 10)(times) == pytest.approx(distribution(loc=50, scale=scale).sf(times), abs=1e-15)
    assert logistic(50, 10)(50) == 0.5


def test_logistic_divided_by_its_start_is_that_of_the_r_package():
    """Tests of the R package: cutoff 30, sd 10 gives 1 at 0 and 0.502 at 30 (tolerance 0.001)."""
    weights = logistic(30, 10)([0, 30])
    assert weights / weights[0] == pytest.approx([1, 0.502], abs=5e-4)


@pytest.mark.parametrize("one", ALL, ids=str)
def test_nothing_weighs_at_infinity_and_nothing_is_invented_for_nan(one):
    weights = one(np.array([[0.0, math.inf], [math.nan, 1e300]]))
    assert weights[0].tolist() == [1 if one.name != "logistic" else weights[0, 0], 0]
    assert math.isnan(weights[1, 0])
    assert 0 <= weights[1, 1] <= 1


@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=20))
@settings(derandomize=True)
def test_weights_lie_in_0_to_1_and_do_not_rise(times):
    for one in ALL:
        weights = one(np.sort(times))
        assert np.all((weights >= 0) & (weights <= 1))
        assert np.all(np.diff(weights) <= 0)


def test_shape_is_kept_and_the_argument_is_not_touched():
    times = np.array([[1.0, math.inf, 3.0]])
    before = times.copy()
    assert gaussian(5)(times).shape == (1, 3)
    assert np.array_equal(times, before)
    assert gaussian(5)(5).shape == ()


@pytest.mark.parametrize("one", ALL, ids=str)
def test_a_decay_survives_text_and_pickle(one):
    assert decay.parse(str(one)) == one
    assert pickle.loads(pickle.dumps(one)) == one  # noqa: S301 - our own bytes
    assert one.formula


def test_formulas_show_their_numbers():
    assert gaussian(10).formula == "exp(−t²/(2·10²))"
    assert stepped([10, 20], [0.5, 0]).formula == "1; 0.5 (t ≥ 10); 0 (t ≥ 20)"


@pytest.mark.parametrize(
    "make",
    [
        binary,
        linear,
        exponential,
        power,
        gaussian,
        lambda x: logistic(x, 1),
        lambda x: logistic(1, x),
        lambda x: stepped([x], [0.5]),
        lambda x: stepped([5], [x]),
    ],
)
@pytest.mark.parametrize("bad", [-1, math.nan, math.inf, "ten", None])
def test_bad_parameters_are_refused(make, bad):
    with pytest.raises(InputError):
        make(bad)


@pytest.mark.parametrize("make", [linear, gaussian, lambda x: logistic(1, x)])
def test_zero_is_refused_where_it_would_divide(make):
    with pytest.raises(InputError, match="above 0"):
        make(0)


@pytest.mark.parametrize(
    ("bounds", "weights"), [([], []), ([10], [0.5, 0.2]), ([20, 10], [0.5, 0.2]), ([10, 10], [0.5, 0.2]), ([10], [1.5])]
)
def test_bad_steps_are_refused(bounds, weights):
    with pytest.raises(InputError):
        stepped(bounds, weights)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "15",
        "cubic:3",
        "binary",
        "binary:",
        "binary:x",
        "binary:1,2",
        "stepped:10,20",
        "stepped:10/0.5/0.2",
        "logistic:20",
        "gaussian:-5",
    ],
)
def test_text_that_is_no_decay_is_refused(text):
    with pytest.raises(InputError):
        decay.parse(text)
