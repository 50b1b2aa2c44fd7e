"""Check building lots one by one: density, floor area, green, frontage and setback, read from the code's tables."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from zoning.errors import InputError
from zoning.land_use import category
from zoning.names import fold
from zoning.standards.inputs import LOTS, numbers, texts
from zoning.standards.lookup import limits_at, step_of
from zoning.standards.verdicts import TOLERANCE, Finding

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

    from zoning.standards.evidence import Evidence
    from zoning.standards.ground import Zone
    from zoning.standards.rules import Rule

    Floats = NDArray[np.float64]
    Bounds = tuple[Floats, Floats]

STOREY_M = (3.0, 4.0)
"""A storey is this high at least and at most, where a lot's height is known by its storeys only: an assumption."""
HIGH_M = 46.0
WIDE_STREET_M = 19.0
EXISTING_LOT_M2, EXISTING_HEIGHT_M = 100.0, 25.0
"""2.7.7: a detached lot of an existing area up to this size and height may be built over whole."""
WORDS: Mapping[str, tuple[str, ...]] = {
    "factory": ("factory", "industrial", "nha may", "nha xuong", "cong nghiep", "kho bai", "kho", "xi nghiep"),
    "public": ("public", "cong cong", "truong", "truong hoc", "school", "giao duc", "y te", "benh vien", "hospital",
               "health", "van hoa", "culture", "cho", "market", "mam non"),
    "mixed": ("mixed", "hon hop", "thuong mai", "dich vu", "commercial", "commerce"),
    "apartment": ("apartment", "apartments", "chung cu", "can ho", "nha o xa hoi cao tang"),
    "detached": ("detached", "row house", "villa", "townhouse", "rieng le", "lien ke", "lien lap", "biet thu",
                 "nha pho", "nha vuon"),
}  # fmt: skip
"""Kind of a lot -> words that mean it, folded; the first kind that fits counts."""
_BY_USE = {
    "industry": "factory", "mixed": "mixed", "service": "mixed", "school": "public", "health": "public",
    "culture": "public", "sport": "public",
}  # fmt: skip
"""Use of an official code -> kind of lot; a code of housing does not tell detached houses from apartments."""


@dataclass(frozen=True)
class Lots:
    """Lots as columns; figures that nobody gave are NaN, and what is known by bounds only is a pair of arrays."""

    ids: list[str]
    centres: NDArray[np.object_]
    kinds: NDArray[np.str_]
    area_m2: Floats
    density_pct: Floats
    storeys: Floats
    height_m: Bounds
    far: Floats
    green_pct: Floats
    frontage_m: Floats
    street_width_m: Floats
    setback_m: Floats
    bad: NDArray[np.bool_]


@dataclass(frozen=True)
class Spec:
    """What a check of lots measures (a column of `Lots`), of which kinds, and by which table, where by one."""

    kinds: tuple[str, ...]
    measure: str
    table: str = ""


SPECS: Mapping[str, Spec] = {
    "density-detached": Spec(("detached",), "density_pct", "density-detached"),
    "density-detached-existing": Spec(("detached",), "density_pct", "density-detached"),
    "density-apartment": Spec(("apartment",), "density_pct", "density-apartment"),
    "density-mixed": Spec(("mixed",), "density_pct", "density-mixed"),
    "density-public": Spec(("public",), "density_pct"),
    "density-factory": Spec(("factory",), "density_pct"),
    "density-factory-high": Spec(("factory",), "density_pct"),
    "far-detached": Spec(("detached",), "far"),
    "far-apartment-high": Spec(("apartment",), "far"),
    "far-mixed-high": Spec(("mixed",), "far"),
    "far-existing": Spec(("apartment", "mixed"), "far", "far-existing"),
    "green-factory": Spec(("factory",), "green_pct"),
    "green-apartment": Spec(("apartment",), "green_pct"),
    "green-public": Spec(("public",), "green_pct"),
    "frontage-wide": Spec(("detached",), "frontage_m"),
    "frontage-narrow": Spec(("detached",), "frontage_m"),
    "setback": Spec(("detached", "apartment", "mixed", "public", "factory"), "setback_m"),
}
"""Second half of a rule's finding (lots:density-detached) -> how it is measured."""


@cache
def kind_of(text: str) -> str:
    """Return the kind of a lot by its words or official code; empty where they do not tell."""
    if not text:
        return ""
    plain = f" {fold(text)} "
    for kind, words in WORDS.items():
        if any(f" {word} " in plain for word in words):
            return kind
    try:
        return _BY_USE.get(category(text).use, "")
    except InputError:
        return ""


def lots_of(frame: gpd.GeoDataFrame) -> Lots:
    """Return the lots of a layer (metres); negative figures are no figures, missing areas are those of the outlines."""
    shapes = frame.geometry.to_numpy()

    bad = np.zeros(len(frame), dtype=bool)

    def given(name: str) -> Floats:
        values = numbers(frame, LOTS, name)
        np.logical_or(bad, values < 0, out=bad)
        return np.where(values >= 0, values, np.nan)

    stated = numbers(frame, LOTS, "area_m2")
    drawn = np.where(shapely.get_dimensions(shapes) == 2, shapely.area(shapes), np.nan)
    area = np.where(np.isnan(stated), drawn, np.where(stated > 0, stated, np.nan))
    bad |= ~(area > 0)
    density = given("density_pct")
    density = np.where(np.isnan(density), 100.0 * given("built_m2") / area, density)
    storeys, height, far = given("storeys"), given("height_m"), given("far")
    far = np.where(np.isnan(far), given("gfa_m2") / area, far)
    far = np.where(np.isnan(far), density / 100.0 * storeys, far)
    green = given("green_pct")
    low, high = (np.where(np.isnan(height), storeys * metres, height) for metres in STOREY_M)
    return Lots(
        ids=[str(one) for one in frame["id"]] if "id" in frame else [f"lot-{at + 1}" for at in range(len(frame))],
        centres=shapely.point_on_surface(shapes),
        kinds=np.array([kind_of(text) for text in texts(frame, LOTS, "use")], dtype=str),
        area_m2=area,
        density_pct=density,
        storeys=storeys,
        height_m=(low, high),
        far=far,
        green_pct=np.where(np.isnan(green), 100.0 * given("green_m2") / area, green),
        frontage_m=given("frontage_m"),
        street_width_m=given("street_width_m"),
        setback_m=given("setback_m"),
        bad=bad,
    )


