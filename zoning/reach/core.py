"""Shrink a search graph to its core, so that hundreds of searches cost little more than the core's.

Nodes with few neighbours are taken out round by round, each replaced by shortcuts between its neighbours; a search
then runs on what is left, and the nodes taken out get their times afterwards, for all searches at once: contraction
hierarchies (Geisberger et al., WEA 2008) swept as in PHAST (Delling et al., IPDPS 2011), with a core that stays.
Results are those of a plain search, for a shortcut only stands for a way that exists.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zoning.pace import checkpoint
from zoning.reach.search import Pattern, Seeds, search

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

MOST_NEIGHBOURS = 6  # a node with more stays: its shortcuts would outnumber its arcs
LEAST_SHARE = 0.02  # stop when a round takes out less than this share of what is left
STRIP = 512  # nodes swept together: with 64 searches their times are a quarter of a megabyte, which stays in the cache
_LOW = 0xFFFFFFFF


class Ways(NamedTuple):
    """Arcs or ways, each from `start` to `end` in `seconds`."""

    start: NDArray[np.intp]
    end: NDArray[np.intp]
    seconds: NDArray[np.float64]

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> Ways:
        """Return some of the rows."""
        return Ways(self.start[rows], self.end[rows], self.seconds[rows])


class Column(NamedTuple):
    """The i-th neighbour of the first nodes of a round, as many as have one."""

    neighbour: NDArray[np.intp]
    seconds: NDArray[np.float64]


@dataclass(frozen=True)
class Round:
    """Nodes taken out together, none next to another, with the ways between them and neighbours that stayed longer."""

    nodes: NDArray[np.intp]
    """Those with most ways in first."""
    into: tuple[Column, ...]
    out: Ways
    """The ways out, by start."""


@dataclass(frozen=True)
class Core:
    """A search graph of which most nodes have been taken out."""

    node_count: int
    rounds: tuple[Round, ...]
    nodes: NDArray[np.intp]
    """The nodes that are left, ascending."""
    pattern: Pattern
    weights: NDArray[np.float64]

    @classmethod
    def build(cls, pattern: Pattern, weights: NDArray[np.float64]) -> Core:
        """Take nodes out of a search graph at these costs: some tenths of a second for a city."""
        start, end = pattern.keys[pattern.slots] >> 32, pattern.indices
        ways = Ways(start.astype(np.intp), end.astype(np.intp), weights)
        ways = ways.take(np.isfinite(weights) & (ways.start != ways.end))
        left = np.ones(pattern.node_count, dtype=bool)
        rounds: list[Round] = []
        while True:
            checkpoint()
            chosen = _to_take_out(ways, left)
            if chosen.sum() <= LEAST_SHARE * left.sum():
                break
            into, out = ways.take(chosen[ways.end]), ways.take(chosen[ways.start])
            rounds.append(_round(into, out, np.flatnonzero(chosen)))
            left &= ~chosen
            ways = _least(ways.take(~(chosen[ways.start] | chosen[ways.end])), _shortcuts(into, out))
        place = np.cumsum(left) - 1
        nodes = np.flatnonzero(left)
        core = Pattern.build(place[ways.start], place[ways.end], nodes.size)
        return cls(pattern.node_count, tuple(rounds), nodes, core, core.weights(ways.seconds))

    def search(
        self, seeds: Seeds, runs: int, limit_s: float, out: NDArray[np.float64] | None = None
    ) -> NDArray[np.float64]:
        """Return the seconds of each of `runs` searches to every node, (nodes, runs); too much or inf beyond the limit.

        A node's row holds all searches, for the sweep treats them together. `out`, (nodes, runs) and contiguous, is
        where they are written: asked block by block, the memory is then claimed once.
        """
        raised = self._raised(Ways(seeds.run, seeds.node, seeds.seconds))
        found = np.empty((self.node_count, runs)) if out is None else out
        place, in_core = _place(self.nodes, raised.end)
        core_seeds = Seeds(raised.start[in_core], place[in_core], raised.seconds[in_core])
        seconds = search(self.pattern, self.weights, core_seeds, runs, limit_s, clip=False)
        for rows in _strips(self.nodes.size):  # a strip at a time, for both sides of the turn then fit into the cache
            found[self.nodes[rows]] = seconds[:, rows].T

        begun = raised.take(~in_core)
        begun = begun.take(np.argsort(begun.end, kind="stable"))
        for taken in reversed(self.rounds):
            self._sweep(taken, found, begun)
        return found

    @staticmethod
    def _sweep(taken: Round, found: NDArray[np.float64], begun: Ways) -> None:
        """Give the nodes of one round their times, from those of the nodes that stayed longer and their own seeds."""
        runs = found.shape[1]
        spare = np.empty((2, min(STRIP, taken.nodes.size), runs))
        low, high = (np.searchsorted(begun.end, taken.nodes, side=side) for side in ("left", "right"))
        for rows in _strips(taken.nodes.size):
            best, way = spare[0, : rows.stop - rows.start], spare[1]
            done = 0  # rows of `best` that hold something
            for column in taken.into:
                part = slice(rows.start, min(rows.stop, column.neighbour.size))
                count = part.stop - part.start
                if count <= 0:
                    break  # those with most ways in come first
                to = way[:count] if done else best[:count]
                np.take(found, column.neighbour[part], axis=0, out=to, mode="clip")
                to += column.seconds[part, None]
                if done:
                    np.minimum(best[:count], to, out=best[:count])
                done = max(done, count)
            best[done:].fill(np.inf)
            for row in np.flatnonzero(high[rows] > low[rows]).tolist():
                mine = slice(low[rows.start + row], high[rows.start + row])
                np.minimum.at(best[row], begun.start[mine], begun.seconds[mine])
            found[taken.nodes[rows]] = best

    def _raised(self, seeds: Ways) -> Ways:
        """Return seeds (run, node, seconds) with the ways from them to nodes that were taken out later, or never."""
        seeds = _least(seeds, seeds)  # a search may begin at a node in more than one way
        for taken in self.rounds:
            low = np.searchsorted(taken.out.start, seeds.end, side="left")
            counts = np.searchsorted(taken.out.start, seeds.end, side="right") - low
            rows = np.repeat(np.arange(counts.size), counts)
            if rows.size == 0:
                continue
            ways = np.arange(rows.size) - np.repeat(np.cumsum(counts) - counts, counts) + low[rows]
            seconds = seeds.seconds[rows] + taken.out.seconds[ways]
            seeds = _least(seeds, Ways(seeds.start[rows], taken.out.end[ways], seconds))
        return seeds


def _strips(count: int) -> Iterator[slice]:
    """Yield slices of at most `STRIP` rows."""
    for low in range(0, count, STRIP):
        yield slice(low, min(low + STRIP, count))


def _to_take_out(ways: Ways, left: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Choose nodes with few neighbours, none next to another: each comes before its neighbours in a fixed order."""
    count = left.size
    pairs = np.sort((np.minimum(ways.start, ways.end) << 32) | np.maximum(ways.start, ways.end))
    pairs = pairs[np.concatenate([[True], pairs[1:] != pairs[:-1]])] if pairs.size else pairs
    low, high = pairs >> 32, pairs & _LOW
    degree = np.bincount(low, minlength=count) + np.bincount(high, minlength=count)
    # fewest neighbours first; among equals a scattered order, for the nodes of a street are often numbered in a row
    number = np.arange(count, dtype=np.int64)
    rank = (degree.astype(np.int64) << 48) | ((number * 0x9E3779B1 & _LOW) << 8)
    before = rank[low] < rank[high]
    free = left & (degree <= MOST_NEIGHBOURS)
    free[np.where(before, high, low)] = False
    return free


