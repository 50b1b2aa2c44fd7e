"""Tell by its first bytes what kind of file a planner gives; never by its name."""

from __future__ import annotations

import re
from dataclasses import dataclass

from zoning.errors import BadFileError
from zoning.text import N_

MOST_BYTES = 50_000_000
"""Largest file taken in."""


@dataclass(frozen=True)
class Kind:
    """A kind of file: what people call it, the one GDAL driver that may read it, the file that GDAL is given."""

    name: str
    title: str
    driver: str
    filename: str


KINDS = {
    kind.name: kind
    for kind in (
        Kind("gpkg", "GeoPackage", "GPKG", "layer.gpkg"),
        Kind("geojson", "GeoJSON", "GeoJSON", "layer.geojson"),
        Kind("shapefile", "Shapefile", "ESRI Shapefile", "layer.shp"),
        Kind("kml", "KML", "LIBKML", "layer.kml"),
        Kind("parquet", "GeoParquet", "", "layer.parquet"),
        Kind("dxf", "DXF", "DXF", "layer.dxf"),
        Kind("dgn", "DGN", "DGN", "layer.dgn"),
        Kind("tab", "MapInfo TAB", "MapInfo File", "layer.tab"),
        Kind("mif", "MapInfo MIF", "MapInfo File", "layer.mif"),
        Kind("table", "CSV / XLSX", "", "layer.table"),
    )
}
ENDINGS = ("gpkg", "geojson", "json", "zip", "kml", "kmz", "parquet", "dxf", "dgn", "csv", "txt", "xlsx", "dwg")
"""What a browser's file dialog offers; DWG so that its refusal can say what to do."""

_SQLITE = b"SQLite format 3\x00"
_DWG = re.compile(rb"AC(10|14|15|18|2[0-9]|3[0-9]|1\.)")
_DGN = (b"\x08\x09\xfe\x02", b"\xc8\x09\xfe\x02")
_OLE = b"\xd0\xcf\x11\xe0"
_XML = re.compile(rb"<\?xml|<[A-Za-z!]")
_KML_ROOT = re.compile(rb"<(\w+:)?kml[\s>]")
_ENTITY = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_LINKED = re.compile(rb'"crs"\s*:\s*\{[^{}]{0,200}"(link|url)"')
_KML_HEAD = 4096


def sniff(content: bytes) -> str:
    """Return the name of the kind of a file that is no archive: a key of `KINDS`, or "zip".

    Raises
    ------
    BadFileError
        It is empty, too large, or of a kind that is not taken in; the sentence says what to do instead.
    """
    check_size(content)
    return _binary(content) or _text(content)


def check_size(content: bytes) -> None:
    """Raise BadFileError if a file is empty or larger than `MOST_BYTES`."""
    if not content.strip():
        raise BadFileError(N_("The file is empty."))
    if len(content) > MOST_BYTES:
        raise BadFileError(
            N_("The file has {size} MB; a layer may have {most} MB at most: cut it to the study area."),
            size=f"{len(content) / 1e6:.1f}",
            most=f"{MOST_BYTES / 1e6:.0f}",
        )


def check_xml(content: bytes) -> None:
    """Refuse XML that is not KML, or that defines entities: they may name other files or grow without end."""
    if _ENTITY.search(content):
        raise BadFileError(N_("The KML file defines entities (DOCTYPE), which are not read: save it without them."))
    if not _KML_ROOT.search(content[:_KML_HEAD]):
        raise BadFileError(
            N_("This XML file is not KML. Files that refer to other files or servers (VRT, WFS, GML) are not read: "
               "save the layer as GeoPackage.")
        )  # fmt: skip


def _binary(content: bytes) -> str:
    head = content[:100]
    if head.startswith(_SQLITE):
        if head[68:72] not in (b"GPKG", b"GP10", b"GP11"):
            raise BadFileError(N_("This is a database of SQLite, but not a GeoPackage: save the layer as GeoPackage."))
        return "gpkg"
    if _DWG.match(head):
        raise BadFileError(N_("DWG drawings cannot be read: save the drawing as DXF (AutoCAD: DXFOUT) and try again."))
    if head.startswith(b"AutoCAD Binary DXF"):
        raise BadFileError(N_("This is a binary DXF: save the drawing as DXF text (ASCII) and try again."))
    if head.startswith(_OLE):
        raise BadFileError(
            N_("This is an old workbook (.xls) or a DGN of version 8: save it as .xlsx, as DGN of version 7 or as DXF.")
        )
    for start, kind in ((b"PK\x03\x04", "zip"), (b"PK\x05\x06", "zip"), (b"PAR1", "parquet")):
        if head.startswith(start):
            return kind
    return "dgn" if head.startswith(_DGN) else ""


def _text(content: bytes) -> str:
    text = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith((b"{", b"[")):
        if _LINKED.search(content):
            raise BadFileError(N_("This GeoJSON names its coordinate system by a link, which is not followed."))
        return "geojson"
    if _XML.match(text):
        check_xml(content)
        return "kml"
    if _is_dxf(text[:_KML_HEAD]):
        return "dxf"
    if re.match(rb"version\s+\d+", text[:40], re.IGNORECASE) and b"olumns" in content[:_KML_HEAD].lower():
        raise BadFileError(N_("A MapInfo layer is two files or more: put .mif and .mid, or the whole TAB, in one zip."))
    if b"\x00" in content[:_KML_HEAD] and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadFileError(
            N_("The kind of this file is not known. Taken in are GeoPackage, GeoJSON, Shapefile and MapInfo in a zip, "
               "KML, GeoParquet, DXF, DGN, and CSV or XLSX with coordinates.")
        )  # fmt: skip
    return "table"


def _is_dxf(head: bytes) -> bool:
    """Say whether a text starts as a drawing: pairs of lines, a code and its value, comments (999) before the rest.

    Not by a regular expression: one for this takes exponential time on lines that are nearly so.
    """
    lines = [line.strip() for line in head.splitlines()]
    lines = [line for line in lines if line]
    at = 0
    while lines[at : at + 1] == [b"999"]:
        at += 2
    return lines[at : at + 2] == [b"0", b"SECTION"]
