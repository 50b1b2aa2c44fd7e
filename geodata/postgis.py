"""Keep the layers in a PostGIS database that several machines share: the same store as the GeoPackage, one for all."""

from __future__ import annotations

import json
import logging
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
from psycopg import sql

import geodata.save as saving
from geodata.backend import SCHEMA, Change, later_version
from geodata.crs import to_planning
from geodata.embedded import build_layers, embedded_fingerprint, layer_infos
from geodata.gpkg import fingerprint, fixed_date, read_layer, write_layer
from geodata.history import COLUMNS, appended, typed, version_limit, worth_keeping
from geodata.layer_table import HISTORY_TABLE, INFO_COLUMNS, STATE_TABLE, in_order, put_layers, read_infos
from geodata.postgis_address import Address, Connections
from geodata.postgis_schema import LOCK, ensure_postgis, has_store, make_store
from geodata.postgis_tables import (
    Column,
    columns_of,
    fill_table,
    frame_of,
    make_table,
    normal,
    read_table,
    same,
    table,
)
from geodata.states import FILE, gone, state_name
from zoning.errors import StoreError, UnknownLayerError
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
    from pathlib import Path

    from psycopg import Connection

_log = logging.getLogger(__name__)

FRESH_S = 0.5
"""What other machines have saved is noticed after this time at the latest; what this process has saved, at once."""
_DATE = "2026-11-21T00:00:00.000Z"
_KEYS = (*INFO_COLUMNS, "origin", "fingerprint", "changed")


