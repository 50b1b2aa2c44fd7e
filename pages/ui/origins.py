"""Let a planner name several origins of one catchment: click after click, some places, or a list of positions."""

from __future__ import annotations

import geopandas as gpd
import shapely
import streamlit as st

from geodata.crs import PLANNING_CRS, in_study_area, lonlat_to_planning, planning_to_lonlat
from geodata.positions import parse_position
from pages.ui.data import layer
from pages.ui.guard import shown_faults
from pages.ui.language import name_column, t
from pages.ui.origin import CLICK, WAYS, origin_inputs, place_layers
from pages.ui.views import position_text
from zoning.errors import InputError
from zoning.jobs.catchment import MOST_SPLIT
from zoning.places import travel_points
from zoning.text import N_

CLICKS = "_origin_clicks"
SEVERAL = "several_origins"
MOST = MOST_SPLIT
TOO_MANY = N_("At most {most} origins at once; {count} were given.")

LonLat = tuple[float, float]


def origins_inputs() -> tuple[str, tuple[LonLat, ...]]:
    """Draw the inputs; return the way of choosing and the origins in degrees, none while there are none."""
    if not st.toggle(t(N_("Several origins")), value=";" in st.query_params.get("at", ""), key=SEVERAL):
        way, at = origin_inputs()
        return way, () if at is None else (at,)
    way = st.radio(t(N_("Origin")), list(WAYS), format_func=lambda one: t(WAYS[one]), key="origin_way")
    found: tuple[LonLat, ...] = ()
    with shown_faults():  # the rest of the page stays: nothing else is lost by a wrong position
        found = _clicked() if way == "map" else few(_places() if way == "place" else _typed())
    return way, found


def take_click(lon: float, lat: float) -> None:
    """Make a click on the map the origin, or a further one where there may be several."""
    if not st.session_state.get(SEVERAL):
        st.session_state[CLICK] = (lon, lat)
    elif len(clicks := st.session_state.setdefault(CLICKS, [])) < MOST:
        clicks.append((lon, lat))


def chosen_by_click() -> gpd.GeoSeries | None:
    """Return the origins clicked so far, to be shown before the run; None where they are not chosen so."""
    clicks = st.session_state.get(CLICKS)
    if not clicks or not st.session_state.get(SEVERAL) or st.session_state.get("origin_way") != "map":
        return None
    east, north = lonlat_to_planning(*zip(*clicks, strict=True))
    return gpd.GeoSeries(shapely.points(east, north), crs=PLANNING_CRS)


def read_origins(text: str) -> tuple[LonLat, ...]:
    """Read the origins that a page's address holds, `lon,lat;lon,lat`; InputError if it cannot be read."""
    try:
        found = tuple((float(lon), float(lat)) for lon, lat in (part.split(",") for part in text.split(";")))
    except ValueError:
        raise InputError(N_("The address of this page has no usable origin: at={text}."), text=text[:40]) from None
    return few(found)


def few(origins: tuple[LonLat, ...]) -> tuple[LonLat, ...]:
    """Return origins as they are; InputError if there are more than can be told apart."""
    if len(origins) > MOST:
        raise InputError(TOO_MANY, most=MOST, count=len(origins))
    return origins


def _clicked() -> tuple[LonLat, ...]:
    if CLICKS not in st.session_state:
        one = st.session_state.get(CLICK)
        st.session_state[CLICKS] = [one] if one else _in_address()
    clicks = st.session_state[CLICKS]
    if len(clicks) < MOST:
        st.caption(t(N_("Each click on the map adds an origin.")))
    else:
        st.caption(t(N_("There are {most} origins, the most at once: remove one to add another.")).format(most=MOST))
    with st.container(gap=None):
        for number, at in enumerate(clicks):
            st.button(
                f"{number + 1} · {at[0]:.5f}, {at[1]:.5f}",
                icon=":material/close:",
                help=f"{t(N_('Remove this origin'))}: {position_text(*at)}",
                on_click=clicks.pop,
                args=(number,),
                key=f"remove-origin-{number}",
                type="tertiary",
            )
    if clicks:
        st.button(t(N_("Start over")), icon=":material/restart_alt:", on_click=clicks.clear, key="clear-origins")
    return tuple(clicks)


def _in_address() -> list[LonLat]:
    """Return the origins that a shared link holds."""
    try:
        found = read_origins(st.query_params.get("at", ""))
    except InputError:
        return []
    return [at for at in found if in_study_area(*at)]


def _typed() -> tuple[LonLat, ...]:
    text = st.text_area(
        t(N_("One position a line: degrees, or VN-2000 X north, Y east")),
        placeholder="106.6519, 10.9804\n1214436, 598371",
        key="origin_lines",
    )
    return tuple(parse_position(line) for line in text.splitlines() if line.strip())


def _places() -> tuple[LonLat, ...]:
    frames = {name: layer(name) for name in place_layers()}
    names = {(name, i): text for name, frame in frames.items() for i, text in frame[["id", name_column()]].to_numpy()}
    picked = st.multiselect(
        t(N_("Places")), list(names), format_func=names.get, placeholder=t(N_("Type a name")), key="origin_places"
    )
    return tuple(_place(frames[name][frames[name]["id"] == i], names[name, i]) for name, i in picked)


def _place(row: gpd.GeoDataFrame, name: str) -> LonLat:
    point = travel_points(row).iloc[0]
    if point is None:
        raise InputError(
            N_("{name} is known only roughly, or not at all: click its gate on the map, or type its coordinates."),
            name=name,
        )
    lon, lat = planning_to_lonlat(point.x, point.y)
    return float(lon), float(lat)
