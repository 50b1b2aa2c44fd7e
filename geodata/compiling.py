"""Compile networks in a process of their own: what that needs (up to 2 GB for a city) is then free again."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, NamedTuple

from geodata.place import STORE_VARIABLE
from zoning.pace import StoppedError, checkpoint

_log = logging.getLogger(__name__)

COMPILE_LIMIT_S = 900.0
"""A process that compiles for longer than this is stopped."""
_LOOK_S = 0.2


class _Child(NamedTuple):
    process: subprocess.Popen[bytes]
    said: IO[bytes]
    start_s: float


_left: dict[Path, _Child] = {}
"""Processes whose planner has stopped waiting: they work on for whoever asks next. One a network, see `StoreRegion`."""


def compile_network(store_path: str, name: str, file: str) -> None:
    """Compile a network into a file; what `compile_aside` runs in a process of its own."""
    from geodata.region import StoreRegion  # which imports this module
    from geodata.store import Store, open_store

    StoreRegion(Store(Path(store_path)) if store_path else open_store()).compile(name, Path(file))


def compile_aside(store_path: Path, name: str, file: Path, address: str = "") -> None:
    """Try to compile a network in another process, from the store in a file, or from the database at `address`.

    Does nothing where the result could not be kept. Faults are left to the caller, who compiles then and has them in
    words. Stopped at a checkpoint, it leaves the process at work and raises.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError:
        return
    if not os.access(file.parent, os.W_OK):
        return
    child = _left.pop(file, None)
    try:
        child = child or _start(store_path, name, file, address)
        _wait(child)
    except StoppedError:
        if child is not None:
            _left[file] = child
        raise
    except OSError as error:
        _log.warning("network %s was not compiled aside: %s", name, error)
        return
    if child.process.returncode:
        child.said.seek(0)
        tail = child.said.read()[-500:].decode(errors="replace")
        _log.warning("network %s was not compiled aside: %s", name, tail)
    child.said.close()


def _start(store_path: Path, name: str, file: Path, address: str) -> _Child:
    said = tempfile.TemporaryFile()  # noqa: SIM115 - read when the process has ended
    code = "import sys; from geodata.compiling import compile_network; compile_network(*sys.argv[1:])"
    # our own code; path and name are arguments, not text of the program
    command = [sys.executable, "-c", code, "" if address else str(store_path), name, str(file)]
    # an address may hold a password, which arguments would show to everybody on the machine
    environment = {**os.environ, STORE_VARIABLE: address} if address else None
    here = Path(__file__).resolve().parents[1]
    try:
        process = subprocess.Popen(  # noqa: S603
            command, cwd=here, env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said
        )  # fmt: skip
    except OSError:
        said.close()
        raise
    return _Child(process, said, time.monotonic())


def _wait(child: _Child) -> None:
    while child.process.poll() is None:
        checkpoint()
        if time.monotonic() - child.start_s > COMPILE_LIMIT_S:
            child.process.kill()
        with suppress(subprocess.TimeoutExpired):
            child.process.wait(timeout=_LOOK_S)
