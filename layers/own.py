"""Draw a planner's own layer, whatever is in it: areas, lines and points in one look, with names and a tooltip."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layers.drawing import Drawing, drawable, features_of
from layers.legend import LegendEntry
from layers.styles import Style
from layers.tips import ENGLISH, NO_SOURCE, Reader, Source, place_tip

if TYPE_CHECKING:
    import geopandas as gpd

MOST_DRAWN = 5_000
"""So many features are drawn; analyses and exports have all."""
LOOK = Style(color="#7a1fa2", weight=2.0, fill="#7a1fa2", fill_opacity=0.25, radius=5, css="own")


def draw(
    name: str, frame: gpd.GeoDataFrame, reader: Reader = ENGLISH, source: Source = NO_SOURCE, *, title: str
) -> Drawing:
    """Draw the first `MOST_DRAWN` features of a layer in the planning CRS with columns id, name_vi and name_en."""
    part = frame.iloc[:MOST_DRAWN]
    tips = [place_tip(row, reader, source) for row in part.drop(columns=part.geometry.name).to_dict("records")]
    return Drawing(
        name=name,
        title=title,
        features=features_of(part, layer=name, style_of=[0] * len(part), tips=tips),
        styles=(LOOK,),
        pane="points",
        legend=(LegendEntry(title, LOOK, "area"),),
        attribution=source.attribution,
        count=len(drawable(part)),
    )
