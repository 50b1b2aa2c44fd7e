"""Put real streets into the store, and make networks of what is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from geodata.collector import without_collector
from geodata.coverage import street_coverage
from geodata.joined import JoinReport, joined_graph
from geodata.osm import MARGIN_M, street_graph
from geodata.osmapart import read_streets_apart
from geodata.overpass import OverpassSettings, fetch_streets
from geodata.streetlayer import layer_graph, streets_layer
from geodata.watch import Watch
from zoning.errors import InputError
from zoning.pace import Pace, paced
from zoning.text import N_

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    import networkx as nx
    import shapely

    from geodata.osmfile import OsmStreets
    from geodata.osmreport import Bbox, StreetReport
    from geodata.store import Store

LAYER = "streets"
ATTRIBUTION = "© OpenStreetMap contributors, ODbL 1.0, openstreetmap.org/copyright"

SAVING = N_("Saving the streets")
_COMPILING = N_("Compiling the network")


class Built(NamedTuple):
    """Streets ready to be saved: the layer, where it is from, and what was left out."""

    frame: gpd.GeoDataFrame
    info: dict[str, str]
    report: StreetReport


def load_streets(
    store: Store,
    file: Path | None = None,
    *,
    overpass: OverpassSettings | None = None,
    bbox: Bbox | None = None,
    margin_m: float = MARGIN_M,
    watch: Watch | None = None,
    author: str | None = None,
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
    author
        Who saves, for the history; None: as `geodata.author` knows it, which is not so in a thread of the queue.

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
    built = build_streets(store, file, overpass=overpass, bbox=bbox, margin_m=margin_m, watch=watch.part(0.0, 0.85))
    watch.at(SAVING, 0.85)  # the last moment to stop: from here on the new streets are the streets
    store.write_layer(LAYER, built.frame, built.info, author=author)
    compile_streets(store, watch)
    return built.report


def build_streets(
    store: Store,
    file: Path | None = None,
    *,
    overpass: OverpassSettings | None = None,
    bbox: Bbox | None = None,
    margin_m: float = MARGIN_M,
    watch: Watch | None = None,
) -> Built:
    """Return what `load_streets` saves; parameters and errors as there."""
    watch = watch or Watch()
    wards = store.layer("wards_2025")
    if (file is None) == (overpass is None):
        raise InputError(N_("Name either an OpenStreetMap file or an Overpass service."))
    if file is not None:
        source = read_streets_apart(file, watch=watch.part(0.0, 0.15))
    elif overpass is not None:
        bbox = bbox or _box_of(wards)
        source = fetch_streets(
            _with_margin(bbox, margin_m),
            settings=overpass,
            cache_dir=store.networks_dir.with_suffix(".overpass"),
            watch=watch.part(0.0, 0.15),
        )
    graph, report = street_graph(source, bbox=bbox, margin_m=margin_m, wards=wards, watch=watch.part(0.15, 1.0))
    return Built(streets_layer(graph), _provenance(source, report), report)


def compile_streets(store: Store, watch: Watch) -> None:
    """Compile the network of streets that have just been saved: they are there, and nothing stops this any more."""
    from geodata.region import STREETS, StoreRegion  # the region reads this module

    watch.progress(_COMPILING, 0.9)
    with paced(Pace()):
        StoreRegion(store).prepare(STREETS)
    watch.progress(_COMPILING, 1.0)


def streets_graph(store: Store) -> nx.MultiDiGraph:
    """Return the street graph of the layer `streets`; UnknownLayerError if none have been loaded."""
    return layer_graph(store.layer(LAYER))


def streets_area(frame: gpd.GeoDataFrame) -> shapely.Geometry:
    """Return where the streets of the layer stand for the ground, in its coordinates."""
    return street_coverage(frame.geometry.to_numpy())


def joined_streets(frame: gpd.GeoDataFrame, strategic: nx.MultiDiGraph) -> tuple[nx.MultiDiGraph, JoinReport]:
    """Return the network `streets`: the streets of the layer, and the strategic network where they end."""
    with without_collector():
        return joined_graph(frame, strategic, streets_area(frame))


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
