"""Turn the sidebar's form into requests, run them, and show what came back."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from geodata.crs import planning_to_lonlat
from layers.labels import value_label
from pages.ui.data import region
from pages.ui.figures import figures
from pages.ui.folded import folded
from pages.ui.guard import shown_faults
from pages.ui.language import n, name_column, t
from pages.ui.origins import origins_inputs, read_origins
from pages.ui.table import plain_table
from pages.ui.text import literal
from pages.ui.transit import legs_table, method_line, transit_inputs
from pages.ui.waiting import heavy
from zoning.errors import InputError
from zoning.jobs import catchment, gates, route
from zoning.text import N_
from zoning.transit.modes import EVERY_MODE

if TYPE_CHECKING:
    from zoning.jobs.catchment import CatchmentRequest
    from zoning.result import Result

COLUMNS = {
    "rings": ("origin", "minutes", "people", "area_ha", "reachable_km", "missed_pct", "false_pct"),
    "legs": ("minutes", "name", "length_m", "speed_kmh", "speed_source", "road_class"),
}
DIRECTIONS = {False: N_("from the point outwards"), True: N_("towards the point")}
SPLIT = {False: N_("merged: the nearest counts"), True: N_("split: each place to its nearest")}
HOURS = ("", *(str(hour / 2) for hour in range(10, 45)))
AREA_STEPS = 12
USUAL_HOUR = "7.5"
"""Hour a new question starts with: on an empty road the law lets cars and motorbikes go alike, which misleads."""
EMPTY_ROAD = N_("empty road, no congestion")


def catchment_form() -> str:
    """Draw the form in the sidebar; a form sent is written to the page's address. Return how the origin is given."""
    asked = st.query_params
    with st.sidebar:
        st.header(t(N_("Catchment")))
        way_of_origin, at = origins_inputs()
        with st.form("catchment", border=False):
            modes = list(EVERY_MODE)
            mode = st.selectbox(t(N_("Mode of travel")), modes, index=_index(modes, asked.get("mode")),
                                format_func=_mode_title, key="mode")  # fmt: skip
            text = st.text_input(t(N_("Minutes")), value=asked.get("minutes", "10, 20, 30"), key="minutes")
            arrive = st.radio(t(N_("Direction")), list(DIRECTIONS), index=int(asked.get("arrive") == "1"),
                              format_func=lambda one: t(DIRECTIONS[one]), key="arrive")  # fmt: skip
            split = len(at) > 1 and st.radio(
                t(N_("Several origins")), list(SPLIT), index=int(asked.get("split") == "1"),
                format_func=lambda one: t(SPLIT[one]), key="split")  # fmt: skip
            usual = "" if "at" in asked else USUAL_HOUR
            hour = st.selectbox(t(N_("Hour of the day")), HOURS, index=_index(HOURS, asked.get("hour", usual)),
                                format_func=_hour_title, key="hour")  # fmt: skip
            others = ["", *modes, *(f"{one}h" for one in ("", "7.5", "12.0", "17.0"))]
            versus = st.selectbox(t(N_("Compare with")), others, index=_index(others, asked.get("versus")),
                                  format_func=_versus_title, key="versus")  # fmt: skip
            transit = transit_inputs(asked.get("transit", ""), "catchment")
            sent = st.form_submit_button(t(N_("Run catchment")), type="primary", icon=":material/timelapse:")
        if sent:
            with shown_faults():
                if not at:
                    raise InputError(N_("Choose a point first: click on the map, pick a place, or type coordinates."))
                _read_minutes(text)
                address = ";".join(f"{lon:.7f},{lat:.7f}" for lon, lat in at)
                _to_address(at=address, mode=mode, minutes=text.strip(), hour=hour, arrive="1" if arrive else "",
                            versus=versus, split="1" if split else "", transit=transit)  # fmt: skip
    return way_of_origin


def requests() -> dict[str, CatchmentRequest]:
    """Return the requests that the page's address holds, by title: none, one, or two to compare."""
    asked = st.query_params
    if "at" not in asked:
        return {}
    at = read_origins(asked["at"])
    first = catchment.CatchmentRequest(
        at=at,
        minutes=_read_minutes(asked.get("minutes", "10,20,30")),
        mode=asked.get("mode", next(iter(EVERY_MODE))),
        arrive=asked.get("arrive") == "1",
        hour=_read_hour(asked.get("hour", "")),
        split=len(at) > 1 and asked.get("split") == "1",
        transit=asked.get("transit", ""),
    )
    found = {_title(first): first}
    versus = asked.get("versus", "")
    if versus in EVERY_MODE:
        second = replace(first, mode=versus)
        found[_title(second)] = second
    elif versus.endswith("h"):
        second = replace(first, hour=_read_hour(versus[:-1]))
        found[_title(second)] = second
    return found


