"""Know who saves: the one that the pages know, else the user that the operating system knows."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_LONGEST = 80
_asked: list[Callable[[], str | None]] = []


def ask_author(source: Callable[[], str | None]) -> None:
    """Ask `source` from now on who saves: a name, empty where nobody has said one, None where it cannot know."""
    _asked[:] = [source]


def who_saves() -> str:
    """Return the name kept with a save, at most 80 letters on one line; empty where it is not known."""
    name = _asked[0]() if _asked else None
    if name is None:
        try:
            name = getpass.getuser()
        except (OSError, KeyError, ImportError):  # no entry for the user, as in some containers
            name = ""
    return " ".join(name.split())[:_LONGEST]


def now() -> str:
    """Return the moment, ISO 8601 in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")
