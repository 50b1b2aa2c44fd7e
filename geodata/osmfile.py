"""Read the streets of an OpenStreetMap file with pyosmium: highway ways and their nodes, nothing else in memory."""

from __future__ import annotations

import unicodedata
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geodata.osmcheck import Kind, Limits, check_osm_file
from geodata.watch import Watch
from zoning.errors import BadFileError, ZoningError
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

_WAYS = N_("Reading the streets")
_NODES = N_("Reading their points")
_TEXT_LENGTH = 255  # the longest key or value that OpenStreetMap itself stores
_POLL = 2_000  # elements between two looks at the clock and at the planner's wish to stop

# every tag that geodata.osmtags looks at: by name, or by the part before the first colon
_TAGS = frozenset(
    {
        "access",
        "area",
        "bicycle",
        "cycleway",
        "dual_carriageway",
        "foot",
        "goods",
        "hgv",
        "highway",
        "junction",
        "lanes",
        "maxspeed",
        "motor_vehicle",
        "motorcar",
        "motorcycle",
        "motorroad",
        "name",
        "oneway",
        "service",
        "source",
        "vehicle",
        "zone",
    }
)


@dataclass(frozen=True)
class Way:
    """One way as it was mapped: its nodes in order and the tags that matter for streets."""

    id: int
    nodes: array[int]
    tags: dict[str, str]


@dataclass(frozen=True)
class OsmStreets:
    """The highway ways of a source and the positions of their nodes.

    `node_ids` is sorted; `lon` and `lat` follow it (degrees, WGS 84). Nodes that ways name but the source lacks are
    not in it. `newest` is the date of the newest highway (YYYY-MM-DD, empty if the source has no dates).
    """

    ways: tuple[Way, ...]
    node_ids: NDArray[np.int64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    other_ways: int
    """Ways of the source that are no highways."""
    newest: str
    name: str
    """What the source is called, for reports."""


def read_streets(path: Path, *, limits: Limits | None = None, watch: Watch | None = None) -> OsmStreets:
    """Read the highway ways of an .osm, .osm.gz, .osm.bz2 or .osm.pbf file.

    The file is read twice in a stream, the places of all nodes first and then the ways: an editor may have written them
    in any order. Of a node that no street names, 16 bytes are held meanwhile.

    Parameters
    ----------
    path
        The file; checked first (`geodata.osmcheck`), its kind known by its bytes.
    limits
        Sizes beyond which the file is refused.
    watch
        Told how far the work is, and asked whether to stop.

    Raises
    ------
    BadFileError
        Not a whole OpenStreetMap file, beyond the limits, or without any highway.
    StoppedError
        The watch said stop.
    """
    limits, watch = limits or Limits(), watch or Watch()
    path = path.resolve()  # libosmium takes "http:..." and "-" for more than names of files; a full path is only a file
    kind = check_osm_file(path, limits=limits, watch=watch.part(0.0, 0.3))
    import osmium  # 40 MB and threads: only when a file is read

    try:
        watch.at(_NODES, 0.3)
        places = _Places(path, kind)
        ways, other_ways, newest = _read_ways(path, kind, places, limits, watch.part(0.5, 0.9))
        node_ids, lon, lat = _placed(path, places, ways, limits, watch.part(0.9, 1.0))
    except ZoningError:
        raise
    except (osmium.InvalidLocationError, RuntimeError, ValueError, OverflowError) as fault:
        raise BadFileError(N_("{name} is damaged: its map data cannot be read."), name=path.name) from fault
    return OsmStreets(ways, node_ids, lon, lat, other_ways, newest, path.name)


def clean_tags(pairs: Iterator[tuple[str, str]]) -> dict[str, str]:
    """Return the tags that matter for streets: composed Unicode, no control characters, no longer than OSM allows."""
    return {k: clean_text(v) for k, v in pairs if k.partition(":")[0] in _TAGS and len(k) <= _TEXT_LENGTH}


def clean_text(value: str) -> str:
    """Return a value as composed Unicode without control characters, no longer than OpenStreetMap stores."""
    composed = unicodedata.normalize("NFC", value[:_TEXT_LENGTH])
    return "".join(sign for sign in composed if sign.isprintable()).strip()


class _Places:
    """Where all nodes of a file are: read by libosmium without a look at each, twenty times as fast as with one.

    `handler` must see the ways of the file before `of` is asked: it sorts nodes that stand in the file in disorder. A
    filter of pyosmium by the nodes that are wanted would hold a bit for each number up to the largest one, 0.6 GB.
    """

    def __init__(self, path: Path, kind: Kind) -> None:
        import osmium

        self._known = osmium.index.create_map("sparse_mem_array")
        self.handler = osmium.NodeLocationsForWays(self._known)
        self.handler.ignore_errors()  # ways that reach beyond the extract
        osmium.apply(osmium.io.Reader(osmium.io.File(str(path), kind), osmium.osm.NODE), self.handler)

    def of(self, node: int) -> tuple[float, float] | None:
        """Return longitude and latitude of a node, None where the file does not say them."""
        try:
            place = self._known.get(node)
        except KeyError:
            return None
        return (place.lon, place.lat) if place.valid() else None


def _read_ways(
    path: Path, kind: Kind, places: _Places, limits: Limits, watch: Watch
) -> tuple[tuple[Way, ...], int, str]:
    import osmium

    ways: list[Way] = []
    others = count = 0
    newest = ""
    entities = osmium.FileProcessor(osmium.io.File(str(path), kind), osmium.osm.WAY).with_filter(places.handler)
    for entity in entities:
        count += 1
        if count % _POLL == 0:
            watch.at(_WAYS, count / (count + 50_000))  # how many will come is unknown: approach the end
        if "highway" not in entity.tags:
            others += 1
            continue
        if len(ways) >= limits.ways:
            _too_many(path, limits.ways)
        tags = clean_tags((tag.k, tag.v) for tag in entity.tags)
        ways.append(Way(entity.id, array("q", (node.ref for node in entity.nodes)), tags))
        if entity.timestamp.year > 1970:
            newest = max(newest, entity.timestamp.date().isoformat())
    if not ways:
        raise BadFileError(N_("{name} holds no streets (no way with the tag highway)."), name=path.name)
    return tuple(ways), others, newest


def _placed(
    path: Path, places: _Places, ways: tuple[Way, ...], limits: Limits, watch: Watch
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    wanted = np.unique(np.concatenate([np.frombuffer(way.nodes, dtype=np.int64) for way in ways if len(way.nodes)]))
    wanted = wanted[wanted > 0]  # editors give unsaved nodes negative numbers; they belong to no published file
    if len(wanted) > limits.nodes:
        _too_many(path, limits.nodes)
    lon, lat = np.full(len(wanted), np.nan), np.full(len(wanted), np.nan)
    for row, node in enumerate(wanted.tolist()):
        if row % _POLL == 0:
            watch.at(_NODES, row / len(wanted))
        if place := places.of(node):
            lon[row], lat[row] = place
    found = np.isfinite(lon)
    return wanted[found], lon[found], lat[found]


def _too_many(path: Path, limit: int) -> None:
    raise BadFileError(
        N_("{name} holds more than {limit} streets or street points. Cut the extract to the region first."),
        name=path.name,
        limit=f"{limit:,}",
    )
