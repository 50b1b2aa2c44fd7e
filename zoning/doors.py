"""Say where a trip to a large green space ends: at the points of its edge that streets come near."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import geopandas as gpd
import numpy as np
import shapely

from zoning.text import N_

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

GREEN_LAYERS = ("green_spaces", "parks")
GREEN_KINDS = ("park", "garden", "green", "green_space", "forest_park")
LEAST_HA = 1.0
"""A smaller one is a place like any other: to its centre it is 60 m at most."""
STEP_M = 40.0
"""Along an edge, a point to arrive at every so many metres."""
MOST_POINTS = 250
"""Of one edge: a very long one has its points farther apart."""
EDGE, CENTRE = "edge", "centre"
TIMED_TO = {EDGE: N_("the nearest point of its edge"), CENTRE: N_("its point or centre")}
METHOD = (
    f"green spaces of {LEAST_HA:g} ha and more are timed to the nearest point of their edge (every {STEP_M:g} m) or to "
    "their centre, of those within the walk-off of the network of a street, else to the one nearest to a street"
)
"""For the run record."""


class Ends(NamedTuple):
    """Where trips to places end: points, which place each is of (in order), and which places have an edge."""

    points: gpd.GeoSeries
    of: NDArray[np.intp]
    edged: NDArray[np.bool_]


def ends(shapes: gpd.GeoSeries, centres: gpd.GeoSeries, kinds: pd.Series, layer: str, quality: pd.Series) -> Ends:
    """Return where trips to places end.

    Parameters
    ----------
    shapes
        The places as their layer has them, in a CRS of metres.
    centres
        The point of each that counts where it has no edge of its own.
    kinds, layer
        Kind of each place, and the layer they are of: only green is entered at its edge.
    quality
        How well each is drawn: the edge of a schematic or approximate one is not its edge.
    """
    outlines = shapes.to_numpy()
    areas = np.where(shapely.is_missing(outlines), 0.0, shapely.area(outlines))
    green = np.full(len(outlines), layer in GREEN_LAYERS) | kinds.astype(str).isin(GREEN_KINDS).to_numpy()
    drawn = ~quality.astype(str).isin(("schematic", "approximate", "none")).to_numpy()
    edged = green & drawn & (areas >= LEAST_HA * 1e4) & centres.notna().to_numpy()
    points: list[NDArray[np.object_]] = []
    for at, (shape, centre) in enumerate(zip(outlines, centres.to_numpy(), strict=True)):
        own = np.array([centre], dtype=object)
        # who lives on a street inside it is there already: its centre stays a way in
        points.append(np.concatenate([own, _edge(shape)]) if edged[at] else own)
    of = np.repeat(np.arange(len(outlines), dtype=np.intp), [len(one) for one in points])
    flat = np.concatenate(points) if points else np.empty(0, dtype=object)
    return Ends(gpd.GeoSeries(flat, crs=shapes.crs), of, edged)


def _edge(shape: shapely.Geometry) -> NDArray[np.object_]:
    """Return points along the outer rings of an area."""
    rings = shapely.get_exterior_ring(shapely.get_parts(shape))
    step = max(STEP_M, float(shapely.length(rings).sum()) / MOST_POINTS)
    xy = np.unique(shapely.get_coordinates(shapely.segmentize(rings, step)), axis=0)
    return np.asarray(shapely.points(xy))
