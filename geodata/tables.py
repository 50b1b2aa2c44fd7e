"""Write features as CSV that Excel opens with Vietnamese letters and runs no formula of.

Columns: `id`, the layer's own columns in their order, then what the geometry says: `lon`, `lat` (degrees, WGS 84),
`x_north_m`, `y_east_m` (VN-2000 / TM-3 105-45, in the order in which surveyors write them) of a point inside the
feature, `area_drawn_ha` or `length_drawn_km` (VN-2000) where the layer has none of its own, and last `attribution` and
`licence`. Empty cells are unknown. UTF-8 with a byte order mark, commas, CRLF.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from geodata.crs import PLANNING_CRS, to_planning, to_web
from geodata.values import one_cell, plain_value, printable_text, with_ids
from zoning.errors import ExportError
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from geodata.values import Plain

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""First characters of a text that spreadsheets would run; the wide ones are East Asian forms of the same."""
_SQUARE_METRES_PER_HA = 10_000.0
_METRES_PER_KM = 1_000.0


def csv_bytes(frame: pd.DataFrame, ids: Sequence[str], *, provenance: Mapping[str, Plain]) -> bytes:
    """Return the table of `frame` as CSV, checked by reading it again; equal input gives equal bytes.

    Parameters
    ----------
    frame
        Features or plain rows; geometry in any coordinate system that says its name.
    ids
        One id a row.
    provenance
        Of which `attribution` and `licence` stand in each row, so that a part of the table still says them.

    Raises
    ------
    ExportError
        The bytes do not hold as many rows and columns as went in.
    """
    columns = with_ids(frame, ids)
    if isinstance(frame, gpd.GeoDataFrame):
        columns |= {name: cells for name, cells in _places(frame).items() if name not in columns}
    for name in ("attribution", "licence"):
        columns.setdefault(name, [provenance.get(name)] * len(frame))
    text = io.StringIO(newline="")
    writer = csv.writer(text)  # the module's default dialect is Excel's
    writer.writerow([safe_cell(name) for name in columns])
    writer.writerows([safe_cell(cell) for cell in row] for row in zip(*columns.values(), strict=True))
    _verify(text.getvalue(), rows=len(frame), columns=len(columns))
    return text.getvalue().encode("utf-8-sig")


def safe_cell(value: Plain) -> str:
    """Return the text of a cell; texts that a spreadsheet would run as a formula begin with an apostrophe."""
    text = printable_text(one_cell(value))
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    # spreadsheets skip spaces before a formula, so look behind them
    if not is_number and (text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA)):
        return "'" + text
    return text


def _places(frame: gpd.GeoDataFrame) -> dict[str, list[Plain]]:
    """Return where each feature lies and how large it is, None where that is unknown."""
    here = ~(frame.geometry.isna() | frame.geometry.is_empty).to_numpy()
    series = frame.geometry[here]
    in_vietnam = frame.crs == PLANNING_CRS
    web = to_web(series.representative_point())
    result = {"lon": _spread(web.x.round(7), here), "lat": _spread(web.y.round(7), here)}
    if in_vietnam:
        metres = to_planning(web)
        result["x_north_m"] = _spread(metres.y.round(2), here)
        result["y_east_m"] = _spread(metres.x.round(2), here)
    if series.crs is None or not series.crs.is_projected:
        return result
    dimension = shapely.get_dimensions(series.to_numpy())
    area = np.where(dimension == 2, series.area / _SQUARE_METRES_PER_HA, np.nan)
    length = np.where(dimension == 1, series.length / _METRES_PER_KM, np.nan)
    if (dimension == 2).any() and "area_ha" not in frame.columns:
        result["area_drawn_ha"] = _spread(area.round(4), here)
    if (dimension == 1).any() and "length_m" not in frame.columns:
        result["length_drawn_km"] = _spread(length.round(4), here)
    return result


def _spread(values: pd.Series | np.ndarray, here: np.ndarray) -> list[Plain]:
    cells: list[Plain] = [None] * len(here)
    for row, value in zip(np.flatnonzero(here).tolist(), np.asarray(values, dtype=float).tolist(), strict=True):
        cells[row] = plain_value(value)
    return cells


def _verify(text: str, *, rows: int, columns: int) -> None:
    widths = [len(row) for row in csv.reader(io.StringIO(text, newline=""))]
    if widths != [columns] * (rows + 1):
        raise ExportError(
            N_("The export did not pass its own check ({what}): nothing is offered. Please report it."), what="CSV"
        )
