"""Read and write single layers of a GeoPackage, and tell a whole file from a damaged one."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import sqlite3
import threading
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError

from zoning.errors import StoreError
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_log = logging.getLogger(__name__)
_FAULTS = (DataSourceError, DataLayerError, FeatureError, FieldError, GeometryError)
_QUICK_CHECK_BYTES = 64_000_000
"""Larger files are checked by their size only: reading every page would keep people waiting."""


_WHOLE_NUMBERS = ("TINYINT", "SMALLINT", "MEDIUMINT", "INT", "INTEGER")
_GEOMETRIES = {
    name.upper(): name
    for name in (
        "Point",
        "LineString",
        "Polygon",
        "MultiPoint",
        "MultiLineString",
        "MultiPolygon",
        "GeometryCollection",
    )
} | {"GEOMETRY": "Unknown"}
_dating = threading.Lock()  # GDAL has one such setting for all threads


def read_layer(path: Path, name: str) -> pd.DataFrame:
    """Return a layer, a GeoDataFrame if it has geometry; whole numbers come as `Int64`, null where empty.

    Raises
    ------
    StoreError
        The file cannot be read, or has no such layer.
    """
    try:
        frame: pd.DataFrame = pyogrio.read_dataframe(path, layer=name)
    except _FAULTS as error:
        raise damaged(path, error) from error
    # a column of whole numbers with an empty cell arrives as floats: 2020.0 is no year
    with _readonly(path) as connection:  # GDAL would open the file and read all its tables once more: 10 ms a layer
        columns = connection.execute("SELECT name, type FROM pragma_table_info(?)", [name]).fetchall()
    for column, kind in columns:
        if kind.upper() in _WHOLE_NUMBERS and column in frame.columns:
            frame[column] = frame[column].astype("Int64")
    return frame


def heads(path: Path, names: Sequence[str]) -> list[tuple[int, str, str]]:
    """Return count, type of geometry as GDAL calls it ("" without) and crs of layers; StoreError as in `read_layer`."""
    with _readonly(path) as connection:
        kinds = {
            str(table).lower(): (kind, str(authority or ""), number)
            for table, kind, authority, number in connection.execute(
                "SELECT table_name, CASE WHEN z = 0 AND m = 0 THEN geometry_type_name END, organization, "
                "organization_coordsys_id FROM gpkg_geometry_columns LEFT JOIN gpkg_spatial_ref_sys USING (srs_id)"
            )
        }
        found = []
        for name in names:
            kind, authority, number = kinds.get(name.lower(), ("", "", 0))
            plain = kind is not None and kind.upper() in _GEOMETRIES and authority.upper() == "EPSG"
            if kind != "" and not plain:
                found.append(_asked_of_gdal(path, name))  # made by another program: heights, a crs of its own
                continue
            quoted = name.replace('"', '""')
            count = connection.execute(f'SELECT count(*) FROM "{quoted}"').fetchone()[0]  # noqa: S608 - a quoted name
            crs = f"EPSG:{number}" if kind else ""
            found.append((int(count), _GEOMETRIES[kind.upper()] if kind else "", crs))
    return found


def _asked_of_gdal(path: Path, name: str) -> tuple[int, str, str]:
    try:
        info = pyogrio.read_info(path, layer=name, force_feature_count=True)
    except _FAULTS as error:
        raise damaged(path, error) from error
    return int(info["features"]), info["geometry_type"] or "", info["crs"] or ""


def count_rows(path: Path, name: str) -> int:
    """Return how many rows a layer has; StoreError as in `read_layer`."""
    try:
        return int(pyogrio.read_info(path, layer=name, force_feature_count=True)["features"])
    except _FAULTS as error:
        raise damaged(path, error) from error


def write_layer(path: Path, name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Write a layer into a file that nobody else reads yet, in place of the one of that name; return what is read back.

    Raises
    ------
    StoreError
        The disk is full, or what was read back is not what was written.
    """
    plain = frame.drop(columns="fid", errors="ignore")  # GeoPackage's own row number
    try:
        pyogrio.write_dataframe(plain, path, layer=name, driver="GPKG", **_as_they_are(plain))
    except (*_FAULTS, ValueError, TypeError, NotImplementedError) as error:  # the last two: types that no file takes
        _log.warning("cannot write layer %s to %s: %s", name, path, error)
        if "full" in str(error):
            raise OSError(28, str(error)) from error  # ENOSPC, which GDAL only tells in words
        raise StoreError(
            N_("The layer {name} could not be written: {reason}"), name=name, reason=type(error).__name__
        ) from error
    back = read_layer(path, name)
    if not _same(plain, back):
        raise StoreError(N_("The layer {name} did not come back as it was saved; nothing was changed."), name=name)
    return back


