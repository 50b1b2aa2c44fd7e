"""Compile a street graph to arrays, and refuse one that cannot be travelled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from zoning.errors import NetworkError
from zoning.reach.attributes import attribute_frame
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    import networkx as nx
    import pandas as pd
    from numpy.typing import NDArray


@dataclass(frozen=True)
class EdgeTable:
    """The arrays of a street graph: nodes in the graph's node order, edges in its edge order.

    `xy` holds the vertices of all edges end to end, (p, 2) metres, each edge running from u to v; edge i has the
    vertices `offsets[i]:offsets[i + 1]`.
    """

    crs: CRS
    node_ids: NDArray[Any]
    node_xy: NDArray[np.float64]
    u: NDArray[np.intp]
    v: NDArray[np.intp]
    key: NDArray[Any]
    length_m: NDArray[np.float64]
    seconds: NDArray[np.float64]
    xy: NDArray[np.float64]
    offsets: NDArray[np.intp]
    attributes: pd.DataFrame


def compile_graph(graph: nx.MultiDiGraph) -> EdgeTable:
    """Turn a projected street graph into arrays.

    Parameters
    ----------
    graph
        An nx.MultiDiGraph with `graph["crs"]` (projected, metres), nodes with x and y, edges with length (m),
        travel_time (s, inf = closed) and, if curved, geometry (LineString from u to v).

    Raises
    ------
    NetworkError
        If the CRS is missing or not projected in metres, the graph has no edges, or any coordinate, length or
        travel time is missing or impossible; the message says how many.
    """
    if not (getattr(graph, "is_multigraph", bool)() and graph.is_directed()):
        raise NetworkError(N_("A network is made of a directed street graph (MultiDiGraph); this is something else."))
    crs = projected_crs(graph.graph.get("crs"))
    if graph.number_of_edges() == 0:
        raise NetworkError(N_("The street graph has no streets: there is nothing to travel on."))

    nodes = list(graph.nodes)
    node_xy = np.column_stack(
        [_numbers((graph.nodes[n].get(axis) for n in nodes), what=f"node {axis}") for axis in ("x", "y")]
    )
    index = {node: i for i, node in enumerate(nodes)}
    triples = list(graph.edges(keys=True, data=True))
    u = np.fromiter((index[t[0]] for t in triples), dtype=np.intp, count=len(triples))
    v = np.fromiter((index[t[1]] for t in triples), dtype=np.intp, count=len(triples))
    data: list[dict[str, Any]] = [t[3] for t in triples]
    length_m = _numbers((d.get("length") for d in data), what="length", minimum=0.0)
    seconds = checked_seconds([d.get("travel_time") for d in data], len(data))
    xy, offsets = _vertices([d.get("geometry") for d in data], node_xy[u], node_xy[v])
    return EdgeTable(
        crs=crs,
        node_ids=label_array(nodes),
        node_xy=node_xy,
        u=u,
        v=v,
        key=label_array([t[2] for t in triples]),
        length_m=length_m,
        seconds=seconds,
        xy=xy,
        offsets=offsets,
        attributes=attribute_frame(data),
    )


def projected_crs(crs: object) -> CRS:
    """Return `crs` as a pyproj CRS; NetworkError if it is missing, unknown or not projected in metres."""
    if crs is None:
        raise NetworkError(N_("The street graph names no coordinate system (graph['crs'] is missing)."))
    try:
        known = CRS.from_user_input(crs)
    except CRSError as error:
        raise NetworkError(N_("The coordinate system of the street graph is not known: {crs}."), crs=crs) from error
    if not known.is_projected or any(axis.unit_name != "metre" for axis in known.axis_info):
        raise NetworkError(
            N_("A network needs a projected coordinate system in metres; {crs} is not one. Project the graph first."),
            crs=known.name,
        )
    return known


def checked_seconds(values: object, count: int) -> NDArray[np.float64]:
    """Return travel times in seconds as an array of `count` floats, inf meaning closed; NetworkError otherwise."""
    seconds = _numbers(values, what="travel_time", minimum=0.0, closed=True)  # type: ignore[arg-type]
    if seconds.shape != (count,):
        raise NetworkError(
            N_("Travel times must be one number an edge: {found} were given for {count} edges."),
            found=seconds.size,
            count=count,
        )
    return seconds


def label_array(labels: Sequence[Hashable]) -> NDArray[Any]:
    """Hold node ids or edge keys in an array: of int64 where all are whole numbers, else of objects."""
    if all(type(label) is int or isinstance(label, np.integer) for label in labels):
        try:
            return np.array(labels, dtype=np.int64)
        except OverflowError:
            pass
    array = np.empty(len(labels), dtype=object)
    array[:] = labels
    return array


def _numbers(
    values: Iterable[object], *, what: str, minimum: float = -np.inf, closed: bool = False
) -> NDArray[np.float64]:
    """Return `values` as floats; NetworkError with the count of those that are missing or impossible."""
    held = np.asarray(values) if hasattr(values, "__array__") else list(values)
    try:
        array = np.asarray(held)
    except ValueError:  # ragged: some values are lists
        array = np.empty(0, dtype=object)
    if array.dtype.kind not in "iuf":
        array = np.array([_number(value) for value in held], dtype=np.float64)
    array = array.astype(np.float64)
    bad = np.isnan(array) | (array < minimum) | (np.isinf(array) & ~(closed & (array > 0)))
    if bad.any():
        raise NetworkError(
            N_("The network cannot be used: {what} is missing, negative or not a number in {count} of {total} cases."),
            what=what,
            count=int(bad.sum()),
            total=array.size,
        )
    return array


def _number(value: object) -> float:
    is_number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    return float(value) if is_number else np.nan  # type: ignore[arg-type]


def _vertices(
    geometries: list[Any], start_xy: NDArray[np.float64], end_xy: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return the vertices of every edge from u to v: its geometry where it has one, else the straight line."""
    lines = np.empty(len(geometries), dtype=object)
    # frames that were turned into graphs hold NaN where there is no geometry
    lines[:] = [None if isinstance(g, float) and np.isnan(g) else g for g in geometries]
    given = np.array([g is not None for g in lines], dtype=bool)
    curved = np.zeros(lines.shape, dtype=bool)
    if np.all(shapely.is_geometry(lines[given])):
        curved[given] = shapely.get_type_id(lines[given]) == shapely.GeometryType.LINESTRING
    if not np.all(curved[given]) or np.any(shapely.is_empty(lines[given])):
        raise NetworkError(N_("Some edges have a geometry that is not a line."))
    counts = np.where(curved, shapely.get_num_coordinates(lines), 2)
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.intp)
    xy = np.empty((offsets[-1], 2))
    straight = ~curved
    xy[offsets[:-1][straight]] = start_xy[straight]
    xy[offsets[:-1][straight] + 1] = end_xy[straight]
    xy[np.repeat(curved, counts)] = shapely.get_coordinates(lines[curved])
    if not np.isfinite(xy).all():
        raise NetworkError(N_("Some edges have a geometry with coordinates that are not numbers."))
    return _run_forward(xy, offsets, start_xy, end_xy), offsets


def _run_forward(
    xy: NDArray[np.float64],
    offsets: NDArray[np.intp],
    start_xy: NDArray[np.float64],
    end_xy: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Turn round the geometries that run from v to u: osmnx leaves such after some conversions."""
    first, last = xy[offsets[:-1]], xy[offsets[1:] - 1]
    gap = _distance(first, start_xy) + _distance(last, end_xy)
    for edge in np.flatnonzero(_distance(first, end_xy) + _distance(last, start_xy) + 1e-6 < gap):
        xy[offsets[edge] : offsets[edge + 1]] = xy[offsets[edge] : offsets[edge + 1]][::-1].copy()
    return xy


def _distance(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.hypot(a[:, 0] - b[:, 0], a[:, 1] - b[:, 1]))
