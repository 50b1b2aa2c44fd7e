"""Tell an administrator how the installation is: versions, store, disk, networks, memory, last faults, self-checks."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import re
import shutil
import sqlite3
import sys
import tempfile
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyogrio
import pyproj
import shapely

from geodata.crs import lonlat_to_planning
from geodata.filestore import FileBackend
from geodata.journal import JournalHandler, last_faults
from zoning.errors import StoreError, ZoningError
from zoning.result import CODE_VERSION, Note
from zoning.text import N_, english

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from geodata.journal import Event
    from geodata.store import Store
    from zoning.text import Translate

REGRESSION = ((106.66, 11.05, 599233.115, 1222137.933), (106.6519, 10.9804, 598371.182, 1214436.347))
"""Longitude, latitude, and VN-2000 E, N by EPSG:6960, on both sides of 11.04 N where PROJ would change operations."""
REGRESSION_M = 0.002
LEAST_FREE_BYTES = 300_000_000
_ROOT = Path(__file__).resolve().parents[1]
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)")


@dataclass(frozen=True)
class Check:
    """One self-check: its name in English (marked), whether it passed, and what was found."""

    name: str
    ok: bool
    said: Note


@dataclass(frozen=True)
class Health:
    """How the installation is; `server` is what only a running server knows, None on the command line."""

    time: str
    versions: Mapping[str, str]
    store: Mapping[str, Any]
    disk: Mapping[str, int]
    networks: Sequence[Mapping[str, Any]]
    memory: Mapping[str, int]
    checks: Sequence[Check]
    faults: Sequence[Event]
    server: Mapping[str, Any] | None = field(default=None)

    @property
    def healthy(self) -> bool:
        """Whether every check passed."""
        return all(check.ok for check in self.checks)

    def content(self, translate: Translate = english) -> dict[str, Any]:
        """Return all of it for JSON, sentences in the language of `translate`."""
        checks = [{"name": translate(one.name), "ok": one.ok, "said": one.said.text(translate)} for one in self.checks]
        return {
            "healthy": self.healthy,
            "time": self.time,
            "versions": dict(self.versions),
            "store": dict(self.store),
            "disk": dict(self.disk),
            "networks": [dict(one) for one in self.networks],
            "memory": dict(self.memory),
            "server": None if self.server is None else dict(self.server),
            "checks": checks,
            "faults": [asdict(one) for one in self.faults],
        }


def health(
    open_store: Callable[[], Store],
    *,
    more: Mapping[str, Callable[[], None]] | None = None,
    server: Mapping[str, Any] | None = None,
) -> Health:
    """Look at everything; whatever is wrong is told, nothing is raised, nothing of the store is changed.

    Parameters
    ----------
    open_store
        Opens the store, or raises a ZoningError that says why not.
    more
        Further self-checks by name (English, marked), each raising a ZoningError where it fails.
    server
        What the server knows of itself: sessions, runs, waiting …
    """
    checks = [_proj()]
    store, disk, networks, facts = None, dict[str, int](), list[dict[str, Any]](), dict[str, Any]()
    try:
        store = open_store()
        table = store.layers()
    except ZoningError as fault:
        checks.append(Check(_STORE_OPENS, ok=False, said=Note(fault.template, fault.values)))
    else:
        facts = _facts(store, len(table), int(table["count"].sum()))
        found = Note(N_("{layers} layers, {features} features"), {one: facts[one] for one in ("layers", "features")})
        checks.append(Check(_STORE_OPENS, ok=True, said=found))
        checks.append(_whole(store))
        networks = _networks(store.networks_dir)
    folder = _existing(store.path.parent) if store is not None else None
    if folder is not None:
        usage = shutil.disk_usage(folder)
        disk = {"free_bytes": usage.free, "total_bytes": usage.total}
        checks += [_writable(folder), _room(usage.free, facts.get("bytes") or 0)]
    checks.append(_log_written())
    checks += [_asked(name, check) for name, check in (more or {}).items()]
    time = dt.datetime.now(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return Health(time, versions(), facts, disk, networks, memory(), tuple(checks), last_faults(), server)


def versions() -> dict[str, str]:
    """Return the versions of the application, Python, the C libraries below, and the packages it needs."""
    found = {
        "application": CODE_VERSION,
        "Python": ".".join(map(str, sys.version_info[:3])),
        "GDAL": pyogrio.__gdal_version_string__,
        "PROJ": pyproj.proj_version_str,
        "GEOS": shapely.geos_version_string,
        "SQLite": sqlite3.sqlite_version,
    }
    for package, pinned in _pins().items():
        try:
            installed = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            installed = "–"
        found[package] = installed if installed == pinned else f"{installed} ({pinned})"
    return found


def memory() -> dict[str, int]:
    """Return the bytes of memory that this process holds now and held at most; nothing where the system hides it."""
    found: dict[str, int] = {}
    with suppress(OSError, ValueError):
        for line in Path("/proc/self/status").read_text().splitlines():
            name, _, value = line.partition(":")
            if name in ("VmRSS", "VmHWM"):
                found["bytes" if name == "VmRSS" else "most_bytes"] = int(value.split()[0]) * 1024
    return found


def _pins() -> dict[str, str]:
    with suppress(OSError):
        lines = (_ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
        return {found[1]: found[2] for line in lines if (found := _PINNED.match(line))}
    return {}


_STORE_OPENS = N_("The store can be opened")


def _facts(store: Store, layers: int, features: int) -> dict[str, Any]:
    is_file = isinstance(store.backend, FileBackend)
    saved = store.path.stat().st_mtime if is_file else None
    history = store.backend.history()
    if len(history):
        saved_at = str(history["date"].iloc[-1])
    else:
        saved_at = "" if saved is None else dt.datetime.fromtimestamp(saved, dt.UTC).isoformat(timespec="seconds")
    return {
        "kind": "GeoPackage" if is_file else "PostGIS",
        "place": store.label,
        "bytes": store.path.stat().st_size if is_file else None,
        "layers": layers,
        "features": features,
        "saved": saved_at.replace("+00:00", "Z"),
    }


def _whole(store: Store) -> Check:
    """Let SQLite read every page of a copy: opening the file itself beside GDAL would drop GDAL's locks."""
    name = N_("Every page of the store is whole")
    if not isinstance(store.backend, FileBackend):
        return Check(name, ok=True, said=Note(N_("the database sees to it")))
    try:
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "copy.gpkg"
            shutil.copyfile(store.path, copy)
            with closing(sqlite3.connect(copy)) as connection:
                said = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except (OSError, sqlite3.Error) as fault:
        return Check(name, ok=False, said=Note(N_("it could not be checked ({kind})"), {"kind": type(fault).__name__}))
    if said == "ok":
        return Check(name, ok=True, said=Note(N_("checked on a copy")))
    return Check(name, ok=False, said=Note(N_("damaged; put the last backup in its place")))


