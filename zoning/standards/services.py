"""Measure who lives within the radius of a service: by straight line, and by the way along the network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from zoning.errors import UnknownLayerError
from zoning.places import travel_points
from zoning.reach.serve import placed
from zoning.supply import NOT_OPEN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from zoning.reach import TravelNetwork
    from zoning.region import Region

OWN_LAYERS: Mapping[str, tuple[str, ...]] = {
    "kindergarten": ("kindergartens", "schools"),
    "primary_school": ("schools",),
    "lower_secondary_school": ("schools",),
    "upper_secondary_school": ("schools",),
    "health_station": ("health_stations",),
    "fire_station": ("fire_stations",),
    "parking": ("parking",),
    "garden": ("green_spaces",),
    "park": ("green_spaces",),
    "playground": ("playgrounds",),
    "hospital": ("hospital_beds",),
    "petrol_station": ("petrol_stations",),
    "funeral_home": ("funeral_homes",),
}
"""Layers that a planner brings in; they count as whole, unlike the list of facilities that comes with the region."""
KINDS: Mapping[str, tuple[str, ...]] = {
    "health": ("hospital", "clinic", "health_station"),
    "culture": ("culture_centre", "sport"),
    "trade": ("market", "commerce"),
    "garden": ("garden", "park"),
    "park": ("park",),
    "stop": (),
}
"""Kinds of `facilities` that serve as a service of another name; else the kind is the service's own name."""
UNIT_SERVICES = ("kindergarten", "primary_school", "lower_secondary_school", "health_station", "market")
STEP_M = 40.0
"""Along the edge of a park, a point to walk to every so many metres."""


@dataclass(frozen=True)
class Service:
    """Where a service is given: shapes, the points that a walk to them ends at, and whether the list is whole."""

    shapes: NDArray[np.object_]
    points: gpd.GeoSeries
    whole: bool
    frame: gpd.GeoDataFrame
    layer: str = ""


def service(region: Region, name: str) -> Service | None:
    """Return the places of a service; None where no layer has any.

    A layer that a planner brought in counts as whole; of the facilities that come with the region nobody knows how many
    are missing, so that a place too far from them proves nothing. Stops count as whole: they are bus operators' lists.
    """
    if name == "stop":
        return _service(region.layer("stops"), "stops", whole=True)
    for layer in OWN_LAYERS.get(name, ()):
        try:
            frame = region.layer(layer)
        except UnknownLayerError:
            continue
        if not isinstance(frame, gpd.GeoDataFrame):
            continue
        if "kind" in frame and layer == "schools":
            frame = frame[frame["kind"].astype(str).isin([name, name.removesuffix("_school")])]
        if len(frame):
            return _service(frame, layer, whole=True)
    facilities = region.layer("facilities")
    frame = facilities[facilities["kind"].isin(KINDS.get(name, (name,)))]
    return _service(frame, "facilities", whole=False) if len(frame) else None


def _service(frame: gpd.GeoDataFrame, layer: str, *, whole: bool) -> Service | None:
    if "status" in frame:
        frame = frame[~frame["status"].isin(NOT_OPEN)]
    quality = frame["geometry_quality"] if "geometry_quality" in frame else pd.Series("edited", index=frame.index)
    ends = travel_points(frame.assign(geometry_quality=quality.fillna("edited")))
    frame = frame[ends.notna()]
    if not len(frame):
        return None
    shapes = frame.geometry.to_numpy()
    return Service(shapes, gpd.GeoSeries(_doors(shapes), crs=frame.crs), whole, frame.reset_index(drop=True), layer)


