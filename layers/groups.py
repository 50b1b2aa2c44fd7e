"""Draw the zones, corridors and administrative units of the region.

Each function takes a frame in the planning CRS (EPSG:9210, metres) and returns a `Drawing`; the frame is not changed.
Rows without geometry are left out: the table twin of the map lists them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from layers import styles
from layers.drawing import Drawing, drawable, features_of
from layers.legend import LegendEntry
from layers.naming import Name, halfway, labels, middle, shield, short_name, zoom_for
from layers.near import is_near_here
from layers.sheet import Sheet
from layers.styles import Style
from layers.tips import ENGLISH, NO_SOURCE, Reader, Source, corridor_tip, name_of, text_of, unit_tip, zone_tip
from layers.words import MODES, SCHEMATIC_LINE, STATUSES, ZONE_KINDS, word
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

POINT_ZOOM = 12.0  # from which zones that are points carry their names
_GREY = "#555555"  # of legend entries that explain a pattern, whatever the colour
_PALE_QUALITIES = frozenset({"schematic", "approximate"})


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
    sheet = Sheet(name, frame.crs)
    near = is_near_here(frame)
    areas = shapely.area(np.asarray(frame.geometry.array))
    placed = [at for at in drawable(frame) if not near[at]]
    for at in sorted(placed, key=lambda at: (-areas[at], str(rows[at]["id"]))):
        row, shape = rows[at], frame.geometry.iloc[at]
        kind, status, quality = (text_of(row, column) for column in ("kind", "status", "geometry_quality"))
        look = styles.zone_area(kind, status, quality) if areas[at] > 0 else styles.zone_point(kind, status)
        label = _zone_name(row, shape, float(areas[at]), reader)
        sheet.add(shape, look, zone_tip(row, reader, source), [str(row["id"])], label)
    guessed = sheet.add_near_here(frame, reader, lambda row: zone_tip(row, reader, source))
    entries = _zone_legend([rows[at] for at in placed], [areas[at] > 0 for at in placed], reader)
    if guessed:
        words = reader.translate(N_("Somewhere near here (number of zones)"))
        entries.append(LegendEntry(words, styles.near_here(5), "point"))
    title = title or reader.translate(N_("Zones and parks"))
    return sheet.drawing(title, "zones", legend=entries, source=source)


def corridors(frame: gpd.GeoDataFrame, reader: Reader = ENGLISH, source: Source = NO_SOURCE) -> Drawing:
    """Draw corridors: colour and width by mode, dash by status, paler where the line is schematic."""
    rank = {mode: at for at, mode in enumerate(reversed(list(MODES)))}
    order = sorted(
        drawable(frame), key=lambda at: (rank.get(str(frame["mode"].iloc[at]), -1), str(frame["id"].iloc[at]))
    )
    part = frame.iloc[order]
    rows = part.to_dict("records")
    sheet = Sheet("corridors", frame.crs)
    for row, shape in zip(rows, part.geometry, strict=True):
        mode, status, quality = (text_of(row, column) for column in ("mode", "status", "geometry_quality"))
        look = styles.corridor(mode, status, quality)
        sheet.add(shape, look, corridor_tip(row, reader, source), [str(row["id"])], _road_name(row, shape))
    title = reader.translate(N_("Transport corridors"))
    return sheet.drawing(title, "lines", legend=_corridor_legend(rows, reader), source=source)


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
    frame: gpd.GeoDataFrame,
    name: str,
    title: str,
    look: Style,
    reader: Reader = ENGLISH,
    source: Source = NO_SOURCE,
) -> Drawing:
    """Draw administrative units with their names; shared borders are simplified once, so that neighbours still meet."""
    rows = frame.to_dict("records")
    css = "ward" if name == "wards_2025" else "unit"
    names = []
    for at in drawable(frame):
        shape = frame.geometry.iloc[at]
        zoom = min(zoom_for(math.sqrt(shape.area)), 13.0)
        names.append(Name(middle(shape), short_name(name_of(rows[at], reader)), css, zoom, 100 - shape.area / 1e8))
    tips = [unit_tip(row, reader, source) for row in rows]
    return Drawing(
        name=name,
        title=title,
        features=features_of(frame, layer=name, style_of=[0] * len(frame), tips=tips, coverage=True),
        styles=(look,),
        pane="areas",
        labels=labels(names, frame.crs),
        legend=(LegendEntry(title, look, "area"),),
        attribution=source.attribution,
        shown=False,
        count=len(names),
    )


def _zone_legend(rows: Sequence[Mapping[str, Any]], is_area: Sequence[bool], reader: Reader) -> list[LegendEntry]:
    t = reader.translate
    area_kinds = {text_of(row, "kind") for row, area in zip(rows, is_area, strict=True) if area}
    point_kinds = {text_of(row, "kind") for row, area in zip(rows, is_area, strict=True) if not area}
    order = [*ZONE_KINDS, *sorted((area_kinds | point_kinds) - set(ZONE_KINDS))]
    entries = []
    for kind in order:
        if kind in area_kinds:
            entries.append(LegendEntry(word(ZONE_KINDS, kind, t), styles.zone_area(kind, "operating", ""), "area"))
        elif kind in point_kinds:  # the colour is explained once; what a point means, below
            entries.append(LegendEntry(word(ZONE_KINDS, kind, t), styles.zone_point(kind, "operating"), "point"))
    if area_kinds and {text_of(row, "status") for row in rows} - {"operating"}:
        pale = Style(_GREY, 2.0, fill=_GREY, fill_opacity=styles.STATUS_FILLS["planned"])
        entries.append(LegendEntry(t(N_("Paler: under construction or planned")), pale, "area"))
    if any(text_of(row, "geometry_quality") == "schematic" for row in rows):
        dashed = Style(_GREY, 1.6, dash="6 5")
        entries.append(LegendEntry(t(N_("Dashed: schematic, not the true shape")), dashed, "area"))
    if point_kinds:
        words = N_("Diamond: the place is known, its shape is not")
        entries.append(LegendEntry(t(words), Style(_GREY, shape="diamond", radius=8), "point"))
    return entries


def _corridor_legend(rows: Sequence[Mapping[str, Any]], reader: Reader) -> list[LegendEntry]:
    t = reader.translate
    modes = {text_of(row, "mode") for row in rows}
    entries = [
        LegendEntry(word(MODES, mode, t), styles.corridor(mode, "operating", ""), "line")
        for mode in [*MODES, *sorted(modes - set(MODES))]
        if mode in modes
    ]
    statuses = {text_of(row, "status") for row in rows}
    if len(statuses) > 1:
        entries += [
            LegendEntry(
                _sentence(word(STATUSES, one, t)), Style("#33424f", 2.6, dash=styles.STATUS_DASHES[one]), "line"
            )
            for one in STATUSES
            if one in statuses
        ]
    if any(text_of(row, "geometry_quality") in _PALE_QUALITIES for row in rows):
        pale = Style("#33424f", 2.6, opacity=0.35)
        entries.append(LegendEntry(t(N_("Pale: {what}")).format(what=t(SCHEMATIC_LINE)), pale, "line"))
    return entries


def _zone_name(row: Mapping[str, Any], shape: Any, area_m2: float, reader: Reader) -> Name:  # noqa: ANN401 - shapely geometry
    text = short_name(name_of(row, reader))
    zoom, room = zoom_for(math.sqrt(area_m2)), area_m2 / 1e8
    if text_of(row, "geometry_quality") == "schematic":
        return Name(middle(shape), f"{text} ({reader.translate(N_('schematic'))})", "guess", zoom, 20 - room)
    if area_m2 > 0:
        return Name(middle(shape), text, "area", zoom, 10 - room)
    return Name(shape.centroid, text, "area below", POINT_ZOOM, 15.0)


def _road_name(row: Mapping[str, Any], shape: Any) -> Name | None:  # noqa: ANN401 - shapely geometry
    text = shield(text_of(row, "name_vi"))
    if not text or text_of(row, "mode") not in {"road", "expressway"}:
        return None
    zoom = 10.0 if shape.length > 15_000 else 11.0 if shape.length > 6_000 else 12.5
    return Name(halfway(shape), text, "shield", zoom, 30 - shape.length / 1e5)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
