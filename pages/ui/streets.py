"""Load OpenStreetMap streets on the Data page: from a file, or from an Overpass service."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from geodata.osmoutlines import STATUSES, load_outlines
from geodata.overpass import OverpassSettings
from geodata.store import MATCHES
from geodata.streets import LAYER, load_streets
from geodata.watch import Watch
from pages.ui.data import store
from pages.ui.guard import shown_faults
from pages.ui.language import t
from pages.ui.table import plain_table
from pages.ui.text import literal
from zoning.text import N_

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

WAYS = {"file": N_("a file"), "overpass": N_("an Overpass service (needs the internet)")}
_SAID = "_streets_said"


def streets_section() -> None:
    """Let a planner replace the lattice by real streets; a stop or a fault leaves the store as it was."""
    loaded = LAYER in store().names()
    with st.expander(t(N_("OpenStreetMap streets")), icon=":material/route:", expanded=not loaded):
        st.write(
            t(
                N_(
                    "Catchments run on a schematic lattice until real streets are loaded: an extract of the region "
                    "(.osm, .osm.gz, .osm.bz2, .osm.pbf), for example cut from Geofabrik's file of Vietnam."
                )
            )
        )
        way = st.radio(
            t(N_("Streets from")), list(WAYS), format_func=lambda one: t(WAYS[one]), horizontal=True, key="streets_from"
        )
        file, settings = None, None
        if way == "file":
            file = st.file_uploader(t(N_("OpenStreetMap file")), type=["osm", "pbf", "gz", "bz2"], key="streets_file")
        else:
            settings = OverpassSettings(url=st.text_input(t(N_("Address of the service")), OverpassSettings().url))
        start, stop = st.columns(2)
        if start.button(t(N_("Load the streets")), type="primary", disabled=way == "file" and file is None):
            stop.button(t(N_("Stop")))  # any click ends the run at its next step; nothing half done is kept
            with shown_faults():
                _load(file, settings)
        for sentence in st.session_state.get(_SAID, []):
            st.caption(literal(sentence))


def outlines_section() -> None:
    """Show which zones and facilities found their real outline in the extract, and why others did not."""
    if MATCHES not in store().names():
        return
    matches = store().raw_layer(MATCHES)
    found = int(matches["status"].eq("matched").sum())
    title = t(N_("Outlines from OpenStreetMap: {found} of {total} found")).format(found=found, total=len(matches))
    with st.expander(title, icon=":material/pentagon:"):
        why = t(N_("Result"))
        shown = matches.assign(**{why: matches["status"].map(STATUSES).map(t)})
        plain_table(shown, ("name_vi", why, "osm_name", "distance_m", "area_ha"))


def _load(file: UploadedFile | None, settings: OverpassSettings | None) -> None:
    st.session_state[_SAID] = []
    bar = st.progress(0.0)
    watch = Watch(lambda step, share: bar.progress(min(max(share, 0.0), 1.0), text=t(step)))
    if file is None:
        report = load_streets(store(), overpass=settings, watch=watch)
    else:
        with tempfile.TemporaryDirectory() as folder:
            # the name that a browser sends is never used as a path; what the file is, its bytes say
            path = Path(folder) / "streets"
            path.write_bytes(file.getbuffer())
            report = load_streets(store(), path, watch=watch)
            load_outlines(store(), path, watch=watch)
    bar.empty()
    st.session_state[_SAID] = [t(N_("The streets are loaded: catchments on them use them from now on.")),
                               *report.sentences(t)]  # fmt: skip