def _proj() -> Check:
    name = N_("VN-2000 is converted by EPSG:6960")
    lon, lat, east, north = np.array(REGRESSION).T
    try:
        found = lonlat_to_planning(lon, lat)
    except ZoningError as fault:
        return Check(name, ok=False, said=Note(fault.template, fault.values))
    off = float(np.hypot(found[0] - east, found[1] - north).max())
    said = Note(N_("two published points on both sides of 11.04° N: {off} mm off"), {"off": f"{1000 * off:.1f}"})
    return Check(name, ok=off <= REGRESSION_M, said=said)


def _writable(folder: Path) -> Check:
    name = N_("The data folder can be written")
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".health-") as file:
            file.write(b"x")
            file.flush()
    except OSError as fault:
        return Check(name, ok=False, said=Note(N_("no ({kind}): nothing can be saved"), {"kind": type(fault).__name__}))
    return Check(name, ok=True, said=Note(N_("yes")))


def _room(free: int, store_bytes: int) -> Check:
    least = max(LEAST_FREE_BYTES, 3 * store_bytes)
    values = {"free": f"{free / 1e9:.1f}", "least": f"{least / 1e9:.1f}"}
    return Check(N_("There is room on the disk"), ok=free >= least,
                 said=Note(N_("{free} GB free; saving needs up to {least} GB"), values))  # fmt: skip


def _log_written() -> Check:
    name, handler = N_("The log can be written"), JournalHandler()
    path = handler.path
    if path is None:
        return Check(name, ok=True, said=Note(N_("it is switched off")))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8"):
            pass
    except OSError as fault:
        return Check(name, ok=False, said=Note(N_("no ({kind})"), {"kind": type(fault).__name__}))
    return Check(name, ok=True, said=Note(N_("yes")))


def _asked(name: str, check: Callable[[], None]) -> Check:
    try:
        check()
    except StoreError as fault:
        return Check(name, ok=False, said=Note(fault.template, fault.values))
    return Check(name, ok=True, said=Note(N_("yes")))


def _networks(folder: Path) -> list[dict[str, Any]]:
    found = []
    with suppress(OSError):
        for file in sorted(folder.glob("*.npz"), key=lambda one: one.stat().st_mtime, reverse=True):
            stat = file.stat()
            compiled = dt.datetime.fromtimestamp(stat.st_mtime, dt.UTC).isoformat(timespec="seconds")
            found.append({"name": file.stem.partition("-")[0], "bytes": stat.st_size,
                          "compiled": compiled.replace("+00:00", "Z")})  # fmt: skip
    return found


def _existing(folder: Path) -> Path | None:
    return next((one for one in (folder, *folder.parents) if one.is_dir()), None)
