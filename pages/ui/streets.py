"""Load OpenStreetMap streets on the Data page: from a file, or from an Overpass service."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

import streamlit as st

from geodata.extract import load_extract
from geodata.osmoutlines import STATUSES
from geodata.overpass import OverpassSettings
from geodata.store import MATCHES
from geodata.streets import LAYER, load_streets
from geodata.watch import Watch
from pages.ui.author import session_author
from pages.ui.data import store
from pages.ui.guard import shown_faults
from pages.ui.language import t
from pages.ui.table import plain_table
from pages.ui.text import literal
from pages.ui.waiting import Told, act
from zoning.pace import DeadlineError, StoppedError
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Callable

    from geodata.osmreport import StreetReport
    from geodata.store import Store

WAYS = {"file": N_("a file"), "overpass": N_("an Overpass service (needs the internet)")}
_SAID, _ASKED = "_streets_said", "_streets_asked"
LIMIT_S = 900.0
"""What one may upload takes two minutes; a slower machine has its time."""


class Asked(NamedTuple):
    """A load that a planner has asked for, until it has come to its end."""

    token: str
    work: Callable[[], StreetReport]
    told: Told


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
        if st.button(t(N_("Load the streets")), type="primary", disabled=way == "file" and file is None):
            told, author = Told(), session_author()
            work = partial(_load, store(), None if file is None else file.getvalue(), settings, told, author)
            st.session_state[_ASKED] = Asked(uuid4().hex, work, told)
        if asked := st.session_state.get(_ASKED):
            with shown_faults():
                _follow(asked)
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


def _follow(asked: Asked) -> None:
    """Wait for a load, whatever else is clicked meanwhile, and say what it did."""
    st.session_state[_SAID] = []
    try:
        report = act(
            "streets", asked.token, asked.work, t(N_("Loading the streets …")), limit_s=LIMIT_S, told=asked.told
        )
    except (StoppedError, DeadlineError):  # it may be begun again
        raise
    except Exception:  # what is wrong with the file is said once, not in each run of the page
        del st.session_state[_ASKED]
        raise
    del st.session_state[_ASKED]
    st.session_state[_SAID] = [t(N_("The streets are loaded: catchments on them use them from now on.")),
                               *report.sentences(t)]  # fmt: skip


def _load(
    store: Store, content: bytes | None, settings: OverpassSettings | None, told: Told, author: str | None
) -> StreetReport:
    """Do it, in a thread of the queue."""
    watch = Watch(told.note)
    if content is None:
        return load_streets(store, overpass=settings, watch=watch, author=author)
    with tempfile.TemporaryDirectory() as folder:
        # the name that a browser sends is never used as a path; what the file is, its bytes say
        path = Path(folder) / "streets"
        path.write_bytes(content)
        return load_extract(store, path, watch=watch, author=author)[0]
