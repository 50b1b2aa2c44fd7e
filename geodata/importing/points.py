"""Make points of a table with coordinates: degrees, or X (north) and Y (east) as surveyors write them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import shapely

from geodata.importing.encodings import decode, detect
from geodata.positions import two_numbers
from geodata.sheets import SHAPE, read_rows
from zoning.errors import BadFileError, InputError
from zoning.names import fold
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Sequence

# pairs of headers, folded to small letters without diacritics: the first is the one that grows to the east on a map
_PAIRS = (
    (("lon", "long", "longitude", "kinh do", "lng"), ("lat", "latitude", "vi do")),
    (("east", "easting", "dong", "y dong", "toa do y"), ("north", "northing", "bac", "x bac", "toa do x")),
    (("x",), ("y",)),
)
_SHAPES = ("wkt", "hinh", "hinh wkt", "ranh gioi wkt", "the geom")
_SINGLE = ("position", "toa do", "vi tri", "coordinates")
_UNIT = re.compile(r"\(.*?\)|\[.*?\]")
_MARKS = (b"\xff\xfe", b"\xfe\xff", b"PK\x03\x04")
_GROUPED = re.compile(r"[1-9]\d{0,2}(\.\d{3})+")
_NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d{1,12})?")


def read_points(content: bytes, encoding: str | None) -> tuple[gpd.GeoDataFrame, dict[str, Any]]:
    """Return a table's rows as points in the numbers that it has.

    Parameters
    ----------
    content
        CSV or XLSX; the first row has the headers.
    encoding
        A key of `encodings.ENCODINGS` for CSV; None finds it out.

    Returns
    -------
    GeoDataFrame, dict
        The points (or what a column of WKT draws), null where a row's position cannot be read, in WGS 84 if the headers
        say longitude and latitude, in EPSG:9210 if they say VN-2000 105°45′; and "encoding", "refused" (rows) and
        "placeless": the headers of a table that says nowhere where its rows are, for `units.place_rows`.

    Raises
    ------
    BadFileError
        It cannot be read as a table.
    """
    if not content.startswith(_MARKS):
        encoding = encoding or detect(content.splitlines()) or "utf-8"
        content = decode(content.removeprefix(b"\xef\xbb\xbf"), encoding).encode("utf-8-sig")
    rows = read_rows(content, here=True)
    if len(rows) < 2:
        raise BadFileError(N_("The table has no rows under its headers."))
    heads = ["geometry_" if head == "geometry" else head or f"column_{at + 1}" for at, head in enumerate(rows[0])]
    body = [row + [""] * (len(heads) - len(row)) for row in rows[1:] if any(row)]
    places = _coordinates(heads, body)
    shapes = [_shape(*(row[at] for at in places)) if places else None for row in body]
    refused = sum(shape is None for shape in shapes)
    nowhere = not any(row[at] for row in body for at in places)
    # of several ways to say where, those that were left empty are no attributes
    unused = {at for at, head in enumerate(heads) if _says_where(head) and not any(row[at] for row in body)}
    kept = [at for at in range(len(heads)) if at not in places and at not in unused]
    table = pd.DataFrame({at: _numbers([row[at] for row in body]) for at in kept})
    table.columns = pd.Index([heads[at] for at in kept])
    crs = _declared(heads[places[0]]) if places else None
    frame = gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(shapes, dtype="geometry"), crs=crs)
    if nowhere:
        return frame, {"encoding": encoding, "refused": 0, "placeless": [head[:30] for head in heads[:12]]}
    return frame, {"encoding": encoding, "refused": refused}


def no_coordinates(heads: Sequence[str]) -> BadFileError:
    """Return the refusal of a table that says nowhere where its rows are."""
    return BadFileError(
        N_("No columns with coordinates were found, and none with names of wards or communes. Call them lon and lat "
           "(kinh độ, vĩ độ), or X and Y, or north and east; or, for figures of whole units, Phường; the table has: "
           "{heads}"),
        heads=", ".join(heads),
    )  # fmt: skip


def _declared(head: str) -> int | None:
    """Return the coordinate system that a header says, as those of the empty tables do."""
    if fold(_UNIT.sub(" ", head)) in _PAIRS[0][0]:
        return 4326
    words = fold(head)
    return 9210 if "vn 2000" in words and "105 45" in words else None


def _says_where(head: str) -> bool:
    plain = fold(_UNIT.sub(" ", head))
    return plain in (*_SHAPES, *_SINGLE) or any(plain in words for pair in _PAIRS for words in pair)


def _shape(*cells: str) -> shapely.Geometry | None:
    """Return what cells say of a place: WKT, one position, or its two numbers; None where they cannot be read."""
    if len(cells) == 1 and SHAPE.match(cells[0]):
        return shapely.from_wkt(cells[0], on_invalid="ignore")
    try:
        return shapely.Point(*two_numbers("; ".join(cells)))
    except InputError:
        return None


def _coordinates(heads: Sequence[str], body: Sequence[Sequence[str]]) -> tuple[int, ...]:
    """Return the columns that say where: one, two or none. Of several ways the first is taken that any row uses."""
    plain = [fold(_UNIT.sub(" ", head)) for head in heads]
    ways: list[tuple[int, ...]] = []
    for east, north in _PAIRS:
        found = [next((at for at, head in enumerate(plain) if head in words), None) for words in (east, north)]
        if found[0] is not None and found[1] is not None:
            ways.append((found[0], found[1]))
    ways += [(at,) for at, head in enumerate(plain) if head in _SINGLE]
    ways = [(at,) for at, head in enumerate(plain) if head in _SHAPES] + ways
    filled = [way for way in ways if any(all(row[at] for at in way) for row in body)]
    return (filled or ways or [()])[0]


def _numbers(values: list[str]) -> list[Any]:
    """Return a column as numbers where every cell that is not empty is a plain one, and no code such as 007.

    12.345 may be twelve thousand, as Vietnamese write it, or a decimal: where all points stand so, it stays as typed,
    until a planner says which field it is.
    """
    filled = [value for value in values if value]
    pointed = [value for value in filled if "." in value]
    if pointed and all(_GROUPED.fullmatch(value) for value in pointed):
        return [value or None for value in values]
    coded = any(len(value) > 1 and value.startswith("0") and value[1] != "." for value in filled)
    if not filled or coded or not all(_NUMBER.fullmatch(value) for value in filled):
        return [value or None for value in values]
    whole = not any("." in value for value in filled)
    return list(pd.array([(int(v) if whole else float(v)) if v else None for v in values],
                         dtype="Int64" if whole else "Float64"))  # fmt: skip
