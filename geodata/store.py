"""Keep all layers in one GeoPackage: built from the embedded region on first use, never left half written."""

from __future__ import annotations

import logging
import os
import re
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import platformdirs
import pyogrio

from geodata.crs import to_planning
from geodata.embedded import build_layers, embedded_fingerprint, layer_infos
from geodata.gpkg import check_whole, last_changes, read_layer, write_layer
from geodata.layer_table import INFO_COLUMNS, put_layers, read_infos
from geodata.save import only_writer, replace_file, unwritable
from zoning.errors import ConflictError, InputError, StoreError, UnknownLayerError
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_log = logging.getLogger(__name__)

SCHEMA = 1
"""Version of the store's own tables; a store of a later one is refused."""
OUTLINED = ("zones", "facilities")
OUTLINES, MATCHES = "outlines", "outline_matches"
"""Layers shown with outlines from OpenStreetMap; the layer of these outlines, and the table of what matched."""
EDITED, EDITS = "zones", "zone_edits"
"""The layer shown with planners' edits laid over it, and the layer of these edits."""
STORE_VARIABLE = "INNOVATION_REGION_STORE"

_STORE = "store_info"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_RESERVED = re.compile(r"(gpkg|sqlite|rtree|ogr)_.*|layer_(info|styles)|store_info")
_BUILD_DATE = "2026-11-21T00:00:00.000Z"
"""What the embedded layers bear as their time of change: two builds are then equal byte by byte."""


