"""Hold what one layer looks like, ready to be drawn: escaped GeoJSON, styles, labels and legend.

A drawing is text and tuples only: it can be cached and shared between sessions, unlike folium's objects, which change
when they are put on a map.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from geodata.crs import to_web
from layers.safe import js_html, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    import folium

    from layers.legend import LegendEntry
    from layers.simplified import Fit
    from layers.styles import Style

DECIMALS = 6  # of a degree: 0.1 m
LONGEST_LABEL = 38  # characters
SIMPLIFY_M = 4.0  # a third of a pixel at zoom 13


@dataclass(frozen=True)
class Label:
    """A name on the map at lon, lat (degrees): the class of its look, from which zoom, and who wins (low rank)."""

    lon: float
    lat: float
    text: str
    css: str
    min_zoom: float
    rank: float

    def payload(self) -> list[object]:
        """Return the label as the browser's script reads it, its text escaped."""
        return [
            round(self.lat, DECIMALS),
            round(self.lon, DECIMALS),
            shown(self.text, limit=LONGEST_LABEL),
            self.css,
            self.min_zoom,
            round(self.rank, 3),
        ]


@dataclass(frozen=True)
class Drawing:
    """One layer of a map.

    `features` is the text of a GeoJSON FeatureCollection in degrees, every string in it escaped; `pane` says in which
    storey of the map it lies (ground, areas, zones, lines, points, marked); `shown` whether its switch starts on.
    """

    name: str
    title: str
    features: str
    styles: tuple[Style, ...]
    pane: str
    labels: tuple[Label, ...] = ()
    legend: tuple[LegendEntry, ...] = ()
    attribution: str = ""
    interactive: bool = True
    switch: bool = True
    shown: bool = True
    count: int = 0
    fit: Fit | None = None
    """How it was made to fit where it is not the whole layer (`layers.simplified`)."""
    _head: str = field(default="", init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Write all but the features once: a page asks for it on every run."""
        head = {
            "name": js_html(self.name),
            "title": shown(self.title),
            "pane": self.pane,
            "styles": [style.options() for style in self.styles],
            "labels": [label.payload() for label in self.labels],
            "legend": [entry.payload() for entry in self.legend],
            "attribution": [
                shown(part.replace("(c)", "©"), limit=300) for part in self.attribution.split("|") if part.strip()
            ],
            "interactive": self.interactive,
            "switch": self.switch,
            "shown": self.shown,
        }
        object.__setattr__(self, "_head", _json(head)[:-1])

    @property
    def payload(self) -> str:
        """The drawing as JSON, for the browser's script."""
        return f'{self._head},"features":{self.features}}}'

    @cached_property
    def sent_bytes(self) -> int:
        """How many bytes the browser is sent: the payload as a text inside a message, which is JSON itself."""
        return len(json.dumps(self.payload))

    def with_attribution(self, attribution: str) -> Drawing:
        """Return the drawing with the words that its source asks for."""
        return replace(self, attribution=attribution)

    def switched(self, *, on: bool) -> Drawing:
        """Return the drawing with its switch starting on or off."""
        return replace(self, shown=on)

    def group(self) -> folium.FeatureGroup:
        """Return a new folium group of this drawing alone; make a new one for each run."""
        from layers.scene import Scene  # a scene is made of drawings

        return Scene([self])


def features_of(
    frame: gpd.GeoDataFrame,
    *,
    layer: str,
    style_of: Sequence[int],
    tips: Sequence[Sequence[str]],
    ids: Sequence[Sequence[str]] | None = None,
    simplify_m: float = SIMPLIFY_M,
    coverage: bool = False,
) -> str:
    """Write a frame as GeoJSON for the map: degrees, 6 decimals, simplified, every string escaped.

    Parameters
    ----------
    frame
        Features in a projected CRS (metres) or, if they are already so, in degrees; rows without geometry are left out.
    layer
        Name of the layer, which a click gives back.
    style_of
        For each row the index of its style.
    tips
        For each row the lines of its tooltip, the first in bold; empty lines are left out.
    ids
        For each row the ids that a click gives back; by default the column `id`.
    simplify_m
        Largest distance (m) between the drawn and the true line.
    coverage
        Simplify shared borders once, so that neighbours still meet.
    """
    rows = drawable(frame)
    geometries = np.asarray(frame.geometry.array)[rows]
    if simplify_m > 0 and len(rows) and frame.crs is not None and frame.crs.is_projected:
        geometries = _simplified(geometries, simplify_m, coverage=coverage)
    web = to_web(gpd.GeoSeries(geometries, crs=frame.crs)) if len(rows) else gpd.GeoSeries([], crs="EPSG:4326")
    shapes = shapely.force_2d(np.asarray(web.array))
    shapes = shapely.transform(shapes, lambda xy: np.round(xy, DECIMALS))
    named = [[str(value)] for value in frame["id"]] if ids is None else ids
    texts = []
    for at, shape in zip(rows, shapely.to_geojson(shapes), strict=True):
        properties = {
            "layer": js_html(layer),
            "ids": [js_html(value) for value in named[at]],
            "s": int(style_of[at]),
            "t": [shown(line, limit=160) for line in tips[at] if line],
        }
        texts.append(f'{{"type":"Feature","properties":{_json(properties)},"geometry":{shape}}}')
    return '{"type":"FeatureCollection","features":[' + ",\n".join(texts) + "]}"


def drawable(frame: gpd.GeoDataFrame) -> list[int]:
    """Return the positions of the rows that can be drawn: with a geometry, not empty, every bound finite."""
    if not len(frame):
        return []
    geometries = np.asarray(frame.geometry.array)
    usable = ~(shapely.is_missing(geometries) | shapely.is_empty(geometries))
    usable &= np.isfinite(shapely.bounds(geometries)).all(axis=1)
    return [int(at) for at in np.flatnonzero(usable)]


def scene_fingerprint(drawings: Sequence[Drawing]) -> str:
    """Return a hash of what is drawn: equal drawings, equal hash."""
    digest = hashlib.sha256()
    for drawing in drawings:
        digest.update(drawing.payload.encode())
    return digest.hexdigest()[:16]


def _simplified(geometries: np.ndarray, tolerance_m: float, *, coverage: bool) -> np.ndarray:
    if coverage and np.isin(shapely.get_type_id(geometries), (3, 6)).all():
        return np.asarray(shapely.coverage_simplify(geometries, tolerance_m))
    return np.asarray(shapely.simplify(geometries, tolerance_m, preserve_topology=True))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
