"""Draw the ground of every map from our own layers: province, rivers, wards with their names, main roads.

The base map needs no tiles and no other host. It is made once for a language and the data's state, as text; the folium
map is built from it anew on each run, byte for byte the same, so that the browser keeps its map still.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import folium
import geopandas as gpd
import numpy as np
import shapely
from branca.element import MacroElement
from folium.template import Template

from geodata.crs import to_web
from layers import styles
from layers.drawing import Drawing, drawable, features_of
from layers.groups import wards
from layers.legend import LegendEntry
from layers.naming import Name, labels, shield
from layers.safe import shown
from layers.tips import ENGLISH, NO_SOURCE, Reader, Source, name_of, text_of
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Sequence

TILES_URL = "https://tile.openstreetmap.org/{z}/{x}/{y}.png"
TILES_ATTRIBUTION = "© OpenStreetMap contributors"
GROUND_M = 15.0  # largest distance between the drawn and the true line of the ground
_MAIN_ROADS = ("expressway", "road")
_RIVER_WORDS = re.compile(r" waterway$")  # the corridor is the waterway, the ground shows the river


@dataclass(frozen=True)
class BaseMap:
    """The ground of a map as text: cache it by the fingerprints of its layers and the language.

    `bounds` are west, south, east, north of the region in degrees; `online_tiles` adds OpenStreetMap's tiles below, the
    only thing here that asks another host, and only where an administrator has allowed it.
    """

    payload: str
    bounds: tuple[float, float, float, float]
    legend: tuple[LegendEntry, ...]
    online_tiles: bool = False

    @property
    def fingerprint(self) -> str:
        """Hash of all that the browser is sent: equal ground, equal hash."""
        return hashlib.sha256(f"{self.payload}{self.online_tiles}".encode()).hexdigest()[:16]

    def map(self) -> folium.Map:
        """Return a new folium map of this ground; make a new one for each run (st_folium changes it)."""
        west, south, east, north = self.bounds
        made = folium.Map(
            location=[round((south + north) / 2, 4), round((west + east) / 2, 4)],
            zoom_start=10,
            tiles=None,
            zoom_control=False,
            min_zoom=8,
            max_zoom=18,
            font_size="13px",
            zoom_snap=0.25,
            zoom_delta=1,
        )
        if self.online_tiles:
            folium.TileLayer(TILES_URL, attr=TILES_ATTRIBUTION, max_zoom=19, control=False).add_to(made)
        made.add_child(_Ground(self.payload))
        return made


class _Ground(MacroElement):  # type: ignore[misc]  # branca has no types
    """The script that draws the ground."""

    # every string in the payload is escaped (layers.safe), so it is JSON and nothing else
    _template = Template(
        """
        {% macro script(this, kwargs) %}
            RegionMap.base({{ this._parent.get_name() }}, {{ this.payload }});
        {% endmacro %}
        """
    )

    def __init__(self, payload: str) -> None:
        super().__init__()
        self._name = "Ground"
        self.payload = payload

    def render(self, **kwargs: object) -> None:
        """Do nothing: st_folium reads the script macro itself, and rendering would compile the data as a template."""


def base_map(
    wards_frame: gpd.GeoDataFrame,
    corridors_frame: gpd.GeoDataFrame,
    reader: Reader = ENGLISH,
    *,
    wards_source: Source = NO_SOURCE,
    corridors_source: Source = NO_SOURCE,
    online_tiles: bool = False,
) -> BaseMap:
    """Draw the ground from the wards and the corridors, both in the planning CRS (metres)."""
    rows = corridors_frame["mode"].astype("string").fillna("")
    rivers = corridors_frame[(rows == "waterway").to_numpy()]
    open_now = corridors_frame["status"].astype("string").fillna("").str.startswith("operating")
    roads = corridors_frame[(rows.isin(_MAIN_ROADS) & open_now).to_numpy()]
    drawings = [
        _province(wards_frame, reader, solid=not online_tiles),
        _rivers(rivers, reader, corridors_source),
        _wards(wards_frame, reader, wards_source),
        _roads(roads, reader, corridors_source),
    ]
    legend = tuple(entry for drawing in drawings for entry in drawing.legend)
    bounds = _bounds(wards_frame)
    west, south, east, north = bounds
    head = {
        "bounds": [[south, west], [north, east]],
        "zoomIn": shown(reader.translate(N_("Zoom in"))),
        "zoomOut": shown(reader.translate(N_("Zoom out"))),
        "north": shown(reader.translate(N_("N"))),
        "title": shown(reader.translate(N_("Base map"))),
        "legend": [entry.payload() for entry in legend],
    }
    body = ",".join(drawing.payload for drawing in drawings)
    payload = json.dumps(head, ensure_ascii=False, separators=(",", ":"))[:-1] + f',"drawings":[{body}]}}'
    return BaseMap(payload=payload, bounds=bounds, legend=legend, online_tiles=online_tiles)


def _province(frame: gpd.GeoDataFrame, reader: Reader, *, solid: bool) -> Drawing:
    shapes = [frame.geometry.iloc[at] for at in drawable(frame)]
    outline = shapely.coverage_union_all(shapes) if shapes else None
    one = gpd.GeoDataFrame({"id": ["province"]}, geometry=gpd.GeoSeries([outline], crs=frame.crs), crs=frame.crs)
    look = styles.PROVINCE if solid else styles.Style(styles.PROVINCE.color, styles.PROVINCE.weight)
    return _still(
        "province",
        one,
        (look,),
        "ground",
        [0],
        legend=_entry(N_("Edge of the region"), look, "area", reader),
    )


def _wards(frame: gpd.GeoDataFrame, reader: Reader, source: Source) -> Drawing:
    drawn = wards(frame, reader, source)
    return Drawing(
        name=drawn.name,
        title=drawn.title,
        features=drawn.features,
        styles=drawn.styles,
        pane="water",
        labels=drawn.labels,
        attribution=drawn.attribution,
        legend=drawn.legend,
        switch=False,
        count=drawn.count,
    )


def _rivers(frame: gpd.GeoDataFrame, reader: Reader, source: Source) -> Drawing:
    names = []
    for row, shape in zip(frame.to_dict("records"), frame.geometry, strict=True):
        if shape is not None and not shape.is_empty:
            line = max(shapely.get_parts(shape), key=lambda part: part.length)
            text = _RIVER_WORDS.sub("", name_of(row, reader))
            names += [
                Name(line.interpolate(share, normalized=True), text, "water", zoom, 25.0)
                for share, zoom in ((0.5, 9.0), (0.2, 11.0), (0.8, 11.0))
            ]
    return _still(
        "rivers",
        frame,
        (styles.RIVER,),
        "water",
        [0] * len(frame),
        names=names,
        source=source,
        legend=_entry(N_("River"), styles.RIVER, "line", reader),
    )


def _roads(frame: gpd.GeoDataFrame, reader: Reader, source: Source) -> Drawing:
    rows = frame.to_dict("records")
    looks = (styles.BASE_ROAD, styles.BASE_EXPRESSWAY)
    names = []
    for row, shape in zip(rows, frame.geometry, strict=True):
        if shape is not None and not shape.is_empty and (text := shield(text_of(row, "name_vi"))):
            line = max(shapely.get_parts(shape), key=lambda part: part.length)
            zoom = 9.75 if line.length > 25_000 else 11.0 if line.length > 10_000 else 12.5
            names.append(
                Name(line.interpolate(0.42, normalized=True), text, "shield other", zoom, 60 - line.length / 1e5)
            )
    style_of = [int(text_of(row, "mode") == "expressway") for row in rows]
    return _still(
        "roads",
        frame,
        looks,
        "roads",
        style_of,
        names=names,
        source=source,
        legend=_entry(N_("Main road"), styles.Style("#bfae7a", 3.0), "line", reader),
    )


def _still(
    name: str,
    frame: gpd.GeoDataFrame,
    looks: tuple[styles.Style, ...],
    pane: str,
    style_of: Sequence[int],
    *,
    names: Sequence[Name] = (),
    source: Source = NO_SOURCE,
    legend: tuple[LegendEntry, ...] = (),
) -> Drawing:
    """Return a drawing that answers no clicks."""
    features = features_of(frame, layer=name, style_of=style_of, tips=[[]] * len(frame), simplify_m=GROUND_M)
    return Drawing(
        name=name,
        title="",
        features=features,
        styles=looks,
        pane=pane,
        labels=labels(names, frame.crs),
        legend=legend,
        attribution=source.attribution,
        interactive=False,
        switch=False,
        count=len(drawable(frame)),
    )


def _entry(words: str, look: styles.Style, form: str, reader: Reader) -> tuple[LegendEntry, ...]:
    return (LegendEntry(reader.translate(words), look, form),)


def _bounds(frame: gpd.GeoDataFrame) -> tuple[float, float, float, float]:
    """Return west, south, east, north in degrees, the region's own envelope where there are no wards."""
    rows = drawable(frame)
    if not rows:
        return (106.33, 10.85, 106.97, 11.51)
    west, south, east, north = to_web(frame.geometry.iloc[rows]).total_bounds
    return tuple(float(np.round(value, 5)) for value in (west, south, east, north))  # type: ignore[return-value]