def _doors(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return points themselves, and points along the edges of areas and along lines: where a walk to them ends."""
    flat = shapely.get_dimensions(shapes) == 0
    edges = shapely.segmentize(shapely.boundary(shapes[~flat]), STEP_M)
    edges = np.where(shapely.is_empty(edges), shapes[~flat], edges)
    corners = shapely.points(shapely.get_coordinates(edges)) if len(edges) else np.empty(0, dtype=object)
    return np.concatenate([shapely.get_parts(shapes[flat]), corners])


def walking(network: TravelNetwork) -> TravelNetwork:
    """Return a network whose seconds are metres along its open streets: searches then measure ways, not times."""
    seconds = network.edges["seconds"].to_numpy()
    return network.recost(np.where(np.isfinite(seconds), network.edges["length_m"].to_numpy(), np.inf))


def distances(points: gpd.GeoSeries, places: Service, metres: TravelNetwork, limit_m: float) -> pd.DataFrame:
    """Return how far each point is from its nearest place.

    Parameters
    ----------
    points
        Where people live or work, in the CRS of the network.
    places
        Where the service is given.
    metres
        A network from `walking`.
    limit_m
        Ways that are longer than this are not looked for.

    Returns
    -------
    straight_m
        To the nearest place by straight line.
    network_m
        Along the streets, inf where no way within the limit leads there; never less than the straight line, for the
        steps to the street at both ends count as nothing.
    """
    tree = shapely.STRtree(places.shapes)
    nearest = tree.nearest(points.to_numpy())
    straight = shapely.distance(points.to_numpy(), places.shapes[nearest])
    found = placed(metres, places.points)
    network = np.full(len(points), np.inf)
    if len(found.on):
        origins = places.points.iloc[found.on]
        network = metres.minutes_at(points, origins, limit_min=limit_m / 60.0, arrive=True) * 60.0
    return pd.DataFrame({"straight_m": straight, "network_m": np.maximum(network, straight)})


@dataclass(frozen=True)
class Reach:
    """Who is within a radius: people, or points of ground where nobody is counted, and the verdict of both measures."""

    people: float
    inside_straight: float
    inside_network: float
    counted: str
    farthest_straight_m: float
    farthest_network_m: float

    @property
    def straight_pct(self) -> float:
        """Share inside by straight line, in %."""
        return 100.0 * self.inside_straight / self.people

    @property
    def network_pct(self) -> float:
        """Share inside along the network, in %."""
        return 100.0 * self.inside_network / self.people


def reach(found: pd.DataFrame, weights: NDArray[np.float64], radius_m: float, counted: str = "people") -> Reach | None:
    """Return who of `found` (see `distances`), weighted, is within a radius, itself included; None for nobody."""
    weights = np.where(np.isfinite(weights) & (weights > 0), weights, 0.0)
    total = float(weights.sum())
    if total <= 0:
        return None
    some = weights > 0
    straight, network = (found[name].to_numpy() for name in ("straight_m", "network_m"))
    return Reach(
        total,
        float(weights[straight <= radius_m].sum()),
        float(weights[network <= radius_m].sum()),
        counted,
        float(straight[some].max()),
        float(network[some].max()),
    )


def sample_points(shapes: Sequence[BaseGeometry], step_m: float) -> tuple[NDArray[np.object_], NDArray[np.intp]]:
    """Return points on a grid inside areas, at least one each, and which area each lies in."""
    points: list[NDArray[np.object_]] = []
    owner: list[int] = []
    for at, shape in enumerate(shapes):
        west, south, east, north = shape.bounds
        xs = np.arange(np.floor(west / step_m) + 0.5, np.ceil(east / step_m)) * step_m
        ys = np.arange(np.floor(south / step_m) + 0.5, np.ceil(north / step_m)) * step_m
        grid = np.atleast_1d(np.asarray(shapely.points(*(axis.ravel() for axis in np.meshgrid(xs, ys))), dtype=object))
        inside = grid[shapely.contains(shape, grid)] if len(grid) else grid
        if not len(inside):
            inside = np.array([shape.representative_point()], dtype=object)
        points.append(inside)
        owner += [at] * len(inside)
    return (np.concatenate(points) if points else np.empty(0, dtype=object)), np.asarray(owner, dtype=np.intp)
