"""Measure accessibility from travel minutes: what is nearest, how much is within reach, what decays with time.

Every measure takes `minutes`, an (origins, destinations) table in which infinity means "out of reach", and returns one
float a row. The floating catchments, where places compete for what is supplied, live in `zoning.reach.floating`.
"""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zoning.errors import InputError
from zoning.reach.floating import (
    balanced_floating_catchment,
    spatial_availability,
    three_step_floating_catchment,
    two_step_floating_catchment,
)
from zoning.reach.pairs import OPPORTUNITIES, block_rows, checked_amounts, checked_minutes, weighed
from zoning.text import N_

if TYPE_CHECKING:
    from zoning.reach.decay import DecayFunction

__all__ = [
    "balanced_floating_catchment",
    "cumulative",
    "gravity",
    "nearest",
    "passive",
    "spatial_availability",
    "three_step_floating_catchment",
    "two_step_floating_catchment",
]

FloatArray: TypeAlias = NDArray[np.float64]

MOST_LIMITS = 1_440  # whole minutes in an interval: a day


def cumulative(minutes: ArrayLike, opportunities: ArrayLike, within: float | tuple[float, float]) -> FloatArray:
    """Count the opportunities within reach: A_i = Σ_j O_j [t_ij <= within].

    Hansen (1959) with a binary weight; the interval is that of Tomasiello, Herszenhut, Oliveira, Braga and Pereira
    (2023), Applied Geography 157, 103000, doi 10.1016/j.apgeog.2023.103000.

    Parameters
    ----------
    minutes
        (n, m) travel minutes, infinite where a destination is out of reach.
    opportunities
        (m,) how much there is at each destination (jobs, beds, places): 0 or more.
    within
        Minutes, 0 or more, the limit itself included; infinity counts all that can be reached at all. Or (a, b): the
        median of the counts at every whole minute from a to b, both included, so that no single limit decides.

    Returns
    -------
    (n,) float array, in the unit of `opportunities`; 0 where nothing is within reach.

    Raises
    ------
    InputError
        Shapes do not fit, numbers are negative or missing, or `within` is no such limit or interval.
    """
    matrix = checked_minutes(minutes)
    amounts = checked_amounts(OPPORTUNITIES, opportunities, matrix.shape[1])
    limits = _limits(within)
    counts = np.zeros(matrix.shape[0])
    for rows in block_rows((matrix.shape[0], matrix.shape[1] + limits.size)):
        found = _counts(matrix[rows], amounts, limits)
        counts[rows] = found[:, 0] if limits.size == 1 else np.median(found, axis=1)
    return counts


def passive(minutes: ArrayLike, people: ArrayLike, within: float | tuple[float, float]) -> FloatArray:
    """Count the people who reach each destination: B_j = Σ_i P_i [t_ij <= within].

    Passive accessibility (Cascetta, Cartenì and Montanino 2013): `cumulative` of the table read by columns.

    Parameters
    ----------
    minutes
        (n, m) travel minutes from homes to destinations, infinite where out of reach.
    people
        (n,) people at each home: 0 or more.
    within
        Minutes or an interval, as in `cumulative`.

    Returns
    -------
    (m,) float array of people; 0 where nobody reaches the destination.

    Raises
    ------
    InputError
        As in `cumulative`.
    """
    return cumulative(checked_minutes(minutes).T, people, within)


def nearest(minutes: ArrayLike, k: int = 1) -> FloatArray:
    """Return the travel time to the `k`-th nearest destination of each origin.

    Parameters
    ----------
    minutes
        (n, m) travel minutes, infinite where a destination is out of reach.
    k
        Which one, counted from 1: 3 asks how far one must go to have a choice of three.

    Returns
    -------
    (n,) float array of minutes, NaN where fewer than `k` destinations can be reached.

    Raises
    ------
    InputError
        `minutes` is not a table of times, or `k` is not a whole number of at least 1.
    """
    matrix = checked_minutes(minutes)
    if isinstance(k, bool | np.bool_) or not isinstance(k, int | np.integer) or k < 1:
        raise InputError(N_("Which nearest place is wanted must be a whole number from 1, not {k}."), k=k)
    times = np.full(matrix.shape[0], np.nan)
    if k <= matrix.shape[1]:
        for rows in block_rows(matrix.shape):
            times[rows] = np.partition(matrix[rows], k - 1, axis=1)[:, k - 1]
    times[np.isinf(times)] = np.nan
    return times


def gravity(minutes: ArrayLike, opportunities: ArrayLike, decay: DecayFunction) -> FloatArray:
    """Sum the opportunities, each weighed by its travel time: A_i = Σ_j O_j f(t_ij).

    Hansen (1959), Journal of the American Institute of Planners 25(2), 73-76, doi 10.1080/01944365908978307.

    Parameters
    ----------
    minutes
        (n, m) travel minutes, infinite where a destination is out of reach.
    opportunities
        (m,) how much there is at each destination: 0 or more.
    decay
        f: a function of an array of minutes, from `zoning.reach.decay` or your own, with weights of 0 or more. It is
        asked about reachable pairs only.

    Returns
    -------
    (n,) float array, in the unit of `opportunities`; 0 where nothing is within reach.

    Raises
    ------
    InputError
        Shapes do not fit, numbers are negative or missing, or the decay gives something that is not a weight.
    """
    matrix = checked_minutes(minutes)
    amounts = checked_amounts(OPPORTUNITIES, opportunities, matrix.shape[1])
    result = np.zeros(matrix.shape[0])
    for rows, weights in weighed(matrix, decay):
        result[rows] = weights @ amounts
    return result


def _limits(within: float | tuple[float, float]) -> FloatArray:
    """Return the limits at which to count: one, or every whole minute of an interval."""
    try:
        given = [float(value) for value in np.atleast_1d(np.asarray(within, dtype=np.float64))]
    except (TypeError, ValueError):
        given = []
    if len(given) == 1 and np.ndim(within) == 0 and given[0] >= 0:
        return np.array(given)
    if len(given) == 2 and 0 <= given[0] <= given[1] < math.inf:
        limits = np.arange(math.ceil(given[0]), math.floor(given[1]) + 1, dtype=np.float64)
        if 0 < limits.size <= MOST_LIMITS:
            return limits
    raise InputError(
        N_(
            "The limit must be a number of minutes from 0, or two such numbers with a whole minute from the"
            " first to the second and at most a day between them, not {within}."
        ),
        within=within,
    )


def _counts(times: NDArray[np.floating], amounts: FloatArray, limits: FloatArray) -> FloatArray:
    """Return (rows, limits) counts; limits rise by whole minutes, so each pair falls into the first that holds it."""
    if limits.size == 1:
        within = times <= min(float(limits[0]), sys.float_info.max)  # beyond every number only infinity is left
        return np.asarray(within @ amounts, dtype=np.float64)[:, np.newaxis]
    row, column = np.nonzero(times <= limits[-1])
    step = np.ceil(np.maximum(times[row, column], limits[0])).astype(np.intp) - int(limits[0])
    flat = np.bincount(row * limits.size + step, weights=amounts[column], minlength=times.shape[0] * limits.size)
    return np.cumsum(flat.reshape(times.shape[0], limits.size), axis=1)
