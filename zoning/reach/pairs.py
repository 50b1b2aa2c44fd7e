"""Check matrices of minutes and weigh their pairs block by block, so that memory stays bounded."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from zoning.errors import InputError
from zoning.pace import checkpoint
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zoning.reach.decay import DecayFunction

FloatArray: TypeAlias = NDArray[np.float64]

BLOCK_PAIRS = 64_000  # pairs looked at together: half a megabyte of float64, which stays in the processor's cache
SMALLEST_WEIGHT = 1e-100  # weights below count as 0: supply divided twice by less would overflow


class Counted(NamedTuple):
    """What is counted at a place, as its two faults are told: whole sentences, because words decline and move."""

    length: str
    range: str


OPPORTUNITIES = Counted(
    N_("There must be one number of opportunities for each of the {count} destinations: there are {found}."),
    N_("{count} of {total} numbers of opportunities are negative, missing or infinite."),
)
SUPPLY = Counted(
    N_("There must be one capacity for each of the {count} facilities: there are {found}."),
    N_("{count} of {total} capacities are negative, missing or infinite."),
)
DEMAND = Counted(
    N_("There must be one number of people for each of the {count} places: there are {found}."),
    N_("{count} of {total} numbers of people are negative, missing or infinite."),
)


def checked_minutes(minutes: ArrayLike) -> NDArray[np.floating]:
    """Return `minutes` as an (n, m) float array; float32 stays float32 and is widened a block at a time.

    Raises
    ------
    InputError
        It has not two dimensions, is not numeric, or holds NaN or negative times (the message says how many).
    """
    matrix = numeric(minutes)
    if matrix is None or matrix.ndim != 2:
        raise InputError(
            N_("Travel minutes must be a table of numbers, a row for each origin and a column for each destination.")
        )
    if matrix.size and not matrix.min() >= 0:  # a least that is NaN is not >= 0 either
        wrong = sum(int(np.count_nonzero(~(matrix[rows] >= 0))) for rows in block_rows(matrix.shape))
        raise InputError(
            N_("{count} of {total} travel times are negative or missing; a place out of reach is written as infinite."),
            count=wrong,
            total=matrix.size,
        )
    return matrix


def checked_amounts(what: Counted, amounts: ArrayLike, count: int) -> FloatArray:
    """Return what is counted at `count` places as a float array: finite, 0 or more.

    Raises
    ------
    InputError
        It has another length, is not numeric, or holds negative, missing or infinite numbers (the message says how
        many).
    """
    array = numeric(amounts)
    if array is None or array.ndim != 1 or array.size != count:
        raise InputError(what.length, count=count, found=0 if array is None else array.size)
    values = array.astype(np.float64)
    wrong = int(np.count_nonzero(~(np.isfinite(values) & (values >= 0))))
    if wrong:
        raise InputError(what.range, count=wrong, total=values.size)
    return values


def block_rows(shape: tuple[int, ...]) -> Iterator[slice]:
    """Yield slices of rows that hold about `BLOCK_PAIRS` pairs each."""
    step = max(1, BLOCK_PAIRS // max(shape[1], 1))
    for start in range(0, shape[0], step):
        checkpoint()
        yield slice(start, min(start + step, shape[0]))


def weighed(matrix: NDArray[np.floating], decay: DecayFunction) -> Iterator[tuple[slice, FloatArray]]:
    """Yield the rows of a checked matrix, block by block, as weights: 0 for unreachable pairs whatever the decay.

    Raises
    ------
    InputError
        `decay` is not callable, or gives a weight that is negative or not a finite number.
    """
    if not callable(decay):
        raise InputError(N_("A decay must be a function of minutes, not “{decay}”."), decay=decay)
    for rows in block_rows(matrix.shape):
        times = matrix[rows].astype(np.float64)
        reached = np.isfinite(times)
        weights = np.zeros(times.shape)
        weights[reached] = _asked(decay, times[reached])
        weights[weights < SMALLEST_WEIGHT] = 0.0
        yield rows, weights


def _asked(decay: DecayFunction, times: FloatArray) -> FloatArray:
    """Return what `decay` says of finite times, or refuse it."""
    if not times.size:
        return times
    with np.errstate(all="ignore"):  # what goes wrong is found below and named
        given = numeric(decay(times))
    if given is None or given.shape not in {times.shape, ()}:
        raise InputError(N_("The decay must give one weight for each travel time."))
    wrong = int(np.count_nonzero(~(np.isfinite(given) & (given >= 0))))
    if wrong:
        raise InputError(N_("The decay gives {count} weights that are negative or not numbers."), count=wrong)
    return np.broadcast_to(given, times.shape).astype(np.float64)


def numeric(values: ArrayLike) -> NDArray[np.floating] | None:
    """Return `values` as a float array, missing ones as NaN, or None if they are not numbers."""
    try:
        array = np.asarray(values)
        if array.dtype == object:  # columns with None or pandas.NA among the numbers
            array = np.where(pd.isna(array), np.nan, array).astype(np.float64)
    except (TypeError, ValueError):
        return None
    if array.dtype.kind not in "biuf":
        return None
    return array if array.dtype in {np.dtype(np.float32), np.dtype(np.float64)} else array.astype(np.float64)
