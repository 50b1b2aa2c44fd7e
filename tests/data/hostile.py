"""Files that mean harm, made by code: GeoPackages with queries in them, zips that lie, curves, endless structures."""

from __future__ import annotations

import io
import sqlite3
import struct
import tempfile
import zipfile
from contextlib import closing
from pathlib import Path

from tests.data import layers


def geopackage(*statements: str) -> bytes:
    """Return the GeoPackage of three areas, layer `real`, without its triggers, after SQL."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.gpkg"
        path.write_bytes(layers.written(layers.areas(), "a.gpkg", layer="real"))
        with closing(sqlite3.connect(path)) as db:  # the triggers call functions that only GDAL has
            db.execute("PRAGMA writable_schema = ON")
            db.execute("DELETE FROM sqlite_master WHERE type = 'trigger'")
            db.commit()
        db = sqlite3.connect(path)
        db.execute("PRAGMA writable_schema = ON")
        for statement in statements:
            db.execute(statement)
        db.commit()
        db.close()
        return path.read_bytes()


ENDLESS = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c)"
RENAMED = (
    "UPDATE gpkg_contents SET table_name = '{name}' WHERE table_name = 'real'",
    "UPDATE gpkg_geometry_columns SET table_name = '{name}' WHERE table_name = 'real'",
)


def renamed(name: str) -> list[str]:
    """Return statements that make the layer's description speak of another table."""
    return [one.format(name=name.replace("'", "''")) for one in RENAMED]


def named(name: str) -> bytes:
    """Return a GeoPackage whose layer has a name that programs would not give it."""
    return geopackage('ALTER TABLE real RENAME TO "' + name.replace('"', '""') + '"', *renamed(name))


def virtual_table(module: str, target: str) -> bytes:
    """Return a GeoPackage whose layer is a virtual table of a module that reads other files."""
    sql = f"CREATE VIRTUAL TABLE evil USING {module}(''{target}'')"
    return geopackage(
        f"INSERT INTO sqlite_master(type, name, tbl_name, rootpage, sql) VALUES ('table', 'evil', 'evil', 0, '{sql}')",
        *renamed("evil"),
    )


def curve_geopackage() -> bytes:
    """Return a GeoPackage whose one line is an arc, a kind of geometry that GEOS may not know."""
    points = ((106.60, 11.0), (106.61, 11.01), (106.62, 11.0))
    wkb = struct.pack("<BII", 1, 8, len(points)) + b"".join(struct.pack("<dd", *one) for one in points)
    blob = b"GP\x00\x01" + struct.pack("<i", 4326) + wkb
    return geopackage("DELETE FROM real WHERE fid > 1", f"UPDATE real SET geom = x'{blob.hex()}'",
                      "UPDATE gpkg_geometry_columns SET geometry_type_name = 'GEOMETRY'")  # fmt: skip


def lying_zip(content: bytes, *, says: int) -> bytes:
    """Return a zip whose head says that its member unpacks to `says` bytes."""
    out = bytearray(layers.zipped({"a.geojson": content}))
    true = struct.pack("<I", len(content))
    at = out.find(true, 14)
    while at >= 0:
        out[at : at + 4] = struct.pack("<I", says)
        at = out.find(true, at + 4)
    return bytes(out)


def link_zip(target: str) -> bytes:
    """Return a zip with a member that is a symbolic link to `target`."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("a.geojson")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, target)
    return out.getvalue()


def twice_zip(first: bytes, second: bytes) -> bytes:
    """Return a zip in which one name stands twice."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.geojson", first)
        archive.writestr("A.GEOJSON", second)
    return out.getvalue()


_HEAD = b"0\nSECTION\n2\nHEADER\n0\nENDSEC\n"


def drawing_bomb(depth: int) -> bytes:
    """Return a DXF whose blocks each hold ten of the one before: 10 to the power of `depth` points."""
    blocks = b"0\nSECTION\n2\nBLOCKS\n"
    for at in range(depth + 1):
        blocks += b"0\nBLOCK\n8\n0\n2\nB%d\n70\n0\n10\n0\n20\n0\n" % at
        inner = b"0\nINSERT\n8\n0\n2\nB%d\n10\n0\n20\n0\n" % (at - 1)
        blocks += inner * 10 if at else b"0\nPOINT\n8\n0\n10\n598000\n20\n1214000\n"
        blocks += b"0\nENDBLK\n"
    return _HEAD + blocks + b"0\nENDSEC\n" + _insert(b"B%d" % depth)


def _insert(block: bytes) -> bytes:
    return b"0\nSECTION\n2\nENTITIES\n0\nINSERT\n8\n0\n2\n" + block + b"\n10\n0\n20\n0\n0\nENDSEC\n0\nEOF\n"


def many_columns(count: int) -> bytes:
    """Return GeoJSON whose features have a column each."""
    one = b'{"type":"Feature","geometry":null,"properties":{"%x":1}}'
    return b'{"type":"FeatureCollection","features":[' + b",".join(one % at for at in range(count)) + b"]}"


def many_fields(count: int) -> bytes:
    """Return KML whose one place has so many fields."""
    head = b'<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><ExtendedData>'
    data = b"".join(b'<Data name="c%d"><value>1</value></Data>' % at for at in range(count))
    return head + data + b"</ExtendedData></Placemark></Document></kml>"


def workbook(rows: list[list[object]]) -> bytes:
    """Return rows as XLSX."""
    import openpyxl

    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def sparse_workbook() -> bytes:
    """Return a workbook of 1 kB whose one cell is the last that a sheet has: 17,000 million empty ones before it."""
    files = {}
    with zipfile.ZipFile(io.BytesIO(workbook([["lon", "lat"], [106.6, 11.0]]))) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    name = next(one for one in files if one.endswith("sheet1.xml"))
    files[name] = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1" t="n"><v>1</v></c></row>'
        b'<row r="1048576"><c r="XFD1048576" t="n"><v>1</v></c></row></sheetData></worksheet>'
    )
    return layers.zipped(files)


def entity_workbook() -> bytes:
    """Return a workbook whose sheet defines entities that grow to gigabytes."""
    with zipfile.ZipFile(io.BytesIO(workbook([["lon", "lat"], [106.6, 11.0]]))) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    name = next(one for one in files if one.endswith("sheet1.xml"))
    lol = "".join(f'<!ENTITY l{at} "{f"&l{at - 1};" * 10 if at else "l"}">' for at in range(10))
    files[name] = (
        f'<!DOCTYPE w [{lol}]><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        '<row r="1"><c r="A1" t="str"><v>&l9;</v></c></row></sheetData></worksheet>'
    ).encode()
    return layers.zipped(files)