class Store:
    """The layers of one GeoPackage.

    Readers take no lock: the file is only ever replaced whole, so they see the state before a save or after it. Layers
    are kept in memory by fingerprint and shared: a frame that was handed out may be changed, it is a copy on write.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._guard = threading.RLock()
        self._seen: tuple[int, int, int] | None = None
        self._info = pd.DataFrame()
        self._frames: dict[str, tuple[str, pd.DataFrame]] = {}
        self._overlaid: dict[str, tuple[str, gpd.GeoDataFrame]] = {}

    @property
    def networks_dir(self) -> Path:
        """The folder of the compiled networks, a cache beside the store; made by whoever writes to it."""
        return Path(f"{self.path}.networks")

    def names(self) -> list[str]:
        """Return the names of all layers: the embedded ones first, in their own order."""
        return list(self._infos().index)

    def layers(self) -> pd.DataFrame:
        """Return one row a layer: name, count, geometry, crs, titles in both languages and provenance."""
        infos = self._infos()
        heads = [pyogrio.read_info(self.path, layer=name, force_feature_count=True) for name in infos.index]
        table = pd.DataFrame(
            {
                "name": list(infos.index),
                # zones drawn by planners count too
                "count": [
                    len(self.layer(name)) if EDITS in self._over(name) else head["features"]
                    for name, head in zip(infos.index, heads, strict=True)
                ],
                # GDAL says Unknown of a layer that holds points beside areas or lines
                "geometry": [(head["geometry_type"] or "").replace("Unknown", "Mixed") for head in heads],
                "crs": [head["crs"] or "" for head in heads],
            }
        )
        return table.join(infos[[*INFO_COLUMNS, "origin", "fingerprint"]].reset_index(drop=True))

    def layer(self, name: str) -> gpd.GeoDataFrame:
        """Return a layer in the planning CRS (EPSG:9210); a table without geometry comes as a plain DataFrame.

        Zones and facilities come with the real outlines of `geodata.osmoutlines` where they were matched to some, and
        zones with the edits in force of `geodata.edits`; what is kept in the store stays as it was.

        Raises
        ------
        UnknownLayerError
            There is no layer of that name.
        StoreError
            The store is missing or damaged.
        """
        frame, over = self.raw_layer(name), self._over(name)
        if not over:
            return frame
        mark = self.fingerprint(name)
        with self._guard:
            kept = self._overlaid.get(name)
            if kept is None or kept[0] != mark:
                if OUTLINES in over:
                    from geodata.osmoutlines import with_outlines  # reads this module

                    matches = self.raw_layer(MATCHES)
                    frame = with_outlines(frame, matches[matches["layer"] == name], self._areas())
                if EDITS in over:
                    from geodata.edits import with_edits  # reads this module

                    frame = with_edits(frame, self.raw_layer(EDITS))
                kept = mark, frame
                self._overlaid[name] = kept
            return kept[1].copy(deep=False)

    def raw_layer(self, name: str) -> gpd.GeoDataFrame:
        """Return a layer as it is kept, without the outlines and edits that `layer` puts in; otherwise as there.

        Raises
        ------
        UnknownLayerError
            There is no layer of that name.
        StoreError
            The store is missing or damaged.
        """
        with self._guard:
            mark = self._mark(name)
            kept = self._frames.get(name)
            while kept is None or kept[0] != mark:
                frame = read_layer(self.path, name)
                if isinstance(frame, gpd.GeoDataFrame):
                    frame = to_planning(frame)  # another program may have put a layer in degrees into the file
                # read again if somebody has saved meanwhile: the fingerprint must be that of the frame
                before, mark = mark, self._mark(name)
                kept = before, frame
            self._frames[name] = kept
            return kept[1].copy(deep=False)

    def fingerprint(self, name: str) -> str:
        """Return a hash of a layer's content: equal data, equal hash, in any store on any machine."""
        return "+".join(self._mark(part) for part in (name, *self._over(name)))

    def write_layer(
        self, name: str, frame: pd.DataFrame, info: Mapping[str, str] | None = None, expect: str | None = None
    ) -> str:
        """Save a layer in place of the one of that name, and return its new fingerprint.

        Parameters
        ----------
        name
            Small letters, digits and underscores, beginning with a letter.
        frame
            In any coordinate system that says its name; kept in the planning CRS.
        info
            The layer's provenance (`INFO_COLUMNS`); None keeps what the layer has.
        expect
            The fingerprint of the layer as it was when it was read, "" for none yet: if it is another one now, nothing
            is written. None saves in any case.

        Raises
        ------
        ConflictError
            Someone else has saved the layer since.
        StoreError
            The store cannot be written; it is as it was before.
        """
        return self.change_layer(name, lambda _: frame, info, expect)

    def change_layer(
        self,
        name: str,
        change: Callable[[gpd.GeoDataFrame | None], pd.DataFrame],
        info: Mapping[str, str] | None = None,
        expect: str | None = None,
    ) -> str:
        """Save what `change` makes of a layer as it is now (None if there is none), while no one else can save.

        Appending rows goes through here: two writers that both add to what they read never lose each other's rows.
        Other arguments, result and faults as in `write_layer`.
        """
        check_name(name)
        mark = ""
        with only_writer(self.path):
            infos = self._infos()
            now = str(infos.loc[name, "fingerprint"]) if name in infos.index else ""
            if expect is not None and expect not in (now, self.fingerprint(name) if now else ""):
                raise ConflictError(
                    N_("Somebody else has saved the layer {name} since you opened it. Load it again, or save yours "
                       "under another name."),
                    name=name,
                )  # fmt: skip
            frame = change(self.raw_layer(name) if now else None)
            if isinstance(frame, gpd.GeoDataFrame):
                frame = to_planning(frame)
            kept = dict(infos.loc[name, list(INFO_COLUMNS)]) if now and info is None else dict(info or {})

            def write(temp: Path) -> None:
                nonlocal mark
                mark = put_layers(temp, {name: frame}, {name: kept}, "user")[name]

            replace_file(self.path, write)
        return mark

    def _mark(self, name: str) -> str:
        """Return the fingerprint of a layer as it is kept."""
        infos = self._infos()
        if name not in infos.index:
            raise UnknownLayerError(
                N_("There is no layer {name}. The layers are: {names}"), name=name, names=", ".join(infos.index)
            )
        return str(infos.loc[name, "fingerprint"])

    def _over(self, name: str) -> tuple[str, ...]:
        """Return the layers that `layer` lays over the one of this name, in their order."""
        there = set(self._infos().index)
        outlines = (OUTLINES, MATCHES) if name in OUTLINED and {OUTLINES, MATCHES} <= there else ()
        return (*outlines, EDITS) if name == EDITED and EDITS in there else outlines

    def _areas(self) -> gpd.GeoDataFrame:
        return self.raw_layer(OUTLINES).rename(columns={"id": "osm_id"})

    def _infos(self) -> pd.DataFrame:
        """Return the table of layers, read again when the file has changed."""
        with self._guard:
            try:
                stat = self.path.stat()
            except OSError as error:
                raise StoreError(
                    N_("The store {path} is not there any more. Start again to build it anew."), path=self.path
                ) from error
            seen = stat.st_ino, stat.st_mtime_ns, stat.st_size
            if seen != self._seen:
                self._info = read_infos(self.path)
                self._frames = {
                    name: kept
                    for name, kept in self._frames.items()
                    if name in self._info.index and self._info.loc[name, "fingerprint"] == kept[0]
                }
                self._seen = seen
            return self._info


