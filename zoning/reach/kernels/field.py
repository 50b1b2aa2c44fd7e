"""Write how far lattice points are from reached street."""

# ruff: noqa: PLR0913, PLR0917 - a kernel takes plain arrays and numbers

from __future__ import annotations

import math

from zoning.reach.kernels import Bytes, Doubles, Ints, Longs, Singles, array, f4, f8, i4, i8, kernel, read, u1

TILE_SHIFT, TILE_MASK = 5, 31  # tiles of `cells` are 32 points wide
NEVER = 255  # the ring number of a street that no ring reaches wholly
FLAT_M = 1e-9  # metres: a segment that rises less runs along its row


@kernel(read(i8, 2), read(i4), read(f4), read(u1), u1, f8, f8, i8, i8, array(u1, 2), array(f4, 2), array(u1, 2))
def paint(
    stored: Longs, street: Ints, distance: Singles, ring: Bytes, number: int, cap: float, walk_off: float,
    low: int, high: int, done: Bytes, short: Singles, first: Bytes,
) -> None:  # fmt: skip
    """Write the points of some rows of tiles whose nearest street is first wholly reached by a ring.

    Tiles of which no later ring reaches more are marked as done.
    """
    empty = (distance.size >> 2 * TILE_SHIFT) - 1
    for i in range(low, high):
        for j in range(stored.shape[1]):
            if stored[i, j] == empty or done[i, j]:
                continue
            at = stored[i, j] << 2 * TILE_SHIFT
            later = False
            for row in range(i << TILE_SHIFT, (i + 1) << TILE_SHIFT):
                for col in range(j << TILE_SHIFT, (j + 1) << TILE_SHIFT):
                    of = ring[street[at]]
                    if of == number:
                        short[row, col] = max(short[row, col], cap - distance[at])
                        if distance[at] < walk_off and first[row, col] > number:
                            first[row, col] = number
                    elif of > number:
                        later |= of < NEVER
                    at += 1
            done[i, j] = not later


@kernel(read(i4), read(i4), read(i4), read(i4), read(f4), read(u1), u1, read(i8), f8, f8, i8, array(f4), array(u1))
def lend(
    street_pairs: Ints, pair_other: Ints, pair_offsets: Ints, place: Ints, distance: Singles, ring: Bytes, number: int,
    corner: Longs, cap: float, walk_off: float, cols: int, short: Singles, first: Bytes,
) -> None:  # fmt: skip
    """Write what the streets first wholly reached by a ring hold of ground nearer to streets that it does not reach.

    `corner` is the flat place in the window where each tile begins, -1 for tiles outside it.
    """
    for street in range(street_pairs.size - 1):
        if ring[street] != number:
            continue
        for pair in range(street_pairs[street], street_pairs[street + 1]):
            if ring[pair_other[pair]] <= number:
                continue
            for i in range(pair_offsets[pair], pair_offsets[pair + 1]):
                begin = corner[place[i] >> 2 * TILE_SHIFT]
                if begin < 0:
                    continue
                at = begin + ((place[i] >> TILE_SHIFT) & TILE_MASK) * cols + (place[i] & TILE_MASK)
                short[at] = max(short[at], cap - distance[i])
                if distance[i] < walk_off and first[at] > number:
                    first[at] = number


@kernel(read(f8), read(f8), read(f8), read(f8), u1, i8, i8, f8, f8, f8, array(f4, 2), array(u1, 2))
def write(
    ax: Doubles, ay: Doubles, bx: Doubles, by: Doubles, number: int,
    first_row: int, first_col: int, step: float, cap: float, walk_off: float, short: Singles, first: Bytes,
) -> None:  # fmt: skip
    """Write segments that a ring and all later ones reach."""
    for i in range(ax.size):
        x0, y0, dx, dy = ax[i], ay[i], bx[i] - ax[i], by[i] - ay[i]
        square = max(dx * dx + dy * dy, FLAT_M * FLAT_M)
        low = math.ceil((y0 + min(0.0, dy) - cap) / step) - first_row
        high = math.floor((y0 + max(0.0, dy) + cap) / step) - first_row
        for row in range(max(low, 0), min(high + 1, first.shape[0])):
            y = (first_row + row) * step - y0
            # the part of the segment within reach of the row bounds the columns: slanting ones would cost their square
            x_from, x_to = 0.0, dx
            if abs(dy) > FLAT_M:
                x_from = min(max((y - cap) / dy, 0.0), 1.0) * dx
                x_to = min(max((y + cap) / dy, 0.0), 1.0) * dx
            left = math.ceil((x0 + min(x_from, x_to) - cap) / step) - first_col
            right = math.floor((x0 + max(x_from, x_to) + cap) / step) - first_col
            for col in range(max(left, 0), min(right + 1, first.shape[1])):
                x = (first_col + col) * step - x0
                share = min(max((x * dx + y * dy) / square, 0.0), 1.0)
                across, beyond = x - share * dx, y - share * dy
                distance = math.sqrt(across * across + beyond * beyond)
                short[row, col] = max(short[row, col], cap - distance)
                if distance < walk_off and first[row, col] > number:
                    first[row, col] = number
