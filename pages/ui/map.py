"""Show a folium map that stays still while its contents change, and say what was clicked.

The base map is the same text on every run, so st_folium keeps its frame; all that changes goes in one group. Only
clicks come back, so that moving and zooming never run the page again.
"""

from __future__ import annotations

import html
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import folium.plugins  # noqa: F401 - st_folium imports it when the first map is shown
import streamlit as st

from layers import assets
from layers.scene import Focus, Scene
from pages.ui import turn
from zoning.text import english

if TYPE_CHECKING:
    from collections.abc import Sequence

    from layers.basemap import BaseMap
    from layers.drawing import Drawing
    from zoning.text import Translate

_ASKED = ["last_clicked", "last_object_clicked", "last_active_drawing"]
_SAME_DEG = 1e-9
_LONGEST_ID, _MOST_IDS = 200, 200  # what a browser sends back is not trusted


@dataclass(frozen=True)
class MapClick:
    """A click: where (degrees, WGS 84), and on what; no layer and no ids when it met the bare ground."""

    lon: float
    lat: float
    layer: str | None = None
    ids: tuple[str, ...] = ()


def show_map(
    key: str,
    base: BaseMap,
    drawings: Sequence[Drawing],
    *,
    focus: Focus | None = None,
    height: int = 560,
    legend: bool = True,
    translate: Translate = english,
) -> MapClick | None:
    """Draw the map and return a new click, each click once.

    Parameters
    ----------
    key
        Name of this map among all maps of the session, the same on every run.
    base
        The ground; another ground (language, data, tiles) makes a new map.
    drawings
        Layers from the ground up; changing them changes the map without moving it.
    focus
        Where to look; the map moves when it differs from the last one, and then stays where the reader takes it.
    height
        Height in screen pixels.
    legend
        Whether the map carries its legend, which is also its layer switch.
    translate
        Language of the map's own words.
    """
    # Streamlit serves a component only when it is declared in a page's run: a server that gets ready ahead must not
    from streamlit_folium import st_folium

    assets.serve()
    frame = f"{key}-{base.fingerprint}"
    answer = st_folium(
        base.map(),
        key=frame,  # st_folium's own hash overlooks many changes of a map's script
        height=height,
        use_container_width=True,
        feature_group_to_add=Scene(drawings, focus=focus, legend=legend, translate=translate),
        returned_objects=_ASKED,
    )
    turn.sent(frame)
    return _new_click(f"{key}-click", answer)


def _new_click(key: str, answer: dict[str, Any] | None) -> MapClick | None:
    """Return a click that this session has not handled; the frame repeats its last one on every run."""
    click = read_click(answer)
    if click is None:  # a new frame: whatever comes next is new
        st.session_state.pop(key, None)
        return None
    if st.session_state.get(key) == click:
        return None
    st.session_state[key] = click
    return click


def read_click(answer: dict[str, Any] | None) -> MapClick | None:
    """Read what the browser sent: the position, and the feature if it was drawn exactly there."""
    where = _position((answer or {}).get("last_clicked"))
    if where is None:
        return None
    lon, lat = where
    on = _position((answer or {}).get("last_object_clicked"))
    if on is None or abs(on[0] - lon) > _SAME_DEG or abs(on[1] - lat) > _SAME_DEG:
        return MapClick(lon, lat)
    feature = (answer or {}).get("last_active_drawing")
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(properties, dict) or not isinstance(properties.get("layer"), str):
        return MapClick(lon, lat)
    ids = properties.get("ids")
    named = [text for text in ids if isinstance(text, str)] if isinstance(ids, list) else []
    return MapClick(lon, lat, _read(properties["layer"]), tuple(_read(text) for text in named[:_MOST_IDS]))


def _read(text: str) -> str:
    return html.unescape(text[: 8 * _LONGEST_ID])[:_LONGEST_ID]


def _position(value: object) -> tuple[float, float] | None:
    if not isinstance(value, dict):
        return None
    lon, lat = value.get("lng"), value.get("lat")
    if not all(isinstance(part, int | float) and math.isfinite(part) for part in (lon, lat)):
        return None
    return float(lon), float(lat)  # type: ignore[arg-type]
