"""Know who saves: the name that a caller gives for a while, else the one that the operating system knows."""

from __future__ import annotations

import contextlib
import contextvars
import getpass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST = 80
_name: contextvars.ContextVar[str | None] = contextvars.ContextVar("innovation_region_author", default=None)


@contextlib.contextmanager
def saving_as(name: str) -> Iterator[None]:
    """Keep `name` with what is saved inside; empty where nobody has said a name, as on a server's page."""
    token = _name.set(name)
    try:
        yield
    finally:
        _name.reset(token)


def who_saves() -> str:
    """Return the name kept with a save, at most 80 letters on one line; empty where it is not known."""
    name = _name.get()
    if name is None:
        try:
            name = getpass.getuser()
        except (OSError, KeyError, ImportError):  # no entry for the user, as in some containers
            name = ""
    return " ".join(name.split())[:_LONGEST]


def now() -> str:
    """Return the moment, ISO 8601 in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")
