"""Measure how evenly access is spread over people: Gini, Palma, Theil, concentration, Foster-Greer-Thorbecke.

`values` are what each unit (ward, cell) has, `weights` how many people live there. In all of them units where nobody
lives (weight 0) are left out, and units whose value, rank or group is missing (NaN, None): `left_out` counts them and
their people. With no unit left a measure is NaN; where everyone has nothing, all have the same and inequality is 0.
Only the shares of the weights matter, so thousands of people give what people give.
"""

from __future__ import annotations

import math
from typing import NamedTuple, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from zoning.errors import InputError
from zoning.reach.pairs import Counted, checked_amounts, numeric
from zoning.text import N_

FloatArray: TypeAlias = NDArray[np.float64]

POOREST_SHARE = 0.4
RICHEST_SHARE = 0.1
PEOPLE = Counted(
    N_("There must be one number of people for each of the {count} units: there are {found}."),
    N_("{count} of {total} units have a number of people that is negative, missing or infinite."),
)


class Theil(NamedTuple):
    """Theil's T and its two parts, total = between + within."""

    total: float
    between: float
    within: float


class Poverty(NamedTuple):
    """The three Foster-Greer-Thorbecke measures: how many are below the line, how far, and how unequally far."""

    fgt0: float
    fgt1: float
    fgt2: float


class LeftOut(NamedTuple):
    """What an equity figure does not speak of."""

    units: int
    people: float


def left_out(values: ArrayLike, weights: ArrayLike, by: ArrayLike | None = None) -> LeftOut:
    """Count the units, and their people, that the measures below leave out.

    Parameters
    ----------
    values, weights
        (n,) as given to the measure.
    by
        (n,) the ranks or groups given to the measure, if any.

    Returns
    -------
    units left out, and the people who live in them (units of weight 0 have none).

    Raises
    ------
    InputError
        Lengths differ, or weights are negative, missing or infinite.
    """
    people, used = _used(_values(values), weights, by)
    return LeftOut(int(np.count_nonzero(~used)), float(people[~used].sum()))


def gini(values: ArrayLike, weights: ArrayLike) -> float:
    """Return the Gini index: G = 1 - Σ_k p_k (L_k-1 + L_k), units in rising order of value.

    p_k is the share of people, L_k the share of all that is had by them and all before: one minus twice the area below
    the Lorenz curve, equal to Σ_i Σ_j p_i p_j |x_i - x_j| / (2 μ). Gini (1912); Lorenz (1905), Publications of the
    American Statistical Association 9(70), 209-219. 0: all have the same; 1 - 1/n at most with n equal units.

    Parameters
    ----------
    values
        (n,) what each unit has, 0 or more; NaN units are left out.
    weights
        (n,) people of each unit.

    Returns
    -------
    0 to 1; NaN if no unit is left.

    Raises
    ------
    InputError
        Lengths differ, values are negative or infinite, weights negative, missing or infinite.
    """
    had, share, _ = _kept(values, weights)
    if not had.size:
        return math.nan
    order = np.argsort(had, kind="stable")
    had, share = had[order], share[order]
    if had[-1] == had[0]:
        return 0.0  # exactly: the sum below would leave a rounding error
    below = np.cumsum(share) - share / 2
    # Σ p_k (2 F_k - 1) x_k / μ, F_k the share of people below the middle of unit k: the area, without cancellation
    return max(0.0, float(share @ ((2 * below - 1) * had)) / float(share @ had))


