"""Build the layers of the embedded region from its source tables: the same frames every time."""

from __future__ import annotations

import hashlib
from importlib import resources
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from geodata.corridor_lines import corridors
from geodata.crs import PLANNING_CRS
from geodata.outlines import communes_until_2025, districts_until_2025, population, wards_2025
from geodata.source_tables import read_source, sources_fingerprint
from geodata.zones_geometry import points_of, zones

if TYPE_CHECKING:
    from collections.abc import Mapping

_MODULES = ("corridor_lines", "crs", "embedded", "outlines", "source_tables", "zones_geometry")


def build_layers() -> dict[str, pd.DataFrame]:
    """Return every embedded layer by name, in the order in which they are listed.

    All are GeoDataFrames in the planning CRS except `indicators`, which has no geometry.
    """
    wards, communes = wards_2025(), communes_until_2025()
    districts = districts_until_2025(communes)
    layers: dict[str, pd.DataFrame] = {
        "zones": zones(pd.concat([districts[["id", "geometry"]], communes[["id", "geometry"]]])),
        "wards_2025": wards,
        "communes_until_2025": communes,
        "districts_until_2025": districts,
        "corridors": corridors(),
        "logistics": _places("logistics"),
        "facilities": _places("facilities"),
        "stops": _places("stops"),
        "population": population(wards),
        "indicators": read_source("indicators"),
    }
    return {name: _in_order(frame) for name, frame in layers.items()}


def layer_infos() -> Mapping[str, dict[str, str]]:
    """Return title, source, licence, attribution, date and method of every embedded layer, by name."""
    table = read_source("layers").set_index("name")
    return {str(name): {str(key): str(value) for key, value in row.items()} for name, row in table.iterrows()}


def embedded_fingerprint() -> str:
    """Return a hash of what the embedded layers are made of: tables and building code."""
    return f"{sources_fingerprint()}-{code_fingerprint('geodata', *_MODULES)}"


def code_fingerprint(package: str, *modules: str) -> str:
    """Return a hash of the text of modules of a package, all where none is named: what older code made is renewed."""
    digest = hashlib.sha256()
    for file in sorted(resources.files(package).iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".py") and (not modules or file.name[:-3] in modules):
            digest.update(file.name.encode() + file.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:12]


def _places(name: str) -> gpd.GeoDataFrame:
    """Return a table of points; `geometry_quality` is that of the coordinate, `none` where there is none."""
    table = read_source(name)
    geometry = gpd.GeoSeries(points_of(table), crs=PLANNING_CRS)
    table = table.rename(columns={"coordinate_quality": "geometry_quality"}).drop(columns=["lon", "lat"])
    return gpd.GeoDataFrame(table, geometry=geometry)


_FIRST = ("id", "name_vi", "name_en")
_LAST = ("geometry_quality", "notes", "sources", "geometry")


def _in_order(frame: pd.DataFrame) -> pd.DataFrame:
    """Put names first and provenance last, as people read tables."""
    first = [column for column in _FIRST if column in frame]
    last = [column for column in _LAST if column in frame]
    middle = [column for column in frame.columns if column not in (*first, *last)]
    return frame[[*first, *middle, *last]].reset_index(drop=True)
