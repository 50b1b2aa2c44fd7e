"""Edit zones: their attributes in a form, their outlines by clicks on the map or typed corners, with undo."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import streamlit as st

from geodata.crs import to_planning
from geodata.edits import add_zone, edit_attributes, edits_of, last_edit, replace_outline
from layers.changes import sketch
from layers.labels import field_label, value_label
from pages.ui.author import author_input
from pages.ui.data import layer, store
from pages.ui.edit_history import history
from pages.ui.edit_outline import CLICK, CORNERS, KEPT, Rings, outline_input, overlap_report
from pages.ui.guard import shown_faults
from pages.ui.language import name_column, t
from pages.ui.selection import Chosen, choose, chosen
from pages.ui.text import literal
from pages.ui.views import reader, region_map
from zoning.edits import KINDS, STATUSES, TEXTS
from zoning.errors import InputError
from zoning.text import N_

if TYPE_CHECKING:
    from layers.drawing import Drawing

NEW = ""
"""What stands for a zone that is not there yet."""
_DONE = "_edit_done"
_MAP_PX = 480


def edit_view() -> None:
    """Show the zone's form, its corners, the map to draw on, and what has been edited so far."""
    st.caption(
        t(N_("The zones as published never change: edits lie over them, each with its author and date, and can be "
             "undone."))
    )  # fmt: skip
    if done := st.session_state.pop(_DONE, None):
        st.success(literal(done), icon=":material/check:")
    author = author_input()
    zones = layer("zones")
    zone_id = _zone(zones)
    seen = "" if zone_id == NEW else last_edit(edits_of(store(), zone_id), zone_id)
    row = None if zone_id == NEW else zones[zones["id"].eq(zone_id)].iloc[0]
    form_side, outline_side = st.columns(2)
    with outline_side:
        rings, shape = outline_input(row)
        if shape is not None:
            overlap_report(zones, shape, zone_id)
        if row is not None and st.button(t(N_("Replace the outline")), type="primary", icon=":material/save:",
                                         disabled=shape is None):  # fmt: skip
            with shown_faults():
                assert shape is not None  # noqa: S101 - the button is off without one
                replace_outline(store(), zone_id, shape, author=author, seen=seen)
                _done(Chosen("zones", zone_id))
    with form_side:
        values = _form(row, f"{zone_id}-{seen}")
        if values is not None:
            with shown_faults():
                if row is not None:
                    edit_attributes(store(), zone_id, values, author=author, seen=seen)
                    _done(Chosen("zones", zone_id), corners=False)
                elif shape is None:
                    raise InputError(N_("Draw the outline of the new zone first: three corners at least."))
                else:
                    _done(Chosen("zones", add_zone(store(), values, shape, author=author)))
    _map(zones, rings)
    history(zone_id, author)


def _zone(zones: gpd.GeoDataFrame) -> str:
    """Let a zone be chosen, or a new one; a choice on the map or by search is taken over."""
    now = chosen()
    rows = zones.sort_values(name_column())
    ids, labels = [NEW, *rows["id"]], {NEW: t(N_("a new zone"))}
    for one, name in zip(rows["id"], rows[name_column()], strict=True):
        # a selectbox tells its options apart by what they show
        labels[one] = f"{name} ({one})" if not name or name in labels.values() else name
    mine = now.id if now is not None and now.layer == "zones" and now.id in labels else None
    if "edit_zone" not in st.session_state or (mine is not None and st.session_state.get("_edit_seen") != mine):
        st.session_state["edit_zone"] = mine or NEW
    if st.session_state["edit_zone"] not in ids:  # a new zone that was undone
        st.session_state["edit_zone"] = NEW
    st.session_state["_edit_seen"] = mine
    picked = st.selectbox(t(N_("Zone to edit")), ids, key="edit_zone", format_func=labels.get)
    if picked != (mine or NEW):
        choose(Chosen("zones", picked) if picked != NEW else None)
        st.session_state["_edit_seen"] = picked or None
    return str(picked)


def _form(row: gpd.GeoSeries | None, key: str) -> dict[str, object] | None:
    """Show the attributes; return them when they are sent."""

    def before(name: str) -> str:
        value = "" if row is None else row.get(name)
        return value if isinstance(value, str) else ""

    with st.form(f"edit-form-{key}"):
        values: dict[str, object] = {}
        for name in ("name_vi", "name_en"):
            values[name] = st.text_input(field_label(name, t), before(name), max_chars=TEXTS[name], key=f"{name}-{key}")
        sides = st.columns(3)
        for side, name, known in ((sides[0], "kind", KINDS), (sides[1], "status", STATUSES)):
            at = known.index(before(name)) if before(name) in known else None
            words = {one: value_label(name, one, t) for one in known}
            values[name] = side.selectbox(field_label(name, t), known, index=at, key=f"{name}-{key}",
                                          format_func=words.get, placeholder=t(N_("Choose")))  # fmt: skip
        area = None if row is None or pd.isna(row["area_ha"]) else float(row["area_ha"])
        values["area_ha"] = sides[2].number_input(field_label("area_ha", t), value=area, key=f"area-{key}")
        for name in ("unit_post2025", "developer", "established_decision"):
            values[name] = st.text_input(field_label(name, t), before(name), max_chars=TEXTS[name], key=f"{name}-{key}")
        values["notes"] = st.text_area(field_label("notes", t), before("notes"), max_chars=TEXTS["notes"], height=90,
                                       key=f"notes-{key}")  # fmt: skip
        label = N_("Keep the new zone") if row is None else N_("Keep the attributes")
        return values if st.form_submit_button(t(label), type="primary", icon=":material/save:") else None


def _sketched(rings: Rings) -> list[Drawing]:
    """Return the rings so far as drawings, each closed as soon as it can be an outline."""
    drawings: list[Drawing] = []
    for corners in rings:
        points = [*corners, corners[0]] if len(corners) > 2 else corners
        frame = gpd.GeoSeries(gpd.points_from_xy(*zip(*points, strict=True)), crs="EPSG:4326")
        drawing = sketch(to_planning(frame), reader())
        # the legend says it once
        drawings.append(replace(drawing, name=f"{drawing.name}-{len(drawings)}", legend=()) if drawings else drawing)
    return drawings


def _map(zones: gpd.GeoDataFrame, rings: Rings) -> None:
    drawing = st.toggle(t(N_("Clicks on the map add corners")), value=True, key="edit_drawing",
                        help=t(N_("Switched off, a click on a zone chooses it.")))  # fmt: skip
    click = region_map(
        "edit-zones", {"zones": zones}, shown=("zones",), look_at=layer("wards_2025").geometry,
        extra=_sketched(rings), choosing=not drawing, height=_MAP_PX,
    )  # fmt: skip
    if click is not None and drawing:
        st.session_state[CLICK] = (click.lon, click.lat)
        st.rerun()


def _done(zone: Chosen, *, corners: bool = True) -> None:
    """Begin anew with what was kept: it is now what is shown everywhere."""
    if corners:
        st.session_state.pop(CORNERS, None)
        st.session_state.pop(KEPT, None)
    st.session_state[_DONE] = t(N_("Kept. It is shown everywhere from now on."))
    choose(zone)
    st.rerun()
