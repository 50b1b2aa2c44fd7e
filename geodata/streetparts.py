"""Hold nodes and edges of a street graph as columns, until they become a graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
import pandas as pd

from zoning.errors import NetworkError
from zoning.reach.modes import MODES, travel_costs
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

ALLOW = tuple(mode.allow for mode in MODES.values())

EDGE_COLUMNS = (
    "u",
    "v",
    "length",
    "highway",
    "name",
    "kind",
    "maxspeed_kmh",
    "free_kmh",
    "lanes",
    "divided",
    "built_up",
    *ALLOW,
    "source_id",
)
"""Columns of a street, in the order they take on the edges of the graph."""


@dataclass(frozen=True)
class StreetParts:
    """Straight streets, each once and open both ways, between numbered nodes.

    `nodes` is indexed by node id with x and y in metres; `streets` has the columns of `EDGE_COLUMNS`. Parts are what
    corridors, the lattice and the joins between them are built as, and put together with `together`.
    """

    nodes: pd.DataFrame
    streets: pd.DataFrame

    def xy(self, ids: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the positions of nodes, (n, 2) metres."""
        return self.nodes.loc[ids, ["x", "y"]].to_numpy(dtype=float)

    def lines(self) -> NDArray[np.float64]:
        """Return both ends of every street, (n, 2, 2) metres."""
        ends = [self.xy(self.streets[end].to_numpy()) for end in ("u", "v")]
        return np.stack(ends, axis=1) if len(self.streets) else np.empty((0, 2, 2))


def together(parts: Sequence[StreetParts]) -> StreetParts:
    """Return one set of parts out of several that share node ids; a node stated twice is kept once."""
    nodes = pd.concat([part.nodes for part in parts])
    filled = [part.streets for part in parts if len(part.streets)] or [parts[0].streets]
    return StreetParts(nodes[~nodes.index.duplicated()], pd.concat(filled, ignore_index=True))


def largest_part(parts: StreetParts) -> tuple[StreetParts, int]:
    """Return the largest connected piece, streets taken both ways, and how many nodes were left out."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    position = pd.Series(np.arange(len(parts.nodes)), index=parts.nodes.index)
    ends = [position.loc[parts.streets[end]].to_numpy() for end in ("u", "v")]
    links = coo_array((np.ones(len(ends[0])), ends), shape=(len(position), len(position)))
    _, label = connected_components(links, directed=False)
    keep = label == np.bincount(label).argmax()
    return (
        StreetParts(parts.nodes[keep], parts.streets[keep[ends[0]]].reset_index(drop=True)),
        int(np.count_nonzero(~keep)),
    )


def to_graph(parts: StreetParts, *, crs: str, name: str, walk_off_m: float, **notes: object) -> nx.MultiDiGraph:
    """Return parts as a projected street graph, each street as two edges, with the travel time of a car.

    Parameters
    ----------
    parts
        Streets open both ways.
    crs
        The projected CRS of the nodes, as `graph["crs"]` states it.
    name, walk_off_m
        Name of the network and how far beyond a reached street its catchments spread, metres.
    **notes
        Anything else that the graph should say of itself.

    Raises
    ------
    NetworkError
        There is no street.
    """
    if parts.streets.empty:
        raise NetworkError(N_("The network {name} has no street."), name=name)
    streets = parts.streets[list(EDGE_COLUMNS)]
    streets = streets.assign(travel_time=travel_costs(streets, MODES["car"])["seconds"].to_numpy())
    graph = nx.MultiDiGraph(crs=crs, name=name, walk_off_m=walk_off_m, **notes)
    graph.add_nodes_from(
        (node, {"x": x, "y": y})
        for node, x, y in zip(
            parts.nodes.index.tolist(), parts.nodes["x"].tolist(), parts.nodes["y"].tolist(), strict=True
        )
    )
    # three times as fast as to_dict("records"), with the same plain Python values
    names = [column for column in streets.columns if column not in ("u", "v")]
    columns = [streets[name].tolist() for name in names]
    attributes = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
    from_nodes, to_nodes = streets["u"].tolist(), streets["v"].tolist()
    graph.add_edges_from(zip(from_nodes, to_nodes, attributes, strict=True))
    graph.add_edges_from(zip(to_nodes, from_nodes, attributes, strict=True))
    return graph
