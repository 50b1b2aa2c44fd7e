"""Draft."""

import streamlit as st

from pages.ui.guard import page
from pages.ui.language import t, language


@page("data")
def show() -> None:
    st.title("data " + language())
    st.write(dict(st.query_params))
