"""Open a planner's zip with care: few members, of bounded size, written under names of our own."""

from __future__ import annotations

import io
import lzma
import re
import struct
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from geodata.importing.sniff import check_xml
from zoning.errors import BadFileError
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MOST_MEMBERS, MOST_UNPACKED, MOST_RATIO = 50, 500_000_000, 100
MOST_OF = {".shp": 75_000_000, ".geojson": 100_000_000, ".json": 100_000_000, ".kml": 50_000_000, ".dxf": 80_000_000,
           ".dgn": 100_000_000, ".mif": 100_000_000, ".gpkg": 150_000_000, ".parquet": 100_000_000}  # fmt: skip
"""Bytes of a layer's main file: what takes two million vertices, or what its library can hold in memory."""
SPOILT = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, NotImplementedError, RuntimeError, EOFError,
    LookupError,
)  # fmt: skip
"""What zipfile and what it unpacks with raise for damaged archives."""
_STEP = 1 << 20
_NESTED = (".zip", ".7z", ".rar", ".gz", ".tgz", ".bz2", ".xz", ".tar", ".kmz")
_PARTS = {
    "shapefile": ((".shp", ".shx", ".dbf"), (".prj", ".cpg")),
    "tab": ((".tab", ".dat", ".map", ".id"), ()),
    "mif": ((".mif",), (".mid",)),
}
"""Endings that a kind needs, and those that it may have besides."""
_SINGLE = {".gpkg": "gpkg", ".geojson": "geojson", ".json": "geojson", ".kml": "kml", ".dxf": "dxf", ".dgn": "dgn",
           ".parquet": "parquet"}  # fmt: skip
_TAB_REFERS = re.compile(rb"open\s+table|create\s+view|isseamless|type\s+linked|type\s+odbc|[/\\]", re.IGNORECASE)


def unpack(content: bytes, folder: Path) -> tuple[str, list[str]]:
    """Write the one layer of an archive into `folder`; return its kind and the layers' stems.

    Each layer's files are called layer, layer1, ... with their own endings: a name in the archive is never a path.
    XLSX, itself a zip, is left as it is and told as "table".

    Raises
    ------
    BadFileError
        It is damaged, would grow too large, has archives inside, or holds no layer or an incomplete one.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = _checked(archive)
            if "xl/workbook.xml" in members:
                return "table", []
            kind, stems = _find(members)
            for number, stem in enumerate(stems):
                for ending, member in _files(members, kind, stem).items():
                    target = folder / f"layer{number or ''}{ending}"
                    _extract(archive, member, target)
                    _check_part(target, ending)
    except (*SPOILT, ValueError, OSError) as error:
        if isinstance(error, BadFileError):
            raise
        raise BadFileError(N_("The zip is damaged or locked by a password: pack the files anew.")) from error
    return kind, [stem.rpartition("/")[2] for stem in stems]


def _checked(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    infos = [info for info in archive.infolist() if not info.is_dir()]
    if len(infos) > MOST_MEMBERS:
        raise BadFileError(
            N_("The zip holds {count} files; {most} are the most. Pack the one layer alone."),
            count=len(infos),
            most=MOST_MEMBERS,
        )
    size = sum(info.file_size for info in infos)
    packed = sum(info.compress_size for info in infos)
    if size > MOST_UNPACKED or size > max(packed, 1) * MOST_RATIO + _STEP:
        raise BadFileError(
            N_("The zip would unpack to {size} MB, more than is taken in: pack the one layer alone."),
            size=f"{size / 1e6:.0f}",
        )
    for info in infos:
        if info.filename.lower().endswith(_NESTED):
            name = info.filename[-60:]
            raise BadFileError(N_("The zip holds another archive, “{name}”: unpack it first."), name=name)
    return {info.filename.lower(): info for info in infos if not info.filename.startswith("__MACOSX/")}


def _find(members: Mapping[str, zipfile.ZipInfo]) -> tuple[str, list[str]]:
    for kind, (needed, _) in _PARTS.items():
        stems = sorted(name[: -len(needed[0])] for name in members if name.endswith(needed[0]))
        for stem in stems:
            lacking = [ending for ending in needed if stem + ending not in members]
            if lacking:
                raise BadFileError(
                    N_("“{name}” is not complete: {lacking} is missing in the zip."),
                    name=PurePosixPath(stem + needed[0]).name[:60],
                    lacking=", ".join(lacking),
                )
        if stems:
            return kind, stems
    for ending, kind in _SINGLE.items():
        stems = sorted(name[: -len(ending)] for name in members if name.endswith(ending))
        if len(stems) > 1:
            raise BadFileError(N_("The zip holds several files {ending}: give them one by one."), ending=ending)
        if stems:
            return kind, stems
    raise BadFileError(N_("The zip holds no layer: needed are .shp, .shx and .dbf, or .tab with its files, or .mif."))


def _files(members: Mapping[str, zipfile.ZipInfo], kind: str, stem: str) -> dict[str, zipfile.ZipInfo]:
    if kind in _PARTS:
        endings = [ending for group in _PARTS[kind] for ending in group]
    else:
        endings = [ending for ending, one in _SINGLE.items() if one == kind]
    return {
        (f".{kind}" if kind not in _PARTS else ending): members[stem + ending]
        for ending in endings
        if stem + ending in members
    }


def _extract(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    """Write one member, counting its bytes: what its header says of its size may be wrong."""
    written = 0
    most = MOST_OF.get(PurePosixPath(member.filename.lower()).suffix, MOST_UNPACKED)
    if member.file_size > most:
        raise BadFileError(
            N_("“{name}” has {size} MB; {most} MB are the most. Simplify it or cut it to the study area."),
            name=PurePosixPath(member.filename).name[-60:], size=f"{member.file_size / 1e6:.0f}",
            most=f"{most / 1e6:.0f}",
        )  # fmt: skip
    with archive.open(member) as source, target.open("wb") as out:
        while block := source.read(_STEP):
            written += len(block)
            if written > member.file_size:
                raise BadFileError(N_("The zip is damaged or locked by a password: pack the files anew."))
            out.write(block)


def _check_part(path: Path, ending: str) -> None:
    """Refuse parts that could name further files."""
    if ending == ".kml":
        check_xml(path.read_bytes())
    if ending == ".tab" and _TAB_REFERS.search(path.read_bytes()[:100_000]):
        raise BadFileError(N_("This TAB refers to other tables or files: save it as a table of its own and try again."))
