"""Write features as a GeoPackage of their own that opens styled in QGIS, and check it by reading it again."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError

from geodata.crs import is_vn2000, to_planning
from geodata.qgis_style import qml, sld
from geodata.rounding import checked
from geodata.values import one_cell, plain_value, printable_text, with_ids
from zoning.errors import ExportError
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    Frame: TypeAlias = gpd.GeoDataFrame | pd.DataFrame

    from geodata.qgis_style import Entry, Family
    from geodata.styles import ExportStyle
    from geodata.values import Plain

_GEOMETRY_COLUMN = "geom"
_RESERVED = ("fid", _GEOMETRY_COLUMN)
"""Column names that a GeoPackage of GDAL keeps for itself."""
_FAMILIES: dict[int, Family] = {2: "fill", 1: "line", 0: "marker"}
"""By the dimension of a geometry; larger ones are drawn first."""
_MULTI: dict[str, Callable[..., NDArray[np.object_]]] = {
    "POLYGON": shapely.multipolygons,
    "LINESTRING": shapely.multilinestrings,
    "POINT": shapely.multipoints,
}
_EPOCH = "2000-01-01"  # in place of a clock, where a layer has no date: equal input, equal tables


def gpkg_bytes(
    frame: Frame,
    ids: Sequence[str],
    *,
    provenance: Mapping[str, Plain],
    style: ExportStyle,
    run: Mapping[str, Any] | None = None,
) -> bytes:
    """Return a GeoPackage of one layer in VN-2000 (EPSG:9210), checked by reading it again.

    Parameters
    ----------
    frame
        Features, or plain rows: a table without geometry and style. Geometries of several types and none at all are
        kept as they are. A layer in a projected system of another country stays in it.
    ids
        One id a feature.
    provenance, run
        Metadata of the layer (`gpkg_metadata`), values as text, the run record as JSON under `RUN`.
    style
        Colours by class, written as QML and SLD into `layer_styles`, where QGIS looks for a layer's default style.

    Returns
    -------
    bytes
        Equal input gives equal tables; the bytes differ, because GDAL writes the time into `gpkg_contents`.

    Raises
    ------
    ExportError
        The file cannot be written, or does not hold what went in.
    """
    layer = printable_text(str(provenance.get("layer") or "layer"))
    features = _prepared(frame, ids)
    with tempfile.TemporaryDirectory(prefix="export-") as folder:
        path = Path(folder) / "export.gpkg"
        try:
            pyogrio.write_dataframe(features, path, layer=layer, driver="GPKG", **_options(features, provenance, run))
            if isinstance(features, gpd.GeoDataFrame):
                styles = _styles(features, layer, provenance, style)
                pyogrio.write_dataframe(styles, path, layer="layer_styles", driver="GPKG")
        except (DataSourceError, DataLayerError, FeatureError, OSError) as error:
            raise ExportError(
                N_("The GeoPackage could not be written ({reason}): is the disk for temporary files full?"),
                reason=type(error).__name__,
            ) from error
        _verify(path, layer, features, ids)
        return path.read_bytes()


def _options(frame: Frame, provenance: Mapping[str, Plain], run: Mapping[str, Any] | None) -> dict[str, Any]:
    options: dict[str, Any] = {"layer_metadata": _metadata(provenance, run)}
    if isinstance(frame, gpd.GeoDataFrame):
        kinds = {kind for kind in frame.geom_type if kind}
        # zones and places known only as a point share a layer: its type is left open, and QGIS shows it as two
        kind = kinds.pop() if len(kinds) == 1 else "Unknown"
        options |= {"geometry_type": kind, "promote_to_multi": False}
        options |= {"layer_options": {"GEOMETRY_NAME": _GEOMETRY_COLUMN}}
    return options


def _prepared(frame: Frame, ids: Sequence[str]) -> Frame:
    """Return the frame with plain columns, ids first, in the planning CRS where that can be."""
    columns = {_free_name(name): _column(cells) for name, cells in with_ids(frame, ids).items()}
    if not isinstance(frame, gpd.GeoDataFrame):
        return pd.DataFrame(columns)
    keeps_own = frame.crs is not None and frame.crs.is_projected and not is_vn2000(frame.crs)
    placed = frame.geometry if keeps_own else to_planning(frame.geometry)
    values = _uniform(checked(placed.to_numpy(), ids))
    return gpd.GeoDataFrame(columns, geometry=values, crs=placed.crs)


def _uniform(geometries: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return polygons among multipolygons as such, lines and points alike: a layer of one type opens as one in QGIS."""
    kinds = {shapely.GeometryType(kind).name for kind in shapely.get_type_id(geometries).tolist() if kind >= 0}
    for single, several in _MULTI.items():
        if kinds == {single, f"MULTI{single}"}:
            alone = shapely.get_type_id(geometries) == shapely.GeometryType[single]
            result = geometries.copy()
            result[alone] = several(geometries[alone][:, np.newaxis])
            return result
    return geometries


