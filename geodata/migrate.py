"""Bring a store of an earlier version up to date, step by step, and keep a copy of it as it was."""

from __future__ import annotations

import logging
import shutil
from typing import TYPE_CHECKING

from geodata.gpkg import check_whole, last_changes, read_layer, write_layer
from geodata.history import no_history
from geodata.layer_table import HISTORY_TABLE, INFO_TABLE, STATE_TABLE
from geodata.save import replace_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_log = logging.getLogger(__name__)


def migrate(path: Path, to: int, build: Callable[[Path], None]) -> None:
    """Take a store through the steps to version `to`, then renew its embedded layers; call inside `only_writer`.

    All steps are made in a copy that replaces the store at the end; the store as it was stays beside it as
    `<name>.schema-<n>.gpkg`, which no later run writes again.

    Raises
    ------
    StoreError
        The disk is full or the folder cannot be written; the store is as it was.
    """
    version = schema_of(path)
    if version < to:
        kept = path.with_name(f"{path.stem}.schema-{version}{path.suffix}")
        if not kept.exists():
            replace_file(kept, lambda temp: _copy(path, temp), told=path)
        _log.info("migrating %s from version %d to %d; as it was it stays in %s", path, version, to, kept.name)

    def write(temp: Path) -> None:
        for step in range(version, to):
            STEPS[step](temp)
        build(temp)

    replace_file(path, write)


def schema_of(path: Path) -> int:
    """Return the version that a store says it has."""
    return int(read_layer(path, STATE_TABLE)["schema"].iloc[0])


def _copy(path: Path, temp: Path) -> None:
    shutil.copyfile(path, temp)
    check_whole(temp)


def _add_history(temp: Path) -> None:
    """Add the empty table of versions; a layer of that name, which was allowed, gets another one."""
    if HISTORY_TABLE in last_changes(temp):
        name = _free_name(temp)
        write_layer(temp, name, read_layer(temp, HISTORY_TABLE))
        infos = read_layer(temp, INFO_TABLE)
        infos.loc[infos["name"].eq(HISTORY_TABLE), ["name", "changed"]] = [name, last_changes(temp)[name]]
        write_layer(temp, INFO_TABLE, infos)
    write_layer(temp, HISTORY_TABLE, no_history())


def _free_name(temp: Path) -> str:
    taken, number = set(last_changes(temp)), 1
    while f"own_history_{number}" in taken:
        number += 1
    return f"own_history_{number}"


STEPS: dict[int, Callable[[Path], None]] = {1: _add_history}
"""What leads from each version to the next one, in a copy of the store that nobody else reads."""
