"""Build small layers with the oddities that exports must survive."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

INFO = {
    "name": "zones",
    "title_vi": "Khu chức năng",
    "title_en": "Zones",
    "source": "made for a test",
    "licence": "ODbL 1.0",
    "attribution": "(c) OpenStreetMap contributors, ODbL 1.0",
    "date": "2026-11-21",
    "method": "by hand",
}
# two vertices are the regression points of the pinned operation, on both sides of the seam at 11.04 N
SOUTH_EN, SOUTH_LONLAT = (598371.182, 1214436.347), (106.6519, 10.9804)
NORTH_EN, NORTH_LONLAT = (599233.115, 1222137.933), (106.66, 11.05)

HOSTILE = {
    "script": "<script>alert('x')</script>&amp;${x}",
    "quotes": "O'Brien \"; DROP TABLE zones; --",
    "lines": "first\r\nsecond\tthird",
    "right to left": "\u202ezone\u202c",
    "control": "a\x00b\x07c\x1bd",
    "cdata": "]]><b/>",
    "backslash": "back\\slash \\' '",
    "surrogate": "half \ud800 letter",
    "long": "ă" * 10_000,
    "formula": '=HYPERLINK("http://x","y")',
    "decomposed": "Thu\u0309 Da\u0302\u0300u Mo\u0323\u0302t",
}


def zones() -> gpd.GeoDataFrame:
    """Return five zones in VN-2000: across the seam, with a hole, in parts, a point, and of unknown place."""
    seam = shapely.Polygon([SOUTH_EN, NORTH_EN, (601000, 1222100), (601000, 1214400)])
    holed = shapely.Polygon(  # outer ring clockwise, hole counter-clockwise: the wrong way round on purpose
        [(595000, 1210000), (595000, 1212000), (597000, 1212000), (597000, 1210000)],
        [[(595500, 1210500), (596000, 1210500), (596000, 1211000), (595500, 1211000)]],
    )
    parts = shapely.MultiPolygon(
        [shapely.box(604000, 1230000, 605000, 1230500), shapely.box(606000, 1230000, 607000, 1231000)]
    )
    return gpd.GeoDataFrame(
        {
            "id": ["seam", "holed", "parts", "near", "nowhere"],
            "name_vi": ["Khu A", "Khu B", "Khu C", "Khu D", "Thủ Dầu Một"],
            "kind": ["industrial_park", "industrial_park", "city", "urban_area", None],
            "status": ["operating", "planned", "operating", "planned", "planned"],
            "geometry_quality": ["osm", "schematic", "official_generalised", "approximate", "none"],
            "area_ha": [1723.5, np.nan, 150.0, 90.0, np.nan],
            "open_year": pd.array([2012, None, 1999, 2007, None], dtype="Int64"),
            "checked": [True, False, True, False, False],
            "changed": pd.to_datetime(["2026-11-21T08:30:00", None, None, None, None]),
            "units": [["Phú Lợi", "Chánh Hiệp"], None, [], None, None],
        },
        geometry=[seam, holed, parts, shapely.Point(600000.25, 1225000.75), None],
        crs="EPSG:9210",
    )


def hostile() -> gpd.GeoDataFrame:
    """Return points whose texts try to break out of every format."""
    east = 590000 + 100 * np.arange(len(HOSTILE))
    return gpd.GeoDataFrame(
        {
            "id": list(HOSTILE),
            "name_vi": pd.Series(list(HOSTILE.values()), dtype=object),
            'col "x"; --': range(len(HOSTILE)),
            "<b>&": "ok",
        },
        geometry=gpd.points_from_xy(east, np.full(len(HOSTILE), 1220000.0)),
        crs="EPSG:9210",
    )


def rings() -> gpd.GeoDataFrame:
    """Return catchment rings as a job returns them: nested, without ids."""
    centre = shapely.Point(600000, 1220000)
    return gpd.GeoDataFrame(
        {"minutes": [5.0, 7.5, 10.0], "area_ha": [78.0, 176.0, 314.0], "people": [1200, np.nan, 5400]},
        geometry=[centre.buffer(radius) for radius in (500, 750, 1000)],
        crs="EPSG:9210",
    )
