"""Offer empty tables for what the facts lack, and take filled ones in as layers, each refused row with its reason."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import shapely

from geodata.crs import PLANNING_CRS, lonlat_to_planning
from geodata.positions import read_position
from geodata.sheets import read_rows
from zoning.errors import BadFileError, InputError, ZoningError
from zoning.names import fold
from zoning.result import Note
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geodata.store import Store

CAPACITY = "capacity"
_MOST_DIGITS = 12
_NUMBER = re.compile(r"\d{1,3}(?:[ .]\d{3})+(?:,\d+)?|\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?")


@dataclass(frozen=True)
class Column:
    """A column of a template: its header in Vietnamese, what stands in it, an example."""

    name: str
    header: str
    what: str
    example: str = ""


@dataclass(frozen=True)
class Template:
    """A table that a planner can fill.

    Parameters
    ----------
    name
        Name of the layer that it becomes.
    title_en, title_vi
        What it holds.
    capacity
        Header of the column of capacities.
    unit
        Unit of the capacities, marked for translation.
    kinds
        Vietnamese word for a kind -> the kind; empty where all are of one.
    norm_per_1000
        What the planning code asks for 1,000 people, and `clause` where it does; None where it asks otherwise.
    """

    name: str
    title_en: str
    title_vi: str
    capacity: str
    unit: str
    kinds: Mapping[str, str] = field(default_factory=dict)
    norm_per_1000: float | None = None
    clause: str = ""

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns in the order of the template."""
        kinds = (Column("kind", "Loại", "Một trong: " + "; ".join(self.kinds), next(iter(self.kinds), "")),)
        return (
            Column("name_vi", "Tên", "Tên đầy đủ; bắt buộc", "Cơ sở A"),
            *(kinds if self.kinds else ()),
            Column(CAPACITY, self.capacity, "Số, từ 0; để trống nếu chưa biết", "250"),
            Column("lat", "Vĩ độ", "Độ, WGS 84; hoặc điền X, Y", "10.9804"),
            Column("lon", "Kinh độ", "Độ, WGS 84; hoặc điền X, Y", "106.6519"),
            Column("north", "X (bắc, m)", "VN-2000, kinh tuyến trục 105°45', múi 3°; thay cho vĩ độ, kinh độ"),
            Column("east", "Y (đông, m)", "VN-2000, kinh tuyến trục 105°45', múi 3°; thay cho vĩ độ, kinh độ"),
            Column("address", "Địa chỉ", "Không bắt buộc"),
            Column("sources", "Nguồn", "Văn bản hoặc cơ quan cung cấp, ngày"),
        )


_QCVN = "QCVN 01:2021/BXD, 2.3"
TEMPLATES: Mapping[str, Template] = {
    one.name: one
    for one in (
        Template("kindergartens", N_("Kindergartens"), "Trường mầm non", "Số chỗ", N_("places"),
                 norm_per_1000=50.0, clause=_QCVN),
        Template("schools", N_("Schools"), "Trường phổ thông", "Số chỗ học", N_("pupil places"),
                 kinds={"Tiểu học": "primary", "THCS": "lower_secondary", "THPT": "upper_secondary"}),
        Template("green_spaces", N_("Public green space"), "Cây xanh công cộng", "Diện tích (m²)", N_("m²"),
                 norm_per_1000=2_000.0, clause="QCVN 01:2021/BXD, 2.2"),
        Template("hospital_beds", N_("Hospital beds"), "Giường bệnh", "Số giường", N_("beds"),
                 norm_per_1000=4.0, clause=_QCVN),
        Template("worker_housing", N_("Housing for workers"), "Nhà ở công nhân", "Số chỗ ở", N_("places")),
    )
}  # fmt: skip
SCHOOL_NORMS = {"primary": 65.0, "lower_secondary": 55.0, "upper_secondary": 40.0}
"""Pupil places for 1,000 people by QCVN 01:2021/BXD, tables 2.3 and 2.4."""


@dataclass(frozen=True)
class Taken:
    """What was read from a filled template: the layer it makes, and the rows that were refused, each with its reason.

    Row numbers are those of the file, the headers being row 1.
    """

    template: Template
    frame: gpd.GeoDataFrame
    refused: tuple[tuple[int, Note], ...]
    without_capacity: int


def missing(store: Store) -> list[Template]:
    """Return the templates whose layer is not in the store yet."""
    known = set(store.names())
    return [template for name, template in TEMPLATES.items() if name not in known]


def csv_template(template: Template) -> bytes:
    """Return the empty table as CSV that Excel opens with Vietnamese letters."""
    return empty_csv(template.columns)


def xlsx_template(template: Template) -> bytes:
    """Return the empty table as a workbook, with a second sheet that says what stands in each column."""
    return empty_workbook(template.title_vi, template.columns)


def empty_csv(columns: Sequence[Column]) -> bytes:
    """Return the headers of a table as CSV that Excel opens with Vietnamese letters."""
    text = io.StringIO(newline="")
    csv.writer(text).writerow([column.header for column in columns])
    return text.getvalue().encode("utf-8-sig")


