"""Keep all layers in one place, a GeoPackage or a PostGIS database, with what planners lay over them, and who saved."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from geodata.author import now, who_saves
from geodata.backend import Change
from geodata.crs import to_planning
from geodata.filestore import FileBackend
from geodata.history import provenance_of, version_limit
from geodata.layer_table import INFO_COLUMNS
from geodata.place import opened, store_path
from geodata.states import gone
from zoning.errors import ConflictError, InputError, UnknownLayerError
from zoning.text import N_

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Hashable, Mapping

    from geodata.backend import Backend

__all__ = ["EDITED", "EDITS", "MATCHES", "OUTLINED", "OUTLINES", "Store", "check_name", "open_store", "store_path"]

OUTLINED = ("zones", "facilities")
OUTLINES, MATCHES = "outlines", "outline_matches"
"""Layers shown with outlines from OpenStreetMap; the layer of these outlines, and the table of what matched."""
EDITED, EDITS = "zones", "zone_edits"
"""The layer shown with planners' edits laid over it, and the layer of these edits."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_RESERVED = re.compile(r"(gpkg|sqlite|rtree|ogr)_.*|layer_(info|styles)|store_(info|history)")


class Store:
    """The layers of one GeoPackage or database.

    Readers take no lock: they see the state before a save or after it. Layers are kept in memory by fingerprint and
    shared: a frame that was handed out may be changed, it is a copy on write.

    Parameters
    ----------
    place
        The file of a store that is there, or the backend that keeps the layers.
    """

    def __init__(self, place: Path | Backend) -> None:
        self.backend: Backend = FileBackend(place) if isinstance(place, Path) else place
        self._guard = threading.RLock()
        self._seen: Hashable = None
        self._info = pd.DataFrame()
        self._frames: dict[str, tuple[str, pd.DataFrame]] = {}
        self._overlaid: dict[str, tuple[str, gpd.GeoDataFrame]] = {}

    @property
    def path(self) -> Path:
        """The file of the store; for a database the place on this machine that stands for it."""
        return self.backend.path

    @property
    def label(self) -> str:
        """What people call the store; never a password or a user."""
        return self.backend.label

    @property
    def address(self) -> str:
        """The address of the database, empty for a file; it may hold a password, so it is never shown or logged."""
        return self.backend.address if "://" in self.backend.address else ""

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
        heads = self.backend.heads(list(infos.index))
        # zones drawn by planners count too
        heads["count"] = [
            len(self.layer(name)) if EDITS in self._over(name) else int(count)
            for name, count in zip(infos.index, heads["count"], strict=True)
        ]
        table = heads[["count", "geometry", "crs"]].rename_axis("name").reset_index()
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
                frame = self.backend.read(name)
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
        self, name: str, frame: pd.DataFrame, info: Mapping[str, str] | None = None, expect: str | None = None,
        *, author: str | None = None,
    ) -> str:  # fmt: skip
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
        author
            Who saves, kept in the history; None for who is known (`geodata.author`).

        Raises
        ------
        ConflictError
            Someone else has saved the layer since.
        StoreError
            The store cannot be written; it is as it was before.
        """
        return self.change_layer(name, lambda _: frame, info, expect, author=author)

    def write_layers(
        self, frames: Mapping[str, pd.DataFrame], infos: Mapping[str, Mapping[str, str]], *, author: str | None = None
    ) -> dict[str, str]:
        """Save several layers in one step, all or none; return their new fingerprints. Faults as in `write_layer`."""
        changes = {name: (lambda _, frame=frame: frame) for name, frame in frames.items()}
        return self._save(changes, infos, {}, author, "saved")

    def change_layer(
        self,
        name: str,
        change: Callable[[gpd.GeoDataFrame | None], pd.DataFrame],
        info: Mapping[str, str] | None = None,
        expect: str | None = None,
        *,
        author: str | None = None,
    ) -> str:
        """Save what `change` makes of a layer as it is now (None if there is none), while no one else can save.

        Appending rows goes through here: two writers that both add to what they read never lose each other's rows.
        Other arguments, result and faults as in `write_layer`.
        """
        infos = {} if info is None else {name: info}
        expected = {} if expect is None else {name: expect}
        return self._save({name: change}, infos, expected, author, "saved")[name]

    def history(self, name: str | None = None) -> pd.DataFrame:
        """Return the versions of a layer, or of all, oldest first.

        Returns
        -------
        DataFrame
            `geodata.history.COLUMNS`, and `now` (the layer is as in this version) and `kept` (it can be restored).
        """
        table = self.backend.history()
        infos = self._infos()
        if name is not None:
            self._mark(name)
            table = table[table["layer"].eq(name)].reset_index(drop=True)
        kept = self.backend.kept_states()
        marks = dict(zip(infos.index, infos["fingerprint"], strict=True))
        states = list(zip(table["layer"], table["fingerprint"], strict=True))
        is_now = [marks.get(layer) == mark for layer, mark in states]
        is_kept = [state in kept for state in states]
        return table.assign(now=is_now, kept=[a or b for a, b in zip(is_now, is_kept, strict=True)])

    def restore_version(
        self, name: str, version: int, expect: str | None = None, *, author: str | None = None
    ) -> str:  # fmt: skip
        """Save a former version of a layer as its newest one; return its fingerprint. It can be undone likewise.

        Raises
        ------
        InputError
            There is no such version, or the layer is as it was then.
        ConflictError
            Someone else has saved the layer since it had the fingerprint `expect`.
        StoreError
            The version is not kept any more, or the store cannot be written.
        """
        table = self.history(name)
        found = table[table["version"].eq(version)]
        if found.empty:
            raise InputError(
                N_("The layer {name} has no version {version}; python -m geodata history {name} lists them."),
                name=name, version=version,
            )  # fmt: skip
        row = found.iloc[0]
        if row["now"]:
            raise InputError(
                N_("The layer {name} is as it was in version {version}: nothing to restore."), name=name,
                version=version,
            )  # fmt: skip
        if not row["kept"]:
            raise gone(name)
        frame = self.backend.read_state(name, str(row["fingerprint"]))
        info, origin = provenance_of(str(row["provenance"]))
        expected = {} if expect is None else {name: expect}
        return self._save({name: lambda _: frame}, {name: info}, expected, author, "restored", origin)[name]

    def _save(
        self,
        wanted: Mapping[str, Callable[[gpd.GeoDataFrame | None], pd.DataFrame]],
        infos: Mapping[str, Mapping[str, str]],
        expected: Mapping[str, str],
        author: str | None,
        action: str,
        origin: str = "user",
    ) -> dict[str, str]:
        for name in wanted:
            check_name(name)
        version_limit()  # a bad setting is told before anything is done
        who, when = author or who_saves(), now()
        with self.backend.only_writer() as save:
            table = self._infos()
            changes = []
            for name, change in wanted.items():
                known = {} if name not in table.index else {str(k): str(v) for k, v in table.loc[name].items()}
                before = self.raw_layer(name) if known else None
                if expected.get(name) not in (
                    None,
                    known.get("fingerprint", ""),
                    self.fingerprint(name) if known else "",
                ):
                    raise ConflictError(
                        N_("Somebody else has saved the layer {name} since you opened it. Load it again, or save "
                           "yours under another name."),
                        name=name,
                    )  # fmt: skip
                frame = change(before)
                if isinstance(frame, gpd.GeoDataFrame):
                    frame = to_planning(frame)
                info = infos[name] if name in infos else {key: known.get(key, "") for key in INFO_COLUMNS}
                rows = None if before is None else len(before)
                changes.append(Change(name, frame, info, origin, rows, known, who, when, action))
            return save(changes)

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
        """Return the table of layers, read again when somebody has saved."""
        with self._guard:
            seen = self.backend.seen()
            if seen != self._seen:
                self._info = self.backend.infos()
                self._frames = {
                    name: kept
                    for name, kept in self._frames.items()
                    if name in self._info.index and self._info.loc[name, "fingerprint"] == kept[0]
                }
                self._seen = seen
            return self._info


def open_store(path: str | os.PathLike[str] | None = None) -> Store:
    """Return the store, built from the embedded region if there is none yet.

    Parameters
    ----------
    path
        The file, or the address of a database; None for what INNOVATION_REGION_STORE names, else the file in the
        user's data folder.

    Raises
    ------
    StoreError
        The store is damaged, not ours or of a later version, or it cannot be reached or written. One that is there is
        never overwritten because it cannot be read.
    """
    return Store(opened(path))


def check_name(name: str) -> None:
    """Raise InputError unless `name` can be the name of a layer: small letters, digits, underscores."""
    if not _NAME.fullmatch(name) or _RESERVED.fullmatch(name):
        raise InputError(
            N_("{name} cannot be the name of a layer: use small letters, digits and underscores, beginning with a "
               "letter."),
            name=name[:60],
        )  # fmt: skip
