"""Time every trip between two sets of places, by searches from the smaller of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zoning.pace import checkpoint
from zoning.reach.core import STRIP
from zoning.reach.links import arrivals, direct, links
from zoning.reach.search import Seeds, clipped, search

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from zoning.reach.costs import Costs
    from zoning.reach.snap import Places

CORE_RUNS = 100  # from so many searches on, shrinking the graph first pays
BLOCK_RUNS = 64  # searches swept together: a node's times are then a few lines of the processor's cache


def matrix_minutes(
    costs: Costs,
    origins: Places,
    destinations: Places,
    shape: tuple[int, int],
    limit_s: float,
    *,
    arrive: bool,
) -> NDArray[np.float64]:
    """Return the minutes of every trip, inf where longer than `limit_s`; one search an origin.

    The result has `shape` (destinations, origins): a destination's row is filled from that of its nodes. With
    `arrive` the trips run from the destinations to the origins.
    """
    found = np.empty(shape)
    for _ in _blocks(costs, origins, destinations, shape, limit_s, lambda runs: found[:, runs], arrive=arrive):
        pass
    return found


def minute_blocks(
    costs: Costs,
    origins: Places,
    destinations: Places,
    shape: tuple[int, int],
    limit_s: float,
    *,
    arrive: bool,
) -> Iterator[tuple[slice, NDArray[np.float64]]]:
    """Yield the same table as `matrix_minutes`, (which origins, their columns), in one array used again and again."""
    room = np.empty(shape[0] * min(BLOCK_RUNS, shape[1]))

    def column_room(runs: slice) -> NDArray[np.float64]:
        width = runs.stop - runs.start
        return room[: shape[0] * width].reshape(shape[0], width)

    return _blocks(costs, origins, destinations, shape, limit_s, column_room, arrive=arrive)


def _blocks(
    costs: Costs,
    origins: Places,
    destinations: Places,
    shape: tuple[int, int],
    limit_s: float,
    room_of: Callable[[slice], NDArray[np.float64]],
    *,
    arrive: bool,
) -> Iterator[tuple[slice, NDArray[np.float64]]]:
    """Yield the columns of blocks of origins, each written where `room_of` says."""
    layout = costs.layout
    pattern, weights, seconds = costs.side(arrive=arrive)
    starts = links(layout, origins, seconds)
    ends = links(layout, destinations, seconds.swapped())
    column, row, cost = direct(origins, destinations, seconds)
    by_column = np.argsort(column, kind="stable")
    column, row, short = column[by_column], row[by_column], clipped(cost[by_column], limit_s) / 60
    # every destination a node, as in most questions of accessibility: the times of nodes are the answer as they are
    all_nodes = np.array_equal(ends.run, np.arange(shape[0])) and not ends.seconds.any()
    by_core = shape[1] >= CORE_RUNS
    swept = np.empty(layout.node_count * min(BLOCK_RUNS, shape[1]) if by_core else 0)  # claimed once for all blocks
    for low in range(0, shape[1], BLOCK_RUNS):
        checkpoint()
        block = slice(low, min(low + BLOCK_RUNS, shape[1]))
        runs = block.stop - low
        rows = slice(*np.searchsorted(starts.run, [low, block.stop]))
        seeds = Seeds(starts.run[rows] - low, starts.node[rows], starts.seconds[rows])
        if by_core:
            out = swept[: layout.node_count * runs].reshape(layout.node_count, runs)
            node_seconds = costs.core(arrive=arrive).search(seeds, runs, limit_s, out)
        else:
            node_seconds = search(pattern, weights, seeds, runs, limit_s, clip=False).T
        found = room_of(block)
        # a strip of destinations at a time, so that the steps after the first find their numbers in the cache
        for first in range(0, shape[0], STRIP):
            strip = slice(first, min(first + STRIP, shape[0]))
            if all_nodes:
                there = node_seconds.take(ends.node[strip], axis=0)
            else:
                ways = slice(*np.searchsorted(ends.run, [strip.start, strip.stop]))
                those = Seeds(ends.run[ways] - first, ends.node[ways], ends.seconds[ways])
                there = np.empty((strip.stop - first, runs))
                arrivals(node_seconds, those, there)
            np.divide(clipped(there, limit_s), 60, out=found[strip])
        own = slice(*np.searchsorted(column, [low, block.stop]))
        np.minimum.at(found, (row[own], column[own] - low), short[own])
        yield block, found
