"""Draw places that are points: logistics sites and facilities as badges with the sign of their kind, stops as dots."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from layers import styles
from layers.drawing import Drawing, drawable, features_of
from layers.legend import LegendEntry
from layers.naming import Name, short_name
from layers.near import is_near_here
from layers.sheet import Sheet
from layers.tips import ENGLISH, NO_SOURCE, Reader, Source, name_of, place_tip, stop_tip, text_of
from layers.words import FACILITY_KINDS, LOGISTICS_KINDS, word
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import geopandas as gpd

    from layers.styles import Style

BADGE_ZOOM = 13.0  # from which badges carry names


def logistics(frame: gpd.GeoDataFrame, reader: Reader = ENGLISH, source: Source = NO_SOURCE) -> Drawing:
    """Draw ports, depots and stations as square badges."""
    title = reader.translate(N_("Logistics"))
    return _badges("logistics", title, frame, reader, source, LOGISTICS_KINDS, styles.logistics_point)


def facilities(frame: gpd.GeoDataFrame, reader: Reader = ENGLISH, source: Source = NO_SOURCE) -> Drawing:
    """Draw schools, hospitals, offices and other facilities as round badges."""
    title = reader.translate(N_("Facilities"))
    return _badges("facilities", title, frame, reader, source, FACILITY_KINDS, styles.facility_point)


def stops(frame: gpd.GeoDataFrame, reader: Reader = ENGLISH, source: Source = NO_SOURCE) -> Drawing:
    """Draw bus stops as small dots; their switch starts off, there are hundreds."""
    title = reader.translate(N_("Bus stops"))
    tips = [stop_tip(row, reader, source) for row in frame.to_dict("records")]
    return Drawing(
        name="stops",
        title=title,
        features=features_of(frame, layer="stops", style_of=[0] * len(frame), tips=tips),
        styles=(styles.STOP,),
        pane="points",
        legend=(LegendEntry(title, styles.STOP, "point"),),
        attribution=source.attribution,
        shown=False,
        count=len(drawable(frame)),
    )


def _badges(
    name: str,
    title: str,
    frame: gpd.GeoDataFrame,
    reader: Reader,
    source: Source,
    kinds: Mapping[str, str],
    look_of: Callable[[str, str], Style],
) -> Drawing:
    sheet = Sheet(name, frame.crs)
    words_of: dict[str, list[str]] = {}
    rows = frame.to_dict("records")
    near = is_near_here(frame)
    placed = [at for at in drawable(frame) if not near[at]]
    for at in placed:
        row = rows[at]
        kind, status = text_of(row, "kind"), text_of(row, "status")
        shape = frame.geometry.iloc[at]
        look = look_of(kind, status)
        label = Name(shape.centroid, short_name(name_of(row, reader)), "place below", BADGE_ZOOM, 80.0)
        sheet.add(shape, look, place_tip(row, reader, source), [str(row["id"])], label)
        said = words_of.setdefault(look.sign, [])
        if (words := word(kinds, kind, reader.translate)) and words not in said:
            said.append(words)
    guessed = sheet.add_near_here(frame, reader, lambda row: place_tip(row, reader, source))
    order = list(dict.fromkeys(look_of(kind, "operating").sign for kind in kinds))
    first_kind = {look_of(kind, "operating").sign: kind for kind in reversed(list(kinds))}
    signs = sorted(words_of, key=lambda sign: order.index(sign) if sign in order else len(order))
    entries = [
        LegendEntry(", ".join(words_of[sign]), look_of(first_kind.get(sign, ""), "operating"), "point")
        for sign in signs
        if words_of[sign]
    ]
    if any(text_of(rows[at], "status") != "operating" for at in placed):
        entries.append(
            LegendEntry(reader.translate(N_("White: not in operation yet")), look_of("", "planned"), "point")
        )
    if guessed:
        words = reader.translate(N_("Somewhere near here (number of places)"))
        entries.append(LegendEntry(words, styles.near_here(int(np.count_nonzero(near)), name), "point"))
    return sheet.drawing(title, "points", legend=entries, source=source)
