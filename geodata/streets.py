"""Keep real streets in the store: the layer of their edges, and the street graph made from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import shapely

from geodata.collector import without_collector
from geodata.coverage import street_coverage
from geodata.joined import JoinReport, joined_graph
from geodata.osm import MARGIN_M, NAME, WALK_OFF_M, street_graph
from geodata.osmfile import read_streets
from geodata.osmtags import MODES
from geodata.overpass import OverpassSettings, fetch_streets
from geodata.watch import Watch
from zoning.errors import InputError
from zoning.reach.modes import CAR, travel_costs
from zoning.text import N_

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from geodata.osmfile import OsmStreets
    from geodata.osmreport import Bbox, StreetReport
    from geodata.store import Store

LAYER = "streets"
ATTRIBUTION = "© OpenStreetMap contributors, ODbL 1.0, openstreetmap.org/copyright"

_ENDS = ["u", "v", "key"]
_TEXTS = ["highway", "name", "kind", "source_id"]
_NUMBERS = ["length", "maxspeed_kmh", "free_kmh", "lanes"]
_ALLOW = [f"allow_{mode}" for mode in MODES]
_FLAGS = ["divided", "built_up", *_ALLOW]
_SAVING = N_("Saving the streets")
_COMPILING = N_("Compiling the network")


def load_streets(
    store: Store,
    file: Path | None = None,
    *,
    overpass: OverpassSettings | None = None,
    bbox: Bbox | None = None,
    margin_m: float = MARGIN_M,
    watch: Watch | None = None,
) -> StreetReport:
    """Put the streets of an OpenStreetMap file, or of an Overpass service, into the store as the layer `streets`.

    Parameters
    ----------
    store
        Its wards say where the streets are in a built-up area; its layer `streets` is replaced whole.
    file
        .osm, .osm.gz, .osm.bz2 or .osm.pbf; None asks the service instead.
    overpass
        How to ask the service; None with a file.
    bbox
        West, south, east, north of the study area in degrees. None: the study envelope for a file, the box of the wards
        for a service.
    margin_m
        Kept round `bbox`, metres.
    watch
        Told how far the work is, and asked whether to stop; a stop leaves the store as it was.

    Raises
    ------
    InputError
        Neither or both of a file and a service were named, or the box is none.
    BadFileError, OverpassError
        See `geodata.osmfile.read_streets` and `geodata.overpass.fetch_streets`.
    StoreError
        The store cannot be written; it is as it was before.
    StoppedError
        The watch said stop.
    """
    watch = watch or Watch()
    wards = store.layer("wards_2025")
    if (file is None) == (overpass is None):
        raise InputError(N_("Name either an OpenStreetMap file or an Overpass service."))
    if file is not None:
        source = read_streets(file, watch=watch.part(0.0, 0.15))
    elif overpass is not None:
        bbox = bbox or _box_of(wards)
        source = fetch_streets(
            _with_margin(bbox, margin_m),
            settings=overpass,
            cache_dir=store.networks_dir.with_suffix(".overpass"),
            watch=watch.part(0.0, 0.15),
        )
    graph, report = street_graph(source, bbox=bbox, margin_m=margin_m, wards=wards, watch=watch.part(0.15, 0.8))
    frame = streets_layer(graph)
    watch.at(_SAVING, 0.85)  # the last moment to stop: from here on the new streets are the streets
    store.write_layer(LAYER, frame, _provenance(source, report))
    watch.progress(_COMPILING, 0.9)
    from geodata.region import STREETS, StoreRegion  # the region reads this module

    StoreRegion(store).prepare(STREETS)
    watch.progress(_COMPILING, 1.0)
    return report


def streets_layer(graph: nx.MultiDiGraph) -> gpd.GeoDataFrame:
    """Return a street graph as a layer, each street once, with its line from u to v.

    Columns: id, names, u, v, key and the attributes of the network schema. `open_back` says that there is an edge from
    v to u too, `key_back` is its key, and other columns in `_back` are its own: speed limit and who may use it.
    """
    rows = [{"u": u, "v": v, "key": key, **data} for u, v, key, data in graph.edges(keys=True, data=True)]
    edges = pd.DataFrame(rows)
    edges["geometry"] = _lines(graph, edges)
    forward, backward = _paired(edges)
    table = edges.iloc[forward].reset_index(drop=True)
    back = edges.iloc[np.maximum(backward, 0)].reset_index(drop=True)
    two_way = backward >= 0
    columns = {
        "id": [f"{u}_{v}_{key}" for u, v, key in zip(table.u, table.v, table.key, strict=True)],
        "name_vi": table["name"],
        "name_en": "",
        **{column: table[column] for column in (*_ENDS, *_TEXTS, *_NUMBERS, *_FLAGS)},
        "open_back": two_way,
        "key_back": np.where(two_way, back["key"], 0),
        "maxspeed_kmh_back": np.where(two_way, back["maxspeed_kmh"], np.nan),
        **{f"{column}_back": back[column] & two_way for column in _ALLOW},
        "geometry_quality": "osm",
        "sources": "openstreetmap.org",
    }
    return gpd.GeoDataFrame(columns, geometry=table["geometry"].to_numpy(), crs=graph.graph["crs"])


def _lines(graph: nx.MultiDiGraph, edges: pd.DataFrame) -> NDArray[np.object_]:
    """Return the line of each edge, also of the straight ones."""
    ends = [np.array([(graph.nodes[n]["x"], graph.nodes[n]["y"]) for n in edges[end]]) for end in ("u", "v")]
    lines: NDArray[np.object_] = np.array(shapely.linestrings(np.stack(ends, axis=1)), dtype=object)
    if "geometry" in edges:
        curved = edges["geometry"].notna().to_numpy()
        lines[curved] = edges["geometry"].to_numpy()[curved]
    return lines


def _paired(edges: pd.DataFrame) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the rows of the streets, and of the edge that runs back along each, -1 where there is none.

    Two edges are one street where they run along one line in opposite senses; the first in the graph leads.
    """
    line = edges["geometry"].to_numpy()
    low, high = np.minimum(edges.u, edges.v), np.maximum(edges.u, edges.v)
    # an edge and its way back have all these in common to the last bit; what else does is a twin beside it
    marks = pd.DataFrame(shapely.bounds(line)).assign(
        low=low, high=high, points=shapely.get_num_points(line), highway=edges["highway"], name=edges["name"]
    )
    street = marks.groupby(list(marks.columns), sort=False).ngroup().to_numpy()
    reverse = (edges.u > edges.v).to_numpy(copy=True)
    loop = (edges.u == edges.v).to_numpy()
    turn = pd.Series(street[loop]).groupby(street[loop]).cumcount().to_numpy()
    reverse[loop] = turn % 2 == 1
    # several edges along one line, each with its own way back: the first with the first, as they stand
    nth = pd.Series(street).groupby([street, reverse]).cumcount().to_numpy()
    table = pd.DataFrame({"street": street, "nth": nth, "reverse": reverse, "row": np.arange(len(edges))})
    pairs = table.pivot_table(index=["street", "nth"], columns="reverse", values="row", aggfunc="first")
    pairs = pairs.reindex(columns=[False, True])
    lead = pairs.min(axis=1).to_numpy().astype(np.intp)
    other = np.where(pairs.notna().all(axis=1), pairs.max(axis=1), -1).astype(np.intp)
    order = np.argsort(lead)
    return lead[order], other[order]


