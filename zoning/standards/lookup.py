"""Read the code's tables: between sizes by straight line, by steps, or by class."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zoning.errors import InputError
from zoning.standards.rules import rows_of
from zoning.text import N_

if TYPE_CHECKING:
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
    rows = [row for row in rows_of(table) if row.form == "table"]
    if not rows:
        raise InputError(N_("The planning code here has no table {table}."), table=table[:40])
    size = _positive(size)
    if not rows[0].key_2:
        return _line(size, rows)
    if height_m is None:
        raise InputError(N_("The table {table} needs the height of the building."), table=table)
    height_m = _positive(height_m)
    heights = sorted({float(row.key_2) for row in rows})
    limits = [_line(size, [row for row in rows if float(row.key_2) == height]) for height in heights]
    return float(np.interp(height_m, heights, limits))


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


def _line(size: float, rows: list[Rule]) -> float:
    found = sorted((float(row.key), row.high if row.high is not None else row.low) for row in rows)
    sizes, limits = zip(*found, strict=True)
    return float(np.interp(size, sizes, limits))


def _positive(value: float) -> float:
    value = float(value)
    if not (np.isfinite(value) and value > 0):
        raise InputError(N_("A size must be more than 0; {value} is not."), value=value)
    return value
