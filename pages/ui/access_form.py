"""Ask in the sidebar who reaches what: destinations, measure, mode and units, kept in the page's address."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from geodata.templates import SCHOOL_NORMS, TEMPLATES
from layers.labels import field_label
from pages.ui.access_places import destinations, offers
from pages.ui.analysis import HOURS
from pages.ui.data import region
from pages.ui.guard import shown_faults
from pages.ui.language import n, t
from pages.ui.transit import transit_inputs
from pages.ui.waiting import heavy
from zoning.errors import InputError
from zoning.gather import BY
from zoning.jobs import access
from zoning.jobs.access import AccessRequest
from zoning.reach.menu import MEASURES, PER_PEOPLE_UNIT, decay_of
from zoning.text import N_
from zoning.transit.modes import EVERY_MODE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zoning.result import Result

UNITS = {
    "wards": N_("36 wards since July 2025"),
    "communes": N_("91 communes until June 2025"),
    "grid": N_("hexagon cells"),
}
CELLS_M = (1_000, 1_500, 2_000, 3_000, 5_000)
DIRECTIONS = {"": N_("from people to the place"), "1": N_("from the place to people")}
EXAMPLES: Mapping[str, dict[str, str]] = {
    N_("Hospitals: minutes to the nearest"): {"to": "facilities:hospital", "measure": "nearest"},
    N_("University places for 1,000 people, 30 minutes"): {
        "to": "facilities:university",
        "measure": "2sfca",
        "capacity": "capacity",
        "minutes": "30",
    },
    N_("Industrial land within 20 minutes (ha)"): {
        "to": "zones:industrial_park",
        "measure": "cumulative",
        "capacity": "area_ha",
        "minutes": "20",
    },
    N_("Jobs in parks within 45 minutes by public transport"): {
        "to": "park_jobs",
        "measure": "cumulative",
        "capacity": "jobs",
        "minutes": "45",
        "mode": "transit",
    },
}
_FIRST = next(iter(EXAMPLES.values()))
_PARAMETERS = (
    "to",
    "measure",
    "minutes",
    "decay",
    "capacity",
    "k",
    "mode",
    "hour",
    "by",
    "cell",
    "line",
    "planned",
    "arrive",
    "transit",
)


def request() -> AccessRequest:
    """Return the question that the page's address holds; the first example where it holds none."""
    asked = {key: value for key, value in st.query_params.items() if key in _PARAMETERS}
    if "to" not in asked:
        asked |= _FIRST
    by = asked.get("by", "wards")
    return AccessRequest(
        to=asked["to"],
        measure=asked.get("measure", "nearest"),
        minutes=_number(asked.get("minutes", "")),
        decay=asked.get("decay", ""),
        capacity=asked.get("capacity", ""),
        k=int(_number(asked.get("k", "")) or 1),
        mode=asked.get("mode", "motorbike"),
        hour=_number(asked.get("hour", "7.5")),
        arrive=asked.get("arrive") == "1",
        by=by,
        cell_m=_number(asked.get("cell", "")) or float(CELLS_M[2]),
        line=_number(asked.get("line", "")),
        planned=asked.get("planned") == "1",
        transit=asked.get("transit", ""),
    )


def first_example() -> AccessRequest:
    """Return the question that a new page starts with."""
    return AccessRequest(**_FIRST, hour=7.5)


def access_form(now: AccessRequest) -> None:
    """Draw the form; what is sent is written to the address, from which `request` reads it."""
    with st.sidebar:
        st.header(t(N_("Accessibility")))
        options = destinations()
        if now.to not in options:
            options[now.to] = now.to
        to = st.selectbox(
            t(N_("Where people go")),
            list(options),
            index=list(options).index(now.to),
            format_func=options.get,
            key="access_to",
        )
        measures = list(MEASURES)
        measure = st.selectbox(
            t(N_("Measure")),
            measures,
            index=measures.index(now.measure) if now.measure in measures else 0,
            format_func=lambda one: t(MEASURES[one].title),
            key="access_measure",
        )
        st.caption(t(MEASURES[measure].question))
        with st.form("access", border=False):
            fields = _fields(now, to, measure)
            sent = st.form_submit_button(t(N_("Compute")), type="primary", icon=":material/accessibility_new:")
    if sent:
        with shown_faults():
            _checked(fields)
            _to_address({"to": to, "measure": measure} | fields)
            st.rerun()


