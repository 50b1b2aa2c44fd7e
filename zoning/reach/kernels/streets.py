"""Go through the streets of a network: what of them is reached, and where it ends."""

from __future__ import annotations

from numba import types

from zoning.reach.kernels import Bytes, Doubles, Ints, array, f8, i4, i8, kernel, read, u1

NEVER = 255  # the ring number of a street that no ring reaches wholly


@kernel(read(f8), read(f8), read(f8), read(f8), read(f8, 2), f8, u1, array(u1), array(i4), array(i4), array(f8),
        result=types.Tuple((f8, i8, i8)))  # fmt: skip
def gather(
    share: Doubles, head: Doubles, tail: Doubles, length_m: Doubles, bounds: Doubles, whole: float, number: int,
    ring: Bytes, heads: Ints, tails: Ints, box: Doubles,
) -> tuple[float, int, int]:  # fmt: skip
    """Give the streets that a ring is the first to reach wholly its number, and widen `box` by what it reaches.

    Writes the streets not wholly reached of which a head is, and those of which a tail is. Returns the metres reached
    and how many of the two there are.
    """
    length = 0.0
    many = more = 0
    for i in range(share.size):
        if share[i] <= 0.0 and head[i] <= 0.0 and tail[i] <= 0.0:
            continue
        length += share[i] * length_m[i]
        if ring[i] < NEVER:
            continue
        if share[i] >= whole:
            ring[i] = number
        else:
            if head[i] > 0.0:
                heads[many] = i
                many += 1
            if tail[i] > 0.0:
                tails[more] = i
                more += 1
        box[0], box[1] = min(box[0], bounds[0, i]), min(box[1], bounds[1, i])
        box[2], box[3] = max(box[2], bounds[2, i]), max(box[3], bounds[3, i])
    return length, many, more
