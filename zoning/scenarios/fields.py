"""Say what each field of a scenario may hold: one table, from which files are read and the JSON Schema is written."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zoning.errors import InputError
from zoning.reach import MODES
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Mapping

ROAD_CLASSES = ("motorway", "trunk", "primary", "secondary", "tertiary", "unclassified", "residential", "service")
LINE_MODES = ("bus", "brt", "metro", "rail")
STATUSES = ("operating", "under_construction", "planned", "idea")
QUALITIES = ("surveyed", "osm", "official_generalised", "gazetteer", "approximate", "schematic", "edited")
MOST_POINTS, LONGEST_TEXT = 5_000, 2_000


@dataclass(frozen=True)
class Field:
    """What a field may hold: kind (text, number, whole, truth, choice, choices, point, line), bounds and choices."""

    kind: str
    low: float = -math.inf
    high: float = math.inf
    above_low: bool = False
    choices: tuple[str, ...] = ()
    least: int = 0
    """Least number of points of a line that is given."""
    required: bool = False
    null: bool = False


TEXT = Field("text")
_MODES = Field("choices", choices=tuple(MODES))
_SPEED = Field("number", low=0, above_low=True, high=200, null=True)
_LENGTH = Field("number", low=0, above_low=True, high=1_000, null=True)
_LANES = Field("number", low=1, high=20, null=True)
_QUALITY = Field("choice", choices=QUALITIES)
_NAMES = {"id": Field("text", required=True), "note": TEXT}
_TITLES = {"name_vi": TEXT, "name_en": TEXT}
_EXISTING = {
    "road": TEXT,
    "line": Field("line", least=2),
    "within_m": Field("number", low=0, above_low=True, high=500),
}
_AT = Field("point", required=True)

FIELDS: Mapping[str, Mapping[str, Field]] = {
    "road": _NAMES | {
        "line": Field("line", least=2, required=True), "road_class": Field("choice", choices=ROAD_CLASSES),
        "speed_kmh": _SPEED, "lanes": _LANES, "modes": _MODES, "one_way": Field("truth"),
        "joins": Field("choice", choices=("crossings", "ends")), "interchanges": Field("line", least=1),
        "length_km": _LENGTH, "geometry_quality": _QUALITY,
    } | _TITLES,
    "close": _NAMES | _EXISTING | {"modes": _MODES},
    "speed": _NAMES | _EXISTING | {
        "speed_kmh": Field("number", low=0, above_low=True, high=200, required=True)},
    "lanes": _NAMES | _EXISTING | {"lanes": _LANES, "one_way": Field("truth")},
    "modes": _NAMES | _EXISTING | {"opened": _MODES, "closed": _MODES},
    "interchange": _NAMES | {
        "at": _AT, "radius_m": Field("number", low=1, high=1_000),
        "speed_kmh": Field("number", low=0, above_low=True, high=120)},
    "stop": _NAMES | {"at": _AT} | _TITLES,
    "line": _NAMES | {
        "stops": Field("line", least=2, required=True), "mode": Field("choice", choices=LINE_MODES),
        "headway_min": Field("number", low=0, above_low=True, high=1_440),
        "speed_kmh": Field("number", low=0, above_low=True, high=400),
        "first_hour": Field("number", low=0, high=24), "last_hour": Field("number", low=0, high=30),
        "length_km": _LENGTH, "geometry_quality": _QUALITY,
    } | _TITLES,
    "facility": _NAMES | {
        "at": Field("point"), "layer": Field("choice", choices=("facilities", "logistics")), "facility_kind": TEXT,
        "capacity": Field("number", low=0, high=1e9, null=True), "capacity_field": TEXT, "replaces": TEXT,
        "gone": Field("truth"),
    } | _TITLES,
    "zone": _NAMES | {
        "area": Field("line", least=3, required=True), "zone_kind": TEXT,
        "people": Field("number", low=0, high=1e8, null=True),
        "area_ha": Field("number", low=0, above_low=True, high=1e6, null=True),
    } | _TITLES,
}  # fmt: skip
"""Fields of a modification by its kind."""

HEADER: Mapping[str, Field] = {
    "id": Field("text", required=True), "title_vi": TEXT, "title_en": TEXT, "author": TEXT, "date": TEXT,
    "source": TEXT, "status": Field("choice", choices=STATUSES),
    "open_year": Field("whole", low=1900, high=2200, null=True), "year_basis": TEXT,
    "year_inferred": Field("truth"), "geometry_quality": _QUALITY,
    "network": Field("choice", choices=("", "strategic", "streets")), "notes_vi": TEXT, "notes_en": TEXT,
}  # fmt: skip
"""Fields of the scenario itself."""


def value_of(name: str, field: Field, given: object) -> Any:  # noqa: ANN401, PLR0911 - a field may hold anything
    """Return a JSON value as the dataclass holds it; InputError with what is wrong with it."""
    if given is None and field.null:
        return None
    if field.kind == "text" and isinstance(given, str) and len(given) <= LONGEST_TEXT:
        if field.required and not given.strip():
            raise InputError(N_("{field} is empty"), field=name)
        return given
    if field.kind == "truth" and isinstance(given, bool):
        return given
    if field.kind in ("number", "whole"):
        return _number(name, field, given)
    if field.kind == "choice":
        if given in field.choices:
            return given
        raise InputError(
            N_("{field} must be one of {choices}, not “{value}”"),
            field=name, choices=", ".join(field.choices), value=str(given)[:40],
        )  # fmt: skip
    if field.kind == "choices" and isinstance(given, list | tuple):
        unknown = [str(one)[:40] for one in given if one not in field.choices]
        if unknown:
            raise InputError(
                N_("{field}: unknown {value}; there are {choices}"),
                field=name, value=", ".join(unknown), choices=", ".join(field.choices),
            )  # fmt: skip
        return tuple(given)
    if field.kind == "point":
        return _point(name, given)
    if field.kind == "line" and isinstance(given, list | tuple):
        return _line(name, field, given)
    raise InputError(N_("{field} cannot be read: “{value}”"), field=name, value=str(given)[:40])


def _number(name: str, field: Field, given: object) -> float | int:
    good = isinstance(given, int | float) and not isinstance(given, bool) and math.isfinite(given)
    if good and field.kind == "whole":
        good = float(given).is_integer()  # type: ignore[arg-type]
    if not good:
        raise InputError(N_("{field} must be a number, not “{value}”"), field=name, value=str(given)[:40])
    number = int(given) if field.kind == "whole" else float(given)  # type: ignore[call-overload,arg-type]
    if number < field.low or number > field.high or (field.above_low and number == field.low):
        raise InputError(
            N_("{field} must lie between {low:g} and {high:g}, not {value:g}"),
            field=name, low=field.low, high=field.high, value=number,
        )  # fmt: skip
    return number


def _point(name: str, given: object) -> tuple[float, float]:
    pair = given if isinstance(given, list | tuple) else ()
    numbers = [one for one in pair if isinstance(one, int | float) and not isinstance(one, bool)]
    if len(pair) != 2 or len(numbers) != 2 or not all(math.isfinite(one) for one in numbers):
        raise InputError(N_("{field} holds “{value}”, which is no [longitude, latitude]"), field=name,
                         value=str(given)[:40])  # fmt: skip
    return float(numbers[0]), float(numbers[1])


def _line(name: str, field: Field, given: list[Any] | tuple[Any, ...]) -> tuple[tuple[float, float], ...]:
    if len(given) > MOST_POINTS:
        raise InputError(N_("{field} has {count} points; at most {most} are read"), field=name, count=len(given),
                         most=MOST_POINTS)  # fmt: skip
    points = [_point(name, one) for one in given]
    kept = [point for at, point in enumerate(points) if at == 0 or point != points[at - 1]]
    if (given or field.required) and len(kept) < field.least:
        raise InputError(
            N_("{field} needs {least} different points or more, and has {count}"),
            field=name, least=field.least, count=len(kept),
        )  # fmt: skip
    return tuple(kept)
