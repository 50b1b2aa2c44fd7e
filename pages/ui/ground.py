"""Choose the ground of all maps: our own layers, or online tiles as an option."""

from __future__ import annotations

import streamlit as st

from pages.ui.language import t
from zoning.text import N_

_KEY = "online_tiles"


def choose_ground() -> None:
    """Draw the switch; off unless a reader turns it on, since maps must work with no internet."""
    st.toggle(t(N_("Online background map")), key=_KEY, help=t(N_("Tiles of OpenStreetMap; they need the internet.")))


def online() -> bool:
    """Say whether this session wants online tiles."""
    return bool(st.session_state.get(_KEY))
