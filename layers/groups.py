"""Draw the layers of the region: zones, administrative units, corridors, logistics, facilities, stops.

Each function takes a frame in the planning CRS (EPSG:9210, metres) and returns a `Drawing`; the frame is not changed.
Rows without geometry are left out: the table twin of the map lists them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from layers import styles
from layers.drawing import Drawing, drawable, features_of
from layers.legend import LegendEntry
from layers.naming import Name, halfway, labels, middle, shield, short_name, zoom_for
from layers.near import is_near_here, near_here
from layers.tips import (
    ENGLISH,
    NO_SOURCE,
    Reader,
    Source,
    corridor_tip,
    name_of,
    near_tip,
    near_words,
    place_tip,
    stop_tip,
    text_of,
    unit_tip,
    zone_tip,
)
from layers.words import FACILITY_KINDS, LOGISTICS_KINDS, MODES, SCHEMATIC_LINE, STATUSES, ZONE_KINDS, word
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from layers.styles import Style

_NEAR_ZOOM = 11.5  # from which places of "somewhere near here" carry words
_POINT_ZOOM, _BADGE_ZOOM = 12.0, 13.0


def zones(
    frame: gpd.GeoDataFrame,
    reader: Reader = ENGLISH,
    source: Source = NO_SOURCE,
    *,
    name: str = "zones",
    title: str = "",
) -> Drawing:
    """Draw zones: outlines (dashed when schematic), points, and approximate places once each.

    Larger zones lie below smaller ones, so that a park inside a city can be seen and clicked.
    """
    rows = frame.to_dict("records")
    looks = _Looks()
    shapes: list[Any] = []
    tips: list[list[str]] = []
    ids: list[list[str]] = []
    names: list[Name] = []
    near = is_near_here(frame)
    placed = [at for at in drawable(frame) if not near[at]]
    areas = shapely.area(np.asarray(frame.geometry.array))
    for at in sorted(placed, key=lambda at: (-areas[at], str(rows[at]["id"]))):
        row, shape = rows[at], frame.geometry.iloc[at]
        kind, status, quality = (text_of(row, column) for column in ("kind", "status", "geometry_quality"))
        is_area = areas[at] > 0
        look = styles.zone_area(kind, status, quality) if is_area else styles.zone_point(kind, status)
        looks.add(look, word(ZONE_KINDS, kind, reader.translate), "area" if is_area else "point")
        shapes.append(shape)
        tips.append(zone_tip(row, reader, source))
        ids.append([str(row["id"])])
        names.append(_zone_name(row, shape, float(areas[at]), reader))
    for place in near_here(frame):
        members = [rows[at] for at in place.rows]
        many = len(members) > 1
        looks.add(
            styles.near_here(len(members)), reader.translate(N_("Somewhere near here (number of zones)")), "point"
        )
        shapes.append(place.geometry)
        tips.append(
            near_tip(members, reader) if many else [near_words(1, reader), *zone_tip(members[0], reader, source)]
        )
        ids.append([str(row["id"]) for row in members])
        words = near_words(len(members), reader) if many else f"≈ {short_name(name_of(members[0], reader))}"
        names.append(Name(place.geometry, words, "guess below", _NEAR_ZOOM, 50.0 - len(members)))
    drawn = gpd.GeoDataFrame(geometry=gpd.GeoSeries(shapes, crs=frame.crs), crs=frame.crs)
    return Drawing(
        name=name,
        title=title or reader.translate(N_("Zones and parks")),
        features=features_of(drawn, layer=name, style_of=looks.index, tips=tips, ids=ids),
        styles=looks.styles,
        pane="zones",
        labels=labels(names, frame.crs),
        legend=_zone_legend(looks, rows, placed, reader),
        attribution=source.attribution,
        count=len(shapes),
    )


def corridors(frame: gpd.GeoDataFrame, reader: Reader = ENGLISH, source: Source = NO_SOURCE) -> Drawing:
    """Draw corridors: colour and width by mode, dash by status, paler where the line is schematic."""
    rank = {mode: at for at, mode in enumerate(reversed(list(MODES)))}
    order = sorted(
        drawable(frame), key=lambda at: (rank.get(str(frame["mode"].iloc[at]), -1), str(frame["id"].iloc[at]))
    )
    part = frame.iloc[order]
    rows = part.to_dict("records")
    looks = _Looks()
    names = []
    modes: dict[str, LegendEntry] = {}
    for row, shape in zip(rows, part.geometry, strict=True):
        mode, status, quality = (text_of(row, column) for column in ("mode", "status", "geometry_quality"))
        look = styles.corridor(mode, status, quality)
        looks.add(look)
        modes.setdefault(
            mode, LegendEntry(word(MODES, mode, reader.translate), styles.corridor(mode, "operating", ""), "line")
        )
        names.append(_road_name(row, shape))
    entries = [modes[mode] for mode in MODES if mode in modes]
    statuses = {text_of(row, "status") for row in rows}
    entries += [
        LegendEntry(
            _sentence(word(STATUSES, status, reader.translate)),
            styles.Style("#33424f", 2.6, dash=styles.STATUS_DASHES[status]),
            "line",
        )
        for status in STATUSES
        if status in statuses and len(statuses) > 1
    ]
    if any(text_of(row, "geometry_quality") in {"schematic", "approximate"} for row in rows):
        entries.append(
            LegendEntry(_sentence(reader.translate(SCHEMATIC_LINE)), styles.Style("#33424f", 2.6, opacity=0.4), "line")
        )
    return Drawing(
        name="corridors",
        title=reader.translate(N_("Transport corridors")),
        features=features_of(
            part, layer="corridors", style_of=looks.index, tips=[corridor_tip(row, reader, source) for row in rows]
        ),
        styles=looks.styles,
        pane="lines",
        labels=labels(names, frame.crs),
        legend=tuple(entries),
        attribution=source.attribution,
        count=len(rows),
    )


def logistics(frame: gpd.GeoDataFrame, reader: Reader = ENGLISH, source: Source = NO_SOURCE) -> Drawing:
    """Draw ports, depots and stations as square badges with the sign of their kind."""
    title = reader.translate(N_("Logistics"))
    return _badges("logistics", title, frame, reader, source, LOGISTICS_KINDS, styles.logistics_point)


def facilities(frame: gpd.GeoDataFrame, reader: Reader = ENGLISH, source: Source = NO_SOURCE) -> Drawing:
    """Draw schools, hospitals, offices and other facilities as round badges with the sign of their kind."""
    title = reader.translate(N_("Facilities"))
    return _badges("facilities", title, frame, reader, source, FACILITY_KINDS, styles.facility_point)


def stops(frame: gpd.GeoDataFrame, reader: Reader = ENGLISH, source: Source = NO_SOURCE) -> Drawing:
    """Draw bus stops as small dots; their switch starts off, there are hundreds."""
    rows = frame.to_dict("records")
    title = reader.translate(N_("Bus stops"))
    return Drawing(
        name="stops",
        title=title,
        features=features_of(
            frame, layer="stops", style_of=[0] * len(frame), tips=[stop_tip(row, reader, source) for row in rows]
        ),
        styles=(styles.STOP,),
        pane="points",
        legend=(LegendEntry(title, styles.STOP, "point"),),
        attribution=source.attribution,
        shown=False,
        count=len(drawable(frame)),
    )


def wards(frame: gpd.GeoDataFrame, reader: Reader = ENGLISH, source: Source = NO_SOURCE) -> Drawing:
    """Draw the wards and communes since July 2025; the base map already holds them."""
    return units(frame, "wards_2025", reader.translate(N_("Wards since July 2025")), styles.WARD, reader, source)


def communes(frame: gpd.GeoDataFrame, reader: Reader = ENGLISH, source: Source = NO_SOURCE) -> Drawing:
    """Draw the wards and communes until 30 June 2025."""
    title = reader.translate(N_("Communes until June 2025"))
    return units(frame, "communes_until_2025", title, styles.COMMUNE, reader, source)


def districts(frame: gpd.GeoDataFrame, reader: Reader = ENGLISH, source: Source = NO_SOURCE) -> Drawing:
    """Draw the districts until 30 June 2025."""
    title = reader.translate(N_("Districts until June 2025"))
    return units(frame, "districts_until_2025", title, styles.DISTRICT, reader, source)


def units(
    frame: gpd.GeoDataFrame, name: str, title: str, look: Style, reader: Reader = ENGLISH, source: Source = NO_SOURCE
) -> Drawing:
    """Draw administrative units with their names; shared borders are simplified once, so that neighbours still meet."""
    rows = frame.to_dict("records")
    css = "ward" if name == "wards_2025" else "unit"
    names = []
    for at in drawable(frame):
        shape = frame.geometry.iloc[at]
        zoom = min(zoom_for(math.sqrt(shape.area)), 13.0)
        names.append(Name(middle(shape), short_name(name_of(rows[at], reader)), css, zoom, 100 - shape.area / 1e8))
    return Drawing(
        name=name,
        title=title,
        features=features_of(
            frame,
            layer=name,
            style_of=[0] * len(frame),
            tips=[unit_tip(row, reader, source) for row in rows],
            coverage=True,
        ),
        styles=(look,),
        pane="areas",
        labels=labels(names, frame.crs),
        legend=(LegendEntry(title, look, "area"),),
        attribution=source.attribution,
        shown=False,
        count=len(names),
    )


class _Looks:
    """Collect styles, each once, with the index of every feature and the words for the legend."""

    def __init__(self) -> None:
        self._at: dict[Style, int] = {}
        self.index: list[int] = []
        self.words: dict[tuple[str, str], Style] = {}

    def add(self, style: Style, words: str = "", form: str = "") -> None:
        self.index.append(self._at.setdefault(style, len(self._at)))
        if words:
            self.words.setdefault((words, form), style)

    @property
    def styles(self) -> tuple[Style, ...]:
        return tuple(self._at)


def _badges(
    name: str,
    title: str,
    frame: gpd.GeoDataFrame,
    reader: Reader,
    source: Source,
    kinds: Mapping[str, str],
    look_of: Callable[[str, str, str], Style],
) -> Drawing:
    rows = frame.to_dict("records")
    looks = _Looks()
    by_sign: dict[str, list[str]] = {}
    names = []
    drawn = drawable(frame)
    for at, row in enumerate(rows):
        kind, status, quality = (text_of(row, column) for column in ("kind", "status", "geometry_quality"))
        look = look_of(kind, status, quality)
        looks.add(look)
        if at in drawn:
            words = by_sign.setdefault(look.sign, [])
            if (label := word(kinds, kind, reader.translate)) not in words:
                words.append(label)
            here = frame.geometry.iloc[at].centroid
            names.append(Name(here, short_name(name_of(row, reader)), "place below", _BADGE_ZOOM, 80.0))
    signs = {styles.SIGNS.get(kind, "dot" if name == "facilities" else "box"): kind for kind in reversed(list(kinds))}
    entries = [
        LegendEntry(", ".join(words), look_of(signs.get(sign, ""), "operating", ""), "point")
        for sign, words in sorted(
            by_sign.items(), key=lambda item: list(signs).index(item[0]) if item[0] in signs else 99
        )
    ]
    shown = [rows[at] for at in drawn]
    plain = look_of("", "operating", "")
    if any(text_of(row, "status") != "operating" for row in shown):
        entries.append(
            LegendEntry(reader.translate(N_("White: not in operation yet")), look_of("", "planned", ""), "point")
        )
    if any(text_of(row, "geometry_quality") == "approximate" for row in shown):
        guess = styles.Style(plain.color, shape=plain.shape, radius=plain.radius, hollow=True, dash="3 2")
        entries.append(LegendEntry(reader.translate(N_("Dashed edge: approximate place")), guess, "point"))
    return Drawing(
        name=name,
        title=title,
        features=features_of(
            frame, layer=name, style_of=looks.index, tips=[place_tip(row, reader, source) for row in rows]
        ),
        styles=looks.styles or (plain,),
        pane="points",
        labels=labels(names, frame.crs),
        legend=tuple(entries),
        attribution=source.attribution,
        count=len(drawn),
    )


def _zone_legend(
    looks: _Looks, rows: Sequence[Mapping[str, Any]], placed: Sequence[int], reader: Reader
) -> tuple[LegendEntry, ...]:
    t = reader.translate
    areas = {words: style for (words, form), style in looks.words.items() if form == "area"}
    kinds = [t(label) for label in ZONE_KINDS.values()]
    entries = [
        LegendEntry(
            label,
            styles.Style(areas[label].color, 2.0, fill=areas[label].color, fill_opacity=areas[label].fill_opacity),
            "area",
        )
        for label in kinds
        if label in areas
    ]
    if {text_of(rows[at], "status") for at in placed} - {"operating"}:
        entries.append(
            LegendEntry(
                t(N_("Paler: under construction or planned")),
                styles.Style("#555555", 2.0, fill="#555555", fill_opacity=0.08),
                "area",
            )
        )
    if any(text_of(rows[at], "geometry_quality") == "schematic" for at in placed):
        entries.append(
            LegendEntry(
                t(N_("Dashed: schematic, not the true shape")), styles.Style("#555555", 1.6, dash="6 5"), "area"
            )
        )
    points = {words: style for (words, form), style in looks.words.items() if form == "point"}
    for label, style in points.items():
        near = style.shape == "near"
        entries.append(LegendEntry(label if near else t(N_("{kind}: point only")).format(kind=label), style, "point"))
    return tuple(entries)


def _zone_name(row: Mapping[str, Any], shape: Any, area_m2: float, reader: Reader) -> Name:  # noqa: ANN401 - shapely geometry
    text = short_name(name_of(row, reader))
    zoom, room = zoom_for(math.sqrt(area_m2)), area_m2 / 1e8
    if text_of(row, "geometry_quality") == "schematic":
        return Name(middle(shape), f"{text} ({reader.translate(N_('schematic'))})", "guess", zoom, 20 - room)
    if area_m2 > 0:
        return Name(middle(shape), text, "area", zoom, 10 - room)
    return Name(shape.centroid, text, "area below", _POINT_ZOOM, 15.0)


def _road_name(row: Mapping[str, Any], shape: Any) -> Name:  # noqa: ANN401 - shapely geometry
    signed = text_of(row, "mode") in {"road", "expressway"}
    zoom = 10.0 if shape.length > 15_000 else 11.0 if shape.length > 6_000 else 12.5
    text = shield(text_of(row, "name_vi")) if signed else ""
    return Name(halfway(shape), text, "shield", zoom, 30 - shape.length / 1e5)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