def empty_workbook(title: str, columns: Sequence[Column]) -> bytes:
    """Return a workbook with a sheet of headers, and a second one that says what stands in each column."""
    import openpyxl
    from openpyxl.styles import Font, PatternFill

    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = title[:31]  # as long as a sheet may be called
    guide = book.create_sheet("Hướng dẫn")
    sheet.append([column.header for column in columns])
    guide.append(["Cột", "Nội dung", "Ví dụ"])
    for column in columns:
        guide.append([column.header, column.what, column.example])
    for page in (sheet, guide):
        page.freeze_panes = "A2"
        for at, cell in enumerate(page[1], start=1):
            cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="FFE8EDF2")
            page.column_dimensions[openpyxl.utils.get_column_letter(at)].width = 24
    guide.column_dimensions["B"].width = 70
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def take(data: bytes, template: Template) -> Taken:
    """Read a filled template.

    Parameters
    ----------
    data
        The file's bytes, CSV or XLSX.
    template
        Which one it is; headers may be written without diacritics, in any order, and further columns are passed over.

    Raises
    ------
    BadFileError
        The file cannot be read, a column that is needed is missing, or no row can be used.
    """
    rows = read_rows(data)
    if not rows:
        raise BadFileError(N_("The file is empty."))
    place = _columns(rows[0], template)
    kept: list[dict[str, object]] = []
    refused: list[tuple[int, Note]] = []
    seen: set[tuple[str, float, float]] = set()
    for number, cells in enumerate(rows[1:], start=2):
        if not any(cells):
            continue
        row = {name: cells[at] if at < len(cells) else "" for name, at in place.items()}
        try:
            read = _row(row, template)
        except ZoningError as fault:
            refused.append((number, Note(fault.template, fault.values)))
            continue
        key = (fold(str(read["name_vi"])), round(float(read["lon"]), 6), round(float(read["lat"]), 6))  # type: ignore[arg-type]
        if key in seen:
            refused.append((number, Note(N_("The same name at the same place stands in an earlier row."))))
            continue
        seen.add(key)
        kept.append(read)
    if not kept:
        if refused:
            raise BadFileError(
                N_("None of the {count} rows can be used. Row {row}: {reason}"),
                count=len(refused),
                row=refused[0][0],
                reason=refused[0][1].text(),
            )
        raise BadFileError(N_("The table has headers and no rows: fill it first."))
    frame = _frame(kept, template)
    return Taken(template, frame, tuple(refused), int(frame[CAPACITY].isna().sum()))


def save(taken: Taken, store: Store, *, date: str, expect: str | None = None) -> str:
    """Keep what was read as a layer of the store, in place of an earlier one; return its fingerprint.

    `date` is the day it was taken in; `expect` as in `Store.write_layer`.
    """
    template = taken.template
    info = {
        "title_en": template.title_en,
        "title_vi": template.title_vi,
        "source": "planner's table; see the sources of each row",
        "licence": "as its sources say",
        "attribution": "",
        "date": date,
        "method": "filled template, positions as typed",
    }
    return store.write_layer(template.name, taken.frame, info, expect)


def _columns(headers: Sequence[str], template: Template) -> dict[str, int]:
    """Return where each column of the template stands in the file."""
    known = {_plain(header): at for at, header in reversed(list(enumerate(headers)))}
    place = {column.name: known[_plain(column.header)] for column in template.columns if _plain(column.header) in known}
    lacking = [column.header for column in template.columns[: 3 if template.kinds else 2] if column.name not in place]
    if not {"lat", "lon"} <= set(place) and not {"north", "east"} <= set(place):
        lacking.append("Vĩ độ + Kinh độ / X + Y")
    if lacking:
        raise BadFileError(
            N_("The table of {title} lacks these columns: {columns}. Use the template's own headers."),
            title=template.title_vi,
            columns=", ".join(lacking),
        )
    return place


def _plain(header: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", fold(header.replace("²", "2")))


def _row(row: Mapping[str, str], template: Template) -> dict[str, object]:
    name = row["name_vi"]
    if not name:
        raise InputError(N_("The name is missing."))
    kind = ""
    if template.kinds:
        words = {_plain(word): one for word, one in template.kinds.items()}
        kind = words.get(_plain(row["kind"]), "")
        if not kind:
            raise InputError(
                N_("“{kind}” is none of the kinds: {kinds}."), kind=row["kind"][:40], kinds=", ".join(template.kinds)
            )
    lat, lon, north, east = (row.get(part, "") for part in ("lat", "lon", "north", "east"))
    pair = (lat, lon) if lat and lon else (north, east)
    if not all(pair):
        raise InputError(N_("The position is missing: latitude and longitude, or X and Y."))
    position = read_position("; ".join(pair))
    about = {part: row.get(part, "") for part in ("address", "sources")}
    return {
        "name_vi": name,
        "kind": kind,
        CAPACITY: _amount(row.get(CAPACITY, "")),
        "lon": position.lon,
        "lat": position.lat,
        **about,
    }


def _amount(text: str) -> float:
    """Return a number as people write it: 1200, 1.200, 1 200, 1,200.5 or 1.200,5; NaN for an empty cell."""
    if not text:
        return float("nan")
    if not _NUMBER.fullmatch(text) or len(text) > _MOST_DIGITS:
        raise InputError(N_("“{text}” is no number of 0 or more."), text=text[:40])
    if re.fullmatch(r"\d{1,3}(?:[ .]\d{3})+(?:,\d+)?", text):
        return float(text.replace(" ", "").replace(".", "").replace(",", "."))
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", text):
        return float(text.replace(",", ""))
    return float(text.replace(",", "."))


def _frame(kept: Sequence[Mapping[str, object]], template: Template) -> gpd.GeoDataFrame:
    table = pd.DataFrame(kept)
    east, north = lonlat_to_planning(table["lon"].to_numpy(float), table["lat"].to_numpy(float))
    columns = {
        "id": [f"{template.name}-{number}" for number in range(1, len(table) + 1)],
        "name_vi": table["name_vi"],
        "name_en": table["name_vi"],
        "kind": table["kind"].where(table["kind"] != "", template.name),
        CAPACITY: table[CAPACITY].astype(float),
        "address": table["address"],
        "geometry_quality": "edited",
        "sources": table["sources"],
    }
    return gpd.GeoDataFrame(pd.DataFrame(columns), geometry=shapely.points(east, north), crs=PLANNING_CRS)
