"""Build the street graph of a region from OpenStreetMap ways, by osmnx, with our own rules of who may use what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import networkx as nx
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS, Transformer

from geodata.collector import without_collector
from geodata.corridor_parts import built_up
from geodata.crs import PLANNING_CRS, STUDY_ENVELOPE, is_vn2000, lonlat_to_planning
from geodata.osmreport import Bbox, Dropped, StreetReport
from geodata.osmstretches import Stretches, sort_stretches, widened
from geodata.osmtags import MODES, Reason, Side, StreetTags, is_alley, street_tags
from geodata.watch import Watch
from zoning.errors import BadFileError, InputError
from zoning.reach.modes import CAR, travel_costs
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import ArrayLike, NDArray

    from geodata.osmfile import OsmStreets

    Floats = NDArray[np.float64]

MARGIN_M = 10_000.0
"""Kept round a study area: a quarter of an hour at 40 km/h, else places near its edge look cut off."""
WALK_OFF_M = 50.0
NAME = "streets"

_SORTING = N_("Sorting streets by their tags")
_JOINING = N_("Joining ways into streets")
_PLACING = N_("Placing streets on the planning grid")


class _Profile(NamedTuple):
    """What must be equal for two stretches to be one street, whichever way they were drawn."""

    tags: StreetTags
    built_up: bool


def street_graph(
    source: OsmStreets,
    *,
    crs: CRS | str | int = PLANNING_CRS,
    bbox: Bbox | None = None,
    margin_m: float = MARGIN_M,
    wards: gpd.GeoDataFrame | None = None,
    watch: Watch | None = None,
) -> tuple[nx.MultiDiGraph, StreetReport]:
    """Return the street graph of a source and what was left out of it.

    Every stretch of street is there in each direction that any mode may use; `allow_…` says which. Stretches are joined
    between junctions (`osmnx.simplify_graph`, once) where all that is known of them is equal, so that every attribute
    is one value. Lengths are great-circle sums by osmnx, taken before the projection. All parts are kept, also islands.

    Parameters
    ----------
    source
        Highway ways and their nodes, from a file or from Overpass.
    crs
        Projected system of the graph, in metres; the planning CRS unless another city is studied.
    bbox
        West, south, east, north of the study area in degrees; None: the study envelope of the region, or everything
        where `crs` is not the planning CRS.
    margin_m
        Kept round `bbox`; a stretch with one end inside is kept whole.
    wards
        Wards in the planning CRS with name_vi: a street is in a built-up area inside a phường and not inside a xã,
        unless a tag says otherwise; outside all wards, or without any, it counts as built-up, the slower of the two.
    watch
        Told how far the work is, and asked whether to stop.

    Returns
    -------
    MultiDiGraph in the network schema (x, y, length, travel_time by car in s, geometry, highway, name, maxspeed_kmh,
    lanes, divided, built_up, allow_…, source_id), and the report.

    Raises
    ------
    BadFileError
        No street of the source lies in the study area.
    InputError
        `crs` is not projected in metres, or `bbox` is not a box in degrees.
    """
    watch = watch or Watch()
    target = CRS.from_user_input(crs)
    box = _study_box(bbox, target)
    watch.at(_SORTING)
    tags = [street_tags(way.tags) for way in source.ways]
    kept, drops = sort_stretches(source, tags, widened(box, margin_m))
    if not len(kept.way):
        _refuse(source, box)
    watch.at(_SORTING, 0.1)
    with without_collector():
        raw, profiles = _raw_graph(source, tags, kept, _in_built_up(source, kept, wards))
        watch.at(_JOINING, 0.25)
        joined = _simplified(raw, watch.part(0.25, 0.8))
        del raw  # as large as all that follows
        watch.at(_PLACING, 0.8)
        graph = _finished(joined, profiles, target)
    watch.at(_PLACING, 1.0)
    return graph, _report(source, graph, kept, drops, (box, margin_m))


def _in_built_up(source: OsmStreets, kept: Stretches, wards: gpd.GeoDataFrame | None) -> NDArray[np.bool_]:
    if wards is None or wards.empty:
        return np.ones(len(kept.way), dtype=bool)
    middles = [(degrees[kept.tail] + degrees[kept.head]) / 2 for degrees in (source.lon, source.lat)]
    return built_up(np.column_stack(lonlat_to_planning(*middles)), wards)


def _raw_graph(
    source: OsmStreets, tags: Sequence[StreetTags | Reason], kept: Stretches, in_built_up: NDArray[np.bool_]
) -> tuple[nx.MultiDiGraph, list[_Profile]]:
    """Return the graph of single stretches, each edge with the number of its profile and its side of it."""
    profiles: list[_Profile] = []
    number: dict[_Profile, int] = {}
    edges: list[tuple[int, int, dict[str, Any]]] = []
    ids = source.node_ids.tolist()
    lopsided: list[tuple[int, int]] = []
    keys: list[int] = []
    for way, tail, head, flag in zip(
        kept.way.tolist(), kept.tail.tolist(), kept.head.tolist(), in_built_up.tolist(), strict=True
    ):
        found = tags[way]
        if isinstance(found, str):  # such ways have no stretches left
            continue
        built = flag if found.built_up is None else found.built_up
        profile = _Profile(found._replace(built_up=None), built)
        first = _direction_first(profile)
        key = number.setdefault(first, len(profiles))
        if key == len(profiles):
            profiles.append(first)
        keys.append(key)
        turned = first is not profile
        u, v = ids[tail], ids[head]
        way_id = str(source.ways[way].id)
        if any(profile.tags.forward.allow):
            edges.append((u, v, {"profile": key, "turned": turned, "source_id": way_id}))
        if any(profile.tags.backward.allow):
            edges.append((v, u, {"profile": key, "turned": not turned, "source_id": way_id}))
        if profile.tags.forward != profile.tags.backward:
            lopsided.append((head, tail) if turned else (tail, head))
    graph = nx.MultiDiGraph(crs="EPSG:4326", name=NAME)
    rows = np.unique(np.concatenate([kept.tail, kept.head]))
    graph.add_nodes_from(
        (ids[row], {"x": x, "y": y})
        for row, x, y in zip(rows.tolist(), source.lon[rows].tolist(), source.lat[rows].tolist(), strict=True)
    )
    graph.add_edges_from(edges)
    for row in _breaks(kept, np.array(keys, dtype=np.intp), lopsided, len(ids)):
        graph.nodes[ids[row]]["break"] = True
    return graph, profiles


def _direction_first(profile: _Profile) -> _Profile:
    """Return the profile, or its mirror image: of a street's two drawings the same one each time."""
    forward, backward = profile.tags.forward, profile.tags.backward
    if forward == backward or _rank(forward) >= _rank(backward):
        return profile
    return profile._replace(tags=profile.tags._replace(forward=backward, backward=forward))


