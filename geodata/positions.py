"""Read a position that a planner typed: degrees, or VN-2000 as surveyors write it (X = north, Y = east)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from geodata.crs import STUDY_ENVELOPE, in_study_area, planning_to_lonlat
from zoning.errors import InputError
from zoning.text import N_

Written = Literal["lon_lat", "lat_lon", "north_east", "east_north"]
"""Which of the two numbers stood first, and in which units: degrees, or metres of VN-2000 / TM-3 105-45."""

# metres in EPSG:9210 that can belong to the study area; the two ranges do not overlap, so their order is free
_NORTHING_M = (1_100_000.0, 1_400_000.0)
_EASTING_M = (250_000.0, 800_000.0)
_EXAMPLES = "106.65, 10.98 / X 1214436, Y 598371"

_DMS = re.compile(
    r"""(?P<d>\d{1,3})\s*[°ºd]\s*(?:(?P<m>\d{1,2}(?:[.,]\d+)?)\s*['′’]\s*(?:(?P<s>\d{1,2}(?:[.,]\d+)?)\s*(?:["″”]|''))?)?""",
    re.VERBOSE,
)
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
_MILLIONS = re.compile(r"\d\.\d{3}\.\d{3}(?!\d)")
_DOT_GROUPS = re.compile(r"(\d{1,3}(?:\.\d{3})+)(?:,(\d+))?(?!\d)")
_COMMA_PAIR = re.compile(r"\s*(\d+),(\d+)\s*[,;\s]\s*(\d+),(\d+)\s*")
_LABELS = re.compile(
    r"(?<![a-zđ])(?:lon(?:g(?:itude)?)?|lat(?:itude)?|kinh độ|vĩ độ|[xyenmđb])(?![a-zđ])\s*[:=]?|[°º()]", re.IGNORECASE
)


@dataclass(frozen=True)
class Position:
    """A position in degrees (WGS 84) and the way it was written."""

    lon: float
    lat: float
    written: Written


def parse_position(text: str) -> tuple[float, float]:
    """Return (lon, lat) in degrees of a position written in any of the ways `read_position` knows."""
    position = read_position(text)
    return position.lon, position.lat


def read_position(text: str) -> Position:
    """Read a position and say how it was understood.

    Parameters
    ----------
    text
        Two numbers: degrees (`106.65, 10.98`, also latitude first, with decimal commas, or as degrees, minutes and
        seconds), or metres of VN-2000 / TM-3 105-45 (`X 1214436.3 Y 598371.2`: north first as surveyors write, or east
        first). The size of the numbers tells which is which; the labels X, Y, E, N are not needed.

    Raises
    ------
    InputError
        Not two finite numbers, or a position outside the study area.
    """
    first, second = two_numbers(text)
    if _is_east(first, second) or _is_east(second, first):
        north_first = first > second
        east, north = (second, first) if north_first else (first, second)
        lon_array, lat_array = planning_to_lonlat(east, north)
        position = Position(float(lon_array), float(lat_array), "north_east" if north_first else "east_north")
        if not in_study_area(position.lon, position.lat):
            raise InputError(
                N_(
                    "The VN-2000 position N {north:.0f}, E {east:.0f} lies outside the study area in zone 105°45′ "
                    "(EPSG:9210): was it surveyed in another zone, for example 107°45′?"
                ),
                north=north,
                east=east,
            )
        return position
    if in_study_area(first, second):
        return Position(first, second, "lon_lat")
    if in_study_area(second, first):
        return Position(second, first, "lat_lon")
    west, south, east, north = STUDY_ENVELOPE
    raise InputError(
        N_(
            "The position {text} lies outside the study area (longitude {west} to {east}, latitude {south} to "
            "{north}). Write for example: {examples}"
        ),
        text=_short(text),
        west=west,
        east=east,
        south=south,
        north=north,
        examples=_EXAMPLES,
    )


def _is_east(east: float, north: float) -> bool:
    return _EASTING_M[0] <= east <= _EASTING_M[1] and _NORTHING_M[0] <= north <= _NORTHING_M[1]


def two_numbers(text: str) -> tuple[float, float]:
    """Return the two numbers of a position in the order in which they stand; InputError if there are not two."""
    numbers = _degrees_minutes_seconds(text) or _plain_numbers(text)
    if numbers is None:
        raise InputError(
            N_("“{text}” is not a position. Write two numbers, for example: {examples}"),
            text=_short(text),
            examples=_EXAMPLES,
        )
    return numbers


def _degrees_minutes_seconds(text: str) -> tuple[float, float] | None:
    found = [match for match in _DMS.finditer(text) if match["m"]]
    if len(found) != 2:
        return None
    first, second = (float(part["d"]) + _decimal(part["m"]) / 60 + _decimal(part["s"] or "0") / 3600 for part in found)
    return first, second


def _plain_numbers(text: str) -> tuple[float, float] | None:
    """Return the two numbers of a text in which nothing else stands but labels and separators."""
    plain = _LABELS.sub(" ", text)
    if _MILLIONS.search(plain):  # 1.214.436,3 and 598.371,2: dots between thousands, as Vietnam writes
        plain = _DOT_GROUPS.sub(lambda match: match[1].replace(".", "") + f".{match[2] or 0}", plain)
    if pair := _COMMA_PAIR.fullmatch(plain):  # 106,65; 10,98 and 106,65,10,98
        plain = f"{pair[1]}.{pair[2]} {pair[3]}.{pair[4]}"
    parts = [part for part in re.split(r"[\s;,]+", plain) if part]
    if len(parts) != 2 or not all(_NUMBER.fullmatch(part) for part in parts):
        return None
    return float(parts[0]), float(parts[1])


def _decimal(text: str) -> float:
    return float(text.replace(",", "."))


def _short(text: str) -> str:
    return " ".join(text.split())[:60]  # a refusal is one line
