"""A page for test_own_eyes: looks at a file as the Data page does, under a mark that another session gives too."""

import streamlit as st

from pages.ui.importing import _read
from tests.data import layers

who = st.query_params["who"]
point = {"type": "Point", "coordinates": [106.6, 11]}
upload = _read("lop.geojson", "the same mark", layers.geojson(point, properties={"name": f"of {who}"}))
st.text(f"shown: {upload.frame['name_vi'].tolist()}")
