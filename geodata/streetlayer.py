"""Hold a street graph as a layer, each street once, and make the graph from the layer again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import shapely

from geodata.osm import NAME, WALK_OFF_M
from geodata.osmtags import MODES
from zoning.reach.modes import CAR, travel_costs

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ENDS = ["u", "v", "key"]
_TEXTS = ["highway", "name", "kind", "source_id"]
_NUMBERS = ["length", "maxspeed_kmh", "free_kmh", "lanes"]
_ALLOW = [f"allow_{mode}" for mode in MODES]
_FLAGS = ["divided", "built_up", *_ALLOW]


def streets_layer(graph: nx.MultiDiGraph) -> gpd.GeoDataFrame:
    """Return a street graph as a layer, each street once, with its line from u to v.

    Columns: id, names, u, v, key and the attributes of the network schema. `open_back` says that there is an edge from
    v to u too, `key_back` is its key, and other columns in `_back` are its own: speed limit and who may use it.
    """
    rows = [{"u": u, "v": v, "key": key, **data} for u, v, key, data in graph.edges(keys=True, data=True)]
    edges = pd.DataFrame(rows)
    edges["geometry"] = _lines(graph, edges)
    forward, backward = _paired(edges)
    table = edges.iloc[forward].reset_index(drop=True)
    back = edges.iloc[np.maximum(backward, 0)].reset_index(drop=True)
    two_way = backward >= 0
    columns = {
        "id": [f"{u}_{v}_{key}" for u, v, key in zip(table.u, table.v, table.key, strict=True)],
        "name_vi": table["name"],
        "name_en": "",
        **{column: table[column] for column in (*_ENDS, *_TEXTS, *_NUMBERS, *_FLAGS)},
        "open_back": two_way,
        "key_back": np.where(two_way, back["key"], 0),
        "maxspeed_kmh_back": np.where(two_way, back["maxspeed_kmh"], np.nan),
        **{f"{column}_back": back[column] & two_way for column in _ALLOW},
        "geometry_quality": "osm",
        "sources": "openstreetmap.org",
    }
    return gpd.GeoDataFrame(columns, geometry=table["geometry"].to_numpy(), crs=graph.graph["crs"])


def _lines(graph: nx.MultiDiGraph, edges: pd.DataFrame) -> NDArray[np.object_]:
    """Return the line of each edge, also of the straight ones."""
    ends = [np.array([(graph.nodes[n]["x"], graph.nodes[n]["y"]) for n in edges[end]]) for end in ("u", "v")]
    lines: NDArray[np.object_] = np.array(shapely.linestrings(np.stack(ends, axis=1)), dtype=object)
    if "geometry" in edges:
        curved = edges["geometry"].notna().to_numpy()
        lines[curved] = edges["geometry"].to_numpy()[curved]
    return lines


def _paired(edges: pd.DataFrame) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the rows of the streets, and of the edge that runs back along each, -1 where there is none.

    Two edges are one street where they run along one line in opposite senses; the first in the graph leads.
    """
    line = edges["geometry"].to_numpy()
    low, high = np.minimum(edges.u, edges.v), np.maximum(edges.u, edges.v)
    # an edge and its way back have all these in common to the last bit; what else does is a twin beside it
    marks = pd.DataFrame(shapely.bounds(line)).assign(
        low=low, high=high, points=shapely.get_num_points(line), highway=edges["highway"], name=edges["name"]
    )
    street = marks.groupby(list(marks.columns), sort=False).ngroup().to_numpy()
    reverse = (edges.u > edges.v).to_numpy(copy=True)
    loop = (edges.u == edges.v).to_numpy()
    turn = pd.Series(street[loop]).groupby(street[loop]).cumcount().to_numpy()
    reverse[loop] = turn % 2 == 1
    # several edges along one line, each with its own way back: the first with the first, as they stand
    nth = pd.Series(street).groupby([street, reverse]).cumcount().to_numpy()
    table = pd.DataFrame({"street": street, "nth": nth, "reverse": reverse, "row": np.arange(len(edges))})
    pairs = table.pivot_table(index=["street", "nth"], columns="reverse", values="row", aggfunc="first")
    pairs = pairs.reindex(columns=[False, True])
    lead = pairs.min(axis=1).to_numpy().astype(np.intp)
    other = np.where(pairs.notna().all(axis=1), pairs.max(axis=1), -1).astype(np.intp)
    order = np.argsort(lead)
    return lead[order], other[order]


def layer_graph(frame: gpd.GeoDataFrame) -> nx.MultiDiGraph:
    """Return the street graph that a layer holds: the inverse of `streets_layer`, both directions of each street."""
    ahead = pd.DataFrame(frame.drop(columns="geometry")).assign(geometry=frame.geometry.to_numpy())
    back = ahead[ahead["open_back"].astype(bool)]
    back = back.assign(
        u=back["v"],
        v=back["u"],
        key=back["key_back"],
        maxspeed_kmh=back["maxspeed_kmh_back"],
        geometry=shapely.reverse(back["geometry"].to_numpy()),
        **{column: back[f"{column}_back"] for column in _ALLOW},
    )
    table = pd.concat([ahead, back]).sort_index(kind="stable").reset_index(drop=True)
    table = table.astype(dict.fromkeys(_NUMBERS, float) | dict.fromkeys(_FLAGS, bool) | dict.fromkeys(_ENDS, np.int64))
    table[_TEXTS] = table[_TEXTS].astype(object).fillna("")
    table["travel_time"] = travel_costs(table, CAR)["seconds"]
    lines = table["geometry"].to_numpy()
    graph = nx.MultiDiGraph(crs=frame.crs, name=NAME, walk_off_m=WALK_OFF_M, simplified=True)
    for end, place in (("u", 0), ("v", -1)):
        points = shapely.get_point(lines, place)
        places = zip(table[end].tolist(), shapely.get_x(points).tolist(), shapely.get_y(points).tolist(), strict=True)
        graph.add_nodes_from((node, {"x": x, "y": y}) for node, x, y in places)
    records = table[["length", "travel_time", *_TEXTS, *_NUMBERS[1:], *_FLAGS]].to_dict("records")
    curved = shapely.get_num_points(lines) > 2
    for u, v, key, record, line, bent in zip(
        table.u.tolist(), table.v.tolist(), table.key.tolist(), records, lines, curved.tolist(), strict=True
    ):
        graph.add_edge(u, v, key=key, **(record | {"geometry": line} if bent else record))
    return graph