def _rank(side: Side) -> tuple[object, ...]:
    return side.allow, side.maxspeed_kmh or 0.0


def _breaks(
    kept: Stretches, profile: NDArray[np.intp], lopsided: Sequence[tuple[int, int]], size: int
) -> NDArray[np.intp]:
    """Return the nodes over which streets must not be joined, though no other street meets them there.

    There what is known of the street changes (what `edge_attrs_differ` of osmnx would find, several times faster), or
    two streets with unlike sides meet head on.
    """
    first = np.full(size, -1, dtype=np.intp)
    first[kept.tail] = profile
    first[kept.head] = profile
    differs = np.zeros(size, dtype=bool)
    for end in (kept.tail, kept.head):
        differs[end[first[end] != profile]] = True
    ends = np.array(lopsided, dtype=np.intp).reshape(-1, 2)
    for end in (ends[:, 0], ends[:, 1]):
        differs |= np.bincount(end, minlength=size) > 1
    return np.flatnonzero(differs)


def _simplified(graph: nx.MultiDiGraph, watch: Watch) -> nx.MultiDiGraph:
    import osmnx as ox  # 1.8 s and 270 MB: only where streets are built

    done = 0

    def distinct(values: Sequence[str]) -> str:
        # osmnx calls this once for each street it joins: the only place to stop in a long piece of work
        nonlocal done
        done += 1
        if done % 1000 == 0:
            watch.at(_JOINING, done / (done + 50_000))
        return ";".join(dict.fromkeys(values))

    measured = ox.distance.add_edge_lengths(graph)
    return ox.simplify_graph(
        measured,
        node_attrs_include=["break"],
        remove_rings=False,
        edge_attr_aggs={"length": sum, "source_id": distinct},
    )


def _finished(joined: nx.MultiDiGraph, profiles: Sequence[_Profile], crs: CRS) -> nx.MultiDiGraph:
    """Return a new graph in `crs` with the attributes of the network schema."""
    nodes = list(joined.nodes)
    x, y = _projected([joined.nodes[n]["x"] for n in nodes], [joined.nodes[n]["y"] for n in nodes], crs)
    graph = nx.MultiDiGraph(crs=crs, name=NAME, walk_off_m=WALK_OFF_M, simplified=True)
    graph.add_nodes_from(
        (node, {"x": east, "y": north}) for node, east, north in zip(nodes, x.tolist(), y.tolist(), strict=True)
    )
    ends = list(joined.edges(keys=True))
    rows = list(joined.edges(data=True))
    lines = _lines([data.get("geometry") for _, _, data in rows], crs)
    attributes = [_attributes(profiles[data["profile"]], turned=data["turned"]) for _, _, data in rows]
    lengths = np.array([data["length"] for _, _, data in rows], dtype=float)
    seconds = travel_costs(pd.DataFrame(attributes).assign(length_m=lengths), CAR)["seconds"]
    for (u, v, key), (_, _, data), line, known, length, time in zip(
        ends, rows, lines, attributes, lengths.tolist(), seconds.tolist(), strict=True
    ):
        edge = {"length": length, "travel_time": time, **known, "source_id": data["source_id"]}
        if line is not None:
            edge["geometry"] = line
        graph.add_edge(u, v, key=key, **edge)
    return graph


