"""A page for test_map_frame: a map whose every text tries to run as script, and buttons that change its contents."""

from __future__ import annotations

import geopandas as gpd
import streamlit as st
from shapely.geometry import LineString, Point, box

from layers import groups, results
from layers.basemap import base_map
from layers.scene import Focus
from layers.tips import Reader, Source
from pages.ui.map import show_map
from tests.unit.test_layers_safe import VECTORS

E, N = 680_000.0, 1_222_000.0


def rows(shape, **values):
    """Return one feature per vector, side by side, every text of it a vector."""
    return gpd.GeoDataFrame(
        [
            dict.fromkeys(("id", "name_vi", "name_en", "kind", "status", "mode", "capacity", "routes"), text)
            | {"geometry_quality": "osm", "geometry": shape(E + 4_000 * at, N), "population": 5.0}
            | values
            for at, text in enumerate(VECTORS)
        ],
        geometry="geometry",
        crs="EPSG:9210",
    )


def hostile_words(text: str) -> str:
    """Translate into something hostile too; translations are templates, so braces are doubled."""
    return text + VECTORS[0]


reader = Reader(hostile_words, "vi")
source = Source(" | ".join(VECTORS), VECTORS[0])
wards = rows(lambda x, y: box(x, y, x + 4_000, y + 4_000), id="w")
zones = rows(lambda x, y: box(x + 500, y + 500, x + 3_500, y + 3_500))
near = rows(lambda x, y: Point(E + 1_000, y + 6_000), geometry_quality="approximate")
roads = rows(lambda x, y: LineString([(x, y - 2_000), (x + 4_000, y - 3_000)]))
base = base_map(wards, roads, reader, wards_source=source, corridors_source=source)

if st.button("ring"):
    st.session_state["ring"] = not st.session_state.get("ring")
drawings = [
    groups.zones(zones, reader, source, title=VECTORS[0]),
    groups.zones(near, reader, source, name=VECTORS[4], title=VECTORS[1]),
    groups.corridors(roads, reader, source),
]
if st.session_state.get("ring"):
    ring = gpd.GeoDataFrame({"minutes": [5.0]}, geometry=[Point(E, N).buffer(3_000)], crs="EPSG:9210")
    drawings.append(results.rings(ring, reader, title=VECTORS[2]))
west, south, east, north = base.bounds
focus = Focus((west, south - 0.03, east, north + 0.03), VECTORS[5])
click = show_map("hostile", base, drawings, focus=focus, translate=hostile_words)
st.session_state["runs"] = st.session_state.get("runs", 0) + 1
st.text(f"runs {st.session_state['runs']}")
st.text(f"clicked {click.layer} {list(click.ids)}" if click else "nothing clicked")
