"""Save files so that nothing is lost: one writer at a time, a verified copy, and one step that replaces the file."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import threading
import time
from typing import TYPE_CHECKING
from uuid import uuid4

from filelock import FileLock, Timeout

from zoning.errors import StoreError
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_log = logging.getLogger(__name__)

LOCK_WAIT_S = 120.0
"""How long a writer waits for the others before it gives up in words."""
STALE_S = 3600.0
"""Left-over temporary files older than this belong to a writer that was killed."""

_threads: dict[Path, threading.Lock] = {}
_threads_guard = threading.Lock()


@contextlib.contextmanager
def only_writer(path: Path) -> Iterator[None]:
    """Hold the right to write `path` against the threads of this process and against other processes.

    The lock file `<path>.lock` stays where it is: removing it would let two writers hold two different locks. It counts
    on one machine only, so the store must not lie on a network share that several machines write.

    Raises
    ------
    StoreError
        The folder cannot be written, or others keep the lock for longer than `LOCK_WAIT_S`.
    """
    with _threads_guard:
        thread_lock = _threads.setdefault(path, threading.Lock())
    file_lock = FileLock(f"{path}.lock", timeout=LOCK_WAIT_S)
    with thread_lock:
        try:
            file_lock.acquire()
        except Timeout as error:
            raise StoreError(
                N_("Somebody else has been saving to {path} for a long time. Try again later."), path=path
            ) from error
        except OSError as error:
            raise unwritable(path, error) from error
        try:
            yield
        finally:
            file_lock.release()


def replace_file(path: Path, write: Callable[[Path], object], told: Path | None = None) -> None:
    """Let `write` change a copy of `path` (or make it new), then put the copy in its place in one step.

    Parameters
    ----------
    path
        The file; it stays as it was unless everything succeeded. Call inside `only_writer(path)`.
    write
        Writes the whole new state to the path it is given, and raises if what it reads back is not what it wrote.
    told
        The file that a fault names, where people do not know `path`.

    Raises
    ------
    StoreError
        The disk is full, the folder cannot be written, or the file could not be read or verified.
    """
    sweep(path)
    temp = path.with_name(f".{path.stem}.{uuid4().hex}{path.suffix}")
    try:
        if path.exists():
            shutil.copyfile(path, temp)  # keeps what `write` does not touch: other layers, styles, metadata
        write(temp)
        _flush(temp)
        _put_in_place(temp, path)
        _flush_folder(path.parent)
    except OSError as error:
        if isinstance(error, StoreError):
            raise
        raise unwritable(told or path, error) from error
    finally:
        for left in (temp, *(temp.with_name(temp.name + end) for end in ("-journal", "-wal", "-shm"))):
            with contextlib.suppress(OSError):
                left.unlink(missing_ok=True)


def sweep(path: Path, older_than_s: float = STALE_S) -> int:
    """Remove temporary files that killed writers of `path` left behind; return how many."""
    removed = 0
    now = time.time()
    for left in path.parent.glob(f".{path.stem}.*{path.suffix}*"):
        with contextlib.suppress(OSError):
            if now - left.stat().st_mtime > older_than_s:
                left.unlink()
                removed += 1
    if removed:
        _log.info("removed %d left-over temporary files beside %s", removed, path)
    return removed


def unwritable(path: Path, error: OSError) -> StoreError:
    """Return a fault of the file system in words that say what to do; the details go to the log."""
    _log.warning("cannot write %s: %s", path, error)
    if error.errno in _FULL:
        return StoreError(
            N_("The disk is full: {path} could not be saved and is as it was before. Free some space and save again."),
            path=path,
        )
    return StoreError(
        N_("The folder {folder} cannot be written, so nothing can be saved to {path}. Ask for the right to write "
           "there, or name another file in INNOVATION_REGION_STORE."),
        folder=path.parent, path=path.name,
    )  # fmt: skip


_FULL = (28, 122)  # ENOSPC, EDQUOT (the latter has no name on Windows)


def _put_in_place(temp: Path, path: Path) -> None:
    """Replace the file in one step; Windows refuses while somebody reads it, which takes a moment."""
    for _ in range(100 if os.name == "nt" else 0):
        with contextlib.suppress(PermissionError):
            temp.replace(path)
            return
        time.sleep(0.05)
    temp.replace(path)


def _flush(path: Path) -> None:
    with path.open("rb+") as handle:
        os.fsync(handle.fileno())


def _flush_folder(folder: Path) -> None:
    """Make the new name last through a power cut; systems that cannot open a folder need not."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