def run(request: CatchmentRequest) -> Result:
    """Run the catchment job, or take its answer from the last runs."""
    return heavy("catchment", request, partial(catchment.run, request, region()), t(N_("Computing the catchment …")))


def way(result: Result, key: str) -> Result | None:
    """Let a reached place be chosen and return the way to it (or, inbound, from it)."""
    places = result.frames["places"]
    places = places[places["minutes"].notna()]
    names = {
        str(row["id"]): f"{row[name_column()]} · {n(row['minutes'], 1)} {t(N_('min'))}" for _, row in places.iterrows()
    }
    if not names:
        return None
    picked = st.selectbox(
        t(N_("Show the way to")),
        list(names),
        index=None,
        format_func=names.get,
        key=f"way-{key}-{result.run['id']}",
        placeholder=t(N_("Choose a place")),
    )
    if picked is None:
        return None
    asked = result.run["request"]
    place = places[places["id"] == picked].iloc[0]
    nearest = int(place.get("origin", 1))  # of several origins the way is that of the nearest
    lon, lat = planning_to_lonlat(place.geometry.x, place.geometry.y)
    ends = (tuple(asked["at"][nearest - 1]), (float(lon), float(lat)))
    origin, to = reversed(ends) if asked["arrive"] else ends
    request = route.RouteRequest(
        origin, to, asked["mode"], asked["hour"], asked["day"], result.figures["network"], asked["transit"]
    )
    found = heavy("route", request, partial(route.run, request, region()), t(N_("Looking for the way …")))
    minutes, length = n(found.figures["minutes"], 1), n(found.figures["length_km"], 1)
    st.caption(t(N_("{minutes} minutes, {length} km")).format(minutes=minutes, length=length))
    return found


def rings_table(result: Result, frame: str = "rings") -> None:
    """Show the rings as figures and a table, or another frame of a result as a table."""
    if "leg" in result.frames.get(frame, ()):
        legs_table(result.frames[frame])
        return
    if frame != "rings":
        plain_table(result.frames[frame], COLUMNS[frame])
        return
    rings = result.frames["rings"]
    method_line(result)
    split = "origin" in rings
    shown = rings.groupby("minutes", as_index=False)[["people", "reachable_km"]].sum() if split else rings
    # areas round the streets of two origins overlap: they have no sum
    basis = t(N_("{length} km of street")) if split else t(N_("{area} ha · {length} km of street"))
    figures(
        *(
            (
                t(N_("{minutes} minutes")).format(minutes=n(row.minutes, int(row.minutes % 1 > 0))),
                t(N_("{people} people")).format(people=n(row.people)),
                basis.format(area=n(getattr(row, "area_ha", None)), length=n(row.reachable_km)),
            )
            for row in shown.itertuples()
        )
    )
    if split:
        plain_table(rings, ("origin", "minutes", "people", "reachable_km"))


def places_table(result: Result) -> None:
    """Show the zones, facilities and gates with their minutes, and how many could not be timed."""
    places = result.frames["places"]
    with st.expander(t(N_("Zones, facilities and gates reached")), expanded=True):
        columns = (name_column(), "minutes", *(("origin",) if "origin" in places else ()), "kind")
        plain_table(places[places["minutes"].notna()], columns, rows=8)
        untimed = places[places["position"] != "known"].groupby("position").size()
        late = int((places["minutes"].isna() & places["position"].eq("known")).sum())
        parts = [f"{count} {value_label('position', position, t)}" for position, count in untimed.items()]
        st.caption("; ".join([t(N_("{count} not reached within the longest limit")).format(count=late), *parts]))
    with st.expander(t(N_("The rings in figures"))):
        plain_table(result.frames["rings"], [name for name in COLUMNS["rings"] if name in result.frames["rings"]])


