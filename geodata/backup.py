"""Put the whole store into one file, layers and their history, and bring it back: checked both ways."""

from __future__ import annotations

import hashlib
import json
import logging
import tempfile
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from geodata.backend import SCHEMA, later_version
from geodata.filestore import FileBackend, history_of
from geodata.gpkg import check_whole, count_rows, fingerprint, read_layer
from geodata.layer_table import read_infos
from geodata.migrate import schema_of
from geodata.save import replace_file, unwritable
from geodata.states import FILE, state_name
from zoning.errors import BadFileError, InputError, StoreError
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geodata.backend import Backend

_log = logging.getLogger(__name__)

FORMAT = 1
APPLICATION = "binh-duong-innovation-region"
STORE, MANIFEST, STATES = "region.gpkg", "manifest.json", "history/"
_DATE = (1980, 1, 1, 0, 0, 0)
"""All members bear it: backups of equal stores are equal byte by byte."""
_CHUNK_BYTES = 1 << 20
_MANIFEST_BYTES = 16_000_000


@dataclass(frozen=True)
class Backup:
    """What a backup holds: `layers` has the number of rows by name, `states` counts former versions."""

    file: Path
    layers: dict[str, int]
    states: int
    size_bytes: int


def make_backup(backend: Backend, out: Path) -> Backup:
    """Write the store into a zip: `region.gpkg`, which any GIS opens, the former versions, and their checksums.

    Equal stores give equal bytes. The file is read again before it takes its name.

    Raises
    ------
    StoreError
        The store cannot be read, or the file cannot be written.
    """
    with _folder() as folder:
        store = folder / STORE
        backend.copy_to(store)
        infos, versions = read_infos(store), history_of(store)
        kept = backend.kept_states()
        wanted = {one for one in zip(versions["layer"], versions["fingerprint"], strict=True) if one in kept}
        files = {STORE: store}
        for name, mark in sorted(wanted):
            files[STATES + state_name(name, mark)] = backend.copy_state(name, mark, folder)
        manifest = {
            "application": APPLICATION,
            "format": FORMAT,
            "schema": schema_of(store),
            "layers": {
                name: {"rows": count_rows(store, name), "fingerprint": str(infos.loc[name, "fingerprint"])}
                for name in infos.index
            },
            "files": {name: _sum(file) for name, file in files.items()},
        }
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unwritable(out, error) from error

        def write(temp: Path) -> None:
            temp.unlink(missing_ok=True)  # a backup of that name which is replaced
            with zipfile.ZipFile(temp, "w", zipfile.ZIP_DEFLATED) as archive:
                _add(archive, MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1).encode())
                for name, file in files.items():
                    _add(archive, name, file)
            check_backup(temp)

        replace_file(out, write)
    return _told(out, manifest)


def check_backup(file: Path) -> Backup:
    """Return what a backup holds, every byte of it read and compared with its checksum.

    Raises
    ------
    BadFileError
        It is no backup of this application, or is damaged.
    StoreError
        It was made by a later version of the application.
    """
    with _folder() as folder:
        return _told(file, _unpacked(file, folder))


def restore_backup(backend: Backend, file: Path, *, confirmed: bool, date: str | None = None) -> Path | None:
    """Put what a backup holds in place of the store; return the file in which the store as it was is kept.

    Parameters
    ----------
    backend
        Where to; a file that is not there yet, or is damaged, may be.
    confirmed
        That the store which is there may be replaced.
    date
        Stands in the name of the kept file, YYYYmmddTHHMMSSZ; None for now.

    Raises
    ------
    InputError
        There is a store, and it was not confirmed that it may be replaced.
    BadFileError, StoreError
        As in `check_backup`, or the store cannot be written; it is as it was.
    """
    with _folder() as folder:
        _unpacked(file, folder)
        if not backend.is_there():
            backend.take_from(folder / STORE, folder / STATES)
            return None
        if not confirmed:
            raise InputError(
                N_("There is a store in {path}. Confirm that the backup may take its place (--confirm): the store as "
                   "it is now will be kept beside it."),
                path=backend.label,
            )  # fmt: skip
        kept = _kept(backend, date or datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ"))
        backend.take_from(folder / STORE, folder / STATES)
        return kept


def _kept(backend: Backend, stamp: str) -> Path:
    """Keep the store as it is: as a backup, or the bare file where it is damaged."""
    path = backend.path
    kept = path.with_name(f"{path.stem}.before-restore-{stamp}.zip")
    try:
        make_backup(backend, kept)
    except (BadFileError, StoreError) as error:
        if not isinstance(backend, FileBackend):
            raise
        _log.warning("the store that a backup replaces cannot be backed up: %s", error)
        kept = path.with_name(f"{path.stem}.damaged-{stamp}{path.suffix}")
        replace_file(kept, lambda temp: _pour(path, temp))
    return kept


def _unpacked(file: Path, folder: Path) -> dict[str, Any]:
    """Unpack a backup into a folder and return its manifest, all of it checked."""
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = _manifest(archive)
            for name, told in manifest["files"].items():
                _extract(archive, name, told, folder)
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, NotImplementedError,
            RuntimeError, RecursionError, zlib.error) as error:  # what damaged files raise  # fmt: skip
        if isinstance(error, (BadFileError, StoreError)):
            raise
        if isinstance(error, OSError) and error.errno is not None:
            raise BadFileError(
                N_("The backup {file} cannot be read, or there is no room to unpack it."), file=file.name
            ) from error
        raise _broken(file, type(error).__name__) from error
    store = folder / STORE
    try:
        check_whole(store)
        infos = read_infos(store)
        marks = {name: fingerprint(read_layer(store, name)) for name in infos.index}
    except StoreError as error:
        raise _broken(file, error) from error
    if marks != {name: told["fingerprint"] for name, told in manifest["layers"].items()}:
        raise _broken(file, "fingerprints")
    return manifest


