"""Show where the workers of a park find housing and kindergarten places, shift by shift, and how many do not."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from geodata.positions import parse_position
from layers import results
from pages.ui.access_places import capacity_columns, own_layers
from pages.ui.access_templates import missing_note
from pages.ui.data import layer, region
from pages.ui.downloads import result_downloads
from pages.ui.explained import network_settings, stands_on
from pages.ui.figures import figures
from pages.ui.guard import shown_faults
from pages.ui.language import n, name_column, t
from pages.ui.table import plain_table
from pages.ui.text import literal
from pages.ui.transit import method_line, transit_inputs
from pages.ui.views import reader, region_map
from pages.ui.waiting import heavy
from zoning.errors import InputError
from zoning.jobs import workers
from zoning.jobs.workers import HOUSING, KINDERGARTEN, NEEDS, WORKERS_A_HA, WorkersRequest
from zoning.places import travel_points
from zoning.text import N_
from zoning.transit.modes import EVERY_MODE

if TYPE_CHECKING:
    from zoning.result import Result

PARK_KINDS = ("industrial_park", "science_technology_park")
_EXAMPLE = "106.65, 10.98 / X 1214436, Y 598371"
_ROUGH_FIRST = "vsip-1"  # an outline and a published area: the example
_PARAMETERS = ("park", "gate", "shifts", "workers", "mode", "minutes", "housing", "kindergartens", "shared", "children",
               "transit")  # fmt: skip


def workers_view() -> None:
    """Draw the form and, once it is sent, the answer."""
    _form()
    result = None
    with shown_faults():
        question = _request()
        if question is not None:
            work = partial(workers.run, question, region())
            result = heavy("workers", question, work, t(N_("Timing the ways of everyone …")))
    if result is None:
        missing_note()
        if "park" in st.query_params:
            return
        st.info(t(N_("Choose a park, its shifts and the layers in the sidebar, then compute.")))
        return
    _show(result)


def _form() -> None:
    asked = st.query_params
    zones = layer("zones")
    parks = zones[zones["kind"].isin(PARK_KINDS) & ~zones["status"].eq("removed")]
    names = dict(zip(parks["id"], parks[name_column()], strict=True))
    with st.sidebar:
        st.header(t(N_("Workers of a park")))
        ids = list(names)
        first = asked.get("park", _ROUGH_FIRST)
        park = st.selectbox(
            t(N_("Industrial or technology park")),
            ids,
            index=ids.index(first) if first in ids else 0,
            format_func=names.get,
            key="workers_park",
        )
        row = parks[parks["id"] == park]
        area = float(row["area_ha"].fillna(0).iloc[0])
        rough = travel_points(row).iloc[0] is None
        with st.form("workers", border=False):
            gate = ""
            if rough:
                gate = st.text_input(
                    t(N_("Its gate (this park is known only roughly)")),
                    asked.get("gate", ""),
                    placeholder=_EXAMPLE,
                    key=f"workers_gate-{park}",
                )
            usual = round(area * WORKERS_A_HA, -2) or 3_000
            same = asked.get("park") == park
            count = st.number_input(
                t(N_("Workers, all shifts")),
                0,
                workers.MOST_WORKERS,
                int(_whole(asked.get("workers", "")) or usual if same else usual),
                100,
                key=f"workers_count-{park}",
                help=t(
                    N_(
                        "Starts at {rate} a hectare: 1.2 million workers in 28 parks on 11,962 ha. Numbers of "
                        "single parks are hardly published."
                    )
                ).format(rate=n(WORKERS_A_HA)),
            )
            shifts = st.text_input(
                t(N_("Shifts begin at (hours)")), asked.get("shifts", "6, 14, 22"), key="workers_shifts"
            )
            modes = list(EVERY_MODE)
            first_mode = asked["mode"] if asked.get("mode") in modes else "motorbike"
            mode = st.selectbox(
                t(N_("Mode of travel")),
                modes,
                format_func=lambda one: t(EVERY_MODE[one]),
                index=modes.index(first_mode),
                key="workers_mode",
            )
            minutes = st.text_input(
                t(N_("Minutes to home, to the kindergarten")), asked.get("minutes", "30, 15"), key="workers_minutes"
            )
            chosen = {
                need: _layer_choice(need, asked.get(key, name))
                for need, key, name in (
                    (HOUSING, "housing", "worker_housing"),
                    (KINDERGARTEN, "kindergartens", "kindergartens"),
                )
            }
            children = st.number_input(
                t(N_("Kindergarten children for 1,000 workers")),
                0.0,
                1000.0,
                _children(),
                format="%g",
                help=t(N_("50 places for 1,000 people: QCVN 01:2021/BXD, 2.3.")),
                key="workers_children",
            )
            shared = st.checkbox(
                t(N_("Residents take their share first")), asked.get("shared", "1") == "1", key="workers_shared"
            )
            transit = transit_inputs(asked.get("transit", workers.USUAL_TRANSIT), "workers_transit")
            sent = st.form_submit_button(t(N_("Compute")), type="primary", icon=":material/groups:")
    if sent:
        with shown_faults():
            if rough and not gate.strip():
                raise InputError(N_("This park is known only roughly: type the coordinates of its gate."))
            at = ",".join(f"{part:.7f}" for part in parse_position(gate)) if rough else ""
            _to_address(
                park=park,
                gate=at,
                workers=str(count),
                shifts=shifts,
                mode=mode,
                minutes=minutes,
                housing=chosen[HOUSING],
                kindergartens=chosen[KINDERGARTEN],
                children=f"{children:g}",
                shared=str(int(shared)),
                transit=transit,
            )
            st.rerun()


def _layer_choice(need: str, usual: str) -> str:
    own = own_layers()
    offered = {"": t(N_("none: layer missing"))} | own
    if need == HOUSING:
        offered |= {"facilities:housing": t(N_("housing among the facilities"))}
    labels = {HOUSING: N_("Housing of workers"), KINDERGARTEN: N_("Kindergartens")}
    keys = list(offered)
    return st.selectbox(
        t(labels[need]),
        keys,
        index=keys.index(usual) if usual in keys else 0,
        format_func=offered.get,
        key=f"workers_layer-{need}",
    )


def _request() -> WorkersRequest | None:
    asked = st.query_params
    if "park" not in asked:
        return None
    hours = _numbers(asked.get("shifts", "6,14,22"))
    home, kindergarten = (*_numbers(asked.get("minutes", "30,15")), 15.0)[:2]
    count = int(_whole(asked.get("workers", "")) or 0)
    each = [count // len(hours) + int(at < count % len(hours)) for at in range(len(hours))]
    gate = asked.get("gate", "")
    housing, kindergartens = asked.get("housing", ""), asked.get("kindergartens", "")
    return WorkersRequest(
        park=asked["park"],
        at=parse_position(gate) if gate else None,
        shifts=tuple(zip(hours, each, strict=True)),
        mode=asked.get("mode", "motorbike"),
        minutes=home,
        kindergarten_minutes=kindergarten,
        housing=housing,
        housing_field=_field(housing),
        kindergartens=kindergartens,
        kindergarten_field=_field(kindergartens),
        children_per_1000=_children(),
        shared=asked.get("shared", "1") == "1",
        transit=asked.get("transit", workers.USUAL_TRANSIT),
    )


def _children() -> float:
    asked = _whole(st.query_params.get("children", ""))
    return workers.CHILDREN_PER_1000 if asked is None else min(max(asked, 0.0), 1000.0)


def _show(result: Result) -> None:
    found = result.figures
    st.subheader(found["park_vi" if name_column() == "name_vi" else "park_en"])
    items = [(t(N_("Workers")), n(found["workers"]), t(N_("all shifts")))]
    for need in (HOUSING, KINDERGARTEN):
        told = found[need]
        basis = t(N_("of {demand} needed; {assigned} assigned")).format(
            demand=n(told["demand"]), assigned=n(told["assigned"])
        )
        items.append((t(UNMET[need]), n(told["unmet"]), basis))
    figures(*items)
    method_line(result)
    places = result.frames["places"]
    extra = [results.positions(result.frames["park"].geometry, reader(), title=t(N_("Gate of the park")))]
    near = places[places.geometry.notna()] if len(places) else places
    if 0 < len(near) <= 300:
        extra.insert(0, results.positions(near.geometry, reader(), title=t(N_("Housing and kindergartens"))))
    region_map(
        "workers",
        {"zones": layer("zones")},
        look_at=result.frames["park"].geometry.buffer(6_000),
        look_token=result.run["id"],
        extra=extra,
        height=480,
    )
    st.subheader(t(N_("Shift by shift")))
    shifts = result.frames["shifts"]
    need = t(N_("Need"))
    table = shifts.assign(
        **{need: [t(NEEDS[one]) for one in shifts["need"]], t(N_("Begins")): [_clock(h) for h in shifts["hour"]]}
    )
    plain_table(table, (need, t(N_("Begins")), "workers", "demand", "assigned", "unmet"))
    st.caption(t(N_("Assigned and unmet add up to what is needed. A dash: the layer is missing, so nobody knows.")))
    if len(places):
        st.subheader(t(N_("Places within reach")))
        shown = places[places["minutes"].notna()].assign(
            **{need: [t(NEEDS[one]) for one in places["need"][places["minutes"].notna()]]}
        )
        plain_table(
            shown.sort_values("minutes"), (need, name_column(), "minutes", "capacity", "room", "assigned", "left")
        )
        with st.expander(t(N_("Take home: places, with the run record inside")), icon=":material/download:"):
            result_downloads(result, "places")
    for note in result.notes:
        st.caption(literal(note.text(t)))
    with st.expander(t(N_("How this was computed")), icon=":material/function:"):
        st.markdown(
            t(
                N_(
                    "Each shift travels at its own hour. Places go to as many as can be served within the "
                    "minutes, all shifts together, and of all ways to do that to the one with the least "
                    "travel in sum (Hitchcock 1941, J. Math. Phys. 20, 224-230). Where residents take their "
                    "share first, a kindergarten of C places has for the park C · D / (D + R): D children of "
                    "the park, R of the residents within reach (Luo & Wang 2003)."
                )
            )
        )
        network_settings(result)
        stands_on(result)


UNMET = {HOUSING: N_("Workers without a place to live"), KINDERGARTEN: N_("Children without a place")}


def _clock(hour: float) -> str:
    return f"{int(hour):02d}:{round(hour % 1 * 60):02d}"


def _field(name: str) -> str:
    return "capacity" if name and "capacity" in capacity_columns(name) else ""


def _to_address(**values: str) -> None:
    for key in _PARAMETERS:
        st.query_params[key] = values.get(key, "")


def _numbers(text: str) -> tuple[float, ...]:
    try:
        found = tuple(float(part) for part in re.split(r"[,;\s]+", text.strip()) if part)
    except ValueError:
        found = ()
    if not found:
        raise InputError(N_("“{text}” is not a list of numbers; write for example 6, 14, 22."), text=text[:40])
    return found


def _whole(text: str) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
