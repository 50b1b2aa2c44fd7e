"""Find scattered points near streets and inside polygons."""

from __future__ import annotations

import math

import numpy as np

from zoning.reach.kernels import Bytes, Doubles, Ints, Longs, Singles, array, f4, f8, i4, i8, kernel, read, u1

FLAT_M = 1e-9  # metres: a segment that rises less runs along its row


@kernel(i8, i8, result=f8)
def scattered(row: int, col: int) -> float:
    """Return a number from 0 to below 1 for a cell: it looks random and never changes (MurmurHash3's finaliser)."""
    low = np.uint64(0xFFFFFFFF)
    x = (np.uint64(row) * np.uint64(0x9E3779B1) + np.uint64(col) * np.uint64(0x85EBCA77)) & low
    x ^= x >> np.uint64(16)
    x = (x * np.uint64(0x85EBCA6B)) & low
    x ^= x >> np.uint64(13)
    x = (x * np.uint64(0xC2B2AE35)) & low
    x ^= x >> np.uint64(16)
    # 24 bits: what single precision holds without rounding up to 1
    return np.float64(x >> np.uint64(8)) * 2.0**-24


@kernel(read(i8), read(i8), array(f8))
def scatter(row: Longs, col: Longs, found: Doubles) -> None:
    """Write the scattered number of each cell."""
    for i in range(row.size):
        found[i] = scattered(row[i], col[i])


@kernel(read(f8), read(f8), read(f8), read(f8), u1, i8, i8, f8, f8, array(u1, 2))
def touch(
    ax: Doubles, ay: Doubles, bx: Doubles, by: Doubles, number: int,
    first_row: int, first_col: int, step: float, reach: float, first: Bytes,
) -> None:  # fmt: skip
    """Lower `first` to a ring's number at the points of a jittered window within reach of some segments."""
    for i in range(ax.size):
        x0, y0, dx, dy = ax[i], ay[i], bx[i] - ax[i], by[i] - ay[i]
        per_square = 1.0 / max(dx * dx + dy * dy, FLAT_M * FLAT_M)
        low = math.floor((y0 + min(0.0, dy) - reach) / step) - first_row
        high = math.floor((y0 + max(0.0, dy) + reach) / step) - first_row
        for row in range(max(low, 0), min(high + 1, first.shape[0])):
            y = (first_row + row + scattered(first_row + row, 0)) * step - y0
            # the part of the segment within reach of the row bounds the columns: slanting ones would cost their square
            x_from, x_to = 0.0, dx
            if abs(dy) > FLAT_M:
                x_from = min(max((y - reach) / dy, 0.0), 1.0) * dx
                x_to = min(max((y + reach) / dy, 0.0), 1.0) * dx
            left = math.floor((x0 + min(x_from, x_to) - reach) / step) - first_col
            right = math.floor((x0 + max(x_from, x_to) + reach) / step) - first_col
            for col in range(max(left, 0), min(right + 1, first.shape[1])):
                if first[row, col] <= number:
                    continue
                x = (first_col + col + scattered(first_row + row, first_col + col + 1)) * step - x0
                share = (x * dx + y * dy) * per_square
                share = 0.0 if share < 0.0 else (1.0 if share > 1.0 else share)
                across, beyond = x - share * dx, y - share * dy
                if across * across + beyond * beyond <= reach * reach:
                    first[row, col] = number


@kernel(read(i4), read(i4), read(i4), read(i4), read(u1), i8, i8, i8, i8, array(u1, 2))
def visit(
    row: Ints, col: Ints, offsets: Ints, street: Ints, ring: Bytes, low: int, high: int,
    first_row: int, first_col: int, first: Bytes,
) -> None:  # fmt: skip
    """Lower `first`, at some points of `samples`, to the first ring that wholly reaches one of their streets."""
    for point in range(low, high):
        to = col[point] - first_col
        if 0 <= to < first.shape[1]:
            lowest = first[row[point] - first_row, to]
            for i in range(offsets[point], offsets[point + 1]):
                lowest = ring[street[i]] if ring[street[i]] < lowest else lowest
            first[row[point] - first_row, to] = lowest


@kernel(read(i8), read(f8), read(f8), read(i4), read(i4), read(f4), read(f4), read(i4), read(i4), read(i4),
        i8, i8, array(u1, 2))  # fmt: skip
def meet(
    street: Longs, start: Doubles, end: Doubles, street_offsets: Ints, by_street: Ints, begin: Singles, finish: Singles,
    offsets: Ints, row: Ints, col: Ints, first_row: int, first_col: int, found: Bytes,
) -> None:  # fmt: skip
    """Write 1 at the points of `samples`, in a window, of which a visit meets some piece of its street."""
    for i in range(street.size):
        point = 0
        for at in range(street_offsets[street[i]], street_offsets[street[i] + 1]):
            visit = by_street[at]
            if begin[visit] > end[i] or finish[visit] < start[i]:
                continue
            # the last point of which the visits do not begin later; those of a street come in order
            high = offsets.size
            while high - point > 1:
                middle = (point + high) >> 1
                if offsets[middle] <= visit:
                    point = middle
                else:
                    high = middle
            y, x = row[point] - first_row, col[point] - first_col
            if 0 <= y < found.shape[0] and 0 <= x < found.shape[1]:
                found[y, x] = 1


@kernel(read(f8, 2), read(i8), i8, i8, f8, array(f8), array(u1, 2))
def fill(
    xy: Doubles, ring_offsets: Longs, first_row: int, first_col: int, step: float, level: Doubles, odd: Bytes
) -> None:
    """Write 1 at the points of a jittered window inside closed rings, by the even-odd rule, into zeros.

    `level` is room for the northing of each row.
    """
    rows, cols = odd.shape
    for row in range(rows):
        level[row] = (first_row + row + scattered(first_row + row, 0)) * step
    for ring in range(ring_offsets.size - 1):
        below = -1
        for i in range(ring_offsets[ring], ring_offsets[ring + 1]):
            # how many rows lie below the vertex or on it
            before, y = below, xy[i, 1]
            if 0 < below < rows and level[below - 1] <= y < level[below]:
                continue
            below = min(max(math.floor(y / step) - first_row, 0), rows - 1)
            if level[below] <= y:
                below += 1
            if i == ring_offsets[ring] or below == before:
                continue
            slope = (xy[i, 0] - xy[i - 1, 0]) / (y - xy[i - 1, 1])
            for row in range(min(before, below), max(before, below)):
                # the boundary flips all points east of it: marked here, carried on below
                x = xy[i - 1, 0] + (level[row] - xy[i - 1, 1]) * slope
                col = min(max(math.floor(x / step) - first_col, 0), cols - 1)
                if (first_col + col + scattered(first_row + row, first_col + col + 1)) * step <= x:
                    col += 1
                if col < cols:
                    odd[row, col] ^= 1
    for row in range(rows):
        inside = 0
        for col in range(cols):
            inside ^= odd[row, col]
            odd[row, col] = inside
