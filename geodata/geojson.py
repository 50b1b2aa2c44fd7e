"""Write features as GeoJSON by RFC 7946, and check the bytes by reading them again."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any, NoReturn

import geopandas as gpd
import numpy as np
import shapely
from pyogrio.errors import DataSourceError
from pyogrio.raw import read
from shapely.geometry import mapping

from geodata.crs import PLANNING_CRS, WEB_CRS, to_planning, to_web
from geodata.rounding import DECIMALS, named, rounded
from geodata.values import attributes, plain_value
from zoning.errors import ExportError
from zoning.pace import checkpoint
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from geodata.values import Plain

_STEP_M = 0.02
"""Rounding moves a vertex by less than this; areas may change by it times the perimeter."""
_STEP_DEGREES = 2.0e-7
"""The same for layers in another country's coordinate system, compared in degrees."""


def geojson_bytes(
    frame: gpd.GeoDataFrame,
    ids: Sequence[str],
    *,
    provenance: Mapping[str, Plain],
    run: Mapping[str, Any] | None = None,
) -> bytes:
    """Return a feature collection by RFC 7946, checked by reading it again.

    Parameters
    ----------
    frame
        Features in any coordinate system that says its name; the column `id` becomes the feature's id.
    ids
        One id a feature, without repetition.
    provenance
        Foreign member: where the layer comes from and how it may be used.
    run
        Foreign member: the run record of a job, so that it can be run again.

    Returns
    -------
    bytes
        UTF-8; equal input gives equal bytes. One feature a line. Coordinates are WGS 84, longitude first, seven
        decimals, outer rings counter-clockwise; a feature of unknown place has a null geometry.

    Raises
    ------
    ExportError
        Coordinates are not finite, an outline is invalid, or the bytes do not pass `verify_geojson`.
    """
    geometries = rounded(to_web(frame).geometry.to_numpy(), ids)
    columns = attributes(frame)
    columns.pop("id", None)
    collection: dict[str, Any] = {"type": "FeatureCollection"}
    if not shapely.is_missing(geometries).all():
        collection["bbox"] = shapely.total_bounds(geometries).tolist()
    collection["provenance"] = provenance
    if run is not None:
        collection["run"] = plain_value(run)
    boxes = shapely.bounds(geometries).tolist()
    lines = [
        _json(_feature(ids[row], geometry, boxes[row], {name: values[row] for name, values in columns.items()}))
        for row, geometry in enumerate(geometries)
    ]
    head = ",\n".join(f"{_json(key)}: {_json(value)}" for key, value in collection.items())
    data = ("{\n" + head + ',\n"features": [\n' + ",\n".join(lines) + "\n]\n}\n").encode()
    verify_geojson(data, frame, ids)
    return data


def verify_geojson(data: bytes, frame: gpd.GeoDataFrame, ids: Sequence[str]) -> None:
    """Refuse GeoJSON that breaks RFC 7946 or does not hold the features it was made of.

    Parameters
    ----------
    data
        The bytes as they would be offered.
    frame
        The features they were made of.
    ids
        Their ids, in order.

    Raises
    ------
    ExportError
        Not JSON; another count, other ids; invalid, badly turned or unrounded outlines; boxes that do not fit; a place
        or an area that is not the original's.
    """
    try:
        collection = json.loads(data.decode("utf-8"), parse_constant=_refuse_constant)
        features = collection["features"]
        read_ids = [feature["id"] for feature in features]
        boxes = [feature.get("bbox") for feature in features]
    except (ValueError, KeyError, TypeError) as error:
        raise _failed("JSON") from error
    if collection["type"] != "FeatureCollection" or "crs" in collection or read_ids != list(ids):
        raise _failed("id")
    geometries = _read(data, len(features))
    present = ~shapely.is_missing(geometries)
    if not np.array_equal(present, [feature["geometry"] is not None for feature in features]):
        raise _failed("geometry")
    _check_shapes(geometries, ids)
    expected = [box if here else None for box, here in zip(shapely.bounds(geometries).tolist(), present, strict=True)]
    whole = shapely.total_bounds(geometries).tolist() if present.any() else None
    if boxes != expected or collection.get("bbox") != whole:
        raise _failed("bbox")
    _compare(frame.geometry, gpd.GeoSeries(geometries, crs=WEB_CRS), ids)


def _feature(
    feature_id: str, geometry: BaseGeometry | None, box: list[float], properties: dict[str, Plain]
) -> dict[str, Any]:
    checkpoint()
    if geometry is None:
        return {"type": "Feature", "id": feature_id, "geometry": None, "properties": properties}
    return {
        "type": "Feature",
        "id": feature_id,
        "bbox": box,
        "geometry": mapping(geometry),
        "properties": properties,
    }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(", ", ": "))


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _read(data: bytes, count: int) -> NDArray[np.object_]:
    """Return the geometries as GDAL reads them: not the library that wrote them."""
    if count == 0:
        return np.array([], dtype=object)
    try:
        geometries = read(io.BytesIO(data), columns=[])[2]
    except (DataSourceError, RuntimeError, ValueError) as error:
        raise _failed("GDAL") from error
    if geometries is None:  # a collection in which no feature has a place
        return np.full(count, None, dtype=object)
    if len(geometries) != count:
        raise _failed("count")
    return np.asarray(shapely.from_wkb(geometries), dtype=object)


def _check_shapes(geometries: NDArray[np.object_], ids: Sequence[str]) -> None:
    coordinates = shapely.get_coordinates(geometries)
    if not np.isfinite(coordinates).all() or not np.array_equal(np.round(coordinates, DECIMALS), coordinates):
        raise _failed("coordinates")
    if (np.abs(coordinates) > (180.0, 90.0)).any():
        raise _failed("coordinates")
    bad = ~shapely.is_missing(geometries) & ~shapely.is_valid(geometries)
    if bad.any():
        raise _failed(named(ids, bad))
    parts = shapely.get_parts(shapely.get_parts(geometries[~shapely.is_missing(geometries)]))
    polygons = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
    rings, owner = shapely.get_rings(polygons, return_index=True)
    outer = np.diff(owner, prepend=-1) > 0  # the first ring of each polygon is its outer one
    if not np.array_equal(shapely.is_ccw(rings), outer):
        raise _failed("right-hand rule")


def _compare(original: gpd.GeoSeries, written: gpd.GeoSeries, ids: Sequence[str]) -> None:
    """Refuse an export that lies elsewhere or is larger or smaller than what it was made of."""
    planning = original.crs == PLANNING_CRS
    back = to_planning(written) if planning else written
    source = original if planning else to_web(original)
    step = _STEP_M if planning else _STEP_DEGREES
    before, after = shapely.force_2d(source.to_numpy()), back.to_numpy()
    here = ~shapely.is_missing(after)
    if not np.array_equal(here, ~shapely.is_missing(before) & ~shapely.is_empty(before)):
        raise _failed("geometry")
    moved = np.abs(shapely.bounds(after) - shapely.bounds(before)).max(axis=1) > step
    grown = np.abs(shapely.area(after) - shapely.area(before)) > step * shapely.length(before) + step**2
    bad = here & (moved | grown)
    if bad.any():
        raise _failed(named(ids, bad))


def _failed(what: str) -> ExportError:
    return ExportError(
        N_("The export did not pass its own check ({what}): nothing is offered. Please report it."), what=what
    )
