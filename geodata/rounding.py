"""Round outlines in degrees to the seven decimals of an export without breaking them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from zoning.errors import ExportError
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Geometries = NDArray[np.object_]

DECIMALS = 7
"""Decimals of a degree in exports: about one centimetre."""
_NAMED = 5
"""So many ids are named in a message; the rest are counted."""


def rounded(geometries: Geometries, ids: Sequence[str]) -> Geometries:
    """Return geometries in degrees as an export writes them.

    Parameters
    ----------
    geometries
        Array (n,) of geometries in degrees (lon, lat); None and empty ones are allowed.
    ids
        Ids (n,) of the features, for messages.

    Returns
    -------
    ndarray
        Array (n,): two-dimensional, rounded to `DECIMALS`, valid, outer rings counter-clockwise; None where there was
        no geometry. Neighbours that shared vertices still do.

    Raises
    ------
    ExportError
        A coordinate is not a finite number, an outline was invalid before, or nothing of it is left once rounded.
    """
    bare = checked(geometries, ids)
    result = shapely.transform(bare, _to_grid)
    broken = ~shapely.is_valid(result) & ~shapely.is_missing(result)
    if broken.any():
        # only these: snapping all would move vertices that neighbours share
        snapped = shapely.set_precision(bare[broken], 10.0**-DECIMALS)
        result[broken] = shapely.transform(snapped, _to_grid)
    lost = ~shapely.is_missing(result) & (~shapely.is_valid(result) | shapely.is_empty(result))
    if lost.any():
        raise ExportError(
            N_("Too small to be exported: {ids}. Nothing of it is left at seven decimals of a degree (1 cm)."),
            ids=named(ids, lost),
        )
    # not before: a ring that has shrunk to a point is a fault to this function
    tidy = shapely.remove_repeated_points(result)
    return np.asarray(shapely.orient_polygons(tidy, exterior_cw=False), dtype=object)


def checked(geometries: Geometries, ids: Sequence[str]) -> Geometries:
    """Return geometries as every format takes them: two-dimensional, closed lines as lines, None for empty ones.

    ExportError if one is invalid or not finite.
    """
    result = _bare_rings(np.array(shapely.force_2d(geometries), dtype=object))
    result[shapely.is_empty(result)] = None
    _refuse_infinite(result, ids)
    _refuse_invalid(result, ids)
    return result


def named(ids: Sequence[str], which: NDArray[np.bool_]) -> str:
    """Return the first ids of those marked in `which`, and how many there are besides."""
    chosen = [str(ids[place])[:60] for place in np.flatnonzero(which).tolist()]
    more = len(chosen) - _NAMED
    return ", ".join(chosen[:_NAMED]) + (f" (+{more})" if more > 0 else "")


def _to_grid(coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
    # adding zero turns -0.0 into 0.0, which would be written differently
    return np.round(coordinates, DECIMALS) + 0.0


def _bare_rings(geometries: Geometries) -> Geometries:
    """Return closed lines as lines: neither GeoJSON nor GeoPackage knows a LinearRing."""
    rings = shapely.get_type_id(geometries) == shapely.GeometryType.LINEARRING
    if not rings.any():
        return geometries
    result = geometries.copy()
    result[rings] = [shapely.LineString(ring.coords) for ring in geometries[rings]]
    return result


def _refuse_infinite(geometries: Geometries, ids: Sequence[str]) -> None:
    coordinates, owner = shapely.get_coordinates(geometries, return_index=True)
    bad = np.zeros(len(geometries), dtype=bool)
    bad[owner[~np.isfinite(coordinates).all(axis=1)]] = True
    if bad.any():
        raise ExportError(N_("Coordinates of {ids} are not finite numbers: nothing was exported."), ids=named(ids, bad))


def _refuse_invalid(geometries: Geometries, ids: Sequence[str]) -> None:
    bad = ~shapely.is_missing(geometries) & ~shapely.is_valid(geometries)
    if bad.any():
        first: Any = geometries[np.flatnonzero(bad)[0]]
        raise ExportError(
            N_("The outline of {ids} is not valid ({reason}). Repair the layer first: nothing was exported."),
            ids=named(ids, bad),
            reason=shapely.is_valid_reason(first) if isinstance(first, BaseGeometry) else "?",
        )
