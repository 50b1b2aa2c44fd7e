"""Find where on the streets something from outside may be joined, so that one can arrive there and leave again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from zoning.reach.speeds import MAIN_CLASSES, MOTORWAYS

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

JOIN_M = 500.0
"""How far a street may lie from the cut end that is joined to it; as corridors from the lattice."""

SAME_M = 400.0
"""How far apart a generalised corridor and the street that it is may lie: in the extract of 2017 every corridor that
was there lies nearer to a road of its kind, at its ends or its middle."""

_SUITED = {
    "expressway": MOTORWAYS | {"trunk", "trunk_link"},
    "corridor": MAIN_CLASSES - MOTORWAYS,
}
"""Classes of street for each kind of stretch from outside; a local connector takes any but a motorway."""


class Joints:
    """The streets of a layer to which a stretch from outside may be joined."""

    def __init__(self, streets: gpd.GeoDataFrame) -> None:
        self._lines = streets.geometry.to_numpy()
        self._class = streets["highway"].astype(str)
        arrive, leave = _connected(streets)
        self._usable = {True: leave, False: arrive}
        self._trees: dict[tuple[str, bool], tuple[NDArray[np.intp], shapely.STRtree]] = {}

    def nearest(
        self, point: shapely.Point, kind: str, *, leaving: bool, limit_m: float = JOIN_M
    ) -> tuple[int, float] | None:
        """Return the nearest place within a limit as row of the layer and share of its line; None if there is none.

        Parameters
        ----------
        point
            In the CRS of the layer.
        kind
            expressway, corridor or lattice.
        leaving
            A place from which cars can leave the streets; else one at which they can arrive.
        limit_m
            How far the street may be, metres.
        """
        rows, tree = self._tree(kind, leaving=leaving)
        if not len(rows):
            return None
        found = tree.query_nearest(point, max_distance=limit_m)
        if not len(found):
            return None
        row = int(rows[found].min())
        return row, float(shapely.line_locate_point(self._lines[row], point, normalized=True))

    def has_same(self, line: shapely.LineString, kind: str) -> bool:
        """Say whether a street of this kind lies within `SAME_M` of an end or the middle of a stretch."""
        rows, tree = self._tree(kind, leaving=True)
        three = shapely.line_interpolate_point(line, [0.0, 0.5, 1.0], normalized=True)
        return bool(len(rows)) and bool(tree.query(three, predicate="dwithin", distance=SAME_M).size)

    def _tree(self, kind: str, *, leaving: bool) -> tuple[NDArray[np.intp], shapely.STRtree]:
        if (kind, leaving) not in self._trees:
            suited = self._class.isin(_SUITED[kind]) if kind in _SUITED else ~self._class.isin(MOTORWAYS)
            rows = np.flatnonzero(self._usable[leaving] & suited.to_numpy())
            self._trees[kind, leaving] = rows, shapely.STRtree(self._lines[rows])
        return self._trees[kind, leaving]


def _connected(streets: gpd.GeoDataFrame) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return for each street whether cars can go on from it to the core, and whether they reach it from there.

    The core is the largest part of the streets in which every junction reaches every other.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import breadth_first_order, connected_components

    nodes, ends = np.unique(streets[["u", "v"]].to_numpy(dtype=np.int64), return_inverse=True)
    u, v = ends.reshape(-1, 2).T
    ahead = streets["allow_car"].to_numpy(dtype=bool)
    back = streets["allow_car_back"].to_numpy(dtype=bool)
    tail, head = np.concatenate([u[ahead], v[back]]), np.concatenate([v[ahead], u[back]])
    links = coo_array((np.ones(len(tail)), (tail, head)), shape=(len(nodes), len(nodes))).tocsr()
    _, part = connected_components(links, directed=True, connection="strong")
    start = int(np.argmax(part == np.bincount(part).argmax()))
    reached, reaching = np.zeros(len(nodes), dtype=bool), np.zeros(len(nodes), dtype=bool)
    reached[breadth_first_order(links, start, return_predecessors=False)] = True
    reaching[breadth_first_order(links.T.tocsr(), start, return_predecessors=False)] = True
    return (ahead & reaching[v]) | (back & reaching[u]), (ahead & reached[u]) | (back & reached[v])
