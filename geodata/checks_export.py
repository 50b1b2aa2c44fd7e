"""Write checks against the planning code as a table or on the map, one row a zone and rule."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from typing import TYPE_CHECKING

import pandas as pd

from geodata.export import Export, export_result, refuse_broken
from geodata.tables import safe_cell
from geodata.values import plain_value
from zoning.errors import ExportError, InputError
from zoning.jobs.check import COLUMNS
from zoning.text import N_, Translate, english

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geodata.store import Store
    from zoning.result import Result

CHECK_FORMATS = {"csv": "CSV", "xlsx": "XLSX", "geojson": "GeoJSON", "gpkg": "GeoPackage", "dxf": "DXF"}
"""The formats, in the order in which they are offered."""
_SHEETS = {
    "checks": N_("Checks"),
    "zones": N_("Zones"),
    "reasons": N_("Reasons"),
    "services": N_("Services"),
    "lots": N_("Lots"),
    "land": N_("Land use"),
    "holdings": N_("Capacity"),
}
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_NO_CLOCK = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - what XLSX keeps; equal checks, equal sheets
_WIDEST = 60


def export_checks(result: Result, store: Store, kind: str = "csv", *, translate: Translate = english) -> Export:
    """Return the checks of a run as a file to take home.

    CSV has the columns of `zoning.jobs.check.COLUMNS` and no others. XLSX has the zones, reasons, services, lots, land
    and capacity on sheets of their own, and the run record. GeoJSON, GeoPackage and DXF have a feature for each row, at
    the place of its zone, with the run record.

    Raises
    ------
    InputError
        No such format.
    ExportError
        There is nothing to export, or the result breaks a law of travel.
    """
    refuse_broken(result, translate)
    if kind not in CHECK_FORMATS:
        raise InputError(
            N_("Unknown format “{kind}”. There are: {formats}."), kind=kind[:30], formats=", ".join(CHECK_FORMATS)
        )
    checks = result.frames["checks"]
    if not len(checks):
        raise ExportError(N_("No rule concerns these zones: there is nothing to export."))
    if kind not in ("csv", "xlsx"):
        return export_result(result, "checks", store, kind, translate=translate)
    name = f"checks_{result.figures['code']}.{kind}"
    if kind == "xlsx":
        return Export(_xlsx(result, translate), name, _XLSX, len(checks))
    return Export(_csv(checks[list(COLUMNS)]), name, "text/csv; charset=utf-8", len(checks))


def _csv(table: pd.DataFrame) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(table.columns)
    writer.writerows([safe_cell(plain_value(cell)) for cell in row] for row in table.itertuples(index=False))
    # Excel needs the mark to read Vietnamese letters; plain letters are read by every program without it
    return text.getvalue().encode("ascii" if text.getvalue().isascii() else "utf-8-sig")


def _xlsx(result: Result, translate: Translate) -> bytes:
    from openpyxl import Workbook
    from openpyxl.styles import Font, PatternFill
    from openpyxl.utils import get_column_letter

    book = Workbook()
    book.remove(book.active)
    colours = {"pass": "D8EFD9", "fail": "F6CFC9", "unsure": "FCEBC5", "no_data": "EDEDED"}
    for frame, title in _SHEETS.items():
        table = result.frames[frame]
        table = pd.DataFrame(table.drop(columns="geometry", errors="ignore"))
        if table.empty:
            continue
        sheet = book.create_sheet(translate(title)[:31])
        sheet.append([str(name) for name in table.columns])
        for row in table.itertuples(index=False):
            sheet.append([_cell(value) for value in row])
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        sheet.freeze_panes = "B2"
        sheet.auto_filter.ref = sheet.dimensions
        for number, name in enumerate(table.columns, start=1):
            longest = max(len(str(name)), *(len(str(value)) for value in table[name].head(200)))
            sheet.column_dimensions[get_column_letter(number)].width = min(longest + 2, _WIDEST)
        if "verdict" in table.columns:
            at = list(table.columns).index("verdict") + 1
            for number, verdict in enumerate(table["verdict"], start=2):
                sheet.cell(number, at).fill = PatternFill("solid", fgColor=colours[verdict])
    record = book.create_sheet(translate(N_("Run record"))[:31])
    for line in _record(result):
        record.append(line)
    record.column_dimensions["B"].width = 100
    book.properties.created = book.properties.modified = _NO_CLOCK
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def _record(result: Result) -> Sequence[list[str]]:
    lines = [[str(key), json.dumps(value, ensure_ascii=False, default=str)] for key, value in result.run.items()]
    return [*lines, *(["note", note.text()] for note in result.notes)]


def _cell(value: object) -> object:
    plain = plain_value(value)
    return plain if isinstance(plain, bool | int | float) else safe_cell(plain)
