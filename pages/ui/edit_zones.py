"""Edit zones: their attributes in a form, their outlines by clicks on the map or typed corners, with undo."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import streamlit as st

from geodata.crs import lonlat_to_planning, to_planning
from geodata.edits import add_zone, edit_attributes, edits_of, last_edit, outline_of, replace_outline
from geodata.positions import parse_position
from layers.changes import sketch
from layers.labels import field_label, value_label
from pages.ui.author import author_input
from pages.ui.data import layer, store
from pages.ui.edit_history import history
from pages.ui.guard import shown_faults
from pages.ui.language import n, name_column, t
from pages.ui.selection import Chosen, choose, chosen
from pages.ui.views import reader, region_map
from zoning.edits import KINDS, MOST_CORNERS, STATUSES, TEXTS
from zoning.errors import InputError
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Sequence

    import shapely

    from layers.drawing import Drawing

NEW = ""
"""What stands for a zone that is not there yet."""
_CORNERS, _KEPT, _CLICK, _DONE = "edit_corners", "_edit_corners", "_edit_click", "_edit_done"
_MAP_PX = 480


def edit_view() -> None:
    """Show the zone's form, its corners, the map to draw on, and what has been edited so far."""
    st.caption(
        t(N_("The zones as published never change: edits lie over them, each with its author and date, and can be "
             "undone."))
    )  # fmt: skip
    if done := st.session_state.pop(_DONE, None):
        st.success(done, icon=":material/check:")
    author = author_input()
    zones = layer("zones")
    zone_id = _zone(zones)
    seen = "" if zone_id == NEW else last_edit(edits_of(store(), zone_id), zone_id)
    row = None if zone_id == NEW else zones[zones["id"].eq(zone_id)].iloc[0]
    form_side, outline_side = st.columns(2)
    with outline_side:
        corners, shape = _outline(row)
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
    _map(zones, corners)
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


def _outline(row: gpd.GeoSeries | None) -> tuple[list[tuple[float, float]], shapely.Polygon | None]:
    """Show the corners as text, which clicks on the map write too; return them in degrees, and their outline."""
    lines = st.session_state.get(_CORNERS, st.session_state.get(_KEPT, ""))
    if clicked := st.session_state.pop(_CLICK, None):
        lines = "\n".join([*_lines(lines), _corner_line(*clicked)])
    buttons = st.container(horizontal=True)
    if buttons.button(t(N_("Undo the last corner")), icon=":material/undo:"):
        lines = "\n".join(_lines(lines)[:-1])
    if buttons.button(t(N_("Remove all corners")), icon=":material/delete:"):
        lines = ""
    present = None if row is None else row["geometry"]
    usable = present is not None and present.geom_type == "Polygon" and len(present.exterior.coords) <= MOST_CORNERS
    if buttons.button(t(N_("Take the present outline")), icon=":material/polyline:", disabled=not usable):
        lines = "\n".join(f"X {y:.2f}, Y {x:.2f}" for x, y in list(present.exterior.coords)[:-1])
    st.session_state[_CORNERS] = lines
    text = st.text_area(
        t(N_("Corners, one a line: VN-2000 X north, Y east, or degrees")), key=_CORNERS, height=300,
        placeholder="X 1224436.30, Y 598371.20\n106.6519, 10.9804", help=t(N_("Clicks on the map add corners here.")),
    )  # fmt: skip
    st.session_state[_KEPT] = text
    with shown_faults():
        corners = _corners(text)
        if len(corners) < 3:
            st.caption(t(N_("{count} corners so far; an outline needs three.")).format(count=len(corners)))
            return corners, None
        try:
            shape = outline_of(corners)
        except InputError as fault:
            st.warning(fault.text(t), icon=":material/warning:")
            return corners, None
        st.caption(
            t(N_("{count} corners, {area} ha in VN-2000, {perimeter} km round.")).format(
                count=len(corners), area=n(shape.area / 1e4, 2), perimeter=n(shape.length / 1e3, 2)
            )
        )
        return corners, shape
    return [], None


def _corners(text: str) -> list[tuple[float, float]]:
    """Return the corners of a text in degrees; InputError names the line that is none."""
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        if len(found) > MOST_CORNERS:
            raise InputError(N_("An outline has at most {most} corners."), most=MOST_CORNERS)
        try:
            found.append(parse_position(line))
        except InputError as fault:
            raise InputError(N_("Line {number}: {reason}"), number=number, reason=fault.text(t)) from fault
    return found


def _corner_line(lon: float, lat: float) -> str:
    east, north = lonlat_to_planning(lon, lat)
    return f"X {float(north):.2f}, Y {float(east):.2f}"


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def _sketched(corners: Sequence[tuple[float, float]]) -> list[Drawing]:
    """Return the corners so far as a drawing, closed as soon as they can be an outline."""
    if not corners:
        return []
    points = [*corners, corners[0]] if len(corners) > 2 else corners
    frame = gpd.GeoSeries(gpd.points_from_xy(*zip(*points, strict=True)), crs="EPSG:4326")
    return [sketch(to_planning(frame), reader())]


def _map(zones: gpd.GeoDataFrame, corners: Sequence[tuple[float, float]]) -> None:
    drawing = st.toggle(t(N_("Clicks on the map add corners")), value=True, key="edit_drawing",
                        help=t(N_("Switched off, a click on a zone chooses it.")))  # fmt: skip
    click = region_map(
        "edit-zones", {"zones": zones}, shown=("zones",), look_at=layer("wards_2025").geometry,
        extra=_sketched(corners), choosing=not drawing, height=_MAP_PX,
    )  # fmt: skip
    if click is not None and drawing:
        st.session_state[_CLICK] = (click.lon, click.lat)
        st.rerun()


def _done(zone: Chosen, *, corners: bool = True) -> None:
    """Begin anew with what was kept: it is now what is shown everywhere."""
    if corners:
        st.session_state.pop(_CORNERS, None)
        st.session_state.pop(_KEPT, None)
    st.session_state[_DONE] = t(N_("Kept. It is shown everywhere from now on."))
    choose(zone)
    st.rerun()
