"""Carry figures between units of different dates, sums kept: by area, or by where people live."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from zoning.errors import InputError
from zoning.text import N_

if TYPE_CHECKING:
    import geopandas as gpd

FloatArray: TypeAlias = NDArray[np.float64]
BoolArray: TypeAlias = NDArray[np.bool_]

NAMES = re.compile(r"\s*[;|]\s*")  # what stands between names in merged_into
M2_PER_HA = 10_000.0
TOKEN_HA = 1e-6  # common area of two units that the decree joins and the drawings keep apart


@dataclass(frozen=True)
class Overlap:
    """How units of one date lie in units of another.

    Parameters
    ----------
    from_ids, to_ids
        Ids of the n units that have figures and of the m units that receive them.
    area_ha
        (n, m) area that counts: the common area of the drawn outlines, only for pairs that the decree names where it
        names any. Where the outlines of such a pair do not meet at all, a token of it (`TOKEN_HA`).
    outside_pct
        (n,) part of each unit's drawn area, in %, that lies in no receiving unit or in one that the decree does not
        name: outlines of two dates are drawn by two hands and never match. It is ignored, its share of the figure goes
        to the rest.
    by_decree
        (n,) whether the decree named the successors of each unit.
    """

    from_ids: tuple[str, ...]
    to_ids: tuple[str, ...]
    area_ha: FloatArray
    outside_pct: FloatArray
    by_decree: BoolArray


class Carried(NamedTuple):
    """Figures carried to other units.

    `units` has a row for each receiving unit: `figure` (NaN where a part of it is unknown), `known` (the sum of the
    parts that are known; over all units it is the sum of the known figures), `unknown_units` (how many parts are not).
    `by_area` names the units that were divided by area although people were given: nobody is known to live in them.
    """

    units: pd.DataFrame
    by_area: tuple[str, ...]


def overlap(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> Overlap:
    """Return how the units `old` lie in the units `new`.

    Parameters
    ----------
    old, new
        Polygons with id, in one projected CRS in metres. If `old` has `merged_into` (names of its successors, joined by
        ; or |), only these successors count where all of them are found among `name_vi` of `new`. For the way back,
        from new units to old ones, use `back`.

    Raises
    ------
    InputError
        The CRS differ or are not projected, ids repeat, or a unit of `old` lies in no unit of `new`.
    """
    _check_units(old, new)
    areas = common_area(old, new)
    drawn = shapely.area(old.geometry.to_numpy()) / M2_PER_HA
    named = named_pairs(old, new)
    by_decree: BoolArray = np.any(named, axis=1)
    counted = np.where(named | ~by_decree[:, np.newaxis], areas, 0.0)
    counted[named & (counted == 0)] = TOKEN_HA
    outside = np.clip(100 * (1 - counted.sum(axis=1) / drawn), 0, 100)
    alone = counted.sum(axis=1) == 0
    if alone.any():
        raise InputError(
            N_("Units outside all those that figures are to be carried to: {count} ({ids})."),
            count=int(alone.sum()),
            ids=", ".join(old["id"].astype(str)[alone].head(5)),
        )
    return Overlap(tuple(old["id"].astype(str)), tuple(new["id"].astype(str)), counted, outside, by_decree)


def back(there: Overlap, new: gpd.GeoDataFrame) -> Overlap:
    """Return the way back of an overlap: from the units it carries to, to those it carries from.

    Parameters
    ----------
    there
        From `overlap(old, new)`.
    new
        The same units as there: their drawn area tells what lies outside.

    Raises
    ------
    InputError
        A unit receives nothing on the way there, so nothing can go back.
    """
    counted = there.area_ha.T
    alone = counted.sum(axis=1) == 0
    if alone.any():
        ids = [one for one, is_alone in zip(there.to_ids, alone, strict=True) if is_alone]
        raise InputError(
            N_("Units outside all those that figures are to be carried to: {count} ({ids})."),
            count=len(ids),
            ids=", ".join(ids[:5]),
        )
    drawn = shapely.area(new.geometry.to_numpy()) / M2_PER_HA
    outside = np.clip(100 * (1 - counted.sum(axis=1) / drawn), 0, 100)
    by_decree: BoolArray = np.any(there.by_decree[:, np.newaxis] & (there.area_ha > 0), axis=0)
    return Overlap(there.to_ids, there.from_ids, counted, outside, by_decree)


def carry(figures: pd.Series, way: Overlap, people: FloatArray | None = None) -> Carried:
    """Carry counts (people, jobs, beds) from one set of units to another: y_t = Σ_s x_s w_st / Σ_u w_su.

    Areal weighting (Goodchild and Lam 1980, Geo-Processing 1, 297-312), w the common area; or, where `people` are
    given, dasymetric weighting by where people live. Each unit's weights are divided by their own sum, so the sum of
    the figures is kept although outlines do not match. Only counts can be carried so; carry both parts of a rate.

    Parameters
    ----------
    figures
        Counts by unit id; NaN or a missing id is unknown, not 0.
    way
        From `overlap` or `back`.
    people
        (n, m) people who live in both units, NaN where unknown, from `people_in_both`; None: by area.

    Raises
    ------
    InputError
        A figure is negative, infinite or of no such unit, or `people` has another shape.
    """
    known = _figures(figures, way.from_ids)
    weights, by_area = way.area_ha, np.zeros(len(way.from_ids), dtype=bool)
    if people is not None:
        if people.shape != weights.shape:
            raise InputError(
                N_("The people in both units must be a table of {rows} by {columns} numbers."),
                rows=weights.shape[0],
                columns=weights.shape[1],
            )
        lived = np.where(weights > 0, people, 0.0)
        # NaN fails the comparison: where some people of a unit are unknown the known ones would say too much
        by_area = ~(lived.sum(axis=1) > 0)
        weights = np.where(by_area[:, np.newaxis], weights, lived)
    shares = weights / weights.sum(axis=1, keepdims=True)
    unknown = np.isnan(known)
    total = np.where(unknown, 0.0, known) @ shares
    unknown_units = np.count_nonzero((shares > 0) & unknown[:, np.newaxis], axis=0)
    units = pd.DataFrame(
        {"figure": np.where(unknown_units > 0, np.nan, total), "known": total, "unknown_units": unknown_units},
        index=pd.Index(way.to_ids, name="id"),
    )
    return Carried(units, tuple(one for one, is_so in zip(way.from_ids, by_area, strict=True) if is_so))


def people_in_both(points: gpd.GeoDataFrame, old: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> FloatArray:
    """Return the (n, m) people who live in each unit of `old` and of `new` at once.

    Parameters
    ----------
    points
        Points with `people`, in the CRS of the units; a point on a border counts in the first unit that has it, one
        outside either set nowhere. NaN people make the sum of their units NaN.

    Raises
    ------
    InputError
        The CRS differ or are not projected.
    """
    _check_units(old, new)
    _check_units(points.assign(id=np.arange(len(points))), new)
    home, later = _unit_of(points, old), _unit_of(points, new)
    result = np.zeros((len(old), len(new)))
    placed = (home >= 0) & (later >= 0)
    np.add.at(
        result, (home[placed], later[placed]), points["people"].to_numpy(dtype=np.float64, na_value=np.nan)[placed]
    )
    return result


def named_pairs(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> BoolArray:
    """Return (n, m) which new units the decree names for each old one; no row where a name is not found."""
    pairs = np.zeros((len(old), len(new)), dtype=bool)
    if "merged_into" not in old or "name_vi" not in new:
        return pairs
    place = {name: position for position, name in enumerate(new["name_vi"].astype(str).str.casefold())}
    for row, names in enumerate(old["merged_into"]):
        wanted = [place.get(name.casefold()) for name in NAMES.split("" if pd.isna(names) else str(names)) if name]
        found = [position for position in wanted if position is not None]
        if len(found) == len(wanted):
            pairs[row, found] = True
    return pairs


def common_area(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> FloatArray:
    """Return (n, m) hectares that units share."""
    ours, theirs = old.geometry.to_numpy(), new.geometry.to_numpy()
    row, column = shapely.STRtree(theirs).query(ours, predicate="intersects")
    areas = np.zeros((len(ours), len(theirs)))
    areas[row, column] = shapely.area(shapely.intersection(ours[row], theirs[column])) / M2_PER_HA
    return areas


def _unit_of(points: gpd.GeoDataFrame, units: gpd.GeoDataFrame) -> NDArray[np.intp]:
    """Return the position of the first unit that has each point, -1 where none has."""
    point, unit = shapely.STRtree(units.geometry.to_numpy()).query(points.geometry.to_numpy(), predicate="intersects")
    first = np.full(len(points), len(units), dtype=np.intp)
    np.minimum.at(first, point, unit)
    return np.where(first == len(units), -1, first)


def _figures(figures: pd.Series, ids: tuple[str, ...]) -> FloatArray:
    """Return figures in the order of `ids`, NaN where unknown."""
    strange = ~figures.index.astype(str).isin(ids)
    if strange.any():
        raise InputError(
            N_("Figures of units that do not exist: {count} ({ids})."),
            count=int(strange.sum()),
            ids=", ".join(figures.index.astype(str)[strange][:5]),
        )
    try:
        known = pd.to_numeric(figures).set_axis(figures.index.astype(str)).reindex(list(ids))
        values = known.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise InputError(N_("Figures must be numbers, one for each unit.")) from error
    wrong = int(np.count_nonzero((values < 0) | np.isinf(values)))
    if wrong:
        raise InputError(N_("{count} of {total} figures are negative or infinite."), count=wrong, total=values.size)
    return values


def _check_units(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> None:
    if old.crs is None or old.crs != new.crs or not old.crs.is_projected:
        raise InputError(N_("Units can be compared in one projected coordinate system only."))
    for frame in (old, new):
        repeated = frame["id"].duplicated()
        if repeated.any():
            raise InputError(N_("Ids of units that are used twice: {count}."), count=int(repeated.sum()))
