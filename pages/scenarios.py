"""Try roads and lines that are not there yet: before, after, and who gains and who loses."""

import streamlit as st

from pages.ui import scenario_show as show_of
from pages.ui.guard import page, shown_faults
from pages.ui.language import t
from pages.ui.origin import origin_inputs
from pages.ui.scenario_draw import workshop
from pages.ui.scenario_pick import picked
from zoning.jobs import catchment
from zoning.text import N_


@page("scenarios")
def show() -> None:
    """Draw the page."""
    st.title(t(N_("Scenarios")))
    versus, chosen = picked()
    with st.sidebar:
        st.header(t(N_("Question")))
        way, at = origin_inputs()
        request = show_of.question(at)
    found = None
    with shown_faults():
        workshop(chosen)
    if chosen is not None and request is not None:
        with shown_faults():
            found = show_of.compared(catchment, request, versus, chosen)
    if found is not None:
        show_of.answer(found)
        show_of.laws_kept(found)
    else:
        st.info(
            t(N_("Choose a scenario above and an origin in the sidebar: a click on the map, a place, coordinates."))
        )
    show_of.scenario_map(chosen, found, origin_by_click=way == "map")
    if found is None:
        return
    show_of.tables(found)
    with shown_faults():
        show_of.gate_times(request, versus, chosen)
    with shown_faults():
        show_of.nearest(request, versus, chosen)
