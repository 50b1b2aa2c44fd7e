"""Enter truck bans on the Data page: where, for which trucks, when, and by which decree."""

from __future__ import annotations

from uuid import uuid4

import geopandas as gpd
import streamlit as st

from geodata.crs import PLANNING_CRS
from geodata.truckbans import add_ban, bans_of, drop_ban
from pages.ui.data import layer, store
from pages.ui.guard import shown_faults
from pages.ui.language import name_column, t
from pages.ui.table import plain_table
from zoning.reach.bans import COLUMNS
from zoning.text import N_

KINDS = {"road": N_("a road"), "area": N_("an area")}
_FORM = ("name", "weight_over_t", "weight_upto_t", "days", "hours", "decree", "source")


def bans_section() -> None:
    """Show the bans and let a planner add one or take one away."""
    bans = bans_of(store())
    with st.expander(t(N_("Truck bans ({count})")).format(count=len(bans)), icon=":material/block:"):
        st.write(
            t(
                N_(
                    "The facts hold no truck ban. Bans entered here close roads or areas to trucks in every analysis, "
                    "at their hours; each names its decree and source."
                )
            )
        )
        if len(bans):
            plain_table(bans.drop(columns="geometry").rename(columns=_titles()), [_titles()[c] for c in COLUMNS])
            gone = st.selectbox(t(N_("Take away")), bans["id"].tolist(), index=None, placeholder=t(N_("Choose a ban")),
                                format_func=dict(zip(bans["id"], bans["name"], strict=True)).get)  # fmt: skip
            if gone and st.button(t(N_("Take this ban away"))):
                with shown_faults():
                    drop_ban(store(), gone)
                    st.rerun()
        _form()


def _form() -> None:
    kind = st.radio(t(N_("The ban is on")), list(KINDS), format_func=lambda one: t(KINDS[one]), horizontal=True,
                    key="ban_kind")  # fmt: skip
    places = _places(kind)
    names = dict(zip(places["id"], places[name_column()], strict=True))
    with st.form("ban", clear_on_submit=False):
        place = st.selectbox(t(N_("Which one")), list(names), index=None, format_func=names.get,
                             placeholder=t(N_("Type a name")))  # fmt: skip
        left, right = st.columns(2)
        values: dict[str, object] = {"name": left.text_input(t(COLUMNS["name"]))}
        values["weight_over_t"] = left.number_input(t(COLUMNS["weight_over_t"]), 0.0, 100.0, None)
        values["weight_upto_t"] = left.number_input(t(COLUMNS["weight_upto_t"]), 0.0, 100.0, None)
        values["days"] = left.text_input(t(COLUMNS["days"]), placeholder="mon-sat")
        values["hours"] = right.text_input(t(COLUMNS["hours"]), placeholder="6-9;16:30-20")
        values["decree"] = right.text_input(t(COLUMNS["decree"]))
        values["source"] = right.text_input(t(COLUMNS["source"]))
        if not st.form_submit_button(t(N_("Add the ban"))):
            return
    if place is None:
        st.warning(t(N_("Choose the road or the area of the ban.")))
        return
    shape = places.loc[places["id"] == place, "geometry"].iloc[0]
    row = {"id": f"ban-{uuid4().hex[:8]}", "kind": kind} | {key: [values[key]] for key in _FORM}
    with shown_faults():
        add_ban(store(), gpd.GeoDataFrame(row, geometry=[shape], crs=PLANNING_CRS))
        st.rerun()


def _places(kind: str) -> gpd.GeoDataFrame:
    """Return the roads, or the wards, communes and districts, that a ban can be on."""
    if kind == "road":
        roads = layer("corridors")
        return roads[roads["mode"].eq("road") & roads.geometry.notna()]
    return layer("wards_2025")


def _titles() -> dict[str, str]:
    return {column: t(title) for column, title in COLUMNS.items()}
