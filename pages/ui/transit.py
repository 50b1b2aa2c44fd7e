"""Set, explain and load public transport: its settings in forms, the method of an answer, legs, and timetables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from geodata.feeds import add_feed, listed, remove_feed
from layers.labels import value_label
from pages.ui.data import region, store
from pages.ui.folded import folded
from pages.ui.guard import shown_faults
from pages.ui.language import language, n, t
from zoning.errors import InputError
from zoning.text import N_
from zoning.transit.journey import LEGS, RIDE
from zoning.transit.notes import REASONS
from zoning.transit.patterns import Headway
from zoning.transit.settings import TransitSettings, parse
from zoning.transit.supply import HEADWAY, NONE, TIMETABLE

if TYPE_CHECKING:
    from zoning.result import Result
    from zoning.transit.supply import Supply

METHODS = {
    HEADWAY: N_("Public transport is timed **by headway** (no timetable is loaded): the wait is an assumed share of "
                "the headway. Data: {source}."),
    TIMETABLE: N_("Public transport is timed **by timetable**: departures over a time window. Data: {source}."),
    NONE: N_("**No line of public transport runs** at this time in the data: people walk."),
}  # fmt: skip
_SAID = "_feeds_said"
_NAMED = re.compile(r"[^a-z0-9]+")


def transit_inputs(text: str, key: str) -> str:
    """Draw the settings of public transport inside a form and return them as the address holds them."""
    try:
        now = parse(text)
    except InputError:  # an address typed by hand: the job says what is wrong with it
        now = TransitSettings()
    with st.expander(t(N_("Public transport")), icon=":material/directions_bus:"):
        share = st.slider(t(N_("Wait, % of the headway")), 0, 100, round(100 * now.wait_share), 5, key=f"{key}_wait")
        boardings = st.number_input(t(N_("Most vehicles of a trip")), 1, 6, now.boardings, key=f"{key}_boardings")
        window = st.number_input(
            t(N_("Timetable: departures within (minutes)")), 0, 600, round(now.window_min), 15, key=f"{key}_window"
        )
        every = st.number_input(
            t(N_("Timetable: one departure every (minutes)")),
            1,
            60,
            round(now.every_min),
            key=f"{key}_every",
            help=t(
                N_(
                    "Trips are tried from the hour on, one every so many minutes, to the end of the window: 5 over 120 "
                    "minutes are 25 trips. A line that runs every 15 minutes needs 5 or less to be counted fairly; 1 "
                    "is the most exact and takes longest."
                )
            ),
        )
        kept = st.select_slider(
            t(N_("Timetable: time that so many % keep to")), (10, 25, 50, 75, 90),
            now.percentile if now.percentile in (10, 25, 50, 75, 90) else 50, key=f"{key}_percentile",
            help=t(
                N_(
                    "50 is the median of the departures tried; 90 is the time of somebody who leaves at nearly the "
                    "worst moment, 10 of somebody who knows the timetable."
                )
            ),
        )  # fmt: skip
    chosen = TransitSettings(
        wait_share=share / 100, boardings=int(boardings), window_min=float(window), percentile=int(kept),
        change_min=now.change_min, transfer_m=now.transfer_m, every_min=float(every),
    )  # fmt: skip
    return chosen.text()


def method_line(result: Result) -> None:
    """Say, where a result is one by public transport, by which method and on which data it was timed."""
    told = result.run.get("transit")
    if told:
        st.info(t(METHODS[told["method"]]).format(source=told["source"]), icon=":material/directions_bus:")


def legs_table(legs: pd.DataFrame) -> None:
    """Show a trip as walks, waits and rides; the streets of one walk are one row."""
    part = legs["leg"].ne(legs["leg"].shift()).cumsum()
    rows = legs.groupby(part, sort=False).agg(
        begin=("minutes", "first"), leg=("leg", "first"), minutes=("leg_min", "sum"), length_m=("length_m", "sum"),
        name=("name", "first"), line=("line", "first"), stop=("stop", "last"),
    )  # fmt: skip
    shown = pd.DataFrame(
        {
            t(N_("From minute")): [n(value, 1) for value in rows["begin"]],
            t(N_("Leg")): [t(LEGS.get(leg, leg)) for leg in rows["leg"]],
            t(N_("Minutes")): [n(value, 1) for value in rows["minutes"]],
            t(N_("Line")): rows["name"].where(rows["line"] != "", ""),
            t(N_("At the stop")): [
                t(N_("to {stop}")).format(stop=stop) if leg == RIDE else stop
                for leg, stop in zip(rows["leg"], rows["stop"], strict=True)
            ],
            t(N_("Length (m)")): [n(value) if value else "" for value in rows["length_m"]],
        }
    )
    st.dataframe(shown, hide_index=True)


def transit_section() -> None:
    """Show what runs, and let a planner load a timetable (GTFS) or take one out of use."""
    with folded(t(N_("Public transport: lines and timetables")), "transit", ":material/directions_bus:") as is_open:
        if not is_open:
            return
        with shown_faults():
            _running(region().transit())
        _timetables()
        _loader()
        for sentence in st.session_state.get(_SAID, []):
            st.caption(sentence)


def _running(supply: Supply) -> None:
    st.markdown(t(METHODS[supply.method]).format(source=supply.source))
    for template, values in supply.notes:
        st.caption(t(template).format(**values))
    rows = []
    for service in supply.services:
        own = [one for one in supply.patterns if one.service == service]
        often = sorted({round(one.headway_s / 60) for one in own if isinstance(one, Headway)})
        trips = sum(one.trips_of_day for one in own if not isinstance(one, Headway))
        rows.append(
            {
                t(N_("Line")): service.name_en if language() == "en" else service.name_vi,
                t(N_("Mode")): value_label("mode", service.mode, t),
                t(N_("Headway (min)")): ", ".join(map(str, often)),
                **({t(N_("Trips a day")): trips} if supply.timed else {}),
                t(N_("Stops")): max(one.stops.size for one in own),
            }
        )
    if rows:
        st.dataframe(pd.DataFrame(rows), hide_index=True, height=min(36 * (len(rows) + 1), 320))
    for reason, template in REASONS.items():
        lines = [one.short for one in supply.left_out if one.reason == reason]
        if lines:
            st.caption(t(template).format(lines=", ".join(lines)))


def _timetables() -> None:
    for row in listed(store()).itertuples():
        left, right = st.columns([4, 1], vertical_alignment="center")
        sentence = N_("{title}: {lines} lines, {trips} trips, valid from {first} to {last}")
        left.markdown(
            t(sentence).format(
                title=row.title, lines=n(row.lines), trips=n(row.trips), first=row.valid_from, last=row.valid_to
            )
        )
        if right.button(t(N_("Remove")), key=f"feed-remove-{row.id}", icon=":material/delete:"):
            with shown_faults():
                remove_feed(store(), str(row.id))
                st.session_state[_SAID] = []
                st.rerun()


def _loader() -> None:
    with st.form("gtfs", border=False):
        file = st.file_uploader(t(N_("Timetable (GTFS, zip)")), type=["zip"], key="gtfs_file")
        date = st.text_input(
            t(N_("Day that is taken for every day (empty: the busiest of each kind)")), placeholder="2026-05-13",
            key="gtfs_date",
        )  # fmt: skip
        sent = st.form_submit_button(t(N_("Load the timetable")), icon=":material/upload:")
    if sent and file is None:
        st.warning(t(N_("Choose the file of a timetable first.")))
    elif sent:
        with shown_faults():
            name = _NAMED.sub("_", file.name.lower().removesuffix(".zip")).strip("_")
            name = f"t_{name}" if not name[:1].isalpha() else name
            with st.spinner(t(N_("Reading the timetable …"))):
                notes = add_feed(store(), file.getvalue(), name[:40] or "timetable", date=date.strip())
            st.session_state[_SAID] = [note.text(t) for note in notes]
            st.rerun()