def open_store(path: str | os.PathLike[str] | None = None) -> Store:
    """Return the store, built from the embedded region if there is no file yet.

    Parameters
    ----------
    path
        The file; None for the one that INNOVATION_REGION_STORE names, else the one in the user's data folder.

    Raises
    ------
    StoreError
        The file is damaged, not a store or of a later version, or its folder cannot be written. A file that is there
        is never overwritten because it cannot be read.
    """
    file = store_path(path)
    try:
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            with only_writer(file):
                if not file.exists():  # another process may have built it while we waited
                    replace_file(file, _build)
    except StoreError:
        raise
    except OSError as error:
        raise unwritable(file, error) from error
    if not file.is_file():
        raise StoreError(N_("{path} is not a file, so it cannot be the store."), path=file)
    check_whole(file)
    _renew(file)
    return Store(file)


def store_path(path: str | os.PathLike[str] | None = None) -> Path:
    """Return the file of the store: the given one, else the environment's, else the one in the user's data folder."""
    named = os.fspath(path) if path is not None else os.environ.get(STORE_VARIABLE, "").strip()
    if not named:
        return platformdirs.user_data_path("innovation-region", appauthor=False) / "region.gpkg"
    if "://" in named:
        raise StoreError(N_("The store must be a file; {path} is an address."), path=named)
    if "\x00" in named:
        raise StoreError(N_("{path} is not a file, so it cannot be the store."), path=named.replace("\x00", "?"))
    return Path(named).expanduser().absolute()


def _build(temp: Path) -> None:
    """Write the embedded layers; into a store that is there, leave alone what people have saved."""
    infos = read_infos(temp) if temp.exists() else pd.DataFrame(columns=["origin"])
    own = set(infos.index[infos["origin"] == "user"])
    layers = {name: frame for name, frame in build_layers().items() if name not in own}
    state = pd.DataFrame({"schema": [SCHEMA], "embedded": [embedded_fingerprint()]})
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _BUILD_DATE})
    try:
        put_layers(temp, layers, layer_infos(), "embedded")
        write_layer(temp, _STORE, state)
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _renew(path: Path) -> None:
    """Refuse a file that is no store of ours, and bring the embedded layers of an older one up to date."""
    if _STORE not in last_changes(path):
        raise StoreError(
            N_("{path} is a GeoPackage, but not a store of this application. Name another file for the store, and "
               "import this one."),
            path=path,
        )  # fmt: skip
    if _is_current(path):
        return
    try:
        with only_writer(path):
            if not _is_current(path):
                replace_file(path, _build)
    except StoreError as error:
        # a read-only store of an earlier version still serves
        _log.warning("embedded layers of %s are of an earlier version and stay so: %s", path, error)


def _is_current(path: Path) -> bool:
    state = read_layer(path, _STORE).iloc[0]
    if int(state["schema"]) > SCHEMA:
        raise StoreError(N_("The store {path} was made by a later version of the application."), path=path)
    return int(state["schema"]) == SCHEMA and str(state["embedded"]) == embedded_fingerprint()


def check_name(name: str) -> None:
    """Raise InputError unless `name` can be the name of a layer: small letters, digits, underscores."""
    if not _NAME.fullmatch(name) or _RESERVED.fullmatch(name):
        raise InputError(
            N_("{name} cannot be the name of a layer: use small letters, digits and underscores, beginning with a "
               "letter."),
            name=name[:60],
        )  # fmt: skip
