"""Add streets to a network: a small patch beside its arrays, which stay as they are.

The frame of new streets has one row a street and these columns:

- `geometry`: a LineString in the network's CRS, in the direction of travel;
- `seconds`: the time to travel it, 0 or more (infinite = closed);
- `both_ways` (optional, default true): whether it is an edge in the other direction too;
- `seconds_back` (optional): the time for that direction, where it differs;
- `length_m` (optional): its length, where it is not that of the line;
- `from_edge`, `to_edge` (optional): the edge (row of `network.edges`) that an end joins, where it must not simply be
  the nearest: an interchange joins two streets that cross at one point;
- any attribute of `zoning.reach.attributes` (`highway`, `name`, …); `speed_source` is "scenario" where not given.

An end joins the node within 1 mm of it; else the nearest street within `join_m`, whose own node it becomes if that is
as near, and which is else divided there; else the end of another new street; else it is a dead end. Streets that cross
without an end of one of them pass over each other. The new edges follow the old ones in `network.edges`: row by row,
each with its other direction right behind it.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from zoning.errors import NetworkError
from zoning.reach.attributes import KNOWN, categorical, column
from zoning.reach.costs import Costs
from zoning.reach.joints import Joints, join_ends
from zoning.reach.layout import Arcs, Junctions, Layout
from zoning.reach.snap import NodeIndex, StreetIndex
from zoning.reach.streets import Streets
from zoning.reach.table import checked_seconds, label_array
from zoning.text import N_

if TYPE_CHECKING:
    from numpy.typing import NDArray

SOURCE = "scenario"


def add_edges(
    costs: Costs, speed_source: pd.Categorical | None, frame: pd.DataFrame, join_m: float
) -> tuple[Costs, pd.Categorical | None]:
    """Return costs and speed sources of the network with the streets of `frame`; see the module for its columns.

    Raises
    ------
    NetworkError
        If a column is missing, a line is no LineString in the network's CRS, or a time or length is impossible.
    """
    layout = costs.layout
    lines = _lines(frame, layout)
    count = lines.size
    both = _truths(frame, "both_ways")
    ahead = checked_seconds(frame.get("seconds", pd.Series([None] * count)).tolist(), count)
    back = ahead
    if "seconds_back" in frame:
        given = frame["seconds_back"].notna().to_numpy()
        back = np.where(given, checked_seconds(frame["seconds_back"].where(given, 0.0).tolist(), count), ahead)
    length_m = shapely.length(lines)
    if "length_m" in frame:
        length_m = checked_seconds(frame["length_m"].tolist(), count)

    streets, row, reverse = _with_streets(layout.streets, lines, length_m, both)
    index = StreetIndex(streets, layout.street_count, layout.street_count + count)
    joints = join_ends(layout, index, _edge_choice(frame, layout), join_m)
    u = np.where(reverse, joints.end[row], joints.start[row])
    v = np.where(reverse, joints.start[row], joints.end[row])
    seconds = np.concatenate([costs.edge_seconds, np.where(reverse, back[row], ahead[row])])
    attributes = _attributes(frame, row)
    extended = _extended(layout, streets, index, joints, (u, v, length_m[row]), attributes)
    kept_open = costs.kept_open
    if kept_open is not None:
        kept_open = np.append(kept_open, np.ones(count, dtype=bool))
    if speed_source is not None:
        both_parts = [speed_source, categorical(attributes["speed_source"])]
        speed_source = pd.api.types.union_categoricals(both_parts, sort_categories=True)
    return Costs(extended, seconds, kept_open), speed_source


def _extended(
    layout: Layout,
    streets: Streets,
    index: StreetIndex,
    joints: Joints,
    edges: tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]],
    attributes: pd.DataFrame,
) -> Layout:
    """Return the layout with new edges (u, v, length) on new streets, and the arcs where these divide old ones."""
    u, v, length_m = edges
    node_xy = np.vstack([layout.node_xy, joints.node_xy])
    junctions = Junctions(
        np.concatenate([layout.junctions.street, joints.street]),
        np.concatenate([layout.junctions.share, joints.share]),
        np.concatenate([layout.junctions.node, joints.node]),
    )
    longer = replace(
        layout,
        node_ids=_with_ids(layout.node_ids, len(joints.node_xy)),
        node_xy=node_xy,
        u=np.concatenate([layout.u, u]),
        v=np.concatenate([layout.v, v]),
        key=_with_keys(layout, u, v),
        length_m=np.concatenate([layout.length_m, length_m]),
        streets=streets,
        attribute_parts=(*layout.attribute_parts, attributes),
        junctions=junctions,
        street_layers=(*layout.street_layers, index),
        node_layers=layout.node_layers,
        base=layout,
        surfaces={},
        lock=threading.Lock(),
    )
    if len(joints.node_xy):
        nodes = NodeIndex(node_xy, layout.node_count, len(node_xy))
        longer = replace(longer, node_layers=(*layout.node_layers, nodes))
    whole = Arcs(u, v, np.arange(u.size) + layout.u.size, np.zeros(u.size), np.ones(u.size))
    parts = (layout.arcs, whole, _stretches(longer, np.unique(joints.street)))
    fields = (np.concatenate([getattr(part, name) for part in parts]) for name in Arcs.__dataclass_fields__)
    return replace(longer, arcs=Arcs(*fields))


def _stretches(layout: Layout, divided: NDArray[np.intp]) -> Arcs:
    """Return the arcs between neighbouring stops on each of the `divided` streets, in the directions that it has."""
    inside = layout.junctions
    here = np.isin(inside.street, divided)
    none, whole = np.zeros(divided.size), np.ones(divided.size)
    street = np.concatenate([divided, divided, inside.street[here]])
    share = np.concatenate([none, whole, inside.share[here]])
    node = np.concatenate([layout.first_node[divided], layout.last_node[divided], inside.node[here]])
    order = np.lexsort((node, share, street))
    street, share, node = street[order], share[order], node[order]
    low = np.flatnonzero(street[1:] == street[:-1])  # each stop with the next on its street
    street, start, span = street[low], share[low], share[low + 1] - share[low]
    one, other = node[low], node[low + 1]
    back = np.flatnonzero(layout.backward_edge[street] >= 0)
    return Arcs(
        start=np.concatenate([one, other[back]]),
        end=np.concatenate([other, one[back]]),
        edge=np.concatenate([layout.forward_edge[street], layout.backward_edge[street[back]]]),
        start_share=np.concatenate([start, 1 - share[low + 1][back]]),
        span=np.concatenate([span, span[back]]),
    )


def _lines(frame: pd.DataFrame, layout: Layout) -> NDArray[np.object_]:
    if "geometry" not in frame:
        raise NetworkError(N_("New streets need a line each: there is no column geometry."))
    crs = frame.crs if isinstance(frame, gpd.GeoDataFrame) else None
    if crs is not None and crs != layout.crs:
        raise NetworkError(
            N_("The new streets are in {given}, the network is in {expected}: convert them first."),
            given=crs.name,
            expected=layout.crs.name,
        )
    lines = np.asarray(frame["geometry"], dtype=object)
    good = shapely.get_type_id(lines) == shapely.GeometryType.LINESTRING
    good[good] = ~shapely.is_empty(lines[good]) & np.isfinite(shapely.bounds(lines[good])).all(axis=1)
    if not good.all():
        raise NetworkError(
            N_("{count} of the new streets have no usable line (one LineString each, with real coordinates)."),
            count=int((~good).sum()),
        )
    return np.asarray(shapely.force_2d(lines))


def _with_streets(
    streets: Streets, lines: NDArray[np.object_], length_m: NDArray[np.float64], both: NDArray[np.bool_]
) -> tuple[Streets, NDArray[np.intp], NDArray[np.bool_]]:
    """Return the streets with new ones, and for each new edge its row and whether it runs against the line."""
    row = np.repeat(np.arange(lines.size), np.where(both, 2, 1))
    reverse = np.concatenate([[False], row[1:] == row[:-1]])
    ends = streets.offsets[-1] + np.cumsum(shapely.get_num_coordinates(lines))
    longer = Streets(
        xy=np.vstack([streets.xy, shapely.get_coordinates(lines)]),
        offsets=np.concatenate([streets.offsets, ends]).astype(np.intp),
        length_m=np.concatenate([streets.length_m, length_m]),
        street_of_edge=np.concatenate([streets.street_of_edge, streets.length_m.size + row]),
        reversed_edge=np.concatenate([streets.reversed_edge, reverse]),
    )
    return longer, row, reverse


def _edge_choice(frame: pd.DataFrame, layout: Layout) -> NDArray[np.intp]:
    """Return the street that each end must join, (rows, 2), -1 where it is free to join what is nearest."""
    chosen = np.full((len(frame), 2), -1, dtype=np.intp)
    for side, name in enumerate(("from_edge", "to_edge")):
        if name not in frame:
            continue
        edges = pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        given = frame[name].notna().to_numpy()
        asked = edges[given]
        if not ((asked >= 0) & (asked < layout.u.size) & (asked == np.floor(asked))).all():
            raise NetworkError(N_("A new street is to join an edge that the network does not have."))
        chosen[given, side] = layout.streets.street_of_edge[edges[given].astype(np.intp)]
    return chosen


def _truths(frame: pd.DataFrame, name: str) -> NDArray[np.bool_]:
    values = frame[name].tolist() if name in frame else [None] * len(frame)
    return np.array([True if pd.isna(value) else bool(value) for value in values], dtype=bool)


def _attributes(frame: pd.DataFrame, row: NDArray[np.intp]) -> pd.DataFrame:
    columns: dict[str, Any] = {}
    for name in KNOWN:
        values = frame[name].tolist() if name in frame else [None] * len(frame)
        if name == "speed_source":
            values = [SOURCE if value is None else value for value in values]
        if any(value is not None for value in values):
            columns[name] = column(name, values)[row]
    return pd.DataFrame(columns, index=pd.RangeIndex(row.size))


def _with_ids(ids: NDArray[Any], count: int) -> NDArray[Any]:
    """Return node ids with new ones: negative numbers as OpenStreetMap has for new things, or names."""
    if ids.dtype != object:
        return np.concatenate([ids, min(0, int(ids.min())) - 1 - np.arange(count)])
    taken = set(ids.tolist())
    number = 0
    new: list[str] = []
    while len(new) < count:
        number += 1
        if f"new-{number}" not in taken:
            new.append(f"new-{number}")
    return label_array([*ids.tolist(), *new])


def _with_keys(layout: Layout, u: NDArray[np.intp], v: NDArray[np.intp]) -> NDArray[Any]:
    """Return edge keys with new ones, each free between its nodes."""
    new: list[int] = []
    taken: dict[tuple[int, int], set[Any]] = {}
    # a few hundred pairs are looked for: not among all edges each time
    from_here = np.zeros(max(layout.node_count, int(u.max(initial=0)) + 1), dtype=bool)
    from_here[u] = True
    rows = np.flatnonzero(from_here[layout.u])
    old_u, old_v, old_key = layout.u[rows], layout.v[rows], layout.key[rows]
    for pair in zip(u.tolist(), v.tolist(), strict=True):
        if pair not in taken:
            taken[pair] = set(old_key[(old_u == pair[0]) & (old_v == pair[1])].tolist())
        key = next(number for number in range(len(taken[pair]) + 1) if number not in taken[pair])
        taken[pair].add(key)
        new.append(key)
    return (
        label_array([*layout.key.tolist(), *new]) if layout.key.dtype == object else np.concatenate([layout.key, new])
    )
