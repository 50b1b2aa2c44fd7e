"""Cut the reached pieces out of street lines, and sum them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from zoning.reach.lattice import spans

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
    share = np.minimum(reach.head + reach.tail, 1.0)
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
    low, high = streets.offsets[:-1][pieces.street], streets.offsets[1:][pieces.street] - 2
    first = np.searchsorted(places, pieces.start + 2.0 * pieces.street, "right") - 1
    last = np.searchsorted(places, pieces.end + 2.0 * pieces.street, "left") - 1
    first = np.clip(first, low, high)
    owner, vertex = spans(first, np.clip(last, first, high))
    street = pieces.street.take(owner)
    base = 2.0 * street
    from_share, to_share = places.take(vertex) - base, places.take(vertex + 1) - base
    width = np.maximum(to_share - from_share, 1e-300)
    begin = np.clip(pieces.start.take(owner), from_share, to_share)
    finish = np.clip(pieces.end.take(owner), begin, to_share)
    a, b = streets.xy.take(vertex, axis=0), streets.xy.take(vertex + 1, axis=0)
    p = a + (b - a) * ((begin - from_share) / width)[:, None]
    q = a + (b - a) * ((finish - from_share) / width)[:, None]
    ax, ay, bx, by = np.ascontiguousarray(np.concatenate((p, q), axis=1).T)
    return Segments(street, ax, ay, bx, by, begin, finish)
