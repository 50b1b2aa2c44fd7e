"""Find shortest paths from places that are close to what they reach: nodes in buckets of time, no heap."""

from __future__ import annotations

from zoning.reach.kernels import Doubles, Ints, array, b1, f8, i4, kernel, read

NOTHING = -1  # the first entry of an empty bucket


@kernel(read(i4), read(i4), read(f8), read(i4), read(f8), f8, array(i4), array(i4, 2), array(f8), array(f8), result=b1)
def spread(
    indptr: Ints, indices: Ints, weights: Doubles, starts: Ints, start_seconds: Doubles, limit: float,
    buckets: Ints, entries: Ints, entered: Doubles, seconds: Doubles,
) -> bool:  # fmt: skip
    """Lower `seconds`, infinite at first, to those of the quickest way to each node within the limit.

    A node that is found to be reached sooner is entered into the bucket of its time; the buckets are emptied one after
    the other, and a node whose time falls while its own is emptied is taken up again (Dial, Comm. ACM 12, 1969, with
    buckets wider than the shortest arc, as Meyer & Sanders, J. Algorithms 49, 2003, have them). In the end no arc leads
    anywhere sooner: the very numbers that Dijkstra's order gives, for a sum of seconds does not depend on when it is
    made.

    `buckets` are to hold NOTHING; `entries`, a node and the entry before it in its bucket, and the seconds `entered`
    are room. Returns False if there is not enough of it.
    """
    per_second = (buckets.size - 1) / limit
    count = 0
    for i in range(starts.size):
        node, found = starts[i], start_seconds[i]
        if found <= limit and found < seconds[node]:
            if count == entered.size:
                return False
            bucket = int(found * per_second)
            entries[count, 0], entries[count, 1], entered[count] = node, buckets[bucket], found
            buckets[bucket] = count
            count += 1
            seconds[node] = found
    for at in range(buckets.size):
        while buckets[at] != NOTHING:
            entry = buckets[at]
            buckets[at] = entries[entry, 1]
            node, since = entries[entry, 0], entered[entry]
            if seconds[node] < since:
                continue  # it was entered again, for less
            for arc in range(indptr[node], indptr[node + 1]):
                found = since + weights[arc]
                if found <= limit and found < seconds[indices[arc]]:
                    if count == entered.size:
                        return False
                    bucket = int(found * per_second)
                    entries[count, 0], entries[count, 1], entered[count] = indices[arc], buckets[bucket], found
                    buckets[bucket] = count
                    count += 1
                    seconds[indices[arc]] = found
    return True
