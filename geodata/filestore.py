"""Keep the layers in one GeoPackage: built from the embedded region on first use, only ever replaced whole."""

from __future__ import annotations

import logging
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pandas as pd

from geodata.backend import SCHEMA, Change, later_version
from geodata.embedded import build_layers, embedded_fingerprint, layer_infos
from geodata.gpkg import check_whole, fixed_date, heads, last_changes, read_layer, write_layer
from geodata.history import appended, no_history, typed, version_limit, worth_keeping
from geodata.layer_table import HISTORY_TABLE, STATE_TABLE, put_layers, read_infos
from geodata.migrate import migrate
from geodata.save import only_writer, replace_file, unwritable
from geodata.states import copy_state, drop_states, keep_state, kept_states, read_state, take_states
from zoning.errors import StoreError
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Sequence
    from pathlib import Path

_log = logging.getLogger(__name__)

_BUILD_DATE = "2026-11-21T00:00:00.000Z"
"""What the embedded layers bear as their time of change: two builds are then equal byte by byte."""


class FileBackend:
    """The layers of one GeoPackage; their former states are small GeoPackages in a folder beside it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def label(self) -> str:
        """What people call the store: its file."""
        return str(self.path)

    @property
    def address(self) -> str:
        """What opens the store again in another process."""
        return str(self.path)

    def seen(self) -> Hashable:
        """Return what differs after every save: the file is another one then."""
        try:
            stat = self.path.stat()
        except OSError as error:
            raise StoreError(
                N_("The store {path} is not there any more. Start again to build it anew."), path=self.path
            ) from error
        return stat.st_ino, stat.st_mtime_ns, stat.st_size

    def infos(self) -> pd.DataFrame:
        """Return the table of layers by name."""
        return read_infos(self.path)

    def heads(self, names: Sequence[str]) -> pd.DataFrame:
        """Return count, type of geometry and crs of layers."""
        rows = heads(self.path, names)
        return pd.DataFrame(
            {
                "count": [count for count, _, _ in rows],
                # GDAL says Unknown of a layer that holds points beside areas or lines
                "geometry": [kind.replace("Unknown", "Mixed") for _, kind, _ in rows],
                "crs": [crs for _, _, crs in rows],
            },
            index=list(names),
        )

    def read(self, name: str) -> pd.DataFrame:
        """Return a layer as it is kept."""
        return read_layer(self.path, name)

    @contextmanager
    def only_writer(self) -> Iterator[Callable[[Sequence[Change]], dict[str, str]]]:
        """Hold the right to write; yield what saves all changes or none."""
        with only_writer(self.path):
            yield self._save

    def history(self) -> pd.DataFrame:
        """Return the table of versions, oldest first; none in a read-only store of an earlier version."""
        return history_of(self.path)

    def kept_states(self) -> set[tuple[str, str]]:
        """Return layer and fingerprint of every former state whose content is kept."""
        return kept_states(self.path)

    def read_state(self, name: str, mark: str) -> pd.DataFrame:
        """Return a former state of a layer."""
        return read_state(self.path, name, mark)

    def is_there(self) -> bool:
        """Say whether there is a store, be it a damaged one."""
        return self.path.exists()

    def copy_to(self, file: Path) -> None:
        """Copy everything but the former states into a new store file."""
        try:
            shutil.copyfile(self.path, file)
        except OSError as error:
            raise unwritable(file, error) from error
        check_whole(file)

    def copy_state(self, name: str, mark: str, folder: Path) -> Path:
        """Copy a former state into a folder; return its file."""
        return copy_state(self.path, name, mark, folder)

    def take_from(self, file: Path, states: Path) -> None:
        """Put a checked store file, and the former states in a folder, in place of the store."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unwritable(self.path, error) from error
        with only_writer(self.path):
            take_states(self.path, states)
            replace_file(self.path, lambda temp: _copy(file, temp))
            drop_states(self.path, worth_keeping(history_of(self.path), version_limit()))

    def _save(self, changes: Sequence[Change]) -> dict[str, str]:
        marks: dict[str, str] = {}
        versions = no_history()
        limit = version_limit()

        def write(temp: Path) -> None:
            nonlocal versions
            infos = {change.name: {**change.info, "origin": change.origin} for change in changes}
            marks.update(put_layers(temp, {change.name: change.frame for change in changes}, infos))
            before = history_of(temp)
            versions = appended(before, changes, marks)
            if len(versions) and not versions.equals(before):
                write_layer(temp, HISTORY_TABLE, versions)

        for change in changes:
            if change.rows_before is not None:
                keep_state(self.path, change.name, change.found["fingerprint"])
        replace_file(self.path, write)
        drop_states(self.path, worth_keeping(versions, limit))
        return marks


def open_file(path: Path) -> FileBackend:
    """Return the store in a file: built if there is none yet, brought up to date if it is of an earlier version.

    Raises
    ------
    StoreError
        The file is damaged, not a store or of a later version, or its folder cannot be written. A file that is there
        is never overwritten because it cannot be read.
    """
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            with only_writer(path):
                if not path.exists():  # another process may have built it while we waited
                    replace_file(path, build)
    except StoreError:
        raise
    except OSError as error:
        raise unwritable(path, error) from error
    if not path.is_file():
        raise StoreError(N_("{path} is not a file, so it cannot be the store."), path=path)
    check_whole(path)
    _renew(path)
    return FileBackend(path)


def history_of(path: Path) -> pd.DataFrame:
    """Return the table of versions in a file, empty in one of an earlier version."""
    return typed(read_layer(path, HISTORY_TABLE)) if HISTORY_TABLE in last_changes(path) else no_history()


def build(temp: Path) -> None:
    """Write the embedded layers; into a store that is there, leave alone what people have saved."""
    old = read_infos(temp) if temp.exists() else pd.DataFrame(columns=["origin"])
    own = set(old.index[old["origin"] == "user"])
    layers = {name: frame for name, frame in build_layers().items() if name not in own}
    history = history_of(temp) if temp.exists() else no_history()
    state = pd.DataFrame({"schema": [SCHEMA], "embedded": [embedded_fingerprint()]})
    with fixed_date(_BUILD_DATE):
        put_layers(temp, layers, layer_infos(), "embedded")
        write_layer(temp, STATE_TABLE, state)
        write_layer(temp, HISTORY_TABLE, history)


def _renew(path: Path) -> None:
    """Refuse a file that is no store of ours, and bring an older one up to date: its tables, its embedded layers."""
    if STATE_TABLE not in last_changes(path):
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
                migrate(path, SCHEMA, build)
    except StoreError as error:
        # a read-only store of an earlier version still serves
        _log.warning("the store %s is of an earlier version and stays so: %s", path, error)


def _is_current(path: Path) -> bool:
    state = read_layer(path, STATE_TABLE).iloc[0]
    if int(state["schema"]) > SCHEMA:
        raise later_version(path)
    return int(state["schema"]) == SCHEMA and str(state["embedded"]) == embedded_fingerprint()


def _copy(file: Path, temp: Path) -> None:
    shutil.copyfile(file, temp)
