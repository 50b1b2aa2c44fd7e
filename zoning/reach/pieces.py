"""Cut the reached pieces out of street lines, and sum them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from zoning.reach.streets import StreetReach, Streets

WHOLE = 1.0 - 1e-9  # a street reached to this share is reached wholly: a nanometre a metre is rounding


@dataclass(frozen=True)
class Segments:
    """Straight bits of street from (ax, ay) to (bx, by), metres; with the shares of their street at both ends."""

    street: NDArray[np.intp]
    ax: NDArray[np.float64]
    ay: NDArray[np.float64]
    bx: NDArray[np.float64]
    by: NDArray[np.float64]
    share_a: NDArray[np.float64]
    share_b: NDArray[np.float64]

    def length_m(self) -> NDArray[np.float64]:
        """Return the length of each segment in metres."""
        return np.hypot(self.bx - self.ax, self.by - self.ay)

    def part(self, rows: slice) -> Segments:
        """Return some of the segments."""
        return Segments(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class Pieces:
    """Stretches of street, each from one share of its street to another."""

    street: NDArray[np.intp]
    start: NDArray[np.float64]
    end: NDArray[np.float64]


def vertex_places(streets: Streets) -> NDArray[np.float64]:
    """Return where each vertex lies, (p,): how far along its street, 0 to 1, plus twice the street's number.

    Twice, so that the end of one street and the start of the next never tie: the places rise strictly from street to
    street and can be searched. A street without length has its vertices at 0 and the last at 1.
    """
    step = np.hypot(*np.diff(streets.xy, axis=0, prepend=streets.xy[:1]).T)
    first = streets.offsets[:-1]
    step[first] = 0.0
    run = np.cumsum(step)
    street = np.repeat(np.arange(len(first)), np.diff(streets.offsets))
    run -= run[first][street]
    last = streets.offsets[1:] - 1
    total = run[last]
    shares = run / np.where(total > 0, total, 1.0)[street]
    shares[last] = 1.0
    return np.asarray(np.minimum(shares, 1.0) + 2.0 * street, np.float64)


def covered(reach: StreetReach) -> NDArray[np.float64]:
    """Return the share of each street that is reached, pieces that overlap counted once, (streets,)."""
    share = reach.head + reach.tail
    np.minimum(share, 1.0, out=share)
    for street in sorted({middle[0] for middle in reach.middles}):
        pieces = [(0.0, float(reach.head[street])), (1.0 - float(reach.tail[street]), 1.0)]
        pieces += [(start, end) for at, start, end in reach.middles if at == street]
        share[street] = _union(pieces)
    return share


def _union(pieces: Sequence[tuple[float, float]]) -> float:
    total, done = 0.0, 0.0
    for start, end in sorted(pieces):
        total += max(0.0, min(end, 1.0) - max(start, done))
        done = max(done, min(end, 1.0))
    return total


def partial(reach: StreetReach, whole: NDArray[np.bool_], heads: NDArray[np.int32], tails: NDArray[np.int32]) -> Pieces:
    """Return the reached pieces of the streets that are not reached wholly, given those of which head or tail is."""
    middles = [middle for middle in reach.middles if not whole[middle[0]]]
    return Pieces(
        np.concatenate((heads, tails, np.array([m[0] for m in middles], np.intp))).astype(np.intp),
        np.concatenate((np.zeros(len(heads)), 1.0 - reach.tail[tails], [m[1] for m in middles])),
        np.concatenate((reach.head[heads], np.ones(len(tails)), [m[2] for m in middles])),
    )


def cut(streets: Streets, places: NDArray[np.float64], pieces: Pieces) -> Segments:
    """Return the straight segments of some pieces, `places` being the `vertex_places` of the streets."""
    from zoning.reach.kernels.streets import cut_out, extents

    owner = np.ascontiguousarray(pieces.street, np.int64), np.asarray(pieces.start), np.asarray(pieces.end)
    ranges = np.empty((2, len(owner[0])), np.int64)
    count = extents(streets.offsets, places, *owner, ranges)
    street, ends = np.empty(count, np.intp), np.empty((6, count))
    cut_out(streets.xy, places, *owner, ranges, street, ends)
    return Segments(street, *ends)
