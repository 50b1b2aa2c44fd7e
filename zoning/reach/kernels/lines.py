"""Trace the line where a field on a lattice passes a level: marching squares, row by row."""

from __future__ import annotations

import numpy as np
from numba import types

from zoning.reach.kernels import (
    Bytes,
    Doubles,
    Ints,
    Longs,
    Singles,
    Words,
    array,
    b1,
    f4,
    f8,
    i4,
    i8,
    kernel,
    read,
    u1,
    u8,
)

CLEARANCE = 1e-4  # of the level: no lattice point is nearer to it, so that rings never touch in a point


@kernel(f8, b1, f8, result=f8)
def _height(distance: float, inside: bool, level: float) -> float:
    """Return a distance on its side of the level and clear of it, whatever rounding says: no point is on the line."""
    if inside:
        return distance if distance < level * (1.0 - CLEARANCE) else level * (1.0 - CLEARANCE)
    return distance if distance > level * (1.0 + CLEARANCE) else level * (1.0 + CLEARANCE)


@kernel(read(u1), read(u8), read(f4), f8, i8, i8, f8, i8, i8, i8, i8, f8, array(i4, 2),
        array(f8, 3), result=types.UniTuple(i8, 2))  # fmt: skip
def crossings(
    first: Bytes, words: Words, short: Singles, cap: float, cols: int, number: int, level: float, low: int, high: int,
    first_row: int, first_col: int, step: float, pairs: Ints, places: Doubles,
) -> tuple[int, int]:  # fmt: skip
    """Find where a ring ends between neighbours, in the rows from `low` to before `high` of a window.

    `words` are the bytes of `first`, eight together. Writes, for pairs beside each other and for those above each
    other, the left or lower point, flat and rising, doubled and 1 more if that is the one inside; and where the line
    passes between the two, metres, the field being linear. Returns how many pairs there are of both kinds.
    """
    many = more = 0
    for row in range(low, high - 1):
        for word in range(row * cols >> 3, (row + 1) * cols >> 3):
            # most of a window is far from the line: look at eight points at a time, and closer where they differ
            shifted = (words[word] >> np.uint64(8)) | (words[word + 1] << np.uint64(56))
            if words[word] == shifted and words[word] == words[word + (cols >> 3)]:
                continue
            # a bit for each point that differs from the one at its right, then for each that does from the one above
            ends = 0
            for k in range(8):
                at = (word << 3) + k
                inside = first[at] <= number
                ends |= (inside != (first[at + 1] <= number)) << k
                ends |= (inside != (first[at + cols] <= number)) << (k + 8)
            at = (word << 3) - 1
            while ends:
                at += 1
                right, upper = ends & 1, ends & 256
                ends = (ends & 0xFEFE) >> 1
                if not (right or upper):
                    continue
                inside = first[at] <= number
                here = _height(cap - short[at], inside, level)
                if right:
                    there = _height(cap - short[at + 1], not inside, level)
                    pairs[0, many] = 2 * at + inside
                    places[0, many, 0] = (first_col + at - row * cols + (level - here) / (there - here)) * step
                    places[0, many, 1] = (first_row + row) * step
                    many += 1
                if upper:
                    there = _height(cap - short[at + cols], not inside, level)
                    pairs[1, more] = 2 * at + inside
                    places[1, more, 0] = (first_col + at - row * cols) * step
                    places[1, more, 1] = (first_row + row + (level - here) / (there - here)) * step
                    more += 1
    return many, more


