"""Ask in the sidebar of the Scenarios page which analysis to compare, and with what settings; kept in the address."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import streamlit as st

from layers.labels import field_label
from pages.ui.access_form import UNITS
from pages.ui.access_places import capacity_columns, destinations, offers, own_layers
from pages.ui.access_workers import PARK_KINDS
from pages.ui.analysis import HOURS
from pages.ui.check_form import ON_FOOT as CHECKED_ON_FOOT
from pages.ui.data import layer
from pages.ui.language import name_column, t
from pages.ui.station_areas import ON_FOOT
from pages.ui.transit import transit_inputs
from zoning.jobs import access, along, catchment, check, stations, workers
from zoning.places import travel_points
from zoning.reach.menu import MEASURES
from zoning.standards import regulations
from zoning.standards.rules import code_as_of
from zoning.text import N_
from zoning.transit.modes import EVERY_MODE, TRANSIT_MODES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import ModuleType

    from zoning.jobs.access import AccessRequest
    from zoning.jobs.workers import WorkersRequest

TRIPS = "trips"
ANALYSES: dict[str, tuple[str, ModuleType]] = {
    TRIPS: (N_("Trips and catchment of a point"), catchment),
    "access": (N_("Accessibility and equity"), access),
    "workers": (N_("Workers of a park"), workers),
    "check": (N_("Checks by the planning code"), check),
    "stations": (N_("Station areas"), stations),
    "along": (N_("People and jobs along corridors"), along),
}
"""What can be compared: its title and its job; a test holds that no job is forgotten (gates and routes are trips)."""
NO_MODE = {
    "check": CHECKED_ON_FOOT,
    "stations": ON_FOOT,
    "along": N_("No mode is asked: who lives along a corridor is counted by the distance from its line."),
}  # fmt: skip
"""Why an analysis has no mode of travel, public transport among them."""
BY = ("wards", "communes", "grid")
SHIFTS = (6.0, 14.0, 22.0)
USUAL_WORKERS = 3_000


def analysis() -> str:
    """Draw the choice of the analysis and return its name."""
    names = list(ANALYSES)
    asked = st.query_params.get("what", TRIPS)
    chosen: str = st.selectbox(
        t(N_("Analysis")),
        names,
        index=names.index(asked) if asked in names else 0,
        format_func=lambda one: t(ANALYSES[one][0]),
        key="scenario_what",
    )
    _keep("what", "" if chosen == TRIPS else chosen)
    return chosen


def question(what: str) -> AccessRequest | WorkersRequest | object:
    """Draw the form of an analysis other than trips and return its question."""
    if what == "access":
        return _access()
    if what == "workers":
        return _workers()
    st.caption(t(NO_MODE[what]))
    if what == "check":
        return _check()
    if what == "along":
        return along.AlongRequest(operating=True)
    return stations.StationsRequest(operating=True)


def mode_of_travel(usual: str, titles: Mapping[str, str] = EVERY_MODE) -> str:
    """Draw the choice of the mode of travel."""
    modes = list(titles)
    mode: str = st.selectbox(
        t(N_("Mode of travel")),
        modes,
        index=_index(modes, st.query_params.get("mode", usual) if st.query_params.get("mode") in modes else usual),
        format_func=lambda one: t(titles[one]),
        key=f"scenario_travel-{len(modes)}",
    )
    st.query_params["mode"] = mode
    return mode


def hour_of_day() -> float | None:
    """Draw the choice of the hour; None is an empty road."""
    asked = st.query_params.get("hour", "7.5")
    hour: str = st.select_slider(
        t(N_("Hour of the day")),
        HOURS,
        value=asked if asked in HOURS else "7.5",
        key="scenario_hour",
        format_func=lambda one: one or t(N_("empty road, no congestion")),
    )
    st.query_params["hour"] = hour
    return float(hour) if hour else None


def transit_of(mode: str, usual: str = "") -> str:
    """Draw the settings of public transport where the mode is one; return them as requests hold them."""
    if mode not in TRANSIT_MODES:
        return usual
    text = transit_inputs(st.query_params.get("transit", usual), "scenario_transit")
    st.query_params["transit"] = text
    return text


def _access() -> AccessRequest:
    options = destinations()
    asked = st.query_params
    to: str = st.selectbox(
        t(N_("Where people go")),
        list(options),
        index=_index(list(options), asked.get("to", "facilities:hospital")),
        format_func=options.get,
        key="scenario_to",
    )
    names = list(MEASURES)
    measure: str = st.selectbox(
        t(N_("Measure")),
        names,
        index=_index(names, asked.get("measure", "cumulative")),
        format_func=lambda one: t(MEASURES[one].title),
        key="scenario_measure",
    )
    st.caption(t(MEASURES[measure].question))
    capacity = ""
    if measure != "nearest":
        columns = offers(to)
        capacity = st.selectbox(
            t(N_("What each place offers")),
            columns,
            index=_index(columns, asked.get("capacity", "")),
            format_func=lambda one: field_label(one, t) if one else t(N_("each place counts 1")),
            key=f"scenario_capacity-{to}",
        )
    usual = MEASURES[measure].usual_min
    minutes = st.number_input(
        t(N_("Within (minutes)")), 1.0, access.LONGEST_MIN, _number(asked.get("minutes", ""), usual), 5.0,
        format="%g", key=f"scenario_within-{measure}",
    )  # fmt: skip
    mode, hour = mode_of_travel("car"), hour_of_day()
    by: str = st.selectbox(
        t(N_("Result by")),
        BY,
        index=_index(BY, asked.get("by", "wards")),
        format_func=lambda one: t(UNITS[one]),
        key="scenario_by",
    )
    for key, value in (("to", to), ("measure", measure), ("capacity", capacity), ("by", by)):
        _keep(key, value)
    _keep("minutes", "" if minutes == usual else f"{minutes:g}")
    return access.AccessRequest(
        to=to, measure=measure, minutes=minutes, capacity=capacity, mode=mode, hour=hour, by=by, cell_m=2_000.0,
        transit=transit_of(mode),
    )  # fmt: skip


def _workers() -> WorkersRequest:
    zones = layer("zones")
    parks = zones[zones["kind"].isin(PARK_KINDS) & ~zones["status"].eq("removed")]
    parks = parks[travel_points(parks).notna()]  # one known only by its commune has no gate to travel to
    names = dict(zip(parks["id"], parks[name_column()], strict=True))
    ids = list(names)
    park: str = st.selectbox(
        t(N_("Industrial or technology park")),
        ids,
        index=_index(ids, st.query_params.get("park", "vsip-1")),
        format_func=names.get,
        key="scenario_park",
    )
    area = float(parks.set_index("id")["area_ha"].fillna(0)[park])
    usual = round(area * workers.WORKERS_A_HA, -2) or USUAL_WORKERS
    count = st.number_input(
        t(N_("Workers, all shifts")), 0, workers.MOST_WORKERS, int(usual), 100, key=f"scenario_workers-{park}"
    )
    minutes = st.number_input(t(N_("Minutes to home")), 5.0, workers.LONGEST_MIN, 30.0, 5.0, format="%g",
                              key="scenario_home")  # fmt: skip
    places = {"": t(N_("none"))} | own_layers() | {"facilities": t(N_("Facilities"))}
    found = {}
    for need, title in ((workers.HOUSING, N_("Layer of worker housing")), (workers.KINDERGARTEN, N_("Layer of "
                        "kindergartens"))):  # fmt: skip
        first = next((name for name in places if need in name), "")
        found[need] = st.selectbox(t(title), list(places), index=_index(list(places), first), format_func=places.get,
                                   key=f"scenario_layer-{need}")  # fmt: skip
    columns = {need: next((one for one in capacity_columns(name)), "") if name else "" for need, name in found.items()}
    mode = mode_of_travel("motorbike")
    _keep("park", park)
    shifts = tuple((hour, count // len(SHIFTS)) for hour in SHIFTS)
    return workers.WorkersRequest(
        park=park, shifts=shifts, mode=mode, minutes=minutes,
        housing=found[workers.HOUSING], housing_field=columns[workers.HOUSING],
        kindergartens=found[workers.KINDERGARTEN], kindergarten_field=columns[workers.KINDERGARTEN],
        transit=transit_of(mode, workers.USUAL_TRANSIT),
    )  # fmt: skip


def _check() -> check.CheckRequest:
    today = dt.datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date()
    try:
        first = dt.date.fromisoformat(st.query_params.get("day", ""))
    except ValueError:
        first = today
    day = st.date_input(t(N_("On the day")), first, format="DD/MM/YYYY", key="scenario_day")
    as_of = day.isoformat() if isinstance(day, dt.date) else today.isoformat()
    _keep("day", as_of)
    st.caption(t(N_("Code of this day: {code}")).format(code=regulations()[code_as_of(as_of)].name))
    zones = layer("zones").sort_values(name_column())
    names = dict(zip(zones["id"], zones[name_column()], strict=True))
    ids = st.multiselect(
        t(N_("Zones")), list(names), format_func=names.get, key="scenario_zones",
        placeholder=t(N_("every zone")),
    )  # fmt: skip
    return check.CheckRequest(as_of=as_of, ids=tuple(ids))


def _keep(key: str, value: str) -> None:
    if value:
        st.query_params[key] = value
    else:
        st.query_params.pop(key, None)


def _index(options: Sequence[str], wanted: str) -> int:
    return list(options).index(wanted) if wanted in options else 0


def _number(text: str, usual: float) -> float:
    try:
        value = float(text)
    except ValueError:
        return usual
    return value if 1 <= value <= access.LONGEST_MIN else usual
