"""Turn corridor lines into streets: noded at shared vertices, duplicates merged, cut into short pieces."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from geodata.streetparts import ALLOW, EDGE_COLUMNS, StreetParts
from zoning.errors import NetworkError
from zoning.text import N_

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

ROAD_MODES = ("road", "expressway")
# higher classes first: of two corridors on one stretch the higher class is kept
CLASS_ORDER = ("motorway", "trunk", "primary", "secondary", "tertiary", "unclassified")
CLOSED_TO_SLOW = ("allow_walk", "allow_bicycle", "allow_motorbike")  # not on motorways: TRV-011
DUAL_CLASSES = ("motorway", "trunk", "primary")
DUAL_LANES = 4
# network_check.md 1.5: a free speed of 60 is the legal limit of a built-up dual carriageway, 90 of one outside
DUAL_FREE_KMH = (60.0, 90.0)
BUILT_UP_FREE_KMH = 60.0  # outside the wards 50 and 60 are the limits of built-up areas, 80 and more are not
VERTEX_DIGITS = 3  # millimetres: vertices given with the same five decimals of a degree are the same to the bit


def operating_roads(corridors: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the corridors that traffic may use today: roads and expressways in operation that are drawn as a line.

    Expressways under works are never routed on; rails, waterways and bus lines are no streets.
    """
    status = corridors["status"].fillna("").str.split(";").str[0].str.strip()
    lines = corridors.geometry.notna() & corridors.geom_type.isin(["LineString", "MultiLineString"])
    return corridors[corridors["mode"].isin(ROAD_MODES) & (status == "operating") & lines]


def corridor_parts(corridors: gpd.GeoDataFrame, wards: gpd.GeoDataFrame, *, cut_m: float) -> StreetParts:
    """Return the operating corridors as streets.

    Nodes are the vertices of the lines. Two corridors meet where they have a vertex in common, and nowhere else: lines
    that merely cross do not meet, so expressways are entered at shared vertices only. A stretch between the same two
    vertices that several corridors claim is kept once, as the one of the higher class, then of the higher speed;
    its `source_id` names them all, the one that was kept first. Stretches are then cut into equal pieces of at most
    `cut_m`, whose nodes belong to this one stretch.

    Parameters
    ----------
    corridors
        Columns id, name_vi, mode, status, road_class, free_speed_kmh, lanes and lines in a projected CRS.
    wards
        Wards with name_vi and polygons in the same CRS: inside a phường is built-up.
    cut_m
        Longest piece, metres.

    Returns
    -------
    Parts with node ids -1, -2, …: negative, so that they never meet ids of OpenStreetMap.

    Raises
    ------
    NetworkError
        No corridor in operation is drawn.
    """
    roads = operating_roads(corridors)
    stretches = _stretches(roads.geometry.to_numpy())
    if stretches.empty:
        raise NetworkError(N_("No road in operation is drawn: the strategic network cannot be built."))
    vertices, ends = _noded(stretches)
    stretches = stretches.assign(u=ends[:, 0], v=ends[:, 1])[["row", "u", "v"]]
    described = _described(roads)
    nodes, pieces = _cut(vertices, _merged(stretches, described), cut_m)
    streets = described.iloc[pieces["row"]].reset_index(drop=True)
    streets["source_id"] = pieces["source_id"].to_numpy()
    ends_xy = nodes[pieces[["u", "v"]].to_numpy()]
    streets["length"] = np.hypot(*(ends_xy[:, 1] - ends_xy[:, 0]).T)
    streets["built_up"] = built_up(ends_xy.mean(axis=1), wards, streets["free_kmh"].to_numpy(dtype=float))
    ids = -1 - np.arange(len(nodes))
    streets["u"], streets["v"] = ids[pieces["u"]], ids[pieces["v"]]
    table = pd.DataFrame({"x": nodes[:, 0], "y": nodes[:, 1]}, index=pd.Index(ids, name="node"))
    return StreetParts(table, streets[list(EDGE_COLUMNS)])


def lane_count(text: object) -> float:
    """Return the lanes that a corridor states: the first number of its text, NaN where there is none.

    "6 (8 after widening)" has 6 lanes today, "12–16" at least 12.
    """
    found = re.search(r"\d+", str(text)) if text is not None else None
    return float(found.group()) if found else float("nan")


def built_up(
    points: NDArray[np.float64], wards: gpd.GeoDataFrame, free_kmh: NDArray[np.float64] | None = None
) -> NDArray[np.bool_]:
    """Return whether points lie in a built-up area.

    Inside the province that is a phường; a xã is not. Outside of it no unit is known: there a published free speed up
    to 60 km/h, the limit of built-up areas, says that the road runs through one, which holds for the roads of Thủ Đức
    and the city, and not for National Route 51 (80). Without a speed a place outside counts as built-up, the slower of
    the two.

    Parameters
    ----------
    points
        (n, 2) metres, in the CRS of the wards.
    wards
        Polygons with name_vi.
    free_kmh
        (n,) free speeds, NaN unknown.
    """
    speeds = np.full(len(points), np.nan) if free_kmh is None else free_kmh
    inside = ~(speeds > BUILT_UP_FREE_KMH)
    tree = shapely.STRtree(wards.geometry.to_numpy())
    at, ward = tree.query(shapely.points(points), predicate="intersects")
    urban = wards["name_vi"].fillna("").str.startswith("Phường").to_numpy()
    # on the line between two wards either will do; phường first, so that the order of the rows does not matter
    inside[at] = False
    inside[at[urban[ward]]] = True
    return np.asarray(inside, dtype=bool)


