"""Leave GDAL only the drivers that the application uses; must run before pyogrio is imported."""

from __future__ import annotations

import os

ALLOWED_DRIVERS = ("CSV", "ESRI Shapefile", "GPKG", "GeoJSON", "GeoJSONSeq", "KML", "LIBKML", "MEM", "SQLite")
"""What is read or written here. The rest can follow references in a file to other files or to servers."""

ONLY_VARIABLE = "INNOVATION_REGION_DRIVERS"
"""Drivers that a process which reads one file of a planner keeps (geodata.importing), and no other."""

# every other driver of pyogrio's wheel (GDAL 3.12): GDAL_SKIP names what to leave out, there is no list of what to keep
_SKIPPED = """
    ADBC,AIVector,AVCBin,AVCE00,AmigoCloud,CSW,Carto,DGN,DXF,EDIGEO,EEDA,ESRIJSON,Elasticsearch,FlatGeobuf,GDALG,GML,
    GPSBabel,GPX,GTFS,GeoRSS,HTTP,Idrisi,JML,JSONFG,LVBAG,MBTiles,MVT,MapInfo File,MapML,MiraMonVector,NGW,OAPIF,ODS,
    OGCAPI,OGR_GMT,OGR_PDS,OGR_VRT,OSM,OpenFileGDB,PCIDSK,PDF,PDS4,PGDUMP,PLSCENES,PMTiles,S57,SXF,Selafin,TopoJSON,
    VDV,VFK,VICAR,WAsP,WFS,XLSX
"""


def harden() -> None:
    """Set what GDAL reads when it starts: no driver, no download that the application does not use."""
    skipped = "".join(line.strip() for line in _SKIPPED.splitlines()).split(",")
    if ONLY_VARIABLE in os.environ:
        only = os.environ[ONLY_VARIABLE].split(",")
        skipped = [driver for driver in (*skipped, *ALLOWED_DRIVERS) if driver not in (*only, "MEM")]
    os.environ["GDAL_SKIP"] = ",".join(skipped)
    os.environ["CPL_VSIL_CURL_ALLOWED_EXTENSIONS"] = "none"
    # files are written under another name and flushed once before they replace anything (geodata.save): SQLite need
    # not wait for the disk at every step, which took most of the time of building the store
    os.environ["OGR_SQLITE_SYNCHRONOUS"] = "OFF"
