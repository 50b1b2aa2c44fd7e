"""Check zones against the planning code: at a glance, by zone, by both codes, what is missing; and edit them."""

import streamlit as st

from pages.ui import check_show as shown
from pages.ui.check_code import code_view
from pages.ui.check_form import answers, check_form, chosen_zone
from pages.ui.check_outlines import outlines_view
from pages.ui.check_project import project_view
from pages.ui.check_zone import zone_view
from pages.ui.edit_zones import edit_view
from pages.ui.guard import page, shown_faults
from pages.ui.language import t
from pages.ui.text import literal
from zoning.text import N_

VIEWS = {
    "glance": N_("At a glance"),
    "zone": N_("One zone"),
    "both": N_("Both codes"),
    "lacking": N_("Missing layers"),
    "outlines": N_("Outlines"),
    "edit": N_("Edit zones"),
    "code": N_("The code"),
}


def _remember() -> None:
    st.query_params["view"] = st.session_state["check_view"]


@page("code_checks")
def show() -> None:
    """Draw the page."""
    st.title(t(N_("Code checks")))
    request = check_form()
    found = answers(request)
    first = next(iter(found.values()))
    shown.key_figures(found)
    project_view(request)
    above = st.container()
    asked = st.query_params.get("view", "glance")
    view = st.segmented_control(
        t(N_("View")), list(VIEWS), default=asked if asked in VIEWS else "glance", required=True, key="check_view",
        format_func=lambda one: t(VIEWS[one]), on_change=_remember, label_visibility="collapsed",
    )  # fmt: skip
    if view != "edit":  # it has a map of its own, to draw on
        with above:
            shown.verdict_map(request, first)
    with shown_faults():
        if view == "glance":
            shown.glance(request, first)
        elif view == "zone":
            zone_view(request, found, chosen_zone(request, first))
        elif view == "both":
            shown.both(found)
        elif view == "lacking":
            shown.lacking(first)
        elif view == "outlines":
            outlines_view(request)
        elif view == "edit":
            edit_view()
        else:
            code_view()
    with st.expander(t(N_("Take home: the checks, one row a zone and rule")), icon=":material/download:"):
        shown.take_home(first, request.zones)
    with st.expander(t(N_("Take home: the planning dossier (GeoPackage)")), icon=":material/folder_zip:"):
        shown.dossier()
    for note in first.notes:
        st.caption(literal(note.text(t)))
