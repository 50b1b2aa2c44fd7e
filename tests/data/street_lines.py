"""Build streets from lines, reaches from stretches of them, and the exact answer that shapely gives."""

from __future__ import annotations

import numpy as np
import shapely
from shapely.ops import substring

from zoning.reach.streets import StreetReach, Streets


def streets_of(lines, length_m=None):
    """Return the streets along some lists of vertices, each mapped in both directions."""
    xy = [np.asarray(line, float) for line in lines]
    offsets = np.cumsum([0] + [len(line) for line in xy])
    drawn = np.array([np.hypot(*np.diff(line, axis=0).T).sum() for line in xy])
    count = len(xy)
    return Streets(
        np.vstack(xy),
        offsets.astype(np.intp),
        drawn if length_m is None else np.asarray(length_m, float),
        np.repeat(np.arange(count), 2),
        np.tile([False, True], count),
    )


def reach_of(streets, heads=None, tails=None, middles=()):
    """Return a reach from shares by street number, all other streets untouched."""
    head, tail = np.zeros(len(streets.length_m)), np.zeros(len(streets.length_m))
    for street, share in (heads or {}).items():
        head[street] = share
    for street, share in (tails or {}).items():
        tail[street] = share
    return StreetReach(head, tail, tuple(middles))


def random_lines(seed, count=60, side_m=1500.0):
    """Return crooked streets of two to six vertices, strewn over a square far from the origin of the plane."""
    rng = np.random.default_rng(seed)
    lines = []
    for _ in range(count):
        steps = rng.normal(0, 90, (rng.integers(1, 6), 2)) + rng.normal(0, 60, 2)
        start = rng.uniform(0, side_m, 2) + (600_000, 1_210_000)
        lines.append(start + np.vstack(([0, 0], np.cumsum(steps, axis=0))))
    return lines


def random_reaches(streets, seed, rings=3, whole=0.7):
    """Return growing reaches: some streets wholly, some in part, a few from inside."""
    rng = np.random.default_rng(seed)
    count = len(streets.length_m)
    head, tail = np.zeros(count), np.zeros(count)
    middles = []
    result = []
    for _ in range(rings):
        chosen = rng.random(count) < whole / rings
        head = np.where(chosen, 1.0, np.maximum(head, rng.random(count) * (rng.random(count) < 0.15)))
        tail = np.maximum(tail, rng.random(count) * (rng.random(count) < 0.15))
        street, start = int(rng.integers(count)), float(rng.uniform(0, 0.7))
        middles.append((street, start, start + float(rng.uniform(0, 0.3))))
        result.append(StreetReach(np.minimum(head, 1), np.minimum(tail, 1), tuple(middles)))
    return result


def stretches(streets, reach):
    """Return the reached stretches of street as shapely lines, some of them overlapping."""
    lines = [
        shapely.LineString(streets.xy[a:b]) for a, b in zip(streets.offsets[:-1], streets.offsets[1:], strict=True)
    ]
    found = []
    for line, head, tail in zip(lines, reach.head, reach.tail, strict=True):
        if head > 0:
            found.append(substring(line, 0, head, normalized=True))
        if tail > 0:
            found.append(substring(line, 1 - tail, 1, normalized=True))
    found += [substring(lines[street], start, end, normalized=True) for street, start, end in reach.middles]
    return found


def exact(streets, reach, walk_off_m):
    """Return the exact reach: the reached stretches widened by the walk-off, by shapely alone."""
    return shapely.union_all(shapely.buffer(stretches(streets, reach), walk_off_m, quad_segs=32))


def exact_km(streets, reach):
    """Return the reached length as stated by the streets, overlapping stretches once, by shapely alone."""
    total = 0.0
    for number, (a, b) in enumerate(zip(streets.offsets[:-1], streets.offsets[1:], strict=True)):
        one = StreetReach(
            np.where(np.arange(len(reach.head)) == number, reach.head, 0),
            np.where(np.arange(len(reach.head)) == number, reach.tail, 0),
            tuple(middle for middle in reach.middles if middle[0] == number),
        )
        parts = stretches(streets, one)
        if parts:
            # a hair's breadth each side, so that pieces of one line that overlap count once
            width = 1e-4
            area = shapely.union_all(shapely.buffer(parts, width, cap_style="flat")).area
            drawn = shapely.LineString(streets.xy[a:b]).length
            total += area / (2 * width) / drawn * streets.length_m[number]
    return total / 1000
