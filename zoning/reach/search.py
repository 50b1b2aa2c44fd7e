"""Find shortest paths over arcs held as a sparse matrix."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from zoning.pace import checkpoint

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROUNDING_S = 1e-9  # sums of seconds that differ by less are the same time: limits include their bound
NEAR_S = 4 * 3600.0  # the longest limit of a search in buckets, which beyond would be longer than the streets are
BUCKETS = 4096  # of time in such a search: 3.5 s each at most, for a city by car a fraction of that
_NEVER = 1e300  # a finite limit above every time: an infinite one would let closed arcs through


@dataclass(frozen=True)
class Pattern:
    """Which node leads to which: arcs sorted by start and end, parallel arcs sharing one slot of the matrix.

    Costs are no part of it, so that all recosts of a network share one pattern.
    """

    node_count: int
    keys: NDArray[np.int64]
    """Start and end of each arc packed into one number, ascending."""
    order: NDArray[np.intp]
    """The arc that each key stands for."""

    @classmethod
    def build(cls, start: NDArray[np.intp], end: NDArray[np.intp], node_count: int) -> Pattern:
        """Sort arcs given by their start and end nodes."""
        keys = _packed(start, end)
        order = np.argsort(keys, kind="stable").astype(np.intp)
        return cls(node_count, keys[order], order)

    def with_arcs(self, start: NDArray[np.intp], end: NDArray[np.intp], node_count: int) -> Pattern:
        """Return the pattern with further arcs, numbered on from the present ones, without sorting those again."""
        keys = _packed(start, end)
        new = np.argsort(keys, kind="stable")
        place = np.searchsorted(self.keys, keys[new], side="right")
        return Pattern(
            node_count,
            np.insert(self.keys, place, keys[new]),
            np.insert(self.order, place, new + self.order.size),
        )

    @cached_property
    def slots(self) -> NDArray[np.intp]:
        """First position in `order` of each run of parallel arcs."""
        if self.keys.size == 0:
            return np.empty(0, dtype=np.intp)
        return np.flatnonzero(np.concatenate([[True], self.keys[1:] != self.keys[:-1]]))

    @cached_property
    def indices(self) -> NDArray[np.int32]:
        """End node of each slot."""
        return (self.keys[self.slots] & 0xFFFFFFFF).astype(np.int32)

    @cached_property
    def indptr(self) -> NDArray[np.int32]:
        """First slot of each node, (nodes + 1,)."""
        rows = (self.keys[self.slots] >> 32).astype(np.intp)
        return np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=self.node_count))]).astype(np.int32)

    def weights(self, arc_seconds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the seconds of each slot: the least of its parallel arcs.

        An arc of 0 s stays a stored zero, which scipy.sparse.csgraph takes for an arc; a closed one stays infinite.
        """
        if self.slots.size == 0:
            return np.empty(0)
        return np.asarray(np.minimum.reduceat(arc_seconds[self.order], self.slots))

    def cheapest_arc(self, start: int, end: int, arc_seconds: NDArray[np.float64]) -> int:
        """Return the quickest arc from node `start` to node `end`, the first of equals."""
        low, high = np.searchsorted(self.keys, (start << 32) + end + np.array([0, 1]))
        arcs = self.order[low:high]
        return int(arcs[np.argmin(arc_seconds[arcs])])


@dataclass(frozen=True)
class Seeds:
    """Where searches begin: search `run[i]` may start at `node[i]`, `seconds[i]` after its origin."""

    run: NDArray[np.intp]
    node: NDArray[np.intp]
    seconds: NDArray[np.float64]


def search(
    pattern: Pattern, weights: NDArray[np.float64], seeds: Seeds, runs: int, limit_s: float, *, clip: bool = True
) -> NDArray[np.float64]:
    """Return the seconds from each of `runs` origins to every node, (runs, nodes), inf where beyond `limit_s`.

    Without `clip`, what rounding alone lets exceed the limit is left for `clipped` to settle later.
    """
    checkpoint()  # scipy cannot be stopped inside: callers search for some origins at a time
    matrix = _with_origins(pattern, weights, seeds, runs)
    indices = pattern.node_count + np.arange(runs)
    seconds = dijkstra(matrix, indices=indices, limit=_bound(limit_s))
    seconds = seconds[:, : pattern.node_count]
    return clipped(seconds, limit_s) if clip else seconds


def search_near(pattern: Pattern, weights: NDArray[np.float64], seeds: Seeds, limit_s: float) -> NDArray[np.float64]:
    """Return the seconds from one origin, whichever of the seeds is nearest, to every node: (nodes,), inf beyond.

    The numbers are those of `search`, which takes several times as long up to some hours.
    """
    checkpoint()
    if limit_s <= NEAR_S:
        from zoning.reach.kernels.paths import NOTHING, spread

        seconds = np.full(pattern.node_count, np.inf)
        starts, buckets = seeds.node.astype(np.int32), np.full(BUCKETS, NOTHING, np.int32)
        # more than one entry an arc is as rare as it would be slow; memory that is not written to costs nothing
        room = weights.size + seeds.node.size
        entries, entered = np.empty((room, 2), np.int32), np.empty(room)
        if spread(
            pattern.indptr, pattern.indices, weights, starts, seeds.seconds, _bound(limit_s),
            buckets, entries, entered, seconds,
        ):  # fmt: skip
            return clipped(seconds, limit_s)
    together = Seeds(np.zeros_like(seeds.run), seeds.node, seeds.seconds)
    return search(pattern, weights, together, 1, limit_s).ravel()


def search_tree(
    pattern: Pattern, weights: NDArray[np.float64], seeds: Seeds
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Return seconds to every node from one origin, and the node before each (node_count for the origin itself)."""
    checkpoint()
    matrix = _with_origins(pattern, weights, seeds, 1)
    seconds, before = dijkstra(matrix, indices=pattern.node_count, limit=_NEVER, return_predecessors=True)
    return seconds[: pattern.node_count], before[: pattern.node_count]


def clipped(seconds: NDArray[np.float64], limit_s: float) -> NDArray[np.float64]:
    """Turn `seconds` in place to infinity beyond the limit, and the limit itself where rounding alone exceeds it."""
    beyond = seconds > _bound(limit_s)
    if np.count_nonzero(beyond) != np.count_nonzero(over := seconds > limit_s):  # rarely
        seconds[over & ~beyond] = limit_s
    np.putmask(seconds, beyond, np.inf)
    return seconds


def _bound(limit_s: float) -> float:
    return limit_s + ROUNDING_S * max(1.0, limit_s) if np.isfinite(limit_s) else _NEVER


def _packed(start: NDArray[np.intp], end: NDArray[np.intp]) -> NDArray[np.int64]:
    return (start.astype(np.int64) << 32) | end.astype(np.int64)


def _with_origins(pattern: Pattern, weights: NDArray[np.float64], seeds: Seeds, runs: int) -> csr_array:
    """Append one node an origin, with an arc to each of its seeds: offsets stay directed, and cost no second search."""
    order = np.lexsort((seeds.node, seeds.run))
    counts = np.bincount(seeds.run, minlength=runs)
    indptr = np.concatenate([pattern.indptr, pattern.indptr[-1] + np.cumsum(counts)]).astype(np.int32)
    indices = np.concatenate([pattern.indices, seeds.node[order].astype(np.int32)])
    data = np.concatenate([weights, seeds.seconds[order]])
    size = pattern.node_count + runs
    return csr_array((data, indices, indptr), shape=(size, size))
