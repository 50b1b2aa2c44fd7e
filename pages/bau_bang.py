"""Draft."""

import streamlit as st

from pages.ui.guard import page
from pages.ui.language import t, language


@page("bau_bang")
def show() -> None:
    st.title("bau_bang " + language())
    st.write(dict(st.query_params))
