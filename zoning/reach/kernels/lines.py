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
WORD = 64  # points of a row that one word tells of

_BYTES = np.uint64(0x0101010101010101)
_LOW_BITS = np.uint64(0x7F7F7F7F7F7F7F7F)
_GATHER = np.uint64(0x0102040810204080)  # brings the lowest bits of eight bytes together in the highest one
_NOWHERE = np.uint64(0xFFFFFFFFFFFFFFFF)  # eight points that no ring holds
_ONE = np.uint64(1)
_DE_BRUIJN = 0x03F79D71B4CB0A89  # its 64 runs of six bits all differ
# which bit is the only one that is set, by the run that it moves to the front
_BIT = np.zeros(WORD, np.int64)
_BIT[[(_DE_BRUIJN << bit & (1 << 64) - 1) >> 58 for bit in range(WORD)]] = range(WORD)
_RUNS = np.uint64(_DE_BRUIJN)


@kernel(u8, result=i8)
def _lowest(word: np.uint64) -> np.int64:
    """Return the number of the lowest bit that is set in a word."""
    return np.int64(_BIT[((word & (~word + _ONE)) * _RUNS) >> np.uint64(58)])


@kernel(u8, result=i8)
def _many(word: np.uint64) -> np.int64:
    """Return how many bits are set in a word."""
    pairs = word - ((word >> _ONE) & np.uint64(0x5555555555555555))
    fours = (pairs & np.uint64(0x3333333333333333)) + ((pairs >> np.uint64(2)) & np.uint64(0x3333333333333333))
    eights = (fours + (fours >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((eights * _BYTES) >> np.uint64(56))


@kernel(u8, u8, result=u8)
def _next(word: np.uint64, following: np.uint64) -> np.uint64:
    """Return for each bit of a word the bit after it, the last one's being the first of the word that follows."""
    return np.uint64((word >> _ONE) | (following << np.uint64(63)))


@kernel(f8, b1, f8, result=f8)
def _height(distance: float, inside: bool, level: float) -> float:
    """Return a distance on its side of the level and clear of it, whatever rounding says: no point is on the line."""
    low, high = level * (1.0 - CLEARANCE), level * (1.0 + CLEARANCE)
    held = distance if distance < low else low
    left = distance if distance > high else high
    return held if inside else left


@kernel(read(u8, 2), i8, i8, i8, array(u8, 2), result=types.UniTuple(i8, 2))
def pack(words: Words, number: int, low: int, high: int, held: Words) -> tuple[int, int]:
    """Write which points of a window a ring holds, in the rows from `low` to before `high`, a bit each.

    `words` are the numbers of the first ring that holds each point, (rows, cols / 8), eight bytes together. A row of
    `held` has a word for each 64 points and one more than that. Returns for how many points the one to the right is on
    the other side, and for how many the one above is.
    """
    raised = np.uint64(127 - number) * _BYTES
    for row in range(low, high):
        held[row, :] = np.uint64(0)
        for i in range(words.shape[1]):
            eight = words[row, i]
            if eight == _NOWHERE:
                continue
            # the highest bit of each byte that is greater than the number
            greater = (((eight & _LOW_BITS) + raised) | eight) >> np.uint64(7)
            inside = ((~greater & _BYTES) * _GATHER) >> np.uint64(56)
            held[row, i >> 3] |= inside << np.uint64((i & 7) << 3)
    many = more = np.int64(0)
    for row in range(low, high - 1):
        for i in range(held.shape[1] - 1):
            many += _many(held[row, i] ^ _next(held[row, i], held[row, i + 1]))
            more += _many(held[row, i] ^ held[row + 1, i])
    return int(many), int(more)


@kernel(read(u8, 2), read(f4, 2), f8, f8, i8, i8, i8, i8, f8, i8, array(f8, 2), array(u1))
def crossings(
    held: Words, short: Singles, cap: float, level: float, low: int, high: int,
    first_row: int, first_col: int, step: float, many: int, places: Doubles, left: Bytes,
) -> None:  # fmt: skip
    """Write where a ring ends between neighbours, metres, the field being linear between the two.

    First the places between `many` points and those at their right, row by row, and whether the left one is inside;
    then the places between points and those above them.
    """
    i, j = 0, many
    for row in range(low, high - 1):
        y = (first_row + row) * step
        for word in range(held.shape[1] - 1):
            here, above = held[row, word], held[row + 1, word]
            ends = here ^ _next(here, held[row, word + 1])
            while ends:
                bit = _lowest(ends)
                ends &= ends - _ONE
                col = word * WORD + bit
                inside = (here >> np.uint64(bit)) & _ONE != 0
                near = _height(cap - short[row, col], inside, level)
                far = _height(cap - short[row, col + 1], not inside, level)
                places[i, 0] = (first_col + col + (level - near) / (far - near)) * step
                places[i, 1] = y
                left[i] = inside
                i += 1
            ends = here ^ above
            while ends:
                bit = _lowest(ends)
                ends &= ends - _ONE
                col = word * WORD + bit
                inside = (here >> np.uint64(bit)) & _ONE != 0
                near = _height(cap - short[row, col], inside, level)
                far = _height(cap - short[row + 1, col], not inside, level)
                places[j, 0] = (first_col + col) * step
                places[j, 1] = (first_row + row + (level - near) / (far - near)) * step
                j += 1


@kernel(read(u8, 2), read(f4, 2), f8, f8, i8, i8, i8, array(i4))
def link(
    held: Words, short: Singles, cap: float, level: float, low: int, high: int, many: int, following: Ints
) -> None:
    """Write, for every crossing, the next one along the line with the inside at the left hand.

    Crossings are numbered as they come, those of the `many` pairs beside each other first. The line passes up between a
    left point inside and a right one outside, and to the right under an upper one inside.
    """
    bottom = top = np.int64(0)  # the row `low` holds nothing, and so has no pairs
    left = np.int64(many)
    for row in range(low, high - 1):
        for word in range(held.shape[1] - 1):
            # the squares between a row and the next: their lower left corners, and so on
            sw, nw = held[row, word], held[row + 1, word]
            se, ne = _next(sw, held[row, word + 1]), _next(nw, held[row + 1, word + 1])
            ends = (sw ^ se) | (nw ^ ne) | (sw ^ nw)
            ends |= se ^ ne
            while ends:
                bit = np.uint64(_lowest(ends))
                ends &= ends - _ONE
                a, b = np.int64((sw >> bit) & _ONE), np.int64((se >> bit) & _ONE)
                c, d = np.int64((nw >> bit) & _ONE), np.int64((ne >> bit) & _ONE)
                right = left + (a ^ c)
                if a == d and b == c:
                    # the middle of a saddle is the mean of its corners, the same from whichever side the line comes
                    col = word * WORD + np.int64(bit)
                    total = _height(cap - short[row, col], a != 0, level)
                    total += _height(cap - short[row, col + 1], b != 0, level)
                    total += _height(cap - short[row + 1, col], c != 0, level)
                    total += _height(cap - short[row + 1, col + 1], d != 0, level)
                    joined = total < 4.0 * level
                    if a:
                        following[bottom] = right if joined else left
                        following[top] = left if joined else right
                    else:
                        following[left] = bottom if joined else top
                        following[right] = top if joined else bottom
                else:
                    # one side has the line enter and one has it leave: sums, for a processor cannot guess which
                    enter = (a & ~b) * bottom + (~c & d) * top + (~a & c) * left + (b & ~d) * right
                    leave = (~a & b) * bottom + (c & ~d) * top + (a & ~c) * left + (~b & d) * right
                    following[enter] = leave
                bottom += a ^ b
                top += c ^ d
                left = right


@kernel(read(i4), i8, read(f8, 2), read(u1), array(i4), array(i4), array(i4, 2), array(f8, 2), array(i8), array(i8),
        result=types.UniTuple(i8, 2))  # fmt: skip
def arrange(
    following: Ints, many: int, places: Doubles, left: Bytes, of: Ints, order: Ints, room: Ints,
    xy: Doubles, offsets: Longs, polygons: Longs,
) -> tuple[int, int]:  # fmt: skip
    """Write the places of crossings in metres, polygon after polygon, outer ring first, each ring closed; the offsets.

    `of` is to hold -1 for each crossing, `order` has room for them, and `room` for five rows of numbers. Returns how
    many rings and polygons.
    """
    begin, size, parent, holes, place = room[0], room[1], room[2], room[3], room[4]
    count = done = 0
    for start in range(many):  # every ring goes round a point, and so has pairs beside each other
        if of[start] >= 0:
            continue
        begin[count], parent[count], holes[count] = done, count, 0
        at = start
        while of[at] < 0:
            of[at] = count
            order[done] = at
            done += 1
            at = following[at]
        size[count] = done - begin[count]
        if left[start]:
            # left of a hole's first crossing lies its polygon: the crossing before belongs to that, or to another hole
            parent[count] = parent[of[start - 1]]
            holes[parent[count]] += 1
        count += 1
    # polygons in the order of their first crossings, and so the holes of each
    polygon = to = 0
    for ring in range(count):
        if parent[ring] == ring:
            polygons[polygon] = to
            polygon += 1
            place[ring] = to
            to += 1 + holes[ring]
            holes[ring] = place[ring] + 1  # from here on: where its next hole goes
        else:
            place[ring] = holes[parent[ring]]
            holes[parent[ring]] += 1
    polygons[polygon] = count
    offsets[0] = 0
    for ring in range(count):
        offsets[place[ring] + 1] = size[ring] + 1
    for ring in range(count):
        offsets[ring + 1] += offsets[ring]
    for ring in range(count):
        first = offsets[place[ring]]
        for i in range(size[ring]):
            at = order[begin[ring] + i]
            xy[first + i, 0], xy[first + i, 1] = places[at, 0], places[at, 1]
        xy[first + size[ring], 0], xy[first + size[ring], 1] = xy[first, 0], xy[first, 1]
    return count, polygon
