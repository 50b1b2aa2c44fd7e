"""Convert between VN-2000 and WGS 84 by one pinned operation; the only module that changes coordinate systems.

PROJ would choose per point between two operations from VN-2000 to WGS 84 and change over at 11.04 degrees north, in the
middle of the region: a step of 0.80 m. Everything here goes through EPSG:6960, which is valid for all of Vietnam.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError
from pyproj.transformer import TransformerGroup

from zoning.errors import InputError
from zoning.text import N_

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats: TypeAlias = NDArray[np.float64]
    Pair: TypeAlias = tuple[Floats, Floats]

PLANNING_CRS = CRS.from_epsg(9210)
"""VN-2000 / TM-3 105-45: areas, lengths and buffers of the region are computed in it. Axes are E, N in metres."""
WEB_CRS = CRS.from_epsg(4326)
"""WGS 84: display and GeoJSON. Coordinates are always lon, lat here."""

STUDY_ENVELOPE = (106.2, 10.3, 107.2, 11.7)
"""West, south, east, north in degrees: the province and its ways to the ports of Cat Lai and Cai Mep."""
VIETNAM_ENVELOPE = (102.0, 8.0, 110.0, 23.6)
"""West, south, east, north in degrees: onshore Vietnam, where VN-2000 is defined."""
_WORLD = (-180.0, -90.0, 180.0, 90.0)

_OPERATION = "VN-2000 to WGS 84 (2)"  # EPSG:6960
_VN2000_NAME = re.compile(r"(vn|viet[ _-]?nam)[ _-]?2000", re.IGNORECASE)

Frame = TypeVar("Frame", gpd.GeoSeries, gpd.GeoDataFrame)


def to_planning(frame: Frame) -> Frame:
    """Return `frame` in the planning CRS (EPSG:9210, metres).

    Parameters
    ----------
    frame
        Geometries in any coordinate system that says its name.

    Returns
    -------
    GeoSeries or GeoDataFrame
        As given, with the same index and columns; heights are left out.

    Raises
    ------
    InputError
        No coordinate system, or coordinates that are not finite or do not lie in Vietnam (swapped axes, wrong zone).
    """
    return _converted(frame, PLANNING_CRS)


def to_web(frame: Frame) -> Frame:
    """Return `frame` in degrees (EPSG:4326, lon lat); otherwise as `to_planning`."""
    return _converted(frame, WEB_CRS)


def lonlat_to_planning(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """Return east and north (metres, EPSG:9210) of positions in degrees; InputError outside Vietnam."""
    x, y = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    _check_envelope(x, y, VIETNAM_ENVELOPE)
    return _numbers(_operation(PLANNING_CRS).transform(x, y))


def planning_to_lonlat(east: ArrayLike, north: ArrayLike) -> Pair:
    """Return longitude and latitude of positions in the planning CRS; InputError outside Vietnam."""
    return _lonlat(PLANNING_CRS, np.asarray(east, dtype=float), np.asarray(north, dtype=float))


def in_study_area(lon: float, lat: float) -> bool:
    """Say whether a position in degrees lies in the study envelope; its border belongs to it."""
    west, south, east, north = STUDY_ENVELOPE
    return west <= lon <= east and south <= lat <= north


def is_vn2000(crs: CRS) -> bool:
    """Say whether a coordinate system stands on the datum VN-2000, whatever its zone or spelling."""
    geodetic = crs.geodetic_crs
    if crs.is_bound or geodetic is None:  # a bound system brings its own seven parameters
        return False
    datum = geodetic.datum.name if geodetic.datum is not None else ""
    return bool(_VN2000_NAME.search(datum) or _VN2000_NAME.search(geodetic.name))


def _converted(frame: Frame, target: CRS) -> Frame:
    if frame.crs is None:
        raise InputError(N_("The layer does not say its coordinate system. Name it, for example EPSG:9210."))
    source = CRS.from_user_input(frame.crs)
    geometry = frame.geometry

    def convert(xy: Floats) -> Floats:
        lon, lat = _lonlat(source, xy[:, 0], xy[:, 1])
        if source == target:
            return xy  # only checked
        return np.column_stack(lonlat_to_planning(lon, lat) if target == PLANNING_CRS else (lon, lat))

    values = shapely.transform(geometry.array, convert)
    moved = gpd.GeoSeries(values, index=frame.index, crs=target, name=geometry.name)
    if isinstance(frame, gpd.GeoSeries):
        return moved
    return frame.set_geometry(moved)


def _lonlat(source: CRS, x: Floats, y: Floats) -> Pair:
    """Return checked degrees of coordinates in `source`."""
    if source == WEB_CRS:
        lon, lat = x, y
    elif is_vn2000(source):
        lon, lat = _numbers(_operation(source).transform(*_datum_position(source, x, y), direction="INVERSE"))
    else:
        lon, lat = _numbers(_plain(source, WEB_CRS).transform(x, y))
    _check_envelope(lon, lat, VIETNAM_ENVELOPE if is_vn2000(source) else _WORLD)
    return lon, lat


def _datum_position(source: CRS, x: Floats, y: Floats) -> Pair:
    """Return what `_operation(source)` takes: coordinates of `source`, or degrees on VN-2000 for a foreign spelling."""
    if _knows_operation(source):
        return x, y
    return _numbers(_plain(source, source.geodetic_crs).transform(x, y))


def _operation(crs: CRS) -> Transformer:
    """Return WGS 84 lon/lat -> `crs` by EPSG:6960; degrees on VN-2000 where PROJ does not recognise `crs`."""
    pinned = _pinned(crs) or _pinned(CRS.from_epsg(4756))
    if pinned is None:
        raise InputError(N_("This installation of PROJ lacks the operation EPSG:6960: VN-2000 cannot be used."))
    return pinned


def _knows_operation(crs: CRS) -> bool:
    return _pinned(crs) is not None


@lru_cache(maxsize=64)
def _pinned(crs: CRS) -> Transformer | None:
    members = TransformerGroup(WEB_CRS, crs, always_xy=True).transformers
    best = next((member for member in members if _OPERATION in member.description), None)
    # the group's own member is not safe between threads, one made from its pipeline is
    return None if best is None else Transformer.from_pipeline(best.definition)


@lru_cache(maxsize=64)
def _plain(source: CRS, target: CRS) -> Transformer:
    try:
        return Transformer.from_crs(source, target, always_xy=True)
    except (CRSError, ProjError) as error:
        raise InputError(N_("The coordinate system {crs} cannot be converted."), crs=source.name) from error


def _numbers(pair: tuple[ArrayLike, ArrayLike]) -> Pair:
    return np.asarray(pair[0], dtype=float), np.asarray(pair[1], dtype=float)


def _check_envelope(lon: Floats, lat: Floats, envelope: tuple[float, float, float, float]) -> None:
    """Refuse what no map of Vietnam can hold: PROJ gives infinity for swapped axes, and no error."""
    if not (np.isfinite(lon).all() and np.isfinite(lat).all()):
        raise InputError(
            N_("Some coordinates are not numbers on the map: perhaps the two axes are swapped, or the zone is wrong.")
        )
    west, south, east, north = envelope
    outside = (lon < west) | (lon > east) | (lat < south) | (lat > north)
    if outside.any():
        first = int(np.argmax(np.atleast_1d(outside)))
        raise InputError(
            N_(
                "The position {lon:.5f} E, {lat:.5f} N is not in Vietnam: perhaps the two axes are swapped, or the "
                "coordinate system is another one."
            ),
            lon=float(np.atleast_1d(lon)[first]),
            lat=float(np.atleast_1d(lat)[first]),
        )
