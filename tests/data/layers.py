"""Planners' layers and hostile files, made by code: nothing binary is checked in."""

from __future__ import annotations

import io
import json
import sqlite3
import tempfile
import zipfile
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from geodata.crs import to_planning

NAMES = ("Khu công nghiệp Bàu Bàng", "Trường tiểu học Định Hòa", "Cụm dân cư Lai Uyên")


def areas() -> gpd.GeoDataFrame:
    """Return three squares of the region in degrees, on both sides of the seam at 11.04 N."""
    boxes = [shapely.box(106.60 + at, 11.00 + at, 106.61 + at, 11.01 + at) for at in (0.0, 0.02, 0.045)]
    return gpd.GeoDataFrame({"Ten": list(NAMES), "so_cho": [10, 20, 30]}, geometry=boxes, crs=4326)


def planned() -> gpd.GeoDataFrame:
    """Return the same in VN-2000."""
    return to_planning(areas())


def written(frame: gpd.GeoDataFrame, name: str, **options: object) -> bytes:
    """Return a frame written under `name` by GDAL."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        frame.to_file(path, **options)
        return path.read_bytes()


def zipped(files: dict[str, bytes]) -> bytes:
    """Return files in a zip, under names as given."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def shapefile(frame: gpd.GeoDataFrame, *, without: tuple[str, ...] = (), texts: dict[bytes, bytes] | None = None,
              folder_name: str = "lop/") -> bytes:  # fmt: skip
    """Return a zipped Shapefile lacking some parts, bytes of its table replaced by others of the same length."""
    with tempfile.TemporaryDirectory() as folder:
        frame.to_file(Path(folder) / "lop.shp", encoding="utf-8")
        files = {}
        for path in sorted(Path(folder).iterdir()):
            if path.suffix not in without:
                data = path.read_bytes()
                for old, new in (texts or {}).items():
                    if path.suffix == ".dbf":
                        assert len(new) <= len(old)
                        data = data.replace(old, new.ljust(len(old)))
                files[folder_name + path.name] = data
    return zipped(files)


def geojson(*geometries: dict, properties: dict | None = None, more: dict | None = None) -> bytes:
    """Return a FeatureCollection of geometries as they are written, valid or not."""
    features = [{"type": "Feature", "properties": properties or {}, "geometry": one} for one in geometries]
    return json.dumps({"type": "FeatureCollection", **(more or {}), "features": features}).encode()


def polygon(*points: tuple[float, float]) -> dict:
    return {"type": "Polygon", "coordinates": [[list(one) for one in (*points, points[0])]]}


DXF = (
    b"0\nSECTION\n2\nENTITIES\n0\nLWPOLYLINE\n8\nKhu\n90\n4\n70\n1\n10\n598000\n20\n1214000\n10\n599000\n20\n1214000\n"
    b"10\n599000\n20\n1215000\n10\n598000\n20\n1215000\n0\nTEXT\n8\nnhan\n10\n598100\n20\n1214100\n40\n5\n1\n"
    b"Thu Dau Mot\n0\nENDSEC\n0\nEOF\n"
)


def view_bomb() -> bytes:
    """Return a GeoPackage whose layer is a view of 20 million rows."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.gpkg"
        areas().to_file(path, layer="real")
        db = sqlite3.connect(path)
        db.execute(
            "CREATE VIEW bomb AS WITH RECURSIVE c(fid) AS "
            "(SELECT 1 UNION ALL SELECT fid + 1 FROM c WHERE fid < 20000000)"
            " SELECT fid, (SELECT geom FROM real LIMIT 1) AS geom FROM c"
        )
        db.execute("UPDATE gpkg_contents SET table_name = 'bomb' WHERE table_name = 'real'")
        db.execute("UPDATE gpkg_geometry_columns SET table_name = 'bomb' WHERE table_name = 'real'")
        db.commit()
        db.close()
        return path.read_bytes()


def parquet(frame: gpd.GeoDataFrame | pd.DataFrame) -> bytes:
    out = io.BytesIO()
    frame.to_parquet(out)
    return out.getvalue()


def mapinfo(kind: str) -> bytes:
    """Return a MapInfo layer, written by hand as text: MIF and MID in a zip."""
    assert kind == "mif"
    mif = (
        'Version 300\nCharset "Neutral"\nDelimiter ","\n'
        'CoordSys Earth Projection 8, 104, "m", 105.75, 0, 0.9999, 500000, 0\n'
        "Columns 1\n  Ten Char(40)\nData\n\nRegion 1\n  5\n598000 1214000\n599000 1214000\n599000 1215000\n"
        "598000 1215000\n598000 1214000\n"
    )
    return zipped({"m.mif": mif.encode(), "m.mid": b'"Khu A"\n'})


def parts(frame: gpd.GeoDataFrame) -> dict[str, bytes]:
    """Return the files of a Shapefile by their endings."""
    with zipfile.ZipFile(io.BytesIO(shapefile(frame))) as archive:
        return {name.rpartition(".")[2]: archive.read(name) for name in archive.namelist()}
