"""Draw catchments: what can be reached within some minutes, as rings that state their own error."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from geopandas.array import from_shapely

from zoning.errors import InputError
from zoning.reach.rings import rings
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyproj import CRS

    from zoning.reach.check import Points
    from zoning.reach.network import TravelNetwork
    from zoning.reach.rings import Ring

LONGEST_MIN = 240.0  # a longer limit is a slip of the keyboard, or a question for another tool
MOST_RINGS = 24
WALK_OFF_M = (20.0, 1000.0)  # less is narrower than a city block and dear to compile, more is no walk from the street
METHOD = N_(
    "reach along streets, widened by {walk_off_m:g} m; drawn on a lattice of {step_m:.3g} m, checked at {points} points"
)


def catchment(
    network: TravelNetwork,
    origins: Points,
    minutes: Iterable[float] | float,
    arrive: bool = False,  # noqa: FBT001, FBT002 - a door of the design
    walk_off_m: float | None = None,
) -> gpd.GeoDataFrame:
    """Return the catchment of some points: one ring for each limit, smallest first.

    Reach is computed along every street from both ends and cut where the limit falls; a ring is that reach widened by
    the walk-off, holes kept. Every ring lies in the next one. Several origins make one merged catchment: the nearest
    counts.

    Parameters
    ----------
    network
        The network as one mode travels it.
    origins
        GeoSeries of points in the network's CRS, or a sequence of points.
    minutes
        Limits in minutes, each above 0 and at most 240, itself included; sorted here, a limit given twice drawn once.
    arrive
        What can reach the points, instead of what they can reach.
    walk_off_m
        How far from a reached street the ground counts as reached, 20 to 1,000 metres; None for the network's own.

    Returns
    -------
    geopandas.GeoDataFrame
        In the network's CRS: minutes, area_ha, reachable_km (a street mapped in both directions counted once),
        missed_pct, false_pct (the certificate: see `zoning.reach.certificate`), method, geometry.

    Raises
    ------
    InputError
        If a limit, the walk-off or an origin is not usable.
    OffNetworkError
        If an origin lies farther from the network than its mode may be snapped.
    NetworkError
        If nothing is reached: never a shape.
    """
    limits = checked_minutes(minutes)
    walk_off = checked_walk_off(network.walk_off_m if walk_off_m is None else walk_off_m)
    reaches = network.street_reach(origins, limits, arrive)
    drawn = rings(network.surface(walk_off).opened(network.costs.passable), reaches)
    return ring_frame(limits, drawn, walk_off, network.crs)


def ring_frame(limits: Sequence[float], drawn: Sequence[Ring], walk_off_m: float, crs: CRS) -> gpd.GeoDataFrame:
    """Return rings, one a limit, as the frame that `catchment` describes."""
    columns = pd.DataFrame(
        {
            "minutes": limits,
            "area_ha": [ring.area_ha for ring in drawn],
            "reachable_km": [ring.reachable_km for ring in drawn],
            "missed_pct": [ring.missed_pct for ring in drawn],
            "false_pct": [ring.false_pct for ring in drawn],
            "method": [
                METHOD.format(walk_off_m=walk_off_m, step_m=ring.step_m, points=ring.sample_points) for ring in drawn
            ],
            # with its CRS from the start: setting it later copies the frame, some milliseconds each time
            "geometry": from_shapely([ring.geometry for ring in drawn], crs=crs),
        }
    )
    # by way of pandas and with its geometry named: geopandas alone takes some milliseconds to find it out
    return gpd.GeoDataFrame(columns, geometry="geometry")


def checked_minutes(minutes: Iterable[float] | float) -> list[float]:
    """Return limits in rising order, each once; InputError if there are none, too many, or one is not usable."""
    given: list[object] = list(minutes) if isinstance(minutes, Iterable) and not isinstance(minutes, str) else [minutes]
    if not given:
        raise InputError(N_("Give at least one limit in minutes."))
    limits = sorted({_checked_limit(limit) for limit in given})
    if len(limits) > MOST_RINGS:
        raise InputError(N_("At most {most} rings can be drawn at once; {count} were asked for."),
                         most=MOST_RINGS, count=len(limits))  # fmt: skip
    return limits


def _checked_limit(limit: object) -> float:
    usable = isinstance(limit, int | float | np.number) and not isinstance(limit, bool)
    if not usable or not 0 < float(limit) <= LONGEST_MIN:  # type: ignore[arg-type]
        raise InputError(
            N_("A limit must be above 0 and at most {longest:g} minutes; {limit} is not."),
            limit=limit,
            longest=LONGEST_MIN,
        )
    return float(limit)  # type: ignore[arg-type]


def checked_walk_off(walk_off_m: float) -> float:
    """Return a walk-off in metres; InputError if it is not usable."""
    low, high = WALK_OFF_M
    usable = (
        isinstance(walk_off_m, int | float | np.number)
        and not isinstance(walk_off_m, bool)
        and math.isfinite(walk_off_m)
    )
    if not usable or not low <= walk_off_m <= high:
        raise InputError(
            N_("The walk-off must be between {low:g} and {high:g} metres; {walk_off_m} is not."),
            walk_off_m=walk_off_m,
            low=low,
            high=high,
        )
    return float(walk_off_m)