def layer_graph(frame: gpd.GeoDataFrame) -> nx.MultiDiGraph:
    """Return the street graph that a layer holds: the inverse of `streets_layer`, both directions of each street."""
    ahead = pd.DataFrame(frame.drop(columns="geometry")).assign(geometry=frame.geometry.to_numpy())
    back = ahead[ahead["open_back"].astype(bool)]
    back = back.assign(
        u=back["v"],
        v=back["u"],
        key=back["key_back"],
        maxspeed_kmh=back["maxspeed_kmh_back"],
        geometry=shapely.reverse(back["geometry"].to_numpy()),
        **{column: back[f"{column}_back"] for column in _ALLOW},
    )
    table = pd.concat([ahead, back]).sort_index(kind="stable").reset_index(drop=True)
    table = table.astype(dict.fromkeys(_NUMBERS, float) | dict.fromkeys(_FLAGS, bool) | dict.fromkeys(_ENDS, np.int64))
    table[_TEXTS] = table[_TEXTS].astype(object).fillna("")
    table["travel_time"] = travel_costs(table, CAR)["seconds"]
    lines = table["geometry"].to_numpy()
    graph = nx.MultiDiGraph(crs=frame.crs, name=NAME, walk_off_m=WALK_OFF_M, simplified=True)
    for end, place in (("u", 0), ("v", -1)):
        points = shapely.get_point(lines, place)
        places = zip(table[end].tolist(), shapely.get_x(points).tolist(), shapely.get_y(points).tolist(), strict=True)
        graph.add_nodes_from((node, {"x": x, "y": y}) for node, x, y in places)
    records = table[["length", "travel_time", *_TEXTS, *_NUMBERS[1:], *_FLAGS]].to_dict("records")
    curved = shapely.get_num_points(lines) > 2
    for u, v, key, record, line, bent in zip(
        table.u.tolist(), table.v.tolist(), table.key.tolist(), records, lines, curved.tolist(), strict=True
    ):
        graph.add_edge(u, v, key=key, **(record | {"geometry": line} if bent else record))
    return graph


def streets_graph(store: Store) -> nx.MultiDiGraph:
    """Return the street graph of the layer `streets`; UnknownLayerError if none have been loaded."""
    return layer_graph(store.layer(LAYER))


def streets_area(frame: gpd.GeoDataFrame) -> shapely.Geometry:
    """Return where the streets of the layer stand for the ground, in its coordinates."""
    return street_coverage(frame.geometry.to_numpy())


def joined_streets(frame: gpd.GeoDataFrame, strategic: nx.MultiDiGraph) -> tuple[nx.MultiDiGraph, JoinReport]:
    """Return the network `streets`: the streets of the layer, and the strategic network where they end."""
    with without_collector():
        return joined_graph(layer_graph(frame), strategic, streets_area(frame))


def _provenance(source: OsmStreets, report: StreetReport) -> dict[str, str]:
    return {
        "title_en": "Streets (OpenStreetMap)",
        "title_vi": "Đường phố (OpenStreetMap)",
        "source": f"OpenStreetMap: {source.name}",
        "licence": "ODbL 1.0",
        "attribution": ATTRIBUTION,
        "date": source.newest,
        "method": " ".join(report.sentences()),
    }


def _box_of(wards: gpd.GeoDataFrame) -> Bbox:
    from geodata.crs import to_web

    west, south, east, north = to_web(wards).total_bounds.tolist()
    return west, south, east, north


def _with_margin(bbox: Bbox, margin_m: float) -> Bbox:
    from geodata.osmstretches import widened

    return widened(bbox, margin_m)