def _fields(now: AccessRequest, to: str, measure: str) -> dict[str, str]:
    kind = MEASURES[measure]
    fields: dict[str, str] = {}
    if measure == "nearest":
        k = st.number_input(t(N_("Choice of how many")), 1, 20, min(now.k, 20), key="access_k")
        fields["k"] = str(k) if k > 1 else ""
    else:
        columns = offers(to)
        usual = now.capacity if now.capacity in columns else columns[-1] if "capacity" in columns else columns[0]
        fields["capacity"] = st.selectbox(
            t(N_("What each place offers")),
            columns,
            index=columns.index(usual),
            format_func=_capacity_title,
            key=f"access_capacity-{to}",
        )
    same = now.measure == measure
    minutes = now.minutes if same and now.minutes else kind.usual_min
    label = t(N_("Look no farther than (minutes)")) if measure == "nearest" else t(N_("Within (minutes)"))
    given = st.number_input(
        label, 1.0, access.LONGEST_MIN, float(minutes), 1.0, format="%g", key=f"access_minutes-{measure}"
    )
    fields["minutes"] = f"{given:g}" if given != kind.usual_min else ""
    if kind.decays:
        fields["decay"] = st.text_input(
            t(N_("Decay with time")),
            now.decay if same else "",
            placeholder=str(decay_of(measure, given)),
            help=t(
                N_(
                    "binary:15, linear:20, exponential:0.1, gaussian:10, power:2, logistic:20,5 or "
                    "stepped:10,20/0.68,0.22; empty takes the usual one."
                )
            ),
            key=f"access_decay-{measure}",
        ).strip()
    modes = list(EVERY_MODE)
    fields["mode"] = st.selectbox(
        t(N_("Mode of travel")),
        modes,
        index=_index(modes, now.mode),
        format_func=lambda one: t(EVERY_MODE[one]),
        key="access_mode",
    )
    hour = "" if now.hour is None else str(now.hour)
    fields["hour"] = st.selectbox(
        t(N_("Hour of the day")), HOURS, index=_index(HOURS, hour), format_func=_hour_title, key="access_hour"
    )
    fields["by"] = st.selectbox(
        t(N_("Result by")), BY, index=_index(BY, now.by), format_func=lambda one: t(UNITS[one]), key="access_by"
    )
    cells = tuple(sorted({*CELLS_M, int(now.cell_m)}))
    fields["cell"] = str(
        st.selectbox(
            t(N_("Size of a cell (m)")), cells, index=cells.index(int(now.cell_m)), format_func=n, key="access_cell"
        )
    )
    fields["transit"] = transit_inputs(now.transit, "access_transit")
    with st.expander(t(N_("More settings"))):
        line_help = t(
            N_(
                "For the nearest: minutes that nobody should exceed. Else: the least that everyone "
                "should have, in the unit of the result; the planning code asks for 4 beds or 50 "
                "kindergarten places for 1,000 people."
            )
        )
        kept = now.line is not None and same and now.to == to
        line = now.line if kept else _usual_line(to, measure, fields.get("capacity", ""))
        line = st.number_input(
            t(N_("Line for the equity figures")),
            0.0,
            value=line,
            format="%g",
            help=line_help,
            key=f"access_line-{measure}",
        )
        fields["line"] = f"{line:g}" if line else ""
        arrive = st.radio(
            t(N_("Direction")),
            list(DIRECTIONS),
            index=int(now.arrive),
            format_func=lambda one: t(DIRECTIONS[one]),
            key="access_arrive",
        )
        planned = st.checkbox(t(N_("Count what is not in operation yet")), now.planned, key="access_planned")
        fields |= {"arrive": arrive, "planned": "1" if planned else ""}
    return fields


def _usual_line(to: str, measure: str, capacity: str) -> float | None:
    """Return what the planning code asks for 1,000 people, where the measure is told so; None for no line."""
    name, _, kind = to.partition(":")
    if not capacity or MEASURES[measure].unit != PER_PEOPLE_UNIT:
        return None
    if name == "schools":
        return SCHOOL_NORMS.get(kind)
    template = "hospital_beds" if to == "facilities:hospital" else name
    return TEMPLATES[template].norm_per_1000 if template in TEMPLATES else None


def run(question: AccessRequest) -> Result:
    """Run the job, or take its answer from the last runs."""
    return heavy("access", question, partial(access.run, question, region()), t(N_("Timing the ways of everyone …")))


def ask(fields: Mapping[str, str]) -> None:
    """Put an example's question in the address, and the form back to it."""
    for key in [key for key in st.session_state if str(key).startswith("access_") and key != "access_view"]:
        del st.session_state[key]
    _to_address({"hour": "7.5"} | dict(fields))


def _capacity_title(column: str) -> str:

    return field_label(column, t) if column else t(N_("each place counts 1"))


def _hour_title(hour: str) -> str:
    return (
        t(N_("{hour} h")).format(hour=n(float(hour), int(float(hour) % 1 > 0)))
        if hour
        else t(N_("empty road, no congestion"))
    )


def _checked(fields: Mapping[str, str]) -> None:
    if fields.get("decay"):
        decay_of("gravity", 1.0, fields["decay"])


def _to_address(fields: Mapping[str, Any]) -> None:
    for key in _PARAMETERS:
        value = str(fields.get(key, ""))
        if value or key == "hour":  # an empty hour is an answer: the empty road
            st.query_params[key] = value
        else:
            st.query_params.pop(key, None)


def _number(text: str) -> float | None:
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        raise InputError(
            N_("The address of this page holds “{text}” where a number belongs."), text=text[:40]
        ) from None


def _index(options: Sequence[str], value: str) -> int:
    return list(options).index(value) if value in options else 0
