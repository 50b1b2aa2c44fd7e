"""A page for test_server: it fails as no page should, after it has said hello."""

import streamlit as st

from pages.ui.guard import shown_faults

st.text("hello")
if "bare" in st.query_params:
    raise RuntimeError("password hunter2 in /srv/region/secret.gpkg")
with shown_faults():
    raise RuntimeError("password hunter2 in /srv/region/secret.gpkg")
