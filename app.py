"""Route to the pages: page settings, language, navigation."""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.ui import guard, turn
from pages.ui.ahead import ahead, skip_component_search
from pages.ui.ground import choose_ground
from pages.ui.language import choose_language, read_language, t, tell_language
from pages.ui.wire import MIDDLEWARE
from zoning.text import N_

PAGES = {
    "overview": (N_("Overview"), ":material/map:"),
    "thu_dau_mot": (N_("Thu Dau Mot"), ":material/location_city:"),
    "bau_bang": (N_("Bau Bang park"), ":material/factory:"),
    "corridors": (N_("Transport corridors"), ":material/directions_bus:"),
    "catchment": (N_("Catchment"), ":material/timelapse:"),
    "accessibility": (N_("Accessibility"), ":material/accessibility_new:"),
    "code_checks": (N_("Code checks"), ":material/rule:"),
    "programme": (N_("Programme"), ":material/hub:"),
    "scenarios": (N_("Scenarios"), ":material/alt_route:"),
    "data": (N_("Data"), ":material/database:"),
    "health": (N_("Health of the server"), ":material/monitor_heart:"),
}
ASIDE = ("health",)  # reached by its address, and from Data

# a planner's screen is for the map: less of it for margins; the text is fixed, no data in it
SPACING = "<style>.stMainBlockContainer{padding:2.5rem 2rem 4rem}.stMainBlockContainer h1{font-size:2rem}</style>"

# what `streamlit run` serves; it runs this very file for each session
skip_component_search()
app = st.App(__file__, lifespan=ahead, middleware=MIDDLEWARE)

if get_script_run_ctx(suppress_warning=True) is not None:
    st.set_page_config(page_title="Binh Duong Innovation Region", page_icon="pages/ui/icon.svg", layout="wide")
    read_language()
    pages = {
        name: st.Page(
            f"pages/{name}.py",
            title=t(title),
            icon=icon,
            url_path=name,
            default=name == "overview",
            visibility="hidden" if name in ASIDE else "visible",
        )
        for name, (title, icon) in PAGES.items()
    }
    current = st.navigation(list(pages.values()))
    st.html(SPACING)
    guard.follow_deep_link(pages)
    tell_language()
    with turn.map_first(), guard.routed():
        turn.after_map(choose_language, st.sidebar)
        turn.after_map(choose_ground, st.sidebar)
        current.run()
