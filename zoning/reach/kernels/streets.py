"""Go through the streets of a network: what of them is reached, and where it ends."""

from __future__ import annotations

import math

from numba import types

from zoning.reach.kernels import Bytes, Doubles, Ints, Longs, array, f8, i4, i8, kernel, read, u1

LEAST_S = 1e-12  # stands for 0 s where seconds divide
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


@kernel(read(f8), read(f8), read(f8), read(f8), array(f8, 2))
def share(begin: Doubles, whole: Doubles, limits: Doubles, late: Doubles, found: Doubles) -> None:
    """Write the share of streets reached within each limit, (limits, streets), from ends reached at `begin` seconds.

    `late` are the limits and what rounding may add to them: until then a street that costs nothing is reached.
    """
    for number in range(limits.size):
        limit, row = limits[number], found[number]
        for i in range(begin.size):
            begun, lasts = begin[i], whole[i]
            part = (limit - begun) / (lasts if lasts > LEAST_S else LEAST_S)
            part = 0.0 if part < 0.0 else part
            part = 1.0 if part > 1.0 else part
            free = 1.0 if begun <= late[number] else 0.0
            part = part if lasts > LEAST_S else free
            row[i] = part if (begun < math.inf) & (lasts < math.inf) else 0.0


@kernel(read(i8), read(f8), read(i8), read(f8), read(f8), array(i8, 2), result=i8)
def extents(offsets: Longs, places: Doubles, street: Longs, start: Doubles, end: Doubles, ranges: Longs) -> int:
    """Write the first and last segment, by its first vertex, of pieces of street; return how many there are in all."""
    count = 0
    for i in range(street.size):
        first, highest = offsets[street[i]], offsets[street[i] + 1] - 2
        while first < highest and places[first + 1] <= start[i] + 2.0 * street[i]:
            first += 1
        last = first
        while last < highest and places[last + 1] < end[i] + 2.0 * street[i]:
            last += 1
        ranges[0, i], ranges[1, i] = first, last
        count += last - first + 1
    return count


@kernel(read(f8, 2), read(f8), read(i8), read(f8), read(f8), read(i8, 2), array(i8), array(f8, 2))
def cut_out(
    xy: Doubles, places: Doubles, street: Longs, start: Doubles, end: Doubles, ranges: Longs,
    street_of: Longs, ends: Doubles,
) -> None:  # fmt: skip
    """Write the street of each segment of some pieces, its ends, metres, and the shares of the street at these."""
    at = 0
    for i in range(street.size):
        base = 2.0 * street[i]
        for vertex in range(ranges[0, i], ranges[1, i] + 1):
            from_share, to_share = places[vertex] - base, places[vertex + 1] - base
            begin = min(max(start[i], from_share), to_share)
            finish = min(max(end[i], begin), to_share)
            width = max(to_share - from_share, 1e-300)
            x, y = xy[vertex, 0], xy[vertex, 1]
            dx, dy = xy[vertex + 1, 0] - x, xy[vertex + 1, 1] - y
            street_of[at] = street[i]
            ends[0, at], ends[1, at] = x + dx * ((begin - from_share) / width), y + dy * ((begin - from_share) / width)
            ends[2, at], ends[3, at] = (
                x + dx * ((finish - from_share) / width),
                y + dy * ((finish - from_share) / width),
            )
            ends[4, at], ends[5, at] = begin, finish
            at += 1
