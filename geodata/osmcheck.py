"""Check an OpenStreetMap file before it is read: its kind by its bytes, whole, and no bigger than stated limits."""

from __future__ import annotations

import bz2
import gzip
import re
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Literal, NoReturn

from geodata.watch import Watch
from zoning.errors import BadFileError
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Kind = Literal["osm", "osm.gz", "osm.bz2", "pbf"]
"""The format names of libosmium, which then need not guess from the file's name."""


@dataclass(frozen=True)
class Limits:
    """How much an OpenStreetMap file may hold."""

    file_bytes: int = 1_000_000_000
    content_bytes: int = 8_000_000_000
    """Unpacked; counted while unpacking, since what a file claims about itself may be a lie."""
    ratio: int = 200
    """Unpacked bytes for each packed one, beyond the first 64 MB: real extracts have 10 to 30."""
    ways: int = 1_500_000
    nodes: int = 12_000_000


_HEAD_BYTES = 1 << 16  # the declaration, comments and the root of the XML must fit in here
_CHUNK_BYTES = 1 << 20
_RATIO_FREE_BYTES = 64 << 20
# limits of the PBF format itself: https://wiki.openstreetmap.org/wiki/PBF_Format#File_format
_PBF_HEADER_BYTES = 64 << 10
_PBF_BLOB_BYTES = 32 << 20

_CHECKING = N_("Checking the file")
_ROOT = re.compile(rb"<osm[\s>/]")
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)


def check_osm_file(path: Path, *, limits: Limits | None = None, watch: Watch | None = None) -> Kind:
    """Return the kind of the OpenStreetMap file at `path` after reading through it once.

    Parameters
    ----------
    path
        A file on this machine; its name does not matter, its bytes do.
    limits
        Sizes beyond which the file is refused.
    watch
        Told how far the check is, and asked whether to stop.

    Raises
    ------
    BadFileError
        Missing, empty, cut short, not OpenStreetMap data, XML with a DOCTYPE or entities, or beyond `limits`.
    StoppedError
        The watch said stop.
    """
    limits, watch = limits or Limits(), watch or Watch()
    if not path.is_file():
        raise BadFileError(N_("There is no file {name}."), name=path.name)
    size = path.stat().st_size
    if size == 0:
        raise BadFileError(N_("The file {name} is empty."), name=path.name)
    if size > limits.file_bytes:
        _too_big(path, size, limits.file_bytes)
    with path.open("rb") as file:
        head = file.read(16)
    watch.at(_CHECKING)
    if head[:2] == b"\x1f\x8b":
        with gzip.open(path, "rb") as packed:
            _check_xml(packed, path, size, limits, watch)
        return "osm.gz"
    if head[:3] == b"BZh":
        with bz2.open(path, "rb") as unpacked:
            _check_xml(unpacked, path, size, limits, watch)
        return "osm.bz2"
    if head[4:15] == b"\x0a\x09OSMHeader":
        _check_pbf(path, size, limits, watch)
        return "pbf"
    with path.open("rb") as file:
        _check_xml(file, path, size, limits, watch)
    return "osm"


def _check_xml(
    file: BinaryIO | gzip.GzipFile | bz2.BZ2File, path: Path, size: int, limits: Limits, watch: Watch
) -> None:
    """Read the XML once in pieces, unpacking it, and look at its head and its end."""
    seen, tail = 0, b""
    for chunk in _chunks(file, path):
        if seen == 0:
            _check_head(chunk[:_HEAD_BYTES], path)
        seen += len(chunk)
        tail = (tail + chunk)[-256:]
        if seen > limits.content_bytes:
            _too_big(path, seen, limits.content_bytes)
        if seen > _RATIO_FREE_BYTES and seen > limits.ratio * size:
            raise BadFileError(
                N_("{name} unpacks to more than {ratio} times its size: it is not a real extract."),
                name=path.name,
                ratio=limits.ratio,
            )
        watch.at(_CHECKING, min(seen / (20 * size), 1.0))
    if seen == 0:
        raise BadFileError(N_("The file {name} is empty."), name=path.name)
    if not re.search(rb"(?:</osm\s*>|<osm\b[^>]*/>)\s*(?:<!--.*-->\s*)?$", tail, re.DOTALL):
        _cut(path)


def _chunks(file: BinaryIO | gzip.GzipFile | bz2.BZ2File, path: Path) -> Iterator[bytes]:
    while True:
        try:
            chunk = file.read(_CHUNK_BYTES)
        except (EOFError, OSError, zlib.error) as fault:
            raise BadFileError(N_("{name} is damaged or cut short: it cannot be unpacked."), name=path.name) from fault
        if not chunk:
            return
        yield chunk


def _check_head(head: bytes, path: Path) -> None:
    root = _ROOT.search(head)
    prolog = head[: root.start()] if root else head
    if _HTML.search(prolog):
        raise BadFileError(
            N_("{name} is a web page, not map data: the download did not work, or a login page answered."),
            name=path.name,
        )
    if b"<!DOCTYPE" in prolog or b"<!ENTITY" in prolog:
        raise BadFileError(
            N_("{name} defines XML entities, which no OpenStreetMap file needs: it is refused."), name=path.name
        )
    if root is None:
        raise BadFileError(
            N_("{name} is not an OpenStreetMap file (.osm, .osm.gz, .osm.bz2 or .osm.pbf)."), name=path.name
        )


def _check_pbf(path: Path, size: int, limits: Limits, watch: Watch) -> None:
    """Walk from block to block by their stated sizes, without unpacking them."""
    content = blocks = 0
    with path.open("rb") as file:
        while prefix := file.read(4):
            if len(prefix) < 4:
                _cut(path)
            (header_bytes,) = struct.unpack(">I", prefix)
            if header_bytes > _PBF_HEADER_BYTES:
                _damaged(path)
            header = _fields(file.read(header_bytes))
            blob_bytes = header.get(3, 0)
            if not 0 < blob_bytes <= _PBF_BLOB_BYTES:
                _damaged(path)
            start = file.tell()
            if start + blob_bytes > size:
                _cut(path)
            unpacked = _fields(file.read(min(24, blob_bytes))).get(2, blob_bytes)
            if unpacked > _PBF_BLOB_BYTES:
                _damaged(path)
            content += unpacked
            blocks += 1
            if content > limits.content_bytes:
                _too_big(path, content, limits.content_bytes)
            file.seek(start + blob_bytes)
            watch.at(_CHECKING, file.tell() / size)
    if blocks < 2:
        raise BadFileError(N_("The file {name} holds no map data."), name=path.name)


def _fields(message: bytes) -> dict[int, int]:
    """Return the whole-number fields of a protocol buffer message as far as it can be read; byte fields are skipped."""
    found: dict[int, int] = {}
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        value, at = _varint(message, at)
        if key & 7 == 0:
            found[key >> 3] = value
        elif key & 7 == 2:
            at += value
        else:
            break
    return found


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(message) and shift < 64:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            break
    return value, at


def _cut(path: Path) -> NoReturn:
    raise BadFileError(N_("{name} is cut short: the end of the file is missing."), name=path.name)


def _damaged(path: Path) -> NoReturn:
    raise BadFileError(N_("{name} is damaged: it states sizes that no OpenStreetMap file has."), name=path.name)


def _too_big(path: Path, size: int, limit: int) -> NoReturn:
    raise BadFileError(
        N_("{name} holds {size_mb} MB, more than the {limit_mb} MB allowed. Cut the extract to the region first."),
        name=path.name,
        size_mb=f"{size / 1e6:,.0f}",
        limit_mb=f"{limit / 1e6:,.0f}",
    )