def _round(into: Ways, out: Ways, nodes: NDArray[np.intp]) -> Round:
    place, _ = _place(nodes, into.end)
    counts = np.bincount(place, minlength=nodes.size)
    rank = np.empty(nodes.size, dtype=np.intp)
    most_first = np.argsort(-counts, kind="stable")
    rank[most_first] = np.arange(nodes.size)
    order = np.argsort(place, kind="stable")
    number = np.arange(order.size) - np.repeat(np.cumsum(counts) - counts, counts)
    columns = []
    for i in range(int(counts.max(initial=0))):
        rows = order[number == i]
        rows = rows[np.argsort(rank[place[rows]])]
        columns.append(Column(into.start[rows], into.seconds[rows]))
    return Round(nodes[most_first], tuple(columns), out)


def _shortcuts(into: Ways, out: Ways) -> Ways:
    """Return the ways through nodes that are taken out, from each neighbour to each other one."""
    order = np.argsort(out.start, kind="stable")
    out = out.take(order)
    low = np.searchsorted(out.start, into.end, side="left")
    counts = np.searchsorted(out.start, into.end, side="right") - low
    one = np.repeat(np.arange(counts.size), counts)
    other = np.arange(one.size) - np.repeat(np.cumsum(counts) - counts, counts) + low[one]
    found = Ways(into.start[one], out.end[other], into.seconds[one] + out.seconds[other])
    return found.take(found.start != found.end)


def _least(ways: Ways, more: Ways) -> Ways:
    """Return both, of parallel ways the quickest."""
    start, end = np.concatenate([ways.start, more.start]), np.concatenate([ways.end, more.end])
    seconds = np.concatenate([ways.seconds, more.seconds])
    if seconds.size == 0:
        return ways
    keys = (start.astype(np.int64) << 32) | end
    order = np.argsort(keys)
    first = np.flatnonzero(np.concatenate([[True], np.diff(keys[order]) != 0]))
    return Ways(start[order[first]], end[order[first]], np.minimum.reduceat(seconds[order], first))


def _place(nodes: NDArray[np.intp], wanted: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Return where each wanted node is among `nodes`, ascending, and whether it is there."""
    if nodes.size == 0:
        return np.zeros(wanted.size, dtype=np.intp), np.zeros(wanted.size, dtype=bool)
    place = np.minimum(np.searchsorted(nodes, wanted), nodes.size - 1)
    return place, nodes[place] == wanted
