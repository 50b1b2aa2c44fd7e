"""Check what a caller gives a network: limits and points."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

import geopandas as gpd
import numpy as np
import shapely

from zoning.errors import InputError
from zoning.text import N_

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyproj import CRS

Points: TypeAlias = gpd.GeoSeries | gpd.GeoDataFrame | Sequence[shapely.Geometry]
"""Points in the network's CRS; a series that names a CRS must name this one."""


def checked_limit(limit: float, *, finite: bool = False) -> float:
    """Return a limit of minutes or metres as a float; InputError if it is negative or not a number."""
    usable = isinstance(limit, int | float | np.number) and not isinstance(limit, bool)
    if not usable or math.isnan(limit) or limit < 0 or (finite and math.isinf(limit)):
        raise InputError(N_("A limit must be a number, 0 or more; {limit} is not one."), limit=limit)
    return float(limit)


def coordinates(points: Points, crs: CRS, *, allow_none: bool = False) -> NDArray[np.float64]:
    """Return the positions of points, (k, 2); InputError if any is no point, or they are in another CRS.

    Parameters
    ----------
    points
        The points; a plain sequence, or a series without a CRS, is taken to be in the network's.
    crs
        The network's CRS.
    allow_none
        Accept an empty series.
    """
    given = getattr(points, "crs", None)
    if given is not None and given is not crs and given != crs:
        raise InputError(
            N_("The points are in {given}, the network is in {expected}: convert them first."),
            given=given.name,
            expected=crs.name,
        )
    shapes = np.atleast_1d(np.asarray(getattr(points, "geometry", points), dtype=object))
    if shapes.size == 0 and not allow_none:
        raise InputError(N_("No point was given to travel from."))
    if shapes.size and not np.all(shapely.get_type_id(shapes) == shapely.GeometryType.POINT):
        raise InputError(N_("Only points can be places to travel from or to."))
    xy = np.full((shapes.size, 2), np.nan)
    held = ~shapely.is_empty(shapes)
    xy[held] = shapely.get_coordinates(shapes[held])
    bad = ~np.isfinite(xy).all(axis=1)
    if bad.any():
        raise InputError(
            N_("{count} of the points have no position: a coordinate is missing or not a number."),
            count=int(bad.sum()),
        )
    return xy
