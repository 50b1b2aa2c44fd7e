"""Have OpenStreetMap data read by a process of its own, which may be stopped and may not take much memory or time."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import tempfile
import threading
import time
from array import array
from contextlib import contextmanager, suppress
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from geodata.importing.apart import ASK, GIVEN, ROOT, SAID, environment
from geodata.osmcheck import Limits
from geodata.osmfile import OsmStreets, Way
from geodata.watch import Watch
from zoning.errors import BadFileError, ZoningError
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    from numpy.typing import NDArray

    Numbers = dict[str, NDArray[Any]]

MEMORY_BYTES, CPU_S = 1_500_000_000, 240
"""What the process may take; 0.25 GB of the memory are what its libraries map before anything is read."""
DEADLINE_S = 480.0
MOST_SAID_BYTES = 300_000_000
"""How much it may say in texts: they are unpacked in this process."""
NUMBERS = "numbers.npz"
_LOOK_S = 0.1
_LINE_LETTERS = 1_000
_STARTING = N_("Reading the file")
_TWO_AT_A_TIME = threading.Semaphore(2)
_log = logging.getLogger(__name__)


def read_streets_apart(path: Path, *, limits: Limits | None = None, watch: Watch | None = None) -> OsmStreets:
    """Return what `geodata.osmfile.read_streets` does, read in another process.

    Raises
    ------
    BadFileError
        As there, or the reading took more memory or time than it may.
    StoppedError
        The watch said stop; the process was ended.
    """
    ask = {"task": "streets", "path": str(path.resolve()), "limits": asdict(limits or Limits())}
    with _read(ask, watch or Watch()) as (said, numbers):
        return _unpacked(said, numbers)


def read_areas_apart(path: Path, *, limits: Limits | None = None, watch: Watch | None = None) -> gpd.GeoDataFrame:
    """Return what `geodata.osmareas.read_areas` does, read in another process; errors as `read_streets_apart`."""
    import shapely

    from geodata.osmareas import Areas, areas_frame

    ask = {"task": "outlines", "path": str(path.resolve()), "limits": asdict(limits or Limits())}
    with _read(ask, watch or Watch()) as (said, numbers):
        data, ends = numbers["wkb"].tobytes(), np.concatenate([[0], np.cumsum(numbers["sizes"])]).tolist()
        wkb = np.array([data[start:end] for start, end in pairwise(ends)], dtype=object)
        return areas_frame(Areas(said["osm_ids"], said["kinds"], said["names"], np.asarray(shapely.from_wkb(wkb))))


def read_answer_apart(body: bytes, host: str, *, watch: Watch | None = None) -> OsmStreets:
    """Return what `geodata.overpass_answer.streets_of_answer` does, read in another process.

    Raises
    ------
    OverpassError
        As there, or the reading took more memory or time than it may.
    StoppedError
        The watch said stop; the process was ended.
    """
    from geodata.overpass_http import OverpassError

    try:
        with _read({"task": "answer", "path": host}, watch or Watch(), body) as (said, numbers):
            return _unpacked(said, numbers)
    except BadFileError as error:
        raise OverpassError(error.template, **error.values) from error


def too_heavy(name: str) -> BadFileError:
    """Return the refusal of a source that took more memory or time than one may."""
    return BadFileError(
        N_("Reading {name} took more memory or time than it may: nothing was changed. Cut the extract to the region."),
        name=name,
    )


def packed(streets: OsmStreets) -> tuple[dict[str, Any], Numbers]:
    """Return streets as texts and numbers, equal tags once: what goes from one process to the other."""
    kinds: dict[str, int] = {}
    tags = [kinds.setdefault(json.dumps(way.tags, ensure_ascii=False), len(kinds)) for way in streets.ways]
    nodes = array("q")
    for way in streets.ways:
        nodes.extend(way.nodes)
    said = {
        "tags": list(kinds),
        "other_ways": streets.other_ways,
        "newest": streets.newest,
        "name": streets.name,
    }
    return said, {
        "ids": np.array([way.id for way in streets.ways], np.int64),
        "sizes": np.array([len(way.nodes) for way in streets.ways], np.int64),
        "tags": np.array(tags, np.int64),
        "nodes": np.frombuffer(nodes, np.int64),
        "node_ids": streets.node_ids,
        "lon": streets.lon,
        "lat": streets.lat,
    }


def _unpacked(said: dict[str, Any], numbers: Numbers) -> OsmStreets:
    kinds = [json.loads(one) for one in said["tags"]]
    nodes, ends = numbers["nodes"].astype(np.int64, copy=False), np.concatenate([[0], np.cumsum(numbers["sizes"])])
    ways = tuple(
        Way(number, array("q", nodes[start:end].tobytes()), kinds[tags])
        for number, tags, (start, end) in zip(
            numbers["ids"].tolist(), numbers["tags"].tolist(), pairwise(ends.tolist()), strict=True
        )
    )
    return OsmStreets(
        ways, numbers["node_ids"], numbers["lon"], numbers["lat"], said["other_ways"], said["newest"], said["name"]
    )


@contextmanager
def _read(ask: dict[str, Any], watch: Watch, content: bytes | None = None) -> Iterator[tuple[dict[str, Any], Numbers]]:
    """Let `geodata.osmreader` answer; yield the texts and the numbers of its answer."""
    name = Path(ask["path"]).name
    with tempfile.TemporaryDirectory(prefix="osm-") as place:
        folder = Path(place)
        if content is not None:
            (folder / GIVEN).write_bytes(content)
        (folder / ASK).write_text(json.dumps(ask), encoding="utf-8")
        watch.at(_STARTING)
        while not _TWO_AT_A_TIME.acquire(timeout=_LOOK_S):
            watch.check()
        try:
            _run(folder, name, watch)
        finally:
            _TWO_AT_A_TIME.release()
        try:
            said = _said(folder / SAID)
            if "template" in said:
                raise BadFileError(said["template"], **said["values"])
            with np.load(folder / NUMBERS, allow_pickle=False) as arrays:
                numbers = {key: arrays[key] for key in arrays.files}
            yield said, numbers
        except (OSError, ValueError, KeyError, MemoryError) as error:
            if isinstance(error, ZoningError):
                raise
            raise too_heavy(name) from error


def _run(folder: Path, name: str, watch: Watch) -> None:
    """Let the reader work until it ends, its time is up, or the watch says stop; whatever ends it early kills it."""
    end = time.monotonic() + DEADLINE_S
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own module, in a folder of our own name
            [sys.executable, "-m", "geodata.osmreader", str(folder)],
            cwd=ROOT, env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log,
        )  # fmt: skip
        heard: list[str] = [""]
        listener = threading.Thread(target=_listen, args=(process, heard), name="osm-reader", daemon=True)
        listener.start()
        try:
            while process.poll() is None:
                _tell(heard[0], watch)
                if time.monotonic() > end:
                    raise too_heavy(name)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(_LOOK_S)
        finally:
            process.kill()
            process.wait()
            listener.join(_LOOK_S)
    if process.returncode:
        told = (folder / "log").read_bytes()[-1000:].decode("utf-8", "replace")
        _log.warning("reader of map data ended with %s: %s", process.returncode, told)


def _listen(process: subprocess.Popen[bytes], heard: list[str]) -> None:
    """Keep the last line that the reader said."""
    if process.stdout is None:
        return
    with process.stdout as lines:
        while line := lines.readline(_LINE_LETTERS):
            heard[0] = line.decode("utf-8", "replace")


def _tell(line: str, watch: Watch) -> None:
    try:
        step, share = json.loads(line)
    except (ValueError, TypeError):
        watch.check()
    else:
        watch.at(str(step), float(share))


def _said(path: Path) -> dict[str, Any]:
    if path.stat().st_size > MOST_SAID_BYTES:
        raise ValueError(path.name)
    said: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return said
