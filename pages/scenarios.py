"""Try roads and lines that are not there yet: any analysis before and after, and who gains and who loses."""

import streamlit as st

from pages.ui import scenario_show as show_of
from pages.ui.guard import page, shown_faults
from pages.ui.language import t
from pages.ui.origin import origin_inputs
from pages.ui.scenario_answer import show_figures, show_tables, view_of
from pages.ui.scenario_ask import ANALYSES, TRIPS, analysis, question
from pages.ui.scenario_draw import workshop
from pages.ui.scenario_pick import picked
from pages.ui.scenario_run import compared, usable_part
from zoning.text import N_


@page("scenarios")
def show() -> None:
    """Draw the page."""
    st.title(t(N_("Scenarios")))
    versus, chosen = picked()
    way, found, view = "", None, None
    with st.sidebar:
        st.header(t(N_("Question")))
        what = analysis()
        if what == TRIPS:
            way, at = origin_inputs()
            request = show_of.question(at)
        else:
            request = question(what)
    with shown_faults():
        workshop(chosen)
    if chosen is not None and request is not None:
        with shown_faults():
            sides = usable_part(versus), usable_part(chosen)
            found = compared(ANALYSES[what][1], request, *sides)
            view = view_of(what, found) if what != TRIPS else None
    if found is None:
        st.info(t(N_("Choose a scenario above, and what to ask in the sidebar; trips need an origin: a click on the "
                     "map, a place, coordinates.")))  # fmt: skip
        show_of.scenario_map(chosen, [], None, origin_by_click=way == "map")
        return
    if view is not None:
        show_figures(view)
        show_of.laws_kept(found)
        extra = [] if view.shades is None else [view.shades]
        show_of.scenario_map(chosen, extra, view.look_at, origin_by_click=False)
        show_tables(view, found)
        return
    show_of.answer(found)
    show_of.laws_kept(found)
    rings = found.after.frames["rings"].geometry
    show_of.scenario_map(chosen, show_of.reach(found), rings, origin_by_click=way == "map")
    show_of.tables(found)
    with shown_faults():
        show_of.gate_times(request, versus, chosen)
