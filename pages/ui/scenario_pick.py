"""Pick the scenarios of a comparison: ready-made ones, one's own, or what is open by a year; kept in the address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from geodata.scenarios import from_link, link_text, ready_made
from layers.words import QUALITIES, STATUSES
from pages.ui.guard import shown_faults
from pages.ui.language import language, t
from pages.ui.text import literal
from zoning.scenarios.model import Scenario, together
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Mapping

OWN = "own"
FIRST_YEAR, LAST_YEAR = 2025, 2035
WAYS = {"choose": N_("choose scenarios"), "year": N_("what is open by a year")}
SCHEMATIC_LINE = N_("schematic: drawn through known places, not the true course")
_DRAFT, _SEEN, _TAKE = "_scenario_draft", "_scenario_link", "_scenario_take"


def draft() -> Scenario | None:
    """Return the scenario that this session is drawing, or that the link brought along."""
    text = st.query_params.get(OWN, "")
    if text and st.session_state.get(_SEEN) != text:
        st.session_state[_SEEN] = text
        with shown_faults():
            reading = from_link(text)
            st.session_state[_DRAFT] = reading.scenario
            for fault in reading.faults:
                st.error(literal(fault.text(t)), icon=":material/error:")
    return st.session_state.get(_DRAFT)


def keep_draft(scenario: Scenario | None) -> None:
    """Make a scenario the one that is being drawn, and put it into the address so that the page can be shared."""
    st.session_state[_DRAFT] = scenario
    if scenario is None:
        st.query_params.pop(OWN, None)
        return
    st.session_state[_TAKE] = bool(scenario)  # what is drawn is what one wants to see compared
    text = link_text(scenario)
    st.session_state[_SEEN] = text
    if len(text) <= 6000:  # longer links are cut by mail programs; the file holds all of it
        st.query_params[OWN] = text


def known() -> Mapping[str, Scenario]:
    """Return every scenario that can be picked, by its id in the address."""
    own = draft()
    return ready_made() | ({OWN: own} if own is not None else {})


def title(scenario: Scenario) -> str:
    """Return the title of a scenario in the session's language."""
    titles = (scenario.title_vi, scenario.title_en)
    return (titles[language() == "en"] or titles[language() != "en"]) or scenario.id


def picked() -> tuple[Scenario | None, Scenario | None]:
    """Draw the choice; return what to compare with (None: the region as it is) and the scenario (None: nothing yet)."""
    every = known()
    names = {one: title(scenario) for one, scenario in every.items()}
    asked = [one for one in st.query_params.get("with", "").split(",") if one in every]
    first = "year" if "year" in st.query_params else "choose"
    way = st.segmented_control(t(N_("Scenario")), list(WAYS), required=True, format_func=lambda one: t(WAYS[one]),
                               default=first, key="scenario_way")  # fmt: skip
    if way == "year":
        chosen = _by_year()
    else:
        st.query_params.pop("year", None)
        if "scenario_ids" not in st.session_state:
            st.session_state["scenario_ids"] = asked
        if st.session_state.pop(_TAKE, False) and OWN not in st.session_state["scenario_ids"]:
            st.session_state["scenario_ids"] = [*st.session_state["scenario_ids"], OWN]
        ids = st.multiselect(t(N_("Projects")), list(names), format_func=names.get, key="scenario_ids",
                             placeholder=t(N_("Choose one or more")))  # fmt: skip
        _to_address("with", ",".join(ids))
        chosen = [every[one] for one in ids]
    others = ["", *names]
    versus = st.query_params.get("versus", "")
    other = st.selectbox(t(N_("Compare with")), others, index=others.index(versus) if versus in others else 0,
                         format_func=lambda one: names.get(one, t(N_("the region as it is"))),
                         key="scenario_versus")  # fmt: skip
    _to_address("versus", other)
    for scenario in chosen:
        about(scenario)
    made = None
    with shown_faults():
        made = together(tuple(chosen)) if chosen else None
    return every.get(other), made


def about(scenario: Scenario) -> None:
    """Show what is known of a scenario: status, year and where it comes from, how well its place is known."""
    year = year_of(scenario)
    status = t(STATUSES.get(scenario.status, N_("an idea")))
    qualities = {**QUALITIES, "schematic": SCHEMATIC_LINE}  # what a scenario draws are lines
    quality = t(qualities.get(scenario.geometry_quality, scenario.geometry_quality))
    notes = scenario.notes_vi if language() == "vi" else scenario.notes_en
    st.caption(f"**{literal(title(scenario))}**: {status}, {year}; {literal(f'{quality}. {notes}')}")


def year_of(scenario: Scenario) -> str:
    """Return the opening year in words; one that is worked out from a note says so, and from which."""
    if not scenario.open_year:
        return t(N_("no opening year"))
    if scenario.year_inferred:
        words = t(N_("open in {year}, inferred and not published (from {basis})"))
        return words.format(year=scenario.open_year, basis=t(scenario.year_basis))
    return t(N_("open in {year}")).format(year=scenario.open_year)


def _by_year() -> list[Scenario]:
    asked = st.query_params.get("year", "")
    year = st.slider(t(N_("Year")), FIRST_YEAR, LAST_YEAR,
                     int(asked) if asked.isdigit() and FIRST_YEAR <= int(asked) <= LAST_YEAR else 2028,
                     key="scenario_year")  # fmt: skip
    _to_address("year", str(year))
    found = [one for one in ready_made().values() if one.open_year is not None and one.open_year <= year]
    without = [title(one) for one in ready_made().values() if one.open_year is None]
    st.caption(t(N_("Without a published year, and therefore never open here: {names}.")).format(
        names=", ".join(without)))  # fmt: skip
    return sorted(found, key=lambda one: one.open_year or 0)


def _to_address(name: str, value: str) -> None:
    if value:
        st.query_params[name] = value
    else:
        st.query_params.pop(name, None)
