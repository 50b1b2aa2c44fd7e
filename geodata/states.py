"""Keep former states of layers in a folder beside the store, each a GeoPackage of its own."""

from __future__ import annotations

import contextlib
import functools
import logging
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from geodata.gpkg import check_whole, fingerprint, read_layer, write_layer
from geodata.save import replace_file, unwritable
from zoning.errors import StoreError
from zoning.text import N_

if TYPE_CHECKING:
    import pandas as pd

_log = logging.getLogger(__name__)
FILE = re.compile(r"(?P<layer>[^-]+)-(?P<mark>[0-9a-f]{32})\.gpkg")


def states_dir(path: Path) -> Path:
    """Return the folder of the former states; part of the store, unlike the networks beside it."""
    return Path(f"{path}.history")


def keep_state(path: Path, name: str, mark: str) -> None:
    """Keep a layer of the store as it is before it is replaced; call while no one else can save.

    Raises
    ------
    StoreError
        The disk is full or the folder cannot be written.
    """
    file = _file(path, name, mark)
    if file.exists():
        return
    try:
        file.parent.mkdir(exist_ok=True)
    except OSError as error:
        raise unwritable(path, error) from error
    replace_file(file, lambda temp: write_layer(temp, name, read_layer(path, name)), told=path)


def read_state(path: Path, name: str, mark: str) -> pd.DataFrame:
    """Return a former state of a layer.

    Raises
    ------
    StoreError
        It is not kept, or is not what was kept.
    """
    file = _file(path, name, mark)
    if not file.is_file():
        raise gone(name)
    check_whole(file)
    frame = read_layer(file, name)
    if fingerprint(frame) != mark:
        raise StoreError(
            N_("The kept state of the layer {name} is not what was kept: {file} was changed or is damaged."),
            name=name, file=file.name,
        )  # fmt: skip
    return frame


def kept_states(path: Path) -> set[tuple[str, str]]:
    """Return layer and fingerprint of every former state that is kept."""
    found = (FILE.fullmatch(file.name) for file in _files(path))
    return {(match["layer"], match["mark"]) for match in found if match}


def drop_states(path: Path, keep: set[tuple[str, str]]) -> None:
    """Remove the states that are not worth keeping any more; one that cannot be removed stays.

    Call while no one else can save: then a temporary file is one that a killed writer left behind.
    """
    names = {_file(path, *one).name for one in keep}
    for file in _files(path):
        if file.name.startswith(".") or (FILE.fullmatch(file.name) and file.name not in names):
            with contextlib.suppress(OSError):
                file.unlink()
                _log.info("dropped the former state %s", file.name)


def gone(name: str) -> StoreError:
    """Return the fault of a version whose content is not kept."""
    return StoreError(N_("The content of that version of the layer {name} is not kept any more."), name=name)


def copy_state(path: Path, name: str, mark: str, folder: Path) -> Path:
    """Copy the file of a former state into a folder and return it; StoreError as in `read_state`."""
    read_state(path, name, mark)
    copy = folder / state_name(name, mark)
    shutil.copyfile(_file(path, name, mark), copy)
    return copy


def take_states(path: Path, folder: Path) -> None:
    """Add the former states in a folder to those beside the store."""
    for file in sorted(folder.glob("*.gpkg")):
        target = states_dir(path) / file.name
        if FILE.fullmatch(file.name) and not target.exists():
            try:
                target.parent.mkdir(exist_ok=True)
            except OSError as error:
                raise unwritable(path, error) from error
            replace_file(target, functools.partial(shutil.copyfile, file), told=path)


def state_name(name: str, mark: str) -> str:
    """Return the name of the file of a former state."""
    return f"{name}-{mark}.gpkg"


def _file(path: Path, name: str, mark: str) -> Path:
    return states_dir(path) / state_name(name, mark)


def _files(path: Path) -> list[Path]:
    try:
        return sorted(states_dir(path).iterdir())
    except OSError:
        return []
