"""Look into an uploaded GeoPackage before GDAL does: whole, of plain tables only, and not too large."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING

from zoning.errors import BadFileError
from zoning.text import N_

if TYPE_CHECKING:
    from pathlib import Path

PATIENCE_S = 8.0
"""Processor time for looking; a query that never ends can hide in a view, a default or a check."""
MOST_GEOMETRY_BYTES = 75_000_000
"""Two million vertices with heights and measures, and their headers."""
_LONGEST_VALUE = 100_000_000
_STEPS = 20_000


def layer_names(path: Path) -> list[str]:
    """Return the feature tables of a private copy of a GeoPackage, which loses its views and triggers.

    A view may hide a query that never ends, and GDAL asks some without being told to; a virtual table may name other
    files. What is left in the copy are tables as they are stored.

    Raises
    ------
    BadFileError
        The file is damaged, no layer is left, or one is larger than is taken in.
    """
    try:
        with closing(sqlite3.connect(path)) as file:
            _bound(file)
            if file.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                raise _damaged()
            _strip(file)
        with closing(sqlite3.connect(path)) as file:
            _bound(file)
            names = _tables(file)
            for name, column in names.items():
                _check(file, name, column)
    except (sqlite3.Error, ValueError, OverflowError) as error:  # ValueError: a name that is no text
        if isinstance(error, BadFileError):
            raise
        raise _damaged() from error
    if not names:
        raise BadFileError(N_("The GeoPackage holds no layer of features (views are not read)."))
    return list(names)


def _bound(file: sqlite3.Connection) -> None:
    end = time.process_time() + PATIENCE_S
    file.set_progress_handler(lambda: time.process_time() > end, _STEPS)
    file.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
    file.execute("PRAGMA trusted_schema = OFF")


def _strip(file: sqlite3.Connection) -> None:
    """Take out of the schema what is no stored table; the index of places (rtree) is a virtual table and stays."""
    file.execute("PRAGMA writable_schema = ON")
    file.execute(
        "DELETE FROM sqlite_master WHERE type IN ('view', 'trigger') OR (type = 'table' AND "
        "sql LIKE 'create virtual %' AND sql NOT LIKE 'create virtual table % using rtree(%')"
    )
    file.commit()


def _tables(file: sqlite3.Connection) -> dict[str, str]:
    """Return the name of each stored feature table with its geometry column."""
    rows = file.execute(
        "SELECT c.table_name, g.column_name FROM gpkg_contents c JOIN gpkg_geometry_columns g "
        "ON lower(g.table_name) = lower(c.table_name) JOIN sqlite_master m ON lower(m.name) = lower(c.table_name) "
        "WHERE m.type = 'table' AND c.data_type = 'features' AND m.sql NOT LIKE 'create virtual %' ORDER BY c.rowid"
    ).fetchall()
    plain = {}
    for name, column in rows:
        hidden = file.execute("SELECT count(*) FROM pragma_table_xinfo(?) WHERE hidden <> 0", [name]).fetchone()[0]
        if not hidden:  # a generated column is a query, too
            plain[str(name)] = str(column)
    return plain


def _check(file: sqlite3.Connection, name: str, column: str) -> None:
    column, table = (text.replace('"', '""') for text in (column, name))
    # lengths stand in the rows' heads: no geometry is read for them
    size = file.execute(f'SELECT total(length("{column}")) FROM "{table}"').fetchone()[0]  # noqa: S608 - quoted, in a copy
    if size > MOST_GEOMETRY_BYTES:
        raise BadFileError(
            N_("The geometry of layer “{layer}” has {size} MB; {most} MB are the most. Simplify it or cut it to the "
               "study area."), layer=name[:40], size=f"{size / 1e6:.0f}", most=f"{MOST_GEOMETRY_BYTES / 1e6:.0f}",
        )  # fmt: skip


def _damaged() -> BadFileError:
    return BadFileError(N_("The file cannot be read as {title}: it is damaged or cut short."), title="GeoPackage")
