"""Show the whole region: every layer on one map, search by any name, facts with sources."""

import streamlit as st

from pages.ui.data import entries, layer, own_layers
from pages.ui.explorer import explorer, layer_title
from pages.ui.figures import figures
from pages.ui.guard import page
from pages.ui.language import n, name_column, t
from pages.ui.selection import Chosen, choose, chosen, kept_layers
from pages.ui.turn import after_map
from zoning.names import search
from zoning.text import N_

LAYERS = (
    "zones",
    "wards_2025",
    "communes_until_2025",
    "districts_until_2025",
    "corridors",
    "logistics",
    "facilities",
    "stops",
)


def search_box() -> None:
    """Find a feature by any of its names and choose it."""
    query = st.text_input(
        t(N_("Search")), placeholder=t(N_("TDM, KCN bau bang, P. Phú Lợi, QL13 …")), key="query", type="search"
    )
    if not query:
        return
    found = search(entries(), query, limit=12)
    if not found:
        st.warning(t(N_("Nothing here is called that. Try fewer letters, or without the kind of place.")))
        return
    names = {Chosen(e.layer, e.id): f"{_name(e.layer, e.id)} · {layer_title(e.layer)}" for e in found}
    picked = st.pills(t(N_("Found")), list(names), format_func=names.get, key=f"found-{query}")
    if picked is not None and picked != st.session_state.get("picked"):
        choose(picked)
    st.session_state["picked"] = picked


def _name(layer_name: str, feature_id: str) -> str:
    frame = layer(layer_name)
    return str(frame.loc[frame["id"] == feature_id, name_column()].iloc[0])


def key_figures() -> None:
    """Show what the region is in four figures."""
    wards, zones, roads = layer("wards_2025"), layer("zones"), layer("corridors")
    known = int(wards["population"].notna().sum())
    parks = zones[zones["kind"].eq("industrial_park") & zones["status"].eq("operating")]
    open_roads = roads[roads["mode"].isin(["road", "expressway"]) & roads["status"].eq("operating")]
    figures(
        (t(N_("Wards and communes since July 2025")), n(len(wards)),
         t(N_("{area} ha drawn in VN-2000")).format(area=n(wards["area_drawn_ha"].sum()))),
        (t(N_("People (2025)")), n(wards["population"].sum()),
         t(N_("known for {known} of {total} wards")).format(known=known, total=len(wards))),
        (t(N_("Industrial parks in operation")), n(len(parks)),
         t(N_("{area} ha published, for {known} of them")).format(
             area=n(parks["area_ha"].sum()), known=int(parks["area_ha"].notna().sum()))),
        (t(N_("Roads in operation (km drawn)")), n(open_roads["length_drawn_km"].sum()),
         t(N_("{count} corridors")).format(count=len(open_roads))),
    )  # fmt: skip


@page("overview")
def show() -> None:
    """Draw the page."""
    st.title(t(N_("Binh Duong Innovation Region")))
    after_map(search_box)
    own, now = list(own_layers()), chosen()
    shown = ("zones", "corridors", *kept_layers(), *([now.layer] if now and now.layer in own else []))
    frames = {name: layer(name) for name in (*LAYERS, *own)}
    wards = frames["wards_2025"].geometry
    explorer("overview", frames, shown=shown, look_at=wards, below=key_figures)
    if chosen() is None:
        st.caption(t(N_("Since 1 July 2025 the province of Binh Duong is part of Ho Chi Minh City.")))
