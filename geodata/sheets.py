"""Read a planner's table, CSV or XLSX, from its bytes: rows of text under a row of headers."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import zipfile
from typing import TYPE_CHECKING, Any

from zoning.errors import BadFileError
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_BYTES = 5_000_000
MOST_ROWS, MOST_COLUMNS, LONGEST_CELL = 20_000, 60, 500
MOST_UNPACKED, MOST_RATIO, MOST_MEMBERS = 60_000_000, 200, 200
LONGEST_SHAPE = 32_767
"""Letters of a cell with an outline (WKT): as many as a workbook's cell holds."""
SHAPE = re.compile(r"(MULTI)?(POINT|LINESTRING|POLYGON)\b", re.IGNORECASE)
_ZIP, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_GROUPED = re.compile(r"\d{1,3}\.\d{3}")
_ENCODINGS = ("utf-8-sig", "cp1258")  # Excel's "CSV UTF-8", and what Vietnamese Windows wrote before


def read_rows(data: bytes, *, here: bool = False) -> list[list[str]]:
    """Return the rows of a table, the headers first, each cell as stripped text; empty rows at the end are left out.

    Parameters
    ----------
    data
        The file: CSV (UTF-8, UTF-16 with its mark, or CP1258; comma, semicolon or tab) or XLSX (its first sheet). What
        it is, is told by its first bytes, never by a name.
    here
        True unpacks and parses a workbook in this process; else another one does, with limits: it may hold anything.

    Raises
    ------
    BadFileError
        It is empty, too large, damaged, or neither of the two.
    """
    if not data.strip():
        raise BadFileError(N_("The file is empty."))
    if len(data) > MOST_BYTES:
        raise BadFileError(
            N_("The file has {size} MB; a table may have {most} MB at most."),
            size=f"{len(data) / 1e6:.1f}",
            most=f"{MOST_BYTES / 1e6:.0f}",
        )
    if data.startswith(_OLD_EXCEL):
        raise BadFileError(N_("This is a workbook of Excel 97 to 2003 (.xls): save it as .xlsx or CSV and try again."))
    packed = _workbook if here else _apart
    rows = list(packed(data) if data.startswith(_ZIP) else _csv(data))
    while rows and not any(rows[-1]):
        rows.pop()
    return rows


def _apart(data: bytes) -> list[list[str]]:
    from geodata.importing.apart import read_apart

    with read_apart(data, {"task": "rows"}) as (said, _):
        rows: list[list[str]] = said["rows"]
        return rows


def _csv(data: bytes) -> Iterable[list[str]]:
    text = _decoded(data)
    if "\x00" in text:
        raise BadFileError(N_("The file is neither CSV nor XLSX."))
    first = text.lstrip("\r\n").partition("\n")[0]
    mark = max(",;\t", key=first.count)
    try:
        return _limited(csv.reader(io.StringIO(text, newline=""), delimiter=mark))
    except csv.Error as error:
        raise BadFileError(N_("The CSV file is damaged ({reason})."), reason=error) from error


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):  # Excel's "Unicode text"
        try:
            return unicodedata.normalize("NFC", data.decode("utf-16"))
        except UnicodeDecodeError as error:
            raise BadFileError(N_("The file is neither CSV nor XLSX.")) from error
    for encoding in _ENCODINGS:
        try:
            # CP1258 writes tones apart from their vowels; NFC joins them
            return unicodedata.normalize("NFC", data.decode(encoding))
        except UnicodeDecodeError:
            continue
    raise BadFileError(N_("The letters of the file cannot be read: save it as CSV UTF-8 or XLSX and try again."))


def _workbook(data: bytes) -> Iterable[list[str]]:
    import openpyxl  # slow to import, and only this needs it

    _check_zip(data)
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        try:
            return _limited(book.worksheets[0].iter_rows(values_only=True))
        finally:
            book.close()
    except BadFileError:
        raise
    except Exception as error:  # a damaged workbook fails in as many ways as there are parts in it
        raise BadFileError(N_("The workbook cannot be read: it is damaged, or not an XLSX file.")) from error


def _check_zip(data: bytes) -> None:
    """Refuse what would grow too large when unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise BadFileError(N_("The workbook cannot be read: it is damaged, or not an XLSX file.")) from error
    size = sum(member.file_size for member in members)
    ratio = max((m.file_size / max(m.compress_size, 1) for m in members if m.file_size > 1_000_000), default=0)
    if len(members) > MOST_MEMBERS or size > MOST_UNPACKED or ratio > MOST_RATIO:
        raise BadFileError(N_("The workbook is too large when unpacked: save the table alone and try again."))


def _limited(rows: Iterable[Iterable[Any]]) -> list[list[str]]:
    kept: list[list[str]] = []
    for row in rows:
        if len(kept) > MOST_ROWS:
            raise BadFileError(N_("The table has more than {most} rows."), most=f"{MOST_ROWS:,}")
        kept.append([_text(cell) for cell, _ in zip(row, range(MOST_COLUMNS), strict=False)])
    return kept


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))  # spreadsheets hold 250 as 250.0
    if isinstance(cell, float) and _GROUPED.fullmatch(repr(cell)):
        return repr(cell) + "0"  # 12.345 typed as text would be twelve thousand; this one is a number
    text = unicodedata.normalize("NFC", str(cell))
    line = " ".join("".join(c for c in text if c.isprintable() or c.isspace()).split())
    return line[: LONGEST_SHAPE if SHAPE.match(line) else LONGEST_CELL]
