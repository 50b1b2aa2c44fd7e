"""Read and write scenario files, and make the ready-made scenarios out of the corridors."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import shapely

from geodata.crs import WEB_CRS, to_web
from zoning.errors import BadFileError, InputError
from zoning.scenarios.content import content_of, modification_content, read
from zoning.text import N_

if TYPE_CHECKING:
    from pathlib import Path

    from zoning.scenarios.content import Reading
    from zoning.scenarios.model import Scenario

MOST_BYTES = 20_000_000
MOST_LINK_BYTES = 1_000_000
LAYER = "scenario"
_PLACES = ("at", "line", "stops", "area")
"""Fields that become the geometry of a GeoPackage row, the first that a modification has."""


def read_scenario(path: Path) -> Reading:
    """Return the scenario in a JSON file or GeoPackage, with a fault for each modification that cannot be read.

    Raises
    ------
    BadFileError
        The file is missing, too large, or neither JSON nor a GeoPackage with a layer `scenario`.
    InputError
        It holds no scenario.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise BadFileError(N_("{name} is too large to be a scenario."), name=path.name)
        if path.suffix.lower() == ".gpkg":
            return read(_from_gpkg(path))
        return read_text(path.read_text(encoding="utf-8"), path.name)
    except (OSError, UnicodeDecodeError) as fault:
        raise BadFileError(N_("{name} cannot be read."), name=path.name) from fault


def read_text(text: str, name: str) -> Reading:
    """Return the scenario in the text of a JSON file called `name`; errors as in `read_scenario`."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise BadFileError(N_("{name} is not a JSON file."), name=name) from fault
    return read(content)


def scenario_layer(scenario: Scenario) -> gpd.GeoDataFrame:
    """Return a scenario as a layer in WGS 84: a row a modification, with its place, its other fields as JSON.

    `scenario` repeats the scenario's own fields, so that a file holds all of it; `read_scenario` takes it back.
    """
    content = content_of(scenario)
    header = json.dumps({k: v for k, v in content.items() if k != "modifications"}, ensure_ascii=False)
    rows, shapes = [], []
    for one in scenario.modifications:
        fields = modification_content(one)
        shapes.append(_shape(fields))
        rows.append({"id": one.id, "kind": fields["kind"], "name_vi": getattr(one, "name_vi", ""),
                     "geometry_quality": getattr(one, "geometry_quality", "edited"),
                     "values": json.dumps(fields, ensure_ascii=False), "scenario": header})  # fmt: skip
    return gpd.GeoDataFrame(rows, geometry=gpd.GeoSeries(shapes, crs=WEB_CRS), crs=WEB_CRS)


def link_text(scenario: Scenario) -> str:
    """Return a scenario as letters, digits, dashes and underscores: what a link holds of it."""
    packed = zlib.compress(json.dumps(content_of(scenario), ensure_ascii=False).encode(), 9)
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def from_link(text: str) -> Reading:
    """Return the scenario in a link; InputError where there is none."""
    try:
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        unpacking = zlib.decompressobj()
        plain = unpacking.decompress(packed, MOST_LINK_BYTES)  # a small text can unpack to gigabytes
        if unpacking.unconsumed_tail or not unpacking.eof:
            raise InputError(N_("The scenario in this link is damaged."))
        content = json.loads(plain)
    except (binascii.Error, zlib.error, ValueError, RecursionError) as fault:
        raise InputError(N_("The scenario in this link is damaged.")) from fault
    return read(content)


def _shape(fields: dict[str, Any]) -> shapely.Geometry | None:
    name = next((name for name in _PLACES if fields.get(name)), None)
    if name is None:
        return None
    if name == "at":
        return shapely.Point(fields[name])
    return shapely.Polygon(fields[name]) if name == "area" else shapely.LineString(fields[name])


def _from_gpkg(path: Path) -> dict[str, Any]:
    import pyogrio

    try:
        frame = pyogrio.read_dataframe(path, layer=LAYER)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as fault:
        raise BadFileError(N_("{name} is no GeoPackage with a layer called scenario."), name=path.name) from fault
    if frame.empty or not {"values", "scenario", "geometry"} <= set(frame.columns):
        raise BadFileError(N_("{name} is no GeoPackage with a layer called scenario."), name=path.name)
    try:
        header = json.loads(frame["scenario"].iloc[0])
        parts = [json.loads(text) for text in frame["values"]]
    except (ValueError, TypeError) as fault:
        raise BadFileError(N_("{name} is no GeoPackage with a layer called scenario."), name=path.name) from fault
    # what was moved in a desktop program counts, not what the text still says
    shapes = to_web(frame).geometry if frame.crs is not None else frame.geometry
    for fields, shape in zip(parts, shapes, strict=True):
        name = next((name for name in _PLACES if fields.get(name)), None)
        if name is not None and shape is not None and not shape.equals(_shape(fields)):
            ring = shape.exterior.coords[:-1] if name == "area" else shape.coords
            points = [[round(x, 7), round(y, 7)] for x, y, *_ in ring]
            fields[name] = points[0] if name == "at" else points
    return dict(header) | {"modifications": parts}


def ready_made() -> dict[str, Scenario]:
    """Return the scenarios that come with the application, by id."""
    return dict(_ready_made())


@cache
def _ready_made() -> tuple[tuple[str, Scenario], ...]:
    folder = resources.files("geodata") / "sources" / "scenarios"
    files = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".json")), key=lambda one: one.name)
    found = [read(json.loads(file.read_text(encoding="utf-8"))).whole() for file in files]
    return tuple((one.id, one) for one in found)
