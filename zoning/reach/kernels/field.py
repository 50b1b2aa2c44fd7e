"""Write how far lattice points are from reached street."""

from __future__ import annotations

import math

import numpy as np

from zoning.reach.kernels import Bytes, Doubles, Ints, Longs, Singles, array, f4, f8, i4, i8, kernel, read, u1

SIDE = 32  # points on a side of a tile of `cells`
NEVER = 255  # the ring number of a street that no ring reaches wholly
FLAT_M = 1e-9  # metres: a segment that rises less runs along its row


@kernel(read(f8), read(f8), read(f8), read(f8), read(u1), i8, i8, f8, f8, array(u1, 2))
def mark(
    west: Doubles, south: Doubles, east: Doubles, north: Doubles, ring: Bytes,
    first_row: int, first_col: int, side: float, cap: float, lowest: Bytes,
) -> None:  # fmt: skip
    """Lower `lowest` to the first ring that wholly reaches a street near each tile; tiles are `side` metres wide."""
    for i in range(ring.size - 1):
        if ring[i] < NEVER:
            low, high = math.floor((south[i] - cap) / side), math.floor((north[i] + cap) / side)
            left, right = math.floor((west[i] - cap) / side), math.floor((east[i] + cap) / side)
            for row in range(max(low - first_row, 0), min(high - first_row + 1, lowest.shape[0])):
                for col in range(max(left - first_col, 0), min(right - first_col + 1, lowest.shape[1])):
                    lowest[row, col] = min(lowest[row, col], ring[i])


@kernel(read(i8, 2), read(i4, 2), read(f4, 2), read(i4), read(i4), read(f4), read(u1), u1, f8, f8,
        array(u1, 2), array(u1, 2), array(f4, 3), array(u1, 3))  # fmt: skip
def paint(
    stored: Longs, street: Ints, distance: Singles, more_offsets: Ints, more_street: Ints, more_distance: Singles,
    ring: Bytes, number: int, cap: float, walk_off: float, lowest: Bytes, room: Bytes, short: Singles, first: Bytes,
) -> None:  # fmt: skip
    """Write how far the points of tiles are from the streets that a ring reaches wholly.

    Tiles near which no ring reaches a street later lose their mark: the next rings need not look at them again. Points
    come in the rows of tiles: as (rows of stored tiles, side), and as (rows, tiles in a row, side) in the window.
    `room` holds two such rows.
    """
    far, near, never, none = np.float32(cap), np.float32(walk_off), np.uint8(NEVER), np.float32(0.0)
    of, late = room[0], room[1]
    for i in range(stored.shape[0]):
        for j in range(stored.shape[1]):
            if lowest[i, j] > number:
                continue
            later = False
            for row in range(SIDE):
                line = stored[i, j] * SIDE + row
                streets, distances = street[line], distance[line]
                shorts, firsts = short[i * SIDE + row, j], first[i * SIDE + row, j]
                # one small step for all points of the row and then the next: so the processor takes many points at a
                # time, as long as no index may be negative
                for k in range(SIDE):
                    of[k] = ring[np.uint32(streets[k])]
                for k in range(SIDE):
                    value = far - distances[k] if of[k] <= number else none
                    shorts[k] = value if value > shorts[k] else shorts[k]
                for k in range(SIDE):
                    found = number if (distances[k] < near) & (of[k] <= number) else never
                    firsts[k] = found if found < firsts[k] else firsts[k]
                # and those of which the nearest street is not reached, one by one
                many = 0
                for k in range(SIDE):
                    late[many] = k
                    many += of[k] > number
                for at in range(many):
                    k = int(late[at])
                    later |= of[k] < never
                    for more in range(more_offsets[line * SIDE + k], more_offsets[line * SIDE + k + 1]):
                        found = ring[more_street[more]]
                        later |= number < found < never
                        if found <= number:
                            value = far - more_distance[more]
                            if value > shorts[k]:
                                shorts[k] = value
                                if more_distance[more] < near and firsts[k] > number:
                                    firsts[k] = number
                            break
            if not later:
                lowest[i, j] = NEVER


@kernel(read(i4), read(f4), read(i4), read(i4), read(f4), read(u1), array(i4), array(f4))
def choose(
    street: Ints, distance: Singles, more_offsets: Ints, more_street: Ints, more_distance: Singles, is_open: Bytes,
    found_street: Ints, found_distance: Singles,
) -> None:  # fmt: skip
    """Write the nearest open street of each point and how far it is; the number behind the last street for none."""
    for at in range(street.size):
        found_street[at], found_distance[at] = is_open.size - 1, np.inf
        if is_open[street[at]]:
            found_street[at], found_distance[at] = street[at], distance[at]
            continue
        for more in range(more_offsets[at], more_offsets[at + 1]):
            if is_open[more_street[more]]:
                found_street[at], found_distance[at] = more_street[more], more_distance[more]
                break


@kernel(read(f8), read(f8), read(f8), read(f8), u1, i8, i8, f8, f8, f8, array(f4, 2), array(u1, 2))
def write(
    ax: Doubles, ay: Doubles, bx: Doubles, by: Doubles, number: int,
    first_row: int, first_col: int, step: float, cap: float, walk_off: float, short: Singles, first: Bytes,
) -> None:  # fmt: skip
    """Write segments that a ring and all later ones reach."""
    none, never = np.float32(0.0), np.uint8(NEVER)
    for i in range(ax.size):
        x0, y0, dx, dy = ax[i], ay[i], bx[i] - ax[i], by[i] - ay[i]
        per_square = 1.0 / max(dx * dx + dy * dy, FLAT_M * FLAT_M)
        low = math.ceil((y0 + min(0.0, dy) - cap) / step) - first_row
        high = math.floor((y0 + max(0.0, dy) + cap) / step) - first_row
        for row in range(max(low, 0), min(high + 1, first.shape[0])):
            y = (first_row + row) * step - y0
            # the part of the segment within reach of the row bounds the columns: slanting ones would cost their square
            x_from, x_to = 0.0, dx
            if abs(dy) > FLAT_M:
                x_from = min(max((y - cap) / dy, 0.0), 1.0) * dx
                x_to = min(max((y + cap) / dy, 0.0), 1.0) * dx
            left = max(math.ceil((x0 + min(x_from, x_to) - cap) / step) - first_col, 0)
            right = min(math.floor((x0 + max(x_from, x_to) + cap) / step) - first_col + 1, first.shape[1])
            if right <= left:
                continue
            # no branch and no index that may be negative: so the processor takes several points at a time
            shorts, firsts = short[row, left:right], first[row, left:right]
            for col in range(right - left):
                x = (first_col + left + col) * step - x0
                share = (x * dx + y * dy) * per_square
                share = 0.0 if share < 0.0 else share
                share = 1.0 if share > 1.0 else share
                across, beyond = x - share * dx, y - share * dy
                square = across * across + beyond * beyond
                distance = math.sqrt(square)
                value = np.float32(cap - distance) if square < cap * cap else none
                shorts[col] = value if value > shorts[col] else shorts[col]
                found = number if distance < walk_off else never
                firsts[col] = found if found < firsts[col] else firsts[col]
