"""Reach a PostGIS database by its address, and tell its faults in words that never hold its user or password."""

from __future__ import annotations

import hashlib
import logging
import os
import re
import threading
import weakref
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote

import platformdirs
import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict

from zoning.errors import StoreError
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from psycopg import Connection

_log = logging.getLogger(__name__)

_CONNECT_S = 10
_PARTS = {
    "host": re.compile(r"[\w.,:%-]*|[/@][^@]*"),
    "hostaddr": re.compile(r"[\w.,:%-]*"),
    "port": re.compile(r"[\d,]*"),
    "dbname": re.compile(r"[^@/:?=]*"),
    "service": re.compile(r"[^@/:?=]*"),
}
_IDLE = 4
"""Connections kept open between questions; more are opened when more threads ask at once."""


class Address:
    """Where a database is. Its text holds a password: only `label` may be shown.

    Raises
    ------
    StoreError
        It cannot be understood.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        try:
            parts = {key: str(value) for key, value in conninfo_to_dict(text).items() if value is not None}
        except psycopg.ProgrammingError:
            parts = {}
        if not all(pattern.fullmatch(parts.get(key, "")) for key, pattern in _PARTS.items()):
            parts = {}  # a password with @ or / as they are slips into the host, port or name, which are shown
        if not parts.get("dbname") and not parts.get("service"):
            # nothing of the text is repeated, and no cause that would: it may hold a password
            raise StoreError(
                N_("The address of the database cannot be understood. Write it as postgresql://USER@HOST/DATABASE, "
                   "letters such as @ or / in a password as %40 or %2F.")
            ) from None  # fmt: skip
        self._hidden = [parts[key] for key in ("password", "sslpassword") if parts.get(key)]
        self._user = parts.get("user", "")
        host = parts.get("host") or parts.get("hostaddr") or parts.get("service") or "localhost"
        port = f":{parts['port']}" if "port" in parts else ""
        self.label = f"postgresql://{'localhost' if host.startswith('/') else host}{port}/{parts.get('dbname', '')}"
        mark = hashlib.sha256(f"{host} {port} {parts.get('dbname')}".encode()).hexdigest()[:10]
        name = "".join(letter if letter.isalnum() else "-" for letter in parts.get("dbname", "")) or "database"
        self.path: Path = platformdirs.user_data_path("innovation-region", appauthor=False) / f"{name}-{mark}.postgis"

    def __repr__(self) -> str:
        """Return what may stand in a log."""
        return f"Address({self.label})"

    def clean(self, text: object) -> str:
        """Return a text on one line without the address and its password."""
        line = " ".join(str(text).split()).replace(self.text, self.label)
        for secret in self._hidden:
            line = line.replace(secret, "***").replace(quote(secret), "***").replace(quote(secret, safe=""), "***")
        return line.replace(f'"{self._user}"', '"***"') if self._user else line

    def fault(self, error: psycopg.Error) -> StoreError:
        """Return a fault of the database in words that say what to do; the details, cleaned, go to the log."""
        _log.warning("database %s: %s %s: %s", self.label, type(error).__name__, error.sqlstate, self.clean(error))
        for kinds, sentence in _SENTENCES:
            if isinstance(error, kinds):
                return StoreError(sentence, path=self.label, kind=type(error).__name__)
        raise AssertionError  # the last kind is the base of all


_SENTENCES: tuple[tuple[tuple[type[psycopg.Error], ...], str], ...] = (
    ((errors.DiskFull,), N_("The disk is full: {path} could not be saved and is as it was before. Free some space and "
                            "save again.")),
    ((errors.LockNotAvailable, errors.DeadlockDetected), N_("Somebody else has been saving to {path} for a long time. "
                                                            "Try again later.")),
    ((errors.InsufficientPrivilege, errors.ReadOnlySqlTransaction), N_(
        "The database {path} does not let this user write, so nothing was saved. Ask its administrator for the right "
        "to create tables in the schema innovation_region.")),
    ((psycopg.OperationalError, psycopg.InterfaceError), N_(
        "The database {path} cannot be reached, or does not let this user in. Is it running, and are user and password "
        "right? Nothing was changed.")),
    ((psycopg.Error,), N_("The database {path} refused what was asked ({kind}); nothing was changed.")),
)  # fmt: skip


class Connections:
    """Connections to one database, used by one thread at a time, and never by a process that did not open them."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._guard = threading.Lock()
        self._idle: list[tuple[int, Connection]] = []
        weakref.finalize(self, _close, self._idle)

    @contextmanager
    def one(self) -> Iterator[Connection]:
        """Lend a connection that answers; each statement is a transaction unless one is begun.

        Raises
        ------
        StoreError
            The database cannot be reached, or faults in what is asked.
        """
        connection = self._taken()
        try:
            yield connection
        except psycopg.Error as error:
            connection.close()
            # the cause is left out: its text could tell what the log must not
            raise self.address.fault(error) from None
        except BaseException:
            connection.close()
            raise
        with self._guard:
            if len(self._idle) < _IDLE and not connection.closed:
                self._idle.append((os.getpid(), connection))
                return
        connection.close()

    def _taken(self) -> Connection:
        while True:
            with self._guard:
                owner, connection = self._idle.pop() if self._idle else (0, None)
            if connection is None:
                return self._opened()
            if owner == os.getpid() and _answers(connection):
                return connection

    def _opened(self) -> Connection:
        try:
            # a dead network is noticed after half a minute
            return psycopg.connect(
                self.address.text, autocommit=True, connect_timeout=_CONNECT_S, application_name="innovation-region",
                client_encoding="utf8", tcp_user_timeout=30_000,
                prepare_threshold=None,  # a plan that the server kept does not survive a layer with other columns
            )  # fmt: skip
        except psycopg.Error as error:
            raise self.address.fault(error) from None


def _close(idle: list[tuple[int, Connection]]) -> None:
    for owner, connection in idle:
        if owner == os.getpid():
            connection.close()


def _answers(connection: Connection) -> bool:
    """Say whether a connection that lay idle is still there: the server may have been restarted."""
    try:
        connection.execute("SELECT 1")
    except psycopg.Error:
        connection.close()
        return False
    return True