def _free_name(name: str) -> str:
    name = printable_text(name)
    return f"{name}_" if name.casefold() in _RESERVED else name


def _column(cells: list[Plain]) -> pd.Series:
    """Return cells as one of the types that a GeoPackage column has; mixed ones become text."""
    present = [cell for cell in cells if cell is not None]
    kinds = {type(cell) for cell in present}
    if kinds == {bool} and len(present) == len(cells):
        return pd.Series(cells, dtype="bool")
    if kinds == {int} and all(abs(cell) < 2**63 for cell in present if isinstance(cell, int)):
        return pd.Series(cells, dtype="Int64")
    if kinds <= {int, float} and kinds:
        return pd.Series(cells, dtype="float64")
    return pd.Series([None if cell is None else printable_text(one_cell(cell)) for cell in cells], dtype="object")


def _metadata(provenance: Mapping[str, Plain], run: Mapping[str, Any] | None) -> dict[str, str]:
    texts = {name.upper(): printable_text(one_cell(value)) for name, value in provenance.items() if value is not None}
    if run is not None:
        texts["RUN"] = json.dumps(plain_value(run), ensure_ascii=False)
    return texts


def _styles(
    features: gpd.GeoDataFrame, layer: str, provenance: Mapping[str, Plain], style: ExportStyle
) -> pd.DataFrame:
    """Return the table in which QGIS looks for styles; the schema must be empty text, not null, for it to find them."""
    entries = _legend(features, style)
    title = next((name for name in ("name_vi", "name_en", "id") if name in features.columns), None)
    date = re.match(r"\d{4}-\d\d-\d\d", str(provenance.get("date")))
    return pd.DataFrame(
        {
            "f_table_catalog": [""],
            "f_table_schema": [""],
            "f_table_name": [layer],
            "f_geometry_column": [_GEOMETRY_COLUMN],
            "styleName": [layer],
            "styleQML": [qml(style, entries, title_column=title)],
            "styleSLD": [sld(style, entries, layer=layer)],
            "useAsDefault": [True],
            "description": [printable_text(one_cell(provenance.get("attribution")))],
            "owner": [""],
            "ui": [""],
            "update_time": [pd.Timestamp(date[0] if date else _EPOCH)],
        }
    )


def _legend(features: gpd.GeoDataFrame, style: ExportStyle) -> list[Entry]:
    """Return which kinds of geometry occur in which classes."""
    asked = (style.column, *(column for column, _ in style.dash_when))
    used = [name for name in dict.fromkeys(asked) if name is not None and name in features.columns]
    cells = {name: [plain_value(value) for value in features[name].tolist()] for name in used}
    dimensions = shapely.get_dimensions(features.geometry.to_numpy()).tolist()
    found = {
        (dimension, style.class_of({name: cells[name][row] for name in used}))
        for row, dimension in enumerate(dimensions)
    }
    return [
        (family, number)
        for dimension, family in _FAMILIES.items()
        for number in range(len(style.classes))
        if (dimension, number) in found
    ]


def _verify(path: Path, layer: str, features: Frame, ids: Sequence[str]) -> None:
    """Refuse a file that does not hold the same ids, places and style, in the same system."""
    back = pyogrio.read_dataframe(path, layer=layer)
    if back["id"].tolist() != list(ids) or len(back.columns) != len(features.columns):
        raise _failed("GPKG")
    if not isinstance(features, gpd.GeoDataFrame):
        return
    before, after = features.geometry.to_numpy(), back.geometry.to_numpy()
    here = ~shapely.is_missing(before)
    if not np.array_equal(here, ~shapely.is_missing(after)) or not (before[here] == after[here]).all():
        raise _failed("GPKG")
    if back.crs != features.crs:
        raise _failed("CRS")
    if pyogrio.read_dataframe(path, layer="layer_styles")["f_table_name"].tolist() != [layer]:
        raise _failed("layer_styles")


def _failed(what: str) -> ExportError:
    return ExportError(
        N_("The export did not pass its own check ({what}): nothing is offered. Please report it."), what=what
    )