def _stretches(lines: NDArray[np.object_]) -> pd.DataFrame:
    """Return the straight stretches of all lines: row (position among `lines`) and both ends, none of length zero."""
    simple, of_row = shapely.get_parts(lines, return_index=True)
    xy, of_line = shapely.get_coordinates(simple, return_index=True)
    xy = np.round(xy, VERTEX_DIGITS) + 0.0  # -0.0 and 0.0 are one place
    inner = of_line[1:] == of_line[:-1]
    table = pd.DataFrame(np.hstack([xy[:-1], xy[1:]])[inner], columns=["x1", "y1", "x2", "y2"])
    table.insert(0, "row", of_row[of_line[:-1][inner]])
    moves = (table["x1"] != table["x2"]) | (table["y1"] != table["y2"])
    return table[moves].reset_index(drop=True)


def _noded(stretches: pd.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return the vertices, each once in order of appearance, and the numbers of both ends of every stretch."""
    both = stretches[["x1", "y1", "x2", "y2"]].to_numpy().reshape(-1, 2)
    number, places = pd.factorize(pd.MultiIndex.from_arrays([both[:, 0], both[:, 1]]))
    return np.array(places.tolist()), number.reshape(-1, 2)


def _described(roads: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return what every corridor says of its streets: the columns of the network schema, one row a corridor."""
    highway = roads["road_class"].fillna("unclassified").astype(str)
    free_kmh = pd.to_numeric(roads["free_speed_kmh"], errors="coerce").astype(float)
    lanes = roads["lanes"].map(lane_count).astype(float)
    described = pd.DataFrame(
        {
            "highway": highway,
            "name": roads["name_vi"].fillna(""),
            "kind": "corridor",
            "maxspeed_kmh": np.nan,
            "free_kmh": free_kmh,
            "lanes": lanes,
            "divided": highway.isin(DUAL_CLASSES) | (lanes >= DUAL_LANES) | free_kmh.isin(DUAL_FREE_KMH),
            "source_id": roads["id"].astype(str),
        }
    )
    slow = highway != "motorway"
    return described.assign(**{column: slow if column in CLOSED_TO_SLOW else True for column in ALLOW})


def _merged(stretches: pd.DataFrame, described: pd.DataFrame) -> pd.DataFrame:
    """Return one row a pair of vertices, that of the best corridor on it, with the ids of all as `source_id`."""
    order = {road_class: rank for rank, road_class in enumerate(CLASS_ORDER)}
    row = stretches["row"].to_numpy()
    ranked = stretches.assign(
        low=stretches[["u", "v"]].min(axis=1),
        high=stretches[["u", "v"]].max(axis=1),
        rank=described["highway"].map(order).fillna(len(order)).to_numpy()[row],
        slowness=-described["free_kmh"].fillna(0).to_numpy()[row],
        source_id=described["source_id"].to_numpy()[row],
    ).sort_values(["rank", "slowness", "source_id"], kind="stable")
    pair = ["low", "high"]
    best = ranked.drop_duplicates(pair).sort_index()
    claims = ranked.drop_duplicates([*pair, "source_id"])
    shared = claims[claims.duplicated(pair, keep=False)].groupby(pair)["source_id"].agg(";".join)
    if shared.empty:
        return best
    named = pd.Series(shared.reindex(pd.MultiIndex.from_frame(best[pair])).to_numpy(), index=best.index)
    return best.assign(source_id=named.fillna(best["source_id"]))


def _cut(
    vertices: NDArray[np.float64], stretches: pd.DataFrame, cut_m: float
) -> tuple[NDArray[np.float64], pd.DataFrame]:
    """Return vertices with the cut nodes behind them, and the equal pieces (u, v, row, source_id) of the stretches."""
    start, end = vertices[stretches["u"]], vertices[stretches["v"]]
    # a stretch of exactly n times cut_m is cut in n, whatever the last bit of its length
    count = np.maximum(np.ceil(np.hypot(*(end - start).T) / cut_m - 1e-9).astype(int), 1)
    which = np.repeat(np.arange(len(stretches)), count)
    piece = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
    first, last = piece == 0, piece == count[which] - 1
    cut_number = len(vertices) - 1 + np.cumsum(~last)  # the node at the end of a piece that is not the last
    to_node = np.where(last, stretches["v"].to_numpy()[which], cut_number)
    from_node = np.where(first, stretches["u"].to_numpy()[which], np.roll(to_node, 1))
    inner = which[~last]
    share = ((piece + 1) / count[which])[~last, None]
    cuts = start[inner] + share * (end[inner] - start[inner])
    pieces = stretches[["row", "source_id"]].iloc[which].reset_index(drop=True)
    return np.vstack([vertices, cuts]), pieces.assign(u=from_node, v=to_node)
