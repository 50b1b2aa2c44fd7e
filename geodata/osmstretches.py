"""Cut OpenStreetMap ways into straight stretches between neighbouring nodes, and sort out those that are no streets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geodata.osmreport import Dropped
from geodata.osmtags import REASONS, StreetTags

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geodata.osmfile import OsmStreets
    from geodata.osmreport import Bbox
    from geodata.osmtags import Reason

_EARTH_RADIUS_M = 6_371_009.0  # the mean radius that osmnx uses
_M_PER_DEGREE = 111_195.0


@dataclass(frozen=True)
class Stretches:
    """Straight pieces of ways in the order of the ways: rows of their way and of both nodes, and their lengths."""

    way: NDArray[np.intp]
    tail: NDArray[np.intp]
    head: NDArray[np.intp]
    length_m: NDArray[np.float64]

    def of(self, rows: NDArray[np.bool_]) -> Stretches:
        """Return the stretches where `rows` is True."""
        return Stretches(self.way[rows], self.tail[rows], self.head[rows], self.length_m[rows])


def cut_into_stretches(source: OsmStreets) -> tuple[Stretches, int]:
    """Return the stretches between nodes that the source has, and how many ways lack some of their nodes.

    A node named twice in a row is one node; a missing one breaks its way in two.
    """
    counts = np.array([len(way.nodes) for way in source.ways], dtype=np.intp)
    way_of_ref = np.repeat(np.arange(len(source.ways)), counts)
    refs = np.concatenate([np.array(way.nodes, dtype=np.int64) for way in source.ways])
    rows = np.minimum(np.searchsorted(source.node_ids, refs), max(len(source.node_ids) - 1, 0))
    known = source.node_ids[rows] == refs if len(source.node_ids) else np.zeros(len(refs), dtype=bool)
    tail, head = rows[:-1], rows[1:]
    good = (way_of_ref[:-1] == way_of_ref[1:]) & known[:-1] & known[1:] & (refs[:-1] != refs[1:])
    way, tail, head = way_of_ref[:-1][good], tail[good], head[good]
    length_m = great_circle_m(source.lon[tail], source.lat[tail], source.lon[head], source.lat[head])
    return Stretches(way, tail, head, length_m), len(np.unique(way_of_ref[~known]))


def sort_stretches(
    source: OsmStreets, tags: Sequence[StreetTags | Reason], box: Bbox
) -> tuple[Stretches, tuple[Dropped, ...]]:
    """Return the stretches of streets near the study area and, by reason, what was left out.

    Parameters
    ----------
    source
        Ways and nodes.
    tags
        What the tags of each way say, in the order of `source.ways`.
    box
        West, south, east, north in degrees; a stretch with one end inside is kept whole.
    """
    stretches, broken = cut_into_stretches(source)
    west, south, east, north = box
    inside = (source.lon >= west) & (source.lon <= east) & (source.lat >= south) & (source.lat <= north)
    near = inside[stretches.tail] | inside[stretches.head]
    of_way = np.array([tag if isinstance(tag, str) else "" for tag in tags], dtype=object)
    reasons = of_way[stretches.way]
    reasons[(reasons == "") & ~near] = "outside"
    drops = []
    for reason in REASONS:
        rows = reasons == reason
        # ways, not stretches, are what a mapper can look up; one may be dropped for two reasons or in part
        ways = broken if reason == "broken" else len(np.unique(stretches.way[rows]))
        if ways:
            km = None if reason == "broken" else float(stretches.length_m[rows].sum() / 1000)
            drops.append(Dropped(reason, ways, km))
    return stretches.of(reasons == ""), tuple(drops)


def widened(box: Bbox, margin_m: float) -> Bbox:
    """Return a box in degrees with a margin in metres all round."""
    west, south, east, north = box
    up = margin_m / _M_PER_DEGREE
    aside = up / max(np.cos(np.radians(max(abs(south), abs(north)))), 0.01)
    return west - aside, south - up, east + aside, north + up


def great_circle_m(
    lon1: NDArray[np.float64], lat1: NDArray[np.float64], lon2: NDArray[np.float64], lat2: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return great-circle distances in metres between positions in degrees (haversine), as osmnx measures them."""
    x1, y1, x2, y2 = (np.radians(value) for value in (lon1, lat1, lon2, lat2))
    half = np.sin((y2 - y1) / 2) ** 2 + np.cos(y1) * np.cos(y2) * np.sin((x2 - x1) / 2) ** 2
    return np.asarray(2 * _EARTH_RADIUS_M * np.arcsin(np.minimum(np.sqrt(half), 1.0)), dtype=float)
