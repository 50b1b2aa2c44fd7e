"""Turn the sidebar's form into requests, run them, and show what came back."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import streamlit as st

from geodata.crs import planning_to_lonlat
from layers.labels import value_label
from pages.ui.data import region
from pages.ui.language import n, name_column, t
from pages.ui.origin import origin_inputs
from pages.ui.table import plain_table
from zoning.errors import InputError
from zoning.jobs import catchment, route
from zoning.reach import MODES
from zoning.text import N_

if TYPE_CHECKING:
    from zoning.result import Result

COLUMNS = {
    "rings": ("minutes", "people", "area_ha", "reachable_km", "missed_pct", "false_pct"),
    "legs": ("minutes", "name", "length_m", "speed_kmh", "speed_source", "road_class"),
}
DIRECTIONS = {False: N_("from the point outwards"), True: N_("towards the point")}


def catchment_form() -> tuple[str, catchment.CatchmentRequest | None]:
    """Draw the form in the sidebar; return the way the origin is given, and the request once it is sent."""
    asked = st.query_params
    with st.sidebar:
        st.header(t(N_("Catchment")))
        way, at = origin_inputs()
        with st.form("catchment", border=False):
            mode = st.selectbox(
                t(N_("Mode of travel")), list(MODES), index=_index(list(MODES), asked.get("mode")),
                format_func=lambda one: t(MODES[one].title), key="mode",
            )  # fmt: skip
            text = st.text_input(t(N_("Minutes")), value=asked.get("minutes", "10, 20, 30"), key="minutes")
            arrive = st.radio(t(N_("Direction")), list(DIRECTIONS), index=int(asked.get("arrive") == "1"),
                              format_func=lambda one: t(DIRECTIONS[one]), key="arrive")  # fmt: skip
            with_hour = st.checkbox(t(N_("With congestion at this hour")), value="hour" in asked, key="with_hour")
            hour = st.slider(t(N_("Hour of the day")), 0.0, 24.0, _hour(asked.get("hour")), 0.5, key="hour")
            sent = st.form_submit_button(t(N_("Run catchment")), type="primary", icon=":material/timelapse:")
    if not sent:
        return way, None
    if at is None:
        raise InputError(N_("Choose a point first: click on the map, pick a place, or type coordinates."))
    request = catchment.CatchmentRequest(
        at=((round(at[0], 7), round(at[1], 7)),),
        minutes=_minutes(text),
        mode=mode,
        arrive=arrive,
        hour=hour if with_hour else None,
    )
    _to_address(request)
    return way, request


def request_in_address() -> catchment.CatchmentRequest | None:
    """Return the request that the page's address holds: a shared link, or the one run last."""
    asked = st.query_params
    if "at" not in asked:
        return None
    try:
        lon, lat = (float(part) for part in asked["at"].split(","))
    except ValueError:
        raise InputError(
            N_("The address of this page has no usable origin: at={text}."), text=asked["at"][:40]
        ) from None
    hour = asked.get("hour")
    return catchment.CatchmentRequest(
        at=((lon, lat),),
        minutes=_minutes(asked.get("minutes", "10,20,30")),
        mode=asked.get("mode", next(iter(MODES))),
        arrive=asked.get("arrive") == "1",
        hour=_hour(hour) if hour else None,
    )


def run_catchment(request: catchment.CatchmentRequest) -> Result:
    """Run the catchment job, or take its answer from the last runs."""
    with st.spinner(t(N_("Computing the catchment …"))):
        return _run(request, _data_key())


def run_way(request: catchment.CatchmentRequest, result: Result) -> Result | None:
    """Let a reached place be chosen and return the way to it (or, inbound, from it)."""
    places = result.frames["places"]
    places = places[places["minutes"].notna()]
    if places.empty:
        return None
    names = {row["id"]: f"{row[name_column()]} · {n(row['minutes'], 1)} {t(N_('min'))}" for _, row in places.iterrows()}
    picked = st.selectbox(t(N_("Show the way to")), list(names), index=None, format_func=names.get, key="way_to")
    if picked is None:
        return None
    point = places.loc[places["id"] == picked, "geometry"].iloc[0]
    lon, lat = planning_to_lonlat(point.x, point.y)
    ends = (request.at[0], (float(lon), float(lat)))
    origin, to = reversed(ends) if request.arrive else ends
    way = route.run(
        route.RouteRequest(origin, to, request.mode, request.hour, request.day, result.figures["network"]), region()
    )
    st.caption(
        t(N_("{minutes} minutes, {length} km")).format(
            minutes=n(way.figures["minutes"], 1), length=n(way.figures["length_km"], 1)
        )
    )
    return way


def rings_table(result: Result, frame: str = "rings") -> None:
    """Show a frame of a result as a table."""
    plain_table(result.frames[frame], COLUMNS[frame])


def places_table(result: Result) -> None:
    """Show the zones, facilities and gates with their minutes, and how many could not be timed."""
    places = result.frames["places"]
    st.subheader(t(N_("Zones, facilities and gates reached")))
    plain_table(places[places["minutes"].notna()], (name_column(), "kind", "minutes"))
    untimed = places[places["position"] != "known"].groupby("position").size()
    late = int((places["minutes"].isna() & places["position"].eq("known")).sum())
    parts = [f"{count} {value_label('position', position, t)}" for position, count in untimed.items()]
    st.caption("; ".join([t(N_("{count} not reached within the longest limit")).format(count=late), *parts]))


@st.cache_resource(show_spinner=False, max_entries=32, ttl=3600)
def _run(request: catchment.CatchmentRequest, data: str) -> Result:  # noqa: ARG001 - the cache's key
    return catchment.run(request, region())


def _data_key() -> str:
    return "|".join(region().fingerprint(name) for name in catchment.LAYERS_USED)


def _to_address(request: catchment.CatchmentRequest) -> None:
    lon, lat = request.at[0]
    st.query_params.update(
        {"at": f"{lon},{lat}", "minutes": ",".join(f"{m:g}" for m in request.minutes), "mode": request.mode}
    )
    for key, value in (("arrive", "1" if request.arrive else None), ("hour", request.hour)):
        if value is None:
            st.query_params.pop(key, None)
        else:
            st.query_params[key] = str(value)


def _minutes(text: str) -> tuple[float, ...]:
    """Read "10, 20; 30" as numbers; the engine checks their range."""
    try:
        return tuple(float(part) for part in re.split(r"[,;\s]+", text.strip()))
    except ValueError:
        raise InputError(
            N_("“{text}” is not a list of minutes; write for example 10, 20, 30."), text=text[:40]
        ) from None


def _hour(text: str | None) -> float:
    try:
        hour = float(text) if text else 7.5
    except ValueError:
        return 7.5
    return min(max(hour, 0.0), 24.0) if math.isfinite(hour) else 7.5


def _index(options: list[str], asked: str | None) -> int:
    return options.index(asked) if asked in options else 0
