"""Ask who reaches what, ward by ward; where workers find places; and carry figures between old and new units."""

import streamlit as st

from pages.ui import access_show as shown
from pages.ui.access_form import EXAMPLES, access_form, ask, first_example, request, run
from pages.ui.access_templates import missing_note, templates_view
from pages.ui.access_time import time_view
from pages.ui.access_workers import workers_view
from pages.ui.guard import page, shown_faults
from pages.ui.language import t
from pages.ui.transit import method_line
from zoning.text import N_

VIEWS = {
    "access": N_("Who reaches what"),
    "workers": N_("Workers of a park"),
    "time": N_("Units through time"),
    "templates": N_("Missing layers"),
}


def access_view() -> None:
    """Show one answer, or the sentence that says why there is none."""
    result = question = None
    with shown_faults():
        question = request()
    access_form(question or first_example())
    if question is not None:
        with shown_faults():
            result = run(question)
    with st.container(horizontal=True, gap="small"):
        for title, fields in EXAMPLES.items():
            st.button(t(title), on_click=ask, args=(fields,), type="tertiary", icon=":material/play_circle:")
    missing_note()
    if result is None:
        return
    method_line(result)
    shown.key_figures(question, result)
    shown.shaded_map(question, result)
    shown.ends(question, result)
    shown.spread_chart(question, result)
    shown.equity(question, result)
    shown.left_out(result)
    shown.take_home(result)
    shown.computed(question, result)


def _remember() -> None:
    st.query_params["view"] = st.session_state["access_view"]


@page("accessibility")
def show() -> None:
    """Draw the page."""
    st.title(t(N_("Accessibility")))
    asked = st.query_params.get("view", "access")
    view = st.segmented_control(
        t(N_("View")), list(VIEWS), default=asked if asked in VIEWS else "access", required=True, key="access_view",
        format_func=lambda one: t(VIEWS[one]), on_change=_remember, label_visibility="collapsed",
    )  # fmt: skip
    {"access": access_view, "workers": workers_view, "time": time_view, "templates": templates_view}[view]()
