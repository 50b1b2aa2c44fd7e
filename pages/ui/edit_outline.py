"""Take the outline of a zone: rings of corners as text, which clicks on the map write too, or from a planner's file."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
import streamlit as st

from geodata.crs import lonlat_to_planning
from geodata.edits import outline_of, overlapped
from geodata.importing.sniff import ENDINGS
from geodata.importing.upload import read_upload
from geodata.positions import parse_position
from pages.ui.guard import shown_faults
from pages.ui.language import n, name_column, t
from pages.ui.text import literal
from zoning.edits import MOST_CORNERS, checked_shape, rings_of
from zoning.errors import InputError
from zoning.shapes import compactness
from zoning.text import N_

if TYPE_CHECKING:
    import geopandas as gpd

    from zoning.edits import Outline

CORNERS, KEPT, CLICK = "edit_corners", "_edit_corners", "_edit_click"
_MOST_FILE_MB = 5
Rings = list[list[tuple[float, float]]]


def outline_input(row: gpd.GeoSeries | None) -> tuple[Rings, Outline | None]:
    """Show the corners as text and what may fill them; return the rings in degrees, and their outline (planning CRS).

    An empty line ends a ring and begins the next one; a ring inside another is a hole.
    """
    text = st.session_state.get(CORNERS, st.session_state.get(KEPT, ""))
    if clicked := st.session_state.pop(CLICK, None):
        text = f"{text.rstrip(' ')}{'' if not text or text.endswith(chr(10)) else chr(10)}{_corner_line(*clicked)}"
    buttons = st.container(horizontal=True)
    if buttons.button(t(N_("Undo the last corner")), icon=":material/undo:"):
        text = _without_last(text)
    if buttons.button(t(N_("Remove all corners")), icon=":material/delete:"):
        text = ""
    ring_help = t(N_("A ring inside another is a hole; one beside it is a part of its own."))
    if buttons.button(t(N_("New ring")), icon=":material/add:", help=ring_help) and text.strip():
        text = text.rstrip() + "\n\n"
    present = None if row is None else row["geometry"]
    usable = isinstance(present, shapely.Polygon | shapely.MultiPolygon) and _corner_count(present) <= MOST_CORNERS
    if buttons.button(t(N_("Take the present outline")), icon=":material/polyline:", disabled=not usable):
        text = _lines_of(present)
    text = _from_file() or text
    st.session_state[CORNERS] = text
    text = st.text_area(
        t(N_("Corners, one a line: VN-2000 X north, Y east, or degrees")), key=CORNERS, height=300,
        placeholder="X 1224436.30, Y 598371.20\n106.6519, 10.9804",
        help=t(N_("Clicks on the map add corners here. An empty line begins another ring: a hole, or a part.")),
    )  # fmt: skip
    st.session_state[KEPT] = text
    with shown_faults():
        rings = _rings(text)
        count = sum(map(len, rings))
        if count < 3:
            st.caption(t(N_("{count} corners so far; an outline needs three.")).format(count=count))
            return rings, None
        try:
            shape = outline_of(*rings)
        except InputError as fault:
            st.warning(literal(fault.text(t)), icon=":material/warning:")
            return rings, None
        _measures(shape, count)
        return rings, shape
    return [], None


def overlap_report(zones: gpd.GeoDataFrame, shape: Outline, zone_id: str) -> None:
    """Show which zones an outline shares ground with, before it is kept."""
    common = overlapped(zones, shape, zone_id)
    if common.empty:
        st.caption(t(N_("It shares no ground with another zone.")))
        return
    names = dict(zip(zones["id"], zones[name_column()], strict=True))
    st.warning(
        t(N_("Zones that it shares ground with: {count}. That may be meant, as of a park in a city.")).format(
            count=n(len(common))
        ),
        icon=":material/join_inner:",
    )
    st.dataframe(
        pd.DataFrame(
            {
                t(N_("Zone")): [names.get(one) or one for one in common["id"]],
                t(N_("Common ground (ha)")): common["area_ha"].round(2),
                t(N_("Share of the new outline (%)")): common["share_pct"].round(1),
            }
        ),
        hide_index=True,
    )


def _measures(shape: Outline, count: int) -> None:
    parts = len(shapely.get_parts(shape))
    holes = len(rings_of(shape)) - parts
    st.caption(
        t(N_("{count} corners, {area} ha in VN-2000, {perimeter} km round.")).format(
            count=count, area=n(shape.area / 1e4, 2), perimeter=n(shape.length / 1e3, 2)
        )
        + " "
        + t(N_("Compactness (1 = circle): {compactness}; parts: {parts}, holes: {holes}.")).format(
            compactness=n(compactness(shape.area, shape.length), 2), parts=n(parts), holes=n(holes)
        )
    )


def _from_file() -> str:
    """Let a file be given; return the corners of the area that is chosen in it, once a file and area."""
    with st.expander(t(N_("Take the outline from a file")), icon=":material/upload_file:"):
        given = st.file_uploader(
            t(N_("GeoJSON, GeoPackage, KML, DXF, or a zipped Shapefile")), type=list(ENDINGS),
            max_upload_size=_MOST_FILE_MB, key="edit_file",
        )  # fmt: skip
        if given is None:
            return ""
        with shown_faults():
            content = given.getvalue()
            mark = hashlib.sha256(content).hexdigest()[:16]
            upload = read_upload(content, name_hint=given.name)
            if not upload.proposal.sure:
                raise InputError(
                    N_("{file} does not say for sure in which coordinate system it is: take it in on the Data page."),
                    file=given.name[:80],
                )
            frame = upload.frame
            frame = frame[frame.geom_type.isin(["Polygon", "MultiPolygon"])]
            if frame.empty:
                raise InputError(N_("There is no area in the file; points and lines are no outlines."))
            labels = {at: f"{row.name_vi or row.id} ({n(row.geometry.area / 1e4, 2)} ha)"
                      for at, row in zip(frame.index, frame.itertuples(), strict=True)}  # fmt: skip
            which = st.selectbox(t(N_("Area of the file")), list(labels), format_func=labels.get, key=f"edit_of_{mark}")
            for change in upload.report.changes[:5]:
                st.caption(f"{change.name}: {change.what.text(t)}")
            if st.button(t(N_("Take this outline")), icon=":material/polyline:", key="edit_take"):
                return _lines_of(checked_shape(frame.geometry[which]))
    return ""


def _rings(text: str) -> Rings:
    """Return the corners of a text in degrees, ring by ring; InputError names the line that is none."""
    rings: Rings = [[]]
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            if rings[-1]:
                rings.append([])
            continue
        if sum(map(len, rings)) > MOST_CORNERS:
            raise InputError(N_("An outline has at most {most} corners."), most=MOST_CORNERS)
        try:
            rings[-1].append(parse_position(line))
        except InputError as fault:
            raise InputError(N_("Line {number}: {reason}"), number=number, reason=fault) from fault
    return [ring for ring in rings if ring]


def _lines_of(outline: Outline) -> str:
    return "\n\n".join("\n".join(f"X {y:.2f}, Y {x:.2f}" for x, y in ring) for ring in rings_of(outline))


def _corner_line(lon: float, lat: float) -> str:
    east, north = lonlat_to_planning(lon, lat)
    return f"X {float(north):.2f}, Y {float(east):.2f}"


def _without_last(text: str) -> str:
    lines = text.rstrip().splitlines()[:-1]
    return "\n".join(lines).rstrip()


def _corner_count(shape: Outline) -> int:
    return int(np.sum(shapely.get_num_coordinates(shape)))
