"""Let a planner say where a trip starts: by a click on the map, by a place, or by coordinates."""

from __future__ import annotations

import streamlit as st

from geodata.crs import in_study_area, planning_to_lonlat
from geodata.positions import parse_position
from pages.ui.data import layer, own_layers
from pages.ui.guard import shown_faults
from pages.ui.language import name_column, t
from pages.ui.selection import Chosen, chosen
from pages.ui.views import position_text
from zoning.errors import InputError
from zoning.places import DESTINATION_LAYERS, travel_points
from zoning.text import N_

MOST_OFFERED = 5_000
"""A planner's own layer of more places than this is no list to choose an origin from."""
WAYS = {"map": N_("click on the map"), "place": N_("a place"), "coordinates": N_("coordinates")}
CLICK = "_origin_click"


def origin_inputs() -> tuple[str, tuple[float, float] | None]:
    """Draw the inputs; return the chosen way and the origin in degrees, None while there is none."""
    way = st.radio(t(N_("Origin")), list(WAYS), format_func=lambda one: t(WAYS[one]), key="origin_way")
    if way == "map":
        at = st.session_state.get(CLICK) or _in_address()
        st.caption(position_text(*at) if at else t(N_("Click the origin on the map.")))
        return way, at
    at = None
    with shown_faults():  # the rest of the page stays: nothing else is lost by a wrong position
        at = _place() if way == "place" else _typed()
    return way, at


def _in_address() -> tuple[float, float] | None:
    """Return the origin that a shared link holds."""
    lon, _, lat = st.query_params.get("at", "").partition(",")
    try:
        at = float(lon), float(lat)
    except ValueError:
        return None
    return at if in_study_area(*at) else None


def _typed() -> tuple[float, float] | None:
    text = st.text_input(
        t(N_("Degrees, or VN-2000 X north, Y east")),
        placeholder="106.6519, 10.9804 / 1214436, 598371",
        key="origin_text",
    )
    if not text.strip():
        return None
    at = parse_position(text)
    st.caption(position_text(*at))
    return at


def place_layers() -> tuple[str, ...]:
    """Return the layers whose places a trip may start at: planners' own ones too, unless they are lines."""
    own = [name for name in own_layers() if len(layer(name)) <= MOST_OFFERED
           and not layer(name).geom_type.str.endswith("LineString").any()]  # fmt: skip
    return (*DESTINATION_LAYERS, *own)


def _place() -> tuple[float, float] | None:
    layers = place_layers()
    options = [Chosen(name, i) for name in layers for i in layer(name)["id"]]
    names = {Chosen(name, i): text for name in layers for i, text in layer(name)[["id", name_column()]].to_numpy()}
    now = chosen()
    picked = st.selectbox(
        t(N_("Place")),
        options,
        index=options.index(now) if now in options else None,
        format_func=names.get,
        placeholder=t(N_("Type a name")),
        key="origin_place",
    )
    if picked is None:
        return None
    frame = layer(picked.layer)
    at = frame.index[frame["id"] == picked.id][0]
    point = travel_points(frame.loc[[at]]).iloc[0]
    if point is None:
        raise InputError(
            N_("{name} is known only roughly, or not at all: click its gate on the map, or type its coordinates."),
            name=names[picked],
        )
    lon, lat = planning_to_lonlat(point.x, point.y)
    return float(lon), float(lat)