def _attributes(profile: _Profile, *, turned: bool) -> dict[str, Any]:
    tags = profile.tags
    side = tags.backward if turned else tags.forward
    return {
        "highway": tags.highway,
        "name": tags.name,
        "kind": "street",
        "maxspeed_kmh": np.nan if side.maxspeed_kmh is None else side.maxspeed_kmh,
        "free_kmh": np.nan,
        "lanes": np.nan if tags.lanes is None else tags.lanes,
        "divided": tags.divided,
        "built_up": profile.built_up,
        **{f"allow_{mode}": allowed for mode, allowed in zip(MODES, side.allow, strict=True)},
    }


def _lines(lines: Sequence[shapely.LineString | None], crs: CRS) -> NDArray[np.object_]:
    def project(xy: Floats) -> Floats:
        return np.column_stack(_projected(xy[:, 0], xy[:, 1], crs))

    moved: NDArray[np.object_] = shapely.transform(np.array(lines, dtype=object), project)
    return moved


def _projected(lon: ArrayLike, lat: ArrayLike, crs: CRS) -> tuple[Floats, Floats]:
    if crs == PLANNING_CRS:
        return lonlat_to_planning(lon, lat)
    x, y = Transformer.from_crs(4326, crs, always_xy=True).transform(np.asarray(lon), np.asarray(lat))
    return np.asarray(x, dtype=float), np.asarray(y, dtype=float)


def _study_box(bbox: Bbox | None, crs: CRS) -> Bbox:
    if (
        not crs.is_projected
        or crs.axis_info[0].unit_conversion_factor != 1.0
        or (crs != PLANNING_CRS and is_vn2000(crs))
    ):
        raise InputError(N_("Streets cannot be placed in {crs}: a projected system in metres is needed."), crs=crs.name)
    if bbox is None:
        return STUDY_ENVELOPE if crs == PLANNING_CRS else (-180.0, -90.0, 180.0, 90.0)
    west, south, east, north = bbox
    if not (np.isfinite(bbox).all() and -180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise InputError(
            N_("The box must be west, south, east, north in degrees, for example 106.5,10.8,106.8,11.2, not {box}."),
            box=",".join(f"{value:g}" for value in bbox),
        )
    return bbox


def _refuse(source: OsmStreets, box: Bbox) -> None:
    if not len(source.node_ids):
        raise BadFileError(N_("{name} names streets but holds none of their points."), name=source.name)
    raise BadFileError(
        N_("{name} holds no streets in the study area ({box}). Its streets lie round {lon:.3f} E, {lat:.3f} N."),
        name=source.name,
        box=", ".join(f"{value:g}" for value in box),
        lon=float(np.median(source.lon)),
        lat=float(np.median(source.lat)),
    )


def _report(
    source: OsmStreets, graph: nx.MultiDiGraph, kept: Stretches, drops: Sequence[Dropped], area: tuple[Bbox, float]
) -> StreetReport:
    alley = np.array([is_alley(way.tags) for way in source.ways])[kept.way]
    classes = np.array([way.tags["highway"] for way in source.ways], dtype=object)[kept.way]
    by_class = pd.Series(kept.length_m / 1000).groupby(classes).sum().sort_values(ascending=False)
    parts = sorted(nx.weakly_connected_components(graph), key=len, reverse=True)
    main = parts[0]
    return StreetReport(
        source=source.name,
        newest=source.newest,
        bbox=area[0],
        margin_m=area[1],
        ways=len(source.ways),
        other_ways=source.other_ways,
        kept_ways=len(np.unique(kept.way)),
        kept_km=float(kept.length_m.sum() / 1000),
        alley_km=float(kept.length_m[alley].sum() / 1000),
        km_by_class=tuple((str(name), float(km)) for name, km in by_class.items()),
        dropped=tuple(drops),
        nodes=graph.number_of_nodes(),
        edges=graph.number_of_edges(),
        islands=len(parts) - 1,
        island_nodes=graph.number_of_nodes() - len(main),
    )