def curves(answers: dict[str, Result]) -> None:
    """Show people and street reached by minute, one line a catchment."""
    st.subheader(t(N_("People and streets by minute")))
    minute, what = t(N_("Minutes")), t(N_("Catchment"))
    parts = [answer.frames["curve"].assign(what=title) for title, answer in answers.items()]
    frame = pd.concat(parts, ignore_index=True)
    for side, (column, label) in zip(
        st.columns(2), (("people", t(N_("People"))), ("reachable_km", t(N_("Street reached (km)")))), strict=True
    ):
        chart = (
            alt.Chart(frame)
            .mark_line(point=True)
            .encode(
                x=alt.X("minutes:Q", title=minute),
                y=alt.Y(f"{column}:Q", title=label),
                color=alt.Color("what:N", title=what, legend=alt.Legend(orient="bottom") if len(answers) > 1 else None),
                tooltip=[
                    alt.Tooltip("minutes:Q", title=minute),
                    alt.Tooltip(f"{column}:Q", title=label, format=",.0f"),
                ],
            )
        )
        side.altair_chart(chart)


def area_by_minute(asked: dict[str, CatchmentRequest]) -> None:
    """Show, on demand, the area reached by minute: each point is a ring of its own, with its certificate."""
    with folded(t(N_("Area by minute")), "areas", ":material/area_chart:") as is_open, shown_faults():
        if not is_open:
            return
        minute, area, what = t(N_("Minutes")), t(N_("Area (ha)")), t(N_("Catchment"))
        parts = []
        for title, request in asked.items():
            steps = np.linspace(max(request.minutes) / AREA_STEPS, max(request.minutes), AREA_STEPS).round(2)
            rings = run(replace(request, minutes=tuple(steps.tolist()), split=False)).frames["rings"]
            parts.append(rings[["minutes", "area_ha"]].assign(what=title))
        chart = (
            alt.Chart(pd.concat(parts, ignore_index=True))
            .mark_line(point=True)
            .encode(
                x=alt.X("minutes:Q", title=minute),
                y=alt.Y("area_ha:Q", title=area),
                color=alt.Color("what:N", title=what, legend=alt.Legend(orient="bottom") if len(asked) > 1 else None),
                tooltip=[alt.Tooltip("minutes:Q", title=minute), alt.Tooltip("area_ha:Q", title=area, format=",.0f")],
            )
        )
        st.altair_chart(chart)


def gates_table(request: CatchmentRequest) -> None:
    """Show, on demand, the minutes by truck to every gate; a gate without a way has no time."""
    title = t(N_("Truck time to the gates (ports, depots, stations)"))
    with folded(title, "gates", ":material/local_shipping:") as is_open, shown_faults():
        if not is_open:
            return
        asked = gates.GatesRequest(request.at, "truck", request.arrive, request.hour, request.day, request.network)
        result = heavy("gates", asked, partial(gates.run, asked, region()), t(N_("Timing the ways to the gates …")))
        frame = result.frames["gates"]
        table = frame[[name_column(), "minutes", "kind", "status"]].assign(
            note=[t(gates.REASONS[reason]) for reason in frame["reason"]]
        )
        plain_table(table, tuple(table.columns))
        for note in result.notes:
            st.caption(literal(note.text(t)))


def _title(request: CatchmentRequest) -> str:
    hour = _hour_title("" if request.hour is None else str(request.hour))
    return f"{_mode_title(request.mode)}, {hour}"


def _mode_title(mode: str) -> str:
    return t(EVERY_MODE[mode]) if mode in EVERY_MODE else mode


def _hour_title(hour: str) -> str:
    if not hour:
        return t(EMPTY_ROAD)
    value = float(hour)
    return f"{int(value):02d}:{round(value % 1 * 60):02d}"


def _versus_title(versus: str) -> str:
    if not versus:
        return t(N_("nothing"))
    return _hour_title(versus[:-1]) if versus.endswith("h") else _mode_title(versus)


def _to_address(**values: str) -> None:
    for key, value in values.items():
        if value:
            st.query_params[key] = value
        else:
            st.query_params.pop(key, None)


def _read_minutes(text: str) -> tuple[float, ...]:
    """Read "10, 20; 30" as numbers; the engine checks their range."""
    try:
        return tuple(float(part) for part in re.split(r"[,;\s]+", text.strip()))
    except ValueError:
        raise InputError(
            N_("“{text}” is not a list of minutes; write for example 10, 20, 30."), text=text[:40]
        ) from None


def _read_hour(text: str) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        raise InputError(N_("The hour must lie between 0 and 24; {hour} does not."), hour=text[:10]) from None


def _index(options: list[str] | tuple[str, ...], asked: str | None) -> int:
    return options.index(asked) if asked in options else 0
