"""Say what a place that keeps layers must be able to do: a GeoPackage and a PostGIS database do the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from zoning.errors import StoreError
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    import pandas as pd

SCHEMA = 2
"""Version of the store's own tables: 1 had no history. An older store is migrated, one of a later version refused."""


@dataclass(frozen=True)
class Change:
    """One layer as somebody saves it.

    Parameters
    ----------
    name, frame
        The layer, geometry in the planning CRS.
    info
        Its provenance, `geodata.layer_table.INFO_COLUMNS`.
    origin
        `user`, or `embedded` for what came with the application.
    rows_before
        Rows of the layer as it was, which is kept; None where there was none.
    found
        What the table of layers said of it: origin, fingerprint and provenance.
    author, date, action
        Who, when (ISO 8601, UTC), and `saved` or `restored`.
    """

    name: str
    frame: pd.DataFrame
    info: Mapping[str, str]
    origin: str = "user"
    rows_before: int | None = None
    found: Mapping[str, str] = field(default_factory=dict)
    author: str = ""
    date: str = ""
    action: str = "saved"


class Backend(Protocol):
    """Where layers are kept. Readers need no lock: they see the state before a save or after it, never between."""

    @property
    def label(self) -> str:
        """What people call the place; never a password or a user."""

    @property
    def path(self) -> Path:
        """The file of the store; for a database, where what belongs to it on this machine lies: caches, backups."""

    @property
    def address(self) -> str:
        """What opens the place again in another process; may hold a password, so it is never shown or logged."""

    def seen(self) -> Hashable:
        """Return what differs after every save, at little cost; StoreError where the store is gone."""

    def infos(self) -> pd.DataFrame:
        """Return the table of layers by name: provenance, origin, fingerprint, changed."""

    def heads(self, names: Sequence[str]) -> pd.DataFrame:
        """Return count, geometry (its type, Mixed, or empty) and crs of layers, in the order of `names`."""

    def read(self, name: str) -> pd.DataFrame:
        """Return a layer as it is kept."""

    def only_writer(self) -> AbstractContextManager[Callable[[Sequence[Change]], dict[str, str]]]:
        """Hold the right to write; yield what saves all changes or none, and returns the new fingerprints."""

    def history(self) -> pd.DataFrame:
        """Return the table of versions, `geodata.history.COLUMNS`, oldest first."""

    def kept_states(self) -> set[tuple[str, str]]:
        """Return layer and fingerprint of every former state whose content is kept."""

    def read_state(self, name: str, mark: str) -> pd.DataFrame:
        """Return a former state of a layer."""

    def is_there(self) -> bool:
        """Say whether there is a store, be it a damaged one."""

    def copy_to(self, file: Path) -> None:
        """Copy everything but the former states into a new store file: one whole state of it."""

    def copy_state(self, name: str, mark: str, folder: Path) -> Path:
        """Copy a former state into a folder as a GeoPackage; return its file."""

    def take_from(self, file: Path, states: Path) -> None:
        """Put a checked store file, and the former states in a folder, in place of the store, all or nothing."""


def later_version(label: object) -> StoreError:
    """Return the fault of a store that this application is too old for."""
    return StoreError(N_("The store {path} was made by a later version of the application."), path=label)
