"""Read the code's tables: between sizes by straight line, by steps, or by class."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from zoning.errors import InputError
from zoning.standards.rules import rows_of
from zoning.text import N_

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zoning.standards.rules import Rule


def limit_at(table: str, size: float, height_m: float | None = None) -> float:
    """Return a limit of a table read between its sizes by straight line.

    Parameters
    ----------
    table
        density-detached, density-apartment or density-mixed (%), or far-existing (times).
    size
        Area of the lot in m2, more than 0; beyond the ends of the table the last value holds.
    height_m
        Height of the building in metres, where the table asks for it; beyond the last height the last row holds.

    Returns
    -------
    The largest value that the lot may have. A detached lot of 87.5 m2 lies in the band up to 90 m2 of Table 2.8.

    Raises
    ------
    InputError
        No such table, a height is missing, or a size is not a positive number.
    """
    heights = np.empty(0) if height_m is None else np.array([_positive(height_m)])
    if needs_height(table) and height_m is None:
        raise InputError(N_("The table {table} needs the height of the building."), table=table)
    return float(limits_at(table, np.array([_positive(size)]), heights)[0])


def needs_height(table: str) -> bool:
    """Say whether a table asks for the height of the building beside the size of the lot."""
    return bool(_grid(table)[0].size)


def limits_at(table: str, sizes: NDArray[np.float64], heights_m: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the limits of many lots at once, as `limit_at`; NaN where a size or a height that is needed is NaN.

    Parameters
    ----------
    sizes, heights_m
        (n,) areas in m2 and heights in metres; heights are not looked at where the table has none.
    """
    levels, places, limits = _grid(table)
    along = np.array([np.interp(sizes, places, row) for row in limits])  # (levels, n)
    if not levels.size:
        only: NDArray[np.float64] = along[0]
        return only
    low = np.clip(np.searchsorted(levels, heights_m, side="right") - 1, 0, len(levels) - 2)
    share = np.clip((heights_m - levels[low]) / (levels[low + 1] - levels[low]), 0.0, 1.0)
    at = np.arange(len(sizes))
    found: NDArray[np.float64] = along[low, at] * (1.0 - share) + along[low + 1, at] * share
    return found


def step_of(table: str, *sizes: float) -> Rule:
    """Return the row of a stepped table: the one with the largest lower bounds that the sizes reach."""
    rows = [row for row in rows_of(table) if row.form == "steps"]
    fitting = [row for row in rows if all(size >= float(key) for size, key in zip(sizes, _keys(row), strict=False))]
    if not fitting:
        raise InputError(N_("The planning code here has no table {table}."), table=table[:40])
    return max(fitting, key=_keys)


def row_of(table: str, name: str) -> Rule:
    """Return the row of a table for a class by its name, such as hazard class III."""
    for row in rows_of(table):
        if row.key == name:
            return row
    raise InputError(N_("The table {table} has no class “{name}”."), table=table[:40], name=str(name)[:40])


def _keys(row: Rule) -> tuple[float, ...]:
    return tuple(float(key) for key in (row.key, row.key_2) if key)


@cache
def _grid(table: str) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return a table's heights (empty where it has none), its sizes, and its limits as (heights or 1, sizes)."""
    rows = [row for row in rows_of(table) if row.form == "table"]
    if not rows:
        raise InputError(N_("The planning code here has no table {table}."), table=table[:40])
    cells = {(row.key_2, float(row.key)): row.high if row.high is not None else row.low for row in rows}
    sizes = sorted({size for _, size in cells})
    levels = sorted({key for key, _ in cells}, key=lambda key: float(key or 0.0))
    limits = np.array([[cells[level, size] for size in sizes] for level in levels], dtype=np.float64)
    return np.array([float(level) for level in levels if level]), np.array(sizes), limits


def _positive(value: float) -> float:
    value = float(value)
    if not (np.isfinite(value) and value > 0):
        raise InputError(N_("A size must be more than 0; {value} is not."), value=value)
    return value
