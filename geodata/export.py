"""Turn features of a layer, or the frame of a job's result, into a file to take home, checked before it is offered."""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import uuid4

import geopandas as gpd
import pandas as pd

from geodata.dxf import dxf_bytes
from geodata.geojson import geojson_bytes
from geodata.gpkg_export import gpkg_bytes
from geodata.kml import kml_bytes
from geodata.provenance import layer_name, provenance_record
from geodata.styles import default_style
from geodata.tables import csv_bytes
from zoning.errors import ExportError, InputError, StoreError, UnknownLayerError
from zoning.names import fold
from zoning.pace import checkpoint
from zoning.text import N_, Translate, english

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from shapely.geometry.base import BaseGeometry

    from geodata.store import Store
    from geodata.styles import ExportStyle
    from zoning.result import Result

    Frame: TypeAlias = gpd.GeoDataFrame | pd.DataFrame

FORMATS = {"geojson": "GeoJSON", "gpkg": "GeoPackage", "csv": "CSV", "kml": "KML", "dxf": "DXF"}
"""The formats, in the order in which they are offered; also the endings of their files."""
_MIMES = {
    "geojson": "application/geo+json",
    "gpkg": "application/geopackage+sqlite3",
    "csv": "text/csv; charset=utf-8",
    "kml": "application/vnd.google-earth.kml+xml",
    "dxf": "image/vnd.dxf",
}
_STANDS_ON = {"strategic": ("corridors", "wards_2025", "population")}
"""Layers that a network is made of, where it is not a layer itself."""
_SEPARATORS = {"source": "; ", "licence": "; ", "attribution": " | "}
"""What stands between several in the layers' own provenance."""
_NAMED = 10
"""So many unknown ids are named in a message."""


@dataclass(frozen=True)
class Export:
    """A file to take home: its bytes, name, media type, and how many features are in it."""

    data: bytes
    filename: str
    mime: str
    count: int

    def write(self, path: Path) -> None:
        """Write the file in one step: `path` is whole or as it was before.

        Raises
        ------
        StoreError
            The folder is missing or cannot be written, `path` is a folder, or the disk is full.
        """
        temp = path.with_name(f".{uuid4().hex}.part")
        try:
            _check_target(path)
            temp.write_bytes(self.data)
            temp.replace(path)
        except StoreError:
            raise
        except OSError as error:
            raise StoreError(
                N_("{path} could not be written ({reason}). A file that was there is as it was."),
                path=path,
                reason=error.strerror or type(error).__name__,
            ) from error
        finally:
            with contextlib.suppress(OSError):
                temp.unlink(missing_ok=True)


def _check_target(path: Path) -> None:
    if not path.parent.is_dir():
        raise StoreError(N_("The folder {folder} does not exist: nothing was written."), folder=path.parent)
    if path.is_dir():
        raise StoreError(N_("{path} is a folder: name a file to write to."), path=path)


def export_layer(
    store: Store, layer: str, kind: str = "geojson", *, ids: Sequence[str] | None = None, translate: Translate = english
) -> Export:
    """Return features of a layer of the store; `ids` and errors as in `export_frame`."""
    frame = store.layer(layer)  # knows what to say of a layer that is not there
    rows = store.layers().set_index("name", drop=False)
    return export_frame(frame, rows.loc[layer], kind, ids=ids, translate=translate)


def export_result(
    result: Result, frame: str, store: Store, kind: str = "geojson", *, translate: Translate = english
) -> Export:
    """Return a frame of a job's result with the run record inside.

    Its provenance names the layers that the run stands on, with their sources, licences and attributions. A result
    that breaks a law of travel is refused (ExportError).
    """
    refuse_broken(result, translate)
    used = {name for part in result.run.get("data", ()) for name in _STANDS_ON.get(part, (part,))}
    rows = store.layers()
    rows = rows[rows["name"].isin(used)]
    info = {"name": frame, "method": result.run.get("job")} | {
        field: _joined(rows[field].tolist(), separator) for field, separator in _SEPARATORS.items()
    }
    return export_frame(result.frames[frame], info, kind, run=result.run, translate=translate)


def _joined(texts: Sequence[str], separator: str) -> str:
    """Return what is in any of the texts, each once."""
    return separator.join(dict.fromkeys(part for text in texts for part in str(text).split(separator) if part))


def refuse_broken(result: Result, translate: Translate = english) -> None:
    """Raise ExportError for a result that breaks a law of travel: it stays a draft in every format."""
    if result.broken:
        raise ExportError(
            N_("This result breaks a law of travel and stays a draft: {laws}"),
            laws=" ".join(note.text(translate) for note in result.broken),
        )


