"""Hold results with a scenario against the laws of travel: additions lengthen no trip, closures shorten none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from zoning.result import Note
from zoning.text import N_
from zoning.transit.network import TransitNetwork

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from zoning.reach import TravelNetwork
    from zoning.result import Result

SAME, FASTER, SLOWER, MIXED = "same", "faster", "slower", "mixed"
SLACK_MIN = 1e-6
"""Sums of floats: a difference below this is none."""
SLACK_SHARE = 1e-6
SLACK_AREA = 0.02
"""Rings are drawn to 1 % on either side, so two of them are compared to 2 %."""
LAWS = {
    "longer": N_("Nothing was closed or slowed, and yet {count} trips take longer."),
    "shorter": N_("Nothing was added or sped up, and yet {count} trips are shorter."),
    "shrunk": N_("Nothing was closed or slowed, and yet the reach within {minutes:g} minutes shrank ({what})."),
    "grown": N_("Nothing was added or sped up, and yet the reach within {minutes:g} minutes grew ({what})."),
    "fewer": N_("Nothing was closed or slowed, and yet fewer people are served in {count} rows."),
    "less": N_("Nothing was closed or slowed, and yet less is within reach of {count} points where people live."),
    "changed": N_("Nothing that the trips can use has changed, and yet {count} of them differ."),
    "nest": N_("The reach within {minutes:g} minutes is not inside the next larger one ({what})."),
}
CAVEAT = N_(
    "These laws hold at fixed costs, as here: speeds by class and hour. Where traffic shifts to a new road and roads "
    "jam or clear, a trip may well become longer by an addition (Braess)."
)


def direction(before: TravelNetwork, after: TravelNetwork) -> str:
    """Return what a scenario does to the costs of a network: same, faster, slower or mixed.

    Faster: edges were added or became quicker, none slower. Slower: the other way round. Of a network with public
    transport its streets are compared, those of every vehicle, and what runs: a scenario only ever adds lines and
    stops.
    """
    if isinstance(before, TransitNetwork) and isinstance(after, TransitNetwork):
        ways = {direction(one, other) for one, other in zip(before.parts, after.parts, strict=True)} - {SAME}
        if before.supply.fingerprint != after.supply.fingerprint:
            ways.add(FASTER)
        return MIXED if len(ways) > 1 else ways.pop() if ways else SAME
    old = before.costs.edge_seconds
    new = after.costs.edge_seconds
    kept, added = new[: old.size], new[old.size :]
    same = (kept == old) | (np.isinf(kept) & np.isinf(old))
    quicker = bool((kept < old)[~same].any() or np.isfinite(added).any())
    slower = bool((kept > old)[~same].any())
    if quicker and slower:
        return MIXED
    return FASTER if quicker else SLOWER if slower else SAME


def trips(before: NDArray[np.float64], after: NDArray[np.float64], way: str) -> tuple[Note, ...]:
    """Return the laws that trips break: minutes before and after, inf or NaN where not reached, same shape."""
    old, new = (np.where(np.isnan(one), np.inf, one) for one in (before, after))
    with np.errstate(invalid="ignore"):
        longer = int((new > old + SLACK_MIN).sum())
        shorter = int((new < old - SLACK_MIN).sum())
    broken = []
    if way == SAME and longer + shorter:
        broken.append(Note(LAWS["changed"], {"count": longer + shorter}))
    if way == FASTER and longer:
        broken.append(Note(LAWS["longer"], {"count": longer}))
    if way == SLOWER and shorter:
        broken.append(Note(LAWS["shorter"], {"count": shorter}))
    return tuple(broken)


def elsewhere(before: NDArray[np.float64], after: NDArray[np.float64], touched: NDArray[np.bool_]) -> tuple[Note, ...]:
    """Return the law that minutes at nodes break where no change is in reach: those must be the same to the bit.

    Parameters
    ----------
    before, after
        Minutes at the nodes of the base, (n,), inf where not reached.
    touched
        Which of these nodes lie in a part of the network that a change belongs to.
    """
    different = ~touched & ~((before == after) | (np.isinf(before) & np.isinf(after)))
    return (Note(LAWS["changed"], {"count": int(different.sum())}),) if different.any() else ()


def touched_parts(before: TravelNetwork, after: TravelNetwork) -> NDArray[np.bool_]:
    """Return which nodes of the base lie in a connected part (open either way) that has a changed or added edge."""
    if isinstance(before, TransitNetwork) and direction(before, after) != SAME:
        return np.ones(before.layout.node_count, dtype=bool)  # a line joins any parts

    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    old, new, arcs = before.costs.edge_seconds, after.costs.edge_seconds, after.layout.arcs
    changed = np.ones(new.size, dtype=bool)
    changed[: old.size] = ~((new[: old.size] == old) | (np.isinf(new[: old.size]) & np.isinf(old)))
    usable = np.isfinite(new)
    usable[: old.size] |= np.isfinite(old)  # a closed street joined its ends before
    use = usable[arcs.edge]
    count = after.layout.node_count
    links = coo_array((np.ones(int(use.sum())), (arcs.start[use], arcs.end[use])), shape=(count, count))
    _, label = connected_components(links, directed=False)
    hit = np.unique(label[arcs.start[changed[arcs.edge]]])
    return np.asarray(np.isin(label, hit)[: before.layout.node_count])


def reach(before: pd.DataFrame, after: pd.DataFrame, way: str) -> tuple[Note, ...]:
    """Return the laws that rings break: frames with minutes, area_ha, reachable_km and people, same limits."""
    broken = []
    for column, slack in (("reachable_km", SLACK_SHARE), ("people", SLACK_SHARE), ("area_ha", SLACK_AREA)):
        if column not in before or column not in after:
            continue
        old, new = (frame[column].to_numpy(dtype=float) for frame in (before, after))
        room = slack * np.maximum(np.abs(old), 1.0) + (1.0 if column == "people" else 0.0)  # people are rounded
        for law, bad in (("shrunk", new < old - room), ("grown", new > old + room)):
            if bad.any() and way in ((FASTER, SAME) if law == "shrunk" else (SLOWER, SAME)):
                minutes = float(after["minutes"].to_numpy()[bad][0])
                broken.append(Note(LAWS[law], {"minutes": minutes, "what": column}))
    return tuple(broken)


def nesting(rings: pd.DataFrame) -> tuple[Note, ...]:
    """Return the laws that the rings of one result break among themselves, smallest first."""
    broken = []
    for column in ("reachable_km", "people", "area_ha"):
        if column not in rings:
            continue
        values, minutes = rings[column].to_numpy(dtype=float), rings["minutes"].to_numpy(dtype=float)
        less = np.flatnonzero(np.diff(values) < -SLACK_SHARE * np.maximum(values[:-1], 1.0))
        broken += [Note(LAWS["nest"], {"minutes": float(minutes[at]), "what": column}) for at in less]
    return tuple(broken)


def _served(before: pd.DataFrame, after: pd.DataFrame) -> tuple[Note, ...]:
    """Return the law that is broken where fewer people reach something, though nothing became slower."""
    both = before[["id", "people_reached"]].merge(after[["id", "people_reached"]], on="id", suffixes=("_b", "_a"))
    old, new = (both[f"people_reached_{side}"].to_numpy(dtype=float) for side in "ba")
    fewer = int((new < old - SLACK_SHARE * np.maximum(np.abs(old), 1.0)).sum())
    return (Note(LAWS["fewer"], {"count": fewer}),) if fewer else ()


def _points(before: pd.DataFrame, after: pd.DataFrame, measure: str) -> tuple[Note, ...]:
    """Return the laws that access at points breaks where nothing became slower: no value may be worse.

    Where people compete for places, a better way for some is worse for others: no law holds for those measures.
    """
    count = min(len(before), len(after))
    old, new = (frame["value"].to_numpy(dtype=float)[:count] for frame in (before, after))
    if measure == "nearest":
        return trips(old, new, FASTER)
    if measure not in ("cumulative", "gravity"):
        return ()
    less = int((new < old - SLACK_SHARE * np.maximum(np.abs(old), 1.0)).sum())
    return (Note(LAWS["less"], {"count": less}),) if less else ()


def of_results(before: Result, after: Result, way: str) -> tuple[Note, ...]:
    """Return the laws that the result of a job with a scenario breaks, beside the one without.

    What is held against them: rings among each other and before and after, and every table with an id and minutes.
    """
    broken: list[Note] = []
    measure = str(after.run.get("request", {}).get("measure", ""))
    for name, frame in after.frames.items():
        old: Any = before.frames.get(name)
        if old is not None and name == "points" and measure and way in (FASTER, SAME):
            broken += _points(old, frame, measure)
        if old is not None and "people_reached" in frame and "id" in frame and way in (FASTER, SAME):
            broken += _served(old, frame)
        if old is None or "minutes" not in frame or "minutes" not in old:
            continue
        if name in ("rings", "curve"):
            # split by nearest, one origin may well lose what another gains: there the curve of all is held
            split = "origin" in frame
            for _, rings in frame.groupby("origin") if split else [(0, frame)]:
                broken += nesting(rings)
            if len(frame) == len(old) and not split:
                broken += reach(old, frame, way)
        elif "id" in frame and frame["id"].is_unique and old["id"].is_unique:
            key = ["id"]
            both = old[[*key, "minutes"]].merge(frame[[*key, "minutes"]], on=key, suffixes=("_before", "_after"))
            broken += trips(both["minutes_before"].to_numpy(float), both["minutes_after"].to_numpy(float), way)
    return tuple(broken)
