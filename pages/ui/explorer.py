"""Lay out what most pages are: a map, the chosen feature's facts, the table twin, and exports."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from layers.catalogue import layer_info
from layers.labels import FIELDS
from pages.ui.data import feature, own_layers
from pages.ui.downloads import layer_downloads
from pages.ui.facts import facts
from pages.ui.folded import folded
from pages.ui.language import name_column, t
from pages.ui.selection import choose, chosen
from pages.ui.table import twin
from pages.ui.text import literal
from pages.ui.views import neighbours, region_map
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import geopandas as gpd

MAP_PX = 620
OWN_COLUMNS = 14
"""So many columns of a planner's own layer are in its table; facts and exports have all."""
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "zones": ("name_vi", "name_en", "kind", "status", "area_ha", "area_drawn_ha", "unit_post2025", "geometry_quality"),
    "wards_2025": ("name_vi", "name_en", "level", "area_km2", "area_drawn_ha", "population", "merged_from"),
    "communes_until_2025": ("name_vi", "name_en", "level", "parent", "area_km2", "area_drawn_ha", "merged_into"),
    "districts_until_2025": ("name_vi", "name_en", "area_km2", "area_drawn_ha", "population", "population_year"),
    "corridors": (
        "name_vi", "name_en", "mode", "status", "open_year", "length_published_km", "length_drawn_km", "lanes",
        "geometry_quality",
    ),
    "logistics": ("name_vi", "name_en", "kind", "status", "capacity", "geometry_quality"),
    "facilities": ("name_vi", "name_en", "kind", "status", "capacity", "unit_post2025", "geometry_quality"),
    "stops": ("name_vi", "direction", "operator", "routes", "geometry_quality"),
    "transit_feeds": ("id", "sources", "valid_from", "valid_to"),
    "population": ("unit", "people", "year", "sources"),
    "indicators": ("topic", "geography", "metric", "value", "unit", "year", "note"),
}  # fmt: skip


def columns_of(name: str, frame: gpd.GeoDataFrame) -> tuple[str, ...]:
    """Return the columns that a layer's table shows: of a planner's own layer its names, and then all others."""
    if name in COLUMNS:
        return COLUMNS[name]
    rest = [str(one) for one in frame.columns if one not in ("id", "name_vi", "name_en", "geometry", "sources")]
    # a figure that stands here as text would be shown as none
    plain = [one for one in rest if (one not in FIELDS or FIELDS[one].digits is None)
             or pd.api.types.is_numeric_dtype(frame[one])]  # fmt: skip
    return ("name_vi", *plain[:OWN_COLUMNS])


def layer_title(name: str) -> str:
    """Return a layer's title in the session's language."""
    return own_layers().get(name) or t(layer_info(name).title)


def explorer(
    page: str,
    frames: Mapping[str, gpd.GeoDataFrame],
    *,
    shown: Sequence[str],
    look_at: gpd.GeoSeries | None = None,
    below: Callable[[], None] | None = None,
) -> None:
    """Show frames on a map beside the chosen feature's facts, with table twins and exports below.

    Parameters
    ----------
    page
        Name of the page, for the keys of its widgets.
    frames
        Layer name -> its features on this page, in the planning CRS; the first is the first table.
    shown
        Layers whose switch on the map starts on.
    look_at
        What the map shows first; None for the whole region.
    below
        Draws what stands between the map and the tables.
    """
    map_side, facts_side = st.columns([7, 3])
    with map_side:
        region_map(page, frames, shown=shown, look_at=look_at, height=MAP_PX)
    with facts_side.container(height=MAP_PX + 20, border=False):
        now = chosen()
        row = feature(*now) if now else None
        if row is None:
            st.info(t(N_("Click a place on the map, or a row of the table, to see what is known of it.")))
        else:
            _neighbours()
            facts(layer_title(now.layer), row, every=now.layer in own_layers())
    if below:
        below()
    tables(page, frames)


def _neighbours() -> None:
    """Let one of several zones that are "somewhere near here" be chosen."""
    near = neighbours()
    if near:
        names = {one: str(feature(*one)[name_column()]) for one in near}
        picked = st.selectbox(t(N_("Somewhere near here")), near, index=near.index(chosen()), format_func=names.get)
        if picked != chosen():
            choose(picked)
            st.rerun()


def tables(page: str, frames: Mapping[str, gpd.GeoDataFrame]) -> None:
    """Show the table twin of one layer at a time, and its exports; a choice on the map opens its layer."""
    names = list(frames)
    now = chosen()
    key = f"table-{page}"
    if now and now.layer in names and st.session_state.get(f"{key}-seen") != now:
        st.session_state[key] = now.layer
    st.session_state[f"{key}-seen"] = now
    if len(names) > 1:
        name = st.segmented_control(t(N_("Table")), names, required=True, format_func=layer_title, key=key,
                                    default=None if key in st.session_state else names[0])  # fmt: skip
    else:
        name = names[0]
    frame = frames[name]
    twin(name, frame, columns_of(name, frame))
    without = int((~frame.geometry.notna()).sum())
    if without:
        st.caption(
            t(N_("{count} of {total} have no known place: they are in the table, not on the map.")).format(
                count=without, total=len(frame)
            )
        )
    title = t(N_("Take home: {layer}")).format(layer=literal(layer_title(name)))
    with folded(title, f"take-{page}", ":material/download:") as is_open:
        if is_open:
            ids = frame["id"].tolist()
            options = {"all": t(N_("all {count} in the table")).format(count=len(ids))}
            if now and now.layer == name and now.id in ids:
                options["one"] = t(N_("the chosen one"))
            which = st.radio(
                t(N_("Features")), list(options), format_func=options.get, horizontal=True, key=f"which-{page}"
            )
            layer_downloads(name, [now.id] if which == "one" and now else ids)
