"""Draw a planner's own layer, whatever is in it: areas, lines and points in one look, with names and a tooltip."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from layers.drawing import Drawing, drawable, features_of
from layers.legend import LegendEntry
from layers.simplified import MOST_BYTES, within
from layers.styles import Style
from layers.tips import ENGLISH, NO_SOURCE, Reader, Source, place_tip

if TYPE_CHECKING:
    import geopandas as gpd

LOOK = Style(color="#7a1fa2", weight=2.0, fill="#7a1fa2", fill_opacity=0.25, radius=5, css="own")


def draw(
    name: str,
    frame: gpd.GeoDataFrame,
    reader: Reader = ENGLISH,
    source: Source = NO_SOURCE,
    *,
    title: str,
    most_bytes: int = MOST_BYTES,
) -> Drawing:
    """Draw a layer in the planning CRS with columns id, name_vi and name_en, as much of it as a map takes."""
    return within(partial(_whole, name, reader=reader, source=source, title=title), frame, most_bytes)


def _whole(name: str, frame: gpd.GeoDataFrame, *, reader: Reader, source: Source, title: str) -> Drawing:
    tips = [place_tip(row, reader, source) for row in frame.drop(columns=frame.geometry.name).to_dict("records")]
    return Drawing(
        name=name,
        title=title,
        features=features_of(frame, layer=name, style_of=[0] * len(frame), tips=tips),
        styles=(LOOK,),
        pane="points",
        legend=(LegendEntry(title, LOOK, "area"),),
        attribution=source.attribution,
        count=len(drawable(frame)),
    )