def palma(values: ArrayLike, rank_by: ArrayLike, weights: ArrayLike) -> float:
    """Return the Palma ratio: the mean value of the richest 10 % of people over that of the poorest 40 %.

    Palma (2011), Development and Change 42(1), 87-153, with means in place of shares as is usual for access; R package
    accessibility (`palma_ratio`). Units are taken whole, as in that package: the poorest are those whose rank is at or
    below the 40 % quantile of people by `rank_by`, the richest those above the 90 % quantile. The quantile at q is the
    lowest rank at or below which the share q of people live: the unit astride 40 % belongs to the poorest, the one
    astride 90 % does not belong to the richest, units of equal rank go together.

    Parameters
    ----------
    values
        (n,) what each unit has, 0 or more; NaN units are left out.
    rank_by
        (n,) how rich its people are, income a person for instance; NaN units are left out.
    weights
        (n,) people of each unit.

    Returns
    -------
    Ratio, 1 if rich and poor have the same; NaN when a tail is empty (one unit holds more than the richest 10 %);
    infinite if the poorest have nothing and the richest something, NaN if neither has.

    Raises
    ------
    InputError
        Lengths differ, values are negative or infinite, weights negative, missing or infinite.
    """
    had, share, ranks = _kept(values, weights, rank_by)
    if not had.size:
        return math.nan
    _, unit = np.unique(_ranks(ranks), return_inverse=True)
    reached = np.cumsum(np.bincount(unit, weights=share))
    # a share that is 0.4 but for rounding is 0.4
    poorest_level, highest_level = np.searchsorted(reached, np.array([POOREST_SHARE, 1 - RICHEST_SHARE]) - 1e-12)
    poorest, richest = unit <= poorest_level, unit > highest_level
    if not (poorest.any() and richest.any()):
        return math.nan
    low = float(np.average(had[poorest], weights=share[poorest]))
    high = float(np.average(had[richest], weights=share[richest]))
    if low == 0:
        return math.inf if high > 0 else math.nan
    return high / low


def theil(values: ArrayLike, weights: ArrayLike, groups: ArrayLike | None = None) -> Theil:
    """Return Theil's T and its parts between and within groups.

    T = Σ_i p_i (x_i/μ) ln(x_i/μ); between: Σ_g p_g (μ_g/μ) ln(μ_g/μ); within: Σ_g (p_g μ_g/μ) T_g, with p shares of
    people. Theil (1967), Economics and Information Theory; decomposition after Shorrocks (1980), Econometrica 48(3),
    613-625. A unit that has nothing adds 0, the limit of x ln x.

    Parameters
    ----------
    values
        (n,) what each unit has, 0 or more; NaN units are left out.
    weights
        (n,) people of each unit.
    groups
        (n,) label of each unit's group (its old district, say); units without one are left out. None: everyone is one
        group, between is 0.

    Returns
    -------
    total, between, within: 0 (all have the same) to ln n; NaN if no unit is left.

    Raises
    ------
    InputError
        Lengths differ, values are negative or infinite, weights negative, missing or infinite.
    """
    had, share, labels = _kept(values, weights, groups)
    if not had.size:
        return Theil(math.nan, math.nan, math.nan)
    mean = float(share @ had)
    if mean == 0:
        return Theil(0.0, 0.0, 0.0)
    group = np.zeros(had.size, dtype=np.intp) if groups is None else pd.factorize(labels)[0]
    group_share = np.bincount(group, weights=share)
    group_mean = np.bincount(group, weights=share * had) / group_share
    between = float(group_share @ _x_ln_x(group_mean / mean))
    own_mean = group_mean[group]
    # a group that has nothing holds no part of the total
    relative = np.divide(had, own_mean, out=np.zeros(had.size), where=own_mean > 0)
    within = float(share @ (own_mean / mean * _x_ln_x(relative)))
    between, within = max(0.0, between), max(0.0, within)  # rounding may leave -1e-17
    return Theil(between + within, between, within)


def concentration_index(
    values: ArrayLike,
    rank_by: ArrayLike,
    weights: ArrayLike,
    corrected: bool = False,  # noqa: FBT001, FBT002 - door
) -> float:
    """Return how far access is concentrated among the rich (above 0) or the poor (below 0).

    C = (2/μ) Σ_i p_i (x_i - μ) (R_i - ½), R_i the share of people below the middle of unit i by `rank_by`, units of
    equal rank all standing at the middle of their whole group: Wagstaff, Paci and van Doorslaer (1991), Social Science
    & Medicine 33(5), 545-557; weighted ranks after van Doorslaer and Koolman (2004), Health Economics 13(7), 609-628.
    Corrected: E = 4 μ C / (b - a), Erreygers (2009), Journal of Health Economics 28(2), 504-515, over the observed
    range from a to b of the values that are used.

    Parameters
    ----------
    values
        (n,) what each unit has, 0 or more; NaN units are left out.
    rank_by
        (n,) how rich its people are; NaN units are left out.
    weights
        (n,) people of each unit.
    corrected
        Return Erreygers' index in place of the relative one.

    Returns
    -------
    -1 to 1; 0 where all have the same; NaN if no unit is left.

    Raises
    ------
    InputError
        Lengths differ, values are negative or infinite, weights negative, missing or infinite.
    """
    had, share, ranks = _kept(values, weights, rank_by)
    if not had.size:
        return math.nan
    span = float(had.max() - had.min())
    if span == 0:
        return 0.0
    _, unit = np.unique(_ranks(ranks), return_inverse=True)
    level_share = np.bincount(unit, weights=share)
    middle = np.cumsum(level_share) - level_share / 2
    mean = float(share @ had)
    covariance = float(share @ ((had - mean) * (middle[unit] - 0.5)))
    return 8 * covariance / span if corrected else 2 * covariance / mean