def fingerprint(frame: pd.DataFrame) -> str:
    """Return a hash of names, values, geometries and CRS: equal data, equal hash, whatever the order of columns."""
    digest = hashlib.sha256()
    for column in sorted(map(str, frame.columns)):
        digest.update(column.encode("utf-8", "surrogatepass") + b"\x00")
        digest.update(_column_bytes(frame[column]))
    if isinstance(frame, gpd.GeoDataFrame):
        digest.update(str(frame.crs).encode())
    return digest.hexdigest()[:32]


@contextlib.contextmanager
def fixed_date(date: str) -> Iterator[None]:
    """Let files written inside bear `date` as their time of change: equal content is then equal byte by byte."""
    with _dating:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": date})
        try:
            yield
        finally:
            pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def last_changes(path: Path) -> dict[str, str]:
    """Return when each layer of a file was last changed, as its writer wrote it down.

    Only tables: a view may hide a query that never ends, and rasters are no layers here.

    Raises
    ------
    StoreError
        The file is damaged.
    """
    with _readonly(path) as connection:
        rows = connection.execute(
            "SELECT table_name, last_change FROM gpkg_contents JOIN sqlite_master ON lower(name) = lower(table_name) "
            "WHERE type = 'table' AND data_type IN ('features', 'attributes')"
        ).fetchall()
    return {str(name): str(change) for name, change in rows}


def check_whole(path: Path) -> None:
    """Raise StoreError unless the file is a GeoPackage, of the length it says, with its pages in order."""
    with path.open("rb") as handle:
        head = handle.read(100)
    if len(head) < 100 or not head.startswith(b"SQLite format 3\x00") or head[68:72] != b"GPKG":
        raise damaged(path, "not a GeoPackage")
    page_bytes = int.from_bytes(head[16:18], "big")
    expected = (65536 if page_bytes == 1 else page_bytes) * int.from_bytes(head[28:32], "big")
    size = path.stat().st_size
    if size < expected:
        raise damaged(path, f"cut short: {size} of {expected} bytes")
    if size <= _QUICK_CHECK_BYTES:
        with _readonly(path) as connection:
            verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if verdict != "ok":
            raise damaged(path, verdict)


def damaged(path: Path, reason: object) -> StoreError:
    """Return the fault of a file that cannot be read; it is never overwritten, only people may move it."""
    _log.error("store %s is damaged: %s", path, reason)
    return StoreError(
        N_("The store {path} is damaged and was left as it is. Rename it or put a backup in its place, then start "
           "again: without a file, the embedded region is built anew."),
        path=path,
    )  # fmt: skip


@contextlib.contextmanager
def _readonly(path: Path):  # type: ignore[no-untyped-def]  # noqa: ANN202 - a generator of connections
    """Open a file that is only ever replaced whole: `immutable` takes no locks, so GDAL beside it is not disturbed."""
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        yield connection
    except sqlite3.DatabaseError as error:
        raise damaged(path, error) from error
    finally:
        connection.close()


def _as_they_are(frame: pd.DataFrame) -> dict[str, Any]:
    """Return what keeps areas of one part beside areas of several: pyogrio would make all of them several."""
    if not isinstance(frame, gpd.GeoDataFrame):
        return {}
    kinds = set(frame.geom_type.dropna())
    single = {kind.removeprefix("Multi") for kind in kinds}
    mixed = len(kinds) == 2 and len(single) == 1
    return {"geometry_type": "Unknown", "promote_to_multi": False} if mixed else {}


def _same(written: pd.DataFrame, back: pd.DataFrame) -> bool:
    if len(written) != len(back) or isinstance(written, gpd.GeoDataFrame) != isinstance(back, gpd.GeoDataFrame):
        return False
    if not isinstance(written, gpd.GeoDataFrame):
        return set(written.columns) == set(back.columns)
    same_shapes = shapely.to_wkb(written.geometry.to_numpy()) == shapely.to_wkb(back.geometry.to_numpy())
    names = set(written.columns) - {written.geometry.name} == set(back.columns) - {back.geometry.name}
    return bool(names and np.all(same_shapes) and written.crs == back.crs)


def _column_bytes(values: pd.Series) -> bytes:
    if isinstance(values, gpd.GeoSeries):
        return b"".join(b"\x00" if wkb is None else wkb for wkb in shapely.to_wkb(values.to_numpy()))
    empty = values.isna().to_numpy()
    if pd.api.types.is_bool_dtype(values) or pd.api.types.is_integer_dtype(values):
        numbers = values.fillna(0).to_numpy(dtype=np.int64)
        return numbers.tobytes() + empty.tobytes()
    if pd.api.types.is_float_dtype(values):
        floats = values.to_numpy(dtype=np.float64, na_value=0.0)
        return np.where(empty, 0.0, floats).tobytes() + empty.tobytes()
    texts = ["\x01" if null else str(value) for value, null in zip(values, empty, strict=True)]
    return "\x1f".join(texts).encode("utf-8", "surrogatepass")
