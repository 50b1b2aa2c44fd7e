"""Keep whole answers of an Overpass service in files that prove themselves: the name holds the hash of the content."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import time
from typing import TYPE_CHECKING
from uuid import uuid4

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_log = logging.getLogger(__name__)


def cached(folder: Path, key: str, max_age_s: float) -> bytes | None:
    """Return the kept answer to the question `key`, None where there is none; a damaged or old file is deleted."""
    for path in _files(folder, key):
        with contextlib.suppress(OSError):
            body = path.read_bytes()
            if path.stem.rpartition("-")[2] == _mark(body) and time.time() - path.stat().st_mtime < max_age_s:
                return body
        _log.warning("kept answer %s is damaged or old: fetched again", path.name)
        with contextlib.suppress(OSError):
            path.unlink()
    return None


def keep(folder: Path, key: str, body: bytes) -> None:
    """Keep an answer, whole or not at all; a disk that cannot take it costs only the next fetch."""
    path = folder / f"overpass-{key}-{_mark(body)}.json"
    temp = folder / f".{path.name}.{uuid4().hex}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with temp.open("wb") as handle:
            handle.write(body)
            handle.flush()
            os.fsync(handle.fileno())
        temp.replace(path)
    except OSError as error:
        _log.warning("answer not kept: %s", error)
        return
    finally:
        with contextlib.suppress(OSError):
            temp.unlink(missing_ok=True)
    for old in _files(folder, key):
        if old != path:
            with contextlib.suppress(OSError):
                old.unlink()


def drop(folder: Path, key: str) -> None:
    """Forget the kept answers to a question."""
    for path in _files(folder, key):
        with contextlib.suppress(OSError):
            path.unlink()


def _files(folder: Path, key: str) -> Iterator[Path]:
    yield from sorted(folder.glob(f"overpass-{key}-*.json"))


def _mark(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:32]