@kernel(read(u1), read(f4), f8, i8, i8, f8, read(i4), read(i4), array(i4))
def link(
    first: Bytes, short: Singles, cap: float, cols: int, number: int, level: float, beside: Ints, above: Ints,
    following: Ints,
) -> None:  # fmt: skip
    """Write, for every crossing, the next one along the line with the inside at the left hand.

    Crossings are numbered as they come, those of pairs beside each other first. The line passes up between a left point
    inside and a right one outside, and to the right under an upper one inside.
    """
    many = beside.size
    low = j = end = 0
    while low < many or j < above.size:
        # the squares between a row and the next: their lower, upper, and left or right sides come in order
        while (low == many or beside[low] >> 1 >= end) and (j == above.size or above[j] >> 1 >= end):
            end += cols
        i = low
        while low < many and beside[low] >> 1 < end:
            low += 1
        upper = low
        square = end - cols - 1
        while True:
            at = end
            if i < low:
                at = min(at, beside[i] >> 1)
            if upper < many:
                at = min(at, (beside[upper] >> 1) - cols)
            if j < above.size:
                at = min(at, max((above[j] >> 1) - 1, square + 1))
            if at >= end - 1:
                break
            square = at
            enter = leave = bottom = top = left = right = -1
            if i < low and beside[i] >> 1 == at:
                bottom = i
                if beside[i] & 1:
                    enter = i
                else:
                    leave = i
                i += 1
            if upper < many and beside[upper] >> 1 == at + cols:
                top = upper
                if beside[upper] & 1:
                    leave = upper
                else:
                    enter = upper
                upper += 1
            if j < above.size and above[j] >> 1 == at:
                left = many + j
                if above[j] & 1:
                    leave = left
                else:
                    enter = left
                j += 1
            if j < above.size and above[j] >> 1 == at + 1:
                right = many + j
                if above[j] & 1:
                    enter = right
                else:
                    leave = right
            if bottom < 0 or top < 0 or left < 0 or right < 0:
                following[enter] = leave
                continue
            # the middle of a saddle is the mean of its corners, the same from whichever side the line comes
            total = 0.0
            for corner in range(4):
                to = at + (corner & 1) + (corner >> 1) * cols
                total += _height(cap - short[to], first[to] <= number, level)
            joined = total < 4.0 * level
            if beside[bottom] & 1:
                following[bottom] = right if joined else left
                following[top] = left if joined else right
            else:
                following[left] = bottom if joined else top
                following[right] = top if joined else bottom


@kernel(read(i4), read(i4), read(f8, 3), array(i4), array(i4, 2), array(f8, 2), array(i8), array(i8),
        result=types.UniTuple(i8, 2))  # fmt: skip
def arrange(
    following: Ints, beside: Ints, places: Doubles, of: Ints, room: Ints, xy: Doubles, offsets: Longs, polygons: Longs,
) -> tuple[int, int]:  # fmt: skip
    """Write the places of crossings in metres, polygon after polygon, outer ring first, each ring closed; the offsets.

    `of` is to hold -1 for each crossing, `room` has five rows to reckon in. Returns how many rings and polygons.
    """
    begin, size, parent, holes, place = room[0], room[1], room[2], room[3], room[4]
    count = 0
    for start in range(beside.size):  # every ring goes round a point, and so has pairs beside each other
        if of[start] >= 0:
            continue
        at, steps = start, 0
        while of[at] < 0:
            of[at] = count
            at = following[at]
            steps += 1
        begin[count], size[count], parent[count], holes[count] = start, steps, count, 0
        if beside[start] & 1:
            # left of a hole's first crossing lies its polygon: the crossing before belongs to that, or to another hole
            parent[count] = parent[of[start - 1]]
            holes[parent[count]] += 1
        count += 1
    # polygons in the order of their first crossings, and so the holes of each
    many = to = 0
    for ring in range(count):
        if parent[ring] == ring:
            polygons[many] = to
            many += 1
            place[ring] = to
            to += 1 + holes[ring]
            holes[ring] = place[ring] + 1  # from here on: where its next hole goes
        else:
            place[ring] = holes[parent[ring]]
            holes[parent[ring]] += 1
    polygons[many] = count
    offsets[0] = 0
    for ring in range(count):
        offsets[place[ring] + 1] = size[ring] + 1
    for ring in range(count):
        offsets[ring + 1] += offsets[ring]
    for ring in range(count):
        at = begin[ring]
        for i in range(offsets[place[ring]], offsets[place[ring] + 1]):
            kind, place_at = (0, at) if at < beside.size else (1, at - beside.size)
            xy[i, 0], xy[i, 1] = places[kind, place_at, 0], places[kind, place_at, 1]
            at = following[at]
    return count, many
