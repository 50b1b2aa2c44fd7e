"""Find the store: a file or the address of a database, as it is given or as the environment names it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from geodata.filestore import FileBackend, open_file
from zoning.errors import StoreError
from zoning.text import N_

if TYPE_CHECKING:
    from types import ModuleType

    from geodata.backend import Backend

STORE_VARIABLE = "INNOVATION_REGION_STORE"
SCHEMES = ("postgresql://", "postgres://")
"""Beginnings of the addresses of databases."""


def opened(path: str | os.PathLike[str] | None = None) -> Backend:
    """Return what keeps the layers at a place, built and brought up to date; see `geodata.store.open_store`."""
    named = _named(path)
    if "://" in named:
        backend: Backend = _postgis().open_postgis(named)
        return backend
    return open_file(store_path(path))


def backend_of(path: str | os.PathLike[str] | None = None) -> Backend:
    """Return what keeps the layers at a place, where there may be nothing yet, or something damaged."""
    named = _named(path)
    if "://" in named:
        module = _postgis()
        backend: Backend = module.PostgisBackend(module.Address(named))
        return backend
    return FileBackend(store_path(path))


def store_path(path: str | os.PathLike[str] | None = None) -> Path:
    """Return the file of the store: the given one, else the environment's, else the one in the user's data folder.

    For a database, the place on this machine that stands for it.
    """
    named = _named(path)
    if not named:
        return platformdirs.user_data_path("innovation-region", appauthor=False) / "region.gpkg"
    if "://" in named:
        return Path(_postgis().Address(named).path)
    if "\x00" in named:
        raise StoreError(N_("{path} is not a file, so it cannot be the store."), path=named.replace("\x00", "?"))
    return Path(named).expanduser().absolute()


def _named(path: str | os.PathLike[str] | None) -> str:
    """Return the place as it was named, empty for the file in the user's data folder."""
    named = os.fspath(path) if path is not None else os.environ.get(STORE_VARIABLE, "").strip()
    if "://" in named and not named.startswith(SCHEMES):
        # an address may hold a password: only its kind is repeated
        raise StoreError(
            N_("The store must be a file or a PostGIS database (postgresql://…); {kind}:// is neither."),
            kind=named.split("://", 1)[0][-20:],
        )
    return named


def _postgis() -> ModuleType:
    """Return what keeps layers in a database; a file needs none of it."""
    try:
        import geodata.postgis as module
    except ImportError as error:  # its library lacks on this system
        raise StoreError(
            N_("The library psycopg is missing, which databases need: pip install -r requirements.txt")
        ) from error
    return module
