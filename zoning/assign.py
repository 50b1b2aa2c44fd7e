"""Give places that are limited to those who can reach them: as many as possible, then by the shortest ways."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array, vstack

from zoning.errors import InputError
from zoning.text import N_

IntArray: TypeAlias = NDArray[np.int64]

MOST_PAIRS = 200_000


def assign(minutes: ArrayLike, demand: ArrayLike, capacity: ArrayLike) -> IntArray:
    """Assign people to places: as many as can be, and of all ways to do that the one with the least minutes in sum.

    The transportation problem of Hitchcock (1941), Journal of Mathematics and Physics 20, 224-230, whose solutions at
    the corners are whole numbers where demand and capacity are; unserved people cost more than any trip, so that
    nobody is left out for a shorter way of another.

    Parameters
    ----------
    minutes
        (n, m) travel minutes of n groups to m places, infinite where out of reach.
    demand
        (n,) people of each group, whole numbers of 0 or more.
    capacity
        (m,) room in each place, whole numbers of 0 or more.

    Returns
    -------
    (n, m) people of each group in each place. A row sums to at most its demand, a column to at most its capacity; what
    is missing in a row is unmet.

    Raises
    ------
    InputError
        Shapes do not fit, numbers are negative, missing or not whole, or more than `MOST_PAIRS` pairs are in reach.
    """
    table = np.asarray(minutes, dtype=np.float64)
    wanted, room = _whole(demand, table.shape[0]), _whole(capacity, table.shape[1] if table.ndim == 2 else -1)
    given = np.zeros(table.shape, dtype=np.int64)
    row, column = np.nonzero(np.isfinite(table) & (wanted[:, np.newaxis] > 0) & (room > 0))
    if not row.size:
        return given
    if row.size > MOST_PAIRS:
        raise InputError(
            N_(
                "{count} pairs of groups and places are within reach; at most {most} can be assigned. Take fewer"
                " places."
            ),
            count=f"{row.size:,}",
            most=f"{MOST_PAIRS:,}",
        )
    ones, pair = np.ones(row.size), np.arange(row.size)
    by_group = csr_array((ones, (row, pair)), shape=(table.shape[0], row.size))
    by_place = csr_array((ones, (column, pair)), shape=(table.shape[1], row.size))
    cost = table[row, column]
    # each person who is served saves more than a detour of anyone could cost
    saved = 1.0 + 2.0 * float(cost.max(initial=0.0)) * min(table.shape)
    found = linprog(
        cost - saved,
        A_ub=vstack([by_group, by_place]),
        b_ub=np.concatenate([wanted, room]).astype(np.float64),
        bounds=(0, None),
        method="highs-ds",  # a simplex ends in a corner, where all numbers are whole
    )
    if not found.success:  # cannot be: giving nothing to anyone is allowed
        raise InputError(N_("The places could not be assigned ({reason})."), reason=found.message)
    given[row, column] = np.rint(found.x).astype(np.int64)
    return given


def _whole(values: ArrayLike, count: int) -> IntArray:
    array = np.asarray(values, dtype=np.float64)
    if array.shape != (count,):
        raise InputError(N_("There must be one number of people for each group, and one of room for each place."))
    wrong = int(np.count_nonzero(~(np.isfinite(array) & (array >= 0) & (array == np.floor(array)))))
    if wrong:
        raise InputError(
            N_("{count} of {total} numbers of people or places are negative, missing or not whole."),
            count=wrong,
            total=array.size,
        )
    return array.astype(np.int64)