def _manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    if archive.getinfo(MANIFEST).file_size > _MANIFEST_BYTES:
        raise ValueError(MANIFEST)
    manifest: dict[str, Any] = json.loads(archive.read(MANIFEST))
    if manifest["application"] != APPLICATION:
        raise KeyError(APPLICATION)
    if int(manifest["format"]) > FORMAT or int(manifest["schema"]) > SCHEMA:
        raise later_version(archive.filename)
    names = set(manifest["files"])
    if set(archive.namelist()) != names | {MANIFEST} or STORE not in names or not all(map(_is_ours, names)):
        raise KeyError("files")
    return manifest


def _is_ours(name: str) -> bool:
    return name == STORE or bool(name.startswith(STATES) and FILE.fullmatch(name.removeprefix(STATES)))


def _extract(archive: zipfile.ZipFile, name: str, told: dict[str, Any], folder: Path) -> None:
    """Write a member to a file of the folder, never more of it than was told, and compare its checksum."""
    target = folder / name  # one of our own names, see `_is_ours`
    target.parent.mkdir(exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with archive.open(name) as source, target.open("wb") as sink:
        while chunk := source.read(_CHUNK_BYTES):
            size += len(chunk)
            if size > int(told["bytes"]):
                break
            digest.update(chunk)
            sink.write(chunk)
    if size != int(told["bytes"]) or digest.hexdigest() != told["sha256"]:
        raise ValueError(name)


def _add(archive: zipfile.ZipFile, name: str, content: Path | bytes) -> None:
    info = zipfile.ZipInfo(name, _DATE)
    info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
    with archive.open(info, "w", force_zip64=True) as sink:
        if isinstance(content, bytes):
            sink.write(content)
            return
        with content.open("rb") as source:
            _copy(source, sink)


def _copy(source: IO[bytes], sink: IO[bytes]) -> None:
    while chunk := source.read(_CHUNK_BYTES):
        sink.write(chunk)


def _pour(path: Path, temp: Path) -> None:
    with path.open("rb") as source, temp.open("wb") as sink:
        _copy(source, sink)


def _sum(file: Path) -> dict[str, Any]:
    with file.open("rb") as handle:
        return {"bytes": file.stat().st_size, "sha256": hashlib.file_digest(handle, "sha256").hexdigest()}


def _told(file: Path, manifest: dict[str, Any]) -> Backup:
    rows = {name: int(told["rows"]) for name, told in manifest["layers"].items()}
    return Backup(file, rows, len(manifest["files"]) - 1, file.stat().st_size)


def _broken(file: Path, reason: object) -> BadFileError:
    _log.warning("backup %s is refused: %s", file, reason)
    return BadFileError(
        N_("{file} is not a whole backup of this application: it is damaged, cut short or something else. Nothing was "
           "changed."),
        file=file.name,
    )  # fmt: skip


@contextmanager
def _folder() -> Iterator[Path]:
    """Return a folder of one's own that is gone afterwards."""
    try:
        with tempfile.TemporaryDirectory(prefix="region-backup-", ignore_cleanup_errors=True) as folder:
            yield Path(folder)
    except OSError as error:
        if isinstance(error, StoreError):
            raise
        raise unwritable(Path(tempfile.gettempdir()) / STORE, error) from error
