"""Draft."""

import streamlit as st

from pages.ui.guard import page
from pages.ui.language import t, language


@page("thu_dau_mot")
def show() -> None:
    st.title("thu_dau_mot " + language())
    st.write(dict(st.query_params))
