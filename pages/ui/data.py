"""Open the store once for all sessions, and keep what is slow to read."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

import streamlit as st

from geodata.author import ask_author
from geodata.importing.upload import OWN_LAYERS
from geodata.region import StoreRegion
from geodata.store import Store, open_store
from pages.ui.author import session_author
from zoning.errors import ZoningError
from zoning.names import Entry

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

log = logging.getLogger("innovation_region.pages")
ask_author(session_author)
SEARCH_LAYERS = (
    "zones",
    "wards_2025",
    "districts_until_2025",
    "communes_until_2025",
    "corridors",
    "facilities",
    "logistics",
    "stops",
)
"""In order of weight: equal matches show the earlier layer first."""


@st.cache_resource(show_spinner=False)
def store() -> Store:
    """Return the store, built on first use; a fault is not kept, so the next run tries again."""
    return open_store()


@st.cache_resource(show_spinner=False)
def region() -> StoreRegion:
    """Return the region that jobs run on."""
    return StoreRegion(store())


@st.cache_resource(show_spinner=False)
def warm_up() -> None:
    """Compile the network while a planner still chooses an origin, once in the life of the server."""
    threading.Thread(target=_prepare, args=[region()], daemon=True).start()


def _prepare(region: StoreRegion) -> None:
    try:
        region.prepare()
    except ZoningError as fault:  # the analysis that needs the network will meet the fault again and say so
        log.warning("the network was not compiled ahead: %s", fault)


def layer(name: str) -> gpd.GeoDataFrame:
    """Return a layer in the planning CRS, shared by all sessions: to be read only."""
    return store().layer(name)


def layer_table() -> pd.DataFrame:
    """Return one row a layer with its provenance, shared by all sessions: to be read only."""
    return _layer_table("|".join(f"{name}{store().fingerprint(name)}" for name in store().names()))


@st.cache_resource(show_spinner=False, max_entries=2)
def _layer_table(fingerprint: str) -> pd.DataFrame:  # noqa: ARG001 - the cache's key
    return store().layers()


def feature(name: str, feature_id: str) -> gpd.GeoSeries | None:
    """Return one feature of a layer, None where there is none of that id (a link may be old)."""
    if name not in SEARCH_LAYERS and name not in own_layers():
        return None
    frame = layer(name)
    rows = frame[frame["id"] == feature_id]
    return None if rows.empty else rows.iloc[0]


def entries() -> list[Entry]:
    """Return everything that can be found by name."""
    names = (*SEARCH_LAYERS, *own_layers())
    return _entries("|".join(store().fingerprint(name) for name in names), names)


def own_layers() -> dict[str, str]:
    """Return the layers with places and names that planners have taken in, by name, with their titles."""
    return _own_layers("|".join(f"{name}{store().fingerprint(name)}" for name in store().names()))


@st.cache_resource(show_spinner=False, max_entries=2)
def _own_layers(fingerprint: str) -> dict[str, str]:  # noqa: ARG001 - the cache's key
    rows = layer_table()
    ours = rows["name"].isin((*SEARCH_LAYERS, *OWN_LAYERS))
    rows = rows[(rows["origin"] == "user") & (rows["geometry"] != "") & ~ours]
    named = {"id", "name_vi", "name_en"}
    return {
        name: title or name
        for name, title in zip(rows["name"], rows["title_vi"], strict=True)
        if named <= set(layer(name).columns)
    }


@st.cache_resource(show_spinner=False, max_entries=2)
def _entries(fingerprint: str, layers: tuple[str, ...]) -> list[Entry]:  # noqa: ARG001 - the cache's key
    found = []
    for name in layers:
        frame = layer(name)
        names = zip(frame["id"], frame["name_vi"], frame["name_en"], strict=True)
        found += [Entry(name, i, tuple(x for x in (vi, en) if isinstance(x, str))) for i, vi, en in names]
    return found
