"""Draft."""

import streamlit as st

from pages.ui.guard import page
from pages.ui.language import t, language


@page("corridors")
def show() -> None:
    st.title("corridors " + language())
    st.write(dict(st.query_params))
