"""Read outlines from an OpenStreetMap file: parks, campuses, stations, hospitals, schools, works, rivers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from geodata.osmcheck import Limits, check_osm_file
from geodata.osmfile import clean_text
from geodata.watch import Watch
from zoning.errors import BadFileError, ZoningError
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray

KINDS: dict[tuple[str, str], str] = {
    ("leisure", "park"): "park", ("leisure", "garden"): "park", ("leisure", "nature_reserve"): "park",
    ("leisure", "stadium"): "sport", ("leisure", "sports_centre"): "sport", ("leisure", "golf_course"): "leisure",
    ("amenity", "hospital"): "hospital", ("amenity", "clinic"): "clinic", ("amenity", "school"): "school",
    ("amenity", "kindergarten"): "kindergarten", ("amenity", "college"): "college",
    ("amenity", "university"): "university", ("amenity", "bus_station"): "bus_station",
    ("amenity", "marketplace"): "market", ("amenity", "townhall"): "administration",
    ("railway", "station"): "rail_station", ("building", "train_station"): "rail_station",
    ("landuse", "industrial"): "industrial", ("landuse", "residential"): "residential",
    ("waterway", "riverbank"): "river", ("water", "river"): "river",
}  # fmt: skip
"""Kind of an outline by the first tag of these that it has."""

_KEYS = tuple(dict.fromkeys(key for key, _ in KINDS))
_READING = N_("Reading the outlines")
_POLL = 500


class Areas(NamedTuple):
    """Outlines as they were read: what each is, and valid polygons in degrees, not yet in order."""

    osm_ids: list[str]
    kinds: list[str]
    names: list[str]
    shapes: NDArray[np.object_]


def read_areas(path: Path, *, limits: Limits | None = None, watch: Watch | None = None) -> gpd.GeoDataFrame:
    """Return the named outlines of an OpenStreetMap file, and its rivers with or without a name.

    Parameters
    ----------
    path, limits, watch
        As for `geodata.osmfile.read_streets`.

    Returns
    -------
    GeoDataFrame in the planning CRS: osm_id (w12, r34), kind (a value of `KINDS`), name, geometry (polygons), in the
    order of the ids. Closed ways and multipolygon relations count; a relation that cannot be put together is left out.

    Raises
    ------
    BadFileError
        Not a whole OpenStreetMap file, or one of another part of the world.
    StoppedError
        The watch said stop.
    """
    return areas_frame(read_outlines(path, limits=limits, watch=watch))


def areas_frame(areas: Areas) -> gpd.GeoDataFrame:
    """Return outlines as the layer that `read_areas` describes."""
    import geopandas as gpd  # here: whoever only reads the file, within little memory, does without

    from geodata.crs import to_planning

    data = {"osm_id": areas.osm_ids, "kind": areas.kinds, "name": areas.names}
    if not areas.osm_ids:
        return gpd.GeoDataFrame(data, geometry=gpd.GeoSeries([], crs="EPSG:9210"))
    frame = gpd.GeoDataFrame(data, geometry=areas.shapes, crs="EPSG:4326")
    frame = frame[~frame.geometry.is_empty].sort_values("osm_id", kind="stable", ignore_index=True)
    return to_planning(frame)


def read_outlines(path: Path, *, limits: Limits | None = None, watch: Watch | None = None) -> Areas:
    """Return the outlines that `read_areas` puts on the planning grid; parameters and errors as there."""
    import osmium

    watch = watch or Watch()
    path = path.resolve()
    file_kind = check_osm_file(path, limits=limits, watch=watch.part(0.0, 0.3))
    keys = osmium.filter.KeyFilter(*_KEYS)
    processor = osmium.FileProcessor(osmium.io.File(str(path), file_kind)).with_areas(keys)
    processor = processor.with_filter(osmium.filter.EntityFilter(osmium.osm.AREA)).with_filter(keys)
    writer = osmium.geom.WKBFactory()
    found = Areas([], [], [], np.empty(0, dtype=object))
    shapes: list[shapely.Geometry] = []
    try:
        for count, area in enumerate(processor):
            if count % _POLL == 0:
                watch.part(0.3, 1.0).at(_READING, count / (count + 5_000))
            tags = {tag.k: tag.v for tag in area.tags}
            kind, name = _kind(tags), clean_text(tags.get("name", tags.get("name:vi", "")))
            if kind is None or not (name or kind == "river"):
                continue
            try:
                shapes.append(shapely.from_wkb(writer.create_multipolygon(area)))
            except RuntimeError:  # no closed ring
                continue
            found.osm_ids.append(f"{'w' if area.from_way() else 'r'}{area.orig_id()}")
            found.kinds.append(kind)
            found.names.append(name)
    except ZoningError:
        raise
    except (osmium.InvalidLocationError, RuntimeError, ValueError, OverflowError) as fault:
        raise BadFileError(N_("{name} is damaged: its map data cannot be read."), name=path.name) from fault
    valid = shapely.make_valid(np.array(shapes, dtype=object), method="structure", keep_collapsed=False)
    return found._replace(shapes=valid)


def _kind(tags: Mapping[str, str]) -> str | None:
    return next((KINDS[key, tags[key]] for key in _KEYS if (key, tags.get(key)) in KINDS), None)
