"""Run the reading of an untrusted file in a process of its own, and say in one sentence when it does not come back."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoning.errors import BadFileError
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_log = logging.getLogger(__name__)

DEADLINE_S = 60.0
"""How long a file may be read."""
MOST_OBJECT_MB = 20
"""Text of one feature of GeoJSON: it is held whole, at ten bytes of memory and more for each; 500,000 vertices."""
MOST_SAID_BYTES = 150_000_000
"""How much a reader may answer: its texts are unpacked in this process."""
ASK, GIVEN, SAID = "ask.json", "given", "said.json"
ROOT = Path(__file__).resolve().parents[2]
_NOWHERE = "http://127.0.0.1:9"
"""A proxy that is none: a CRS of GeoJSON may be a link, which GDAL would fetch."""
_PASSED_ON = ("PATH", "HOME", "LD_LIBRARY_PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "LANG", "PYTHONPATH",
              "VIRTUAL_ENV")  # fmt: skip
_SET = {
    "DXF_CLOSED_LINE_AS_POLYGON": "TRUE",
    "PYTHONDONTWRITEBYTECODE": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
    "GDAL_NUM_THREADS": "1",
    "GDAL_CACHEMAX": "32",
    "OGR_GEOJSON_MAX_OBJ_SIZE": str(MOST_OBJECT_MB),
    "ARROW_DEFAULT_MEMORY_POOL": "system",  # the other ones reserve a gigabyte of addresses before they need it
    **dict.fromkeys(("GDAL_HTTP_PROXY", "http_proxy", "https_proxy", "all_proxy"), _NOWHERE),
}
_TWO_AT_A_TIME = threading.Semaphore(2)


@contextlib.contextmanager
def read_apart(content: bytes, ask: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], Path]]:
    """Let `geodata.importing.reader` read a file; yield what it says and the folder with what it left there.

    Parameters
    ----------
    content
        The file's bytes; nothing of it is looked at in this process.
    ask
        What the reader is asked: the task, and its choices.

    Raises
    ------
    BadFileError
        The reader refused the file, or did not end within its memory and time.
    """
    with tempfile.TemporaryDirectory(prefix="import-") as name:
        folder = Path(name)
        (folder / GIVEN).write_bytes(content)
        (folder / ASK).write_text(json.dumps(dict(ask)), encoding="utf-8")
        with _TWO_AT_A_TIME:
            _run(folder)
        yield _said(folder / SAID), folder


def too_heavy() -> BadFileError:
    """Return the refusal of a file that would take more memory or time than one may."""
    return BadFileError(
        N_("Reading the file took more memory or time than a layer may: simplify it or cut it to the study area.")
    )


def environment() -> dict[str, str]:
    """Return the environment of a process that reads: no passwords, no network, one thread."""
    return {key: os.environ[key] for key in _PASSED_ON if key in os.environ} | _SET


def bound(memory_bytes: int, cpu_s: int) -> None:
    """Bound this process; where the system cannot (Windows), the deadline of whoever started it remains.

    Parameters
    ----------
    memory_bytes
        Of addresses, and of any file that it writes.
    cpu_s
        Seconds of processor time.
    """
    with contextlib.suppress(ImportError):
        import resource

        for what, most in (
            (resource.RLIMIT_AS, memory_bytes), (resource.RLIMIT_CPU, cpu_s), (resource.RLIMIT_FSIZE, memory_bytes),
            (resource.RLIMIT_CORE, 0),
        ):  # fmt: skip
            allowed = resource.getrlimit(what)[1]
            least = most if allowed == resource.RLIM_INFINITY else min(most, allowed)
            resource.setrlimit(what, (least, least))


def _run(folder: Path) -> None:
    """Let the reader work; whatever ends it early is told by the answer that is missing."""
    command = [sys.executable, "-m", "geodata.importing.reader", str(folder)]
    try:
        done = subprocess.run(  # noqa: S603 - our own module, in a folder of our own name
            command, cwd=ROOT, env=environment(), timeout=DEADLINE_S, check=False, capture_output=True
        )
    except subprocess.TimeoutExpired as error:
        raise too_heavy() from error
    if done.stderr or done.returncode:
        _log.warning("reader ended with %s: %s", done.returncode, done.stderr[-1000:].decode("utf-8", "replace"))


def _said(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > MOST_SAID_BYTES:
            raise too_heavy()
        said: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        if isinstance(error, BadFileError):
            raise
        raise too_heavy() from error
    if "template" in said:
        raise BadFileError(said["template"], **said["values"])
    return said