class PostgisBackend:
    """The layers of one database, a table each in the schema `innovation_region`; former states in a table too."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._connections = Connections(address)

    @property
    def label(self) -> str:
        """What people call the database; never its user or password."""
        return self._address.label

    @property
    def path(self) -> Path:
        """The place on this machine that stands for the database: caches and backups lie beside it."""
        return self._address.path

    @property
    def address(self) -> str:
        """What opens the database again in another process; holds a password."""
        return self._address.text

    def seen(self) -> Hashable:
        """Return the number of the last save."""
        known = _seen.get(self.address)
        if known is None or time.monotonic() - known[0] > FRESH_S:
            with self._connections.one() as connection:
                row = connection.execute("SELECT revision FROM innovation_region.store_info").fetchone()
            known = time.monotonic(), row[0] if row else -1
            with _guard:
                _seen[self.address] = known
        return known[1]

    def infos(self) -> pd.DataFrame:
        """Return the table of layers by name; rows that a GIS has changed since a save have another fingerprint."""
        with self._connections.one() as connection:
            return _infos(connection)

    def heads(self, names: Sequence[str]) -> pd.DataFrame:
        """Return count, type of geometry and crs of layers."""
        with self._connections.one() as connection:
            rows = connection.execute(
                "SELECT name, count, geometry FROM innovation_region.layer_info WHERE fingerprint <> ''"
            ).fetchall()
            known = {name: (count, kind) for name, count, kind in rows}
            for name in set(names) - set(known):
                made = normal(name, _read(connection, name))
                known[name] = len(made.frame), made.kind
        heads = [(known[name][0], known[name][1], "EPSG:9210" if known[name][1] else "") for name in names]
        return pd.DataFrame(heads, columns=["count", "geometry", "crs"], index=list(names))

    def read(self, name: str) -> pd.DataFrame:
        """Return a layer as it is kept."""
        with self._connections.one() as connection:
            frame = _read(connection, name)
        self._look_again()  # was it that of the fingerprint?
        return frame

    @contextmanager
    def only_writer(self) -> Iterator[Callable[[Sequence[Change]], dict[str, str]]]:
        """Hold the right to write against all machines; yield what saves all changes or none."""
        self._look_again()
        with self._writing() as connection:
            yield lambda changes: _save(connection, changes)

    def history(self) -> pd.DataFrame:
        """Return the table of versions, oldest first."""
        with self._connections.one() as connection:
            return _history(connection)

    def kept_states(self) -> set[tuple[str, str]]:
        """Return layer and fingerprint of every former state whose content is kept."""
        with self._connections.one() as connection:
            rows = connection.execute("SELECT layer, fingerprint FROM innovation_region.store_states").fetchall()
        return {(str(layer), str(mark)) for layer, mark in rows}

    def read_state(self, name: str, mark: str) -> pd.DataFrame:
        """Return a former state of a layer."""
        frame = frame_of(name, self._content(name, mark))
        if fingerprint(frame) != mark:
            raise StoreError(
                N_("The kept state of the layer {name} is not what was kept: {file} was changed or is damaged."),
                name=name, file=state_name(name, mark),
            )  # fmt: skip
        return frame

    def is_there(self) -> bool:
        """Say whether the database holds a store."""
        with self._connections.one() as connection:
            return has_store(connection)

    def copy_to(self, file: Path) -> None:
        """Copy everything but the former states into a new store file; others wait with saving meanwhile."""
        with self._connections.one() as connection, connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock_shared(%s)", (LOCK,))
            infos = _infos(connection)
            rows = {name: {str(k): str(v) for k, v in row.items()} for name, row in infos.to_dict("index").items()}
            frames = {name: _read(connection, str(name)) for name in infos.index}
            history = _history(connection)
            state = connection.execute("SELECT schema, embedded FROM innovation_region.store_info").fetchone()
        assert state is not None  # noqa: S101 - the table of a store has its row
        with fixed_date(_DATE):
            put_layers(file, frames, rows)  # type: ignore[arg-type]
            write_layer(file, STATE_TABLE, pd.DataFrame({"schema": [state[0]], "embedded": [state[1]]}))
            write_layer(file, HISTORY_TABLE, history)

    def copy_state(self, name: str, mark: str, folder: Path) -> Path:
        """Copy a former state into a folder; return its file."""
        copy = folder / state_name(name, mark)
        copy.write_bytes(self._content(name, mark))
        return copy

    def take_from(self, file: Path, states: Path) -> None:
        """Put a checked store file, and the former states in a folder, in place of the store."""
        state = read_layer(file, STATE_TABLE).iloc[0]
        infos = read_infos(file)
        with self._writing() as connection:
            ensure_postgis(connection, self.label)
            if not has_store(connection):
                make_store(connection)
            for name in set(_infos(connection).index) - set(infos.index):
                connection.execute(_drop(str(name)))
                connection.execute("DELETE FROM innovation_region.layer_info WHERE name = %s", (name,))
            for name, row in infos.iterrows():
                _put(connection, str(name), read_layer(file, str(name)), dict(row), str(row["origin"]))
            connection.execute("DELETE FROM innovation_region.store_history")
            _add_versions(connection, typed(read_layer(file, HISTORY_TABLE)))
            connection.execute("DELETE FROM innovation_region.store_states")
            for one in sorted(states.glob("*.gpkg")):
                if match := FILE.fullmatch(one.name):
                    _keep(connection, match["layer"], match["mark"], one.read_bytes())
            connection.execute("UPDATE innovation_region.store_info SET embedded = %s", (str(state["embedded"]),))

    def renew(self) -> None:
        """Make the store if there is none, and bring the embedded layers of an older version up to date.

        Raises
        ------
        StoreError
            There is no PostGIS, the store is of a later version, or there is none and the user may not make it.
        """
        with self._connections.one() as connection:
            ensure_postgis(connection, self.label)
            there = has_store(connection)
            if there and _is_current(connection, self.label):
                return
        try:
            with self._writing() as connection:
                if not has_store(connection):
                    make_store(connection)
                if not _is_current(connection, self.label):
                    _build(connection)
        except StoreError as error:
            if not there:
                raise
            # who may only read still does, what came with an earlier version of the application
            _log.warning("embedded layers of %s are of an earlier version and stay so: %s", self.label, error)

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        try:
            with self._connections.one() as connection, connection.transaction():
                connection.execute("SELECT set_config('lock_timeout', %s, true)", (f"{saving.LOCK_WAIT_S:.3f}s",))
                connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
                # our own changes do not make a fingerprint doubtful; see the trigger
                connection.execute("SELECT set_config('innovation_region.saving', 'on', true)")
                yield connection
                connection.execute("UPDATE innovation_region.store_info SET revision = revision + 1")
        finally:
            self._look_again()

    def _look_again(self) -> None:
        with _guard:
            _seen.pop(self.address, None)

    def _content(self, name: str, mark: str) -> bytes:
        with self._connections.one() as connection:
            row = connection.execute(
                "SELECT content FROM innovation_region.store_states WHERE layer = %s AND fingerprint = %s", (name, mark)
            ).fetchone()
        if row is None:
            raise gone(name)
        return bytes(row[0])


_guard = threading.Lock()
_seen: dict[str, tuple[float, int]] = {}
"""By address: when the number of the last save was asked for, and the answer; one for all stores of this process."""


def open_postgis(address: str) -> PostgisBackend:
    """Return the store in a database, made and built if there is none yet. Faults as in `PostgisBackend.renew`."""
    backend = PostgisBackend(Address(address))
    backend.renew()
    return backend


def _is_current(connection: Connection, label: str) -> bool:
    row = connection.execute("SELECT schema, embedded FROM innovation_region.store_info").fetchone()
    if row is None:
        return False
    if row[0] > SCHEMA:
        raise later_version(label)
    return bool(row[0] == SCHEMA and row[1] == embedded_fingerprint())


def _build(connection: Connection) -> None:
    """Write the embedded layers, and leave alone what people have saved."""
    old = _infos(connection)
    own = set(old.index[old["origin"] == "user"]) if len(old) else set()
    infos = layer_infos()
    for name, frame in build_layers().items():
        if name not in own:
            _put(connection, name, frame, infos.get(name, {}), "embedded")
    connection.execute("UPDATE innovation_region.store_info SET embedded = %s", (embedded_fingerprint(),))


def _infos(connection: Connection) -> pd.DataFrame:
    rows = connection.execute(
        f"SELECT name, {', '.join(_KEYS)} FROM innovation_region.layer_info "  # noqa: S608 - our own names
        "WHERE to_regclass(format('innovation_region.%I', name)) IS NOT NULL"
    ).fetchall()
    infos = pd.DataFrame(rows, columns=["name", *_KEYS], dtype="str").set_index("name")
    for name in infos.index[infos["fingerprint"] == ""]:  # edited in a GIS: only the content tells
        infos.loc[name, ["origin", "fingerprint"]] = ["user", fingerprint(_read(connection, str(name)))]
    return in_order(infos)


def _read(connection: Connection, name: str) -> pd.DataFrame:
    row = connection.execute("SELECT fields FROM innovation_region.layer_info WHERE name = %s", (name,)).fetchone()
    if row is None:
        raise UnknownLayerError(N_("There is no layer {name}. The layers are: {names}"), name=name, names="–")
    return read_table(connection, name, [Column(*field) for field in row[0]])


def _save(connection: Connection, changes: Sequence[Change]) -> dict[str, str]:
    limit = version_limit()
    marks = {}
    for change in changes:
        if change.rows_before is not None:
            mark = change.found["fingerprint"]
            query = "SELECT 1 FROM innovation_region.store_states WHERE layer = %s AND fingerprint = %s"
            if connection.execute(query, (change.name, mark)).fetchone() is None:
                _keep(connection, change.name, mark, normal(change.name, _read(connection, change.name)).content)
        marks[change.name] = _put(connection, change.name, change.frame, change.info, change.origin)
    before = _history(connection)
    versions = appended(before, changes, marks)
    old = set(zip(before["layer"], before["version"], strict=True))
    new = [key not in old for key in zip(versions["layer"], versions["version"], strict=True)]
    _add_versions(connection, versions[new])
    first = versions.groupby("layer")["version"].min()
    for name, version in first.items():
        connection.execute(
            "DELETE FROM innovation_region.store_history WHERE layer = %s AND version < %s", (name, int(version))
        )
    wanted = worth_keeping(versions, limit)
    rows = connection.execute("SELECT layer, fingerprint FROM innovation_region.store_states").fetchall()
    for name, mark in {(str(a), str(b)) for a, b in rows} - wanted:
        connection.execute(
            "DELETE FROM innovation_region.store_states WHERE layer = %s AND fingerprint = %s", (name, mark)
        )
    return marks


def _put(connection: Connection, name: str, frame: pd.DataFrame, info: Mapping[str, Any], origin: str) -> str:
    """Put a layer in place of the one of that name and its row of the table of layers; return its fingerprint."""
    made = normal(name, to_planning(frame) if isinstance(frame, gpd.GeoDataFrame) else frame)
    columns = columns_of(name, made.frame)
    fields = json.dumps([[column.name, column.field, column.dtype] for column in columns], ensure_ascii=False)
    known = connection.execute(
        "SELECT fields::text = %s::jsonb::text FROM innovation_region.layer_info "
        "WHERE name = %s AND to_regclass(format('innovation_region.%%I', name)) IS NOT NULL",
        (fields, name),
    ).fetchone()
    if known is not None and known[0]:
        # readers go on undisturbed, and what others have built on the table (rights, views) stays
        connection.execute(_delete(name))
    else:
        connection.execute(_drop(name))
        make_table(connection, name, columns)
    fill_table(connection, name, columns, made.frame)
    if not same(read_table(connection, name, columns), made.frame):
        raise StoreError(N_("The layer {name} did not come back as it was saved; nothing was changed."), name=name)
    mark = fingerprint(made.frame)
    row = {key: str(info.get(key, "")) for key in INFO_COLUMNS} | {
        "name": name, "origin": origin, "fingerprint": mark, "fields": fields, "geometry": made.kind,
        "count": len(made.frame), "changed": pd.Timestamp.now("UTC").isoformat(timespec="milliseconds"),
    }  # fmt: skip
    connection.execute("DELETE FROM innovation_region.layer_info WHERE name = %s", (name,))
    names = ", ".join(row)
    places = ", ".join(f"%({key})s" for key in row)
    connection.execute(f"INSERT INTO innovation_region.layer_info ({names}) VALUES ({places})", row)  # noqa: S608  # type: ignore[arg-type]
    return mark


def _drop(name: str) -> sql.Composed:
    return sql.SQL("DROP TABLE IF EXISTS {}").format(table(name))


def _delete(name: str) -> sql.Composed:
    return sql.SQL("DELETE FROM {}").format(table(name))


def _keep(connection: Connection, name: str, mark: str, content: bytes) -> None:
    connection.execute("INSERT INTO innovation_region.store_states VALUES (%s, %s, %s)", (name, mark, content))


def _history(connection: Connection) -> pd.DataFrame:
    rows = connection.execute(
        f"SELECT {', '.join(COLUMNS)} FROM innovation_region.store_history ORDER BY seq"  # noqa: S608 - our own names
    ).fetchall()
    return typed(pd.DataFrame(rows, columns=list(COLUMNS), dtype=object))


def _add_versions(connection: Connection, rows: pd.DataFrame) -> None:
    cells = rows.astype(object).where(rows.notna(), None)
    places = ", ".join(["%s"] * len(COLUMNS))
    statement = f"INSERT INTO innovation_region.store_history ({', '.join(COLUMNS)}) VALUES ({places})"  # noqa: S608
    for row in cells.itertuples(index=False):
        connection.execute(statement, tuple(row))