def export_frame(
    frame: Frame,
    info: object,
    kind: str = "geojson",
    *,
    ids: Sequence[str] | None = None,
    run: Mapping[str, Any] | None = None,
    style: ExportStyle | None = None,
    translate: Translate = english,
) -> Export:
    """Return features as a file in memory, checked by reading it again.

    Parameters
    ----------
    frame
        Features, or rows without geometry, with a column `id`; without one they are numbered.
    info
        What is known of the layer: a row of `Store.layers()`, a mapping or an object (see `provenance_record`).
    kind
        One of `FORMATS`.
    ids
        Ids of the features to take, in the frame's order; None takes all.
    run
        Run record of a job.
    style
        How GeoPackage and KML draw it; None: `default_style`, its labels in the language of `translate`.

    Raises
    ------
    InputError
        No such format.
    UnknownLayerError
        Ids that the layer does not have, named.
    ExportError
        Nothing was chosen, two features have one id, a format cannot hold it, or the check failed.
    """
    if kind not in FORMATS:
        raise InputError(
            N_("Unknown format “{kind}”. There are: {formats}."), kind=kind[:30], formats=", ".join(FORMATS)
        )
    name = layer_name(info)
    chosen, chosen_ids = _chosen(frame, name, ids)
    if chosen.empty:
        raise ExportError(N_("Nothing to export from “{layer}”: no feature was chosen, or it is empty."), layer=name)
    checkpoint()
    provenance = provenance_record(info, chosen)
    look = style or default_style(chosen, translate)
    if kind == "csv":
        data = csv_bytes(chosen, chosen_ids, provenance=provenance)
    elif kind == "gpkg":
        data = gpkg_bytes(chosen, chosen_ids, provenance=provenance, style=look, run=run)
    else:
        placed = _placed(chosen, name, kind)
        if kind == "kml":
            data = kml_bytes(placed, chosen_ids, provenance=provenance, style=look, run=run)
        elif kind == "dxf":
            data = dxf_bytes(placed, chosen_ids, provenance=provenance, style=look, run=run)
        else:
            data = geojson_bytes(placed, chosen_ids, provenance=provenance, run=run)
    held = int(chosen.geometry.map(_has_place).sum()) if kind == "dxf" else len(chosen)
    single = chosen_ids[0] if ids is not None and len(chosen_ids) == 1 else None
    return Export(data, _filename(name, single, kind, selection=ids is not None), _MIMES[kind], held)


def _chosen(frame: Frame, name: str, ids: Sequence[str] | None) -> tuple[Frame, list[str]]:
    """Return the chosen rows and their ids; rows without a column `id` are numbered from 1."""
    if "id" in frame.columns:
        own = ["" if pd.isna(one) else str(one) for one in frame["id"].tolist()]
    else:
        own = [f"{name}-{number}" for number in range(1, len(frame) + 1)]
    twice = sorted(one for one, count in Counter(own).items() if count > 1)
    if twice or "" in own:
        raise ExportError(
            N_("Features of “{layer}” share an id or have none ({ids}): nothing was exported."),
            layer=name,
            ids=_listed(twice or ["–"]),
        )
    if ids is None:
        return frame, own
    wanted = dict.fromkeys(str(one) for one in ids)
    known = set(own)
    unknown = [one for one in wanted if one not in known]
    if unknown:
        raise UnknownLayerError(N_("No feature of “{layer}” has the id {ids}."), layer=name, ids=_listed(unknown))
    kept = [one in wanted for one in own]
    return frame[kept], [one for one in own if one in wanted]


def _placed(frame: Frame, name: str, kind: str) -> gpd.GeoDataFrame:
    """Return a frame with geometry; GeoJSON may hold rows without a place, KML and DXF may not."""
    if isinstance(frame, gpd.GeoDataFrame):
        return frame
    if kind in ("kml", "dxf"):
        raise ExportError(N_("“{layer}” is a table without places: take CSV or GeoPackage."), layer=name)
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries([None] * len(frame), index=frame.index), crs="EPSG:4326")


def _has_place(shape: BaseGeometry | None) -> bool:
    return shape is not None and not shape.is_empty


def _listed(ids: Sequence[str]) -> str:
    more = len(ids) - _NAMED
    return ", ".join(one[:60] for one in ids[:_NAMED]) + (f" (+{more})" if more > 0 else "")


def _filename(name: str, single: str | None, kind: str, *, selection: bool) -> str:
    """Return a name that every system takes: letters, digits, dashes; no path, no leading dot."""
    parts = [name, single or ("selection" if selection else "")]
    safe = [re.sub(r"[^A-Za-z0-9_-]+", "_", fold(part)).strip("_-")[:60] for part in parts]
    stem = "_".join(part for part in safe if part) or "export"
    return f"{stem}.{kind}"