def find_lots(evidence: Evidence, zone: Zone, rule: Rule, kind: str) -> tuple[Rule, Finding | None]:
    """Return the share of a zone's lots that meet a rule, in % of those that could be judged; 100 % is asked.

    A lot is judged where its figures decide, whatever is not known of it; each goes to `evidence.lot_rows`. One lot
    that fails is a fail; a lot that is not judged, or whose kind is not known, leaves no plain pass.
    """
    lots = evidence.lots
    if lots is None or zone.shape is None:
        return rule, Finding(None, LOTS if zone.shape is not None else "outline")
    inside = evidence.lots_inside(zone)
    if not inside.size:
        return rule, Finding(None, LOTS)
    spec = SPECS[kind]
    rows = inside[np.isin(lots.kinds[inside], spec.kinds) & _asked(lots, kind)[inside]]
    unknown = int(np.count_nonzero(lots.kinds[inside] == ""))
    if not rows.size:
        return rule, Finding(None, "lot_kinds") if unknown else None
    value = getattr(lots, spec.measure)[rows]
    least, most = _limits(lots, rows, rule, kind, spec.table)
    holds, breaks = _held(value, least, most, rule.relation)
    verdicts = np.where(holds, "pass", np.where(breaks, "fail", "no_data"))
    evidence.lot_rows += _rows(lots, rows, value, least if rule.relation == "at_most" else most, verdicts, zone, rule)
    judged = int(np.count_nonzero(holds | breaks))
    if not judged:
        return rule, Finding(None, f"lot_columns:{spec.measure}")
    share = 100.0 * np.count_nonzero(holds) / judged
    doubt = "lots_unknown" if share >= 100.0 and (judged < len(rows) or unknown) else ""
    return rule, Finding(share, doubt=doubt, required=("at_least", 100.0, None), unit="% of lots")


def _asked(lots: Lots, kind: str) -> NDArray[np.bool_]:
    """Return which lots a check asks, beside their kind."""
    if kind == "density-factory":
        return ~(lots.storeys > 5)
    if kind == "density-factory-high":
        return lots.storeys > 5
    if kind.endswith("-high"):
        return lots.height_m[0] > HIGH_M
    if kind == "frontage-wide":
        return lots.street_width_m >= WIDE_STREET_M
    if kind == "frontage-narrow":
        return lots.street_width_m < WIDE_STREET_M
    return np.ones(len(lots.ids), dtype=bool)


def _limits(lots: Lots, rows: NDArray[np.intp], rule: Rule, kind: str, table: str) -> Bounds:
    """Return the least and the most that the limit of each lot may be; NaN where it cannot be known."""
    low, high = (side[rows] for side in lots.height_m)
    if table:
        sides = [limits_at(table, lots.area_m2[rows], height) for height in (low, high)]
        if kind == "density-detached-existing":
            whole = (lots.area_m2[rows] <= EXISTING_LOT_M2) & (high <= EXISTING_HEIGHT_M)
            sides = [np.where(whole, 100.0, side) for side in sides]
        return np.minimum(*sides), np.maximum(*sides)
    if kind == "setback":
        wide = lots.street_width_m[rows]
        sides = [_setbacks(wide, height) for height in (low, high)]
        return np.minimum(*sides), np.maximum(*sides)
    limit = rule.high if rule.relation == "at_most" else rule.low
    fixed = np.full(len(rows), np.nan if limit is None else limit)
    if kind == "density-factory":  # more than five floors may have 60 % only
        return np.where(np.isnan(lots.storeys[rows]), np.minimum(fixed, 60.0), fixed), fixed
    return fixed, fixed


def _setbacks(width_m: Floats, height_m: Floats) -> Floats:
    found = [
        step_of("setback", width, height).low if np.isfinite(width) and np.isfinite(height) else np.nan
        for width, height in zip(width_m, height_m, strict=True)
    ]
    return np.array(found, dtype=np.float64)


def _held(value: Floats, least: Floats, most: Floats, relation: str) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which lots surely meet their limit, and which surely do not; NaN is neither."""
    slack = TOLERANCE * np.maximum(1.0, np.abs(most))
    if relation == "at_most":
        return value <= least + slack, value > most + slack
    return value >= most - slack, value < least - slack


def _rows(
    lots: Lots, rows: NDArray[np.intp], value: Floats, limit: Floats, verdicts: NDArray[np.str_], zone: Zone, rule: Rule
) -> list[dict[str, Any]]:
    return [
        {
            "zone_id": zone.id,
            "lot_id": lots.ids[row],
            "rule_id": rule.id,
            "kind": str(lots.kinds[row]),
            "area_m2": float(lots.area_m2[row]),
            "height_m": float(lots.height_m[1][row]),
            "found": float(value[at]),
            "limit": float(limit[at]),
            "unit": rule.unit,
            "verdict": str(verdicts[at]),
        }
        for at, row in enumerate(rows)
    ]
