"""Draw a scenario of one's own: click a line on the map, edit the list as a table, bring a file, take it home."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import streamlit as st

from geodata.crs import to_planning
from geodata.export import export_frame
from geodata.scenarios import read_text, scenario_layer
from layers.changes import sketch
from pages.ui.data import layer
from pages.ui.guard import shown_faults
from pages.ui.language import t
from pages.ui.scenario_pick import draft, keep_draft, title
from pages.ui.text import literal
from pages.ui.views import reader
from zoning.scenarios.content import content_of, modification_content, read, text_of
from zoning.scenarios.fields import FIELDS, LINE_MODES, ROAD_CLASSES
from zoning.scenarios.model import Scenario
from zoning.text import N_

if TYPE_CHECKING:
    from layers.drawing import Drawing
    from zoning.scenarios.content import Reading

KIND_TITLES = {
    "road": N_("new road"),
    "close": N_("closed streets"),
    "speed": N_("another speed"),
    "lanes": N_("other lanes"),
    "modes": N_("mode rule"),
    "interchange": N_("interchange"),
    "stop": N_("stop"),
    "line": N_("line of public transport"),
    "facility": N_("facility"),
    "zone": N_("zone"),
}
PLACED_AT = {"interchange": "at", "stop": "at", "facility": "at", "line": "stops", "zone": "area"}
"""The field that clicks fill; every other kind has a line."""
EDITED = {
    "kind": N_("Kind"), "id": N_("Id"), "name_vi": N_("Name"), "road": N_("Existing road"),
    "road_class": N_("Road class"), "mode": N_("Mode"), "speed_kmh": N_("Speed (km/h)"), "lanes": N_("Lanes"),
    "headway_min": N_("Headway (min)"), "capacity": N_("Capacity"), "people": N_("People"), "note": N_("Note"),
}  # fmt: skip
NUMBERS = ("speed_kmh", "lanes", "headway_min", "capacity", "people")
_POINTS = "_scenario_points"


def drawing() -> bool:
    """Say whether clicks on the map draw."""
    return bool(st.session_state.get("scenario_drawing"))


def clicked(lon: float, lat: float) -> None:
    """Take a click as the next point of the line."""
    st.session_state.setdefault(_POINTS, []).append((round(lon, 6), round(lat, 6)))


def sketched() -> list[Drawing]:
    """Return what has been clicked so far, as a drawing."""
    points = st.session_state.get(_POINTS, []) if drawing() else []
    if not points:
        return []
    frame = gpd.GeoSeries(gpd.points_from_xy(*zip(*points, strict=True)), crs="EPSG:4326")
    return [sketch(to_planning(frame), reader())]


def placed(scenario: Scenario) -> gpd.GeoDataFrame:
    """Return the modifications of a scenario in the planning CRS; a change of a known road lies where that road is."""
    if not scenario:
        return gpd.GeoDataFrame({"id": [], "name_vi": [], "geometry_quality": []}, geometry=[], crs="EPSG:9210")
    frame = to_planning(scenario_layer(scenario))
    roads = layer("corridors").set_index("id").geometry
    named = [getattr(one, "road", "") for one in scenario.modifications]
    frame["geometry"] = [
        roads.get(road) if shape is None and road else shape for shape, road in zip(frame.geometry, named, strict=True)
    ]
    return frame


def workshop(picked: Scenario | None) -> None:
    """Show the tools: duplicate, draw, edit, bring and take."""
    with st.expander(t(N_("Draw and edit a scenario of your own")), icon=":material/draw:"):
        _start(picked)
        own = draft()
        if own is None:
            st.caption(t(N_("Start an empty scenario, duplicate the chosen one, or bring a file.")))
            return
        with shown_faults():
            _draw(own)
        with shown_faults():
            _table(own)
        _take(own)


def _start(picked: Scenario | None) -> None:
    sides = st.columns(3)
    if sides[0].button(t(N_("New, empty")), icon=":material/add:"):
        keep_draft(Scenario(id="own", title_vi="Kịch bản của tôi", title_en="My scenario"))
        st.rerun()
    if sides[1].button(t(N_("Duplicate the chosen one")), icon=":material/content_copy:", disabled=picked is None):
        assert picked is not None  # noqa: S101 - the button is off without one
        copied = read(content_of(picked) | {"id": "own", "title_vi": f"{picked.title_vi} (bản sao)",
                                            "title_en": f"{picked.title_en} (copy)"})  # fmt: skip
        keep_draft(copied.scenario)
        st.rerun()
    file = sides[2].file_uploader(t(N_("Bring a file")), type=["json"], key="scenario_file")
    if file is not None and st.session_state.get("_scenario_file") != file.file_id:
        st.session_state["_scenario_file"] = file.file_id
        with shown_faults():
            _keep(read_text(file.getvalue().decode("utf-8", errors="replace"), file.name))


def _draw(own: Scenario) -> None:
    st.toggle(t(N_("Clicks on the map draw")), key="scenario_drawing")
    if not drawing():
        return
    points = st.session_state.get(_POINTS, [])
    sides = st.columns(4)
    kind = sides[0].selectbox(t(N_("What to draw")), list(KIND_TITLES), format_func=lambda one: t(KIND_TITLES[one]),
                              key="scenario_kind")  # fmt: skip
    more = _details(kind, sides[1], sides[2])
    name = sides[3].text_input(t(N_("Name")), key="scenario_name")
    st.caption(t(N_("{count} points so far. A line needs two, an outline three, a place one.")).format(
        count=len(points)))  # fmt: skip
    buttons = st.columns(3)
    if buttons[0].button(t(N_("Undo the last point")), icon=":material/undo:", disabled=not points):
        points.pop()
        st.rerun()
    if buttons[1].button(t(N_("Begin again")), icon=":material/delete:", disabled=not points):
        points.clear()
        st.rerun()
    if buttons[2].button(t(N_("Add to the scenario")), type="primary", icon=":material/add:", disabled=not points):
        field = PLACED_AT.get(kind, "line")
        number = 1 + max((int(one.id.rpartition("-")[2]) for one in own.modifications
                          if one.id.rpartition("-")[2].isdigit()), default=0)  # fmt: skip
        made: dict[str, Any] = {"kind": kind, "id": f"{kind}-{number}"} | more
        made[field] = list(points[-1]) if field == "at" else [list(point) for point in points]
        if name and "name_vi" in FIELDS[kind]:
            made["name_vi"] = name
        if made.get("road_class") == "motorway":  # who draws an expressway enters it at its ends, until told otherwise
            made["interchanges"] = [made["line"][0], made["line"][-1]]
        kept = read(content_of(own) | {"modifications": [*content_of(own)["modifications"], made]})
        if not kept.faults:
            points.clear()
        _keep(kept)


def _details(kind: str, left: Any, right: Any) -> dict[str, Any]:  # noqa: ANN401, PLR0911 - Streamlit's columns; a form a kind
    if kind == "road":
        found = {"road_class": left.selectbox(t(N_("Road class")), ROAD_CLASSES, index=2, key="scenario_class")}
        speed = right.number_input(t(N_("Speed (km/h)")), 5, 120, 60, key="scenario_speed")
        return found | {"speed_kmh": float(speed)}
    if kind == "speed":
        return {"speed_kmh": float(left.number_input(t(N_("Speed (km/h)")), 5, 120, 60, key="scenario_speed"))}
    if kind == "lanes":
        return {"lanes": float(left.number_input(t(N_("Lanes")), 1, 12, 4, key="scenario_lanes"))}
    if kind == "modes":
        return {"closed": left.multiselect(t(N_("Closed to")), list(FIELDS["modes"]["closed"].choices),
                                           default=["truck"], key="scenario_closed")}  # fmt: skip
    if kind == "line":
        found = {"mode": left.selectbox(t(N_("Mode")), LINE_MODES, key="scenario_mode")}
        headway = right.number_input(t(N_("Headway (min)")), 1, 240, 15, key="scenario_headway")
        return found | {"headway_min": float(headway)}
    if kind == "facility":
        kinds = sorted(set(layer("facilities")["kind"]))
        found = {"facility_kind": left.selectbox(t(N_("Kind")), kinds, key="scenario_facility")}
        return found | {"capacity": float(right.number_input(t(N_("Capacity")), 0, 100_000, 100, key="scenario_cap"))}
    if kind == "zone":
        return {"people": float(left.number_input(t(N_("People")), 0, 1_000_000, 10_000, key="scenario_people"))}
    return {}


def _table(own: Scenario) -> None:
    """Let the fields that make sense in a table be edited; places stay as they were drawn."""
    contents = [modification_content(one) for one in own.modifications]
    rows = pd.DataFrame([{column: one.get(column) for column in EDITED} for one in contents], columns=list(EDITED))
    for column in EDITED:
        kind = float if column in NUMBERS else object
        rows[column] = rows[column].astype(kind)
    config: dict[str, Any] = {
        column: (st.column_config.NumberColumn if column in NUMBERS else st.column_config.TextColumn)(t(label))
        for column, label in EDITED.items()
    }
    config["kind"] = st.column_config.SelectboxColumn(t(EDITED["kind"]), options=list(FIELDS), required=True)
    config["road_class"] = st.column_config.SelectboxColumn(t(EDITED["road_class"]), options=ROAD_CLASSES)
    config["mode"] = st.column_config.SelectboxColumn(t(EDITED["mode"]), options=LINE_MODES)
    with st.form("scenario_table", border=False):
        edited = st.data_editor(rows, column_config=config, num_rows="dynamic", hide_index=True,
                                key=f"scenario-table-{hash(text_of(own))}")  # fmt: skip
        if st.form_submit_button(t(N_("Take over the table")), icon=":material/check:"):
            _keep(read(content_of(own) | {"modifications": edited_content(contents, edited)}))


def edited_content(contents: list[dict[str, Any]], edited: pd.DataFrame) -> list[dict[str, Any]]:
    """Return modifications as the table has them; fields that the table does not show stay, empty cells go."""
    before = {one["id"]: one for one in contents}
    found = []
    for row in edited.to_dict("records"):
        values = {key: value for key, value in row.items() if not pd.isna(value) and str(value).strip()}
        old = before.get(values.get("id"), {})
        old = old if old.get("kind") == values.get("kind") else {}
        usable = FIELDS.get(str(values.get("kind")), {})
        kept = {key: value for key, value in old.items() if key not in EDITED}
        found.append(kept | {key: value for key, value in values.items() if key in usable or key == "kind"})
    return found


def _take(own: Scenario) -> None:
    sides = st.columns(2)
    sides[0].download_button(t(N_("Download as JSON")), text_of(own).encode(), f"{own.id}.json", "application/json",
                             on_click="ignore", icon=":material/download:")  # fmt: skip
    if own:
        export = export_frame(scenario_layer(own), {"name": "scenario", "title_en": title(own)}, "gpkg", translate=t)
        sides[1].download_button(t(N_("Download as GeoPackage")), export.data, f"{own.id}.gpkg", export.mime,
                                 on_click="ignore", icon=":material/download:")  # fmt: skip
    st.caption(t(N_("The address of this page holds the scenario too, as long as it is short: share it as a link.")))


def _keep(reading: Reading) -> None:
    """Keep what could be read; what was refused is said, and the rest stays."""
    for fault in reading.faults:
        st.error(literal(fault.text(t)), icon=":material/error:")
    keep_draft(reading.scenario)
    if not reading.faults:
        st.rerun()
