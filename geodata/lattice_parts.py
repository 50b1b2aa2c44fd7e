"""Lay a lattice of local connectors inside the wards, and join corridors to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.corridor_parts import built_up
from geodata.streetparts import ALLOW, EDGE_COLUMNS, StreetParts

if TYPE_CHECKING:
    from numpy.typing import NDArray

# ids of lattice nodes tell their place: -(10**9 + column * 10**5 + row), negative like those of corridors
FIRST_ID = 10**9
COLUMN_STEP = 10**5


def lattice_parts(wards: gpd.GeoDataFrame, *, lattice_m: float, local_kmh: float, local_detour: float) -> StreetParts:
    """Return the lattice of local connectors: points every `lattice_m` inside the wards, tied to their four neighbours.

    The points lie on whole multiples of `lattice_m` in the CRS of the wards, so that they stay where they are when an
    outline changes. A connector that leaves the union of the outlines anywhere, however short, is left out: the edge of
    the province is a river in the west and in the east.

    Parameters
    ----------
    wards
        Polygons with name_vi, in a projected CRS.
    lattice_m
        Distance of the points, metres.
    local_kmh
        Speed of motor vehicles on connectors.
    local_detour
        Length of a connector over the distance of its ends.
    """
    area = province(wards)
    shapely.prepare(area)
    low_x, low_y, high_x, high_y = shapely.bounds(area)
    columns = np.arange(np.ceil(low_x / lattice_m), np.floor(high_x / lattice_m) + 1, dtype=np.int64)
    rows = np.arange(np.ceil(low_y / lattice_m), np.floor(high_y / lattice_m) + 1, dtype=np.int64)
    column, row = (grid.ravel() for grid in np.meshgrid(columns, rows))
    xy = np.column_stack([column, row]) * lattice_m
    inside = shapely.intersects_xy(area, xy[:, 0], xy[:, 1])
    column, row, xy = column[inside], row[inside], xy[inside]
    ids = -(FIRST_ID + column * COLUMN_STEP + row)
    nodes = pd.DataFrame({"x": xy[:, 0], "y": xy[:, 1]}, index=pd.Index(ids, name="node"))

    ends = []
    for step in (COLUMN_STEP, 1):
        neighbour = nodes.index.get_indexer(ids - step)
        here = np.flatnonzero(neighbour >= 0)
        ends.append(np.column_stack([here, neighbour[here]]))
    pairs = np.vstack(ends)
    pairs = pairs[shapely.covers(area, shapely.linestrings(xy[pairs]))]
    return StreetParts(nodes, _connectors(xy[pairs], ids[pairs], wards, local_kmh, local_detour))


def join_parts(
    corridors: StreetParts,
    lattice: StreetParts,
    wards: gpd.GeoDataFrame,
    *,
    join_m: float,
    local_kmh: float,
    local_detour: float,
) -> StreetParts:
    """Return connectors from corridor nodes to the lattice: each to the nearest point that it sees within `join_m`.

    A node joins where it lies inside the wards and an ordinary road runs through it; the nodes of expressways do not,
    except a vertex that they share with such a road. Joins stay inside the wards like all connectors.
    """
    streets = corridors.streets
    ordinary = streets[~streets["highway"].isin(["motorway", "motorway_link"])]
    joining = np.unique(ordinary[["u", "v"]].to_numpy())[::-1]
    area = province(wards)
    shapely.prepare(area)
    from_xy, site_xy = corridors.xy(joining), lattice.nodes[["x", "y"]].to_numpy(dtype=float)
    sites = shapely.STRtree(gpd.points_from_xy(*site_xy.T))
    near, site = sites.query(shapely.points(from_xy), predicate="dwithin", distance=join_m)
    lines = shapely.linestrings(np.stack([from_xy[near], site_xy[site]], axis=1))
    pairs = pd.DataFrame({"near": near, "site": site, "distance": shapely.length(lines)})
    pairs = pairs[np.asarray(shapely.covers(area, lines)) & (pairs["distance"] > 0)]
    # of two lattice points at one distance the one that stands first: builds must be equal
    nearest = pairs.sort_values(by=["near", "distance", "site"]).drop_duplicates("near")
    ends = np.column_stack([joining[nearest["near"]], lattice.nodes.index.to_numpy()[nearest["site"]]])
    ends_xy = np.stack([corridors.xy(ends[:, 0]), lattice.xy(ends[:, 1])], axis=1)
    nodes = pd.concat([corridors.nodes.loc[ends[:, 0]], lattice.nodes.loc[np.unique(ends[:, 1])]])
    return StreetParts(nodes, _connectors(ends_xy, ends, wards, local_kmh, local_detour))


def province(wards: gpd.GeoDataFrame) -> shapely.Geometry:
    """Return the union of the ward outlines as it is.

    Where neighbours do not share every vertex it has gaps a few metres wide; they cost 2 of 21,000 connectors, and what
    stays inside is certain to.
    """
    whole: shapely.Geometry = shapely.union_all(wards.geometry.to_numpy())
    return whole


def _connectors(
    ends_xy: NDArray[np.float64],
    ends: NDArray[np.int64],
    wards: gpd.GeoDataFrame,
    local_kmh: float,
    local_detour: float,
) -> pd.DataFrame:
    """Return straight local streets between given ends, (n, 2, 2) metres and (n, 2) node ids."""
    streets = pd.DataFrame(
        {
            "u": ends[:, 0],
            "v": ends[:, 1],
            "length": np.hypot(*(ends_xy[:, 1] - ends_xy[:, 0]).T) * local_detour,
            "highway": "local",
            "name": "",
            "kind": "lattice",
            "maxspeed_kmh": np.nan,
            "free_kmh": local_kmh,
            "lanes": np.nan,
            "divided": False,
            "built_up": built_up(ends_xy.mean(axis=1), wards),
            "source_id": "",
        }
    )
    return streets.assign(**dict.fromkeys(ALLOW, True))[list(EDGE_COLUMNS)]
