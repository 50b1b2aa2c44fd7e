"""Prepare the zones of a check: what each is, where it may be measured, how large it is and who lives there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from zoning.errors import InputError
from zoning.pace import checkpoint
from zoning.places import MEASURABLE
from zoning.standards.profiles import profiles_of
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    import geopandas as gpd
    from shapely.geometry.base import BaseGeometry

PEOPLE_COLUMNS = ("population", "people", "residents")
OVERLAP_SHARE, OVERLAP_M2 = 0.01, 100.0
"""Outlines of zones of one kind that share more than this part of the smaller one, and do not hold it, are faulty."""


@dataclass(frozen=True)
class Zone:
    """A zone as checks see it.

    Attributes
    ----------
    shape, point
        Its outline, or the point that is known of it; None where it may not be measured.
    area_ha
        Published, else of the outline; None where neither is known.
    people
        Who lives there; None where nobody knows.
    people_doubt
        Why the number of people is no plain one: `spread_people` where it is a share of the ward's.
    faults
        What is wrong with its data, in keys of `zoning.standards.words.FAULTS`, with what it is about after a colon.
    facts
        The row of its layer.
    """

    id: str
    kind: str
    level: str
    profiles: tuple[str, ...]
    shape: BaseGeometry | None
    point: BaseGeometry | None
    area_ha: float | None
    people: float | None
    people_doubt: str
    faults: tuple[str, ...]
    facts: Mapping[str, Any]


def zones_of(frame: gpd.GeoDataFrame, demand: gpd.GeoDataFrame) -> list[Zone]:
    """Return the zones of a layer; faults of their data are kept with each, never a reason to leave one out.

    Parameters
    ----------
    frame
        Zones, wards or drawn areas; `id` is theirs or made of the row's number. A layer without `kind` and `level`
        holds drawn areas.
    demand
        People at points, in the same CRS: `people`.

    Raises
    ------
    InputError
        Two zones have one id.
    """
    frame = frame.reset_index(drop=True)
    ids = frame["id"].astype(str) if "id" in frame else pd.Series([f"zone-{at + 1}" for at in frame.index])
    twice = ids[ids.duplicated()]
    if len(twice):
        raise InputError(N_("Ids of zones that are used twice: {ids}."), ids=", ".join(dict.fromkeys(twice))[:200])
    tree = shapely.STRtree(demand.geometry.to_numpy())
    living = demand["people"].to_numpy(dtype=float, na_value=np.nan)
    zones = []
    for name, row, geometry in zip(ids, frame.to_dict("records"), frame.geometry, strict=True):
        checkpoint()
        zones.append(_zone(name, {str(key): cell for key, cell in row.items()}, geometry, (tree, living)))
    return _overlapping(zones)


def _overlapping(zones: list[Zone]) -> list[Zone]:
    """Return the zones, those told of which others of their profiles they overlap in part.

    A schematic circle overlaps its neighbours by its nature, and a part of a town lies in the town: neither is a fault.
    """
    drawn = [at for at, one in enumerate(zones)
             if one.shape is not None and _text(one.facts.get("geometry_quality")) != "schematic"]  # fmt: skip
    shapes = np.array([zones[at].shape for at in drawn], dtype=object)
    if len(drawn) < 2:
        return zones
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    first, second = first[first < second], second[first < second]
    common = shapely.area(shapely.intersection(shapes[first], shapes[second]))
    sizes = shapely.area(shapes)
    smaller, larger = np.minimum(sizes[first], sizes[second]), np.maximum(sizes[first], sizes[second])
    partly = (common > OVERLAP_SHARE * smaller) & (common < (1 - OVERLAP_SHARE) * smaller)
    grave = (common > OVERLAP_M2) & (partly | (common > (1 - OVERLAP_SHARE) * larger))
    others: dict[int, list[str]] = {}
    for one, other in zip(first[grave], second[grave], strict=True):
        left, right = zones[drawn[one]], zones[drawn[other]]
        if left.profiles == right.profiles:
            others.setdefault(drawn[one], []).append(right.id)
            others.setdefault(drawn[other], []).append(left.id)
    return [
        replace(one, faults=(*one.faults, "overlaps:" + said(", ".join(others[at])))) if at in others else one
        for at, one in enumerate(zones)
    ]


def said(text: str) -> str:
    """Return what a fault is about as it stands after its colon: faults are kept as words with spaces between."""
    return "_".join(text.split())[:120]


def _zone(
    name: str, row: Mapping[str, Any], geometry: BaseGeometry | None, people: tuple[shapely.STRtree, np.ndarray]
) -> Zone:
    faults: list[str] = []
    kind, level = (_text(row.get(column)) for column in ("kind", "level"))
    profiles = profiles_of(kind, level)
    if not profiles:
        faults.append("unknown_kind")
    measurable = _text(row.get("geometry_quality")) in ("", *MEASURABLE)
    shape: BaseGeometry | None = None
    point: BaseGeometry | None = None
    if geometry is None or geometry.is_empty or not measurable:
        faults.append("no_place" if geometry is None or geometry.is_empty else "approximate")
    elif geometry.geom_type in ("Polygon", "MultiPolygon"):
        shape = geometry
        if not shapely.is_valid(geometry):
            shape = shapely.make_valid(geometry)
            faults.append("repaired")
        if shape.area <= 0:
            shape, point = None, geometry.representative_point()
            faults.append("no_area")
    else:
        point = geometry if geometry.geom_type == "Point" else geometry.representative_point()
        faults.append("point_only")
    area = _number(row.get("area_ha"))
    if area is not None and area <= 0:
        faults.append("bad_area")
        area = None
    if area is None and shape is not None:
        area = shape.area / 1e4
    known, doubt = _people(row, shape, people, faults)
    return Zone(name, kind, level, profiles, shape, point, area, known, doubt, tuple(faults), row)


def _people(
    row: Mapping[str, Any],
    shape: BaseGeometry | None,
    people: tuple[shapely.STRtree, np.ndarray],
    faults: list[str],
) -> tuple[float | None, str]:
    """Return the people of a zone: its own figure, else those of the points inside its outline."""
    columns = [column for column in PEOPLE_COLUMNS if column in row]
    for column in columns:
        own = _number(row[column])
        if own is not None:
            if own <= 0:
                faults.append("bad_population" if own < 0 else "nobody")
                return None, ""
            return own, ""
    if columns or shape is None:
        return None, ""
    tree, living = people
    inside = living[tree.query(shape, predicate="intersects")]
    total = float(np.nansum(inside)) if len(inside) else 0.0
    return (total, "spread_people") if total > 0 else (None, "")


def _text(value: object) -> str:
    return "" if value is None or (isinstance(value, float) and np.isnan(value)) or value is pd.NA else str(value)


def _number(value: object) -> float | None:
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return number if np.isfinite(number) else None
