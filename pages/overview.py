"""Draft."""

import streamlit as st

from pages.ui.guard import page
from pages.ui.language import t, language


@page("overview")
def show() -> None:
    st.title("overview " + language())
    st.write(dict(st.query_params))
