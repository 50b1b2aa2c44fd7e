"""Show an administrator how the server is; not in the menu, linked from the Data page."""

import streamlit as st

from pages.ui import health as shown
from pages.ui.guard import page
from pages.ui.language import t
from zoning.text import N_


@page("health")
def show() -> None:
    """Draw the page."""
    st.title(t(N_("Health of the server")))
    found = shown.look()
    shown.checks(found)
    shown.key_figures(found)
    shown.networks(found)
    shown.faults(found)
    shown.versions(found)
    shown.for_machines(found)
