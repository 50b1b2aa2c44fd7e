"""Keep the log of server and command line: one JSON line an event, in a file that stays small, nothing private in it.

Python's own `logging` rather than structlog: every library speaks it already, and what is asked here (a line of JSON,
a cap, no private words) is one handler. Lines are appended one by one, the file opened for each, so that several
processes share it and one of them may put it aside (`.1`) while the others write on.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import re
import secrets
import traceback
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs
from filelock import FileLock, Timeout

from zoning.errors import ZoningError

if TYPE_CHECKING:
    from collections.abc import Iterator

LOG_VARIABLE = "INNOVATION_REGION_LOG"
"""`off`, or the file of the log; without it `FILE` beside the store, in the user's data folder."""
FILE = "innovation-region.log"
OURS = "innovation_region"
"""Name of our loggers' root: what they say from INFO on is kept, of others from WARNING on."""
LARGEST_BYTES = 5_000_000
"""A file as large is put aside; the one put aside before is dropped: two of them at most."""
FIELDS = ("page", "job", "run", "end", "waited_s", "duration_s", "fault", "kind")
"""What an event may carry (as `extra` of a log call), in the order of the line."""
LONGEST_MESSAGE, MOST_FRAMES = 300, 12
_TAIL_BYTES = 400_000
_HERE = Path(__file__).resolve().parents[1]

_QUOTED = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"|“[^”\n]*”|`[^`\n]*`")
_ADDRESS = re.compile(r"\b([a-zA-Z][a-zA-Z0-9+.-]*)://\S+")
_PATH = re.compile(r"(?:[A-Za-z]:)?(?:[\\/][^\s\\/:'\",;()]+){2,}")


@dataclass(frozen=True)
class Event:
    """One line of the log, as the health page shows it."""

    time: str
    level: str
    kind: str
    """Name of the fault's class, or of the event."""
    fault: str
    """The number that the page or the command line named; empty for a warning."""
    message: str


class JournalHandler(logging.Handler):
    """Writes events to the file that is named, or to the one of `log_path` at that moment.

    Parameters
    ----------
    path
        The file; None: `log_path()`, asked at each event.
    largest_bytes
        Size from which the file is put aside.
    """

    def __init__(self, path: Path | None = None, *, largest_bytes: int = LARGEST_BYTES) -> None:
        super().__init__()
        self._path = path
        self._largest = largest_bytes
        self.written = False
        """Whether the last event was written; a log that cannot be written stops nothing."""

    @property
    def path(self) -> Path | None:
        """The file that is written to; None where the log is off."""
        return self._path or log_path()

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep ours from INFO on, of others warnings and faults."""
        ours = record.name == OURS or record.name.startswith(f"{OURS}.")
        return record.levelno >= (logging.INFO if ours else logging.WARNING) and bool(super().filter(record))

    def emit(self, record: logging.LogRecord) -> None:
        """Append the line of an event."""
        self.written = False
        path = self.path
        if path is None:
            return
        line = json.dumps(line_of(record), ensure_ascii=False, separators=(",", ":"), default=str) + "\n"
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.exists() and path.stat().st_size + len(line) > self._largest:
                _put_aside(path, self._largest)
            with path.open("a", encoding="utf-8") as file:
                file.write(line)  # one write of a few hundred bytes: lines of several processes do not mix
            self.written = True

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """Say nothing: a second fault on standard error would hide the first."""


def install() -> JournalHandler:
    """Let this process write the log; once, however often it is called."""
    root = logging.getLogger()
    for handler in root.handlers:
        if isinstance(handler, JournalHandler):
            return handler
    handler = JournalHandler()
    root.addHandler(handler)
    ours = logging.getLogger(OURS)
    ours.setLevel(logging.INFO)
    return handler


def log_path() -> Path | None:
    """Return the file of the log; None where it is off."""
    named = os.environ.get(LOG_VARIABLE, "").strip()
    if named.lower() == "off":
        return None
    if named:
        return Path(named).expanduser().absolute()
    store = os.environ.get("INNOVATION_REGION_STORE", "").strip()
    if store and "://" not in store and "\x00" not in store:
        return Path(store).expanduser().absolute().parent / FILE
    return platformdirs.user_data_path("innovation-region", appauthor=False) / FILE


def fault_number() -> str:
    """Return a new number for a fault, short enough to be read out on the telephone."""
    return secrets.token_hex(4)


def line_of(record: logging.LogRecord) -> dict[str, Any]:
    """Return an event as the log holds it: times in UTC, no values of faults, no quoted words, no folders."""
    time = dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds")
    line: dict[str, Any] = {
        "time": time.replace("+00:00", "Z"),
        "level": record.levelname.lower(),
        "event": getattr(record, "event", "log"),
        "from": record.name.removeprefix(f"{OURS}."),
    }
    for name in FIELDS:
        value = getattr(record, name, None)
        if value not in (None, ""):
            line[name] = value if isinstance(value, int | float) else str(value)[:80]
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        line["kind"] = type(error).__name__
        line["message"] = error.template if isinstance(error, ZoningError) else plain(str(error))
        line["at"] = [f"{_module(frame.filename)}:{frame.lineno} {frame.name}" for frame in _frames(error)]
    elif line["event"] == "log":
        line["message"] = plain(record.getMessage())
    return line


def plain(text: str) -> str:
    """Return a library's words without what it quotes (values of a file), addresses and folders, in one short line."""
    text = _QUOTED.sub("'…'", " ".join(text.split()))
    text = _PATH.sub(lambda found: "…/" + found[0].replace("\\", "/").rpartition("/")[2], _ADDRESS.sub(r"\1:…", text))
    return text if len(text) <= LONGEST_MESSAGE else text[: LONGEST_MESSAGE - 1] + "…"


def last_faults(most: int = 20, path: Path | None = None) -> list[Event]:
    """Return the last faults and warnings of the log, newest first."""
    path = path or log_path()
    found: list[Event] = []
    for file in () if path is None else (path, _aside(path)):
        for line in _lines_from_the_end(file):
            if line.get("level") in ("warning", "error", "critical"):
                kind = str(line.get("kind") or line.get("event", ""))
                found.append(
                    Event(str(line.get("time", "")), str(line["level"]), kind, str(line.get("fault", "")),
                          str(line.get("message", "")))
                )  # fmt: skip
            if len(found) == most:
                return found
    return found


def _lines_from_the_end(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _TAIL_BYTES))
            tail = file.read()
    except OSError:
        return
    for text in reversed(tail.decode("utf-8", errors="replace").splitlines()):
        with suppress(ValueError, RecursionError):  # the first may be cut, and a disk may have been full
            line = json.loads(text)
            if isinstance(line, dict):
                yield line


def _put_aside(path: Path, largest_bytes: int) -> None:
    """Rename a file that has grown large, in one process of those that write to it."""
    with suppress(Timeout), FileLock(f"{path}.lock", timeout=0):
        if path.stat().st_size > largest_bytes // 2:  # another may have done it a moment ago
            path.replace(_aside(path))


def _aside(path: Path) -> Path:
    return path.with_name(f"{path.name}.1")


def _frames(error: BaseException) -> list[traceback.FrameSummary]:
    return list(traceback.extract_tb(error.__traceback__, limit=-MOST_FRAMES))


def _module(file: str) -> str:
    """Return a source file as the application or a package names it, without folders of this machine."""
    path = Path(file)
    if path.is_relative_to(_HERE) and "site-packages" not in path.parts:
        return path.relative_to(_HERE).as_posix()
    parts = path.parts
    return "/".join(parts[parts.index("site-packages") + 1 :]) if "site-packages" in parts else path.name
