"""Show the smart-city programme: categories, themes, clusters, labs, networks, ICF indicators, and their places."""

import streamlit as st

from geodata.programme import CATEGORIES, KNOWN_ACTIONS, KNOWN_PROGRAMMES, programme
from pages.ui.figures import figures
from pages.ui.guard import page
from pages.ui.language import n, t
from pages.ui.programme import actions_view, name, places_map, table_of
from zoning.text import N_

VIEWS = {
    "scheme": (N_("Scheme and themes"), ("programme", "category", "theme", "mechanism", "document")),
    "projects": (N_("Clusters, projects, labs"), ("plan", "cluster", "project", "lab")),
    "icf": (N_("ICF and networks"), ("membership", "icf_indicator", "icf_benchmark", "advice")),
    "after": (N_("What followed"), ("follow_up",)),
    "time": (N_("In order of time"), ()),
    "actions": (N_("Actions"), ()),
}


def categories(table) -> None:  # noqa: ANN001
    """Show the four categories with their themes."""
    for side, (key, title) in zip(st.columns(4), CATEGORIES.items(), strict=True):
        themes = table[table["kind"].eq("theme") & table["category"].eq(key)]
        with side, st.container(border=True, height="stretch"):
            st.markdown(f"**{t(title)}**")
            for _, row in themes.iterrows():
                st.caption(name(row))


@page("programme")
def show() -> None:
    """Draw the page."""
    st.title(t(N_("Smart-city programme")))
    table = programme()
    counts = table["kind"].value_counts()
    figures(
        (t(N_("Categories")), n(len(CATEGORIES)), t(N_("Binh Duong Navigator 2021, approved 2016"))),
        (t(N_("Programmes")), n(KNOWN_PROGRAMMES), t(N_("their names were not found"))),
        (t(N_("Actions")), n(KNOWN_ACTIONS), t(N_("their names were not found"))),
        (t(N_("Labs and projects")), n(counts["lab"] + counts["project"]), t(N_("each with its source"))),
        (t(N_("ICF indicators")), n(counts["icf_indicator"]), t(N_("Intelligent Community of the Year 2023"))),
    )
    categories(table)
    places_map(table)
    view = st.segmented_control(
        t(N_("View")), list(VIEWS), default="scheme", required=True, key="programme_view",
        format_func=lambda one: t(VIEWS[one][0]), label_visibility="collapsed",
    )  # fmt: skip
    if view == "actions":
        actions_view()
    elif view == "time":
        table_of(table[table["date"].ne("")].sort_values(["date", "id"]), view)
    else:
        table_of(table[table["kind"].isin(VIEWS[view][1])], view)
