"""Spread the people of the wards over points of a network, sums kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.lattice_parts import FIRST_ID
from zoning.errors import NetworkError
from zoning.reach.demand import spread
from zoning.text import N_

if TYPE_CHECKING:
    import networkx as nx


def lattice_demand(graph: nx.MultiDiGraph, wards: gpd.GeoDataFrame, population: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return the people of the wards on the lattice points of the strategic network.

    A ward without any lattice point has its people on the node nearest to a point inside it.

    Parameters
    ----------
    graph
        Strategic network, in the CRS of the wards.
    wards
        Layer `wards_2025`: id, polygons.
    population
        Layer `population`: unit (ward id), people, and year where a unit has several rows; the latest counts. Units
        that are no ward are passed over.

    Returns
    -------
    Frame with node, unit_id, people (NaN for wards of unknown population, never 0) and points. `known_units` counts it.

    Raises
    ------
    NetworkError
        The graph has no node.
    """
    if not len(graph):
        raise NetworkError(N_("The network {name} has no street."), name=graph.graph.get("name", ""))
    ids = np.fromiter(graph.nodes, dtype=np.int64, count=len(graph))
    xy = np.array([(place["x"], place["y"]) for _, place in graph.nodes(data=True)])
    every = gpd.GeoDataFrame({"node": ids}, geometry=shapely.points(xy), crs=wards.crs)
    points = every[every["node"] <= -FIRST_ID].reset_index(drop=True)
    return spread_people(points, wards, population, elsewhere=every)


def spread_people(
    points: gpd.GeoDataFrame, wards: gpd.GeoDataFrame, population: pd.DataFrame, *, elsewhere: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Return the people of each ward, divided among the points in it: equally, or by their weight where they have one.

    Parameters
    ----------
    points
        Column node and points, in the CRS of the wards; those outside all wards are passed over. A column weight (0 or
        more, such as the metres of street that meet at a point) shares the people in proportion.
    wards, population
        As for `lattice_demand`.
    elsewhere
        Points alike, of which the nearest serves a ward that has none of its own.

    Returns
    -------
    Frame like that of `lattice_demand`, by ward in the order of `wards`, then by point; a point belongs to one ward.
    """
    places = points.geometry.to_numpy()
    at, ward = shapely.STRtree(places).query(wards.geometry.to_numpy(), predicate="intersects")[::-1]
    # a point on the line between two wards belongs to the first of them
    pairs = pd.DataFrame({"at": at, "ward": ward}).sort_values(["at", "ward"]).drop_duplicates("at")
    nodes, geometry = points["node"].to_numpy()[pairs["at"]], places[pairs["at"]]
    empty = np.setdiff1d(np.arange(len(wards)), pairs["ward"])
    if len(empty):
        inside = shapely.point_on_surface(wards.geometry.to_numpy()[empty])
        nearest = shapely.STRtree(elsewhere.geometry.to_numpy()).nearest(inside)
        nodes = np.append(nodes, elsewhere["node"].to_numpy()[nearest])
        geometry = np.append(geometry, elsewhere.geometry.to_numpy()[nearest])
    ward_of = np.append(pairs["ward"].to_numpy(), empty).astype(np.intp)
    weights = points["weight"].to_numpy(dtype=float)[pairs["at"]] if "weight" in points else np.ones(len(pairs))
    living = wards["id"].map(_people(population)).to_numpy(dtype=float)
    share = spread(living, ward_of, np.append(weights, np.ones(len(empty))))
    order = np.argsort(ward_of, kind="stable")
    return gpd.GeoDataFrame(
        {
            "node": nodes[order],
            "unit_id": wards["id"].to_numpy()[ward_of[order]],
            "people": share[order],
        },
        geometry=geometry[order],
        crs=wards.crs,
    )


def known_units(demand: gpd.GeoDataFrame) -> tuple[int, int]:
    """Return for how many units the people are known, and how many units there are: "known for 34 of 36 wards"."""
    known = demand.groupby("unit_id", sort=False)["people"].first().notna()
    return int(known.sum()), len(known)


def _people(population: pd.DataFrame) -> pd.Series:
    """Return people by unit, the latest known figure of each."""
    rows = population.assign(people=pd.to_numeric(population["people"], errors="coerce").astype(float))
    rows = rows[rows["people"].notna()]
    if "year" in rows:
        rows = rows.sort_values("year", kind="stable", na_position="first")
    return rows.drop_duplicates("unit", keep="last").set_index("unit")["people"]