def foster_greer_thorbecke(values: ArrayLike, line: float, weights: ArrayLike) -> Poverty:
    """Return how many people have less than `line`, and how much less.

    FGT_α = Σ p_i ((line - x_i) / line)^α over the units with x_i < line. α = 0: the share of people below the line;
    1: times their mean shortfall; 2: the shortfall squared, so that those who have least count most. Who has exactly
    the line is not below it. Foster, Greer and Thorbecke (1984), Econometrica 52(3), 761-766.

    Parameters
    ----------
    values
        (n,) what each unit has, 0 or more; NaN units are left out.
    line
        The least that people should have, above 0, in the unit of `values`.
    weights
        (n,) people of each unit.

    Returns
    -------
    FGT0, FGT1, FGT2, each 0 to 1; NaN if no unit is left.

    Raises
    ------
    InputError
        `line` is not a finite number above 0, lengths differ, values are negative or infinite, weights negative,
        missing or infinite.
    """
    try:
        level = float(line)
    except (TypeError, ValueError):
        level = math.nan
    if not 0 < level < math.inf:
        raise InputError(N_("The least that people should have must be a number above 0, not {line}."), line=line)
    had, share, _ = _kept(values, weights)
    if not had.size:
        return Poverty(math.nan, math.nan, math.nan)
    below = had < level
    gap = (level - had[below]) / level
    return Poverty(*(min(1.0, float(share[below] @ gap**order)) for order in (0, 1, 2)))


def _kept(
    values: ArrayLike, weights: ArrayLike, by: ArrayLike | None = None
) -> tuple[FloatArray, FloatArray, NDArray[np.generic]]:
    """Return values, shares of people and ranks or groups of the units that count."""
    had = _values(values)
    people, used = _used(had, weights, by)
    kept = people[used] / people.max(initial=1.0)  # first to 0..1: a sum of huge weights would overflow
    labels = np.zeros(had.size) if by is None else np.asarray(by, dtype=object)
    return had[used], kept / kept.sum() if kept.size else kept, labels[used]


def _values(values: ArrayLike) -> FloatArray:
    """Return values as floats: NaN is allowed, it is left out later; negative and infinite ones are not."""
    array = numeric(values)
    if array is None or array.ndim != 1:
        raise InputError(N_("Inequality is measured on a row of numbers, one for each unit."))
    had = array.astype(np.float64)
    wrong = int(np.count_nonzero((had < 0) | np.isinf(had)))
    if wrong:
        raise InputError(
            N_("{count} of {total} values are negative or infinite; inequality is not defined for them."),
            count=wrong,
            total=had.size,
        )
    return had


def _used(had: FloatArray, weights: ArrayLike, by: ArrayLike | None) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Return people and which units count."""
    people = checked_amounts(PEOPLE, weights, had.size)
    used = (people > 0) & ~np.isnan(had)
    if by is not None:
        labels = np.asarray(by, dtype=object)  # a list of names with NaN would become the name "nan" otherwise
        if labels.shape != had.shape:
            raise InputError(
                N_("There must be one rank or group for each of the {count} units: there are {found}."),
                count=had.size,
                found=labels.size,
            )
        used &= ~pd.isna(labels)
    return people, used


def _ranks(ranks: NDArray[np.generic]) -> FloatArray:
    try:
        return ranks.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(N_("What people are ranked by must be numbers.")) from error


def _x_ln_x(x: FloatArray) -> FloatArray:
    return np.multiply(x, np.log(x, out=np.zeros(x.size), where=x > 0))
