"""Show what is known of one feature: facts, quality of its drawing, sources."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from geodata.crs import planning_to_lonlat
from layers.labels import FIELDS, field_label, value_label
from pages.ui.language import language, n, name_column, t
from zoning.text import N_

if TYPE_CHECKING:
    import geopandas as gpd

# what is shown first; anything else that has a label follows, names and sources have places of their own
_FIRST = ("kind", "mode", "level", "status", "area_ha", "area_km2", "length_published_km", "population")
_ELSEWHERE = {"id", "name_vi", "name_en", "geometry", "sources"}
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>$:~])")


def plain(text: object) -> str:
    """Return text that Markdown shows as it is: data never decide how a page looks."""
    return _MARKDOWN.sub(r"\\\1", " ".join(str(text).split()))


def facts(layer_title: str, feature: gpd.GeoSeries, *, every: bool = False) -> None:
    """Show the chosen feature: title, facts as a table, position in both systems, sources.

    Columns that have no label are left out, unless `every` asks for them: a planner's own layer has its own.
    """
    st.subheader(plain(feature[name_column()] or feature["name_vi"]))
    other = feature["name_en" if language() == "vi" else "name_vi"]
    st.caption(f"{plain(layer_title)} · {plain(other)}" if isinstance(other, str) else plain(layer_title))
    columns = [c for c in _FIRST if c in feature.index]
    columns += [c for c in feature.index if c in FIELDS and c not in (*columns, *_ELSEWHERE)]
    if every:
        columns += [c for c in feature.index if c not in FIELDS and c not in _ELSEWHERE]
    rows = [(plain(field_label(c, t)), _value(c, feature[c])) for c in columns if _known(feature[c])]
    rows += _position(feature)
    label, value = t(N_("Fact")), t(N_("What is known"))
    st.table(pd.DataFrame(rows, columns=[label, value]).set_index(label))
    _sources(feature.get("sources"))


def _known(value: object) -> bool:
    return not (value is None or value == "" or (not isinstance(value, list | tuple) and pd.isna(value)))


def _value(column: str, value: object) -> str:
    digits = FIELDS[column].digits if column in FIELDS else None
    if digits is None and pd.api.types.is_float(value):
        digits = 0 if float(value).is_integer() else 2
    if digits is not None and pd.api.types.is_number(value):  # numpy's own numbers too
        return n(float(value), digits)
    return plain(value_label(column, value, t))


def _position(feature: gpd.GeoSeries) -> list[tuple[str, str]]:
    """Return the feature's point, or its outline's centroid, in VN-2000 as surveyors write it and in degrees."""
    geometry = feature["geometry"]
    if geometry is None or geometry.is_empty or geometry.geom_type.endswith("LineString"):
        return []
    centre = geometry.centroid
    lon, lat = planning_to_lonlat(centre.x, centre.y)
    return [
        (t(N_("VN-2000 (X north, Y east)")), f"{centre.y:.1f}, {centre.x:.1f}"),
        (t(N_("Longitude, latitude")), f"{float(lon):.6f}, {float(lat):.6f}"),
    ]


def _sources(text: object) -> None:
    if not isinstance(text, str) or not text.strip():
        return
    with st.expander(t(N_("Sources"))):
        for source in text.split(" | "):
            address = re.fullmatch(r"https?://[^\s()<>\]\[]+", source.strip())
            st.markdown(f"- <{address[0]}>" if address else f"- {plain(source)}")
