"""Draft."""

import streamlit as st

from pages.ui.guard import page
from pages.ui.language import t, language


@page("catchment")
def show() -> None:
    st.title("catchment " + language())
    st.write(dict(st.query_params))
