"""Find shortest paths from places that are close to what they reach: nodes in buckets of time, no heap."""

from __future__ import annotations

from zoning.reach.kernels import Doubles, Ints, array, f8, i4, kernel, read

NOWHERE = -1  # before the first node of a bucket, and after the last
IDLE = -2  # before a node that waits in no bucket


@kernel(i4, f8, f8, array(i4, 2), array(i4, 2), array(f8))
def _move(node: int, found: float, per_second: float, buckets: Ints, room: Ints, seconds: Doubles) -> None:
    """Give a node its new seconds, and put it behind those in the bucket of these."""
    first, last, after, before = buckets[0], buckets[1], room[0], room[1]
    if before[node] != IDLE:
        old = int(seconds[node] * per_second)
        follower, leader = after[node], before[node]
        if leader == NOWHERE:
            first[old] = follower
        else:
            after[leader] = follower
        if follower == NOWHERE:
            last[old] = leader
        else:
            before[follower] = leader
    seconds[node] = found
    new = int(found * per_second)
    leader = last[new]
    after[node], before[node] = NOWHERE, leader
    last[new] = node
    if leader == NOWHERE:
        first[new] = node
    else:
        after[leader] = node


@kernel(read(i4), read(i4), read(f8), read(i4), read(f8), f8, array(i4, 2), array(i4, 2), array(f8))
def spread(
    indptr: Ints, indices: Ints, weights: Doubles, starts: Ints, start_seconds: Doubles, limit: float,
    buckets: Ints, room: Ints, seconds: Doubles,
) -> None:  # fmt: skip
    """Lower `seconds`, infinite at first, to those of the quickest way to each node within the limit.

    A node waits in the bucket of its time, the earliest are taken up first; one that is found to be reached sooner
    while its bucket is emptied is taken up again (Dial, Comm. ACM 12, 1969, with buckets wider than the shortest arc,
    as Meyer & Sanders, J. Algorithms 49, 2003, have them). In the end no arc leads anywhere sooner: the very numbers
    that Dijkstra's order gives, for a sum of seconds does not depend on when it is made.

    `buckets`, (2, buckets), the first and last nodes of each, are to hold NOWHERE; `room`, (2, nodes), the nodes after
    and before each in its bucket, IDLE.
    """
    first, last, after, before = buckets[0], buckets[1], room[0], room[1]
    per_second = (first.size - 1) / limit
    for i in range(starts.size):
        if start_seconds[i] <= limit and start_seconds[i] < seconds[starts[i]]:
            _move(starts[i], start_seconds[i], per_second, buckets, room, seconds)
    for bucket in range(first.size):
        while first[bucket] != NOWHERE:
            node = first[bucket]
            first[bucket] = after[node]
            if after[node] == NOWHERE:
                last[bucket] = NOWHERE
            else:
                before[after[node]] = NOWHERE
            before[node] = IDLE
            since = seconds[node]
            for arc in range(indptr[node], indptr[node + 1]):
                found = since + weights[arc]
                if found <= limit and found < seconds[indices[arc]]:
                    _move(indices[arc], found, per_second, buckets, room, seconds)
