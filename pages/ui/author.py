"""Know who edits: by the name that a proxy sends in a header, where one is configured, else asked once a session."""

from __future__ import annotations

import contextlib
import os

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.ui.language import t
from zoning.text import N_

HEADER_VARIABLE = "INNOVATION_REGION_USER_HEADER"
"""Names the header in which a proxy that has checked it puts the user's name; without it no header is believed."""
_KEY = "_author"


def author_input() -> str:
    """Return the name of who edits, empty as long as it is not known; ask for it if no proxy says it."""
    if name := _from_proxy():
        st.caption(t(N_("You edit as {name}.")).format(name=name.replace("`", "'")))
        return name
    if "edit_author" not in st.session_state:  # a widget's state is lost on another page
        st.session_state["edit_author"] = st.session_state.get(_KEY, "")
    name = st.text_input(t(N_("Your name, kept with what you change")), key="edit_author", max_chars=80)
    st.session_state[_KEY] = name
    return name.strip()


def session_author() -> str | None:
    """Return the name of who uses this session, empty while it is not known; None outside of any session."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return None
    return _from_proxy() or str(st.session_state.get("edit_author") or st.session_state.get(_KEY, "")).strip()


def _from_proxy() -> str:
    header = os.environ.get(HEADER_VARIABLE, "").strip()
    text = (st.context.headers.get(header) or "") if header else ""
    with contextlib.suppress(UnicodeError):
        text = text.encode("latin-1").decode("utf-8")  # headers arrive letter by byte
    return " ".join(text.split())[:80]
