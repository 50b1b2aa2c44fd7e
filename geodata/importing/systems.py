"""Propose the coordinate system of a layer by trying candidates against the study area; never assume one silently."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from geodata.crs import STUDY_ENVELOPE, WEB_CRS, is_vn2000, to_web
from zoning.errors import InputError
from zoning.result import Note
from zoning.text import N_

if TYPE_CHECKING:
    from numpy.typing import NDArray

SWAPPED = "+swapped"
"""What follows a code where the two axes are to change places: EPSG:9210+swapped."""
CANDIDATES = {
    "EPSG:9210": "VN-2000 / TM-3 105-45",
    "EPSG:4326": "WGS 84",
    "EPSG:3405": "VN-2000 / UTM 48N",
    "EPSG:32648": "WGS 84 / UTM 48N",
    "EPSG:9211": "VN-2000 / TM-3 106-00",
    "EPSG:9209": "VN-2000 / TM-3 105-30",
    "EPSG:9212": "VN-2000 / TM-3 106-15",
    "EPSG:9213": "VN-2000 / TM-3 106-30",
    "EPSG:5897": "VN-2000 / TM-3 105-00",
    "EPSG:9214": "VN-2000 / TM-3 107-00",
    "EPSG:9215": "VN-2000 / TM-3 107-15",
    "EPSG:9216": "VN-2000 / TM-3 107-30",
    "EPSG:5899": "VN-2000 / TM-3 107-45",
    "EPSG:5898": "VN-2000 / TM-3 108-00",
    "EPSG:3857": "WGS 84 / Pseudo-Mercator",
    "EPSG:4756": "VN-2000",
}
"""Systems that layers of the region come in, the likeliest first."""
_LARGEST = 1e9
_SAMPLE = 2_000
_MOST_FIT = 0.95


@dataclass(frozen=True)
class Proposal:
    """What coordinate system a layer is taken to have.

    Parameters
    ----------
    code
        `EPSG:9210`, with `+swapped` where the axes change places, or WKT; empty where nothing fits.
    sure
        True where the file itself or the planner names it, and the layer then lies in the study area. Otherwise it is a
        proposal that a person must accept.
    reason
        Why this one.
    others
        Further codes with which the layer lies in the study area.
    declared
        What the file says, empty where it says nothing.
    """

    code: str
    sure: bool
    reason: Note
    others: tuple[str, ...] = ()
    declared: str = ""


def propose(shapes: NDArray[np.object_], declared: str | None, chosen: str | None, *, table: bool = False) -> Proposal:
    """Return the coordinate system for `shapes`.

    Parameters
    ----------
    declared
        What the file says: WKT; None where it says nothing.
    chosen
        What the planner says: a code such as EPSG:9210 or EPSG:9210+swapped; None leaves it open.
    table
        True for columns of numbers, whose order means nothing: surveyors write X for the north.

    Raises
    ------
    InputError
        `chosen` is no coordinate system, or the layer does not lie in the study area with it.
    """
    sample = _sample(shapes)
    said = _name(declared)
    if chosen is not None:
        return _confirmed(sample, chosen, said, table=table)
    # a file may describe a system by its numbers alone, and MapInfo then often names the wrong datum: 200 m
    coded = bool(declared) and (said.startswith("EPSG:") or is_vn2000(_system(said or WEB_CRS.to_wkt())))
    if declared and coded and _fits(sample, declared):
        return Proposal(said, reason=Note(N_("The file names {crs}, and the layer lies in the study area."),
                                         {"crs": title(said)}), sure=True, declared=said)  # fmt: skip
    fitting = [code + swap for swap in ("", SWAPPED) for code in CANDIDATES if _fits(sample, code + swap)]
    fitting.sort(key=lambda code: list(CANDIDATES).index(_split(code)[0]))
    if declared and said and not coded and _fits(sample, declared):
        fitting.sort(key=lambda code: _apart(sample, code, declared))
        return Proposal(
            fitting[0] if fitting else declared,
            sure=False,
            reason=Note(N_("The file describes a coordinate system without a code; the nearest one of the region is "
                           "{proposed}."), {"proposed": title(fitting[0] if fitting else declared)}),
            others=(*fitting[1:4], declared) if fitting else (),
            declared=said,
        )  # fmt: skip
    if not fitting:
        return Proposal("", reason=Note(N_("The layer does not lie in the study area with any coordinate system of the "
                                           "region.")), sure=False, declared=said)  # fmt: skip
    if said:
        reason = Note(N_("The file names {crs}, but that is not in the study area; with {proposed} the layer is."),
                      {"crs": title(said), "proposed": title(fitting[0])})  # fmt: skip
    else:
        reason = Note(N_("The file names no coordinate system; with {proposed} the layer lies in the study area."),
                      {"proposed": title(fitting[0])})  # fmt: skip
    return Proposal(fitting[0], reason=reason, sure=False, others=tuple(fitting[1:]), declared=said)


def placed(shapes: NDArray[np.object_], code: str) -> gpd.GeoSeries:
    """Return shapes in the system that `code` names, with their axes swapped if it says so."""
    base, swap = _split(code)
    if swap:
        shapes = shapely.transform(shapes, lambda xy: xy[:, ::-1])
    return gpd.GeoSeries(shapes, crs=_system(base))


def title(code: str) -> str:
    """Return what people call a coordinate system: its code and name."""
    base, swap = _split(code)
    if not base:
        return ""
    name = CANDIDATES.get(base) or _system(base).name
    words = name if len(base) > 20 else f"{base} ({name})"
    return f"{words}, Y/X" if swap else words


def _confirmed(sample: NDArray[np.float64], chosen: str, said: str, *, table: bool) -> Proposal:
    base, swap = _split(chosen)
    _system(base)
    if not swap and table and not _fits(sample, base) and _fits(sample, base + SWAPPED):
        swap = SWAPPED  # X is the north for surveyors
    if not _fits(sample, base + swap):
        if not swap and _fits(sample, base + SWAPPED):
            raise InputError(
                N_("With {crs} the layer lies in the study area only if its two axes are swapped: name {swapped}."),
                crs=title(base),
                swapped=base + SWAPPED,
            )
        raise InputError(
            N_("With {crs} the layer does not lie in the study area (longitude {west} to {east}, latitude {south} to "
               "{north}): name another system."),
            crs=title(base + swap),
            **dict(zip(("west", "south", "east", "north"), STUDY_ENVELOPE, strict=True)),
        )  # fmt: skip
    reason = Note(N_("You named {crs}."), {"crs": title(base + swap)})
    return Proposal(base + swap, reason=reason, sure=True, declared=said)


def _fits(sample: NDArray[np.float64], code: str) -> bool:
    """Say whether nearly all positions lie in the study area in a system."""
    base, swap = _split(code)
    if not len(sample):
        return False
    xy = sample[:, ::-1] if swap else sample
    try:
        web = to_web(gpd.GeoSeries(shapely.points(xy), crs=_system(base)))
    except InputError:
        return False
    west, south, east, north = STUDY_ENVELOPE
    lon, lat = web.x.to_numpy(), web.y.to_numpy()
    return bool(np.mean((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)) >= _MOST_FIT)


def _apart(sample: NDArray[np.float64], code: str, other: str) -> float:
    """Return how many degrees two systems place the layer apart."""
    centre = sample.mean(axis=0)
    here, there = (to_web(placed(np.asarray([shapely.Point(centre)]), one)).iloc[0] for one in (code, other))
    return round(float(here.distance(there)), 6)


def _sample(shapes: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return positions of the layer, spread over it; InputError where some are no numbers of this world."""
    xy = shapely.get_coordinates(shapes)
    if not np.isfinite(xy).all() or (np.abs(xy) > _LARGEST).any():
        raise InputError(N_("Some coordinates of the layer are infinite, no numbers, or larger than any map."))
    return np.asarray(xy[:: max(len(xy) // _SAMPLE, 1)], dtype=float)


def _split(code: str) -> tuple[str, str]:
    return (code.removesuffix(SWAPPED), SWAPPED) if code.endswith(SWAPPED) else (code, "")


def _system(code: str) -> CRS:
    try:
        crs = CRS.from_user_input(code.strip()[:20_000])
    except CRSError as error:
        raise InputError(
            N_("“{crs}” is not a coordinate system: write its code, for example EPSG:9210."), crs=code[:40]
        ) from error
    if crs.is_geocentric or crs.is_vertical:
        raise InputError(N_("“{crs}” is no coordinate system of maps: write, for example, EPSG:9210."), crs=code[:40])
    return crs


def _name(declared: str | None) -> str:
    """Return a code for what the file says, WKT where it has none, nothing where it cannot be understood."""
    if not declared:
        return ""
    try:
        crs = CRS.from_wkt(declared)
    except CRSError:
        return ""
    code = crs.to_epsg(min_confidence=70)
    return f"EPSG:{code}" if code else declared
